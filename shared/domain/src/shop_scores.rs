//! What Shopify itself says of a customer's worth: its own RFM group, and what it thinks that they will spend.
//!
//! Neither is ever worked out here: where Shopify says nothing, nothing is known.

/// The groups by recency, frequency and money, as Shopify calls them. Which group is whose, Shopify does not publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RfmGroup {
    Champions,
    Loyal,
    Active,
    New,
    Promising,
    NeedsAttention,
    AtRisk,
    PreviouslyLoyal,
    AlmostLost,
    Dormant,
    /// Have not ordered yet.
    Prospects,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpendTier {
    High,
    Medium,
    Low,
}

/// `None`: Shopify has not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ShopScores {
    pub rfm_group: Option<RfmGroup>,
    pub spend_tier: Option<SpendTier>,
}

impl ShopScores {
    /// `None`: nothing was said.
    pub fn codes(self) -> Option<(u8, u8)> {
        let codes = (self.rfm_group.map_or(0, RfmGroup::code), self.spend_tier.map_or(0, SpendTier::code));
        (codes != (0, 0)).then_some(codes)
    }

    pub fn of_codes((group, tier): (u8, u8)) -> Self {
        Self { rfm_group: RfmGroup::of_code(group), spend_tier: SpendTier::of_code(tier) }
    }
}

macro_rules! words {
    ($of:ident: $($word:ident = $name:literal,)*) => {
        impl $of {
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$word),*];
            /// In the order of `ALL`.
            pub const NAMES: [&str; Self::ALL.len()] = [$($name),*];

            /// As Shopify calls it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$word => $name,)* }
            }

            /// To the letter.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|word| word.name() == name)
            }

            /// As columns keep it: from 1 up, as 0 is "not told".
            pub const fn code(self) -> u8 {
                self as u8 + 1
            }

            pub fn of_code(code: u8) -> Option<Self> {
                Self::ALL.into_iter().find(|word| word.code() == code)
            }
        }
    };
}

words! { RfmGroup:
    Champions = "CHAMPIONS",
    Loyal = "LOYAL",
    Active = "ACTIVE",
    New = "NEW",
    Promising = "PROMISING",
    NeedsAttention = "NEEDS_ATTENTION",
    AtRisk = "AT_RISK",
    PreviouslyLoyal = "PREVIOUSLY_LOYAL",
    AlmostLost = "ALMOST_LOST",
    Dormant = "DORMANT",
    Prospects = "PROSPECTS",
}

words! { SpendTier:
    High = "HIGH",
    Medium = "MEDIUM",
    Low = "LOW",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_known_by_its_name_and_by_its_code() {
        for group in RfmGroup::ALL {
            assert_eq!(RfmGroup::named(group.name()), Some(group));
            assert_eq!(RfmGroup::of_code(group.code()), Some(group));
        }
        assert_eq!((RfmGroup::of_code(0), RfmGroup::of_code(12)), (None, None));
        assert_eq!((SpendTier::of_code(0), SpendTier::named("high")), (None, None));
    }
}

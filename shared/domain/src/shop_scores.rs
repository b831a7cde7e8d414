//! What Shopify itself says of a customer: its own RFM group, what it thinks that they will spend, and whether they have an
//! account.
//!
//! None is ever worked out here: where Shopify says nothing, nothing is known.

use crate::words::{numbered, words};

words! {
    /// The groups by recency, frequency and money, as Shopify calls them. Which group is whose, Shopify does not publish.
    RfmGroup {
        Champions = 1: "CHAMPIONS",
        Loyal = 2: "LOYAL",
        Active = 3: "ACTIVE",
        New = 4: "NEW",
        Promising = 5: "PROMISING",
        NeedsAttention = 6: "NEEDS_ATTENTION",
        AtRisk = 7: "AT_RISK",
        PreviouslyLoyal = 8: "PREVIOUSLY_LOYAL",
        AlmostLost = 9: "ALMOST_LOST",
        Dormant = 10: "DORMANT",
        /// Have not ordered yet.
        Prospects = 11: "PROSPECTS",
    }

    /// Disabled is who merely has none, which is the usual.
    AccountState {
        Declined = 1: "DECLINED",
        Disabled = 2: "DISABLED",
        Enabled = 3: "ENABLED",
        Invited = 4: "INVITED",
    }

    SpendTier {
        High = 1: "HIGH",
        Medium = 2: "MEDIUM",
        Low = 3: "LOW",
    }
}

// 0 is "not told".
numbered!(RfmGroup, SpendTier, AccountState);

impl RfmGroup {
    /// In `ALL`.
    pub const fn place(self) -> usize {
        self as usize - 1
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_known_by_its_name_and_by_its_code() {
        for (place, group) in RfmGroup::ALL.into_iter().enumerate() {
            assert_eq!(group.place(), place);
            assert_eq!(group.name().parse(), Ok(group));
            assert_eq!(RfmGroup::of_code(group.code()), Some(group));
        }
        assert_eq!((RfmGroup::of_code(0), RfmGroup::of_code(12)), (None, None));
        assert_eq!((SpendTier::of_code(0), "high".parse::<SpendTier>().ok()), (None, None));
    }
}

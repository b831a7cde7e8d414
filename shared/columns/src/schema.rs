//! Every column that the audience has: its name in the block, and what its values mean.
//!
//! The order here is the order in the blocks. A change of it, or of a meaning, raises `SCHEMA`; blocks of another
//! schema are rebuilt, never guessed at.

/// Stands in the head of every shard and in every delta.
pub const SCHEMA: u32 = 6;

macro_rules! columns {
    ($($(#[$doc:meta])* $kind:ident { $($(#[$of:meta])* $column:ident = $name:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $kind { $($(#[$of])* $column,)* }

        impl $kind {
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$column),*];
            pub const COUNT: usize = Self::ALL.len();

            /// What the column is called in the block.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$column => $name,)* }
            }
        }
    )*};
}

columns! {
    /// Whole numbers, or nothing. Instants are seconds since 1970, days count from 1970-01-01, money is minor units.
    Number {
        /// Every customer has it: a slot without it is nobody, though orders may be left there.
        Added = "added_at",
        FirstOrder = "first_order_at",
        LastOrder = "last_order_at",
        AbandonedCheckout = "abandoned_checkout_at",
        /// A day.
        Birthday = "birthday",
        Orders = "orders",
        Spent = "spent",
        /// How often the customer's record was written: of two rows the one with the higher is newer.
        Version = "version",
    }

    /// Small numbers that stand for words, or bits. Never absent: 0 is "not told".
    Code {
        EmailState = "email_state",
        SmsState = "sms_state",
        /// See `domain::AccountState::code`.
        AccountState = "account_state",
        /// Bits: see `domain::customer::Reach`.
        Reach = "reach",
        /// See `domain::RfmGroup::code`: Shopify's own word.
        ShopGroup = "shop_group",
        /// See `domain::SpendTier::code`.
        ShopTier = "shop_tier",
        /// Bits: see `domain::Declined`.
        Declined = "declined",
    }

    /// One word of few that a shop uses, or nothing.
    Word {
        Language = "language",
    }

    /// Free text, or nothing.
    Text {
        Id = "id",
        FirstName = "first_name",
        LastName = "last_name",
        Email = "email",
        Phone = "phone",
    }

    /// Any number of words.
    List {
        Tags = "tags",
        Countries = "countries",
        /// By code: "US-NY". See `domain::customer::Address::region_code`.
        Regions = "regions",
        /// As people write them.
        Cities = "cities",
        /// By code: "US-NY-NewYorkCity".
        CityCodes = "city_codes",
        /// Where addresses lie: see `Circle`.
        Points = "points",
    }

    /// Of one order in a customer's history.
    OrderNumber {
        At = "at",
        Amount = "amount",
        /// What it adds to `Number::Spent`.
        Net = "net",
        Quantity = "quantity",
        /// By Shopify's number.
        App = "app",
        /// By Shopify's number: which of the shop's own places.
        Location = "location",
        /// The number in what the merchant calls it: 1001 of "#1001".
        Called = "called",
    }

    OrderCode {
        State = "state",
        /// Bits: see `domain::order::Marks`.
        Marks = "marks",
    }

    /// Of one line of an order.
    LineNumber {
        Quantity = "quantity",
        Amount = "amount",
    }

    LineWord {
        Product = "product",
        Variant = "variant",
    }
}

/// A column that every shop has, or one of a shop's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Of<K> {
    Known(K),
    Attribute(Box<str>),
}

impl<K> From<K> for Of<K> {
    fn from(known: K) -> Self {
        Self::Known(known)
    }
}

//! What a field's values are, and so what may be asked of them.

use crate::Decimal;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// One of these words, in capitals.
    Word(&'static [&'static str]),
    Id,
    /// From the least to the most, both included.
    Whole(i64, i64),
    Number,
    /// From 0 to 1.
    Share,
    Money,
    Yes,
    Date,
    /// Any number of texts.
    Texts,
    /// Any number of codes of places.
    Places(Code),
}

/// By what a place is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    Country,
    Region,
    City,
}

impl Kind {
    pub const COUNT: Self = Self::Whole(0, i64::MAX);

    /// As one says it to people: "a whole number".
    pub const fn told(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Word(_) => "a word of a fixed set",
            Self::Id => "an id",
            Self::Whole(..) => "a whole number",
            Self::Number => "a number",
            Self::Share => "a number from 0 to 1",
            Self::Money => "an amount of money",
            Self::Yes => "TRUE or FALSE",
            Self::Date => "a date",
            Self::Texts => "a list of texts",
            Self::Places(_) => "a list of places",
        }
    }

    pub(crate) const fn is_ordered(self) -> bool {
        matches!(self, Self::Whole(..) | Self::Number | Self::Share | Self::Money | Self::Date)
    }

    pub(crate) const fn is_list(self) -> bool {
        matches!(self, Self::Texts | Self::Places(_))
    }

    /// Can be one of several.
    pub(crate) const fn is_named(self) -> bool {
        matches!(self, Self::Text | Self::Word(_) | Self::Id)
    }

    /// All that may stand behind a field of this kind.
    pub const fn operators(self) -> &'static [&'static str] {
        match self {
            Self::Text => &[
                "=",
                "!=",
                "IN",
                "NOT IN",
                "CONTAINS",
                "NOT CONTAINS",
                "STARTS WITH",
                "NOT STARTS WITH",
                "ENDS WITH",
                "NOT ENDS WITH",
                "IS NULL",
                "IS NOT NULL",
            ],
            Self::Word(_) | Self::Id => &["=", "!=", "IN", "NOT IN", "IS NULL", "IS NOT NULL"],
            Self::Whole(..) | Self::Number | Self::Share | Self::Money | Self::Date => {
                &["=", "!=", "<", "<=", ">", ">=", "BETWEEN", "IS NULL", "IS NOT NULL"]
            }
            Self::Yes => &["=", "!="],
            Self::Texts | Self::Places(_) => &[
                "CONTAINS",
                "NOT CONTAINS",
                "CONTAINS ANY",
                "NOT CONTAINS ANY",
                "CONTAINS ALL",
                "NOT CONTAINS ALL",
                "LENGTH",
                "IS NULL",
                "IS NOT NULL",
            ],
        }
    }

    /// The least and the most that a number of this kind can be.
    pub(crate) const fn bounds(self) -> Option<(Decimal, Decimal)> {
        match self {
            Self::Share => Some((Decimal::ZERO, Decimal::ONE)),
            _ => None,
        }
    }
}

//! What a field is compared with.

use crate::{Decimal, moment::Moment};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(Box<str>),
    /// One of the words that the field can be, as the catalogue spells it.
    Word(&'static str),
    /// Compared to the letter.
    Id(Box<str>),
    Whole(i64),
    Number(Decimal),
    /// In units of the shop's currency, never finer than it.
    Money(Decimal),
    Yes(bool),
    Date(Moment),
}

/// On the globe, in degrees: latitude from -90 to 90, longitude from -180 to 180.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coordinates {
    pub latitude: Decimal,
    pub longitude: Decimal,
}

impl Coordinates {
    /// `None`: not on the globe.
    pub fn new(latitude: Decimal, longitude: Decimal) -> Option<Self> {
        let within =
            |angle: Decimal, most: i32| Decimal::whole(-most) <= angle && angle <= Decimal::whole(most);
        (within(latitude, 90) && within(longitude, 180)).then_some(Self { latitude, longitude })
    }
}

impl Value {
    /// Lies above the other whenever the two are compared.
    pub(crate) fn is_surely_above(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Whole(one), Self::Whole(two)) => one > two,
            (Self::Number(one), Self::Number(two)) | (Self::Money(one), Self::Money(two)) => one > two,
            (Self::Date(one), Self::Date(two)) => one.is_surely_after(*two),
            _ => false,
        }
    }
}

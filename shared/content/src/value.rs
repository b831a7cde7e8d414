//! What stands behind a name for one customer.

use std::borrow::Cow;

use domain::{Currency, Minor};
use jiff::civil::Date;

use crate::name::Name;

/// Whatever is known of whoever gets the message. An implementation answers with the kind that the name has, or with nothing.
pub trait Facts {
    fn of(&self, name: Name) -> Value<'_>;

    /// In which amounts are.
    fn currency(&self) -> Currency;

    /// Where a link with that target leads instead: letters, digits and what else needs no escape in an address. `None`: it
    /// leads where it says.
    fn leads(&self, _target: &str) -> Option<String> {
        None
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Not known, or empty.
    Nothing,
    Text(Cow<'a, str>),
    Count(i64),
    Money(Minor),
    Day(Date),
    Truth(bool),
    Texts(&'a [String]),
    Lines(&'a [Line]),
    Line(&'a Line),
}

/// What lies in a basket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub title: String,
    pub quantity: u32,
    pub price: Minor,
    pub url: Option<String>,
    pub image_url: Option<String>,
}

impl<'a> Value<'a> {
    /// An empty text is as good as none.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Nothing } else { Self::Text(text) }
    }

    /// Nothing, what is not so, and a list without anything.
    pub(crate) fn is_nothing(&self) -> bool {
        match self {
            Self::Nothing | Self::Truth(false) => true,
            Self::Text(text) => text.is_empty(),
            Self::Texts(texts) => texts.is_empty(),
            Self::Lines(lines) => lines.is_empty(),
            Self::Count(_) | Self::Money(_) | Self::Day(_) | Self::Truth(true) | Self::Line(_) => false,
        }
    }

    /// As it is read in a message. Lists are not.
    pub(crate) fn shown(self, currency: Currency) -> Cow<'a, str> {
        match self {
            Self::Text(text) => text,
            Self::Count(count) => count.to_string().into(),
            Self::Money(amount) => format!("{}{}", currency.symbol(), amount.show(currency)).into(),
            Self::Day(day) => day.to_string().into(),
            Self::Truth(is_so) => if is_so { "true" } else { "false" }.into(),
            Self::Nothing | Self::Texts(_) | Self::Lines(_) | Self::Line(_) => "".into(),
        }
    }
}

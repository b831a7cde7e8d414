//! Words of Shopify's JSON: ids in three spellings, amounts that are never floats, tags in two forms, and what is not
//! told.

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use std::fmt;

/// A thing that may have been left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Told<T> {
    /// Nothing was said: what is known stays.
    #[default]
    Not,
    /// It was said that there is none.
    Nothing,
    Is(T),
}

impl<T> Told<T> {
    pub fn is_told(&self) -> bool {
        !matches!(self, Self::Not)
    }

    pub fn value(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Not | Self::Nothing => None,
        }
    }

    pub fn as_ref(&self) -> Told<&T> {
        match self {
            Self::Not => Told::Not,
            Self::Nothing => Told::Nothing,
            Self::Is(value) => Told::Is(value),
        }
    }

    /// What is not to be kept is taken for nothing.
    pub(crate) fn kept<U>(self, keep: impl FnOnce(T) -> Option<U>) -> Told<U> {
        match self {
            Self::Not => Told::Not,
            Self::Nothing => Told::Nothing,
            Self::Is(value) => keep(value).map_or(Told::Nothing, Told::Is),
        }
    }
}

impl<T: Clone> Told<T> {
    /// Changes what is held to what was told.
    pub fn tell(&self, held: &mut Option<T>) {
        match self {
            Self::Not => {}
            Self::Nothing => *held = None,
            Self::Is(value) => *held = Some(value.clone()),
        }
    }
}

impl<T> From<Option<T>> for Told<T> {
    fn from(told: Option<T>) -> Self {
        told.map_or(Self::Nothing, Self::Is)
    }
}

/// With `#[serde(default)]` beside it: `null` is told, what is absent is not.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Told<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::deserialize(from).map(Self::from)
    }
}

/// Shopify's number of something: as a number, as digits, or at the end of `gid://shopify/Order/7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u64);

impl Id {
    pub fn parse(text: &str) -> Option<Self> {
        let digits = match text.strip_prefix("gid://shopify/") {
            Some(rest) => rest.split_once('/')?.1.split('?').next()?,
            None => text,
        };
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|number| is_plain && *number > 0).map(Self)
    }

    /// As GraphQL has it.
    pub fn gid(self, kind: &str) -> String {
        format!("gid://shopify/{kind}/{}", self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Spelling;
        impl de::Visitor<'_> for Spelling {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of Shopify's")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Id, E> {
                if number > 0 { Ok(Id(number)) } else { Err(E::custom("an id is more than nothing")) }
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Id, E> {
                Id::parse(text).ok_or_else(|| E::custom("not an id"))
            }
        }
        from.deserialize_any(Spelling)
    }
}

/// An amount as it was written, whether as a text or as a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Amount(pub(crate) String);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(from)?.get();
        if raw.starts_with('"') {
            return serde_json::from_str(raw).map(Self).map_err(de::Error::custom);
        }
        let is_number = raw.starts_with(|letter: char| letter == '-' || letter.is_ascii_digit());
        if is_number { Ok(Self(raw.to_owned())) } else { Err(de::Error::custom("not an amount")) }
    }
}

/// As a list, or as one text with commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tags(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            List(Vec<String>),
            Text(String),
        }
        let all = match Form::deserialize(from)? {
            Form::List(all) => all,
            Form::Text(text) => text.split(',').map(|tag| tag.trim().to_owned()).collect(),
        };
        Ok(Self(all.into_iter().filter(|tag| !tag.is_empty()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_in_every_spelling() {
        let check = |json: &str, expected: Option<u64>| {
            let read: Result<Id, _> = serde_json::from_str(json);
            assert_eq!(read.ok().map(|id| id.0), expected, "{json}");
        };
        check("820982911946154508", Some(820_982_911_946_154_508));
        check("18446744073709551615", Some(u64::MAX));
        check(r#""820982911946154508""#, Some(820_982_911_946_154_508));
        check(r#""gid://shopify/Order/7""#, Some(7));
        check(r#""gid://shopify/ProductVariant/7?x=1""#, Some(7));
        for wrong in [
            "0",
            "-1",
            "1.0",
            "1e3",
            "18446744073709551616",
            r#""""#,
            r#""x""#,
            r#""+7""#,
            r#""gid://shopify/7""#,
            "null",
        ] {
            check(wrong, None);
        }
        assert_eq!(Id(7).gid("Customer"), "gid://shopify/Customer/7");
    }

    #[test]
    fn an_amount_is_what_was_written() {
        let check = |json: &str, expected: Option<&str>| {
            let read: Result<Amount, _> = serde_json::from_str(json);
            assert_eq!(read.ok().map(|amount| amount.0).as_deref(), expected, "{json}");
        };
        check(r#""89.99""#, Some("89.99"));
        check("89.99", Some("89.99"));
        check("9007199254740993.01", Some("9007199254740993.01"));
        check("-0.10", Some("-0.10"));
        for wrong in ["null", "true", "{}", "[1]"] {
            check(wrong, None);
        }
    }

    #[test]
    fn tags_are_a_list_however_they_are_told() {
        for json in [r#"["vip","new one"]"#, r#""vip, new one""#, r#"" vip,,new one ,""#] {
            let Tags(all) = serde_json::from_str(json).unwrap();
            assert_eq!(all, ["vip", "new one"], "{json}");
        }
    }

    #[test]
    fn what_is_not_told_is_not_what_is_told_to_be_nothing() {
        #[derive(Deserialize)]
        struct It {
            #[serde(default)]
            note: Told<String>,
        }
        let check = |json: &str, expected: Told<&str>, held: Option<&str>| {
            let it: It = serde_json::from_str(json).unwrap();
            let mut note = Some("held".to_owned());
            it.note.tell(&mut note);
            assert_eq!(it.note.as_ref().kept(|text| Some(text.as_str())), expected);
            assert_eq!(note.as_deref(), held);
        };
        check("{}", Told::Not, Some("held"));
        check(r#"{"note":null}"#, Told::Nothing, None);
        check(r#"{"note":"new"}"#, Told::Is("new"), Some("new"));
    }
}

//! In whose name a shop writes to its customers.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

use crate::{EmailAddress, Name, Phone};

/// Who a letter is from: an address, and the name that is shown beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    pub name: Option<Name>,
    pub address: EmailAddress,
}

/// Who a text is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextFrom {
    /// One that can be answered.
    Number(Phone),
    /// A word in place of a number, where the country allows it. Nobody can answer it.
    Name(SenderName),
}

/// 1 to 11 letters, digits and spaces, one of them a letter: what networks show in place of a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SenderName(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a sender's name: 1 to 11 letters, digits and spaces are expected, one of them a letter")]
pub struct BadSenderName;

impl SenderName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SenderName {
    type Err = BadSenderName;

    fn from_str(text: &str) -> Result<Self, BadSenderName> {
        let text = text.trim();
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b' ';
        let has_letter = text.bytes().any(|byte| byte.is_ascii_alphabetic());
        let fits = text.len() <= 11 && text.bytes().all(is_allowed) && has_letter;
        if fits { Ok(Self(text.to_owned())) } else { Err(BadSenderName) }
    }
}

impl TryFrom<String> for SenderName {
    type Error = BadSenderName;

    fn try_from(text: String) -> Result<Self, BadSenderName> {
        text.parse()
    }
}

impl From<SenderName> for String {
    fn from(name: SenderName) -> Self {
        name.0
    }
}

impl TextFrom {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Number(phone) => phone.as_str(),
            Self::Name(name) => name.as_str(),
        }
    }
}

impl fmt::Display for TextFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_senders_name_is_what_networks_show() {
        for good in ["A", "Demo Shop 1", " 1a "] {
            assert!(good.parse::<SenderName>().is_ok(), "{good:?}");
        }
        for wrong in ["", "123", "Twelve chars", "Shöp", "a-b", "a\tb"] {
            assert_eq!(wrong.parse::<SenderName>(), Err(BadSenderName), "{wrong:?}");
        }
    }
}

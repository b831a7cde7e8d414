//! A mail address in the one form by which we compare: lower case, without a display name.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Longest address that a mail server must take (RFC 5321: 256 with the angle brackets).
const BYTES_MAX: usize = 254;

/// A well-formed address. Two spellings that differ only in case are the same address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a mail address: name@example.com is expected")]
pub struct BadEmail;

impl EmailAddress {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = BadEmail;

    fn from_str(text: &str) -> Result<Self, BadEmail> {
        let text = text.trim();
        let options = email_address::Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        if text.len() > BYTES_MAX || text.contains(['"', '#']) || text.chars().any(char::is_control) {
            return Err(BadEmail);
        }
        let address = email_address::EmailAddress::parse_with_options(text, options).map_err(|_| BadEmail)?;
        Ok(Self(address.as_str().to_lowercase()))
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = BadEmail;

    fn try_from(text: String) -> Result<Self, BadEmail> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Personal data: kept out of debug output, and so out of logs.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_without_case() {
        let one: EmailAddress = "  Ada.Lovelace@Example.COM ".parse().unwrap();
        assert_eq!(one.as_str(), "ada.lovelace@example.com");
        assert_eq!(format!("{one:?}"), "EmailAddress(…)");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for wrong in [
            "",
            "notanemail",
            "@example.com",
            "a@",
            "a@b",
            "a b@example.com",
            "a\n@example.com",
            "Ada <ada@example.com>",
            "a@[127.0.0.1]",
            "a#b@example.com",
            "\"a b\"@example.com",
            "a@@example.com",
            &long,
        ] {
            assert_eq!(wrong.parse::<EmailAddress>(), Err(BadEmail), "{wrong:?}");
        }
    }
}

//! A telephone number in the one form by which we compare and send: E.164.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A number that somebody can have: "+14155552671".
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a telephone number: one with its country is expected, +1 415 555 2671 for one")]
pub struct BadPhone;

impl Phone {
    /// Reads a number as people write it. One without its country is taken for one of `country`, if that is told.
    pub fn parse(text: &str, country: Option<&str>) -> Result<Self, BadPhone> {
        // Longer than any number with its punctuation: not worth a look.
        if text.len() > 40 {
            return Err(BadPhone);
        }
        let country = country.and_then(|country| country.parse().ok());
        let number = phonenumber::parse(country, text).map_err(|_| BadPhone)?;
        if !phonenumber::is_valid(&number) {
            return Err(BadPhone);
        }
        Ok(Self(number.format().mode(phonenumber::Mode::E164).to_string()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its country's digits, and the number as it is called within that country, as short as 4 digits or as long as 14.
    pub fn country_and_number(&self) -> (&str, &str) {
        let digits = self.0.trim_start_matches('+');
        let country = phonenumber::parse(None, &self.0).map_or(0, |number| number.code().value());
        let country_digits = country.checked_ilog10().map_or(0, |powers| powers as usize + 1);
        digits.split_at_checked(country_digits).unwrap_or(("", digits))
    }

    /// What we wrote ourselves: it was looked at when it came.
    fn kept(text: String) -> Result<Self, BadPhone> {
        let digits = text.strip_prefix('+').ok_or(BadPhone)?;
        let fits = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if fits { Ok(Self(text)) } else { Err(BadPhone) }
    }
}

impl FromStr for Phone {
    type Err = BadPhone;

    fn from_str(text: &str) -> Result<Self, BadPhone> {
        Self::parse(text, None)
    }
}

impl TryFrom<String> for Phone {
    type Error = BadPhone;

    fn try_from(text: String) -> Result<Self, BadPhone> {
        Self::kept(text)
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A number is personal: it is not printed by accident.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_its_countrys_and_its_own() {
        let check = |text: &str, expected: (&str, &str)| {
            let phone: Phone = text.parse().unwrap();
            assert_eq!(phone.country_and_number(), expected, "{text}");
        };
        check("+1 415 555 2671", ("1", "4155552671"));
        check("+45 32 12 34 56", ("45", "32123456"));
        check("+852 2123 4567", ("852", "21234567"));
        check("+39 06 6982 1234", ("39", "0669821234"));
    }

    #[test]
    fn a_number_has_one_form() {
        let check = |text: &str, country: Option<&str>, expected: Option<&str>| {
            let phone = Phone::parse(text, country);
            assert_eq!(phone.as_ref().ok().map(Phone::as_str), expected, "{text} {country:?}");
        };
        check("+1 (415) 555-2671", None, Some("+14155552671"));
        check("415 555 2671", Some("US"), Some("+14155552671"));
        check("+91 98765 43210", Some("US"), Some("+919876543210"));
        check("030 901820", Some("DE"), Some("+4930901820"));
        check("415 555 2671", None, None);
        check("415 555 2671", Some("XX"), None);
        for wrong in ["", "+", "12", "+1 415", "call me", "+999 123 4567", &"1".repeat(100)] {
            check(wrong, Some("US"), None);
        }
    }
}

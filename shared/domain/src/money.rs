//! Money: whole minor units of a currency, never a float.
//!
//! How many minor units a unit has is the currency's own matter: 100 cents, 1 yen, 1,000 fils.

use iso_currency::Currency as Iso;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A currency of ISO 4217 that money can be counted in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(Iso);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a currency: three capital letters as in ISO 4217 are expected, USD for one")]
pub struct BadCurrency;

/// Minor units of the shop's currency. Sums of a whole shop fit: a quadrillion cents is ten trillion dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Minor(i64);

/// The most that one amount may be, either way.
pub(crate) const MINOR_MAX: i64 = 1_000_000_000_000_000;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMoney {
    #[error("is not an amount: digits and at most one point are expected, 12.34 for one")]
    Form,
    #[error("is too fine: {0} has {1} digits after the point")]
    TooFine(Currency, u32),
    #[error("is too large an amount")]
    TooLarge,
}

impl Currency {
    pub const USD: Self = Self(Iso::USD);

    /// Digits after the point.
    pub fn digits(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }

    /// As it is put before an amount.
    pub fn symbol(self) -> impl fmt::Display {
        self.0.symbol()
    }
}

impl FromStr for Currency {
    type Err = BadCurrency;

    fn from_str(text: &str) -> Result<Self, BadCurrency> {
        Iso::from_code(text).filter(|iso| iso.exponent().is_some()).map(Self).ok_or(BadCurrency)
    }
}

impl TryFrom<String> for Currency {
    type Error = BadCurrency;

    fn try_from(text: String) -> Result<Self, BadCurrency> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.0.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code())
    }
}

impl Minor {
    pub const ZERO: Self = Self(0);

    pub fn new(minor: i64) -> Result<Self, BadMoney> {
        if (-MINOR_MAX..=MINOR_MAX).contains(&minor) { Ok(Self(minor)) } else { Err(BadMoney::TooLarge) }
    }

    pub fn get(self) -> i64 {
        self.0
    }

    /// Reads "12.34". A finer amount than the currency has is refused, unless what is finer is only zeros.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, BadMoney> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let has_form = !whole.is_empty() && is_digits(whole) && is_digits(part) && !unsigned.ends_with('.');
        if !has_form {
            return Err(BadMoney::Form);
        }
        let digits = currency.digits();
        let part = part.trim_end_matches('0');
        if part.len() > digits as usize {
            return Err(BadMoney::TooFine(currency, digits));
        }
        let all = format!("{whole}{part:0<width$}", width = digits as usize);
        let minor: i64 = all.parse().map_err(|_| BadMoney::TooLarge)?;
        Self::new(if text.starts_with('-') { -minor } else { minor })
    }

    /// As `parse` reads it: "12.30".
    pub fn show(self, currency: Currency) -> String {
        let digits = currency.digits() as usize;
        let sign = if self.0 < 0 { "-" } else { "" };
        let all = format!("{:0>width$}", self.0.unsigned_abs(), width = digits + 1);
        let (whole, part) = all.split_at(all.len() - digits);
        let point = if digits == 0 { "" } else { "." };
        format!("{sign}{whole}{point}{part}")
    }
}

impl TryFrom<i64> for Minor {
    type Error = BadMoney;

    fn try_from(minor: i64) -> Result<Self, BadMoney> {
        Self::new(minor)
    }
}

impl From<Minor> for i64 {
    fn from(minor: Minor) -> Self {
        minor.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn amounts_are_as_fine_as_their_currency() {
        let check = |text: &str, code: &str, expected: Result<i64, BadMoney>| {
            assert_eq!(Minor::parse(text, currency(code)).map(Minor::get), expected, "{text} {code}");
        };
        check("12.34", "USD", Ok(1_234));
        check("12.3", "USD", Ok(1_230));
        check("-0.05", "USD", Ok(-5));
        check("12.340", "USD", Ok(1_234));
        check("12.345", "USD", Err(BadMoney::TooFine(currency("USD"), 2)));
        check("100", "JPY", Ok(100));
        check("100.00", "JPY", Ok(100));
        check("100.5", "JPY", Err(BadMoney::TooFine(currency("JPY"), 0)));
        check("1.234", "BHD", Ok(1_234));
        check("10000000000000.00", "USD", Ok(MINOR_MAX));
        check("10000000000000.01", "USD", Err(BadMoney::TooLarge));
        check("99999999999999999999", "USD", Err(BadMoney::TooLarge));
        for wrong in ["", ".", "1.", ".5", "1,000", "1e3", "--1", "+1", " 1", "1.2.3", "\u{0661}"] {
            check(wrong, "USD", Err(BadMoney::Form));
        }
    }

    #[test]
    fn a_currency_is_one_that_counts() {
        for wrong in ["usd", "US", "XXX", "XAU", "BTC", ""] {
            assert_eq!(wrong.parse::<Currency>(), Err(BadCurrency), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_read(minor in -MINOR_MAX..=MINOR_MAX, code in prop::sample::select(&["USD", "JPY", "BHD"][..])) {
            let shown = Minor::new(minor).unwrap().show(currency(code));
            prop_assert_eq!(Minor::parse(&shown, currency(code)).unwrap().get(), minor);
        }
    }
}

//! What messages cost. `prices.txt` is the list that holds where a shop has told none of its own.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::LazyLock};

use crate::{
    Currency,
    customer::AttributeValue,
    fields::{attribute_number, show_number},
};

/// No country has more digits, and no list goes further into its numbers.
pub const PREFIX_DIGITS_MAX: usize = 7;
/// A list of all countries with some of their networks.
pub const PREFIXES_MAX: usize = 500;
/// 1,000 of any currency, for one message.
pub const MICROS_MAX: u64 = 1_000_000_000;

static LISTED: LazyLock<Prices> =
    LazyLock::new(|| Prices::read(include_str!("prices.txt")).expect("a test reads the same list"));

/// In millionths of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    pub currency: Currency,
    /// Of each letter. `None`: it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_micros: Option<u64>,
    /// Of each part of a text, by the digits that its number begins with; no digits are anywhere. The longest that fits holds.
    /// `None` within: it is not known there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub text_micros: BTreeMap<String, Option<u64>>,
}

impl Prices {
    pub fn listed() -> &'static Self {
        &LISTED
    }

    /// Of a part of a text to a number with its country: `+14155552671`.
    pub fn of_part(&self, phone: &str) -> Option<u64> {
        let digits = phone.trim_start_matches('+');
        let longest = digits.len().min(PREFIX_DIGITS_MAX);
        (0..=longest).rev().find_map(|length| self.text_micros.get(digits.get(..length)?).copied())?
    }

    /// Of a whole text. What has no part costs nothing.
    pub fn of_text(&self, phone: &str, parts: usize) -> Option<u64> {
        self.of_part(phone)?.checked_mul(u64::try_from(parts).ok()?)
    }

    fn read(list: &str) -> Option<Self> {
        let (mut currency, mut mail_micros, mut text_micros) = (None, None, BTreeMap::new());
        for line in list.lines().filter(|line| !line.starts_with('#')) {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["currency", code] => currency = Some(code.parse().ok()?),
                ["mail", told] => mail_micros = Some(micros(told)?),
                ["text", number, "?"] => {
                    text_micros.insert(prefix(number)?, None);
                }
                ["text", number, told] => {
                    text_micros.insert(prefix(number)?, Some(micros(told)?));
                }
                _ => return None,
            }
        }
        Some(Self { currency: currency?, mail_micros, text_micros })
    }
}

/// As it is shown: a price, or what something costs, in the shop's currency.
pub fn show_micros(micros: u64) -> String {
    show_number(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// An amount as it is written, `0.0083`, in millionths.
pub fn micros(told: &str) -> Option<u64> {
    let Ok(AttributeValue::Number(millionths)) = attribute_number(told) else { return None };
    u64::try_from(millionths).ok().filter(|micros| *micros <= MICROS_MAX)
}

/// The digits of `+1` or `+44 7`; of `+` alone, none.
pub fn prefix(told: &str) -> Option<String> {
    let digits: String = told.strip_prefix('+')?.chars().filter(|char| *char != ' ').collect();
    let fits = digits.len() <= PREFIX_DIGITS_MAX && digits.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_that_fits_a_number_holds() {
        let list = "currency EUR\nmail 0.001\ntext +49 0.08\ntext +4915 0.07\ntext +1 0.01\ntext +1876 ?";
        let prices = Prices::read(list).unwrap();
        let check = |phone: &str, parts: usize, expected: Option<u64>| {
            assert_eq!(prices.of_text(phone, parts), expected, "{phone}");
        };
        check("+4930123456", 1, Some(80_000));
        check("+491511234567", 1, Some(70_000));
        check("+491511234567", 3, Some(210_000));
        check("+491511234567", 0, Some(0));
        check("+14155552671", 2, Some(20_000));
        check("+33612345678", 1, None);
        check("+18765551234", 1, None);
        let anywhere = Prices::read(&format!("{list}\ntext + 0.5")).unwrap();
        assert_eq!(anywhere.of_part("+33612345678"), Some(500_000));
    }

    #[test]
    fn our_own_list_is_read_whole() {
        let prices = Prices::listed();
        assert_eq!((prices.currency, prices.mail_micros), (Currency::USD, Some(100)));
        let lines = include_str!("prices.txt").lines().filter(|line| line.starts_with("text "));
        assert_eq!(prices.text_micros.len(), lines.count());
        assert!(prices.of_part("+14155552671").is_some());
    }

    #[test]
    fn what_is_no_amount_or_no_number_is_refused() {
        for wrong in ["-1", "", "x", "0.0000001", "1001", "1e3"] {
            assert_eq!(micros(wrong), None, "{wrong}");
        }
        for wrong in ["44", "+44a", "+12345678", "", "0044"] {
            assert_eq!(prefix(wrong), None, "{wrong}");
        }
        assert_eq!((micros("0.0083"), prefix("+44 7")), (Some(8_300), Some("447".to_owned())));
    }
}

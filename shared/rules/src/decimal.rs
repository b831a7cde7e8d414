//! Numbers that are not whole, and amounts: exact, in millionths, never a float.

use std::fmt;

use domain::{customer::AttributeValue, fields};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i64);

impl Decimal {
    pub const ZERO: Self = Self(0);
    pub const ONE: Self = Self(1_000_000);

    /// "12.5". `None`: no number, finer than a millionth, or a trillion and more.
    pub fn parse(text: &str) -> Option<Self> {
        match fields::attribute_number(text) {
            Ok(AttributeValue::Number(millionths)) => Some(Self(millionths)),
            _ => None,
        }
    }

    pub const fn whole(number: i32) -> Self {
        Self(number as i64 * 1_000_000)
    }

    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// How many digits stand behind the point.
    pub fn digits(self) -> usize {
        let shown = self.to_string();
        shown.split_once('.').map_or(0, |(_, digits)| digits.len())
    }

    /// With at least so many digits behind the point: "500.00".
    pub fn with_digits(self, least: usize) -> String {
        let shown = self.to_string();
        let point = if shown.contains('.') || least == 0 { "" } else { "." };
        let zeros = "0".repeat(least.saturating_sub(self.digits()));
        format!("{shown}{point}{zeros}")
    }
}

/// Without zeros at the end.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&fields::show_number(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_shown_as_it_was_written() {
        let check = |text: &str, shown: &str, amount: &str| {
            let number = Decimal::parse(text).unwrap();
            assert_eq!([number.to_string(), number.with_digits(2)], [shown, amount], "{text}");
        };
        check("500", "500", "500.00");
        check("50.5", "50.5", "50.50");
        check("50.50", "50.5", "50.50");
        check("1.234", "1.234", "1.234");
        check("-0.05", "-0.05", "-0.05");
        check("-0", "0", "0.00");
        for wrong in ["", "1e3", "1,000", ".5", "1.0000001", "1000000000000", "+1", " 1"] {
            assert_eq!(Decimal::parse(wrong), None, "{wrong:?}");
        }
    }
}

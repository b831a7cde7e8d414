//! What stands in a template itself: texts and numbers.

use std::{cmp::Ordering, fmt};

use crate::value::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    Number(Number),
    Truth(bool),
    Nothing,
}

/// A number as it was written, exactly: `12.30` is 1230 of hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) parts: i64,
    pub(crate) digits: u32,
}

impl Literal {
    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::text(text.as_str()),
            Self::Number(number) if number.digits == 0 => Value::Count(number.parts),
            Self::Number(number) => Value::text(number.to_string()),
            Self::Truth(is_so) => Value::Truth(*is_so),
            Self::Nothing => Value::Nothing,
        }
    }
}

impl Number {
    /// `None`: it has more digits than any amount.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = u32::try_from(part.len()).ok().filter(|digits| *digits <= 6)?;
        let parts: i64 = format!("{whole}{part}").parse().ok()?;
        (parts.unsigned_abs() < 1_000_000_000_000_000).then_some(Self { parts, digits })
    }

    /// A count.
    pub(crate) fn whole(self) -> Option<usize> {
        if self.digits == 0 { usize::try_from(self.parts).ok() } else { None }
    }

    pub(crate) fn compare(self, other: Self) -> Ordering {
        let scaled = |one: Self, by: u32| i128::from(one.parts) * 10_i128.pow(by);
        scaled(self, other.digits).cmp(&scaled(other, self.digits))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.digits as usize;
        let sign = if self.parts < 0 { "-" } else { "" };
        let all = format!("{:0>least$}", self.parts.unsigned_abs(), least = width + 1);
        let (whole, part) = all.split_at(all.len() - width);
        write!(f, "{sign}{whole}{}{part}", if width == 0 { "" } else { "." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact() {
        let number = |text| Number::read(text).unwrap();
        assert_eq!(number("0.1").compare(number("0.10")), Ordering::Equal);
        assert_eq!(number("-1.5").compare(number("1")), Ordering::Less);
        assert_eq!(number("100").compare(number("99.99")), Ordering::Greater);
        assert_eq!((number("7").whole(), number("7.0").whole(), number("-7").whole()), (Some(7), None, None));
        assert_eq!(Number::read("1.2345678"), None);
        assert_eq!(Number::read("9999999999999999"), None);
    }
}

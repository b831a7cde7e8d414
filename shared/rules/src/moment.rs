//! Days and instants as rules tell them: fixed, or counted from today.

use jiff::civil;
use std::fmt;

use crate::offset::{Offset, Unit};

/// A day or an instant; of the shop's own days, whatever the machine's are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Today,
    Yesterday,
    /// The one instant at which the rule is evaluated.
    Now,
    Day(civil::Date),
    /// By the shop's clock.
    At(civil::DateTime),
    Offset(Offset),
}

impl Moment {
    /// `-90d`, `today`, `2026-01-31`, `2026-01-31T16:00`, and the names that Shopify gave up: `90_days_ago`.
    pub fn parse(text: &str) -> Option<Self> {
        let before = |number, unit| Offset::new(number, unit).map(Self::Offset);
        match text.to_ascii_lowercase().as_str() {
            "today" => Some(Self::Today),
            "yesterday" => Some(Self::Yesterday),
            "now" => Some(Self::Now),
            "7_days_ago" => before(-7, Unit::Day),
            "30_days_ago" => before(-30, Unit::Day),
            "90_days_ago" => before(-90, Unit::Day),
            "12_months_ago" => before(-12, Unit::Month),
            _ => Self::offset(text).or_else(|| Self::fixed(text)),
        }
    }

    fn offset(text: &str) -> Option<Self> {
        let is_before = text.starts_with('-');
        let rest = text.strip_prefix(['-', '+'])?;
        let unit = Unit::ALL.into_iter().find(|unit| rest.to_ascii_lowercase().ends_with(unit.letter()))?;
        let digits = &rest[..rest.len() - 1];
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number: i32 = digits.parse().ok()?;
        match (number, unit) {
            (0, Unit::Hour) => Some(Self::Now),
            (0, _) => Some(Self::Today),
            _ => Offset::new(if is_before { -number } else { number }, unit).map(Self::Offset),
        }
    }

    fn fixed(text: &str) -> Option<Self> {
        let is_bare = text.starts_with(|letter: char| letter.is_ascii_digit());
        let day = domain::fields::day(text.get(..10).filter(|_| is_bare)?).ok()?;
        let rest = &text[10..];
        let Some(time) = rest.strip_prefix(['T', 't']) else {
            return rest.is_empty().then_some(Self::Day(day));
        };
        let number = |part: &str| {
            let has_form = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<i8>().ok().filter(|_| has_form)
        };
        let parts: Vec<_> = time.split(':').collect();
        let (hour, minute, second) = match parts[..] {
            [hour, minute] => (hour, minute, "00"),
            [hour, minute, second] => (hour, minute, second),
            _ => return None,
        };
        let time = civil::Time::new(number(hour)?, number(minute)?, number(second)?, 0).ok()?;
        Some(Self::At(day.to_datetime(time)))
    }

    /// Is told in days, not in instants.
    pub fn is_of_days(self) -> bool {
        match self {
            Self::Today | Self::Yesterday | Self::Day(_) => true,
            Self::Now | Self::At(_) => false,
            Self::Offset(offset) => offset.unit != Unit::Hour,
        }
    }

    /// Lies after the other whenever they are asked.
    pub(crate) fn is_surely_after(self, other: Self) -> bool {
        let fixed = |moment| match moment {
            Self::Day(day) => Some(day.to_datetime(civil::Time::midnight())),
            Self::At(time) => Some(time),
            _ => None,
        };
        if let (Some(one), Some(two)) = (fixed(self), fixed(other)) {
            let is_of_days = self.is_of_days() || other.is_of_days();
            return if is_of_days { one.date() > two.date() } else { one > two };
        }
        let of_today = |moment| match moment {
            Self::Today => Some(Offset { number: 0, unit: Unit::Day }),
            Self::Yesterday => Some(Offset { number: -1, unit: Unit::Day }),
            Self::Now => Some(Offset { number: 0, unit: Unit::Hour }),
            Self::Offset(offset) => Some(offset),
            Self::Day(_) | Self::At(_) => None,
        };
        matches!((of_today(self), of_today(other)), (Some(one), Some(two)) if one.is_surely_after(two))
    }
}

/// As `parse` reads it.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Today => f.write_str("today"),
            Self::Yesterday => f.write_str("yesterday"),
            Self::Now => f.write_str("now"),
            Self::Day(day) => write!(f, "{day}"),
            Self::At(time) => {
                let (hour, minute, second) = (time.hour(), time.minute(), time.second());
                write!(f, "{}T{hour:02}:{minute:02}:{second:02}", time.date())
            }
            Self::Offset(offset) => write!(f, "{offset}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_every_spelling_and_shown_in_one() {
        let check = |text: &str, shown: &str| {
            assert_eq!(
                Moment::parse(text).map(|moment| moment.to_string()).as_deref(),
                Some(shown),
                "{text}"
            );
        };
        for same in ["today", "yesterday", "now", "-30d", "+14d", "-2w", "-12m", "-2y", "-36h", "2026-01-31"]
        {
            check(same, same);
        }
        check("TODAY", "today");
        check("90_days_ago", "-90d");
        check("30_days_ago", "-30d");
        check("7_days_ago", "-7d");
        check("12_months_ago", "-12m");
        check("-0d", "today");
        check("+0h", "now");
        check("-007D", "-7d");
        check("2026-01-31T16:00", "2026-01-31T16:00:00");
        check("2026-01-31T16:00:59", "2026-01-31T16:00:59");
        let wrong = [
            "",
            "-",
            "30d",
            "-d",
            "-1.5d",
            "-30x",
            "--3d",
            "+é",
            "2026-02-30",
            "2026-1-31",
            "2026-01-31T",
            "26-01-31",
            "2026-01-31T24:00",
            "2026-01-31T1:00",
            "2026-01-31T16:00:00Z",
            "2026-01-31 16:00",
            "-40000d",
            "-101y",
            "-99999999999d",
            " 2026-01-3",
            "2026-01-31é",
            "5_days_ago",
            "-001-01-31",
        ];
        for wrong in wrong {
            assert_eq!(Moment::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn what_surely_lies_after_is_known_beforehand() {
        let check = |one: &str, two: &str, expected: bool| {
            let moments = [one, two].map(|text| Moment::parse(text).unwrap());
            assert_eq!(moments[0].is_surely_after(moments[1]), expected, "{one} {two}");
        };
        check("-30d", "-60d", true);
        check("-30d", "-31d", true);
        check("-60d", "-30d", false);
        check("-4w", "-28d", false);
        check("-1m", "-13m", true);
        check("-12m", "-1y", false);
        check("-1m", "-28d", false);
        check("-1m", "-32d", true);
        check("today", "yesterday", true);
        check("+1d", "now", false);
        check("+3d", "now", true);
        check("now", "-1h", true);
        check("2026-02-01", "2026-01-31", true);
        check("2026-01-31", "2026-01-31T16:00", false);
        check("2026-01-31T16:01", "2026-01-31T16:00", true);
        // Nobody knows beforehand which is first.
        check("today", "2026-01-31", false);
        check("2026-01-31", "today", false);
    }
}

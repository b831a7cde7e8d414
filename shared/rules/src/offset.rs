//! So many hours, days, weeks, months or years, before or after.

use std::fmt;

/// So much before or after today; in hours, before or after now. Never of nothing: that is `Moment::Today` or `Now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offset {
    /// Negative: before.
    pub number: i32,
    pub unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    pub const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    pub const fn letter(self) -> char {
        match self {
            Self::Hour => 'h',
            Self::Day => 'd',
            Self::Week => 'w',
            Self::Month => 'm',
            Self::Year => 'y',
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// How many make a year, at most.
    const fn a_year(self) -> i32 {
        match self {
            Self::Hour => 366 * 24,
            Self::Day => 366,
            Self::Week => 53,
            Self::Month => 12,
            Self::Year => 1,
        }
    }

    /// The fewest and the most days that so many span; and how many hours, days or months they are.
    fn span(self, number: i32) -> (i64, i64, i64) {
        let number = i64::from(number);
        let (each, fewest, most) = match self {
            // From an instant within today: a day more or less.
            Self::Hour => return (number.div_euclid(24) - 1, number.div_euclid(24) + 2, number),
            Self::Day => (1, 1, 1),
            Self::Week => (7, 1, 1),
            Self::Month => (1, 28, 31),
            Self::Year => (12, 28, 31),
        };
        let all = number * each;
        ((all * fewest).min(all * most), (all * fewest).max(all * most), all)
    }

    /// Are told in the same measure, and so compared exactly.
    fn is_like(self, other: Self) -> bool {
        let measure = |unit| match unit {
            Self::Hour => 0,
            Self::Day | Self::Week => 1,
            Self::Month | Self::Year => 2,
        };
        measure(self) == measure(other)
    }
}

impl Offset {
    const YEARS_MAX: i32 = 100;

    /// `None`: nothing, or more than a hundred years.
    pub fn new(number: i32, unit: Unit) -> Option<Self> {
        let most = Self::YEARS_MAX * unit.a_year();
        (number != 0 && (-most..=most).contains(&number)).then_some(Self { number, unit })
    }

    pub(crate) fn is_surely_after(self, other: Self) -> bool {
        let (earliest, _, one) = self.unit.span(self.number);
        let (_, latest, two) = other.unit.span(other.number);
        if self.unit.is_like(other.unit) { one > two } else { earliest > latest }
    }
}

/// As `Moment::parse` reads it.
impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+}{}", self.number, self.unit.letter())
    }
}

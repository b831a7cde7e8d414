//! Stretches of whole days that have a name: a day, a week, a month, a quarter, a year.

use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
};

use crate::{reader::Reader, token::Kind};

/// Both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) from: Date,
    pub(crate) to: Date,
    /// The month or day was said without a year.
    lacks_year: bool,
}

const MONTHS: [(&str, i8); 24] = [
    ("january", 1),
    ("jan", 1),
    ("february", 2),
    ("feb", 2),
    ("march", 3),
    ("mar", 3),
    ("april", 4),
    ("apr", 4),
    ("may", 5),
    ("june", 6),
    ("jun", 6),
    ("july", 7),
    ("jul", 7),
    ("august", 8),
    ("aug", 8),
    ("september", 9),
    ("sept", 9),
    ("sep", 9),
    ("october", 10),
    ("oct", 10),
    ("november", 11),
    ("nov", 11),
    ("december", 12),
    ("dec", 12),
];

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

#[derive(Clone, Copy)]
enum Unit {
    Week,
    Months(i8),
}

const CALENDAR: [(&str, Unit); 4] = [
    ("week", Unit::Week),
    ("month", Unit::Months(1)),
    ("quarter", Unit::Months(3)),
    ("year", Unit::Months(12)),
];

impl Period {
    const fn new(from: Date, to: Date) -> Self {
        Self { from, to, lacks_year: false }
    }

    const fn day(day: Date) -> Self {
        Self::new(day, day)
    }

    /// So many months from the first of one on.
    fn months(year: i16, month: i8, months: i8) -> Option<Self> {
        let from = Date::new(year, month, 1).ok()?;
        let to = from.checked_add(months.months()).ok()?.yesterday().ok()?;
        Some(Self::new(from, to))
    }
}

impl Reader<'_> {
    pub(crate) fn period(&mut self) -> Option<Period> {
        let from = self.at();
        let found = self.attempt(Self::relative);
        if let Some(period) = found {
            self.told_period(from, &period);
            return Some(period);
        }
        let edge = self.attempt(|it| {
            it.take(&["the"]);
            let is_start = it.take(&["start", "beginning"]);
            (is_start || it.take(&["end"])).then_some(())?;
            it.take(&["of"]).then_some(is_start)
        });
        let period = self.attempt(Self::told_day).or_else(|| self.attempt(Self::month_or_year))?;
        if period.lacks_year {
            self.told_period(from, &period);
        }
        Some(match edge {
            Some(true) => Period::day(period.from),
            Some(false) => Period::day(period.to),
            None => period,
        })
    }

    /// The one that ends a stretch: "from November to February" goes over the end of the year.
    pub(crate) fn period_after(&mut self, begin: &Period) -> Option<Period> {
        let end = self.period()?;
        if end.lacks_year && end.to < begin.from {
            let later = |day: Date| day.checked_add(1.year()).ok();
            return Some(Period::new(later(end.from)?, later(end.to)?));
        }
        Some(end)
    }

    /// By today: "last month", "this week", "Monday", "the start of the year".
    fn relative(&mut self) -> Option<Period> {
        let today = self.today();
        let edge = self.attempt(|it| {
            it.take(&["the"]);
            let is_start = it.take(&["start", "beginning"]);
            is_start.then_some(())?;
            it.take(&["of"]).then_some(())?;
            it.take(&["the", "this"]).then_some(())
        });
        if edge.is_some() {
            let unit = self.first(&CALENDAR)?;
            return calendar(today, unit, 0).map(|period| Period::day(period.from));
        }
        self.take(&["the"]);
        let steps = self.first(&[("last", -1), ("previous", -1), ("this", 0), ("current", 0), ("next", 1)]);
        if let Some(weekday) = self.first(&WEEKDAYS) {
            return match steps {
                None | Some(-1) => today.nth_weekday(-1, weekday).ok().map(Period::day),
                _ => None,
            };
        }
        let steps = steps?;
        if let Some(unit) = self.first(&CALENDAR) {
            return calendar(today, unit, steps);
        }
        // "last March"
        let month = self.first(&MONTHS).filter(|_| steps == -1)?;
        self.month_before(month)
    }

    /// The last one that has begun before today.
    fn month_before(&self, month: i8) -> Option<Period> {
        let today = self.today();
        let year = if month > today.month() { today.year() - 1 } else { today.year() };
        Period::months(year, month, 1).map(|period| Period { lacks_year: true, ..period })
    }

    fn told_day(&mut self) -> Option<Period> {
        if self.kind(0) == Some(Kind::Day) {
            let (day, from): (Date, usize) = (self.word(0).parse().ok()?, self.at());
            self.skip();
            let told = self.slice(from, self.at()).to_owned();
            if told.contains('.') {
                self.assume(format!("“{told}” is taken for {day}: the day stands before the month"));
            }
            return Some(Period::day(day));
        }
        self.take(&["the"]);
        let (day, month) = if let Some(month) = self.first(&MONTHS) {
            (self.number_of_day()?, month)
        } else {
            let day = self.number_of_day()?;
            self.take(&["of"]);
            (day, self.first(&MONTHS)?)
        };
        let year = self.attempt(|it| {
            it.take(&[","]);
            it.year()
        });
        let today = self.today();
        let of = |year: i16| Date::new(year, month, day).ok();
        if let Some(year) = year {
            return of(year).map(Period::day);
        }
        // The 29th of February has not been in every year.
        let day = (0..5).filter_map(|years| of(today.year() - years)).find(|day| *day <= today)?;
        Some(Period { lacks_year: true, ..Period::day(day) })
    }

    /// "5", "5th"; no year, and nothing that goes on as a number of something else.
    fn number_of_day(&mut self) -> Option<i8> {
        let day: i8 = self.word(0).parse().ok().filter(|day| (1..=31).contains(day))?;
        self.skip();
        if self.is_glued(0) {
            self.take(&["st", "nd", "rd", "th"]);
        }
        Some(day)
    }

    fn month_or_year(&mut self) -> Option<Period> {
        let quarter = [("q1", 1), ("q2", 4), ("q3", 7), ("q4", 10)];
        if let Some(month) = self.first(&quarter) {
            self.take(&["of"]);
            let year = self.year();
            let today = self.today();
            let last = if month > today.month() { today.year() - 1 } else { today.year() };
            let period = Period::months(year.unwrap_or(last), month, 3)?;
            return Some(Period { lacks_year: year.is_none(), ..period });
        }
        if let Some(month) = self.first(&MONTHS) {
            self.any(&["of", "in", ","]);
            if let Some(year) = self.year() {
                return Period::months(year, month, 1);
            }
            if matches!(self.word_before(), "of" | "in" | ",") {
                self.go(self.at() - 1);
            }
            return self.month_before(month);
        }
        self.any(&["the year", "year"]);
        self.year().and_then(|year| Period::months(year, 1, 12))
    }

    /// Four digits.
    fn year(&mut self) -> Option<i16> {
        let is_year = self.kind(0) == Some(Kind::Number) && self.word(0).len() == 4;
        let year = self.word(0).parse().ok().filter(|year| is_year && (1900..2100).contains(year))?;
        self.skip();
        Some(year)
    }
}

/// Weeks begin on Monday.
fn calendar(today: Date, unit: Unit, steps: i8) -> Option<Period> {
    match unit {
        Unit::Week => {
            let back = i64::from(today.weekday().to_monday_zero_offset());
            let from =
                today.checked_sub(back.days()).ok()?.checked_add((i64::from(steps) * 7).days()).ok()?;
            Some(Period::new(from, from.checked_add(6.days()).ok()?))
        }
        Unit::Months(months) => {
            let month = (today.month() - 1) / months * months + 1;
            let from =
                date(today.year(), month, 1).checked_add((i32::from(steps) * i32::from(months)).months());
            let from = from.ok()?;
            Period::months(from.year(), from.month(), months)
        }
    }
}

//! Which days are asked about: the last so many, or from one day to another, as the shop counts its days.

use domain::{
    Timestamp, Zone,
    days::{self, number_of},
    fields,
};
use flows::FlowError;
use insight::ShopDays;
use jiff::civil::Date;

use crate::{customers::filter::told, error::Problem, input::Faults};

/// Ten years: with the time before, figures look back over twenty.
pub(crate) const DAYS_MAX: u32 = 3_660;
/// What is shown unless something is asked.
pub(crate) const DAYS: u32 = 30;

/// As a query tells it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RangeTold<'a> {
    /// `30d`, `1y`.
    pub(crate) timeframe: Option<&'a String>,
    pub(crate) since: Option<&'a String>,
    pub(crate) until: Option<&'a String>,
}

/// Whole days of the shop, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) from: i32,
    /// The day after the last.
    pub(crate) until: i32,
}

impl RangeTold<'_> {
    pub(crate) fn is_told(&self) -> bool {
        [self.timeframe, self.since, self.until].into_iter().any(|asked| told(asked).is_some())
    }

    /// The days that are meant where it is `today`; the last 30 unless something is told.
    pub(crate) fn understood(self, today: i32) -> Result<Range, Problem> {
        let mut faults = Faults::default();
        let day = |at: &str| fields::day(at).map(number_of);
        let since = faults.maybe("?since", told(self.since), day);
        let until = faults.maybe("?until", told(self.until), day);
        let days = faults.maybe("?timeframe", told(self.timeframe), days_of);
        let is_between = told(self.since).is_some() || told(self.until).is_some();
        if is_between && told(self.timeframe).is_some() {
            faults.add("?timeframe", "invalid", "goes not together with a first or a last day");
        }
        let last = until.unwrap_or(today);
        let from = match since {
            Some(since) => since,
            None => last.saturating_sub_unsigned(days.unwrap_or(DAYS) - 1),
        };
        let range = Range { from, until: last.saturating_add(1) };
        if faults.is_empty() && range.from >= range.until {
            faults.add("?until", "out_of_range", "must be the first day or a later one");
        } else if faults.is_empty() && range.days() > DAYS_MAX {
            faults.add("?since", "out_of_range", format!("at most {DAYS_MAX} days can be asked about"));
        }
        faults.none(Some(range))
    }
}

impl Range {
    /// The last so many days, of which today is one.
    pub(crate) fn of_last(days: u32, today: i32) -> Self {
        Self { from: today.saturating_add(1).saturating_sub_unsigned(days), until: today.saturating_add(1) }
    }

    pub(crate) fn days(self) -> u32 {
        self.until.abs_diff(self.from)
    }

    /// With as many days before.
    pub(crate) fn with_before(self) -> Self {
        Self { from: self.from.saturating_sub_unsigned(self.days()), until: self.until }
    }

    pub(crate) fn has(self, day: i32) -> bool {
        (self.from..self.until).contains(&day)
    }

    pub(crate) fn first(self) -> Date {
        date_of(self.from)
    }

    pub(crate) fn last(self) -> Date {
        date_of(self.until - 1)
    }

    /// The calendar of these days.
    pub(crate) fn calendar(self, zone: &Zone) -> Result<ShopDays, FlowError> {
        ShopDays::new(zone.time_zone(), self.from, self.until)
            .ok_or_else(|| FlowError::invalid("?since", "out_of_range", "lies beyond the calendar"))
    }
}

/// Which day of the shop it is.
pub(crate) fn today(zone: &Zone, now: Timestamp) -> i32 {
    number_of(zone.day_of(now))
}

/// Beyond the calendar: the end of it.
pub(crate) fn date_of(day: i32) -> Date {
    days::date_of(day).unwrap_or(if day < 0 { Date::MIN } else { Date::MAX })
}

/// The second that a day begins with.
pub(crate) fn second_of(zone: &Zone, day: i32) -> i64 {
    zone.first_second(date_of(day))
}

fn days_of(told: &str) -> Result<u32, String> {
    let wrong = || format!("7d, 30d, 90d, 1y or another number of days up to {DAYS_MAX}d is expected");
    let told = told.to_ascii_lowercase();
    let (number, days) = match told.strip_suffix('y') {
        Some(years) => (years, 365),
        None => (told.strip_suffix('d').unwrap_or(&told), 1),
    };
    let days = number.parse::<u32>().ok().and_then(|number| number.checked_mul(days));
    days.filter(|days| (1..=DAYS_MAX).contains(days)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(timeframe: &str, since: &str, until: &str) -> Result<(String, String), Vec<String>> {
        let [timeframe, since, until] = [timeframe, since, until].map(str::to_owned);
        let told = RangeTold { timeframe: Some(&timeframe), since: Some(&since), until: Some(&until) };
        let today = number_of("2026-11-22".parse().unwrap());
        let range = told.understood(today);
        range
            .map(|range| (range.first().to_string(), range.last().to_string()))
            .map_err(|problem| problem.faults.into_iter().map(|fault| fault.at).collect())
    }

    #[test]
    fn days_are_told_by_their_number_or_by_their_ends() {
        let check = |timeframe, since, until, first: &str, last: &str| {
            assert_eq!(range(timeframe, since, until), Ok((first.to_owned(), last.to_owned())));
        };
        check("", "", "", "2026-10-24", "2026-11-22");
        check("1d", "", "", "2026-11-22", "2026-11-22");
        check("7d", "", "", "2026-11-16", "2026-11-22");
        check("90", "", "", "2026-08-25", "2026-11-22");
        check("1y", "", "", "2025-11-23", "2026-11-22");
        check("", "2026-02-28", "2026-03-01", "2026-02-28", "2026-03-01");
        check("", "2026-11-22", "", "2026-11-22", "2026-11-22");
        check("", "", "2026-01-30", "2026-01-01", "2026-01-30");
    }

    #[test]
    fn what_is_no_stretch_of_days_is_refused_with_its_place() {
        for (timeframe, since, until, at) in [
            ("0d", "", "", "?timeframe"),
            ("3661d", "", "", "?timeframe"),
            ("11y", "", "", "?timeframe"),
            ("-7d", "", "", "?timeframe"),
            ("week", "", "", "?timeframe"),
            ("7d", "2026-01-01", "", "?timeframe"),
            ("", "2026-13-01", "", "?since"),
            ("", "2010-01-01", "", "?since"),
            ("", "2026-11-23", "", "?until"),
            ("", "2026-03-02", "2026-03-01", "?until"),
            ("", "", "tomorrow", "?until"),
        ] {
            assert_eq!(
                range(timeframe, since, until),
                Err(vec![at.to_owned()]),
                "{timeframe} {since} {until}"
            );
        }
    }

    #[test]
    fn today_is_the_shops() {
        let now: Timestamp = "2026-11-22T23:30:00Z".parse().unwrap();
        let today = |zone: &str| date_of(today(&zone.parse().unwrap(), now)).to_string();
        assert_eq!(
            ["UTC", "Europe/Berlin", "America/New_York"].map(today),
            ["2026-11-22", "2026-11-23", "2026-11-22"]
        );
    }
}

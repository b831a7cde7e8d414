//! When people buy: the years of the shop, its months and weekdays, and the hours of its day.

use domain::Timestamp;
use jiff::{ToSpan, civil::Date, tz::TimeZone};

use super::dice::Dice;

/// The shop opened so many days ago.
pub(super) const DAYS: u32 = 3 * 365 + 1;
/// In a year the shop wins so many times as many new customers: e to the power of this.
const GROWTH_A_YEAR: f64 = 0.45;

/// From January on: what the average is, is 1.
const MONTHS: [f64; 12] = [0.88, 0.80, 0.88, 0.86, 0.84, 0.78, 0.74, 0.78, 0.92, 1.06, 1.62, 1.84];
/// From Monday on.
const WEEKDAYS: [f64; 7] = [1.08, 1.0, 0.96, 1.0, 0.88, 0.90, 1.18];
/// More than any month's and weekday's.
const MOST: f64 = 2.3;
/// From midnight on.
const HOURS: [f64; 24] = [
    0.5, 0.2, 0.1, 0.1, 0.1, 0.2, 0.6, 1.2, 1.8, 2.3, 2.6, 2.6, 2.8, 2.5, 2.3, 2.4, 2.6, 2.9, 3.2, 3.8, 4.4,
    4.2, 2.9, 1.3,
];

#[derive(Debug, Clone)]
pub(super) struct Calendar {
    opened: Date,
    zone: TimeZone,
    now: Timestamp,
    /// For each day, how likely somebody who could buy does.
    taken: Vec<f64>,
}

impl Calendar {
    pub(super) fn new(zone: TimeZone, now: Timestamp) -> Self {
        let today = now.to_zoned(zone.clone()).date();
        let opened = today.saturating_sub(i64::from(DAYS).days());
        // One more than there are: who buys every day still asks for tomorrow.
        let taken = (0..=i64::from(DAYS) + 1).map(|day| taken(opened.saturating_add(day.days()))).collect();
        Self { opened, zone, now, taken }
    }

    pub(super) fn opened_at(&self) -> Timestamp {
        self.at(self.opened, 8, 0, 0)
    }

    /// A day since the shop opened on which somebody comes for the first time.
    pub(super) fn first_day(&self, dice: &mut Dice) -> f64 {
        let years = f64::from(DAYS) / 365.0;
        loop {
            // The more customers a shop has, the more it wins: the inverse of exponential growth.
            let grown = 1.0 + dice.unit() * ((GROWTH_A_YEAR * years).exp() - 1.0);
            let day = grown.ln() / GROWTH_A_YEAR * 365.0;
            if self.is_taken(dice, day) {
                return day;
            }
        }
    }

    /// Whether somebody who could buy on that day does, as far as month and weekday have a say.
    pub(super) fn is_taken(&self, dice: &mut Dice, day: f64) -> bool {
        let last = self.taken.len() - 1;
        dice.chance(self.taken[usize::try_from(whole(day)).map_or(last, |day| day.min(last))])
    }

    /// How many more are asked than come.
    pub(super) fn asked() -> f64 {
        MOST
    }

    /// Some moment of that day. `None`: it is yet to come.
    pub(super) fn moment(&self, dice: &mut Dice, day: f64) -> Option<Timestamp> {
        let hour = i8::try_from(dice.weighted(HOURS.iter().copied())).unwrap_or_default();
        let sixty = |dice: &mut Dice| i8::try_from(dice.below(60)).unwrap_or_default();
        let at = self.at(self.date(day), hour, sixty(dice), sixty(dice));
        (at < self.now).then_some(at)
    }

    pub(super) fn month(&self, at: Timestamp) -> i8 {
        at.to_zoned(self.zone.clone()).month()
    }

    fn date(&self, day: f64) -> Date {
        self.opened.saturating_add(whole(day).days())
    }

    fn at(&self, date: Date, hour: i8, minute: i8, second: i8) -> Timestamp {
        let moment = date.at(hour, minute, second, 0).to_zoned(self.zone.clone());
        moment.map_or(self.now, |moment| moment.timestamp())
    }
}

fn taken(date: Date) -> f64 {
    let month = MONTHS[usize::try_from(date.month() - 1).unwrap_or_default() % 12];
    let weekday = WEEKDAYS[usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default() % 7];
    month * weekday / MOST
}

#[expect(clippy::cast_possible_truncation, reason = "days of a few years")]
fn whole(day: f64) -> i64 {
    day as i64
}

//! Days of a shop, found by looking at its clock minute by minute.

use domain::Zone;
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use std::{cell::RefCell, collections::HashMap};

thread_local! {
    /// A look at a whole day's minutes is slow.
    static FIRST: RefCell<HashMap<(String, Date), Timestamp>> = RefCell::default();
}

/// The first instant at which the shop's clock shows 00:00 of that day, or anything behind it.
pub(crate) fn first(zone: &Zone, day: Date) -> Timestamp {
    let key = (zone.to_string(), day);
    if let Some(first) = FIRST.with_borrow(|known| known.get(&key).copied()) {
        return first;
    }
    let midnight = day.to_datetime(Time::midnight());
    let mut at = midnight.to_zoned(TimeZone::UTC).expect("within the calendar").timestamp();
    at -= SignedDuration::from_hours(26);
    while at.to_zoned(zone.time_zone().clone()).datetime() < midnight {
        at += SignedDuration::from_mins(1);
    }
    FIRST.with_borrow_mut(|known| known.insert(key, at));
    at
}

/// The day that has begun and of which the next has not.
pub(crate) fn day(zone: &Zone, at: Timestamp) -> Date {
    let mut day = at.to_zoned(zone.time_zone().clone()).date().tomorrow().expect("within the calendar");
    while first(zone, day) > at {
        day = day.yesterday().expect("within the calendar");
    }
    day
}

/// So many months later, or at the last day of that month.
pub(crate) fn months_later(day: Date, months: i32) -> Date {
    let count = i32::from(day.year()) * 12 + i32::from(day.month()) - 1 + months;
    let year = i16::try_from(count.div_euclid(12)).expect("within the calendar");
    let month = i8::try_from(count.rem_euclid(12) + 1).expect("of twelve");
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    Date::new(year, month, day.day().min(last)).expect("within the calendar")
}

pub(crate) fn days_later(day: Date, days: i32) -> Date {
    (0..days.abs()).fold(day, |day, _| {
        if days < 0 { day.yesterday() } else { day.tomorrow() }.expect("within the calendar")
    })
}

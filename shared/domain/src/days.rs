//! Days as columns and figures count them: 1970-01-01 is 0.

use jiff::{Span, civil::Date};

pub const EPOCH: Date = Date::constant(1970, 1, 1);

pub fn number_of(day: Date) -> i32 {
    EPOCH.until(day).map_or(0, |span| span.get_days())
}

/// `None`: beyond the calendar.
pub fn date_of(number: i32) -> Option<Date> {
    EPOCH.checked_add(Span::new().try_days(number).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        for (on, expected) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2026-03-09", 20_521),
            ("-009999-01-01", -4_371_587),
            ("9999-12-31", 2_932_896),
        ] {
            let on: Date = on.parse().unwrap();
            assert_eq!((number_of(on), date_of(expected)), (expected, Some(on)));
        }
        assert_eq!([i32::MIN, -4_371_588, 2_932_897, i32::MAX].map(date_of), [None; 4]);
    }
}

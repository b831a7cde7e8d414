//! Months of the calendar, and the days that they begin with.

/// Counted from January 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(pub i32);

/// From 1 March of the year 0 to 1970-01-01. A year that begins in March ends with the leap day.
const DAYS_BEFORE: i32 = 719_468;
const DAYS_OF_400_YEARS: i32 = 146_097;

impl Month {
    /// The one that a day is in.
    pub fn of(day: i32) -> Self {
        let day = day + DAYS_BEFORE;
        let (era, day) = (day.div_euclid(DAYS_OF_400_YEARS), day.rem_euclid(DAYS_OF_400_YEARS));
        // A leap day is taken out every 1,460 days, put back every 36,524, and taken out at the very end.
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        // From March on, five months have 153 days.
        let month = (5 * day + 2) / 153;
        Self((era * 400 + year) * 12 + month + 2 - 1970 * 12)
    }

    pub fn first_day(self) -> i32 {
        // Since March of the year 0.
        let months = self.0 + 1970 * 12 - 2;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
        let leap = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        365 * year + leap + (153 * month + 2) / 5 - DAYS_BEFORE
    }

    pub fn year(self) -> i32 {
        1970 + self.0.div_euclid(12)
    }

    /// From 1, January, to 12.
    pub fn number(self) -> i32 {
        self.0.rem_euclid(12) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{ToSpan, civil::date};

    #[test]
    fn every_day_of_a_thousand_years_is_in_its_month() {
        let mut on = date(1600, 1, 1);
        let mut day = (on - date(1970, 1, 1)).get_days();
        while on.year() < 2_600 {
            let month = Month::of(day);
            assert_eq!((month.year(), month.number()), (on.year().into(), on.month().into()), "{on}");
            if on.day() == 1 {
                assert_eq!(month.first_day(), day, "{on}");
            }
            on = on.checked_add(1.day()).unwrap();
            day += 1;
        }
    }
}

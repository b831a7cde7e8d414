//! What came in, by days, weeks or months of the shop, and beside the time before.
//!
//! Orders count on their own day, by what they are worth by now: refunds are taken from the day of the order.

use crate::{month::Month, order::Order};

/// A fold over customers.
#[derive(Debug, Clone)]
pub struct Revenue {
    from: i32,
    until: i32,
    by: By,
    periods: Vec<Period>,
    customers: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Day,
    /// From Monday on.
    Week,
    Month,
    /// So many days, counted from the first.
    Days(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first day that was asked for.
    pub from: i32,
    /// The day after its last.
    pub until: i32,
    pub orders: u64,
    /// Those who ordered in it, each once; walk-ins are nobody.
    pub customers: u64,
    /// In minor units.
    pub revenue: i64,
    counted: u64,
}

/// A hundred years: nobody asks for more days one by one.
const DAYS_MAX: u32 = 36_600;

impl Revenue {
    /// From the first day until before the last. `None`: that is no time, or too long a time.
    pub fn new(from: i32, until: i32, by: By) -> Option<Self> {
        let is_told = from < until && until.abs_diff(from) <= DAYS_MAX && by != By::Days(0);
        if !is_told {
            return None;
        }
        let mut told = Self { from, until, by, periods: Vec::new(), customers: 0 };
        let mut begin = from;
        while begin < until {
            let end = told.end(begin).min(until);
            told.periods.push(Period {
                from: begin,
                until: end,
                orders: 0,
                customers: 0,
                revenue: 0,
                counted: 0,
            });
            begin = end;
        }
        Some(told)
    }

    /// These days and as many before them: two periods.
    pub fn with_the_time_before(from: i32, until: i32) -> Option<Self> {
        let days = from.checked_sub(until)?.checked_neg()?;
        Self::new(from.checked_sub(days)?, until, By::Days(days.unsigned_abs()))
    }

    /// All orders of one customer, in any order, also those of other days.
    pub fn add(&mut self, orders: impl IntoIterator<Item = Order>) {
        self.customers += 1;
        for order in orders {
            let customers = self.customers;
            let Some(period) = self.period(order) else { continue };
            period.customers += u64::from(period.counted != customers);
            period.counted = customers;
        }
    }

    /// Orders of nobody in particular.
    pub fn add_walk_ins(&mut self, orders: impl IntoIterator<Item = Order>) {
        for order in orders {
            self.period(order);
        }
    }

    /// Rising, without a gap.
    pub fn finish(mut self) -> Vec<Period> {
        self.periods.iter_mut().for_each(|period| period.counted = 0);
        self.periods
    }

    /// The period of an order, which it is added to.
    fn period(&mut self, order: Order) -> Option<&mut Period> {
        if !(self.from..self.until).contains(&order.day) {
            return None;
        }
        let place = match self.by {
            By::Day => order.day - self.from,
            By::Week => week(order.day) - week(self.from),
            By::Month => Month::of(order.day).0 - Month::of(self.from).0,
            By::Days(days) => (order.day - self.from) / days.cast_signed(),
        };
        let period = self.periods.get_mut(usize::try_from(place).ok()?)?;
        period.orders += 1;
        period.revenue = period.revenue.saturating_add(order.net);
        Some(period)
    }

    /// The day after the period that begins with a day, or that it is in.
    fn end(&self, day: i32) -> i32 {
        match self.by {
            By::Day => day + 1,
            By::Week => (week(day) + 1) * 7 - MONDAY,
            By::Month => Month(Month::of(day).0 + 1).first_day(),
            By::Days(days) => day.saturating_add_unsigned(days),
        }
    }
}

/// 1970-01-01 was a Thursday, three days after a Monday.
const MONDAY: i32 = 3;

fn week(day: i32) -> i32 {
    (day + MONDAY).div_euclid(7)
}

/// What a number has grown by: 0.5 if it is half as much again. `None`: from nothing, or from less, nothing grows.
pub fn growth(before: i64, now: i64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    (before > 0).then(|| (now as f64 - before as f64) / before as f64)
}

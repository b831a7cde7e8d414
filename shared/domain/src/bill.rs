//! What the amounts of an order add up to, and what becomes of its payment by a word.
//!
//! What is told twice changes nothing the second time.

use jiff::{SignedDuration, Timestamp};

use crate::{
    Currency, Minor, Order,
    order::{OrderLine, OrderStatus},
};

pub const LINES_MAX: usize = 500;
pub const QUANTITY_MAX: u32 = 1_000_000;
pub const ORDER_NAME_CHARS_MAX: usize = 64;
pub const TITLE_CHARS_MAX: usize = 255;
pub const PRODUCT_CHARS_MAX: usize = 64;
/// What may be told of one order in all.
pub const ORDER_BYTES_MAX: usize = 100 * 1024;
/// Clocks of tills are not exact, and some are set to another zone.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// What somebody is asked to pay, and for what.
#[derive(Debug, Clone, Default)]
pub struct Bill<'a> {
    pub lines: &'a [OrderLine],
    pub discounts: Minor,
    pub taxes: Minor,
    pub shipping: Minor,
    /// The prices hold the taxes already.
    pub taxes_included: bool,
    /// Computed unless told.
    pub total: Option<Minor>,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    pub status: OrderStatus,
    pub cancelled_at: Option<Timestamp>,
    pub refunded: Minor,
}

/// A word for where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusWord {
    Is(OrderStatus),
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaymentTold {
    pub status: Option<StatusWord>,
    pub cancelled: Option<bool>,
    pub refunded: Option<Minor>,
}

/// Why an order cannot be so. The end of a sentence that begins with the member's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadOrder {
    #[error("must be told where there are no lines")]
    NoTotal,
    #[error("is {told}, but lines, discounts, taxes and shipping add up to {sum}")]
    Sum { told: String, sum: String },
    #[error("is less than nothing")]
    Negative,
    #[error("is too large an amount")]
    TooLarge,
    #[error("may hold at most {LINES_MAX}")]
    Lines,
    #[error("must be a whole number from 1 to {QUANTITY_MAX}")]
    Quantity,
    #[error(
        "is not one of pending, authorized, partially_paid, paid, partially_refunded, refunded, voided, cancelled, \
         processing, completed"
    )]
    Status,
    #[error("must be from nothing to the order's total")]
    Refunded,
    #[error("must be nothing as long as nothing is paid")]
    Unpaid,
    #[error("must be the whole total of an order that is refunded")]
    NotWhole,
    #[error("must be more than nothing and less than the total of an order that is refunded in part")]
    NotPart,
    #[error("lies more than a day in the future")]
    Future,
}

impl Bill<'_> {
    /// What is to be paid.
    pub fn total(&self, currency: Currency) -> Result<Minor, BadOrder> {
        for part in [self.discounts, self.taxes, self.shipping].into_iter().chain(self.total) {
            not_negative(part)?;
        }
        if self.lines.is_empty() {
            return self.total.ok_or(BadOrder::NoTotal);
        }
        let taxes = if self.taxes_included { 0 } else { self.taxes.get().into() };
        let sum =
            of_lines(self.lines) - i128::from(self.discounts.get()) + taxes + i128::from(self.shipping.get());
        let sum = i64::try_from(sum).ok().and_then(|sum| Minor::new(sum).ok()).ok_or(BadOrder::TooLarge)?;
        match self.total {
            Some(told) if told != sum => {
                Err(BadOrder::Sum { told: told.show(currency), sum: sum.show(currency) })
            }
            _ => not_negative(sum),
        }
    }
}

fn of_lines(lines: &[OrderLine]) -> i128 {
    lines.iter().map(|line| i128::from(line.price.get()) * i128::from(line.quantity)).sum()
}

pub fn not_negative(amount: Minor) -> Result<Minor, BadOrder> {
    if amount < Minor::ZERO { Err(BadOrder::Negative) } else { Ok(amount) }
}

impl StatusWord {
    /// In our words, or in those of the systems that merchants come from.
    pub fn parse(text: &str) -> Result<Self, BadOrder> {
        let word = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        Ok(Self::Is(match word.as_str() {
            "pending" | "processing" => OrderStatus::Pending,
            "authorized" => OrderStatus::Authorized,
            "partially_paid" => OrderStatus::PartiallyPaid,
            "paid" | "completed" => OrderStatus::Paid,
            "partially_refunded" => OrderStatus::PartiallyRefunded,
            "refunded" => OrderStatus::Refunded,
            "voided" => OrderStatus::Voided,
            "cancelled" | "canceled" => return Ok(Self::Cancelled),
            _ => return Err(BadOrder::Status),
        }))
    }
}

impl Payment {
    /// Of an order of which nobody says how it stands: it was sold.
    pub const SOLD: Self = Self { status: OrderStatus::Paid, cancelled_at: None, refunded: Minor::ZERO };

    /// A new order's.
    pub fn first(told: &PaymentTold, total: Minor, now: Timestamp) -> Result<Self, BadOrder> {
        let is_cancelled = told.status == Some(StatusWord::Cancelled);
        let status = if is_cancelled { OrderStatus::Pending } else { OrderStatus::Paid };
        Self { status, ..Self::SOLD }.after(told, total, now)
    }

    /// A word of payment takes a cancellation back; a word of money that goes back leaves it.
    pub fn after(self, told: &PaymentTold, total: Minor, now: Timestamp) -> Result<Self, BadOrder> {
        use OrderStatus::{Authorized, Paid, PartiallyPaid, PartiallyRefunded, Pending, Refunded, Voided};
        let mut next = self;
        match told.status {
            Some(StatusWord::Cancelled) => next.cancelled_at = Some(self.cancelled_at.unwrap_or(now)),
            Some(StatusWord::Is(status)) => {
                next.status = status;
                if !matches!(status, PartiallyRefunded | Refunded | Voided) {
                    next.cancelled_at = None;
                }
            }
            None => {}
        }
        if let Some(cancelled) = told.cancelled {
            next.cancelled_at = cancelled.then(|| self.cancelled_at.unwrap_or(now));
        }
        next.refunded = match (told.refunded, told.status) {
            (Some(refunded), _) => refunded,
            (None, Some(StatusWord::Is(Refunded))) => total,
            (None, Some(StatusWord::Is(PartiallyRefunded))) => self.refunded,
            (None, Some(StatusWord::Is(_))) => Minor::ZERO,
            (None, _) if self.status == Refunded => total,
            (None, _) => self.refunded,
        };
        if !(Minor::ZERO..=total).contains(&next.refunded) {
            return Err(BadOrder::Refunded);
        }
        let (none, whole) = (next.refunded == Minor::ZERO, next.refunded == total);
        next.status = match next.status {
            Pending | Authorized | Voided if !none => return Err(BadOrder::Unpaid),
            Refunded if told.status == Some(StatusWord::Is(Refunded)) && !whole => {
                return Err(BadOrder::NotWhole);
            }
            PartiallyRefunded
                if told.status == Some(StatusWord::Is(PartiallyRefunded)) && (none || whole) =>
            {
                return Err(BadOrder::NotPart);
            }
            Refunded if whole => Refunded,
            Paid | PartiallyRefunded | Refunded if none => Paid,
            Paid | PartiallyRefunded | Refunded if whole => Refunded,
            Paid | PartiallyRefunded | Refunded => PartiallyRefunded,
            stays @ (Pending | Authorized | Voided | PartiallyPaid) => stays,
        };
        Ok(next)
    }
}

/// To the second: that is what the audience knows of an order.
pub fn placed(at: Timestamp, now: Timestamp) -> Result<Timestamp, BadOrder> {
    if at.duration_since(now) > AHEAD {
        return Err(BadOrder::Future);
    }
    Ok(Timestamp::from_second(at.as_second()).unwrap_or(at))
}

impl Order {
    pub fn payment(&self) -> Payment {
        Payment { status: self.status, cancelled_at: self.cancelled_at, refunded: self.refunded }
    }

    /// Of its lines; `None` where they are not told.
    pub fn subtotal(&self) -> Option<Minor> {
        let sum = (!self.lines.is_empty()).then(|| of_lines(&self.lines))?;
        i64::try_from(sum).ok().and_then(|sum| Minor::new(sum).ok())
    }

    /// Whether its prices hold its taxes: else they would not add up.
    pub fn taxes_included(&self) -> bool {
        let without =
            of_lines(&self.lines) - i128::from(self.discounts.get()) + i128::from(self.shipping.get());
        self.taxes != Minor::ZERO && !self.lines.is_empty() && without == self.total.get().into()
    }

    /// About what all that is told of it takes when it is kept.
    pub fn bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, |text| text.len() + 8);
        let line = |line: &OrderLine| line.title.len() + text(&line.product) + text(&line.variant) + 32;
        self.lines.iter().map(line).sum::<usize>() + text(&self.name) + text(&self.note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minor(minor: i64) -> Minor {
        Minor::new(minor).unwrap()
    }

    fn line(quantity: u32, price: i64) -> OrderLine {
        OrderLine { product: None, variant: None, title: "a".into(), quantity, price: minor(price) }
    }

    #[test]
    fn amounts_add_up_or_are_refused() {
        let lines = [line(2, 1_000), line(1, 500)];
        let bill = Bill {
            lines: &lines,
            discounts: minor(300),
            taxes: minor(220),
            shipping: minor(400),
            taxes_included: false,
            total: None,
        };
        let check = |bill: &Bill<'_>, expected: Result<i64, &str>| {
            let total = bill.total(Currency::USD);
            assert_eq!(
                total.as_ref().map(|total| total.get()).map_err(ToString::to_string),
                expected.map_err(str::to_owned)
            );
        };
        check(&bill, Ok(2_820));
        check(&Bill { taxes_included: true, ..bill.clone() }, Ok(2_600));
        check(&Bill { total: Some(minor(2_820)), ..bill.clone() }, Ok(2_820));
        let wrong = "is 28.21, but lines, discounts, taxes and shipping add up to 28.20";
        check(&Bill { total: Some(minor(2_821)), ..bill.clone() }, Err(wrong));
        check(&Bill { discounts: minor(3_121), ..bill.clone() }, Err("is less than nothing"));
        check(&Bill { discounts: minor(-1), ..bill.clone() }, Err("is less than nothing"));
        check(&Bill { lines: &[], total: Some(minor(5)), ..bill.clone() }, Ok(5));
        check(&Bill { lines: &[], ..bill.clone() }, Err("must be told where there are no lines"));
        let dear = [line(QUANTITY_MAX, crate::money::MINOR_MAX), line(QUANTITY_MAX, crate::money::MINOR_MAX)];
        check(&Bill { lines: &dear, ..bill }, Err("is too large an amount"));
    }

    /// Status, cancelled, refunded.
    type To = Result<(OrderStatus, bool, i64), BadOrder>;

    #[test]
    fn a_word_moves_an_order_and_moves_it_once() {
        use OrderStatus::{Paid, PartiallyRefunded, Pending, Refunded, Voided};
        let now = Timestamp::from_second(9).unwrap();
        let total = minor(100);
        let told = |word: &str, refunded: Option<i64>| PaymentTold {
            status: (!word.is_empty()).then(|| StatusWord::parse(word).unwrap()),
            cancelled: None,
            refunded: refunded.map(minor),
        };
        // From where, what is told, and where it leads.
        let check = |from: (OrderStatus, bool, i64), word: &str, refunded: Option<i64>, to: To| {
            let held = Payment {
                status: from.0,
                cancelled_at: from.1.then_some(Timestamp::UNIX_EPOCH),
                refunded: minor(from.2),
            };
            let told = told(word, refunded);
            let after = held.after(&told, total, now);
            let seen = after.clone().map(|it| (it.status, it.cancelled_at.is_some(), it.refunded.get()));
            assert_eq!(seen, to, "{from:?} {word} {refunded:?}");
            if let Ok(after) = after {
                let later = Timestamp::from_second(99).unwrap();
                assert_eq!(
                    after.after(&told, total, later),
                    Ok(after),
                    "again: {from:?} {word} {refunded:?}"
                );
            }
        };
        check((Pending, false, 0), "COMPLETED", None, Ok((Paid, false, 0)));
        check((Pending, true, 0), "COMPLETED", None, Ok((Paid, false, 0)));
        check((Paid, false, 0), "Cancelled", None, Ok((Paid, true, 0)));
        check((Paid, false, 0), "canceled", None, Ok((Paid, true, 0)));
        check((Paid, false, 0), "REFUNDED", None, Ok((Refunded, false, 100)));
        check((Paid, true, 0), "refunded", None, Ok((Refunded, true, 100)));
        check((Refunded, false, 100), "completed", None, Ok((Paid, false, 0)));
        check((Paid, false, 0), "", Some(30), Ok((PartiallyRefunded, false, 30)));
        check((Paid, false, 0), "paid", Some(30), Ok((PartiallyRefunded, false, 30)));
        check((PartiallyRefunded, false, 30), "", Some(100), Ok((Refunded, false, 100)));
        check((PartiallyRefunded, false, 30), "", Some(0), Ok((Paid, false, 0)));
        check((PartiallyRefunded, false, 30), "partially refunded", None, Ok((PartiallyRefunded, false, 30)));
        check((Paid, false, 0), "partially-refunded", None, Err(BadOrder::NotPart));
        check((Paid, false, 0), "refunded", Some(99), Err(BadOrder::NotWhole));
        check((Paid, false, 0), "", Some(101), Err(BadOrder::Refunded));
        check((Paid, false, 0), "", Some(-1), Err(BadOrder::Refunded));
        check((Pending, false, 0), "", Some(1), Err(BadOrder::Unpaid));
        check((Paid, false, 0), "voided", None, Ok((Voided, false, 0)));
        check((Paid, false, 0), "processing", None, Ok((Pending, false, 0)));
        assert_eq!(StatusWord::parse("shipped"), Err(BadOrder::Status));
        let new = |word, refunded| {
            Payment::first(&told(word, refunded), total, now).map(|it| (it.status, it.refunded.get()))
        };
        assert_eq!(new("", None), Ok((Paid, 0)));
        assert_eq!(new("cancelled", None), Ok((Pending, 0)));
        assert_eq!(new("refunded", None), Ok((Refunded, 100)));
    }

    #[test]
    fn an_order_of_tomorrow_is_taken_and_a_later_one_is_not() {
        let now: Timestamp = "2026-03-01T10:00:00.7Z".parse().unwrap();
        let at = |text: &str| placed(text.parse().unwrap(), now).map(|at| at.to_string());
        assert_eq!(at("2026-03-01T09:59:59.999Z").as_deref(), Ok("2026-03-01T09:59:59Z"));
        assert!(at("2026-03-02T10:00:00Z").is_ok());
        assert_eq!(at("2026-03-02T10:00:01Z"), Err(BadOrder::Future));
    }
}

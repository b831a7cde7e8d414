//! What somebody bought: lines of the shop's products as the season and their taste have it, discounts, taxes,
//! shipping, and what went back.

use domain::{
    Currency, CustomerId, Minor, Order, OrderId, Timestamp,
    bill::{Bill, Payment, PaymentTold, StatusWord},
    order::{OrderLine, OrderStatus},
};
use jiff::SignedDuration;

use super::{
    buyer::Buyer,
    calendar::Calendar,
    catalog::{Good, KINDS},
    dice::{Dice, Throw},
    habits::Habits,
};

/// Somebody comes for what they like so many times as often as for another thing.
const TASTE: f64 = 4.0;
const LINES_MAX: u32 = 6;
/// From here on, in cents, shipping is free.
const FREE_FROM: i64 = 6_000;
const BLACK_WEEK: i8 = 11;
/// An order that is not paid by then is cancelled.
const UNPAID_DAYS: i64 = 5;

/// What all orders have in common.
pub(super) struct Counter<'a> {
    pub(super) seed: u64,
    pub(super) goods: &'a [Good],
    pub(super) calendar: &'a Calendar,
    pub(super) currency: Currency,
    pub(super) now: Timestamp,
}

impl Counter<'_> {
    /// All that they bought, oldest first. `called`: what the shop calls each.
    pub(super) fn orders(
        &self,
        number: u32,
        buyer: &Buyer,
        habits: &Habits,
        called: impl Fn(u32) -> u32,
    ) -> Vec<Order> {
        let mut dice = Dice::new(self.seed, Throw::Sale, number.into());
        let orders = (1..).zip(&habits.orders).map(|(which, placed_at)| {
            let order = self.order(&mut dice, buyer, habits.level, *placed_at, which == 1);
            Order {
                customer: buyer.customer.id,
                number: which,
                name: Some(format!("#{}", called(which))),
                ..order
            }
        });
        orders.collect()
    }

    fn order(
        &self,
        dice: &mut Dice,
        buyer: &Buyer,
        level: f64,
        placed_at: Timestamp,
        is_first: bool,
    ) -> Order {
        let month = self.calendar.month(placed_at);
        let lines = self.lines(dice, buyer, level, month);
        let sum: i64 = lines.iter().map(|line| line.price.get() * i64::from(line.quantity)).sum();
        let discounts = discount(dice, sum, month, is_first);
        let shipping = if sum - discounts >= FREE_FROM { 0 } else { buyer.country.shipping };
        let paid = sum - discounts + shipping;
        let tax = buyer.country.tax;
        let minor = |cents: i64| Minor::new(cents).unwrap_or_default();
        let (discounts, shipping, taxes) =
            (minor(discounts), minor(shipping), minor(paid * tax / (100 + tax)));
        let bill = Bill { lines: &lines, discounts, taxes, shipping, taxes_included: true, total: None };
        let total = bill.total(self.currency).unwrap_or_default();
        let id = OrderId::new(placed_at, dice.ten());
        let (payment, updated_at) = self.payment(dice, total, placed_at);
        Order {
            id,
            customer: CustomerId::walk_in(id),
            number: 0,
            name: None,
            status: payment.status,
            cancelled_at: payment.cancelled_at,
            is_test: false,
            app: None,
            location: None,
            lines,
            discounts,
            taxes,
            shipping,
            total,
            refunded: payment.refunded,
            note: dice.chance(0.02).then(|| "Please wrap it as a gift.".to_owned()),
            placed_at,
            updated_at,
        }
    }

    fn lines(&self, dice: &mut Dice, buyer: &Buyer, level: f64, month: i8) -> Vec<OrderLine> {
        let favourite = KINDS[buyer.favourite].0;
        let wanted = |good: &Good| {
            let is_liked = good.product.kind.as_deref() == Some(favourite);
            good.wanted_in(month) * if is_liked { TASTE } else { 1.0 }
        };
        let count = (1 + dice.poisson(0.9 * level)).min(LINES_MAX);
        let mut lines: Vec<OrderLine> = Vec::new();
        for _ in 0..count {
            let product = &self.goods[dice.weighted(self.goods.iter().map(wanted))].product;
            // Who spends more takes the larger one.
            let most = product.variants.len();
            let size = dice.weighted((0..most).map(|place| {
                level.powi(i32::try_from(place).unwrap_or(0)) / [1.0, 2.5, 6.0, 8.0][place.min(3)]
            }));
            let variant = &product.variants[size];
            let quantity = 1 + dice.poisson(0.25 * level).min(5);
            let (product_id, variant_id) = (product.id.to_string(), variant.id.to_string());
            match lines.iter_mut().find(|line| line.variant.as_ref() == Some(&variant_id)) {
                Some(line) => line.quantity += quantity,
                None => lines.push(OrderLine {
                    product: Some(product_id),
                    variant: Some(variant_id),
                    title: format!("{} – {}", product.title, variant.title),
                    quantity,
                    price: variant.price,
                }),
            }
        }
        lines
    }

    fn payment(&self, dice: &mut Dice, total: Minor, placed_at: Timestamp) -> (Payment, Timestamp) {
        let (roll, days) = (dice.unit(), 1 + i64::try_from(dice.below(14)).unwrap_or_default());
        let part = total.get() * (20 + i64::try_from(dice.below(50)).unwrap_or_default()) / 100;
        let later = placed_at + SignedDuration::from_hours(24 * days);
        let is_later = later < self.now;
        let is_new = self.now.duration_since(placed_at) < SignedDuration::from_hours(24 * UNPAID_DAYS);
        let is = |status| Some(StatusWord::Is(status));
        let none = PaymentTold::default();
        let told = match roll {
            roll if roll < 0.025 && is_later && part > 0 => {
                PaymentTold { refunded: Minor::new(part).ok(), ..none }
            }
            roll if roll < 0.045 && is_later => PaymentTold { status: is(OrderStatus::Refunded), ..none },
            roll if roll < 0.060 && is_later => PaymentTold { status: Some(StatusWord::Cancelled), ..none },
            roll if roll < 0.20 && is_new => PaymentTold { status: is(OrderStatus::Pending), ..none },
            _ => none,
        };
        let changed_at = if told == none { placed_at } else { later.min(self.now) };
        let payment = Payment::first(&told, total, changed_at).unwrap_or(Payment::SOLD);
        (payment, changed_at)
    }
}

/// In cents. For the first time, in the week of November, or now and then.
fn discount(dice: &mut Dice, sum: i64, month: i8, is_first: bool) -> i64 {
    let roll = dice.unit();
    let percent = match month {
        BLACK_WEEK if roll < 0.45 => 20,
        _ if is_first && roll < 0.30 => 10,
        _ if roll > 0.93 => 15,
        _ => 0,
    };
    sum * percent / 100
}

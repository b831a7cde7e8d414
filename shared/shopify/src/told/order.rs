//! An order as Shopify has it.
//!
//! Its total is what the customer is asked to pay by now: edits move it, refunds do not. Shopify tells the total before
//! edits and returns (T), what the order is worth now (C) and what was paid back (R); ours is C + R. But of money that was
//! given back for nothing in particular C may know nothing, so that an order to which nothing was added is never more than
//! T. That something was added is seen by C, or by the lines, being worth more than T. Of a cancelled order, which is worth
//! nothing by now, it is T.

use std::cmp::Ordering;

use domain::{
    Beside, CustomerId, EmailAddress, Minor, Order, OrderId, Phone, Timestamp,
    bill::{ORDER_BYTES_MAX, ORDER_NAME_CHARS_MAX},
    fields,
    order::OrderStatus,
};

use super::{
    Amount, CustomerTold, Id, PassedOver, Reader, Reading, Told, Unkept,
    lines::{self, LineSaid},
};

/// What is told of an order. `beside` makes an order of ours what was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderTold {
    /// Of nobody yet: `customer` and `number` are found when it is kept. Its note is in `note`.
    pub order: Order,
    pub note: Told<String>,
    pub buyer: Buyer,
    /// What the order says of its customer, who may not be known here yet.
    pub customer: Option<Box<CustomerTold>>,
    /// The checkout that it came of.
    pub checkout_token: Option<String>,
    /// The cart that the checkout was made of.
    pub cart_token: Option<String>,
    /// What was paid back was told in another currency than the shop's, so that only GraphQL knows it.
    pub must_be_read_again: bool,
    pub passed_over: Vec<PassedOver>,
}

/// Whose an order is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Buyer {
    Customer(CustomerId),
    Address {
        email: Option<EmailAddress>,
        phone: Option<Phone>,
    },
    /// They left no address.
    Nobody,
}

impl OrderTold {
    /// What becomes of an order that is there. Whose it is stays. `is_last`: the shop was asked for it, and says what is so
    /// in the end.
    ///
    /// A second is enough to buy, cancel and get the money back: of two words of the same one the one that knows more of
    /// what is never taken back is the newer, whoever was asked.
    pub fn beside(&self, held: &Order, is_last: bool) -> Beside<Order> {
        let known = |order: &Order| (order.updated_at, order.cancelled_at.is_some(), order.refunded);
        let mut note = held.note.clone();
        self.note.tell(&mut note);
        let told = Order { customer: held.customer, number: held.number, note, ..self.order.clone() };
        match known(&self.order).cmp(&known(held)) {
            Ordering::Less => Beside::Late,
            Ordering::Equal if !is_last => Beside::Undecided(told),
            Ordering::Equal | Ordering::Greater => Beside::Counts(told),
        }
    }

    /// To be kept as a new one.
    pub fn into_order(self) -> Order {
        Order { note: self.note.value(), ..self.order }
    }
}

/// As it stands in JSON, whichever form that has. Amounts are in the shop's currency.
#[derive(Debug, Clone)]
pub(crate) struct OrderSaid {
    pub(crate) id: Id,
    pub(crate) name: Option<String>,
    pub(crate) is_test: bool,
    pub(crate) app: Option<Id>,
    pub(crate) location: Option<Id>,
    pub(crate) status: Option<String>,
    pub(crate) cancelled_at: Option<Timestamp>,
    pub(crate) placed_at: Option<Timestamp>,
    pub(crate) updated_at: Option<Timestamp>,
    pub(crate) currency: Option<String>,
    pub(crate) total: Option<Amount>,
    pub(crate) current_total: Option<Amount>,
    pub(crate) discounts: Option<Amount>,
    pub(crate) taxes: Option<Amount>,
    pub(crate) shipping: Option<Amount>,
    pub(crate) refunded: RefundedSaid,
    pub(crate) lines: Vec<LineSaid>,
    pub(crate) note: Told<String>,
    pub(crate) buyer_id: Option<Id>,
    pub(crate) customer: Option<CustomerTold>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) checkout_token: Option<String>,
    pub(crate) cart_token: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) enum RefundedSaid {
    /// All of these.
    Amounts(Vec<Amount>),
    InAnotherCurrency,
}

impl OrderSaid {
    pub(crate) fn told(self, reading: &Reading<'_>) -> Result<OrderTold, Unkept> {
        let mut reader = Reader::new(reading);
        let it = &mut reader;
        it.is_ours("currency", self.currency.as_deref())?;
        let id = OrderId::Shopify(self.id.0);
        let placed_at = self.placed_at.ok_or_else(|| Unkept::of("placed_at", "is missing"))?;
        // To the second: that is what the audience knows of an order.
        let placed_at = Timestamp::from_second(placed_at.as_second()).unwrap_or(placed_at);
        let updated_at = self.updated_at.ok_or_else(|| Unkept::of("updated_at", "is missing"))?;
        let buyer = if let Some(id) = self.buyer_id {
            Buyer::Customer(CustomerId::Shopify(id.0))
        } else {
            let email = self.email.and_then(|email| it.email("email", &email));
            let phone = self.phone.and_then(|phone| it.phone("phone", &phone));
            let is_nobody = email.is_none() && phone.is_none();
            if is_nobody { Buyer::Nobody } else { Buyer::Address { email, phone } }
        };
        let mut price = |what, amount: &Option<Amount>| match amount {
            Some(amount) => it.price(what, amount).map(Some),
            None => Ok(None),
        };
        let before = price("total", &self.total)?;
        let discounts = price("discounts", &self.discounts)?.unwrap_or_default();
        let taxes = price("taxes", &self.taxes)?.unwrap_or_default();
        let shipping = price("shipping", &self.shipping)?.unwrap_or_default();
        // Who got back more than they paid owes nothing.
        let now = match &self.current_total {
            Some(amount) => Some(it.money("current_total", amount)?.max(Minor::ZERO)),
            None => None,
        };
        let (refunded, must_be_read_again) = match self.refunded {
            RefundedSaid::InAnotherCurrency => (Minor::ZERO, true),
            RefundedSaid::Amounts(all) => {
                let mut sum = Minor::ZERO;
                for amount in &all {
                    let more = it.price("refunded", amount)?;
                    sum = Minor::new(sum.get() + more.get()).map_err(|why| Unkept::of("refunded", why))?;
                }
                (sum, false)
            }
        };
        let (before, now) = match (before, now) {
            (Some(before), now) => (before, now.unwrap_or(before)),
            (None, Some(now)) => (now, now),
            (None, None) => return Err(Unkept::of("total", "is missing")),
        };
        let lines = lines::read(self.lines, it)?;
        let worth = lines::worth(&lines) - i128::from(discounts.get()) + i128::from(shipping.get());
        let is_more = now > before || worth > i128::from(before.get());
        let with_refunds = Minor::new(now.get() + refunded.get()).map_err(|why| Unkept::of("total", why))?;
        let total = match () {
            () if must_be_read_again => before.max(now),
            () if self.cancelled_at.is_some() => before.max(refunded),
            () if is_more => with_refunds,
            () => with_refunds.min(before),
        };
        if refunded > total {
            it.pass_over("refunded", "is more than was ever asked for: as much as the total is kept");
        }
        let money = lines::Money { discounts, taxes, shipping, total };
        let (lines, discounts) = money.itemised(lines)?;
        let order = Order {
            id,
            customer: CustomerId::walk_in(id),
            number: 0,
            name: self.name.and_then(|name| it.line("name", &name, ORDER_NAME_CHARS_MAX)),
            status: status(self.status.as_deref(), it),
            cancelled_at: self.cancelled_at,
            is_test: self.is_test,
            app: self.app.map(|app| app.0),
            location: self.location.map(|location| location.0),
            lines,
            discounts,
            taxes,
            shipping,
            total,
            refunded: refunded.min(total),
            note: None,
            placed_at,
            updated_at,
        };
        let note = self.note.kept(|note| it.text("note", &note, fields::NOTE_CHARS_MAX));
        let order = money.within(order, ORDER_BYTES_MAX - fields::NOTE_CHARS_MAX * 4, it)?;
        let [checkout_token, cart_token] =
            [self.checkout_token, self.cart_token].map(|token| super::token(token.as_deref()?));
        let customer = self.customer.map(Box::new);
        let passed_over = reader.passed_over();
        Ok(OrderTold {
            order,
            note,
            buyer,
            customer,
            checkout_token,
            cart_token,
            must_be_read_again,
            passed_over,
        })
    }
}

/// An order that says nothing of its payment, or what we do not know, is none that has been paid.
fn status(told: Option<&str>, it: &mut Reader<'_>) -> OrderStatus {
    match told.unwrap_or("pending").to_ascii_lowercase().as_str() {
        "pending" => OrderStatus::Pending,
        "authorized" => OrderStatus::Authorized,
        "partially_paid" => OrderStatus::PartiallyPaid,
        "paid" => OrderStatus::Paid,
        "partially_refunded" => OrderStatus::PartiallyRefunded,
        "refunded" => OrderStatus::Refunded,
        // What was authorized and not taken in time.
        "voided" | "expired" => OrderStatus::Voided,
        _ => {
            it.pass_over("financial_status", "is one that we do not know: it counts as pending");
            OrderStatus::Pending
        }
    }
}

#[cfg(test)]
mod tests;

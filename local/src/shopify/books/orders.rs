//! Acts on orders.

use jiff::Timestamp;

use super::{
    Books,
    acts::{Back, Basket, Did, Done, Refused},
    figures::share,
    model::{LINES_MAX, Model, REFUNDS_MAX, product_of},
    records::{CancelReason, Customer, Financial, Line, Order, Refund, RefundLine, Subject},
};
use crate::shopify::ids::{Kind, id, number};

/// From here on, in cents, shipping is free.
const FREE_FROM: i64 = 6_000;
const SHIPPING: i64 = 490;
/// What the prices hold, in percent.
const TAX: i64 = 7;

/// What, and how many of it.
type Counted = (u64, u32);

impl Books {
    pub(crate) fn buy(&mut self, basket: &Basket, now: Timestamp) -> Done<u64> {
        let buyer = basket.customer.map(|id| self.known_customer(id)).transpose()?;
        let place = self.orders_ever;
        let mut lines = self.lines(place * LINES_MAX, &basket.lines)?;
        share(&mut lines, basket.discount);
        let asked: i64 = lines.iter().map(Line::full).sum::<i64>() - basket.discount;
        if asked < 0 || basket.discount < 0 {
            return Err(Refused("a discount cannot be more than what is bought"));
        }
        let shipping = if asked >= FREE_FROM { 0 } else { SHIPPING };
        let order_number = Model::order_number(place);
        let mut order = Order {
            id: id(Kind::Order, place),
            name: format!("#{order_number}"),
            order_number,
            customer: basket.customer,
            email: buyer.as_ref().and_then(|buyer| buyer.email.clone()),
            phone: buyer.as_ref().and_then(|buyer| buyer.phone.clone()),
            test: basket.is_test,
            created_at: now,
            updated_at: now,
            cancelled_at: None,
            cancel_reason: None,
            financial: Financial::Pending,
            is_fulfilled: false,
            tags: Vec::new(),
            note: None,
            discount_code: (basket.discount > 0).then(|| "DANKE".to_owned()),
            lines,
            discounts: basket.discount,
            taxes: (asked + shipping) * TAX / (100 + TAX),
            shipping,
            received: if basket.is_unpaid { 0 } else { asked + shipping },
            refunds: Vec::new(),
            checkout_token: basket.checkout.clone(),
        };
        order.settle();
        let (id, net) = (order.id, order.net());
        self.put_order(order);
        let mut did = vec![Did::OrderMade(id)];
        if !basket.is_unpaid {
            did.push(Did::OrderPaid(id));
        }
        if !basket.is_test {
            did.extend(self.rebought(basket.customer, now, |customer| {
                customer.orders += 1;
                customer.spent += net;
                customer.last_order = Some(id);
            }));
        }
        if let Some(token) = &basket.checkout {
            did.extend(self.complete(token, now));
        }
        Ok((id, did))
    }

    pub(crate) fn refund(&mut self, order: u64, back: &Back, now: Timestamp) -> Done<u64> {
        let mut order = self.known_order(order)?;
        if order.refunds.len() as u64 + 1 >= REFUNDS_MAX {
            return Err(Refused("the order has been refunded too often"));
        }
        let is_all = back.lines.is_empty() && back.amount == 0;
        if order.net() <= 0 {
            return Err(Refused("nothing is left that could go back"));
        }
        let wanted = if is_all {
            order.lines.iter().map(|line| (line.id, line.current_quantity)).collect()
        } else {
            back.lines.clone()
        };
        let lines = given_back(&mut order, &wanted)?;
        let shipping = if is_all { order.current_shipping() } else { 0 };
        let of_lines: i64 = lines.iter().map(|line| line.subtotal).sum();
        // What was given back before for nothing in particular cannot be given back again.
        let amount = if is_all { order.net() } else { of_lines + back.amount };
        if amount > order.net() || back.amount < 0 {
            return Err(Refused("more cannot go back than was paid"));
        }
        let place = number(Kind::Order, order.id).unwrap_or_default();
        let id = id(Kind::Refund, place * REFUNDS_MAX + order.refunds.len() as u64);
        order.refunds.push(Refund { id, created_at: now, note: None, amount, shipping, lines });
        let did = vec![Did::Refunded { order: order.id, refund: id }];
        Ok((id, self.paid_otherwise(order, now, did, |customer| customer.spent -= amount)))
    }

    /// What was paid goes back, and every line.
    pub(crate) fn cancel(&mut self, order: u64, reason: CancelReason, now: Timestamp) -> Done<()> {
        let held = self.known_order(order)?;
        if held.cancelled_at.is_some() {
            return Err(Refused("the order is cancelled already"));
        }
        let mut did = Vec::new();
        if held.net() > 0 {
            did.extend(self.refund(order, &Back::default(), now)?.1);
        }
        let mut order = self.known_order(order)?;
        order.cancelled_at = Some(now);
        order.cancel_reason = Some(reason);
        if order.received == 0 {
            order.financial = Financial::Voided;
        }
        for line in &mut order.lines {
            line.current_quantity = 0;
        }
        did.insert(0, Did::OrderCancelled(order.id));
        Ok(((), self.paid_otherwise(order, now, did, |_| {})))
    }

    pub(crate) fn pay(&mut self, order: u64, now: Timestamp) -> Done<()> {
        let mut order = self.known_order(order)?;
        if order.received > 0 || order.cancelled_at.is_some() {
            return Err(Refused("the order is paid or cancelled"));
        }
        let owed = order.current_total();
        order.received = owed;
        let did = vec![Did::OrderPaid(order.id)];
        Ok(((), self.paid_otherwise(order, now, did, |customer| customer.spent += owed)))
    }

    pub(crate) fn fulfil(&mut self, order: u64, now: Timestamp) -> Done<()> {
        let mut order = self.known_order(order)?;
        order.is_fulfilled = true;
        let did = vec![Did::OrderFulfilled(order.id)];
        Ok(((), self.paid_otherwise(order, now, did, |_| {})))
    }

    /// Lines come and go; what was paid stays.
    pub(crate) fn edit(
        &mut self,
        order: u64,
        (add, remove): (&[Counted], &[Counted]),
        now: Timestamp,
    ) -> Done<()> {
        let mut order = self.known_order(order)?;
        let place = number(Kind::Order, order.id).unwrap_or_default();
        let first = place * LINES_MAX + order.lines.len() as u64;
        given_back(&mut order, remove)?;
        let added = if add.is_empty() { Vec::new() } else { self.lines(first, add)? };
        let news = added.iter().map(|line| (line.id, line.quantity)).collect();
        order.lines.extend(added.into_iter().map(|line| Line { is_added: true, ..line }));
        let did = vec![Did::OrderEdited { order: order.id, added: news, removed: remove.to_vec() }];
        Ok(((), self.paid_otherwise(order, now, did, |_| {})))
    }

    pub(crate) fn delete_order(&mut self, order: u64, now: Timestamp) -> Done<()> {
        let order = self.known_order(order)?;
        self.destroy(Subject::Order, order.id, now);
        let mut did = vec![Did::OrderDeleted(order.id)];
        if !order.test {
            let last = order.customer.and_then(|customer| self.last_order(customer));
            did.extend(self.rebought(order.customer, now, |customer| {
                customer.orders = customer.orders.saturating_sub(1);
                customer.spent -= order.net();
                customer.last_order = last;
            }));
        }
        Ok(((), did))
    }

    /// The order is written down as changed, and what its customer's come to.
    fn paid_otherwise(
        &mut self,
        mut order: Order,
        now: Timestamp,
        mut did: Vec<Did>,
        change: impl FnOnce(&mut Customer),
    ) -> Vec<Did> {
        order.updated_at = now;
        order.settle();
        did.push(Did::OrderChanged(order.id));
        let customer = order.customer.filter(|_| !order.test);
        self.put_order(order);
        did.extend(self.rebought(customer, now, change));
        did
    }

    /// Lines of those variants; the first has that number.
    pub(super) fn lines(&self, first: u64, wanted: &[(u64, u32)]) -> Result<Vec<Line>, Refused> {
        if wanted.is_empty() || wanted.len() as u64 >= LINES_MAX / 2 {
            return Err(Refused("a basket holds 1 to 255 lines"));
        }
        let lines = (first..).zip(wanted).map(|(number, (wanted, quantity))| {
            let none = Refused("there is no such variant");
            let variant = self.variant(*wanted).cloned().ok_or(none)?;
            let product = product_of(*wanted).and_then(|id| self.product(id)).ok_or(none)?;
            Ok(Line {
                id: id(Kind::LineItem, number),
                product: Some(product.id),
                variant: Some(variant.id),
                title: product.title.clone(),
                variant_title: Some(variant.title),
                vendor: Some(product.vendor.clone()),
                sku: variant.sku,
                quantity: *quantity,
                current_quantity: *quantity,
                price: variant.price,
                discount: 0,
                is_gift_card: false,
                is_added: false,
            })
        });
        lines.collect()
    }
}

fn given_back(order: &mut Order, wanted: &[(u64, u32)]) -> Result<Vec<RefundLine>, Refused> {
    let mut lines = Vec::new();
    for (wanted, quantity) in wanted.iter().filter(|(_, quantity)| *quantity > 0) {
        let line = order.lines.iter_mut().find(|line| line.id == *wanted);
        let line = line.ok_or(Refused("the order has no such line"))?;
        if line.current_quantity < *quantity {
            return Err(Refused("the line has not so many left"));
        }
        let before = line.worth(line.current_quantity);
        line.current_quantity -= quantity;
        let subtotal = before - line.worth(line.current_quantity);
        lines.push(RefundLine { line: line.id, quantity: *quantity, subtotal });
    }
    Ok(lines)
}

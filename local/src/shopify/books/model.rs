//! The shop as it was when it was thought up: the demo generator's people, orders and products in Shopify's form.
//!
//! Everybody is made anew whenever they are asked for. What is held of a customer or an order are its instants.

mod told;

use domain::order::OrderStatus;
use jiff::Timestamp;
use std::collections::HashMap;

pub(super) use told::{VARIANTS_MAX, product_of, variant_id};
use told::{customer, product};

use super::{
    figures::share,
    records::{CancelReason, Customer, Financial, Line, Order, Product, Refund, RefundLine},
};
use crate::{
    demo::shop::Shop,
    shopify::ids::{Kind, id},
};

/// More lines than any order has.
pub(crate) const LINES_MAX: u64 = 512;
/// More refunds than any order has.
pub(crate) const REFUNDS_MAX: u64 = 64;
/// What the shop called its first order.
const FIRST_ORDER: u64 = 1_001;
/// From then on an order is on its way.
const PACKED_SECONDS: i64 = 2 * 86_400;

pub(crate) struct Model {
    shop: Shop,
    now: Timestamp,
    products: Vec<Product>,
    /// What the generator calls a variant, as its product's and its own place.
    variants: HashMap<String, (usize, usize)>,
    /// When each customer was made and last changed, in seconds.
    customers: Vec<(i64, i64)>,
    /// When each order was last changed, in seconds.
    orders: Vec<i64>,
}

impl Model {
    /// Makes everybody once, to know when they were last changed.
    pub(crate) fn new(seed: u64, customers: u32, now: Timestamp) -> Self {
        let shop = Shop::new(seed, customers, now);
        let mut variants = HashMap::new();
        let products = (0..).zip(shop.products()).map(|(place, told)| {
            for (which, variant) in told.variants.iter().enumerate() {
                variants.insert(variant.id.to_string(), (usize::try_from(place).unwrap_or_default(), which));
            }
            product(place, told)
        });
        let products = products.collect();
        let orders = vec![0; shop.orders_count()];
        let mut model = Self { shop, now, products, variants, customers: Vec::new(), orders };
        for number in 0..customers {
            let (customer, orders) = model.customer(number);
            model.customers.push((customer.created_at.as_second(), customer.updated_at.as_second()));
            for order in orders {
                let place = usize::try_from(order.order_number - FIRST_ORDER).unwrap_or_default();
                model.orders[place] = order.updated_at.as_second();
            }
        }
        model
    }

    pub(crate) fn products(&self) -> &[Product] {
        &self.products
    }

    pub(crate) fn customers(&self) -> &[(i64, i64)] {
        &self.customers
    }

    pub(crate) fn orders(&self) -> &[i64] {
        &self.orders
    }

    /// When it was placed, in seconds, and by whom.
    pub(crate) fn placed(&self, place: u64) -> Option<(i64, u32)> {
        let (at, customer, _) = self.shop.placed(usize::try_from(place).ok()?)?;
        Some((at, customer))
    }

    pub(crate) fn order(&self, place: u64) -> Option<Order> {
        let (_, customer) = self.placed(place)?;
        let (_, orders) = self.customer(customer);
        orders.into_iter().find(|order| order.order_number == FIRST_ORDER + place)
    }

    /// What the order of that place is called.
    pub(crate) fn order_number(place: u64) -> u64 {
        FIRST_ORDER + place
    }

    /// Somebody with all that they bought, oldest first.
    pub(crate) fn customer(&self, number: u32) -> (Customer, Vec<Order>) {
        let (told, bought) = self.shop.customer(number);
        let mut customer = customer(number, &told);
        let orders: Vec<_> = bought.iter().map(|order| self.bought(&customer, order)).collect();
        for order in &orders {
            customer.orders += 1;
            customer.spent += if order.cancelled_at.is_some() { 0 } else { order.net() };
            customer.last_order = Some(order.id);
            customer.updated_at = customer.updated_at.max(order.updated_at);
        }
        let agreed = [customer.email_consent.at, customer.sms_consent.at].into_iter().flatten();
        customer.updated_at = agreed.fold(customer.updated_at, Timestamp::max);
        (customer, orders)
    }

    fn bought(&self, customer: &Customer, told: &domain::Order) -> Order {
        let order_number = told.called().and_then(|called| u64::try_from(called).ok()).unwrap_or(FIRST_ORDER);
        let place = order_number - FIRST_ORDER;
        let mut lines: Vec<_> =
            (0..).zip(&told.lines).map(|(which, line)| self.line(place * LINES_MAX + which, line)).collect();
        let discounts = told.discounts.get();
        share(&mut lines, discounts);
        let is_paid = told.status != OrderStatus::Pending && told.cancelled_at.is_none();
        let mut order = Order {
            id: id(Kind::Order, place),
            name: told.name.clone().unwrap_or_default(),
            order_number,
            customer: Some(customer.id),
            email: customer.email.clone(),
            phone: customer.phone.clone(),
            test: told.is_test,
            created_at: told.placed_at,
            updated_at: told.updated_at,
            cancelled_at: told.cancelled_at,
            cancel_reason: told.cancelled_at.map(|_| CancelReason::Customer),
            financial: if told.cancelled_at.is_some() { Financial::Voided } else { Financial::Pending },
            is_fulfilled: is_paid && self.now.as_second() - told.placed_at.as_second() > PACKED_SECONDS,
            tags: Vec::new(),
            note: told.note.clone(),
            discount_code: (discounts > 0).then(|| "DANKE".to_owned()),
            lines,
            discounts,
            taxes: told.taxes.get(),
            shipping: told.shipping.get(),
            received: if is_paid { told.total.get() } else { 0 },
            refunds: Vec::new(),
            checkout_token: None,
        };
        if order.cancelled_at.is_some() {
            order.lines.iter_mut().for_each(|line| line.current_quantity = 0);
        }
        if told.refunded.get() > 0 {
            let refund = given_back(&mut order, place, told);
            order.refunds.push(refund);
        }
        order.settle();
        order
    }

    fn line(&self, number: u64, told: &domain::order::OrderLine) -> Line {
        let known = told.variant.as_ref().and_then(|variant| self.variants.get(variant)).copied();
        let product = known.map(|(product, _)| &self.products[product]);
        let variant = known.and_then(|(product, which)| self.products[product].variants.get(which));
        Line {
            id: id(Kind::LineItem, number),
            product: product.map(|product| product.id),
            variant: variant.map(|variant| variant.id),
            title: product.map_or_else(|| told.title.clone(), |product| product.title.clone()),
            variant_title: variant.map(|variant| variant.title.clone()),
            vendor: product.map(|product| product.vendor.clone()),
            sku: variant.and_then(|variant| variant.sku.clone()),
            quantity: told.quantity,
            current_quantity: told.quantity,
            price: told.price.get(),
            discount: 0,
            is_gift_card: false,
            is_added: false,
        }
    }
}

/// All of it with every line, or an amount for nothing in particular.
fn given_back(order: &mut Order, place: u64, told: &domain::Order) -> Refund {
    let is_whole = told.refunded == told.total;
    let mut lines = Vec::new();
    for line in order.lines.iter_mut().filter(|_| is_whole) {
        lines.push(RefundLine {
            line: line.id,
            quantity: line.quantity,
            subtotal: line.worth(line.quantity),
        });
        line.current_quantity = 0;
    }
    Refund {
        id: id(Kind::Refund, place * REFUNDS_MAX),
        created_at: told.updated_at,
        note: None,
        amount: told.refunded.get(),
        shipping: if is_whole { order.shipping } else { 0 },
        lines,
    }
}

//! Checkouts: begun, changed, and become orders or not. Some were left behind before anybody looked.

use flows::sign::sha256_hex;
use jiff::{SignedDuration, Timestamp};

use super::{
    Books, Entry,
    acts::{Did, Done, Refused},
    model::LINES_MAX,
    records::{Checkout, Line},
};
use crate::shopify::ids::{Kind, id};

/// Of so many customers one left a basket behind.
const LEFT_EACH: u32 = 40;

impl Books {
    /// What was left behind in the last weeks before the shop was thought up.
    pub(super) fn leave_baskets(&mut self, customers: u32, at: Timestamp) {
        let variants: Vec<u64> =
            self.products().filter_map(|product| Some(product.variants.first()?.id)).collect();
        for number in (0..customers).step_by(LEFT_EACH as usize) {
            let (customer, _) = self.model.customer(number);
            let hours = 2 + i64::from(number) * 7 % 600;
            let created_at = at - SignedDuration::from_hours(hours);
            let variant = variants[number as usize % variants.len()];
            let Ok((checkout, _)) = self.begin(Some(customer.id), &[(variant, 1)], created_at) else {
                continue;
            };
            if number % (LEFT_EACH * 5) == 0
                && let Some(checkout) = self.checkouts.get_mut(&checkout)
            {
                checkout.completed_at = Some(created_at);
            }
        }
        // They follow from the seed: nothing of them is to be kept.
        self.written.clear();
    }

    pub(crate) fn begin(&mut self, customer: Option<u64>, lines: &[(u64, u32)], now: Timestamp) -> Done<u64> {
        let email =
            customer.map(|id| self.known_customer(id)).transpose()?.and_then(|customer| customer.email);
        let number = self.checkouts_ever;
        let lines = self.basket(number, lines)?;
        let id = id(Kind::AbandonedCheckout, number);
        let token = sha256_hex(&id.to_be_bytes())[..32].to_owned();
        let checkout = Checkout {
            id,
            token,
            customer,
            email,
            lines,
            created_at: now,
            updated_at: now,
            completed_at: None,
        };
        self.write(Entry::Checkout(Box::new(checkout)));
        Ok((id, vec![Did::CheckoutMade(id)]))
    }

    pub(crate) fn rethink(&mut self, checkout: u64, lines: &[(u64, u32)], now: Timestamp) -> Done<()> {
        let held = self.checkouts.get(&checkout).cloned().ok_or(Refused("there is no such checkout"))?;
        if held.completed_at.is_some() {
            return Err(Refused("the checkout has become an order"));
        }
        let number = crate::shopify::ids::number(Kind::AbandonedCheckout, checkout).unwrap_or_default();
        let lines = self.basket(number, lines)?;
        self.write(Entry::Checkout(Box::new(Checkout { lines, updated_at: now, ..held })));
        Ok(((), vec![Did::CheckoutChanged(checkout)]))
    }

    /// Shopify forgets it.
    pub(crate) fn forget(&mut self, checkout: u64) -> Done<()> {
        let held = self.checkouts.get(&checkout).cloned().ok_or(Refused("there is no such checkout"))?;
        self.write(Entry::CheckoutGone(checkout));
        Ok(((), vec![Did::CheckoutDeleted(Box::new(held))]))
    }

    /// Nobody knows a token that is not there: then nothing is completed.
    pub(super) fn complete(&mut self, token: &str, now: Timestamp) -> Option<Did> {
        let held = self.checkouts().find(|checkout| checkout.token == token).cloned()?;
        let id = held.id;
        self.write(Entry::Checkout(Box::new(Checkout { updated_at: now, completed_at: Some(now), ..held })));
        Some(Did::CheckoutChanged(id))
    }

    fn basket(&self, number: u64, lines: &[(u64, u32)]) -> Result<Vec<Line>, Refused> {
        let mut basket = self.lines(0, lines)?;
        for (which, line) in (0..).zip(&mut basket) {
            line.id = id(Kind::CheckoutLineItem, number * LINES_MAX + which);
        }
        Ok(basket)
    }
}

/// What the cart is called that a checkout was made of.
pub(crate) fn cart_token(checkout_token: &str) -> String {
    sha256_hex(format!("the cart of {checkout_token}").as_bytes())[..32].to_owned()
}

impl Checkout {
    pub fn cart_token(&self) -> String {
        cart_token(&self.token)
    }

    pub fn total(&self) -> i64 {
        self.lines.iter().map(Line::full).sum()
    }
}

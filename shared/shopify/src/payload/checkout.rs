//! Checkouts in webhooks.

use domain::{CartName, Timestamp};
use serde::Deserialize;
use std::collections::BTreeSet;

use super::order::Line;
use crate::told::{self, Amount, CheckoutSaid, CheckoutTold, Id, Reading, Unkept};

/// `checkouts/create` and `checkouts/update`.
#[derive(Clone, Deserialize)]
pub struct Checkout {
    token: String,
    /// Left out since 2026-04.
    id: Option<Id>,
    cart_token: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    customer: Option<Customer>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    abandoned_checkout_url: Option<String>,
    total_price: Option<Amount>,
    currency: Option<String>,
    line_items: Option<Vec<Line>>,
}

#[derive(Clone, Deserialize)]
struct Customer {
    id: Option<Id>,
}

impl Checkout {
    pub fn told(self, reading: &Reading<'_>) -> Result<CheckoutTold, Unkept> {
        CheckoutSaid {
            token: self.token,
            id: self.id,
            cart_token: self.cart_token,
            customer: self.customer.and_then(|customer| customer.id),
            email: self.email,
            phone: self.phone,
            created_at: self.created_at,
            updated_at: self.updated_at,
            completed_at: self.completed_at,
            url: self.abandoned_checkout_url,
            total: self.total_price,
            currency: self.currency,
            lines: self.line_items.unwrap_or_default().into_iter().map(Line::said).collect(),
        }
        .told(reading)
    }
}

/// `checkouts/delete`. It names the cart, and the checkout by a number, and not by the token that all else knows it by.
#[derive(Debug, Clone, Deserialize)]
pub struct CheckoutGone {
    id: Option<Id>,
    token: Option<String>,
    cart_token: Option<String>,
}

impl CheckoutGone {
    /// Its own, if that is told after all.
    pub fn token(&self) -> Option<String> {
        self.token.as_deref().and_then(told::token)
    }

    pub fn names(&self) -> BTreeSet<CartName> {
        told::names(self.cart_token.as_deref(), self.id)
    }
}

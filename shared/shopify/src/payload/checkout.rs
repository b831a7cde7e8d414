//! Checkouts in webhooks.

use domain::Timestamp;
use serde::Deserialize;

use super::order::Line;
use crate::told::{Amount, CheckoutSaid, CheckoutTold, Id, Reading, Unkept};

/// `checkouts/create` and `checkouts/update`.
#[derive(Clone, Deserialize)]
pub struct Checkout {
    token: String,
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

/// `checkouts/delete`. It names the cart, which newer checkouts share their name with.
#[derive(Deserialize)]
pub(super) struct Gone {
    #[serde(alias = "cart_token")]
    token: Option<String>,
}

impl Gone {
    pub(super) fn token(self) -> Option<String> {
        self.token.as_deref().and_then(crate::told::token)
    }
}

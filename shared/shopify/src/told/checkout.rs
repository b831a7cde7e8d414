//! A checkout as Shopify has it. Shopify does not say that one was abandoned: whoever keeps it waits whether it is
//! completed, or an order comes that names it.

use domain::{CartName, Currency, CustomerId, EmailAddress, Minor, Phone, Timestamp, order::OrderLine};
use std::collections::BTreeSet;

use crate::Secret;

use super::{
    Amount, Id, PassedOver, Reader, Reading, Unkept,
    lines::{self, LineSaid},
};

/// What is told of a checkout. Its token is what an order names it by; that it is deleted is told by other names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutTold {
    pub token: String,
    pub names: BTreeSet<CartName>,
    pub customer: Option<CustomerId>,
    pub email: Option<EmailAddress>,
    pub phone: Option<Phone>,
    pub created_at: Option<Timestamp>,
    /// Of two words the newer counts.
    pub updated_at: Timestamp,
    /// `None`: it is open still.
    pub completed_at: Option<Timestamp>,
    /// Where the customer, and whoever else has it, can go on.
    pub url: Option<Secret>,
    pub total: Minor,
    pub currency: Currency,
    pub lines: Vec<OrderLine>,
    pub passed_over: Vec<PassedOver>,
}

/// As it stands in JSON, whichever form that has.
#[derive(Debug, Clone)]
pub(crate) struct CheckoutSaid {
    pub(crate) token: String,
    pub(crate) id: Option<Id>,
    pub(crate) cart_token: Option<String>,
    pub(crate) customer: Option<Id>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) updated_at: Option<Timestamp>,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) url: Option<String>,
    pub(crate) total: Option<Amount>,
    pub(crate) currency: Option<String>,
    pub(crate) lines: Vec<LineSaid>,
}

const TOKEN_BYTES_MAX: usize = 255;
const URL_BYTES_MAX: usize = 2_048;

impl CheckoutSaid {
    pub(crate) fn told(self, reading: &Reading<'_>) -> Result<CheckoutTold, Unkept> {
        let mut reader = Reader::new(reading);
        let it = &mut reader;
        it.is_ours("currency", self.currency.as_deref())?;
        let is_plain = token(&self.token);
        let updated_at = self.updated_at.or(self.created_at);
        let total = self.total.ok_or_else(|| Unkept::of("total", "is missing"))?;
        let is_url = |url: &String| url.starts_with("https://") && url.len() <= URL_BYTES_MAX;
        Ok(CheckoutTold {
            token: is_plain.ok_or_else(|| Unkept::of("token", "is not a plain text"))?,
            names: names(self.cart_token.as_deref(), self.id),
            customer: self.customer.map(|id| CustomerId::Shopify(id.0)),
            email: self.email.and_then(|email| it.email("email", &email)),
            phone: self.phone.and_then(|phone| it.phone("phone", &phone)),
            created_at: self.created_at,
            updated_at: updated_at.ok_or_else(|| Unkept::of("updated_at", "is missing"))?,
            completed_at: self.completed_at,
            url: self.url.filter(is_url).map(Secret::new),
            total: it.price("total", &total)?,
            currency: it.currency(),
            lines: lines::read(self.lines, it)?,
            passed_over: reader.passed_over(),
        })
    }
}

/// By what a checkout may be named beside its token.
pub(crate) fn names(cart_token: Option<&str>, id: Option<Id>) -> BTreeSet<CartName> {
    let cart = cart_token.and_then(token).map(CartName::Cart);
    cart.into_iter().chain(id.map(|id| CartName::Checkout(id.0))).collect()
}

/// Fit to be part of a key.
pub(crate) fn token(text: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    ((1..=TOKEN_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_plain)).then(|| text.to_owned())
}

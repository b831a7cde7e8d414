//! What happened with a customer, newest first: orders, what they agreed to, who changed what is known of them.

use crate::{Consent, CustomerId, Order, Timestamp, customer::Change};

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub at: Timestamp,
    pub event: Event,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// As it is now, at the time it was placed.
    Order(Box<Order>),
    Consent(Channel, Consent),
    Changed(Change),
    Merged(CustomerId),
}

/// How somebody is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Email,
    Sms,
}

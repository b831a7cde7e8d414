//! What somebody does in the shop, and what came of it.

use super::{
    Books, Entry,
    records::{Checkout, Consent, Customer, Event, Order, Subject},
};
use crate::shopify::ids::{Kind, id};
use jiff::Timestamp;

/// Why the shop does not do that. A sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub &'static str);

/// What somebody buys.
#[derive(Debug, Clone, Default)]
pub struct Basket {
    /// Nobody: sold over the counter.
    pub customer: Option<u64>,
    /// Variants, and how many of each.
    pub lines: Vec<(u64, u32)>,
    /// In cents, by a code.
    pub discount: i64,
    /// Pays later.
    pub is_unpaid: bool,
    pub is_test: bool,
    /// The token of the checkout that this order completes.
    pub checkout: Option<String>,
}

/// What goes back. With neither lines nor amount: everything that is left.
#[derive(Debug, Clone, Default)]
pub struct Back {
    /// Lines, and how many of each.
    pub lines: Vec<(u64, u32)>,
    /// In cents, for nothing in particular.
    pub amount: i64,
}

#[derive(Debug, Clone, Default)]
pub struct Newcomer {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub tags: Vec<String>,
    pub email_consent: Option<Consent>,
    pub sms_consent: Option<Consent>,
}

/// What is told anew of a customer; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Telling {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub note: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    Email,
    Sms,
}

/// That something happened: each is told in a webhook of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    CustomerMade(u64),
    CustomerChanged(u64),
    CustomerDeleted(u64),
    CustomersMerged {
        kept: u64,
        gone: u64,
    },
    CustomerRedacted {
        customer: Box<Customer>,
        orders: Vec<u64>,
    },
    TagsAdded(u64, Vec<String>),
    TagsRemoved(u64, Vec<String>),
    Consented(u64, Channel),
    /// What they bought comes to something else.
    Bought(u64),
    OrderMade(u64),
    OrderPaid(u64),
    OrderFulfilled(u64),
    OrderCancelled(u64),
    OrderEdited {
        order: u64,
        added: Vec<(u64, u32)>,
        removed: Vec<(u64, u32)>,
    },
    OrderChanged(u64),
    OrderDeleted(u64),
    Refunded {
        order: u64,
        refund: u64,
    },
    CheckoutMade(u64),
    CheckoutChanged(u64),
    CheckoutDeleted(Box<Checkout>),
    ProductMade(u64),
    ProductChanged(u64),
    ProductDeleted(u64),
}

pub(super) type Done<T> = Result<(T, Vec<Did>), Refused>;

impl Books {
    pub(super) fn known_customer(&self, id: u64) -> Result<Customer, Refused> {
        self.customer(id).ok_or(Refused("there is no such customer"))
    }

    pub(super) fn known_order(&self, id: u64) -> Result<Order, Refused> {
        self.order(id).ok_or(Refused("there is no such order"))
    }

    pub(super) fn put_customer(&mut self, customer: Customer) {
        self.write(Entry::Customer(Box::new(customer)));
    }

    pub(super) fn put_order(&mut self, order: Order) {
        self.write(Entry::Order(Box::new(order)));
    }

    /// It is gone, and the shop's log says so.
    pub(super) fn destroy(&mut self, subject: Subject, subject_id: u64, now: Timestamp) {
        self.write(Entry::Gone(subject, subject_id));
        let event_id = id(Kind::BasicEvent, self.events.len() as u64);
        let action = "destroy".to_owned();
        self.write(Entry::Event(Event { id: event_id, action, subject, subject_id, created_at: now }));
    }

    /// What they bought comes to something else now, if anybody bought it.
    pub(super) fn rebought(
        &mut self,
        customer: Option<u64>,
        now: Timestamp,
        change: impl FnOnce(&mut Customer),
    ) -> Vec<Did> {
        let Some(mut customer) = customer.and_then(|id| self.customer(id)) else { return Vec::new() };
        change(&mut customer);
        customer.updated_at = now;
        let id = customer.id;
        self.put_customer(customer);
        vec![Did::Bought(id), Did::CustomerChanged(id)]
    }
}

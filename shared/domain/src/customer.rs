//! A customer: who they are, how they can be reached, and what they bought.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::{
    AccountState, Consent, CustomerId, Declined, EmailAddress, LeftCart, Minor, Phone, Point, ShopScores,
    ShopWords, Timestamp, order::Contribution,
};

#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    pub id: CustomerId,
    /// The permanent small number by which the audience knows them.
    pub slot: u32,
    pub kind: CustomerKind,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<EmailAddress>,
    pub phone: Option<Phone>,
    pub addresses: Vec<Address>,
    /// Compared without case; kept as first told.
    pub tags: BTreeSet<String>,
    /// As in "en" or "pt-BR".
    pub language: Option<String>,
    pub birthday: Option<jiff::civil::Date>,
    pub note: Option<String>,
    pub attributes: BTreeMap<String, AttributeValue>,
    pub email_consent: Option<Consent>,
    pub sms_consent: Option<Consent>,
    /// What the shop reports beyond the orders that we can see.
    pub opening: Opening,
    pub totals: Totals,
    /// The number that the next order gets.
    pub next_order: u32,
    pub created_at: Timestamp,
    /// When somebody last told something about them: newer wins.
    pub updated_at: Timestamp,
    /// The last few, oldest first.
    pub changes: Vec<Change>,
    pub shop_words: ShopWords,
    pub shop_scores: ShopScores,
    /// Whether they have an account at the shop, if the shop has said.
    pub account: Option<AccountState>,
    /// The basket that they left behind last.
    pub left_cart: Option<LeftCart>,
    /// Which of their addresses are on the list of those that are not written to.
    pub suppressed: Ways,
    /// Kinds of campaign that they do not want, though they agreed to be written to.
    pub declined: Declined,
}

/// Letters, texts, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ways {
    pub email: bool,
    pub sms: bool,
}

/// How many changes a customer remembers.
pub const CHANGES_KEPT: usize = 16;

/// That somebody changed what is known of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    pub at: Timestamp,
    pub by: ChangedBy,
    pub what: Facts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangedBy {
    Person,
    Program,
    Shopify,
    Import,
    Order,
    /// The customer themselves, by a link in a message or an answer to one.
    Customer,
}

/// A set of what can be known of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts(pub u16);

impl Facts {
    pub const NAMES: [&str; 16] = [
        "first_name",
        "last_name",
        "email",
        "phone",
        "addresses",
        "tags",
        "language",
        "birthday",
        "note",
        "attributes",
        "email_consent",
        "sms_consent",
        "totals",
        "shop_scores",
        "declined_topics",
        "account_status",
    ];

    pub fn names(self) -> impl Iterator<Item = &'static str> {
        (0..).zip(Self::NAMES).filter(move |(bit, _)| self.0 >> bit & 1 == 1).map(|(_, name)| name)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Customer {
    /// Somebody of whom nothing is known yet.
    pub fn new(id: CustomerId, slot: u32, kind: CustomerKind, now: Timestamp) -> Self {
        Self {
            id,
            slot,
            kind,
            first_name: None,
            last_name: None,
            email: None,
            phone: None,
            addresses: Vec::new(),
            tags: BTreeSet::new(),
            language: None,
            birthday: None,
            note: None,
            attributes: BTreeMap::new(),
            email_consent: None,
            sms_consent: None,
            opening: Opening::default(),
            totals: Totals::default(),
            next_order: 1,
            created_at: now,
            updated_at: now,
            changes: Vec::new(),
            shop_words: ShopWords::default(),
            shop_scores: ShopScores::default(),
            account: None,
            left_cart: None,
            suppressed: Ways::default(),
            declined: Declined::default(),
        }
    }

    /// Whether they can be found, counted and written to.
    pub fn is_audience(&self) -> bool {
        matches!(self.kind, CustomerKind::Person | CustomerKind::Guest)
    }

    pub fn is_gone(&self) -> bool {
        matches!(self.kind, CustomerKind::Erased | CustomerKind::Merged(_))
    }

    /// With an opening balance by which the totals are these, whatever was bought.
    pub fn with_totals(mut self, orders: Option<i64>, spent: Option<Minor>) -> Result<Self, TooMuch> {
        if let Some(orders) = orders {
            let bought = self.totals.orders.checked_sub(self.opening.orders).ok_or(TooMuch)?;
            self.opening.orders = orders.checked_sub(bought).ok_or(TooMuch)?;
            self.totals.orders = orders;
        }
        if let Some(spent) = spent {
            let bought = self.totals.spent.checked_sub(self.opening.spent.get()).ok_or(TooMuch)?;
            let opening = spent.get().checked_sub(bought).ok_or(TooMuch)?;
            self.opening.spent = Minor::new(opening).map_err(|_| TooMuch)?;
            self.totals.spent = spent.get();
        }
        Ok(self)
    }

    /// What differs.
    pub fn differs(&self, other: &Self) -> Facts {
        let differ = [
            self.first_name != other.first_name,
            self.last_name != other.last_name,
            self.email != other.email,
            self.phone != other.phone,
            self.addresses != other.addresses,
            self.tags != other.tags,
            self.language != other.language,
            self.birthday != other.birthday,
            self.note != other.note,
            self.attributes != other.attributes,
            self.email_consent != other.email_consent,
            self.sms_consent != other.sms_consent,
            self.opening != other.opening,
            self.shop_scores != other.shop_scores,
            self.declined != other.declined,
            self.account != other.account,
        ];
        Facts((0..).zip(differ).fold(0, |all, (bit, differs)| all | u16::from(differs) << bit))
    }

    /// After somebody told something. What is the same as before is not a change.
    #[must_use]
    pub fn changed(self, before: &Self, by: ChangedBy, now: Timestamp) -> Self {
        let what = self.differs(before);
        if what.is_empty() {
            return self;
        }
        let mut changes = self.changes;
        changes.push(Change { at: now, by, what });
        let forgotten = changes.len().saturating_sub(CHANGES_KEPT);
        changes.drain(..forgotten);
        Self { changes, updated_at: self.updated_at.max(now), ..self }
    }

    /// What is left of somebody who is gone: no word about them, and what they bought as figures.
    #[must_use]
    pub fn gone(self, kind: CustomerKind, now: Timestamp) -> Self {
        let left = Self::new(self.id, self.slot, kind, self.created_at);
        Self {
            opening: self.opening,
            totals: self.totals,
            next_order: self.next_order,
            updated_at: now,
            shop_words: self.shop_words.figures(),
            ..left
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerKind {
    Person,
    /// Made from the address of an order that named no customer.
    Guest,
    /// Whoever left no address.
    WalkIn,
    /// Nobody any more. Stays, so that an older word cannot bring them back.
    Erased,
    /// Another customer now has their orders.
    Merged(CustomerId),
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    pub company: Option<String>,
    pub line1: Option<String>,
    pub line2: Option<String>,
    pub city: Option<String>,
    /// As in "NY".
    pub region: Option<String>,
    pub postcode: Option<String>,
    /// Two letters: "US".
    pub country: Option<String>,
    /// Where it lies, if the shop has said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
}

/// A value of a shop's own column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeValue {
    Text(String),
    /// Millionths.
    Number(i64),
    Yes(bool),
    Day(jiff::civil::Date),
    List(BTreeSet<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Opening {
    pub orders: i64,
    pub spent: Minor,
}

/// Invariant: `opening` and the contributions of all the customer's orders, summed. Moves only together with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    pub orders: i64,
    pub spent: i64,
    /// Of the orders that count.
    pub first_order_at: Option<Timestamp>,
    pub last_order_at: Option<Timestamp>,
}

/// The bits of `columns::Code::Reach`.
pub struct Reach;

impl Reach {
    pub const HAS_EMAIL: u8 = 1;
    pub const HAS_PHONE: u8 = 2;
    pub const EMAIL_SUPPRESSED: u8 = 4;
    pub const SMS_SUPPRESSED: u8 = 8;
    pub const GUEST: u8 = 16;
    /// Has left a basket behind, and bought nothing since.
    pub const LEFT_CART: u8 = 32;
}

/// Why totals cannot move that way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a customer's totals would pass what can be counted")]
pub struct TooMuch;

/// An order before and after a change, as far as its customer cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moved {
    /// `None`: the customer did not have it.
    pub before: Option<Part>,
    /// `None`: the customer no longer has it.
    pub after: Option<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub contribution: Contribution,
    pub placed_at: Timestamp,
}

impl Totals {
    /// After one order moved. `Ok(None)`: the first or last order may now be another one, so that the history must be
    /// read: see `of`.
    pub fn moved(self, moved: &Moved) -> Result<Option<Self>, TooMuch> {
        let of = |part: Option<Part>| part.map_or(Contribution::default(), |part| part.contribution);
        let (before, after) = (of(moved.before), of(moved.after));
        let next = |total: i64, before: i64, after: i64| {
            total.checked_sub(before).and_then(|rest| rest.checked_add(after)).ok_or(TooMuch)
        };
        let orders = next(self.orders, before.orders, after.orders)?;
        let spent = next(self.spent, before.spent, after.spent)?;
        let counted =
            |part: Option<Part>| part.filter(|part| part.contribution.orders > 0).map(|part| part.placed_at);
        let (was, is) = (counted(moved.before), counted(moved.after));
        let was_at_an_end = was.is_some() && (was == self.first_order_at || was == self.last_order_at);
        if was_at_an_end && was != is {
            return Ok(None);
        }
        let first_order_at = self.first_order_at.into_iter().chain(is).min();
        let last_order_at = self.last_order_at.into_iter().chain(is).max();
        Ok(Some(Self { orders, spent, first_order_at, last_order_at }))
    }

    /// From nothing: what every history must add up to.
    pub fn of(opening: Opening, parts: impl IntoIterator<Item = Part>) -> Result<Self, TooMuch> {
        let mut totals = Self {
            orders: opening.orders,
            spent: opening.spent.get(),
            first_order_at: None,
            last_order_at: None,
        };
        for part in parts {
            let moved = Moved { before: None, after: Some(part) };
            // Nothing leaves, so no end is lost.
            totals = totals.moved(&moved)?.unwrap_or(totals);
        }
        Ok(totals)
    }
}

#[cfg(test)]
mod tests;

//! Baskets that somebody was about to pay for, each by its checkout's token. What is to be done about one is due work.
//!
//! A basket says what else it is named, so that whoever removes it finds what leads to it.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Begun, Cart, CartName, CustomerId, Minor, Namesakes, Timestamp, cart::Gone, timeline::LeftBehind,
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{When, Write},
};

pub(crate) const DUE_CART: &str = "cart";

impl TenantStore {
    pub async fn cart(&self, token: &str) -> Result<Option<Held<Cart>>, StoreError> {
        self.get(keys::cart(self.id(), token)).await?.map(read_as::<CartRecord, _>).transpose()
    }

    /// All that are one of these people's, by their tokens. All of the shop's are read for it, a page at a time: of a hundred
    /// thousand that is about 45 MB and as many questions, and what is held is theirs.
    pub async fn carts_of(
        &self,
        customers: &BTreeSet<CustomerId>,
    ) -> Result<Vec<(String, Cart)>, StoreError> {
        let partition = keys::carts(self.id());
        let (mut carts, mut after) = (Vec::new(), None);
        loop {
            let page = self.page_of(&partition, after).await?;
            for item in page.items {
                let token = item.key.sk.clone();
                let cart: Held<Cart> = read_as::<CartRecord, _>(item)?;
                let whose = cart.customer.into_iter().chain(cart.noted.map(|(customer, _)| customer));
                if whose.into_iter().any(|customer| customers.contains(&customer)) {
                    carts.push((token, cart.into_inner()));
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(carts);
            }
        }
    }

    /// Nothing is known of it any more by its token. `Conflict` if somebody else changed it.
    pub fn cart_forgotten(&self, token: &str, held: &Held<Cart>) -> Step {
        Step(vec![Write::Delete(keys::cart(self.id(), token), When::Version(held.version))])
    }

    /// What bears a name beside its token.
    pub async fn namesakes(&self, name: &CartName) -> Result<Option<Held<Namesakes>>, StoreError> {
        self.get(keys::cart_name(self.id(), name)).await?.map(read_as::<NameRecord, _>).transpose()
    }

    /// `Conflict` if somebody else changed it.
    pub fn namesakes_kept(
        &self,
        name: &CartName,
        held: Option<&Held<Namesakes>>,
        namesakes: &Namesakes,
    ) -> Step {
        let record = NameRecord::from(namesakes);
        let entry = Entry::new(keys::cart_name(self.id(), name), &record).expiring(namesakes.until);
        Step(vec![entry.in_place_of(held)])
    }

    /// The other steps hold only if nobody has changed it. `None`: if nothing bears that name.
    pub fn namesakes_still(&self, name: &CartName, held: Option<&Held<Namesakes>>) -> Step {
        let when = held.map_or(When::Absent, |held| When::Version(held.version));
        Step(vec![Write::Check(keys::cart_name(self.id(), name), when)])
    }

    /// Of one that bore it nothing is known by it any more: it goes with the last. `Conflict` if somebody else changed it.
    pub fn namesake_forgotten(&self, name: &CartName, held: &Held<Namesakes>, token: &str) -> Step {
        let left = held.without(token);
        if left.begun.is_empty() {
            return Step(vec![Write::Delete(keys::cart_name(self.id(), name), When::Version(held.version))]);
        }
        self.namesakes_kept(name, Some(held), &left)
    }

    /// To be looked at again then. `Conflict` if somebody else changed it.
    pub fn cart_kept(
        &self,
        token: &str,
        held: Option<&Held<Cart>>,
        cart: &Cart,
        due_at: Option<Timestamp>,
    ) -> Step {
        let record = CartRecord::from(cart);
        let due = due_at.map(|at| keys::due(at, DUE_CART, format!("{}.{token}", self.id())));
        let entry = Entry::new(keys::cart(self.id(), token), &record).expiring(cart.ends_at()).due(due);
        Step(vec![entry.in_place_of(held)])
    }

    /// It stands in the customer's history as left behind.
    pub fn cart_noted(&self, customer: CustomerId, at: Timestamp, token: &str, left: &LeftBehind) -> Step {
        let key = keys::event(self.id(), customer, at, 'B', token);
        let record = LeftRecord { total: left.total, way_back: left.way_back.clone() };
        Step(vec![Entry::new(key, &record).overwrite()])
    }

    /// It was not left behind after all.
    pub fn cart_cleared(&self, customer: CustomerId, at: Timestamp, token: &str) -> Step {
        Step(vec![Write::Delete(keys::event(self.id(), customer, at, 'B', token), When::Always)])
    }
}

#[derive(Serialize, Deserialize)]
struct CartRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerId>,
    total: Minor,
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Option::is_none")]
    way_back: Option<Vec<u8>>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    begun_at: Option<Timestamp>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    ended_with: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    noted_with: Option<CustomerId>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    noted_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    names: BTreeSet<CartName>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    named_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct NameRecord {
    /// In milliseconds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    begun: BTreeMap<String, i64>,
    /// Of those whose number is known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    numbers: BTreeMap<String, u64>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    /// Numbers, when they were deleted in milliseconds, and whether it is known what bears them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    gone: Vec<(u64, Option<i64>, bool)>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    carts: BTreeSet<String>,
    #[serde(with = "millisecond::required")]
    until: Timestamp,
}

impl From<&Namesakes> for NameRecord {
    fn from(of: &Namesakes) -> Self {
        let number = |(token, begun): (&String, &Begun)| Some((token.clone(), begun.number?));
        let gone =
            |(number, gone): (&u64, &Gone)| (*number, gone.at.map(Timestamp::as_millisecond), gone.is_known);
        Self {
            begun: of.begun.iter().map(|(token, begun)| (token.clone(), begun.at.as_millisecond())).collect(),
            numbers: of.begun.iter().filter_map(number).collect(),
            ended_at: of.ended_at,
            gone: of.gone.iter().map(gone).collect(),
            carts: of.carts.clone(),
            until: of.until,
        }
    }
}

impl From<NameRecord> for Namesakes {
    fn from(NameRecord { begun, numbers, ended_at, gone, carts, until }: NameRecord) -> Self {
        let at = |millis| Timestamp::from_millisecond(millis).unwrap_or_default();
        let begun = begun.into_iter().map(|(token, millis)| {
            let number = numbers.get(&token).copied();
            (token, Begun { at: at(millis), number })
        });
        let gone = gone
            .into_iter()
            .map(|(number, millis, is_known)| (number, Gone { at: millis.map(at), is_known }));
        Self { begun: begun.collect(), ended_at, gone: gone.collect(), carts, until }
    }
}

/// Of the timeline.
#[derive(Serialize, Deserialize)]
pub(crate) struct LeftRecord {
    pub(crate) total: Minor,
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Option::is_none")]
    pub(crate) way_back: Option<Vec<u8>>,
}

impl From<&Cart> for CartRecord {
    fn from(cart: &Cart) -> Self {
        let cart = cart.clone();
        let (noted_with, noted_at) = cart.noted.unzip();
        Self {
            customer: cart.customer,
            total: cart.total,
            way_back: cart.way_back,
            begun_at: cart.begun_at,
            updated_at: cart.updated_at,
            ended_at: cart.ended_at,
            ended_with: cart.ended_with,
            noted_with,
            noted_at,
            names: cart.names,
            named_at: cart.named_at,
        }
    }
}

impl From<CartRecord> for Cart {
    fn from(record: CartRecord) -> Self {
        Self {
            customer: record.customer,
            total: record.total,
            way_back: record.way_back,
            begun_at: record.begun_at,
            updated_at: record.updated_at,
            ended_at: record.ended_at,
            ended_with: record.ended_with,
            noted: record.noted_with.zip(record.noted_at),
            names: record.names,
            named_at: record.named_at,
        }
    }
}

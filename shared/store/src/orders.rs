//! Orders, and what else happened with a customer: all of it stands with the customer, in the order of time.
//!
//! An order's own key would need its customer: `AT` says whose it is. An order that is deleted leaves `AT` behind, so
//! that an older word cannot bring it back.

use domain::{
    Consent, Customer, CustomerId, JobId, Minor, Order, OrderId, Timestamp,
    order::{OrderLine, OrderStatus},
    timeline::{Channel, Event, LeftBehind, Moved, Written},
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

use crate::{
    Held, OrderFound, Step, StoreError, TenantStore,
    carts::LeftRecord,
    chunks::WrittenEvent,
    consents::ConsentRecord,
    customers::customer_from,
    keys,
    membership::MoveEvent,
    record::{Entry, read, read_as},
    table::{Item, Position, Range, RawKey, Sort, When, Within, Write},
};

/// Where an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderPlace {
    /// The customer, the second it was placed in, and which of theirs it is.
    With(CustomerId, i64, u32),
    /// It was deleted.
    Gone,
}

/// The row of a job's file that an order is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BroughtBy {
    pub job: JobId,
    pub row: u64,
}

/// An order as it was read.
#[derive(Debug)]
pub struct HeldOrder {
    pub(crate) order: Held<Order>,
    pub(crate) place: Held<OrderPlace>,
}

impl Deref for HeldOrder {
    type Target = Order;

    fn deref(&self) -> &Order {
        &self.order
    }
}

/// Part of what happened with a customer, newest first.
#[derive(Debug, Default)]
pub struct Events {
    pub events: Vec<(Timestamp, Event)>,
    /// The key of each: what stands in a list beside them finds its place by these.
    pub keys: Vec<String>,
    /// The key that the next part begins after.
    pub next: Option<String>,
}

impl TenantStore {
    pub async fn order_place(&self, id: OrderId) -> Result<Option<Held<OrderPlace>>, StoreError> {
        self.get(keys::order_place(self.id(), id)).await?.map(read_as::<PlaceRecord, _>).transpose()
    }

    /// Of many orders, in their order.
    pub async fn order_places(&self, ids: &[OrderId]) -> Result<Vec<Option<OrderPlace>>, StoreError> {
        let keys: Vec<_> = ids.iter().map(|id| keys::order_place(self.id(), *id)).collect();
        let items = self.table().get(&keys).await?.into_iter();
        items
            .map(|item| Ok(item.map(read_as::<PlaceRecord, OrderPlace>).transpose()?.map(Held::into_inner)))
            .collect()
    }

    pub async fn order(&self, id: OrderId) -> Result<Option<HeldOrder>, StoreError> {
        Ok(match self.order_found(id).await? {
            OrderFound::Here(held) => Some(*held),
            OrderFound::Gone | OrderFound::Never => None,
        })
    }

    /// By where the audience says that they are; those that there are, in their order.
    pub async fn orders_at(
        &self,
        places: &[(CustomerId, i64, u32)],
    ) -> Result<Vec<Option<Order>>, StoreError> {
        let key = |(customer, second, number): &(CustomerId, i64, u32)| {
            keys::order(self.id(), *customer, *second, *number)
        };
        let items = self.table().get(&places.iter().map(key).collect::<Vec<_>>()).await?.into_iter();
        items
            .map(|item| Ok(item.map(read_as::<OrderRecord, Order>).transpose()?.map(Held::into_inner)))
            .collect()
    }

    /// By which row of a file it was made, unless it has moved since.
    pub async fn order_brought_by(&self, id: OrderId) -> Result<Option<BroughtBy>, StoreError> {
        let item = self.get(keys::order_place(self.id(), id)).await?;
        Ok(item.map(read::<PlaceRecord>).transpose()?.and_then(|place| place.by))
    }

    /// A new order. `Conflict` if there is one of its id, or was.
    pub fn order_made(&self, order: &Order) -> Step {
        self.order_brought(order, None)
    }

    /// The same, with the row that it is from.
    pub fn order_brought(&self, order: &Order, by: Option<BroughtBy>) -> Step {
        Step(self.order_put(order, by).into_iter().flat_map(|Step(writes)| writes).collect())
    }

    /// One of many that come at once, each write alone: where it is, and then itself.
    pub fn order_laid_down(&self, order: &Order) -> [Step; 2] {
        self.order_put(order, None)
    }

    fn order_put(&self, order: &Order, by: Option<BroughtBy>) -> [Step; 2] {
        let place = PlaceRecord { by, ..PlaceRecord::of(order) };
        [
            Step(vec![Entry::new(keys::order_place(self.id(), order.id), &place).create()]),
            Step(vec![Entry::new(self.order_key(order), &OrderRecord::from(order)).create()]),
        ]
    }

    /// The order as it is now, with whomever it is now. `Conflict` if it changed.
    pub fn order_changed(&self, held: &HeldOrder, order: &Order) -> Step {
        let (before, after) = (self.order_key(held), self.order_key(order));
        let record = OrderRecord::from(order);
        if before == after {
            return Step(vec![Entry::new(after, &record).replace(held.order.version)]);
        }
        let place = keys::order_place(self.id(), held.id);
        Step(vec![
            Entry::new(place, &PlaceRecord::of(order)).replace(held.place.version),
            Write::Delete(before, When::Version(held.order.version)),
            // It goes on counting: an order that comes back to a place it once had is another version there.
            Entry::new(after, &record).put(held.order.version + 1, When::Absent),
        ])
    }

    /// The order is deleted, and never comes back.
    pub fn order_ended(&self, held: &HeldOrder) -> Step {
        let place = keys::order_place(self.id(), held.id);
        Step(vec![
            Entry::new(place, &PlaceRecord::GONE).replace(held.place.version),
            self.order_noted_gone(held.id),
            Write::Delete(self.order_key(held), When::Version(held.order.version)),
        ])
    }

    /// What somebody agreed to or took back, for good: the customer holds only the last word.
    pub fn consent_noted(&self, customer: CustomerId, channel: Channel, consent: &Consent) -> Step {
        let key = keys::event(self.id(), customer, consent.at, 'C', channel.name());
        let record = ConsentEvent { channel, consent: consent.clone().into() };
        Step(vec![Entry::new(key, &record).overwrite()])
    }

    pub fn merge_noted(&self, customer: CustomerId, merged: CustomerId, at: Timestamp) -> Step {
        let key = keys::event(self.id(), customer, at, 'M', merged);
        Step(vec![Entry::new(key, &MergeEvent { merged }).overwrite()])
    }

    /// The key that something of another kind would have among the events. No event has it, and of the same instant it
    /// is the newest.
    pub fn event_key(at: Timestamp, what: &str) -> String {
        keys::beside_events(at, what)
    }

    /// What happened with a customer before `after`, newest first, at most `limit`.
    pub async fn events(
        &self,
        customer: CustomerId,
        limit: u32,
        after: Option<&str>,
    ) -> Result<Events, StoreError> {
        let partition = keys::customer_partition(self.id(), customer);
        let position = |sk: &str| Position { key: RawKey::new(partition.clone(), sk), index: None };
        let range = Range {
            within: Within::Partition(partition.clone()),
            sort: Sort::Prefix(keys::EVENTS.to_owned()),
            backward: true,
            limit,
            after: after.map(position),
            consistent: true,
        };
        let page = self.table().query(&range).await?;
        let next = page.next.map(|next| next.key.sk);
        let keys = page.items.iter().map(|item| item.key.sk.clone()).collect();
        let events = page.items.into_iter().map(event_from).collect::<Result<_, _>>()?;
        Ok(Events { events, keys, next })
    }

    /// All orders of a customer, oldest first.
    pub async fn orders_of(&self, customer: CustomerId) -> Result<Vec<Order>, StoreError> {
        Ok(self.history_of(customer).await?.1)
    }

    /// A customer with all their orders, oldest first, in one query. The customer may be newer than some orders, or
    /// older: who needs them to fit looks again at the version.
    pub async fn history_of(
        &self,
        customer: CustomerId,
    ) -> Result<(Option<Held<Customer>>, Vec<Order>), StoreError> {
        let (mut profile, mut orders) = (None, Vec::new());
        for item in self.all_of(keys::customer_partition(self.id(), customer)).await? {
            match kind_of(&item.key.sk) {
                None if item.key.sk == keys::PROFILE => profile = Some(customer_from(item)?),
                Some('O') => orders.push(read_as::<OrderRecord, Order>(item)?.into_inner()),
                _ => {}
            }
        }
        Ok((profile, orders))
    }

    fn order_key(&self, order: &Order) -> RawKey {
        keys::order(self.id(), order.customer, order.placed_at.as_second(), order.number)
    }
}

/// The letter behind the time. `None`: it is no event.
pub(crate) fn kind_of(sk: &str) -> Option<char> {
    sk.strip_prefix(keys::EVENTS)?.split('#').nth(1)?.chars().next()
}

pub(crate) fn event_from(item: Item) -> Result<(Timestamp, Event), StoreError> {
    let broken = || StoreError::Broken("E: an event of no known kind".to_owned());
    let millis = item.key.sk.strip_prefix(keys::EVENTS).and_then(|rest| rest.get(..15)?.parse().ok());
    let at = millis.and_then(|millis| Timestamp::from_millisecond(millis).ok()).ok_or_else(broken)?;
    let event = match kind_of(&item.key.sk) {
        Some('O') => Event::Order(Box::new(read_as::<OrderRecord, Order>(item)?.into_inner())),
        Some('C') => {
            let ConsentEvent { channel, consent } = read::<ConsentEvent>(item)?.into_inner();
            Event::Consent(channel, consent.into())
        }
        Some('M') => Event::Merged(read::<MergeEvent>(item)?.merged),
        Some('B') => {
            let LeftRecord { total, way_back } = read::<LeftRecord>(item)?.into_inner();
            Event::LeftCart(LeftBehind { total, way_back })
        }
        Some('K') => Event::Written(read_as::<WrittenEvent, Written>(item)?.into_inner()),
        Some('S') => Event::Moved(read_as::<MoveEvent, Moved>(item)?.into_inner()),
        _ => return Err(broken()),
    };
    Ok((at, event))
}

#[derive(Serialize, Deserialize)]
pub(crate) struct PlaceRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerId>,
    #[serde(default)]
    second: i64,
    #[serde(default)]
    number: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<BroughtBy>,
}

impl PlaceRecord {
    pub(crate) const GONE: Self = Self { customer: None, second: 0, number: 0, by: None };

    fn of(order: &Order) -> Self {
        let (second, number) = (order.placed_at.as_second(), order.number);
        Self { customer: Some(order.customer), second, number, by: None }
    }
}

impl From<PlaceRecord> for OrderPlace {
    fn from(record: PlaceRecord) -> Self {
        match record.customer {
            Some(customer) => Self::With(customer, record.second, record.number),
            None => Self::Gone,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct ConsentEvent {
    channel: Channel,
    #[serde(flatten)]
    consent: ConsentRecord,
}

#[derive(Serialize, Deserialize)]
struct MergeEvent {
    merged: CustomerId,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct OrderRecord {
    id: OrderId,
    customer: CustomerId,
    number: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    status: OrderStatus,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<Timestamp>,
    #[serde(default)]
    is_test: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<u64>,
    #[serde(default)]
    lines: Vec<OrderLine>,
    discounts: Minor,
    taxes: Minor,
    shipping: Minor,
    total: Minor,
    refunded: Minor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(with = "millisecond::required")]
    placed_at: Timestamp,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
}

impl From<&Order> for OrderRecord {
    fn from(order: &Order) -> Self {
        let Order { id, customer, number, name, status, cancelled_at, is_test, lines, .. } = order.clone();
        Self {
            id,
            customer,
            number,
            name,
            status,
            cancelled_at,
            is_test,
            app: order.app,
            location: order.location,
            lines,
            discounts: order.discounts,
            taxes: order.taxes,
            shipping: order.shipping,
            total: order.total,
            refunded: order.refunded,
            note: order.note.clone(),
            placed_at: order.placed_at,
            updated_at: order.updated_at,
        }
    }
}

impl From<OrderRecord> for Order {
    fn from(record: OrderRecord) -> Self {
        Self {
            id: record.id,
            customer: record.customer,
            number: record.number,
            name: record.name,
            status: record.status,
            cancelled_at: record.cancelled_at,
            is_test: record.is_test,
            app: record.app,
            location: record.location,
            lines: record.lines,
            discounts: record.discounts,
            taxes: record.taxes,
            shipping: record.shipping,
            total: record.total,
            refunded: record.refunded,
            note: record.note,
            placed_at: record.placed_at,
            updated_at: record.updated_at,
        }
    }
}

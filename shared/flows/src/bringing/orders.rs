//! Rows of orders.
//!
//! What the file calls an order makes its id, so that the same order comes again as the same. One that is there is told what
//! has become of it; a deleted one stays deleted.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest;
use domain::{CustomerId, Order, OrderId, Timestamp};
use futures::{StreamExt, TryStreamExt, stream};
use store::{BroughtBy, OrderPlace, Way};
use tables::orders::{OrderKey, OrderRow};

use super::{Clerk, LATE, Outcome, ROWS_AT_ONCE, Stored};
use crate::{FlowError, record::Whose};

/// What is known of a row's order.
enum Known {
    /// With what it is, if it has not just moved.
    There(Option<Box<Order>>),
    Gone,
    New(Whose),
    Nobodys,
}

impl Clerk<'_> {
    /// Each row an order, with its customer's totals; of nobody's it is refused. An error: some may be stored, and all can
    /// be sent again.
    pub async fn orders(&mut self, rows: Vec<OrderRow>, outcome: &mut Outcome) -> Result<(), FlowError> {
        if self.is_late() {
            for row in rows {
                outcome.note(row.row, Stored::Failed(LATE.to_owned()));
            }
            return Ok(());
        }
        let mut rows: Vec<_> = rows.into_iter().map(|row| (self.id_of(&row.key), row)).collect();
        while !rows.is_empty() {
            // Of two rows with one order, the second waits until it is known what became of the first.
            let mut seen = BTreeSet::new();
            let (firsts, seconds): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(id, _)| seen.insert(*id));
            rows = seconds;
            let known = self.known_orders(firsts).await?;
            if self.is_dry {
                for (id, row, known) in known {
                    let stored = self.order_rehearsed(id, &row, known);
                    outcome.note(row.row, stored?);
                }
                continue;
            }
            // One customer's orders one after the other: side by side they would stand in each other's way.
            let mut by_customer: BTreeMap<Option<CustomerId>, Vec<_>> = BTreeMap::new();
            for (id, row, known) in known {
                let whose = match &known {
                    Known::New(Whose::Customer(customer)) => Some(*customer),
                    Known::New(_) => Some(CustomerId::walk_in(id)),
                    Known::There(order) => order.as_ref().map(|order| order.customer),
                    Known::Gone | Known::Nobodys => None,
                };
                by_customer.entry(whose).or_default().push((id, row, known));
            }
            let clerk = &*self;
            let storing = stream::iter(by_customer.into_values()).map(async |orders| {
                let mut all = Vec::new();
                for (id, row, known) in orders {
                    all.push((row.row, clerk.order_stored(id, &row, known).await?));
                }
                Ok::<_, FlowError>(all)
            });
            let stored: Vec<_> = storing.buffer_unordered(ROWS_AT_ONCE).try_collect().await?;
            for (row, stored) in stored.into_iter().flatten() {
                outcome.note(row, stored);
            }
        }
        Ok(())
    }

    fn id_of(&mut self, key: &OrderKey) -> OrderId {
        match key {
            OrderKey::Id(id) => self.seen(*id),
            OrderKey::Called(name) => self.seen(id_by(name)),
            OrderKey::Said(said) => {
                let one = id_by(said);
                let others = self.said.entry(one).or_default();
                *others += 1;
                // No name has this letter.
                if *others == 1 { one } else { id_by(&format!("{said}\u{1e}{others}")) }
            }
        }
    }

    fn seen(&mut self, id: OrderId) -> OrderId {
        // Of a job's orders it stands with them, however long its file is.
        if self.lot.is_none() && !self.is_dry {
            *self.said.entry(id).or_default() += 1;
        }
        id
    }

    /// Whether the order that is there was in this very file before, with other lines. One that the file has not brought may
    /// have other lines for good.
    async fn is_torn(&self, row: &OrderRow, held: &Order) -> Result<bool, FlowError> {
        if !row.has_more_lines(held) {
            return Ok(false);
        }
        let Some(lot) = self.lot else {
            return Ok(self.said.get(&held.id).is_some_and(|times| *times > 1));
        };
        // This very row may have brought it, when it came before; whoever changed it since may do so.
        let by = self.record.store.order_brought_by(held.id).await?;
        Ok(by.is_some_and(|by| by.job == lot.job.id && by.row != row.row))
    }

    /// Orders are looked up together, and so is whose they are.
    async fn known_orders(
        &self,
        rows: Vec<(OrderId, OrderRow)>,
    ) -> Result<Vec<(OrderId, OrderRow, Known)>, FlowError> {
        let ids: Vec<_> = rows.iter().map(|(id, _)| *id).collect();
        let places = self.record.store.order_places(&ids).await?;
        let with: Vec<_> = places
            .iter()
            .filter_map(|place| match place {
                Some(OrderPlace::With(customer, second, number)) => Some((*customer, *second, *number)),
                _ => None,
            })
            .collect();
        let mut there = self.record.store.orders_at(&with).await?.into_iter();
        let is_new = |place: &Option<OrderPlace>| place.is_none();
        let new = rows.iter().zip(&places).filter(|(_, place)| is_new(place)).map(|((_, row), _)| row);
        let mut buyers = self.buyers(&new.collect::<Vec<_>>()).await?.into_iter();
        let known = rows.into_iter().zip(places).map(|((id, row), place)| {
            let known = match place {
                Some(OrderPlace::With(..)) => Known::There(there.next().flatten().map(Box::new)),
                Some(OrderPlace::Gone) => Known::Gone,
                None => buyers.next().flatten().map_or(Known::Nobodys, Known::New),
            };
            (id, row, known)
        });
        Ok(known.collect())
    }

    /// Whose new orders are.
    async fn buyers(&self, rows: &[&OrderRow]) -> Result<Vec<Option<Whose>>, FlowError> {
        let mut digests = Vec::new();
        for row in rows {
            let buyer = &row.buyer;
            let told = [
                (Way::Called, buyer.called.clone()),
                (Way::Email, buyer.email.as_ref().map(ToString::to_string)),
                (Way::Phone, buyer.phone.as_ref().map(ToString::to_string)),
            ];
            for (way, told) in told {
                digests.push(match told {
                    Some(told) => Some(self.record.known_by(way, &told).await?),
                    None => None,
                });
            }
        }
        let found = self.record.known(&digests).await?;
        let ids = rows.iter().map(|row| row.buyer.id).chain(found.iter().copied()).flatten();
        let ids: BTreeSet<CustomerId> = ids.collect();
        let people = self.record.store.customers(&ids.into_iter().collect::<Vec<_>>()).await?;
        // Also who was merged: somebody else has their orders now.
        let kept = people.iter().filter(|customer| customer.kind != domain::customer::CustomerKind::Erased);
        let kept: BTreeSet<CustomerId> = kept.map(|customer| customer.id).collect();
        let all = rows.iter().zip(found.chunks(3)).map(|(row, found)| {
            let buyer = &row.buyer;
            if *buyer == tables::orders::Buyer::default() {
                return Some(Whose::Nobody);
            }
            let mut told = [buyer.id].into_iter().chain(found.iter().copied()).flatten();
            match told.find(|id| kept.contains(id)) {
                Some(id) => Some(Whose::Customer(id)),
                None if self.makes_guests && (buyer.email.is_some() || buyer.phone.is_some()) => {
                    Some(Whose::Address { email: buyer.email.clone(), phone: buyer.phone.clone() })
                }
                // Claimed for somebody who is just being stored.
                None => buyer.email.clone().filter(|_| found[1].is_some()).map(Whose::Known),
            }
        });
        Ok(all.collect())
    }

    async fn order_stored(&self, id: OrderId, row: &OrderRow, known: Known) -> Result<Stored, FlowError> {
        if self.is_late() {
            return Ok(Stored::Failed(LATE.to_owned()));
        }
        let now = self.record.clock.now();
        match known {
            Known::Gone => Ok(gone()),
            Known::Nobodys => Ok(nobodys()),
            Known::New(whose) => {
                let order = row.order(id, now);
                let by = self.lot.map(|lot| BroughtBy { job: lot.job.id, row: row.row });
                let done = self.record.done(|| self.record.order_brought(order.clone(), &whose, by)).await;
                Stored::of(done, true)
            }
            Known::There(Some(held)) if self.is_torn(row, &held).await? => Ok(torn()),
            Known::There(order) => {
                let told = order.map(|held| {
                    let mut order = (*held).clone();
                    told_to(row, &mut order, now).map(|()| order == *held)
                });
                if matches!(told, Some(Ok(true))) {
                    return Ok(Stored::Unchanged);
                }
                let tell = |order: &mut Order| told_to(row, order, now);
                Stored::of(self.record.done(|| self.record.order_changed(id, tell)).await, false)
            }
        }
    }

    /// What would become of the row, behind those that were rehearsed before it.
    fn order_rehearsed(&mut self, id: OrderId, row: &OrderRow, known: Known) -> Result<Stored, FlowError> {
        let now = self.record.clock.now();
        let is_again = self.rehearsed_orders.contains_key(&id);
        let held = match (self.rehearsed_orders.remove(&id), known) {
            (Some(order), _) | (None, Known::There(Some(order))) => *order,
            (None, Known::Gone) => return Ok(gone()),
            (None, Known::Nobodys) => return Ok(nobodys()),
            (None, Known::There(None)) => return Ok(Stored::Unchanged),
            (None, Known::New(_)) => {
                // Rows behind it may change how it is paid, and must have no other lines.
                let order = Order { note: None, ..row.order(id, now) };
                self.rehearsed_orders.insert(id, Box::new(order));
                return Ok(Stored::Created(Vec::new()));
            }
        };
        if is_again && row.has_more_lines(&held) {
            self.rehearsed_orders.insert(id, Box::new(held));
            return Ok(torn());
        }
        let mut order = held.clone();
        let told = told_to(row, &mut order, now);
        let is_same = order == held;
        self.rehearsed_orders.insert(id, Box::new(if told.is_ok() { order } else { held }));
        match told {
            Ok(()) if is_same => Ok(Stored::Unchanged),
            Ok(()) => Ok(Stored::Updated(Vec::new())),
            Err(error) => Stored::of::<()>(Err(error), false),
        }
    }
}

fn told_to(row: &OrderRow, order: &mut Order, now: Timestamp) -> Result<(), FlowError> {
    row.tell(order, now).map_err(|wrong| FlowError::invalid("", "invalid", format!("refunded {wrong}")))
}

fn gone() -> Stored {
    Stored::Failed("the order was deleted here, and a file does not bring it back".to_owned())
}

fn torn() -> Stored {
    let sentence =
        "the order is in this file before, with other lines: the rows of one order must follow each other";
    Stored::Failed(sentence.to_owned())
}

fn nobodys() -> Stored {
    Stored::Failed("nobody is known by the customer of this order: import the customers first".to_owned())
}

/// Always the same for the same name. Of the beginning of time, so that no other id of ours can be the same.
fn id_by(name: &str) -> OrderId {
    let sum = digest::digest(&digest::SHA256, name.as_bytes());
    let mut dice = [0; 10];
    dice.copy_from_slice(&sum.as_ref()[..10]);
    OrderId::new(Timestamp::UNIX_EPOCH, dice)
}

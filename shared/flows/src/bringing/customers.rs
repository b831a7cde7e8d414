//! Rows of customers.
//!
//! Somebody is known by their id, by what the file calls them, or by an address, in this order.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use columns::Slot;
use domain::{
    CUSTOMER_BYTES_MAX, Customer, CustomerId,
    customer::{CustomerKind, Totals},
};
use futures::{StreamExt, TryStreamExt, stream};
use store::{AddressDigest, Way};
use tables::customers::CustomerRow;

use super::{Clerk, LATE, Outcome, ROWS_AT_ONCE, Stored};
use crate::{
    FlowError,
    record::{Held, Laid},
};

/// What is known of a row's person.
enum Known {
    /// Nobody has their addresses: the id and the slot that they get.
    New(CustomerId, Slot),
    /// This very row made them, when it came before.
    Own(CustomerId),
    Guest,
    Customer(CustomerId),
    /// They are there, and the row says nothing new of them.
    AsTold(CustomerId),
    /// They were forgotten after the file was brought.
    Forgotten,
}

/// What the file calls the person of a row, to be noted, and who was called so until now.
struct Called(AddressDigest, Option<CustomerId>);

type Rows = Vec<(CustomerRow, Known, Option<Called>)>;

impl Clerk<'_> {
    /// Somebody who is known is told what the row says and keeps their totals. An error: some rows may be stored, and all
    /// can be sent again.
    pub async fn customers(
        &mut self,
        rows: Vec<CustomerRow>,
        outcome: &mut Outcome,
    ) -> Result<(), FlowError> {
        if self.is_late() {
            for row in rows {
                outcome.note(row.row, Stored::Failed(LATE.to_owned()));
            }
            return Ok(());
        }
        // Of two rows with one address, the second waits until it is known what became of the first.
        let mut seen = BTreeSet::new();
        let (firsts, seconds): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| {
            let told = names(row);
            let is_first = told.iter().all(|name| !seen.contains(name));
            seen.extend(told);
            is_first
        });
        let known = self.known(firsts).await?;
        if self.is_dry {
            for (row, known, _) in known {
                let number = row.row;
                let stored = self.rehearsed(row, known).await?;
                outcome.note(number, stored);
            }
        } else {
            let clerk = &*self;
            let storing = stream::iter(known).map(async |(row, known, called)| {
                let number = row.row;
                clerk.stored(row, known, called).await.map(|stored| (number, stored))
            });
            let stored: Vec<_> = storing.buffer_unordered(ROWS_AT_ONCE).try_collect().await?;
            for (row, stored) in stored {
                outcome.note(row, stored);
            }
        }
        for row in seconds {
            for (row, known, called) in self.known(vec![row]).await? {
                let number = row.row;
                let stored = if self.is_dry {
                    self.rehearsed(row, known).await?
                } else {
                    self.stored(row, known, called).await?
                };
                outcome.note(number, stored);
            }
        }
        Ok(())
    }

    /// For a rehearsal, of each row before any of them is brought: what becomes of somebody is then remembered only if
    /// another row may be about them, too.
    pub(super) fn foresee(&mut self, row: &CustomerRow) {
        let foreseen = self.people.foreseen.get_or_insert_default();
        for name in names(row) {
            let mark = mark(&name);
            if !foreseen.once.insert(mark) {
                foreseen.often.insert(mark);
            }
        }
    }

    /// Names and addresses are looked up together, and slots are taken together for those alone who need one.
    async fn known(&self, rows: Vec<CustomerRow>) -> Result<Rows, FlowError> {
        let named = self.named(&rows).await?;
        let addresses: Vec<_> = rows.iter().map(|row| (row.email.clone(), row.phone.clone())).collect();
        let held = self.record.holders(&addresses).await?;
        let forgotten = self.forgotten(&rows).await?;
        let own = |row: &CustomerRow| self.lot.map(|lot| CustomerId::of_row(lot.job.id, row.row));
        let is_new = |row: &CustomerRow, held: Held| match held {
            Held::Free => true,
            Held::For(id) => own(row) == Some(id),
            Held::ByGuest | Held::By(..) => false,
        };
        let mut ids = Vec::new();
        for (((row, held), (id, _)), forgotten) in rows.iter().zip(&held).zip(&named).zip(&forgotten) {
            if id.is_none() && is_new(row, *held) && !forgotten {
                ids.push(own(row).unwrap_or_else(|| self.record.new_customer()));
            }
        }
        let slots: Vec<Slot> = if self.is_dry {
            vec![Slot(0); ids.len()]
        } else {
            self.record.slots_taken_for(&ids).await?.into_iter().collect()
        };
        let mut free = ids.into_iter().zip(slots);
        let mut all = Vec::new();
        for (((row, held), (id, called)), forgotten) in rows.into_iter().zip(held).zip(named).zip(forgotten) {
            let known = match (id, held) {
                (None, held) if forgotten && is_new(&row, held) => Known::Forgotten,
                (Some(id), _) | (None, Held::By(_, id)) if own(&row) == Some(id) => Known::Own(id),
                (Some(id), _) | (None, Held::By(_, id)) => Known::Customer(id),
                (None, held) if !is_new(&row, held) => Known::Guest,
                (None, _) => match free.next() {
                    Some((id, slot)) => Known::New(id, slot),
                    None => return Err(FlowError::broken("fewer slots than rows")),
                },
            };
            all.push((row, known, called));
        }
        self.as_told(&mut all).await?;
        Ok(all)
    }

    /// Most rows of a file that comes again say nothing new: they are read together, and that is all.
    async fn as_told(&self, rows: &mut Rows) -> Result<(), FlowError> {
        let ids = rows.iter().filter_map(|(_, known, _)| match known {
            Known::Customer(id) => Some(*id),
            _ => None,
        });
        let people = self.record.store.customers(&ids.collect::<Vec<_>>()).await?;
        let people: BTreeMap<CustomerId, _> = people.iter().map(|held| (held.id, held)).collect();
        for (row, known, _) in rows {
            let Known::Customer(id) = *known else { continue };
            let Some(held) = people.get(&id).filter(|held| !held.is_gone() && !id.is_walk_in()) else {
                continue;
            };
            let mut customer = (***held).clone();
            if told_to(row, &mut customer).is_ok() && customer == ***held {
                *known = Known::AsTold(id);
            }
        }
        Ok(())
    }

    /// Who is there under what the rows call them; else what is to be noted.
    async fn named(
        &self,
        rows: &[CustomerRow],
    ) -> Result<Vec<(Option<CustomerId>, Option<Called>)>, FlowError> {
        let mut digests = Vec::new();
        for row in rows {
            digests.push(match &row.called {
                Some(called) => Some(self.record.known_by(Way::Called, called).await?),
                None => None,
            });
        }
        let found = self.record.known(&digests).await?;
        let ids: Vec<Option<CustomerId>> =
            rows.iter().map(|row| row.called.as_ref().and_then(|called| called.parse().ok())).collect();
        let asked: BTreeSet<CustomerId> = ids.iter().chain(&found).flatten().copied().collect();
        let people = self.record.store.customers(&asked.into_iter().collect::<Vec<_>>()).await?;
        let present: BTreeSet<CustomerId> =
            people.iter().filter(|customer| !customer.is_gone()).map(|customer| customer.id).collect();
        let all = ids.into_iter().zip(found).zip(digests).map(|((id, found), digest)| {
            match [id, found].into_iter().flatten().find(|id| present.contains(id)) {
                Some(id) => (Some(id), None),
                None => (None, digest.map(|digest| Called(digest, found))),
            }
        });
        Ok(all.collect())
    }

    async fn stored(
        &self,
        row: CustomerRow,
        known: Known,
        called: Option<Called>,
    ) -> Result<Stored, FlowError> {
        if self.is_late() {
            return Ok(Stored::Failed(LATE.to_owned()));
        }
        let tell = |customer: &mut Customer| told_to(&row, customer);
        let meet = |customer: &mut Customer| met(&row, customer);
        let large = self.lot.filter(|lot| lot.is_large);
        let known = match (known, large) {
            (Known::New(id, slot), Some(lot)) => {
                let mut customer = Customer::new(id, slot.0, CustomerKind::Person, lot.job.created_at);
                let laid = match meet(&mut customer) {
                    Ok(()) => self.record.laid_down(&customer, &[]).await?,
                    Err(wrong) => return Stored::of::<()>(Err(wrong), false),
                };
                match laid {
                    Laid::Down | Laid::Again => {
                        self.noted(called, id).await?;
                        return Ok(Stored::Laid(slot.shard()));
                    }
                    Laid::Gone => return Ok(deleted()),
                    Laid::Known(other) if other == id => Known::Guest,
                    Laid::Known(other) => Known::Customer(other),
                }
            }
            (Known::New(id, slot), None) if self.lot.is_some() => match self.record.store.customer(id).await?
            {
                Some(there) if there.is_gone() => return Ok(deleted()),
                // Another worker's, who has this very row.
                Some(_) => Known::Own(id),
                None => Known::New(id, slot),
            },
            (known, _) => known,
        };
        let (done, is_new) = match known {
            Known::Own(id) => (self.record.done(|| self.record.customer_changed(id, tell)).await, true),
            Known::New(id, slot) => {
                let made = self.record.done(|| self.record.customer_made_in(Some(slot), id, meet)).await;
                let is_new = made.as_ref().is_ok_and(|plan| plan.outcome.id == id);
                (made, is_new)
            }
            Known::Guest => {
                let id = self.record.new_customer();
                (self.record.done(|| self.record.customer_made_in(None, id, meet)).await, false)
            }
            Known::Customer(id) => (self.record.done(|| self.record.customer_changed(id, tell)).await, false),
            Known::AsTold(id) => {
                self.noted(called, id).await?;
                return Ok(Stored::Unchanged);
            }
            Known::Forgotten => return Ok(Stored::Unchanged),
        };
        if let Ok(plan) = &done {
            self.noted(called, plan.outcome.id).await?;
            if large.is_some() && is_new {
                return Ok(Stored::Laid(Slot(plan.outcome.slot).shard()));
            }
        }
        match done {
            // A job's rows come again.
            Err(overtaken) if self.lot.is_some() && overtaken.is_overtaken() => {
                Err(FlowError::unavailable(overtaken))
            }
            done => Stored::of(done, is_new),
        }
    }

    async fn noted(&self, called: Option<Called>, id: CustomerId) -> Result<(), FlowError> {
        let Some(Called(name, before)) = called else { return Ok(()) };
        self.record.called(&name, before, id).await
    }

    /// What would become of the row, behind those that were rehearsed before it.
    async fn rehearsed(&mut self, row: CustomerRow, known: Known) -> Result<Stored, FlowError> {
        if self.is_late() {
            return Ok(Stored::Failed(LATE.to_owned()));
        }
        let names = names(&row);
        let mut before: Vec<usize> =
            names.iter().filter_map(|name| self.people.by.get(name).copied()).collect();
        before.sort_unstable();
        before.dedup();
        let (place, planned) = match (&*before, known) {
            (&[], Known::New(id, slot)) => {
                let mut customer = Customer::new(id, slot.0, CustomerKind::Person, self.record.clock.now());
                let met = met(&row, &mut customer);
                (None, met.map(|()| (customer, Stored::Created(Vec::new()))))
            }
            (&[], Known::Guest) => {
                let id = self.record.new_customer();
                let plan = self.record.customer_made_in(None, id, |customer| met(&row, customer)).await;
                (None, plan.map(|plan| (plan.outcome, Stored::Updated(Vec::new()))))
            }
            (&[], Known::Customer(id) | Known::AsTold(id) | Known::Own(id)) => {
                let plan = self.record.customer_changed(id, |customer| told_to(&row, customer)).await;
                let stored = |is_same| if is_same { Stored::Unchanged } else { Stored::Updated(Vec::new()) };
                (None, plan.map(|plan| (plan.outcome, stored(plan.shards.is_empty()))))
            }
            (&[place], known) if !is_another(&known, &self.people.all[place]) => {
                let mut customer = self.people.all[place].clone();
                let told = told_to(&row, &mut customer);
                let is_same = customer == self.people.all[place];
                let stored = if is_same { Stored::Unchanged } else { Stored::Updated(Vec::new()) };
                (Some(place), told.map(|()| (customer, stored)))
            }
            (_, Known::Forgotten) => return Ok(Stored::Unchanged),
            _ => return Ok(Stored::Failed("names two customers at once".to_owned())),
        };
        match planned {
            Ok((customer, stored)) => {
                self.people.remember(place, names, customer);
                Ok(stored)
            }
            Err(error) => Stored::of::<()>(Err(error), false),
        }
    }
}

fn deleted() -> Stored {
    Stored::Failed("the customer has just been deleted".to_owned())
}

/// People of a rehearsal, as they would be by now.
#[derive(Default)]
pub(super) struct People {
    all: Vec<Customer>,
    by: BTreeMap<String, usize>,
    foreseen: Option<Foreseen>,
}

/// Marks of names that stand in some row, and of those that stand in more than one.
#[derive(Default)]
struct Foreseen {
    once: HashSet<u64>,
    often: HashSet<u64>,
}

impl People {
    fn remember(&mut self, place: Option<usize>, names: Vec<String>, customer: Customer) {
        let comes_again = |foreseen: &Foreseen| names.iter().any(|name| foreseen.often.contains(&mark(name)));
        if !self.foreseen.as_ref().is_none_or(comes_again) {
            return;
        }
        let place = if let Some(place) = place {
            self.all[place] = customer;
            place
        } else {
            self.all.push(customer);
            self.all.len() - 1
        };
        self.by.extend(names.into_iter().map(|name| (name, place)));
    }
}

fn mark(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

fn is_another(known: &Known, customer: &Customer) -> bool {
    matches!(known, Known::Customer(id) | Known::AsTold(id) if *id != customer.id)
}

/// By what the person of a row is known within the file.
fn names(row: &CustomerRow) -> Vec<String> {
    let called = row.called.as_ref().map(|called| format!("called {called}"));
    let email = row.email.as_ref().map(ToString::to_string);
    let phone = row.phone.as_ref().map(ToString::to_string);
    [called, email, phone].into_iter().flatten().collect()
}

/// Tells somebody who is new, or known only from an order.
fn met(row: &CustomerRow, customer: &mut Customer) -> Result<(), FlowError> {
    if row.is_guest {
        customer.kind = CustomerKind::Guest;
    }
    customer.created_at = row.created_at().map_or(customer.created_at, |at| at.min(customer.created_at));
    if customer.next_order == 1 && customer.totals == Totals::default() {
        let opening = row.opening();
        let with = customer.clone().with_totals(Some(opening.orders), Some(opening.spent));
        *customer = with.map_err(|wrong| FlowError::invalid("", "invalid", wrong.to_string()))?;
    }
    told_to(row, customer)
}

fn told_to(row: &CustomerRow, customer: &mut Customer) -> Result<(), FlowError> {
    let wrong = |sentence: String| FlowError::invalid("", "invalid", sentence);
    row.tell(customer).map_err(|bad| wrong(format!("the customer's tags or attributes {bad}")))?;
    if customer.bytes() > CUSTOMER_BYTES_MAX {
        return Err(wrong("is too much for one customer".to_owned()));
    }
    Ok(())
}

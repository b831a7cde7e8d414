//! Somebody is forgotten because they ask for it: under every name that they have here, for good.
//!
//! Customers stay as nobody, orders as figures. An address keeps no more than since when it is nobody's, by its digest, so
//! that no word of before makes anybody of it; whoever buys with it afterwards is somebody new.

use std::collections::BTreeSet;

use columns::{ShardNumber, Slot};
use domain::{
    Customer, CustomerId, Order, OrderId, Timestamp,
    campaign::{Chunk, MessageId},
    customer::CustomerKind,
    timeline::Event,
};
use store::{AddressDigest, StoreError};

use super::{Plan, Record};
use crate::{FlowError, privacy::Person};

/// Events of a customer that are read together.
const EVENTS_AT_ONCE: u32 = 200;

impl Record<'_> {
    /// With all that is known here of who is meant: whoever has their orders now, whoever became part of them, and
    /// whoever has one of their addresses, unless the shop tells the two apart. `told`: as the shop calls them.
    pub async fn somebody_found(
        &self,
        mut person: Person,
        told: Option<CustomerId>,
    ) -> Result<Person, FlowError> {
        person.ids.extend(told);
        let mut known = None;
        // With each round somebody more may be found, by what the one before told.
        while known.as_ref() != Some(&person) {
            known = Some(person.clone());
            let digests = self.digests_of(&person).await?;
            let holders = self.store.customers_with(&digests.into_iter().collect::<Vec<_>>()).await?;
            let is_them =
                |id: &CustomerId| !id.is_walk_in() && (told.is_none() || matches!(id, CustomerId::Ours(_)));
            person.ids.extend(holders.into_iter().flatten().filter(is_them));
            for id in person.ids.clone() {
                if let Some(customer) = self.store.customer(id).await? {
                    found_with(&mut person, &customer);
                    person.ids.extend(self.merged_into(id).await?);
                }
            }
        }
        Ok(person)
    }

    async fn digests_of(&self, person: &Person) -> Result<BTreeSet<AddressDigest>, FlowError> {
        let mut digests = BTreeSet::new();
        for email in &person.emails {
            digests.extend(self.digests(Some(email), None).await?);
        }
        for phone in &person.phones {
            digests.extend(self.digests(None, Some(phone)).await?);
        }
        Ok(digests)
    }

    /// Who became part of them.
    async fn merged_into(&self, id: CustomerId) -> Result<BTreeSet<CustomerId>, FlowError> {
        let (mut merged, mut after) = (BTreeSet::new(), None);
        loop {
            let read = self.store.events(id, EVENTS_AT_ONCE, after.as_deref()).await?;
            merged.extend(read.events.into_iter().filter_map(|(_, event)| match event {
                Event::Merged(merged) => Some(merged),
                _ => None,
            }));
            match read.next {
                Some(next) => after = Some(next),
                None => return Ok(merged),
            }
        }
    }

    /// They are nobody from now on. Doing it again does no harm, and finds what came in between. Says where the audience
    /// knew them, and how many orders were theirs.
    pub async fn somebody_forgotten(
        &self,
        person: &Person,
        since: Timestamp,
    ) -> Result<(BTreeSet<ShardNumber>, u64), FlowError> {
        let digests: Vec<_> = self.digests_of(person).await?.into_iter().collect();
        for (digest, known) in digests.iter().zip(self.store.addresses_gone(&digests).await?) {
            if known.is_none_or(|known| known < since) {
                self.store.commit(vec![self.store.address_gone(digest, since)]).await?;
            }
        }
        // Also of addresses that were theirs before, or that the request alone tells.
        for digest in digests {
            self.done(|| async { Ok(Plan::steps(self.words_unlisted([digest.clone()]).await?)) }).await?;
        }
        let (mut shards, mut orders) = (BTreeSet::new(), person.orders.clone());
        for id in person.ids.iter().copied().filter(|id| !id.is_walk_in()) {
            orders.extend(self.store.orders_of(id).await?.iter().map(|order| order.id));
            match self.store.customer_held(id).await?.map(|held| held.kind) {
                None if matches!(id, CustomerId::Ours(_)) => continue,
                None => drop(self.done(|| self.customer_gone(id)).await?),
                Some(CustomerKind::Merged(_) | CustomerKind::Erased) => {}
                Some(_) => match self.done(|| self.customer_erased(id)).await {
                    // Somebody else was faster.
                    Ok(_) | Err(FlowError::NotFound(_)) => {}
                    Err(error) => return Err(error),
                },
            }
            // Also of who was merged: what had happened with them did not go over. And what came beside the customer while
            // they were forgotten: a campaign notes whom it is about to write to.
            self.words_gone(id).await?;
            if let Some(gone) = self.store.customer(id).await? {
                shards.insert(Slot(gone.slot).shard());
            }
        }
        for (token, _) in self.store.carts_of(&person.ids).await? {
            self.done(|| self.cart_forgotten(&token)).await?;
        }
        for order in &person.orders {
            shards.extend(self.order_wordless(*order, since).await?);
        }
        Ok((shards, orders.len() as u64))
    }

    /// What became of a message to them is nobody's any more, and no receipt makes it somebody's.
    pub(super) async fn message_forgotten(&self, id: MessageId) -> Result<(), FlowError> {
        loop {
            let Some(held) = self.store.campaign_chunk(id.campaign, id.chunk).await? else { return Ok(()) };
            let mut chunk = Chunk::clone(&held);
            if !chunk.forget(usize::from(id.place), self.now()) {
                return Ok(());
            }
            let (step, _) = self.store.chunk_put(id.campaign, id.chunk, Some(&held), chunk);
            match self.store.commit(vec![step]).await {
                // A receipt came, or somebody sends the others.
                Err(StoreError::Conflict(_)) => {}
                done => return Ok(done?),
            }
        }
    }

    /// An order that stays somebody else's: no word of before brings its words back.
    async fn order_wordless(&self, id: OrderId, since: Timestamp) -> Result<Vec<ShardNumber>, FlowError> {
        let Some(held) = self.store.order(id).await?.filter(|held| held.note.is_some()) else {
            return Ok(Vec::new());
        };
        drop(held);
        let wordless = |order: &mut Order| {
            order.note = None;
            order.updated_at = order.updated_at.max(since);
            Ok(())
        };
        match self.done(|| self.order_changed(id, wordless)).await {
            Ok(plan) => Ok(plan.shards),
            Err(FlowError::NotFound(_)) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Whether one of these was somebody's who has been forgotten since.
    pub async fn is_forgotten(
        &self,
        digests: &BTreeSet<AddressDigest>,
        at: Timestamp,
    ) -> Result<bool, FlowError> {
        let asked: Vec<_> = digests.iter().cloned().collect();
        let gone = self.store.addresses_gone(&asked).await?;
        Ok(gone.into_iter().flatten().any(|since| at <= since))
    }
}

fn found_with(person: &mut Person, customer: &Customer) {
    person.emails.extend(customer.email.clone());
    person.phones.extend(customer.phone.clone());
    let names = [&customer.first_name, &customer.last_name].into_iter().flatten();
    person.names.extend(names.flat_map(|name| name.split_whitespace()).map(str::to_owned));
    if let CustomerKind::Merged(heir) = customer.kind {
        person.ids.insert(heir);
    }
}

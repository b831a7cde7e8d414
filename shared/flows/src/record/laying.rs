//! Many new customers at once: each write alone, without the price of a transaction and without a changed row. The
//! audience sees them when their shards are made anew.
//!
//! Addresses first: whoever needs one before its customer is there makes that customer themselves, under the id that the
//! address names. Then the customer, with the totals of what they bought, and then their orders. Whoever dies in between
//! does it all again, with the same ids and the same instant.

use columns::Slot;
use domain::{Customer, CustomerId, Order, Timestamp, customer::CustomerKind};
use store::{AddressDigest, OrderPlace, Step, StoreError};

use super::{Record, Word};
use crate::FlowError;

/// What became of one of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Laid {
    /// They are there.
    Down,
    /// They were there already: an earlier try had laid them down, or somebody else made them as they are made.
    Again,
    /// They were, and have been erased since: they do not come back.
    Gone,
    /// Nothing was stored: this customer has one of the addresses, or was made under that id by somebody else.
    Known(CustomerId),
}

impl Record<'_> {
    /// A new customer, whole: their slot was named as theirs before, and totals and numbers are those of the orders.
    pub async fn laid_down(&self, customer: &Customer, orders: &[Order]) -> Result<Laid, FlowError> {
        let mut customer = customer.clone();
        self.looked_up(None, &mut customer).await?;
        let customer = &customer;
        self.store.attributes_known(&customer.attributes).await?;
        let digests = self.digests(customer.email.as_ref(), customer.phone.as_ref()).await?;
        let mut claimed = Vec::new();
        for address in &digests {
            let holder = self.claimed(address, customer.id).await?;
            if holder != customer.id {
                self.unclaimed(&claimed, customer.id).await?;
                return Ok(Laid::Known(holder));
            }
            claimed.push(address);
        }
        for step in self.consents_noted(None, customer) {
            self.store.commit(vec![step]).await?;
        }
        let is_new = self.unless_there(self.store.customer_laid_down(customer)).await?;
        if !is_new {
            let there = self.store.customer(customer.id).await?;
            let is_ours =
                |there: &Customer| (there.kind, there.created_at) == (customer.kind, customer.created_at);
            match there {
                Some(there) if there.is_gone() => {
                    // For nobody: whoever is gone has given up their addresses.
                    for address in claimed {
                        self.store.commit(vec![self.store.address_left(address)]).await?;
                    }
                    return Ok(Laid::Gone);
                }
                Some(there) if is_ours(&there) => {}
                _ => return Ok(Laid::Known(customer.id)),
            }
        }
        for order in orders {
            self.order_laid_down(order).await?;
        }
        Ok(if is_new { Laid::Down } else { Laid::Again })
    }

    /// As the shop tells of somebody of whom nothing is known: their slot was named as theirs before.
    pub async fn told_down(&self, word: &Word<'_>, slot: Slot, at: Timestamp) -> Result<Laid, FlowError> {
        let nobody = Customer::new(word.id, slot.0, CustomerKind::Person, at);
        self.laid_down(&word.told(&nobody)?, &[]).await
    }

    /// The same as steps, one write each, for whoever commits many together and finds by a conflict that they did before.
    pub async fn laying_down(&self, customer: &Customer, orders: &[Order]) -> Result<Vec<Step>, FlowError> {
        self.store.attributes_known(&customer.attributes).await?;
        let digests = self.digests(customer.email.as_ref(), customer.phone.as_ref()).await?;
        let claims = digests.iter().map(|address| self.store.address_claimed(address, customer.id));
        let mut steps: Vec<Step> = claims.collect();
        steps.extend(self.consents_noted(None, customer));
        steps.push(self.store.customer_laid_down(customer));
        steps.extend(orders.iter().flat_map(|order| self.store.order_laid_down(order)));
        Ok(steps)
    }

    /// One that has moved or was deleted since an earlier try stays so.
    async fn order_laid_down(&self, order: &Order) -> Result<(), FlowError> {
        let [place, itself] = self.store.order_laid_down(order);
        if !self.unless_there(place).await? {
            let at = OrderPlace::With(order.customer, order.placed_at.as_second(), order.number);
            if self.store.order_place(order.id).await?.is_none_or(|place| *place != at) {
                return Ok(());
            }
        }
        self.unless_there(itself).await.map(drop)
    }

    /// Whose the address is.
    async fn claimed(&self, address: &AddressDigest, by: CustomerId) -> Result<CustomerId, FlowError> {
        match self.store.commit(vec![self.store.address_claimed(address, by)]).await {
            Ok(()) => return Ok(by),
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let holder = self.store.customers_with(std::slice::from_ref(address)).await?.pop().flatten();
        // Given up between the two calls: whoever comes again finds it free.
        Ok(holder.ok_or(StoreError::Conflict(0))?)
    }

    /// For nobody any more, unless somebody was made under that id meanwhile.
    async fn unclaimed(&self, addresses: &[&AddressDigest], id: CustomerId) -> Result<(), FlowError> {
        for address in addresses {
            let steps = vec![self.store.customer_is_nobody(id), self.store.address_left(address)];
            match self.store.commit(steps).await {
                Ok(()) | Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Whether it was not.
    async fn unless_there(&self, step: Step) -> Result<bool, FlowError> {
        match self.store.commit(vec![step]).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

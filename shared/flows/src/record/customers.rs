//! Customers made, changed, erased.

use columns::Slot;
use domain::{Consent, Customer, CustomerId, customer::CustomerKind, timeline::Channel};
use store::{HeldCustomer, Orders, Step, StoreError};

use super::{
    Plan, Record,
    addresses::{Berth, taken},
};
use crate::FlowError;

/// How many merges are followed from one customer to the one who has their orders now.
const MERGES_MAX: usize = 8;

impl Record<'_> {
    /// A new customer, as told. Somebody of whom we only know that they bought something becomes that customer; an
    /// address of anybody else's is a refusal. `id`: Shopify's, or one of ours.
    pub async fn customer_made(
        &self,
        id: Option<CustomerId>,
        told: impl Fn(&mut Customer) -> Result<(), FlowError>,
    ) -> Result<Plan<Customer>, FlowError> {
        let id = id.unwrap_or_else(|| self.new_customer());
        self.customer_made_in(None, id, told).await
    }

    /// As `customer_made`, in a slot that was taken for that id with others before: see `slots_taken_for`.
    pub async fn customer_made_in(
        &self,
        slot: Option<Slot>,
        id: CustomerId,
        told: impl Fn(&mut Customer) -> Result<(), FlowError>,
    ) -> Result<Plan<Customer>, FlowError> {
        let now = self.now();
        let mut customer = Customer::new(id, 0, CustomerKind::Person, now);
        told(&mut customer)?;
        self.store.attributes_known(&customer.attributes).await?;
        let digests = self.digests(customer.email.as_ref(), customer.phone.as_ref()).await?;
        let free = match self.berth(&digests, id).await? {
            Berth::Taken(_, guest) if guest.kind == CustomerKind::Guest => {
                let mut known = (**guest).clone();
                known.kind = CustomerKind::Person;
                told(&mut known)?;
                return self.changed(&guest, known, Orders::new()).await;
            }
            Berth::Taken(way, holder) => return Err(taken(way, holder.id)),
            Berth::Free(id, free) => {
                customer.id = id;
                free
            }
        };
        self.looked_up(None, &mut customer).await?;
        let made = if let Some(slot) = slot.filter(|_| customer.id == id) {
            customer.slot = slot.0;
            self.store.customer_made_named(&customer, Orders::new())
        } else {
            customer.slot = self.slot_taken().await?.0;
            self.store.customer_made(&customer, Orders::new())
        };
        let mut steps = vec![made];
        steps.extend(free.iter().map(|address| self.store.address_claimed(address, customer.id)));
        steps.extend(self.consents_noted(None, &customer));
        Ok(Plan::of(steps, customer.clone(), &[customer.slot]))
    }

    /// The customer as told. Whoever is gone is not there.
    pub async fn customer_changed(
        &self,
        id: CustomerId,
        told: impl Fn(&mut Customer) -> Result<(), FlowError>,
    ) -> Result<Plan<Customer>, FlowError> {
        let held = self.present(id).await?;
        must_be_somebody(id)?;
        let mut customer = (*held).clone();
        told(&mut customer)?;
        self.changed(&held, customer, Orders::new()).await
    }

    pub(super) async fn changed(
        &self,
        held: &HeldCustomer,
        customer: Customer,
        orders: Orders,
    ) -> Result<Plan<Customer>, FlowError> {
        if customer.opening != held.opening {
            self.in_its_currency(held)?;
        }
        let mut customer = customer.changed(held, self.by, self.now());
        self.looked_up(Some(held), &mut customer).await?;
        if customer == **held && orders.is_empty() {
            return Ok(Plan::nothing(customer));
        }
        if customer.attributes != held.attributes {
            self.store.attributes_known(&customer.attributes).await?;
        }
        let mut steps = vec![self.store.customer_changed(held, &customer, orders)];
        steps.extend(self.readdressed(Some(held), &customer).await?);
        steps.extend(self.consents_noted(Some(held), &customer));
        let slot = customer.slot;
        Ok(Plan::of(steps, customer, &[slot]))
    }

    /// Every word about a customer goes, for good; what they bought stays, as figures. Doing it again does no harm.
    pub async fn customer_erased(&self, id: CustomerId) -> Result<Plan<()>, FlowError> {
        let mut held = self.present(id).await?;
        must_be_somebody(id)?;
        // Words come with a change of their customer: whoever held stands is wordless, if nothing was found behind them.
        while self.words_gone(id).await? {
            held = self.present(id).await?;
        }
        let gone = (*held).clone().gone(CustomerKind::Erased, self.now());
        let mut steps = vec![self.store.customer_changed(&held, &gone, Orders::new())];
        steps.extend(self.readdressed(Some(&held), &gone).await?);
        let addresses = self.digests(held.email.as_ref(), held.phone.as_ref()).await?;
        steps.extend(self.words_unlisted(addresses).await?);
        Ok(Plan::of(steps, (), &[gone.slot]))
    }

    /// What their orders say of them goes, and what happened with them. Says whether there was anything.
    pub(super) async fn words_gone(&self, id: CustomerId) -> Result<bool, FlowError> {
        let mut is_found = false;
        for order in self.store.orders_of(id).await? {
            if order.note.is_some() {
                is_found = true;
                let wordless = |order: &mut domain::Order| {
                    order.note = None;
                    Ok(())
                };
                match self.done(|| self.order_changed(order.id, wordless)).await {
                    // It was deleted since: nothing of it is left.
                    Ok(_) | Err(FlowError::NotFound(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let past = self.store.past_of(id).await?;
        for message in &past.messages {
            self.message_forgotten(*message).await?;
        }
        self.store.past_forgotten(&past).await?;
        Ok(is_found || !past.is_empty())
    }

    /// To change. Whoever is gone is not there.
    pub(super) async fn present(&self, id: CustomerId) -> Result<HeldCustomer, FlowError> {
        let held = self.store.customer_held(id).await?;
        held.filter(|held| !held.is_gone()).ok_or(FlowError::NotFound("customer"))
    }

    /// As `present`, or whoever has their orders now.
    pub(crate) async fn present_or_heir(&self, id: CustomerId) -> Result<HeldCustomer, FlowError> {
        let mut id = id;
        for _ in 0..MERGES_MAX {
            let held = self.store.customer_held(id).await?.ok_or(FlowError::NotFound("customer"))?;
            match held.kind {
                CustomerKind::Merged(heir) => id = heir,
                CustomerKind::Erased => return Err(FlowError::NotFound("customer")),
                _ => return Ok(held),
            }
        }
        Err(StoreError::Broken("merges in a circle".into()).into())
    }

    /// For good: the customer holds only the last word.
    pub(super) fn consents_noted(&self, before: Option<&Customer>, after: &Customer) -> Vec<Step> {
        type Of = fn(&Customer) -> Option<&Consent>;
        let channels: [(Channel, Of); 2] = [
            (Channel::Email, |customer| customer.email_consent.as_ref()),
            (Channel::Sms, |customer| customer.sms_consent.as_ref()),
        ];
        let noted = channels.into_iter().filter_map(|(channel, of)| {
            let told = of(after).filter(|told| before.and_then(of) != Some(*told))?;
            Some(self.store.consent_noted(after.id, channel, told))
        });
        noted.collect()
    }
}

/// Whoever left no address has no name that could be told, and stays.
fn must_be_somebody(id: CustomerId) -> Result<(), FlowError> {
    if !id.is_walk_in() {
        return Ok(());
    }
    let sentence =
        "this customer stands for whoever left no address, and is not changed or deleted".to_owned();
    Err(FlowError::Conflict { code: "walk_in", sentence })
}

//! Addresses that are not written to: put on the list, taken off it, and known of whoever has them.
//!
//! The list and the customer who has the address change in one commit: so whoever reads the customer, as `send` does after each
//! claim, reads what the list says. Somebody who gets an address looks it up.

use domain::{
    Customer, EmailAddress, Phone, Timestamp,
    suppression::{Cause, Lifted, Standing, Suppressed},
};
use store::{AddressDigest, HeldCustomer, Orders, Step, Way};

use super::{Plan, Record};
use crate::FlowError;

impl Record<'_> {
    /// On the list, unless a graver word stands there or it was taken off since. Coming twice, it changes nothing.
    pub async fn suppressed(
        &self,
        address: &AddressDigest,
        told: Suppressed,
    ) -> Result<Plan<Standing>, FlowError> {
        self.standing_changed(address, |held| Some(held.told(told))).await
    }

    /// What its last letters say: that enough of them in a row were not taken, or (`None`) that they were, which ends what
    /// followed from that alone.
    pub async fn not_taken(
        &self,
        address: &AddressDigest,
        told: Option<Suppressed>,
    ) -> Result<Plan<Standing>, FlowError> {
        let is_soft = |it: &Suppressed| it.cause == Cause::SoftBounce;
        let change = |held: &Standing| match told {
            Some(told) => Some(held.told(told)),
            None => held.held.filter(is_soft).map(|_| Standing { held: None, ..held.clone() }),
        };
        self.standing_changed(address, change).await
    }

    /// Off the list. Whoever may not take off what stands there says so.
    pub async fn unsuppressed(
        &self,
        address: &AddressDigest,
        lifted: &Lifted,
        may: impl Fn(&Suppressed) -> Result<(), FlowError>,
    ) -> Result<Plan<Standing>, FlowError> {
        let held = self.store.suppression(address).await?;
        let on = held.and_then(|held| held.held).ok_or(FlowError::NotFound("suppression"))?;
        may(&on)?;
        // Somebody else may have been faster: then nothing changes.
        self.standing_changed(address, |held| held.held.map(|_| held.lifted(lifted.clone()))).await
    }

    /// Of somebody who is forgotten: the list keeps their addresses' digests, and nobody's words; nor does it lead to a message, which
    /// would lead back to them.
    pub(super) async fn words_unlisted(
        &self,
        addresses: impl IntoIterator<Item = AddressDigest>,
    ) -> Result<Vec<Step>, FlowError> {
        let mut steps = Vec::new();
        for address in addresses {
            let Some(held) = self.store.suppression(&address).await? else { continue };
            let wordless = held.wordless();
            if wordless != *held {
                steps.push(self.store.suppression_put(&address, Some(&held), &wordless));
            }
        }
        Ok(steps)
    }

    /// `None`: it stays.
    async fn standing_changed(
        &self,
        address: &AddressDigest,
        change: impl Fn(&Standing) -> Option<Standing>,
    ) -> Result<Plan<Standing>, FlowError> {
        let held = self.store.suppression(address).await?;
        let before = held.as_deref().cloned().unwrap_or_default();
        let Some(after) = change(&before) else { return Ok(Plan::nothing(before)) };
        let is_on = after.held.is_some();
        let holder = self.holder_of(address).await?.filter(|holder| of(holder, address.way) != is_on);
        if after == before && holder.is_none() {
            return Ok(Plan::nothing(after));
        }
        let mut steps = vec![self.store.suppression_put(address, held.as_ref(), &after)];
        let mut slots = Vec::new();
        if let Some(holder) = holder {
            let mut customer = Customer::clone(&holder);
            set(&mut customer, address.way, is_on);
            slots.push(customer.slot);
            steps.push(self.store.customer_changed(&holder, &customer, Orders::new()));
        }
        Ok(Plan::of(steps, after, &slots))
    }

    async fn holder_of(&self, address: &AddressDigest) -> Result<Option<HeldCustomer>, FlowError> {
        let found = self.store.customers_with(std::slice::from_ref(address)).await?.pop().flatten();
        let Some(id) = found else { return Ok(None) };
        Ok(self.store.customer_held(id).await?.filter(|held| !held.is_gone()))
    }

    /// What the list says of addresses that they did not have before.
    pub(super) async fn looked_up(
        &self,
        before: Option<&Customer>,
        after: &mut Customer,
    ) -> Result<(), FlowError> {
        let mut asked = Vec::new();
        for way in [Way::Email, Way::Phone] {
            let (had, has) = (before.and_then(|before| address_of(before, way)), address_of(after, way));
            match has {
                None => set(after, way, false),
                Some(has) if had == Some(has) => {}
                Some(has) => asked.push(self.known_by(way, has).await?),
            }
        }
        if asked.is_empty() {
            return Ok(());
        }
        for (address, found) in asked.iter().zip(self.store.suppressions(&asked).await?) {
            set(after, address.way, found.is_some());
        }
        Ok(())
    }
}

/// Whether they had another address of that kind after the instant, as far as it is remembered.
pub fn has_changed_since(customer: &Customer, way: Way, at: Timestamp) -> bool {
    let name = if way == Way::Phone { "phone" } else { "email" };
    let later = customer.changes.iter().filter(|change| change.at > at);
    later.flat_map(|change| change.what.names()).any(|fact| fact == name)
}

fn address_of(customer: &Customer, way: Way) -> Option<&str> {
    match way {
        Way::Email => customer.email.as_ref().map(EmailAddress::as_str),
        Way::Phone => customer.phone.as_ref().map(Phone::as_str),
        Way::Called => None,
    }
}

fn of(customer: &Customer, way: Way) -> bool {
    if way == Way::Phone { customer.suppressed.sms } else { customer.suppressed.email }
}

fn set(customer: &mut Customer, way: Way, is_suppressed: bool) {
    match way {
        Way::Email => customer.suppressed.email = is_suppressed,
        Way::Phone => customer.suppressed.sms = is_suppressed,
        Way::Called => {}
    }
}

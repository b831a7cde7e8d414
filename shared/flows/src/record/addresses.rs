//! Which addresses a customer has, as the table knows them: by a digest that only the tenant's key makes.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Customer, CustomerId, EmailAddress, Phone, customer::CustomerKind};
use store::{AddressDigest, HeldCustomer, Step, StoreError, TenantStore, Way};

use super::Record;
use crate::{FlowError, seal::Seals};

/// What a new customer's addresses are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    Free,
    /// For somebody who is just being stored: whoever needs them first makes them, under this id.
    For(CustomerId),
    ByGuest,
    By(Way, CustomerId),
}

/// Where somebody new would stand.
pub(super) enum Berth {
    Taken(Way, Box<HeldCustomer>),
    /// Under this id, and with these addresses still to be claimed for it.
    Free(CustomerId, Vec<AddressDigest>),
}

/// By what the table knows an address.
pub(crate) async fn known_by(
    store: &TenantStore,
    seals: &Seals,
    way: Way,
    told: &str,
) -> Result<AddressDigest, FlowError> {
    let purpose = if way == Way::Called { "called" } else { "address" };
    Ok(AddressDigest { way, digest: seals.tag(store, purpose, told).await? })
}

impl Record<'_> {
    /// By what the table knows somebody with these.
    pub async fn digests(
        &self,
        email: Option<&EmailAddress>,
        phone: Option<&Phone>,
    ) -> Result<BTreeSet<AddressDigest>, FlowError> {
        let told = [(Way::Email, email.map(EmailAddress::as_str)), (Way::Phone, phone.map(Phone::as_str))];
        let mut digests = BTreeSet::new();
        for (way, address) in told {
            if let Some(address) = address {
                digests.insert(self.known_by(way, address).await?);
            }
        }
        Ok(digests)
    }

    /// Who has one of these.
    pub(super) async fn holder(
        &self,
        digests: &BTreeSet<AddressDigest>,
    ) -> Result<Option<(AddressDigest, CustomerId)>, FlowError> {
        let mut found = self.found(digests).await?.into_iter();
        Ok(found.find_map(|(digest, customer)| Some((digest, customer?))))
    }

    /// What becomes of a customer who has these: somebody who is there has one of them, or somebody new takes them all.
    pub(super) async fn berth(
        &self,
        digests: &BTreeSet<AddressDigest>,
        id: CustomerId,
    ) -> Result<Berth, FlowError> {
        let found = self.found(digests).await?;
        let mut id = id;
        let mut free: Vec<_> = Vec::new();
        for (address, holder) in found {
            match holder {
                None => free.push(address),
                Some(holder) => match self.store.customer_held(holder).await? {
                    Some(held) => return Ok(Berth::Taken(address.way, Box::new(held))),
                    None => id = holder,
                },
            }
        }
        Ok(Berth::Free(id, free))
    }

    async fn found(
        &self,
        digests: &BTreeSet<AddressDigest>,
    ) -> Result<Vec<(AddressDigest, Option<CustomerId>)>, FlowError> {
        let asked: Vec<_> = digests.iter().cloned().collect();
        let found = self.store.customers_with(&asked).await?;
        Ok(asked.into_iter().zip(found).collect())
    }

    /// Who stands in the way of a new customer with each of these addresses: somebody who has one of them, and is more
    /// than a guest. With whether a guest would become that customer.
    pub async fn holders(
        &self,
        addresses: &[(Option<EmailAddress>, Option<Phone>)],
    ) -> Result<Vec<Held>, FlowError> {
        let (mut asked, mut rows) = (Vec::new(), Vec::new());
        for (email, phone) in addresses {
            let digests = self.digests(email.as_ref(), phone.as_ref()).await?;
            rows.push(asked.len()..asked.len() + digests.len());
            asked.extend(digests);
        }
        let found = self.store.customers_with(&asked).await?;
        let ids: BTreeSet<CustomerId> = found.iter().flatten().copied().collect();
        let people = self.store.customers(&ids.into_iter().collect::<Vec<_>>()).await?;
        let kinds: BTreeMap<CustomerId, CustomerKind> =
            people.iter().map(|customer| (customer.id, customer.kind)).collect();
        let held = |row: std::ops::Range<usize>| {
            let holders: Vec<_> = row.filter_map(|place| Some((asked[place].way, found[place]?))).collect();
            let known =
                |(_, id): &&(Way, CustomerId)| kinds.get(id).is_some_and(|kind| *kind != CustomerKind::Guest);
            match (holders.iter().find(known), holders.iter().find(|(_, id)| kinds.contains_key(id))) {
                (Some((way, id)), _) => Held::By(*way, *id),
                (None, Some(_)) => Held::ByGuest,
                (None, None) => holders.first().map_or(Held::Free, |(_, id)| Held::For(*id)),
            }
        };
        Ok(rows.into_iter().map(held).collect())
    }

    /// Whom these are, each by the digest of an address or of a name: see `known_by`.
    pub async fn known(&self, by: &[Option<AddressDigest>]) -> Result<Vec<Option<CustomerId>>, FlowError> {
        let asked: Vec<_> = by.iter().flatten().cloned().collect();
        let mut found = self.store.customers_with(&asked).await?.into_iter();
        Ok(by.iter().map(|told| told.as_ref().and_then(|_| found.next().flatten())).collect())
    }

    pub async fn known_by(&self, way: Way, told: &str) -> Result<AddressDigest, FlowError> {
        known_by(self.store, self.seals, way, told).await
    }

    /// From now on the customer is known by that name. Where somebody else is called so meanwhile, nothing changes.
    pub async fn called(
        &self,
        name: &AddressDigest,
        before: Option<CustomerId>,
        id: CustomerId,
    ) -> Result<(), FlowError> {
        // First, and alone: within a transaction both would cost twice as much. Noted and not called so, it does no harm.
        self.store.commit(vec![self.store.name_noted(name, id)]).await?;
        let step = match before {
            None => self.store.address_claimed(name, id),
            Some(_) => self.store.address_passed_on(name, id),
        };
        match self.store.commit(vec![step]).await {
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives up the addresses that a customer no longer has, and takes the new ones, unless they are somebody's.
    pub(super) async fn readdressed(
        &self,
        before: Option<&Customer>,
        after: &Customer,
    ) -> Result<Vec<Step>, FlowError> {
        let same = |of: fn(&Customer) -> Option<&str>| before.is_some_and(|before| of(before) == of(after));
        if same(email_of) && same(phone_of) {
            return Ok(Vec::new());
        }
        let had = match before {
            Some(before) => self.digests(before.email.as_ref(), before.phone.as_ref()).await?,
            None => BTreeSet::new(),
        };
        let has = self.digests(after.email.as_ref(), after.phone.as_ref()).await?;
        let new: BTreeSet<_> = has.difference(&had).cloned().collect();
        if let Some((address, holder)) = self.holder(&new).await? {
            return Err(taken(address.way, holder));
        }
        let left = had.difference(&has).map(|address| self.store.address_left(address));
        Ok(left.chain(new.iter().map(|address| self.store.address_claimed(address, after.id))).collect())
    }
}

fn email_of(customer: &Customer) -> Option<&str> {
    customer.email.as_ref().map(EmailAddress::as_str)
}

fn phone_of(customer: &Customer) -> Option<&str> {
    customer.phone.as_ref().map(Phone::as_str)
}

/// An address of a new customer is somebody's.
pub fn taken(way: Way, holder: CustomerId) -> FlowError {
    let (code, what) = match way {
        Way::Email => ("email_taken", "mail address"),
        Way::Phone => ("phone_taken", "telephone number"),
        Way::Called => ("external_id_taken", "external id"),
    };
    FlowError::Conflict { code, sentence: format!("customer {holder} has this {what}") }
}

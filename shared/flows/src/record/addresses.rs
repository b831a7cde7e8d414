//! Which addresses a customer has, as the table knows them: by a digest that only the tenant's key makes.

use std::collections::BTreeSet;

use domain::{Customer, CustomerId, EmailAddress, Phone};
use store::{AddressDigest, Step, Way};

use super::Record;
use crate::FlowError;

impl Record<'_> {
    pub(super) async fn digests(
        &self,
        email: Option<&EmailAddress>,
        phone: Option<&Phone>,
    ) -> Result<BTreeSet<AddressDigest>, FlowError> {
        let told = [(Way::Email, email.map(EmailAddress::as_str)), (Way::Phone, phone.map(Phone::as_str))];
        let mut digests = BTreeSet::new();
        for (way, address) in told {
            if let Some(address) = address {
                digests.insert(AddressDigest {
                    way,
                    digest: self.seals.tag(self.store, "address", address).await?,
                });
            }
        }
        Ok(digests)
    }

    /// Who has one of these.
    pub(super) async fn holder(
        &self,
        digests: &BTreeSet<AddressDigest>,
    ) -> Result<Option<(AddressDigest, CustomerId)>, FlowError> {
        let asked: Vec<_> = digests.iter().cloned().collect();
        let found = self.store.customers_with(&asked).await?;
        Ok(asked.into_iter().zip(found).find_map(|(digest, customer)| Some((digest, customer?))))
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

pub(super) fn taken(way: Way, holder: CustomerId) -> FlowError {
    let (code, what) = match way {
        Way::Email => ("email_taken", "mail address"),
        Way::Phone => ("phone_taken", "telephone number"),
    };
    FlowError::Conflict { code, sentence: format!("customer {holder} has this {what}") }
}

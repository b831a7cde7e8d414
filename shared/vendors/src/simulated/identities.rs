//! Whom the simulated vendor believes: everybody, at once, but for domains whose first label says otherwise, and for whom it
//! was told of.

use async_trait::async_trait;
use domain::{
    Standing, TenantId,
    sender::{DnsRecord, Identity, RecordKind},
};
use flows::{Farewells, FlowError, Identities, senders::Checked};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

/// `pending.…` waits for ever for its proof, `failed.…` has none. `held.…` is never let go.
#[derive(Default)]
pub struct SimulatedIdentities {
    told: Mutex<BTreeMap<String, Standing>>,
    forgotten: Mutex<BTreeSet<(TenantId, String)>>,
}

impl SimulatedIdentities {
    /// From now on that is how it stands with it.
    pub fn tell(&self, identity: &Identity, standing: Standing) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(identity.as_str().to_owned(), standing);
    }

    /// Whether it was to forget that this one is the tenant's.
    pub fn has_forgotten(&self, tenant: TenantId, identity: &Identity) -> bool {
        let forgotten = self.forgotten.lock().unwrap_or_else(PoisonError::into_inner);
        forgotten.contains(&(tenant, identity.as_str().to_owned()))
    }

    fn checked(&self, identity: &Identity) -> Checked {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).get(identity.as_str()).copied();
        let usual = checked(identity);
        Checked { standing: told.unwrap_or(usual.standing), ..usual }
    }
}

#[async_trait]
impl Identities for SimulatedIdentities {
    async fn register(&self, _: TenantId, identity: &Identity) -> Result<Checked, FlowError> {
        Ok(self.checked(identity))
    }

    async fn check(&self, _: TenantId, identity: &Identity) -> Result<Option<Checked>, FlowError> {
        Ok(Some(self.checked(identity)))
    }

    async fn forget(&self, tenant: TenantId, identity: &Identity) -> Result<(), FlowError> {
        if identity.as_str().starts_with("held.") {
            return Err(FlowError::invalid("/identity", "identity_refused", "it is not let go"));
        }
        let mut forgotten = self.forgotten.lock().unwrap_or_else(PoisonError::into_inner);
        forgotten.insert((tenant, identity.as_str().to_owned()));
        Ok(())
    }
}

#[async_trait]
impl Farewells for SimulatedIdentities {
    async fn farewell(&self, tenant: TenantId, identity: &Identity) -> Result<(), FlowError> {
        self.forget(tenant, identity).await
    }
}

fn checked(identity: &Identity) -> Checked {
    let domain = match identity {
        Identity::Address(address) => address.as_str().rsplit_once('@').map(|(_, domain)| domain),
        Identity::Domain(domain) => Some(domain.as_str()),
        Identity::Number(_) | Identity::Name(_) => None,
    };
    let standing = match domain.and_then(|domain| domain.split('.').next()) {
        Some("pending") => Standing::Pending,
        Some("failed") => Standing::Failed,
        _ => Standing::Verified,
    };
    let record = |domain: &str| DnsRecord {
        kind: RecordKind::Txt,
        name: format!("_vendor.{domain}"),
        value: "simulated-vendor=1".to_owned(),
    };
    let is_domain = matches!(identity, Identity::Domain(_));
    let records = domain.filter(|_| is_domain).map(record).into_iter().collect();
    Checked { standing, records }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_says_how_it_ends() {
        let vendor = SimulatedIdentities::default();
        let tenant = TenantId::new(domain::Timestamp::UNIX_EPOCH, [1; 10]);
        for (name, standing) in [
            ("shop.test", Standing::Verified),
            ("pending.shop.test", Standing::Pending),
            ("failed.shop.test", Standing::Failed),
        ] {
            let whole = Identity::Domain(name.parse().unwrap());
            let told = vendor.register(tenant, &whole).await.unwrap();
            assert_eq!((told.standing, told.records.len()), (standing, 1));
            let one = Identity::Address(format!("a@{name}").parse().unwrap());
            let told = vendor.check(tenant, &one).await.unwrap().unwrap();
            assert_eq!((told.standing, told.records.len()), (standing, 0));
        }
        let name = Identity::Name("Shop".parse().unwrap());
        assert_eq!(vendor.register(tenant, &name).await.unwrap().standing, Standing::Verified);
        vendor.forget(tenant, &name).await.unwrap();
        vendor.tell(&name, Standing::Pending);
        assert_eq!(vendor.check(tenant, &name).await.unwrap().unwrap().standing, Standing::Pending);
    }
}

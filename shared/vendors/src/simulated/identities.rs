//! Whom the simulated vendor believes: everybody, at once, but for domains whose first label says otherwise.

use async_trait::async_trait;
use domain::{
    Standing, TenantId,
    sender::{DnsRecord, Identity, RecordKind},
};
use flows::{FlowError, Identities, senders::Checked};

/// `pending.…` waits for ever for its proof, `failed.…` has none.
pub struct SimulatedIdentities;

#[async_trait]
impl Identities for SimulatedIdentities {
    async fn register(&self, _: TenantId, identity: &Identity) -> Result<Checked, FlowError> {
        Ok(checked(identity))
    }

    async fn check(&self, _: TenantId, identity: &Identity) -> Result<Option<Checked>, FlowError> {
        Ok(Some(checked(identity)))
    }

    async fn forget(&self, _: TenantId, _: &Identity) -> Result<(), FlowError> {
        Ok(())
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
        let tenant = TenantId::new(domain::Timestamp::UNIX_EPOCH, [1; 10]);
        for (name, standing) in [
            ("shop.test", Standing::Verified),
            ("pending.shop.test", Standing::Pending),
            ("failed.shop.test", Standing::Failed),
        ] {
            let whole = Identity::Domain(name.parse().unwrap());
            let told = SimulatedIdentities.register(tenant, &whole).await.unwrap();
            assert_eq!((told.standing, told.records.len()), (standing, 1));
            let one = Identity::Address(format!("a@{name}").parse().unwrap());
            let told = SimulatedIdentities.check(tenant, &one).await.unwrap().unwrap();
            assert_eq!((told.standing, told.records.len()), (standing, 0));
        }
        let name = Identity::Name("Shop".parse().unwrap());
        assert_eq!(SimulatedIdentities.register(tenant, &name).await.unwrap().standing, Standing::Verified);
        SimulatedIdentities.forget(tenant, &name).await.unwrap();
    }
}

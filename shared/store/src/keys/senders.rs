//! Keys of those in whose names shops write.

use domain::{SenderId, TenantId, sender::Identity};

use super::tenant_partition;
use crate::table::RawKey;

/// An identity holds no `#`: addresses, domains and numbers refuse it.
pub(crate) fn claim(identity: &Identity) -> RawKey {
    RawKey::new(format!("SENDER#{}", identity.as_str()), "SENDER")
}

pub(crate) const SENDERS: &str = "SND#";

pub(crate) fn sender(tenant: TenantId, id: SenderId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{SENDERS}{id}"))
}

pub(crate) fn sending(tenant: TenantId) -> RawKey {
    RawKey::new(tenant_partition(tenant), "SENDING")
}

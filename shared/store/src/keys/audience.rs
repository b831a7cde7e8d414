//! The keys of the audience: all of a shard lies in one partition. Beside them what is known of a tenant's as a whole.

use columns::{BlockNumber, Family, ShardNumber, Slot};
use domain::{SegmentId, TenantId, Timestamp};

use super::{millis, tenant_partition};
use crate::table::RawKey;

/// The partition of a shard of the audience.
pub(crate) fn shard(tenant: TenantId, shard: ShardNumber) -> String {
    format!("T#{tenant}#A#{:05}", shard.0)
}

pub(crate) const DELTAS: &str = "D#";
pub(crate) const HEAD: &str = "H";
pub(crate) const DIRECTORY: &str = "C#";

/// Padded, so that a shard's deltas stand in the order of their slots.
pub(crate) fn delta(tenant: TenantId, slot: Slot) -> RawKey {
    RawKey::new(shard(tenant, slot.shard()), format!("{DELTAS}{:010}", slot.0))
}

/// Whose the slots from this one on are.
pub(crate) fn directory(tenant: TenantId, first: Slot) -> RawKey {
    RawKey::new(shard(tenant, first.shard()), format!("{DIRECTORY}{:010}", first.0))
}

pub(crate) fn head(tenant: TenantId, of: ShardNumber) -> RawKey {
    RawKey::new(shard(tenant, of), HEAD)
}

/// Everything that was written for a shard, apart from changed rows and its head.
pub(crate) const BLOCKS: &str = "B#";
pub(crate) const RECENTS: &str = "R#";

/// Everything that was written under one version of a shard.
pub(crate) fn blocks(version: u64) -> String {
    format!("{BLOCKS}{version:010}#")
}

pub(crate) fn family(version: u64, family: Family) -> String {
    let letter = match family {
        Family::Core => 'c',
        Family::Name => 'n',
        Family::Tags => 't',
        Family::Orders => 'o',
        Family::Lines => 'l',
        Family::Attributes => 'a',
    };
    format!("{}{letter}#", blocks(version))
}

pub(crate) fn chunk(tenant: TenantId, version: u64, of: Family, block: BlockNumber, chunk: u32) -> RawKey {
    let sk = format!("{}{:05}#{chunk:03}", family(version, of), block.0);
    RawKey::new(shard(tenant, block.shard()), sk)
}

pub(crate) fn recents(version: u64) -> String {
    format!("{RECENTS}{version:010}#")
}

pub(crate) fn recent(tenant: TenantId, of: ShardNumber, version: u64, chunk: u32) -> RawKey {
    RawKey::new(shard(tenant, of), format!("{}{chunk:03}", recents(version)))
}

/// As of when it is settled who is in segments. It sorts before who is.
pub(crate) const SETTLED: &str = "S";
pub(crate) const MEMBERS_OF: &str = "S#";

pub(crate) fn settlement(tenant: TenantId, of: ShardNumber) -> RawKey {
    RawKey::new(shard(tenant, of), SETTLED)
}

pub(crate) fn members(tenant: TenantId, of: ShardNumber, segment: SegmentId) -> RawKey {
    RawKey::new(shard(tenant, of), format!("{MEMBERS_OF}{segment}"))
}

/// The columns of a shop's own.
pub(crate) fn own_columns(tenant: TenantId) -> RawKey {
    RawKey::new(tenant_partition(tenant), "OWN")
}

pub(crate) const SWEEPS: &str = "SWEEP#";

/// That a day of the shop's was settled, by when it began.
pub(crate) fn sweep(tenant: TenantId, wanted_at: Timestamp) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{SWEEPS}{}", millis(wanted_at)))
}

//! The keys of campaigns and of their work.

use columns::ShardNumber;
use domain::{CampaignId, TenantId, UserId, campaign::Upshot};

use super::tenant_partition;
use crate::table::RawKey;

pub(crate) const CAMPAIGN: &str = "CMP#";

pub(crate) fn campaign(tenant: TenantId, id: CampaignId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{CAMPAIGN}{id}"))
}

/// The first of them, its own, stand without a number.
pub(crate) fn campaign_words(tenant: TenantId, id: CampaignId, edition: u32, arm: u8) -> RawKey {
    let others = if arm == 0 { String::new() } else { format!("#{arm}") };
    RawKey::new(tenant_partition(tenant), format!("SAYS#{id}#{edition}{others}"))
}

pub(crate) fn campaign_moves(id: CampaignId) -> String {
    format!("MOVE#{id}#")
}

pub(crate) fn campaign_move(tenant: TenantId, id: CampaignId, turn: u32) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{}{turn:010}", campaign_moves(id)))
}

/// What watchers were told of it.
pub(crate) fn campaign_heard(tenant: TenantId, id: CampaignId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("HEARD#{id}"))
}

/// That whoever launched it was told that it is over.
pub(crate) fn campaign_told(tenant: TenantId, id: CampaignId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("TOLD#{id}"))
}

/// Which ways a notice of ours has gone to a member.
pub(crate) fn notice_sent(tenant: TenantId, what: &str, user: UserId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("SENT#{what}#{user}"))
}

pub(crate) const TELEPHONES: &str = "TEL#";

/// Where a member gets texts of ours.
pub(crate) fn telephone(tenant: TenantId, user: UserId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{TELEPHONES}{user}"))
}

/// Which of our own mails and texts a member wants.
pub(crate) fn mails_wanted(tenant: TenantId, user: UserId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("WANTS#{user}"))
}

/// That plans were laid, whichever campaigns'.
pub(crate) fn plans_laid(tenant: TenantId) -> RawKey {
    RawKey::new(tenant_partition(tenant), "LAID")
}

/// The partition of a campaign's plan.
pub(crate) fn plans(tenant: TenantId, id: CampaignId) -> String {
    format!("T#{tenant}#K#{id}")
}

pub(crate) fn plan(tenant: TenantId, id: CampaignId) -> RawKey {
    RawKey::new(plans(tenant, id), "PLAN")
}

/// Who is in a part of the plan of that number.
pub(crate) fn campaign_people(
    tenant: TenantId,
    id: CampaignId,
    plan: u64,
    what: &str,
    shard: ShardNumber,
) -> RawKey {
    RawKey::new(plans(tenant, id), format!("W#{plan:016x}#{what}#{:05}", shard.0))
}

pub(crate) const WRITTEN: &str = "WRITTEN#";

/// That a campaign has written.
pub(crate) fn written(tenant: TenantId, id: CampaignId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{WRITTEN}{id}"))
}

/// To whom of a shard something of one type happened.
pub(crate) fn outcomes(tenant: TenantId, id: CampaignId, outcome: Upshot, shard: ShardNumber) -> RawKey {
    RawKey::new(plans(tenant, id), format!("V#{}#{:05}", outcome.code(), shard.0))
}

/// How many partitions the chunks of a campaign are spread over: they are written with each receipt.
pub(crate) const CHUNK_PARTITIONS: u32 = 16;

pub(crate) const MESSAGE_CHUNK: &str = "P#";

pub(crate) fn chunk_partition(tenant: TenantId, id: CampaignId, partition: u32) -> String {
    format!("T#{tenant}#K#{id}#{partition}")
}

pub(crate) fn message_chunk(tenant: TenantId, id: CampaignId, number: u32) -> RawKey {
    let partition = chunk_partition(tenant, id, number % CHUNK_PARTITIONS);
    RawKey::new(partition, format!("{MESSAGE_CHUNK}{number:08}"))
}

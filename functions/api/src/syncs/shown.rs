//! How syncs go, and how they went.

use axum::{Json, extract::State};
use domain::{Permission, Run, RunId, RunState, Timestamp};
use flows::progress::SyncProgress;
use serde::Serialize;
use utoipa::ToSchema;

use super::{found, is_remembered};
use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::Named,
    who::Acting,
};

/// So many runs are told of.
const RECENT: usize = 10;

#[derive(Serialize, ToSchema)]
pub(crate) struct SyncStatus {
    /// When a sync last ended well; `null` if none has.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_sync_at: Option<Timestamp>,
    /// When the next one begins by itself; `null` if no shop is connected.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_sync_at: Option<Timestamp>,
    /// Newest first, at most ten; of the last day.
    recent_jobs: Vec<SyncJob>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SyncJob {
    #[schema(value_type = String)]
    id: RunId,
    /// `all`, `customers`, `orders` or `products`.
    resource_type: &'static str,
    /// `pending`, `running`, `completed` or `failed`.
    status: &'static str,
    /// `full`, `incremental` or `reconciliation`.
    mode: &'static str,
    records_processed: u64,
    records_failed: u64,
    /// What webhooks should have told, and did not.
    records_missed: u64,
    total_records: Option<u64>,
    progress_percent: u8,
    error: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<Timestamp>,
    /// From when it was asked for to its end.
    duration_ms: Option<i64>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl SyncJob {
    fn of(run: &Run) -> Self {
        let progress = SyncProgress::of(run);
        Self {
            id: run.id,
            resource_type: progress.resource_type,
            status: progress.status,
            mode: progress.mode,
            records_processed: progress.records_processed,
            records_failed: progress.records_failed,
            records_missed: progress.records_missed,
            total_records: progress.total_records,
            progress_percent: progress.progress,
            error: progress.error,
            started_at: (run.state != RunState::Queued).then_some(run.created_at),
            completed_at: run.ended_at,
            duration_ms: run.ended_at.map(|at| at.duration_since(run.created_at).as_millis()).map(whole),
            created_at: run.created_at,
        }
    }
}

fn whole(millis: i128) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}

/// My syncs
#[utoipa::path(get, operation_id = "list_syncs", path = "/api/v1/tenants/me/sync-status", tag = "Shop",
    responses((status = 200, body = SyncStatus)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<SyncStatus>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let syncing = caller.store.syncing().await?;
    let now = deps.now();
    let mut runs = caller.store.runs(u32::try_from(RECENT).unwrap_or(u32::MAX)).await?;
    runs.retain(|run| is_remembered(run, now));
    Ok(Json(SyncStatus {
        last_sync_at: syncing.as_ref().and_then(|syncing| syncing.synced_at),
        next_sync_at: syncing.as_ref().and_then(|syncing| syncing.next_at),
        recent_jobs: runs.iter().map(SyncJob::of).collect(),
    }))
}

/// Syncs under way
#[utoipa::path(get, operation_id = "list_active_syncs", path = "/api/v1/tenants/me/sync/active", tag = "Shop",
    responses((status = 200, body = Vec<SyncProgress>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn active(Acting(caller): Acting) -> Result<Json<Vec<SyncProgress>>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let open = caller.store.open_run().await?.filter(|run| run.is_open());
    Ok(Json(open.iter().map(|run| SyncProgress::of(run)).collect()))
}

/// How far a sync is
///
/// The same that a socket tells. It is remembered for a day after its end.
#[utoipa::path(get, operation_id = "show_sync", path = "/api/v1/tenants/me/sync/{sync}/status", tag = "Shop",
    params(("sync" = String, Path, description = "the sync's id")),
    responses((status = 200, body = SyncProgress), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<SyncProgress>, Problem> {
    caller.must(Permission::ReadOrders)?;
    Ok(Json(SyncProgress::of(&*found(&caller.store, &id, deps.now()).await?)))
}

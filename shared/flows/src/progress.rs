//! How far a run is, as everybody is told: over HTTP, and over a socket.

use domain::{Run, RunId, RunState, TenantId, Timestamp, run::RefusedRow};
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncProgress {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub sync_run_id: RunId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub tenant_id: TenantId,
    /// `all`, `customers`, `orders` or `products`.
    pub resource_type: &'static str,
    /// `full`, `incremental` or `reconciliation`.
    pub mode: &'static str,
    /// `pending`, `running`, `completed` or `failed`.
    pub status: &'static str,
    /// 0 to 100; it never shrinks.
    pub progress: u8,
    /// In words, for people.
    pub step: String,
    pub records_processed: u64,
    /// How many there are, as far as the shop has counted them.
    pub total_records: Option<u64>,
    pub records_created: u64,
    pub records_updated: u64,
    /// They stood here as they are: also what this sync had brought itself, before one of its steps was cut short and done
    /// again, or a long list was begun again.
    pub records_unchanged: u64,
    /// What cannot be kept as it is.
    pub records_failed: u64,
    /// What should have been here by a webhook, and was not.
    pub records_missed: u64,
    /// The first of what cannot be kept, and why.
    pub failed: Vec<FailedRecord>,
    /// The first of what webhooks missed.
    pub missed: Vec<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub started_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub finished_at: Option<Timestamp>,
    /// Why it has failed.
    pub error: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FailedRecord {
    /// "order s7001"
    pub record: String,
    pub error: String,
}

impl SyncProgress {
    pub fn of(run: &Run) -> Self {
        let tally = run.tally();
        Self {
            sync_run_id: run.id,
            tenant_id: run.tenant,
            resource_type: match run.parts.as_slice() {
                [one] => one.of.name(),
                _ => "all",
            },
            mode: run.mode.name(),
            status: status(&run.state),
            progress: run.percent(),
            step: run.step_name(),
            records_processed: tally.rows(),
            total_records: run.total(),
            records_created: tally.created,
            records_updated: tally.updated,
            records_unchanged: tally.unchanged,
            records_failed: tally.refused,
            records_missed: tally.missed,
            failed: run.refused.iter().map(FailedRecord::of).collect(),
            missed: run.missed.clone(),
            started_at: run.created_at,
            finished_at: run.ended_at,
            error: match &run.state {
                RunState::Failed { why } => Some(why.clone()),
                _ => None,
            },
        }
    }
}

impl FailedRecord {
    fn of(RefusedRow { what, why }: &RefusedRow) -> Self {
        Self { record: what.clone(), error: why.clone() }
    }
}

fn status(state: &RunState) -> &'static str {
    match state {
        RunState::Queued => "pending",
        RunState::Running => "running",
        RunState::Completed => "completed",
        RunState::Failed { .. } => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::run::{Mode, Part, PartState, Resource, Tally};

    #[test]
    fn the_shape_is_this() {
        let at = |second: i64| Timestamp::from_second(1_790_000_000 + second).unwrap();
        let tally = Tally { created: 3, updated: 2, unchanged: 1, refused: 1, missed: 1 };
        let part =
            Part { total: Some(9), tally, state: PartState::Done, ..Part::new(Resource::Orders, None) };
        let (id, tenant) = (RunId::new(at(0), [1; 10]), TenantId::new(at(0), [2; 10]));
        let mut run = Run::new(id, tenant, Mode::Full, vec![part], at(0));
        run.refuse([RefusedRow { what: "order s7".to_owned(), why: "currency is another".to_owned() }]);
        run.miss(["order s8".to_owned()]);
        let ended = run.ended(RunState::Failed { why: "Shopify denies orders".to_owned() }, at(60));
        insta::assert_json_snapshot!(SyncProgress::of(&ended));
    }
}

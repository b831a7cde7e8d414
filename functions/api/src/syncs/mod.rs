//! The shop is brought here, and kept so: runs of a sync, begun and looked at.

pub(crate) mod begin;
pub(crate) mod shown;

use domain::{Run, RunId, Timestamp};
use flows::FlowError;
use store::{Held, TenantStore};

use crate::error::Problem;

/// Another tenant's is not there, and neither is one whose day has passed.
async fn found(store: &TenantStore, id: &str, now: Timestamp) -> Result<Held<Run>, Problem> {
    let missing = || FlowError::NotFound("sync");
    let id: RunId = id.parse().map_err(|_| missing())?;
    let held = store.run(id).await?.filter(|run| is_remembered(run, now));
    Ok(held.ok_or_else(missing)?)
}

fn is_remembered(run: &Run, now: Timestamp) -> bool {
    run.forgotten_at().is_none_or(|at| now < at)
}

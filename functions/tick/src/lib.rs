//! What is due: once a minute, leaves the work whose time has come and sweeps what has expired.
//!
//! It may run twice, late, or not at all for a while: what was due then is due still.

use std::sync::Arc;

use domain::{InvitationId, InvitationState, ResetId, Task, TenantId, Timestamp};
use flows::{FlowError, Tasks};
use store::{Due, Store, StoreError};

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub tasks: Arc<dyn Tasks>,
}

/// At most this much of each of the index's partitions in one run; the next run takes the rest.
const DUE_MAX: u32 = 100;

pub async fn tick(deps: &Deps, now: Timestamp) -> Result<(), FlowError> {
    let mut tasks = Vec::new();
    for due in deps.store.due_before(now, DUE_MAX).await? {
        tasks.extend(match due {
            Due::Invitation { tenant, invitation } => invitation_due(deps, tenant, invitation, now).await?,
            Due::Reset { reset } => reset_due(deps, reset, now).await?,
        });
    }
    deps.tasks.leave(tasks.into_iter().map(Into::into).collect()).await
}

/// Expired: swept. Not told: its message was lost, or is late, and is left again.
async fn invitation_due(
    deps: &Deps,
    tenant: TenantId,
    id: InvitationId,
    now: Timestamp,
) -> Result<Option<Task>, FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(held) = store.invitation(id).await? else { return Ok(None) };
    if held.state(now) == InvitationState::Expired {
        return swept(store.commit(vec![store.invitation_ended(&held)]).await);
    }
    Ok(held.told_at.is_none().then_some(Task::MailInvitation { tenant, invitation: id }))
}

async fn reset_due(deps: &Deps, id: ResetId, now: Timestamp) -> Result<Option<Task>, FlowError> {
    let Some(held) = deps.store.reset(id).await? else { return Ok(None) };
    if !held.is_open(now) {
        return swept(deps.store.commit(vec![Store::reset_ended(&held)]).await);
    }
    Ok(held.told_at.is_none().then_some(Task::MailReset { reset: id }))
}

/// Changed or gone meanwhile: the next run looks again.
fn swept(committed: Result<(), StoreError>) -> Result<Option<Task>, FlowError> {
    match committed {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

//! Sends our own mail: invitations and links for a new password.
//!
//! A mail is told once as far as we know: what is told is marked so, and a task that comes again finds the mark.
//! A crash between the provider's yes and the mark sends the mail twice: two equal mails do less harm than none.

mod mails;

use std::sync::Arc;

use domain::{Invitation, InvitationId, InvitationState, Reset, ResetId, Task, TenantId};
use flows::{Clock, FlowError, Mailer, SecretBox};
use store::{Store, StoreError};

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub mailer: Arc<dyn Mailer>,
    pub secrets: Arc<dyn SecretBox>,
    pub clock: Arc<dyn Clock>,
    /// Where the links in our mail lead, without a slash at the end.
    pub origin: String,
}

pub async fn handle(deps: &Deps, task: Task) -> Result<(), FlowError> {
    match task {
        Task::MailInvitation { tenant, invitation } => mail_invitation(deps, tenant, invitation).await,
        Task::MailReset { reset } => mail_reset(deps, reset).await,
        other => Err(FlowError::broken(format!("not for this queue: {}", other.queue()))),
    }
}

/// Withdrawn, accepted, expired or told already: there is nothing to say.
async fn mail_invitation(deps: &Deps, tenant: TenantId, id: InvitationId) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(held) = store.invitation(id).await? else { return Ok(()) };
    let Some(team) = store.tenant().await? else { return Ok(()) };
    if held.told_at.is_some() || held.state(deps.clock.now()) == InvitationState::Expired {
        return Ok(());
    }
    let token = deps.secrets.open().await?.invitation_token(tenant, id);
    deps.mailer.send(mails::invitation(&held, team.name.as_str(), &deps.origin, &token)).await?;
    let told = Invitation { told_at: Some(deps.clock.now()), ..(*held).clone() };
    marked(store.commit(vec![store.invitation_changed(&held, &told)]).await)
}

/// An address that nobody has signed up with gets no mail; the request ends here, unheard.
async fn mail_reset(deps: &Deps, id: ResetId) -> Result<(), FlowError> {
    let Some(held) = deps.store.reset(id).await? else { return Ok(()) };
    if held.told_at.is_some() || !held.is_open(deps.clock.now()) {
        return Ok(());
    }
    let Some(user) = deps.store.user_with_email(&held.email).await? else {
        return marked(deps.store.commit(vec![Store::reset_ended(&held)]).await);
    };
    let token = deps.secrets.open().await?.reset_token(id, user.epoch);
    deps.mailer.send(mails::reset(&held, &deps.origin, &token)).await?;
    let told = Reset { told_at: Some(deps.clock.now()), ..(*held).clone() };
    marked(deps.store.commit(vec![Store::reset_changed(&held, &told)]).await)
}

/// Used, withdrawn or marked by a twin while the mail went out: that is as good as our own mark.
fn marked(committed: Result<(), StoreError>) -> Result<(), FlowError> {
    match committed {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

//! What is due: once a minute, leaves the work whose time has come, begins syncs, and sweeps what has expired.
//!
//! It may run twice, late, or not at all for a while: what was due then is due still. Two runs at once leave the same
//! task twice at worst, and change each thing once; who does the task does it once.

use std::{sync::Arc, time::Duration};

use domain::{
    CampaignId, CustomerId, Invitation, InvitationId, InvitationState, Job, JobId, ReportId, RequestId,
    Reset, ResetId, Run, RunId, Syncing, Task, TenantId, Timestamp,
    campaign::{EARLY, State},
    invitation::next_due,
    privacy::Request,
    report::Mailing,
    scoring::Scoring,
    settlement::Settling,
    timeline::Channel,
    untold::Untold,
    upkeep::{Notice, Upkeep},
};
use flows::{Clock, FlowError, Tasks, keeping, syncs};
use futures::{StreamExt, stream};
use jiff::SignedDuration;
use store::{Due, Scores, Store, StoreError};

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub tasks: Arc<dyn Tasks>,
    pub clock: Arc<dyn Clock>,
}

/// So much of each of the index's partitions is read at once.
const DUE_MAX: u32 = 100;
/// So many things are done at once: each waits for a few calls of the table.
const AT_ONCE: usize = 16;
/// No more is begun then: the next run takes the rest. A page of all partitions takes some two seconds, and Lambda waits for 50.
const LONG: SignedDuration = SignedDuration::from_secs(35);

const CART_ASKED_EACH: Duration = Duration::from_mins(10);

/// All that is due, page by page, as long as there is time: what stands behind a thousand others waits for them and not for the
/// next minute. One thing that fails does not keep the others waiting; the first failure is told in the end.
pub async fn tick(deps: &Deps, now: Timestamp) -> Result<(), FlowError> {
    let (began_at, mut failure, mut rest) = (deps.clock.now(), None, None);
    loop {
        let (due, more) = deps.store.due_before(now + EARLY, DUE_MAX, rest.take()).await?;
        let is_meant = |(at, due): &(Timestamp, Due)| *at < now || matches!(due, Due::Campaign { .. });
        let meant = due.into_iter().filter(is_meant).map(|(_, due)| done(deps, due, now));
        let mut done = stream::iter(meant).buffer_unordered(AT_ONCE);
        while let Some(done) = done.next().await {
            if let Err(error) = done {
                failure.get_or_insert(error);
            }
        }
        if more.is_none() || deps.clock.now().duration_since(began_at) >= LONG {
            return failure.map_or(Ok(()), Err);
        }
        rest = more;
    }
}

async fn done(deps: &Deps, due: Due, now: Timestamp) -> Result<(), FlowError> {
    match due {
        Due::Invitation { tenant, invitation } => invitation_due(deps, tenant, invitation, now).await,
        Due::Reset { reset } => reset_due(deps, reset, now).await,
        Due::Job { tenant, job } => job_due(deps, tenant, job, now).await,
        Due::Campaign { tenant, campaign } => campaign_due(deps, tenant, campaign, now).await,
        Due::Cart { tenant, token } => cart_due(deps, tenant, token, now).await,
        Due::Mailing { tenant, report } => mailing_due(deps, tenant, report, now).await,
        Due::Untold { tenant, customer, channel } => untold_due(deps, tenant, customer, channel, now).await,
        Due::Upkeep { tenant } => upkeep_due(deps, tenant, now).await,
        Due::Notice { tenant } => notice_due(deps, tenant, now).await,
        Due::Run { tenant, run } => run_due(deps, tenant, run, now).await,
        Due::Sync { tenant } => sync_due(deps, tenant, now).await,
        Due::Scores { tenant } => scores_due(deps, tenant, now).await,
        Due::Segments { tenant } => segments_due(deps, tenant, now).await,
        Due::Request { tenant, request } => request_due(deps, tenant, request, now).await,
    }
}

/// Expired: swept. Not told: its message was lost, or is late; it is asked for again, and then again later.
async fn invitation_due(
    deps: &Deps,
    tenant: TenantId,
    id: InvitationId,
    now: Timestamp,
) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(held) = store.invitation(id).await? else { return Ok(()) };
    if held.state(now) == InvitationState::Expired {
        return settled(store.commit(vec![store.invitation_ended(&held)]).await);
    }
    if held.told_at.is_some() || held.due_at > now || held.is_claimed(now) {
        return Ok(());
    }
    deps.tasks.leave(vec![Task::MailInvitation { tenant, invitation: id }.into()]).await?;
    let asked = Invitation { due_at: next_due(held.created_at, now), ..(*held).clone() };
    settled(store.commit(vec![store.invitation_changed(&held, &asked)]).await)
}

async fn reset_due(deps: &Deps, id: ResetId, now: Timestamp) -> Result<(), FlowError> {
    let Some(held) = deps.store.reset(id).await? else { return Ok(()) };
    if !held.is_open(now) {
        return settled(deps.store.commit(vec![Store::reset_ended(&held)]).await);
    }
    if held.told_at.is_some() || held.due_at > now || held.is_claimed(now) {
        return Ok(());
    }
    deps.tasks.leave(vec![Task::MailReset { reset: id }.into()]).await?;
    let asked = Reset { due_at: next_due(held.created_at, now), ..(*held).clone() };
    settled(deps.store.commit(vec![Store::reset_changed(&held, &asked)]).await)
}

/// Nobody has moved it on for a while: its message was lost, or whoever had it has died.
async fn job_due(deps: &Deps, tenant: TenantId, id: JobId, now: Timestamp) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(held) = store.job(id).await? else { return Ok(()) };
    if !held.is_due() || held.due_at > now {
        return Ok(());
    }
    deps.tasks.leave(vec![Task::DoJob { tenant, job: id }.into()]).await?;
    let asked = Job::clone(&held).asked_again(now);
    settled(store.commit(vec![store.job_changed(&held, &asked)]).await)
}

/// Its time has come, or it is to be looked at. Whoever looks says when the next look is; it is asked again each minute until then.
async fn campaign_due(
    deps: &Deps,
    tenant: TenantId,
    id: CampaignId,
    now: Timestamp,
) -> Result<(), FlowError> {
    let Some(held) = deps.store.for_task(tenant).campaign(id).await? else { return Ok(()) };
    // What is to begin does so at most half a minute early or late.
    let until = if held.state == State::Scheduled { now + EARLY } else { now };
    if held.due_at.is_some_and(|due_at| due_at < until) {
        deps.tasks.leave(vec![Task::KeepCampaign { tenant, campaign: id }.into()]).await?;
    }
    Ok(())
}

/// An hour has passed, or it has ended: whoever settles it has it off the index. Asked again in case their message is lost.
async fn cart_due(deps: &Deps, tenant: TenantId, token: String, now: Timestamp) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(held) = store.cart(&token).await? else { return Ok(()) };
    deps.tasks.leave(vec![Task::SettleCart { tenant, token: token.clone() }.into()]).await?;
    let due_at = now + CART_ASKED_EACH;
    settled(store.commit(vec![store.cart_kept(&token, Some(&held), &held, Some(due_at))]).await)
}

/// It is time to mail a report, or whoever was to do it has not told that they did.
async fn mailing_due(
    deps: &Deps,
    tenant: TenantId,
    report: ReportId,
    now: Timestamp,
) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(held) = store.mailing(report).await?.filter(|held| held.is_due(now)) else { return Ok(()) };
    deps.tasks.leave(vec![Task::MailReport { tenant, report }.into()]).await?;
    let asked = Mailing::clone(&held).asked(now);
    settled(store.commit(vec![store.mailing_set(Some(&held), &asked)]).await)
}

/// The message was lost, or the shop did not answer.
async fn untold_due(
    deps: &Deps,
    tenant: TenantId,
    customer: CustomerId,
    channel: Channel,
    now: Timestamp,
) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let held = store.untold(customer, channel).await?.filter(|held| held.is_due(now));
    let Some(held) = held else { return Ok(()) };
    deps.tasks.leave(vec![Task::TellConsent { tenant, customer, channel }.into()]).await?;
    let asked = Untold::clone(&held).asked(now);
    settled(store.commit(vec![store.untold_changed(&held, &asked)]).await)
}

/// Weeks have passed, or whoever was to look has not told what they saw.
async fn upkeep_due(deps: &Deps, tenant: TenantId, now: Timestamp) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(held) = store.upkeep().await?.filter(|held| held.is_due(now)) else { return Ok(()) };
    deps.tasks.leave(vec![Task::TendShop { tenant }.into()]).await?;
    let asked = Upkeep::clone(&held).asked(now);
    settled(store.commit(vec![store.upkeep_changed(&held, &asked)]).await)
}

async fn notice_due(deps: &Deps, tenant: TenantId, now: Timestamp) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(held) = store.notice().await?.filter(|held| held.is_due(now)) else { return Ok(()) };
    deps.tasks.leave(vec![Task::MailNotice { tenant }.into()]).await?;
    let asked = Notice::clone(&held).asked(now);
    settled(store.commit(vec![store.notice_changed(&held, &asked)]).await)
}

/// The same of a run of a sync.
async fn run_due(deps: &Deps, tenant: TenantId, id: RunId, now: Timestamp) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(held) = store.run(id).await? else { return Ok(()) };
    if !held.is_open() || held.due_at > now {
        return Ok(());
    }
    deps.tasks.leave(vec![syncs::task(&held).into()]).await?;
    let asked = Run::clone(&held).asked_again(now);
    settled(store.commit(vec![store.run_changed(&held, &asked)]).await)
}

/// A connected shop is asked what has changed. Of two who ask at once one begins; a run that is under way is let go on.
async fn sync_due(deps: &Deps, tenant: TenantId, now: Timestamp) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(held) = store.syncing().await? else { return Ok(()) };
    if held.next_at.is_none_or(|next_at| next_at > now) {
        return Ok(());
    }
    if let Some(untold) = held.untold {
        deps.tasks.leave(vec![Task::MailSync { tenant, run: untold.run }.into()]).await?;
    }
    let team = store.tenant().await?;
    let is_connected = store.connection().await?.is_some_and(|connection| connection.is_open());
    let Some(team) = team.filter(|_| is_connected) else {
        let stopped = Syncing::clone(&held).stopped();
        return settled(store.commit(vec![store.syncing_changed(Some(&held), &stopped)]).await);
    };
    if held.open.is_some() || !team.status.is_open() {
        let passed = Syncing::clone(&held).passed(now);
        return settled(store.commit(vec![store.syncing_changed(Some(&held), &passed)]).await);
    }
    let begun = syncs::begun_by_clock(&store, &held, &team.zone, now);
    let task = begun.task();
    match store.commit(begun.steps.into()).await {
        // Nobody else leaves its first message; if this is lost, the run is due in a minute.
        Ok(()) => deps.tasks.leave(vec![task.into()]).await,
        lost => settled(lost),
    }
}

/// A day or an hour has begun that segments turn with, some have changed, or whoever was to settle a shard did not. It is claimed
/// before it is looked at: what changes meanwhile stands against the end of the look.
async fn segments_due(deps: &Deps, tenant: TenantId, now: Timestamp) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(held) = store.settling().await?.filter(|held| held.is_due(now)) else { return Ok(()) };
    let Some(team) = store.tenant().await? else { return Ok(()) };
    let claimed = Settling::clone(&held).claimed(now);
    match store.commit(vec![store.settling_changed(&held, &claimed)]).await {
        Ok(()) => {}
        lost => return settled(lost),
    }
    let held = held.followed_by(claimed);
    let (unsettled, look) = store.unsettled(&held, &team.zone, now).await?;
    keeping::asked(&*deps.tasks, tenant, unsettled).await?;
    let looked = Settling::clone(&held).looked(&look, &team.zone, now);
    let swept = held.swept(&look, now).map(|sweep| store.segments_swept(&sweep));
    settled(store.commit([store.settling_changed(&held, &looked)].into_iter().chain(swept).collect()).await)
}

/// A day of the shop's has begun, or whoever was to work out its scores has not.
async fn scores_due(deps: &Deps, tenant: TenantId, now: Timestamp) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(held) = store.scores().await?.filter(|held| held.scoring.is_due(now)) else { return Ok(()) };
    deps.tasks.leave(vec![Task::ScoreShop { tenant }.into()]).await?;
    let asked = Scores { scoring: Scoring::clone(&held.scoring).asked(now), nightly: held.nightly.clone() };
    settled(store.commit(vec![store.scores_changed(Some(&held), &asked)]).await)
}

/// Its message was lost, it waits for something else, or it is time to look once more.
async fn request_due(
    deps: &Deps,
    tenant: TenantId,
    request: RequestId,
    now: Timestamp,
) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(held) = store.request(request).await?.filter(|held| held.is_due() && held.due_at <= now) else {
        return Ok(());
    };
    let task = if held.is_open() {
        Task::AnswerRequest { tenant, request }
    } else {
        Task::MailRequest { tenant, request }
    };
    deps.tasks.leave(vec![task.into()]).await?;
    let asked = Request::clone(&held).asked_again(now);
    settled(store.commit(vec![store.request_changed(&held, &asked)]).await)
}

/// Changed or gone meanwhile: the next run looks again.
fn settled(committed: Result<(), StoreError>) -> Result<(), FlowError> {
    match committed {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

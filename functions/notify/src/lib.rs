//! Sends our own mail: invitations, links for a new password, word that a shop has to be connected again, and that what
//! somebody asked for by law is there; what became of a campaign, to whoever launched it; that a sync has failed; and reports, to
//! members who get them again and again. Of campaigns and syncs it texts, too, to members who want that.
//!
//! A mail is sent by one delivery at a time: who claims it first, by a conditional write, has it for a minute. What was
//! told is marked so, and a task that comes again finds the mark. A crash between the provider's yes and the mark sends
//! the mail twice: two equal mails do less harm than none.

mod campaigns;
mod mails;
mod reaching;
mod reports;
mod syncs;
mod texts;

use std::sync::Arc;

use domain::{
    ConnectionState, Invitation, InvitationId, InvitationState, Member, RequestId, Reset, ResetId, Role,
    Task, TenantId, Timestamp, invitation::claim, privacy::Request, upkeep::Notice,
};
use flows::{Clock, Dice, FlowError, Installed, KeyWrap, Mail, Mailer, SecretBox, Texters};
use store::{Store, StoreError, TenantStore};

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub mailer: Arc<dyn Mailer>,
    /// By whom shops' texts go: those to their members do, too.
    pub texters: Arc<dyn Texters>,
    /// Open what a shop's own account is opened by.
    pub keys: Arc<dyn KeyWrap>,
    pub secrets: Arc<dyn SecretBox>,
    pub clock: Arc<dyn Clock>,
    pub dice: Arc<dyn Dice>,
    pub installed: Installed,
    /// Where the links in our mail lead, without a slash at the end.
    pub origin: String,
}

pub async fn handle(deps: &Deps, task: Task) -> Result<(), FlowError> {
    match task {
        Task::MailInvitation { tenant, invitation } => mail_invitation(deps, tenant, invitation).await,
        Task::MailReset { reset } => mail_reset(deps, reset).await,
        Task::MailNotice { tenant } => mail_notice(deps, tenant).await,
        Task::MailRequest { tenant, request } => mail_request(deps, tenant, request).await,
        Task::MailReport { tenant, report } => reports::mail(deps, tenant, report).await,
        Task::MailSync { tenant, run } => syncs::mail(deps, tenant, run).await,
        Task::MailCampaign { tenant, campaign } => campaigns::mail(deps, tenant, campaign).await,
        Task::TextCode { tenant, user } => texts::code(deps, tenant, user).await,
        other => Err(FlowError::broken(format!("not for this queue: {}", other.queue()))),
    }
}

/// Withdrawn, accepted, expired or told already: there is nothing to say.
async fn mail_invitation(deps: &Deps, tenant: TenantId, id: InvitationId) -> Result<(), FlowError> {
    let (store, now) = (deps.store.for_task(tenant), deps.clock.now());
    let Some(held) = store.invitation(id).await? else { return Ok(()) };
    let Some(team) = store.tenant().await? else { return Ok(()) };
    if held.told_at.is_some() || held.state(now) == InvitationState::Expired {
        return Ok(());
    }
    must_be_free(held.claimed_until, now)?;
    let token = deps.secrets.open().await?.invitation_token(tenant, id);
    let claimed = Invitation { claimed_until: Some(claim(now)), ..(*held).clone() };
    store.commit(vec![store.invitation_changed(&held, &claimed)]).await?;
    let held = held.followed_by(claimed);
    let sent = deps.mailer.send(mails::invitation(&held, team.name.as_str(), &deps.origin, &token)).await;
    let told_at = told_at(deps, &sent);
    let freed = Invitation { told_at, claimed_until: None, ..(*held).clone() };
    sent.and(marked(store.commit(vec![store.invitation_changed(&held, &freed)]).await))
}

/// Each owner is told that somebody's data are there, and nothing of them. A crash among them tells some twice.
async fn mail_request(deps: &Deps, tenant: TenantId, id: RequestId) -> Result<(), FlowError> {
    let (store, now) = (deps.store.for_task(tenant), deps.clock.now());
    let Some(held) = store.request(id).await?.filter(|held| held.is_to_be_mailed()) else { return Ok(()) };
    must_be_free(held.claimed_until, now)?;
    let claimed = Request { claimed_until: Some(claim(now)), ..Request::clone(&held) };
    store.commit(vec![store.request_changed(&held, &claimed)]).await?;
    let held = held.followed_by(claimed);
    let sent = owners_told(deps, &store, |owner| mails::request(&held, owner, &deps.origin)).await?;
    let mailed_at = told_at(deps, &sent);
    let freed = Request { mailed_at, claimed_until: None, ..Request::clone(&held) };
    sent.and(marked(store.commit(vec![store.request_changed(&held, &freed)]).await))
}

/// An address that nobody has signed up with gets no mail; the request ends here, unheard.
async fn mail_reset(deps: &Deps, id: ResetId) -> Result<(), FlowError> {
    let now = deps.clock.now();
    let Some(held) = deps.store.reset(id).await? else { return Ok(()) };
    if held.told_at.is_some() || !held.is_open(now) {
        return Ok(());
    }
    let Some(user) = deps.store.user_with_email(&held.email).await? else {
        return marked(deps.store.commit(vec![Store::reset_ended(&held)]).await);
    };
    must_be_free(held.claimed_until, now)?;
    let token = deps.secrets.open().await?.reset_token(id, user.epoch);
    let claimed = Reset { claimed_until: Some(claim(now)), ..(*held).clone() };
    deps.store.commit(vec![Store::reset_changed(&held, &claimed)]).await?;
    let held = held.followed_by(claimed);
    let sent = deps.mailer.send(mails::reset(&held, &deps.origin, &token)).await;
    let freed = Reset { told_at: told_at(deps, &sent), claimed_until: None, ..(*held).clone() };
    sent.and(marked(deps.store.commit(vec![Store::reset_changed(&held, &freed)]).await))
}

/// To each owner. Connected again, or ended by somebody: there is nothing to say.
async fn mail_notice(deps: &Deps, tenant: TenantId) -> Result<(), FlowError> {
    let (store, now) = (deps.store.for_task(tenant), deps.clock.now());
    let Some(held) = store.notice().await?.filter(|held| held.told_at.is_none()) else { return Ok(()) };
    let connection = store.connection().await?;
    let Some(connection) = connection.filter(|it| it.state == ConnectionState::NeedsReauth) else {
        return marked(store.commit(vec![store.notice_ended(&held)]).await);
    };
    must_be_free(held.claimed_until, now)?;
    let claimed = Notice { claimed_until: Some(claim(now)), ..Notice::clone(&held) };
    store.commit(vec![store.notice_changed(&held, &claimed)]).await?;
    let held = held.followed_by(claimed);
    let mail = |owner: &Member| mails::closed(&owner.email, &connection.shop, &deps.origin, &held);
    let sent = owners_told(deps, &store, mail).await?;
    let freed = Notice { told_at: told_at(deps, &sent), claimed_until: None, ..Notice::clone(&held) };
    sent.and(marked(store.commit(vec![store.notice_changed(&held, &freed)]).await))
}

/// A mail to each, also if one of them cannot be sent: within, the first that went wrong.
async fn owners_told(
    deps: &Deps,
    store: &TenantStore,
    mail: impl Fn(&Member) -> Mail,
) -> Result<Result<(), FlowError>, FlowError> {
    let mut sent = Ok(());
    for owner in store.members().await?.iter().filter(|member| member.role == Role::Owner) {
        sent = sent.and(deps.mailer.send(mail(owner)).await);
    }
    Ok(sent)
}

/// Another delivery has it. This one comes again when that must have ended, and finds the mark, or that it has died.
fn must_be_free(claimed_until: Option<Timestamp>, now: Timestamp) -> Result<(), FlowError> {
    match claimed_until {
        Some(until) if now < until => {
            let millis = until.duration_since(now).as_millis();
            let retry_after_seconds = u64::try_from(millis).unwrap_or(0).div_ceil(1_000);
            Err(FlowError::TooMany { code: "claimed", retry_after_seconds, limits: None })
        }
        _ => Ok(()),
    }
}

/// Not told if it could not be sent: it is free for the next try at once.
fn told_at(deps: &Deps, sent: &Result<(), FlowError>) -> Option<Timestamp> {
    sent.is_ok().then(|| deps.clock.now())
}

/// Used or withdrawn while the mail went out: that is as good as our own mark.
fn marked(committed: Result<(), StoreError>) -> Result<(), FlowError> {
    match committed {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

//! Words are sent to whoever tries them: marked as a test, and counted nowhere.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    Campaign, CampaignId, CustomerId, EmailAddress, Permission, Phone, Task, Tried,
    campaign::{
        Byline,
        trial::{arm_of, letter},
    },
    template::Channel,
    tried::{TRIED_MAX, TriedBy, TriedOf},
};
use flows::{
    FlowError,
    identify::{Actor, Caller},
    rates,
    sign::Purpose,
};
use serde::{Deserialize, Serialize};
use store::Way;
use utoipa::ToSchema;

use super::{held, id_of, launch::must_say};
use crate::{
    App, Deps,
    error::{Problem, ProblemDocument},
    input::{Faults, Input, Named},
    once::{Answer, Once},
    record::Desk,
    senders::byline::{self, must_be_heard},
    templates,
    who::Acting,
};

/// Of one shop: twenty at once, and then one in three minutes.
const TRIALS: domain::bucket::Bucket = domain::bucket::Bucket { capacity: 20, refill_millis: 180_000 };

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrialTold {
    /// At most 5 mail addresses, or telephone numbers of a text. A letter goes to whoever asks, unless told.
    to: Option<Vec<String>>,
    /// Everybody of the team gets the letter: the first 5 of them.
    team: Option<bool>,
    /// For whom it is filled: a customer's id. For somebody made up, unless told.
    customer: Option<String>,
    /// Of a campaign that tries several words: which of them, `A` unless told.
    variant: Option<String>,
    /// Of a template: in whose name. A campaign has its own.
    sender_id: Option<String>,
    from_address: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TrialView {
    /// To these it is sent.
    to: Vec<String>,
    /// These are on the list of those who are not written to.
    suppressed: Vec<String>,
}

/// Try a campaign
///
/// Sends it to a few of yours at once, marked as a test. It is counted nowhere, its links lead to our first page, and addresses that are not
/// written to get none.
#[utoipa::path(post, operation_id = "try_campaign", path = "/api/v1/campaigns/{campaign}/test", tag = "Campaigns",
    request_body = TrialTold, params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 202, body = TrialView), (status = 404, body = ProblemDocument),
    (status = 409, description = "nobody can send it as it is", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_campaign(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<TrialTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCampaigns)?;
    let held = held(&caller, id_of(&id)?).await?;
    if told.sender_id.is_some() || told.from_address.is_some() {
        let sentence = "a campaign is tried in its own name";
        return Err(FlowError::invalid("/sender_id", "not_here", sentence).into());
    }
    must_be_heard(&deps, &caller, &held).await?;
    must_say(&held)?;
    let arm = arm(told.variant.as_deref(), &held)?;
    tried(&deps, &caller, once, told, (TriedOf::Campaign(held.id), arm, held.channel, None)).await
}

/// Try a template on telephones or mailboxes
///
/// As a campaign is tried.
#[utoipa::path(post, operation_id = "try_template", path = "/api/v1/templates/{template}/test", tag = "Templates",
    request_body = TrialTold, params(("template" = String, Path, description = "the template's id")),
    responses((status = 202, body = TrialView), (status = 404, body = ProblemDocument)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_template(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(mut told): Input<TrialTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCampaigns)?;
    let id = templates::id_of(&id)?;
    let (_, words) = caller.store.template(id).await?.ok_or_else(templates::missing)?;
    let (mut it, channel) = (Faults::default(), words.channel());
    let sender = (told.sender_id.as_deref(), told.from_address.take());
    let byline = byline::told(&mut it, sender, Some(channel), &caller).await?;
    if told.variant.is_some() {
        it.add("/variant", "not_here", "a template has one text alone");
    }
    it.none(Some(()))?;
    tried(&deps, &caller, once, told, (TriedOf::Template(id), 0, channel, byline)).await
}

/// Which of its words: the first unless told.
pub(super) fn arm(named: Option<&str>, campaign: &Campaign) -> Result<u8, Problem> {
    let Some(named) = named else { return Ok(0) };
    let arm = arm_of(named).filter(|arm| *arm < campaign.arms());
    let sentence = format!("is not one of A to {}", letter(campaign.arms().saturating_sub(1)));
    Ok(arm.ok_or_else(|| FlowError::invalid("/variant", "invalid", sentence))?)
}

async fn tried(
    deps: &Deps,
    caller: &Caller,
    once: Once,
    told: TrialTold,
    (of, arm, channel, byline): (TriedOf, u8, Channel, Option<Byline>),
) -> Result<Response, Problem> {
    let customer = match &told.customer {
        None => None,
        Some(named) => {
            caller.must(Permission::ReadCustomers)?;
            let nobody = || FlowError::NotFound("customer");
            let id: CustomerId = named.parse().map_err(|_| nobody())?;
            let held = caller.store.customer(id).await?.filter(|held| held.is_audience());
            Some(held.ok_or_else(nobody)?.id)
        }
    };
    let (to, suppressed) = allowed(deps, caller, addresses(caller, told, channel).await?).await?;
    let named = format!("trials {}", caller.store.id());
    let digest = deps.open_secrets().await?.tag(Purpose::Digest, named.as_bytes());
    rates::take_try(&deps.store, &digest, TRIALS, deps.now()).await?;
    let view =
        TrialView { to: to.iter().map(shown).collect(), suppressed: suppressed.iter().map(shown).collect() };
    if !to.is_empty() {
        let number = CampaignId::new(deps.now(), deps.roll());
        let trial = Box::new(Tried { number, of, arm, to, customer, byline });
        let task = Task::SendTrial { tenant: caller.store.id(), trial };
        deps.tasks.leave(vec![task.into()]).await?;
    }
    once.answer(Answer::new(StatusCode::ACCEPTED, &view)).await
}

async fn addresses(caller: &Caller, told: TrialTold, channel: Channel) -> Result<Vec<TriedBy>, Problem> {
    let mut it = Faults::default();
    let mut to = Vec::new();
    for (told, place) in told.to.iter().flatten().zip(0..) {
        let at = format!("/to/{place}");
        to.extend(match channel {
            Channel::Email => it.take(&at, told.parse::<EmailAddress>()).map(TriedBy::Mail),
            Channel::Sms => it.take(&at, told.parse::<Phone>()).map(TriedBy::Phone),
        });
    }
    let is_letter = channel == Channel::Email;
    if told.team == Some(true) && is_letter {
        let members = caller.store.members().await?;
        to.extend(members.iter().take(TRIED_MAX).map(|member| TriedBy::Mail(member.email.clone())));
    }
    if told.to.is_none()
        && told.team != Some(true)
        && is_letter
        && let Actor::Person { member, .. } = &caller.actor
    {
        to.push(TriedBy::Mail(member.email.clone()));
    }
    if it.is_empty() && (to.is_empty() || to.len() > TRIED_MAX) {
        it.add("/to", "out_of_range", format!("must be from 1 to {TRIED_MAX} addresses"));
    }
    it.none(Some(to))
}

/// Those who may be written to, and those who are on the list of those who are not.
async fn allowed(
    deps: &Deps,
    caller: &Caller,
    to: Vec<TriedBy>,
) -> Result<(Vec<TriedBy>, Vec<TriedBy>), Problem> {
    let desk = Desk::of(deps, caller);
    let mut digests = Vec::new();
    for one in &to {
        let way = if matches!(one, TriedBy::Mail(_)) { Way::Email } else { Way::Phone };
        digests.push(desk.record().known_by(way, &shown(one)).await?);
    }
    let held = caller.store.suppressions(&digests).await?;
    let (out, may): (Vec<_>, Vec<_>) = to.into_iter().zip(held).partition(|(_, held)| held.is_some());
    let alone = |all: Vec<(TriedBy, Option<_>)>| all.into_iter().map(|(one, _)| one).collect();
    Ok((alone(may), alone(out)))
}

fn shown(to: &TriedBy) -> String {
    match to {
        TriedBy::Mail(email) => email.as_str().to_owned(),
        TriedBy::Phone(phone) => phone.as_str().to_owned(),
    }
}

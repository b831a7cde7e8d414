//! Words that are sent to those who try them: marked as such, asked for once, and counted nowhere.
//!
//! The task may come twice, and then so does the trial: it is for somebody of the shop's own, who has asked for it.

use std::sync::Arc;

use domain::{
    Campaign, Customer, Task, TenantId, TenantStatus, Tried, UserId,
    campaign::{Kind, MessageId, Who},
    sender::Voice,
    template::Words,
    tried::{TriedBy, TriedOf},
};
use flows::{
    Answer, FlowError, Left, Letter, Short, bylines,
    carrying::{Nobody, Urgency},
    filling::{Links, Recipient, sample},
    seal::Seals,
    sending,
    wording::Wording,
};
use store::TenantStore;

use crate::Deps;

/// What stands before the subject of a letter, and before a text.
pub const MARK: &str = "[Test] ";

pub(crate) async fn send(deps: &Deps, tenant: TenantId, trial: Tried) -> Result<(), FlowError> {
    let (store, now) = (deps.store.for_task(tenant), deps.clock.now());
    let Some(team) = store.tenant().await?.filter(|team| team.status == TenantStatus::Active) else {
        return Ok(());
    };
    // Whoever has taken them away since wants no trial of them any more.
    let Some((campaign, words)) = words(&store, &trial).await? else { return Ok(()) };
    let count = u32::try_from(trial.to.len()).unwrap_or(u32::MAX);
    if let Some(wait) = deps.pace.take((&deps.store, &deps.memory), tenant, count, now).await? {
        let task = Task::SendTrial { tenant, trial: Box::new(trial) };
        let delay_seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        return deps.tasks.leave(vec![Left { task, delay_seconds }]).await;
    }
    let voice = match bylines::voice(&store, &campaign, &team.name, &deps.installed).await? {
        Ok(voice) => voice,
        Err(mute) => {
            tracing::warn!(%tenant, code = mute.code(), "a trial is nobody's to send");
            return Ok(());
        }
    };
    let customer = filled_for(&store, &trial, now).await?;
    let nowhere = || deps.origin.clone();
    let links = Links { unsubscribe: nowhere(), preferences: nowhere(), view: nowhere() };
    let Ok(filled) = Wording::of(&words)?.filled(&Recipient::new(&customer, &team, links)) else {
        tracing::info!(%tenant, "a trial is of words that leave its customer out");
        return Ok(());
    };
    let ways = sending::ways(&store, &Seals::new(deps.keys.clone(), deps.dice.clone())).await?;
    let carrier = deps.carriers.carrier(&ways.mail).unwrap_or_else(|| Arc::new(Nobody));
    let texter = deps.carriers.texter(&ways.text).unwrap_or_else(|| Arc::new(Nobody));
    for (to, place) in trial.to.into_iter().zip(0..) {
        let message = MessageId { tenant, campaign: trial.number, chunk: 0, place };
        let message = message.to_string().parse().expect("a message's id is a tag: campaign/message.rs");
        let answer = match (to, &voice) {
            (TriedBy::Mail(to), Voice::Letters(from)) => {
                let letter = Letter {
                    tenant,
                    message,
                    from: from.clone(),
                    to,
                    reply_to: None,
                    subject: format!("{MARK}{}", filled.subject),
                    html: Some(filled.html.clone()),
                    text: filled.text.clone(),
                    unsubscribe: None,
                };
                carrier.carry(&letter).await
            }
            (TriedBy::Phone(to), Voice::Texts(from)) => {
                let text = format!("{MARK}{}", filled.text);
                let (from, urgency) = (from.clone(), Urgency::Transactional);
                let short = Short { tenant, message, from, to, text, urgency, price_max_usd_mills: None };
                texter.text(&short).await
            }
            // It was told of the other channel: `api` lets none of these through.
            (TriedBy::Mail(_), Voice::Texts(_)) | (TriedBy::Phone(_), Voice::Letters(_)) => continue,
        };
        if let Answer::Refused { reason, .. } | Answer::Unknown { why: reason } = answer {
            tracing::info!(%tenant, reason = reason.as_str(), "a trial was not taken");
        }
    }
    Ok(())
}

/// What is said, and by whom.
async fn words(store: &TenantStore, trial: &Tried) -> Result<Option<(Campaign, Words)>, FlowError> {
    match trial.of {
        TriedOf::Campaign(id) => {
            let Some(held) = store.campaign(id).await? else { return Ok(None) };
            let words = store.campaign_words_of(&held, trial.arm).await?;
            Ok(words.map(|words| (held.into_inner(), words)))
        }
        TriedOf::Template(id) => {
            let Some((template, words)) = store.template(id).await? else { return Ok(None) };
            let at = template.created_at;
            let (number, by) = (trial.number, UserId::new(at, [0; 10]));
            let audience = Who::Rule(domain::segment::RuleText { text: String::new(), hash: String::new() });
            let (name, channel) = (template.name.clone(), words.channel());
            let draft = Campaign::draft(number, name, Kind::Promotional, channel, audience, by, at);
            Ok(Some((Campaign { byline: trial.byline.clone(), ..draft }, words)))
        }
    }
}

async fn filled_for(
    store: &TenantStore,
    trial: &Tried,
    now: domain::Timestamp,
) -> Result<Customer, FlowError> {
    let Some(id) = trial.customer else { return sample(now) };
    let found = store.customers(&[id]).await?.pop().filter(|held| held.is_audience());
    found.map_or_else(|| sample(now), |held| Ok(held.into_inner()))
}

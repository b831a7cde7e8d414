//! Tells whoever launched a campaign that it is over, has failed, or was stopped: how many got it, how many did not, and why; and
//! whoever had one scheduled that its time has passed and it is a draft again.
//!
//! Once for each campaign, and once for each time that it is stopped or passes its time: whoever mails it claims it first, and marks that it was told. Whoever does not want such mail, or
//! such texts, gets none; for whoever has left the team its owners get it.

use domain::{
    ApiKey, Campaign, CampaignId, Member, Role, TenantId, UserId,
    campaign::{Actor, State},
    invitation::claim,
};
use flows::FlowError;
use store::{CampaignTold, Held, TenantStore};

use crate::{
    Deps, mails, marked, must_be_free,
    reaching::{Notice, Wanted},
    told_at,
};

/// Not over yet, ended by hand, or told already: there is nothing to say.
pub(crate) async fn mail(deps: &Deps, tenant: TenantId, id: CampaignId) -> Result<(), FlowError> {
    let (store, now) = (deps.store.for_task(tenant), deps.clock.now());
    let Some(campaign) = store.campaign(id).await?.filter(|it| is_to_be_told(it)) else { return Ok(()) };
    let Some(team) = store.tenant().await? else { return Ok(()) };
    let held = store.campaign_told(id).await?;
    if held.as_ref().is_some_and(|held| held.is_of(&campaign)) {
        return Ok(());
    }
    must_be_free(held.as_ref().and_then(|held| held.claimed_until), now)?;
    let before = held.as_deref().cloned().unwrap_or_default();
    let claimed = CampaignTold { claimed_until: Some(claim(now)), ..before.clone() };
    let (step, held) = store.campaign_told_changed(id, held.as_ref(), claimed);
    store.commit(vec![step]).await?;
    let notice = Notice {
        deps,
        store: &store,
        shop: &team.name,
        what: named(&campaign),
        page: format!("{}/campaigns/{id}", deps.origin),
    };
    let mut sent = Ok(());
    for member in readers(&store, &campaign).await? {
        let wanted = store.mails_wanted(member.user).await?;
        let wanted = Wanted { mail: wanted.campaigns, text: wanted.texts.campaigns };
        let letter = || mails::campaign(&campaign, team.name.as_str(), &member, &deps.origin);
        sent = sent.and(notice.told(member.user, wanted, letter).await);
    }
    let freed = CampaignTold { claimed_until: None, ..before };
    let freed = match told_at(deps, &sent) {
        Some(at) => freed.told_of(&campaign, at),
        None => freed,
    };
    let (step, _) = store.campaign_told_changed(id, Some(&held), freed);
    sent.and(marked(store.commit(vec![step]).await))
}

/// One that repeats is told of by each that it makes.
fn is_to_be_told(campaign: &Campaign) -> bool {
    let is_over = matches!(campaign.state, State::Sent | State::Failed { .. });
    campaign.asks() || campaign.launched_at.is_some() && (is_over || campaign.state.is_stopped())
}

/// One may be stopped, or miss its time, more than once.
fn named(campaign: &Campaign) -> String {
    let which = match (&campaign.state, campaign.missed_at) {
        (State::Draft, Some(at)) => format!("missed{}", at.as_millisecond()),
        (State::Paused { .. }, _) => format!("stopped{}", campaign.turn),
        _ => "over".to_owned(),
    };
    format!("{}.{which}", campaign.id)
}

/// Who is told.
async fn readers(store: &TenantStore, campaign: &Campaign) -> Result<Vec<Held<Member>>, FlowError> {
    if let Some(member) = store.member(launcher(store, campaign).await?).await? {
        return Ok(vec![member]);
    }
    let owner = |member: &Held<Member>| member.role == Role::Owner;
    Ok(store.members().await?.into_iter().filter(owner).collect())
}

/// Whoever launched it; if the clock did, who had it scheduled, or the one that repeats and made it; if neither is known, who made
/// it.
async fn launcher(store: &TenantStore, campaign: &Campaign) -> Result<UserId, FlowError> {
    let mut moves = match campaign.of {
        Some(repeats) => store.campaign_moves(repeats).await?,
        None => Vec::new(),
    };
    moves.extend(store.campaign_moves(campaign.id).await?);
    let by = |moved: &&domain::campaign::Moved| {
        matches!(moved.act.as_str(), "launched" | "scheduled") && moved.by != Actor::Us
    };
    Ok(match moves.iter().rev().find(by).map(|moved| moved.by) {
        Some(Actor::User(user)) => user,
        Some(Actor::Key(key)) => {
            let maker = |key: Held<ApiKey>| key.created_by.user;
            store.api_key(key).await?.map_or(campaign.created_by, maker)
        }
        Some(Actor::Us) | None => campaign.created_by,
    })
}

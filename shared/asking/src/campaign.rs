//! Who gets a campaign, and why everybody else does not: the same for whoever plans it and for whoever only asks.

use columns::Members;
use domain::{
    Campaign, Timestamp,
    campaign::{State, Who},
};
use flows::{FlowError, sending, wording::Wording};
use reach::{Asked, Bounds, Waterfall, families, found};
use rules::{Leaf, Rule, Shop};
use segments::Unsupported;
use std::sync::Arc;
use store::{Audience, Planned, TenantStore};

use crate::{
    costs::Costing,
    rule::{Asking, Others, Unasked, Whose, rule_of, shop_of},
};

/// Why nobody can be chosen.
#[derive(Debug)]
pub enum NotPlanned {
    /// Its segment is no more.
    NoSegment,
    /// Its rule is none any more, and what is wrong with it.
    Unreadable(String),
    Failed(FlowError),
}

/// Who was chosen, and what that says of the money.
pub struct Chosen {
    pub waterfall: Waterfall,
    /// As it was read: whoever shows some of them finds them there.
    pub audience: Audience,
    /// What each message costs is known to the last part; otherwise it costs no more than what is told.
    pub is_exact: bool,
}

/// At that instant, in the words that it has.
pub async fn chosen(whose: Whose<'_>, campaign: &Campaign, now: Timestamp) -> Result<Chosen, NotPlanned> {
    let words = whose.store.campaign_words(campaign).await?;
    let wordings = words.iter().flatten().map(|words| Wording::of(words).map(Arc::new));
    chosen_of(whose, campaign, &wordings.collect::<Result<Vec<_>, _>>()?, now).await
}

/// The same, in these words.
pub async fn chosen_of(
    whose: Whose<'_>,
    campaign: &Campaign,
    wordings: &[Arc<Wording>],
    now: Timestamp,
) -> Result<Chosen, NotPlanned> {
    let list = whose.store.segments().await?;
    let shop = shop_of(whose).await?;
    let rule = rule_meant(campaign, &list, &shop)?;
    let others = Others::of(&list, &shop).knowing(whose, &rule, now).await?;
    let asking = Asking::of(whose, now, &rule, &others);
    let local = campaign.local_at;
    let prices = sending::prices(whose.store).await?;
    let costing = Costing { tenant: whose.tenant, prices: &prices, channel: campaign.channel, wordings };
    let mut needed = asking.families(&rule)?;
    let Campaign { channel, kind, .. } = *campaign;
    let bounds = Bounds { channel, kind, quiet: campaign.rules.quiet, zone: &whose.tenant.zone };
    needed.extend(families(&bounds, local));
    needed.extend(costing.families());
    let audience = whose.store.audience(&needed.into_iter().collect::<Vec<_>>()).await?;
    let asking = asking.found(&audience.view).await.map_err(NotPlanned::Failed)?;
    let selected = audience.view.select(&asking.program(&rule)?).map_err(FlowError::broken)?;
    let meant = selected.members();
    let earlier = earlier(whose.store, campaign, now).await?;
    let asked = Asked {
        campaign: campaign.id,
        channel: campaign.channel,
        kind: campaign.kind,
        rules: &campaign.rules,
        now,
        zone: &whose.tenant.zone,
        local,
        earlier: &earlier,
        costs: &costing,
    };
    let waterfall = found(&audience.view, &meant, &asked);
    let waterfall = waterfall.map_err(|why| NotPlanned::Failed(FlowError::broken(why)))?;
    let is_exact = costing.is_exact();
    Ok(Chosen { waterfall, audience, is_exact })
}

/// A list means who is on it: a rule that asks for that.
fn rule_meant(campaign: &Campaign, list: &store::SegmentList, shop: &Shop) -> Result<Rule, NotPlanned> {
    let unreadable = |wrong: Vec<rules::Problem>| {
        let told: Vec<_> = wrong.iter().map(ToString::to_string).collect();
        NotPlanned::Unreadable(told.join("; "))
    };
    match &campaign.audience {
        Who::Rule(told) => Rule::parse(&told.text, shop).map_err(unreadable),
        Who::Segment(id) => {
            let segment = list.get(*id).ok_or(NotPlanned::NoSegment)?;
            rule_of(segment, shop).map_err(unreadable)?;
            // Of a segment by its name: who is on a list, or in one that is paused, is as it is kept.
            Ok(Rule::Leaf(Leaf::Segment(id.to_string().into())))
        }
    }
}

/// Whom each of the other campaigns wrote to that count for the cap, or is still to write to.
async fn earlier(
    store: &TenantStore,
    campaign: &Campaign,
    now: Timestamp,
) -> Result<Vec<Members>, FlowError> {
    let Some(cap) = campaign.rules.cap else { return Ok(Vec::new()) };
    let since = now - std::time::Duration::from_hours(24) * u32::from(cap.days);
    let mut all = Vec::new();
    for other in store.campaigns().await? {
        let counts = other.id != campaign.id
            && other.channel == campaign.channel
            && other.kind.needs_consent()
            && other.launched_at.is_some()
            && other.ended_at.is_none_or(|at| at > since);
        if counts && let Some(planned) = store.plan(other.id).await? {
            all.push(written(store, &other, &planned, since).await?);
        }
    }
    Ok(all)
}

/// Since then. Of one that is wholly since, whoever was chosen.
async fn written(
    store: &TenantStore,
    other: &Campaign,
    planned: &Planned,
    since: Timestamp,
) -> Result<Members, FlowError> {
    let is_cancelled = other.state == State::Cancelled;
    if other.launched_at.is_some_and(|at| at > since) && !is_cancelled {
        return Ok(store.all_chosen(other.id, planned).await?);
    }
    let (mut since_then, mut not_since) = (Members::default(), Members::default());
    for (number, chunk) in store.all_campaign_chunks(other.id).await? {
        let Some(stretch) = planned.plan.stretch(number) else { continue };
        let slots = store.people_of(other.id, planned, &stretch).await?;
        for (slot, message) in slots.into_iter().zip(&chunk.messages) {
            let is_out = message.fate.is_out() && message.sent_at.is_some_and(|at| at > since);
            if is_out {
                since_then.insert(slot);
            } else if message.fate.is_over() || message.fate.is_out() {
                not_since.insert(slot);
            }
        }
    }
    if is_cancelled {
        return Ok(since_then);
    }
    Ok(store.all_chosen(other.id, planned).await?.without(&not_since))
}

impl From<store::StoreError> for NotPlanned {
    fn from(error: store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<FlowError> for NotPlanned {
    fn from(error: FlowError) -> Self {
        Self::Failed(error)
    }
}

impl From<Unasked> for NotPlanned {
    fn from(Unasked(wrong): Unasked) -> Self {
        let told: Vec<_> = wrong.iter().map(|it: &Unsupported| it.to_string()).collect();
        Self::Unreadable(told.join("; "))
    }
}

//! Who would get a campaign, when, and for how much: by the code that plans it, and without sending anything.

use asking::{Chosen, NotPlanned, Waterfall, Whose, chosen_of};
use axum::{Json, extract::State};
use columns::{By, Members, Number, Program, Slot, Test, Text};
use domain::{
    Campaign, Currency, Customer, CustomerId, Permission, Timestamp,
    campaign::{
        State as Stage, Why,
        trial::{REST, letter},
    },
    prices::show_micros,
};
use flows::{FlowError, identify::Caller, wording::Wording};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use utoipa::ToSchema;

use super::{
    kept::{understood, whole},
    told::CampaignTold,
    trial::arm,
};
use crate::{
    App, Deps,
    customers::list::CustomerBrief,
    error::{Problem, ProblemDocument},
    input::{Input, Named},
    templates::preview::{Preview, tried_on},
    who::Acting,
};

const SAMPLE: usize = 5;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SimulationAsked {
    /// Of a campaign that tries several words: in which of them samples are shown, `A` to `D`; each in their own, unless told.
    variant: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Simulation {
    /// Who is meant: `chosen` and those who are left out.
    audience_size: u64,
    chosen: u64,
    /// In the order in which they are left out: each for the first reason that holds.
    left_out: Vec<LeftOut>,
    /// Of those who are chosen: who gets it when.
    waves: Vec<WaveView>,
    /// Who does not get it at once: they wait for the hours that the law or the campaign allows where they are, or for their own clocks.
    deferred: u64,
    /// When the last of them gets it.
    #[schema(value_type = Option<String>, format = DateTime)]
    deferred_until: Option<Timestamp>,
    cost: CostView,
    /// Those who spent most of those who are chosen; of those who are meant, where nobody is. At most 5.
    sample: Vec<SampleView>,
    /// When it would begin: now, or when it is scheduled.
    #[schema(value_type = String, format = DateTime)]
    begins_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LeftOut {
    reason: &'static str,
    count: u64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct WaveView {
    /// `null`: at once.
    #[schema(value_type = Option<String>, format = DateTime)]
    not_before: Option<Timestamp>,
    count: u64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct CostView {
    /// Of all whose price is known.
    amount: String,
    #[schema(value_type = String)]
    currency: Currency,
    /// With `never_zero`: what it costs if the provider took every message and answered to none, so that each was sent three times. With
    /// `never_twice` it is the same. A budget is held against this.
    amount_if_repeated: String,
    /// So many messages have no price that is known: tell yours at `PATCH /api/v1/sending`.
    unpriced: u64,
    /// Otherwise it costs that at most: a text says what is known of somebody only when it is sent, or differs by arm.
    is_exact: bool,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SampleView {
    customer: CustomerBrief,
    /// Why they get nothing; `null`: they do.
    reason: Option<&'static str>,
    /// Of a campaign that tries several words: in which of them the message is shown. Whoever waits for the best is shown the first.
    variant: Option<String>,
    /// What they would get; `null` as long as the campaign says nothing.
    message: Option<Preview>,
}

/// Who would get a campaign
///
/// Of one that is not kept. Its words may be left out; then a text has no price yet.
#[utoipa::path(post, operation_id = "preview_audience", path = "/api/v1/campaigns/preview-audience", tag = "Campaigns",
    request_body = CampaignTold, responses((status = 200, body = Simulation)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn untold(
    State(deps): State<App>,
    Acting(caller): Acting,
    Input(told): Input<CampaignTold>,
) -> Result<Json<Simulation>, Problem> {
    may(&caller)?;
    let (campaign, ready) = told.tried(&deps, &caller).await?;
    Ok(Json(simulated(&deps, &caller, campaign, ready, None).await?))
}

/// Who would get this campaign
///
/// As it is now, if it began now or is scheduled; of one that has begun it is what it would be if it began again.
#[utoipa::path(post, operation_id = "preview_campaign", path = "/api/v1/campaigns/{campaign}/preview", tag = "Campaigns",
    request_body = SimulationAsked, params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 200, body = Simulation), (status = 404, body = ProblemDocument),
    (status = 409, description = "whom it is for is not there any more, or cannot be asked", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_kept(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
    Input(asked): Input<SimulationAsked>,
) -> Result<Json<Simulation>, Problem> {
    may(&caller)?;
    let (held, words) = whole(&caller, &id).await?;
    let ready = understood(&words)?;
    let arm = asked.variant.map(|named| arm(Some(&named), &held)).transpose()?;
    Ok(Json(simulated(&deps, &caller, held.into_inner(), ready, arm).await?))
}

/// It shows customers, and who may look at campaigns alone may not.
fn may(caller: &Caller) -> Result<(), Problem> {
    caller.must(Permission::ReadCampaigns)?;
    Ok(caller.must(Permission::ReadCustomers)?)
}

async fn simulated(
    deps: &Deps,
    caller: &Caller,
    campaign: Campaign,
    ready: Vec<Wording>,
    arm: Option<u8>,
) -> Result<Simulation, Problem> {
    let waits_until = campaign.due_at.filter(|_| campaign.state == Stage::Scheduled);
    let begins_at = waits_until.unwrap_or_else(|| deps.now());
    let local_at = campaign.local_of_due().filter(|_| campaign.state == Stage::Scheduled);
    let campaign = Campaign { launched_at: Some(begins_at), local_at, ..campaign };
    let wordings: Vec<_> = ready.into_iter().map(Arc::new).collect();
    let whose = Whose::from(caller);
    let chosen = chosen_of(whose, &campaign, &wordings, begins_at).await.map_err(not_planned)?;
    deps.noticed(&caller.store, &chosen.audience.changed).await;
    let sample = sample(caller, &chosen, &wordings, arm).await?;
    let fall = &chosen.waterfall;
    let mut waves = BTreeMap::<Option<Timestamp>, u64>::new();
    for wave in &fall.waves {
        *waves.entry(wave.not_before).or_default() += wave.members.len();
    }
    let (micros, unpriced) =
        fall.plan(&columns::ShardNumber::of_first(caller.store.slots().await?).collect::<Vec<_>>()).cost();
    let takings = u64::from(campaign.rules.care.takings());
    let left_out =
        fall.left_out.iter().map(|(why, members)| LeftOut { reason: why.name(), count: members.len() });
    Ok(Simulation {
        audience_size: fall.audience,
        chosen: fall.chosen(),
        left_out: left_out.collect(),
        deferred: waves.iter().filter(|(at, _)| at.is_some()).map(|(_, count)| count).sum(),
        deferred_until: waves.keys().last().copied().flatten(),
        waves: waves.into_iter().map(|(not_before, count)| WaveView { not_before, count }).collect(),
        cost: CostView {
            amount: show_micros(micros),
            amount_if_repeated: show_micros(micros.saturating_mul(takings)),
            currency: caller.tenant.currency,
            unpriced,
            is_exact: chosen.is_exact,
        },
        sample,
        begins_at,
    })
}

fn not_planned(why: NotPlanned) -> Problem {
    match why {
        NotPlanned::NoSegment => {
            Problem::conflict("audience_gone", "its segment is not there any more: tell another audience")
        }
        NotPlanned::Unreadable(why) => {
            let detail = format!("its rule cannot be asked any more, and must be changed: {why}");
            Problem::conflict("unreadable_rule", detail)
        }
        NotPlanned::Failed(error) => error.into(),
    }
}

async fn sample(
    caller: &Caller,
    chosen: &Chosen,
    wordings: &[Arc<Wording>],
    arm: Option<u8>,
) -> Result<Vec<SampleView>, Problem> {
    let (fall, view) = (&chosen.waterfall, &chosen.audience.view);
    let all =
        |members: &mut dyn Iterator<Item = &Members>| members.fold(Members::default(), |all, it| all.or(it));
    let mut among = all(&mut fall.waves.iter().map(|wave| &wave.members));
    if among.is_empty() {
        among = all(&mut fall.left_out.iter().map(|(_, members)| members));
    }
    let those = Program::new(Test::Members(Arc::new(among)));
    let selected = view.select(&those).map_err(FlowError::broken)?;
    let places = selected.sorted(By::Number(Number::Spent.into()), true, SAMPLE, None);
    let rows: Vec<_> = places.iter().filter_map(|place| Some((place.slot, view.row(place.slot)?))).collect();
    let ids: Vec<CustomerId> =
        rows.iter().filter_map(|(_, row)| row[Text::Id].as_deref()?.parse().ok()).collect();
    let found = if wordings.is_empty() { Vec::new() } else { caller.store.customers(&ids).await? };
    let found: HashMap<String, &Customer> = found.iter().map(|held| (held.id.to_string(), &**held)).collect();
    let currency = caller.tenant.currency;
    let shown = rows.iter().map(|(slot, row)| {
        let customer = row[Text::Id].as_deref().and_then(|id| found.get(id));
        let theirs = arm.or_else(|| arm_of(fall, *slot)).unwrap_or(0);
        let message = wordings.get(usize::from(theirs)).zip(customer);
        SampleView {
            customer: CustomerBrief::of(row, currency, false),
            reason: why(fall, *slot).map(Why::name),
            variant: (wordings.len() > 1).then(|| letter(theirs).to_string()),
            message: message.map(|(ready, customer)| tried_on(ready, customer, &caller.tenant, false)),
        }
    });
    Ok(shown.collect())
}

fn why(fall: &Waterfall, slot: Slot) -> Option<Why> {
    fall.left_out.iter().find(|(_, members)| members.has(slot)).map(|(why, _)| *why)
}

/// In which words they are written to. `None`: they are not, or wait for the best.
fn arm_of(fall: &Waterfall, slot: Slot) -> Option<u8> {
    let wave = fall.waves.iter().find(|wave| wave.members.has(slot))?;
    (wave.arm != REST).then_some(wave.arm)
}

//! What one campaign came to: its rates, whom it wrote to, and which orders came after its messages.

use axum::{Json, extract::State};
use columns::{Family, Members, Number, Program, Test, View};
use domain::{
    Campaign, CampaignId, Currency, Permission, Timestamp,
    campaign::{Fate, Plan},
};
use flows::{FlowError, climbing::counted, counts::CountsView, identify::Caller};
use insight::{Attributed, Earned};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

use super::{
    held, id_of,
    rates::RatesView,
    results::ResultsView,
    stats::percent,
    touches::{TooMany, Touches, around},
};
use crate::{
    App, Deps,
    analytics::{sold::counts, told::Figured},
    customers::view::{amount, average},
    error::{Problem, ProblemDocument},
    input::{Asked, Faults, Named},
    who::Acting,
};

const WINDOW_DAYS: i64 = 7;
const WINDOW_DAYS_MAX: i64 = 90;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FiguresAsked {
    /// For how many days after a message an order is put down to it: 1 to 90, 7 unless told.
    #[serde(alias = "windowDays")]
    window_days: Option<i64>,
}

/// What a campaign came to.
#[derive(Serialize, ToSchema)]
pub(crate) struct CampaignFigures {
    #[schema(value_type = String)]
    campaign_id: CampaignId,
    name: String,
    status: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    launched_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// All who were chosen: `delivered`, `failed`, `skipped` and `pending` add up to it.
    total_messages: u64,
    delivered: u64,
    /// Refused for good, or come back.
    failed: u64,
    skipped: u64,
    /// Not sent yet, on its way, or not known.
    pending: u64,
    counts: CountsView,
    #[serde(flatten)]
    rates: RatesView,
    /// How each of its words fared, if it tries several.
    trial: Option<ResultsView>,
    /// Of those who were chosen: who is somebody still.
    audience: u64,
    /// What they have brought by now, refunds subtracted, whether or not the campaign had to do with it.
    audience_value: String,
    average_customer_value: Option<String>,
    attribution: AttributionView,
}

/// Orders that came after the campaign's messages. That they came because of them is not said here: for that, hold some people
/// out and compare.
#[derive(Serialize, ToSchema)]
pub(crate) struct AttributionView {
    /// `last_touch`: each order is put down to the last message, of whatever campaign, that was handed over for the customer
    /// before it and did not come back.
    model: &'static str,
    window_days: i64,
    is_causal: bool,
    /// `null`: these and the campaigns around it wrote so many messages that they are not gone through.
    all: Option<EarnedView>,
    /// Of that, from those who had opened the message, or followed a link in it, before they ordered.
    seen: Option<EarnedView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct EarnedView {
    customers: u64,
    orders: u64,
    /// Of orders that count, refunds subtracted.
    revenue: String,
    average_order_value: Option<String>,
    /// Customers, of a hundred messages that reached somebody.
    conversion_rate_percent: Option<f64>,
}

/// A campaign's figures
///
/// Counted with each call: over its messages, those of campaigns that wrote to the same people at the time, and the orders.
#[utoipa::path(get, operation_id = "campaign_figures", path = "/api/v1/campaigns/{campaign}/analytics", tag = "Campaigns",
    params(("campaign" = String, Path, description = "the campaign's id"), FiguresAsked),
    responses((status = 200, body = Figured<CampaignFigures>), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
    Asked(asked): Asked<FiguresAsked>,
) -> Result<Json<Figured<CampaignFigures>>, Problem> {
    Box::pin(shown(&deps, &caller, &id, asked.window_days)).await.map(Json)
}

pub(super) async fn shown(
    deps: &Deps,
    caller: &Caller,
    named: &str,
    window_days: Option<i64>,
) -> Result<Figured<CampaignFigures>, Problem> {
    caller.must(Permission::ReadCampaigns)?;
    caller.must(Permission::ReadOrders)?;
    let mut faults = Faults::default();
    let window_days = window_days.unwrap_or(WINDOW_DAYS);
    let window = faults.whole::<i64>("?window_days", Some(window_days), 1, WINDOW_DAYS_MAX);
    let window = SignedDuration::from_hours(24 * faults.none(window)?);
    let campaign = held(caller, id_of(named)?).await?;
    let now = deps.now();
    let touches = around(&caller.store, &campaign, window, now).await?;
    let planned = caller.store.plan(campaign.id).await?;
    let chosen = match &planned {
        Some(planned) => caller.store.all_chosen(campaign.id, planned).await?,
        None => Members::default(),
    };
    let plan = planned.as_ref().map(|planned| &planned.plan);
    let view = deps.audience(&caller.store, &[Family::Orders]).await?;
    let attribution = attributed(&view, touches, window, caller.tenant.currency)?;
    let figures = figures(caller, &campaign, plan, &value_of(&view, &chosen)?, now, attribution).await?;
    Ok(Figured::of(figures, caller, now))
}

async fn figures(
    caller: &Caller,
    campaign: &Campaign,
    plan: Option<&Plan>,
    (audience, spent): &(u64, i128),
    now: Timestamp,
    attribution: AttributionView,
) -> Result<CampaignFigures, FlowError> {
    let (counts, _) = counted(&caller.store, campaign).await?;
    let currency = caller.tenant.currency;
    let (delivered, skipped) = (counts.at(Fate::Delivered), counts.at(Fate::Skipped));
    let failed = counts.at(Fate::Failed) + counts.at(Fate::Bounced);
    Ok(CampaignFigures {
        campaign_id: campaign.id,
        name: campaign.name.as_str().to_owned(),
        status: campaign.state.name(),
        launched_at: campaign.launched_at,
        ended_at: campaign.ended_at,
        total_messages: counts.chosen,
        delivered,
        failed,
        skipped,
        pending: counts.chosen.saturating_sub(delivered + failed + skipped),
        rates: RatesView::of(&counts),
        trial: campaign.rules.trial.as_ref().map(|trial| ResultsView::of(campaign, trial, &counts, plan)),
        counts: CountsView::of(&counts, Some(now)),
        audience: *audience,
        audience_value: amount(*spent, currency),
        average_customer_value: average(*spent, i128::from(*audience), currency),
        attribution,
    })
}

/// Who of them is somebody, and what they have spent.
fn value_of(view: &View, whose: &Members) -> Result<(u64, i128), FlowError> {
    let everyone = Program::new(Test::Everyone);
    let all = view.select(&everyone).map_err(FlowError::broken)?;
    let (mut people, mut spent) = (0, 0);
    for (_, [one]) in all.numbers([Number::Spent]).filter(|(slot, _)| whose.has(*slot)) {
        people += 1;
        spent += i128::from(one.unwrap_or_default());
    }
    Ok((people, spent))
}

fn attributed(
    view: &View,
    touches: Result<(Touches, u32), TooMany>,
    window: SignedDuration,
    currency: Currency,
) -> Result<AttributionView, FlowError> {
    let mut told = AttributionView {
        model: "last_touch",
        window_days: window.as_hours() / 24,
        is_causal: false,
        all: None,
        seen: None,
    };
    let Ok((touches, campaign)) = touches else { return Ok(told) };
    let mut orders: HashMap<_, Vec<(i64, i64)>> = HashMap::new();
    let is_touched = |slot| touches.binary_search_by_key(&slot, |(slot, _)| *slot).is_ok();
    for sale in view.sales(None, &[]).map_err(FlowError::broken)? {
        if counts(&sale) && is_touched(sale.slot) {
            orders.entry(sale.slot).or_default().push((sale.at, sale.net));
        }
    }
    let (mut sum, mut reached) = (Attributed::default(), 0);
    for one in touches.chunk_by(|(before, _), (after, _)| before == after) {
        let theirs: Vec<_> = one.iter().map(|(_, touch)| *touch).collect();
        reached += theirs.iter().filter(|touch| touch.campaign == campaign).count() as u64;
        if let Some(orders) = one.first().and_then(|(slot, _)| orders.remove(slot)) {
            sum.add(campaign, &theirs, window.as_secs(), orders);
        }
    }
    let earned = |earned: Earned| EarnedView {
        customers: earned.customers,
        orders: earned.orders,
        revenue: amount(earned.revenue, currency),
        average_order_value: average(earned.revenue, earned.orders.into(), currency),
        conversion_rate_percent: percent(earned.customers, reached),
    };
    (told.all, told.seen) = (Some(earned(sum.all)), Some(earned(sum.seen)));
    Ok(told)
}

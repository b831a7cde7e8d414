//! How well the shop is followed: up to when everything stands here, what each kind of event came to, and what was missed.
//!
//! Counted from the log of events and from the runs of a day, when somebody asks: no event costs more for it.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use domain::{
    Permission, Run, Syncing, Timestamp,
    event::{Because, Noted, Outcome},
    run::{OrdersHere, Resource},
};
use jiff::SignedDuration;
use serde::Serialize;
use store::{StoreError, TenantStore};
use utoipa::ToSchema;

use crate::{App, error::Problem, who::Acting};

/// Runs are remembered as long.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(24);
/// Of a busy shop, so many events are looked at, the newest.
const EVENTS_MAX: usize = 10_000;
const EVENTS_AT_ONCE: u32 = 1_000;
/// More runs than the clock begins in a day.
const RUNS_MAX: u32 = 200;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShopHealth {
    /// Everything that changed in the shop until then stands here. `null`: not all of it was ever brought.
    #[schema(value_type = Option<String>, format = DateTime)]
    complete_until: Option<Timestamp>,
    /// Orders of before then are not here, unless they have changed since: Shopify shows us recent ones alone, or has only
    /// just begun to show us all (`GET /api/v1/tenants/me/shop`). A shop that is connected again soon enough has kept what
    /// there was. `null`: all are here, or no shop is connected.
    #[schema(value_type = Option<String>, format = DateTime)]
    orders_since: Option<Timestamp>,
    /// When a run last ended well.
    #[schema(value_type = Option<String>, format = DateTime)]
    synced_at: Option<Timestamp>,
    /// When the last run began that looked for what webhooks had missed.
    #[schema(value_type = Option<String>, format = DateTime)]
    reconciled_at: Option<Timestamp>,
    /// When the clock asks the shop again. `null`: there is no shop to ask.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_sync_at: Option<Timestamp>,
    /// What is counted below happened since then.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// By topic, in the order of the alphabet: all of which the shop has ever told. One of which nothing is counted has been
    /// silent since `since` at least.
    topics: Vec<TopicHealth>,
    gaps: Gaps,
}

/// What became of the events of one topic.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct TopicHealth {
    /// As Shopify has it: "orders/create".
    topic: String,
    /// Where it is before `since`, to ten minutes.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_event_at: Option<Timestamp>,
    /// How long that is ago, in seconds.
    last_event_age: Option<i64>,
    /// Each counts once, however often it came.
    events: u64,
    applied: u64,
    /// They told nothing new.
    known: u64,
    /// They did not tell what is so by now, which was asked of Shopify: they named what has changed, or were of the same second
    /// as another.
    asked_for: u64,
    /// They came again, and were dropped.
    duplicates_dropped: u64,
    /// They came after something newer, and were refused for it.
    late_refused: u64,
    /// What they tell cannot be kept: `GET /api/v1/tenants/me/webhooks` says why.
    refused: u64,
    /// They are tried again.
    failed: u64,
}

/// What webhooks should have told and did not: found by asking the shop.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Gaps {
    customers: u64,
    orders: u64,
    products: u64,
    deletions: u64,
    checkouts: u64,
    /// The first of them: "customer s7001".
    first: Vec<String>,
}

/// How well my shop is followed
///
/// Of the last day, or of its newest 10,000 events; and of each topic when the shop last told of it, however long that is ago.
#[utoipa::path(get, operation_id = "show_shop_health", path = "/api/v1/tenants/me/shop/health", tag = "Shop",
    responses((status = 200, body = ShopHealth)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<ShopHealth>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let now = deps.now();
    let syncing = caller.store.syncing().await?;
    let runs = caller.store.runs(RUNS_MAX).await?;
    let (events, since) = lately(&caller.store, now).await?;
    let heard = caller.store.topics_heard().await?;
    let topics = topics(&events, heard, now);
    let health = ShopHealth::of(syncing.as_deref(), &runs, topics, since, now);
    let orders_since = orders_since(&caller.store, syncing.as_deref()).await?;
    Ok(Json(ShopHealth { orders_since, ..health }))
}

/// Orders of before then are not here. `None`: all are, or no shop is connected.
async fn orders_since(
    store: &TenantStore,
    syncing: Option<&Syncing>,
) -> Result<Option<Timestamp>, StoreError> {
    let open = store.connection().await?.filter(|connection| connection.is_open());
    Ok(open.and_then(|connection| match syncing {
        Some(Syncing { orders: OrdersHere::All, .. }) => None,
        Some(Syncing { orders_from: Some(from), .. }) => Some(*from),
        Some(_) | None => Some(connection.orders_shown_since()),
    }))
}

/// What an answer about customers may lack.
pub(crate) async fn completeness(
    store: &TenantStore,
) -> Result<(Option<Timestamp>, Option<Timestamp>), StoreError> {
    let syncing = store.syncing().await?;
    let until = syncing.as_deref().and_then(complete_until);
    Ok((until, orders_since(store, syncing.as_deref()).await?))
}

fn complete_until(syncing: &Syncing) -> Option<Timestamp> {
    let marks: Option<Vec<_>> = Resource::ALL.iter().map(|of| syncing.watermarks.get(of).copied()).collect();
    marks.and_then(|marks| marks.into_iter().min())
}

/// The events of the last day, newest first, and since when they are all of them.
async fn lately(store: &TenantStore, now: Timestamp) -> Result<(Vec<Noted>, Timestamp), StoreError> {
    let since = now.saturating_sub(LOOKED_BACK).unwrap_or(Timestamp::MIN);
    let (mut events, mut after): (Vec<Noted>, Option<(Timestamp, String)>) = (Vec::new(), None);
    loop {
        let place = after.as_ref().map(|(at, id)| (*at, id.as_str()));
        let (mut page, next) = store.events_noted(EVENTS_AT_ONCE, place).await?;
        page.retain(|event| event.at >= since);
        events.append(&mut page);
        let Some(next) = next.filter(|(at, _)| *at >= since) else { return Ok((events, since)) };
        if events.len() >= EVENTS_MAX {
            return Ok((events, next.0));
        }
        after = Some(next);
    }
}

/// Of these events, and of what was heard before them.
fn topics(events: &[Noted], heard: BTreeMap<String, Timestamp>, now: Timestamp) -> Vec<TopicHealth> {
    let silent = |(topic, at)| (topic, TopicHealth { last_event_at: Some(at), ..TopicHealth::default() });
    let mut topics: BTreeMap<String, TopicHealth> = heard.into_iter().map(silent).collect();
    for event in events {
        topics.entry(event.topic.clone()).or_default().count(event);
    }
    let named = topics.into_iter().map(|(topic, health)| TopicHealth {
        topic,
        last_event_age: health.last_event_at.map(|at| now.duration_since(at).as_secs().max(0)),
        ..health
    });
    named.collect()
}

impl ShopHealth {
    fn of(
        syncing: Option<&Syncing>,
        runs: &[Run],
        topics: Vec<TopicHealth>,
        since: Timestamp,
        now: Timestamp,
    ) -> Self {
        let mut gaps = Gaps::default();
        for run in
            runs.iter().filter(|run| run.created_at >= now.saturating_sub(LOOKED_BACK).unwrap_or(since))
        {
            gaps.count(run);
        }
        Self {
            orders_since: None,
            complete_until: syncing.and_then(complete_until),
            synced_at: syncing.and_then(|syncing| syncing.synced_at),
            reconciled_at: syncing.and_then(|syncing| syncing.reconciled_at),
            next_sync_at: syncing.and_then(|syncing| syncing.next_at),
            since,
            topics,
            gaps,
        }
    }
}

impl TopicHealth {
    fn count(&mut self, event: &Noted) {
        self.last_event_at = self.last_event_at.max(Some(event.at));
        self.events += 1;
        match &event.outcome {
            Outcome::Applied { .. } => self.applied += 1,
            Outcome::Unchanged { because: Some(Because::Late), .. } => self.late_refused += 1,
            Outcome::Unchanged { because: None | Some(Because::Undecided), left_out: Some(_) } => {
                self.asked_for += 1;
            }
            Outcome::Unchanged { .. } => self.known += 1,
            Outcome::Refused { .. } => self.refused += 1,
            Outcome::Failed { .. } => self.failed += 1,
        }
        if !matches!(event.outcome, Outcome::Failed { .. }) {
            self.duplicates_dropped += u64::from(event.duplicates());
        }
    }
}

impl Gaps {
    fn count(&mut self, run: &Run) {
        for part in &run.parts {
            let gap = match part.of {
                Resource::Customers => &mut self.customers,
                Resource::Orders => &mut self.orders,
                Resource::Products => &mut self.products,
                Resource::Deletions => &mut self.deletions,
                Resource::Checkouts => &mut self.checkouts,
            };
            *gap += part.tally.missed;
        }
        let room = domain::run::MISSED_TOLD.saturating_sub(self.first.len());
        self.first.extend(run.missed.iter().take(room).cloned());
    }
}

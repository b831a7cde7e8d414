//! What is done by itself, night by night and month by month, and what came of it.

use axum::{Json, extract::State};
use domain::{Permission, Timestamp, scoring::ScoringRun, settlement::Sweep};
use flows::{
    FlowError,
    rates::{MonthOver, months_over},
};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use store::TenantStore;
use utoipa::{IntoParams, ToSchema};

use crate::{
    App,
    cursor::{Within, limited},
    customers::filter::{one_of, told},
    error::Problem,
    input::{Asked, Faults},
    who::Acting,
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsAsked {
    /// `scores`, `segments` or `calls`; all unless told.
    job: Option<String>,
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Runs {
    items: Vec<RunView>,
    /// The cursor of the next page; `null` at the end.
    next: Option<String>,
}

/// What was done once.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunView {
    /// `night`: a day of the shop's had begun. `hand`: somebody asked for it. `month`: a month of the calendar (UTC) had begun.
    cause: &'static str,
    /// Always `completed`: what is not done is wanted still, and asked for again.
    outcome: &'static str,
    #[schema(value_type = String, format = DateTime)]
    wanted_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ended_at: Timestamp,
    #[serde(flatten)]
    done: DoneView,
}

#[derive(Serialize, ToSchema)]
#[serde(tag = "job", rename_all = "snake_case")]
pub(crate) enum DoneView {
    /// Where the fifths end, and what is expected of each customer.
    Scores {
        /// 1 the first time, and one more each time.
        edition: u64,
        /// All who had ordered.
        customers: u64,
        /// Whether models were found that tell what customers will do.
        fitted: bool,
        /// Why not.
        silence: Option<RunSilence>,
    },
    /// Who is in each segment, as the shop's day began.
    Segments {
        segments: u32,
        /// Parts of the audience, each of which was settled.
        shards: u32,
        /// Places in all segments together, as the day began.
        members_before: u64,
        members_after: u64,
    },
    /// Calls of the API are counted anew.
    Calls {
        /// Of the month that was over. `null`: none was counted, or it is forgotten.
        calls: Option<i64>,
    },
}

/// As `SilenceView`, of a time that is over.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunSilence {
    code: String,
    detail: String,
}

impl From<ScoringRun> for RunView {
    fn from(run: ScoringRun) -> Self {
        Self {
            cause: run.cause.name(),
            outcome: COMPLETED,
            wanted_at: run.wanted_at,
            ended_at: run.ended_at,
            done: DoneView::Scores {
                edition: run.edition,
                customers: run.customers,
                fitted: run.silence.is_none(),
                silence: run.silence.map(|(code, detail)| RunSilence { code, detail }),
            },
        }
    }
}

impl From<Sweep> for RunView {
    fn from(sweep: Sweep) -> Self {
        let (segments, shards) = (sweep.segments, sweep.shards);
        let (members_before, members_after) = (sweep.before, sweep.after);
        Self {
            cause: "night",
            outcome: COMPLETED,
            wanted_at: sweep.wanted_at,
            ended_at: sweep.ended_at,
            done: DoneView::Segments { segments, shards, members_before, members_after },
        }
    }
}

impl From<MonthOver> for RunView {
    fn from(month: MonthOver) -> Self {
        let at = month.ended_at;
        let done = DoneView::Calls { calls: month.calls };
        Self { cause: "month", outcome: COMPLETED, wanted_at: at, ended_at: at, done }
    }
}

const COMPLETED: &str = "completed";
/// In the order in which they stand where they were wanted at one instant.
const JOBS: [&str; 3] = ["scores", "segments", "calls"];

/// What was done by itself
///
/// Each night the scores and the segments, each month the count of calls; newest first, and of the last 90 days (of calls: 24
/// months). `POST /api/v1/analytics/rfm/recalculate` works out the scores by hand, `POST /api/v1/segments/{segment}/refresh`
/// settles a segment.
#[utoipa::path(get, operation_id = "list_runs", path = "/api/v1/analytics/runs", tag = "Analytics", params(RunsAsked),
    responses((status = 200, body = Runs)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<RunsAsked>,
) -> Result<Json<Runs>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let limit = limited(asked.limit)?;
    let mut faults = Faults::default();
    let job = told(asked.job.as_ref()).map(|told| faults.take("?job", one_of(told, &JOBS)));
    let job = faults.none(job.map_or(Some(None), |job| job.map(Some)))?;
    let secrets = deps.open_secrets().await?;
    let of = job.unwrap_or("all");
    let within = Within { secrets: &secrets, list: format!("{}/analytics/runs/{of}", caller.store.id()) };
    let after = asked.cursor.as_deref().map(|cursor| within.unsealed(cursor)).transpose()?;
    let after = after.as_deref().map(|text| place(text).ok_or_else(|| FlowError::broken("a cursor of ours")));
    let after = after.transpose()?;

    let store = &caller.store;
    let wanted = |name: &str| job.is_none_or(|job| job == name);
    let (mut found, mut is_more) = (Vec::new(), false);
    for (rank, name) in JOBS.into_iter().enumerate().filter(|(_, name)| wanted(name)) {
        let before = after.map(|(at, last)| if rank > last { a_moment_after(at) } else { at });
        let since = caller.tenant.created_at;
        let (runs, more) = runs_of(store, name, limit, before, (since, deps.now())).await?;
        found.extend(runs.into_iter().map(|run| (rank, run)));
        is_more |= more;
    }
    found.sort_by_key(|(rank, run)| (Reverse(run.wanted_at), *rank));
    is_more |= found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| is_more).map(|(rank, run)| format!("{} {rank}", run.wanted_at));
    let next = last.map(|last| within.sealed(&last, &*deps.dice)).transpose()?;
    Ok(Json(Runs { items: found.into_iter().map(|(_, run)| run).collect(), next }))
}

/// Those of before an instant, and whether there are more.
async fn runs_of(
    store: &TenantStore,
    job: &str,
    limit: usize,
    before: Option<Timestamp>,
    (since, now): (Timestamp, Timestamp),
) -> Result<(Vec<RunView>, bool), FlowError> {
    let most = u32::try_from(limit).unwrap_or(u32::MAX);
    Ok(match job {
        "scores" => {
            let (runs, next) = store.scoring_runs(most, before).await?;
            (runs.into_iter().map(RunView::from).collect(), next.is_some())
        }
        "segments" => {
            let (sweeps, next) = store.sweeps(most, before).await?;
            (sweeps.into_iter().map(RunView::from).collect(), next.is_some())
        }
        _ => {
            let months = months_over(&store.rate().await?, since, now);
            let earlier =
                months.into_iter().filter(|month| before.is_none_or(|before| month.ended_at < before));
            let all: Vec<_> = earlier.map(RunView::from).collect();
            let is_more = all.len() > limit;
            (all.into_iter().take(limit).collect(), is_more)
        }
    })
}

/// Keys count milliseconds.
fn a_moment_after(at: Timestamp) -> Timestamp {
    at + jiff::SignedDuration::from_millis(1)
}

fn place(text: &str) -> Option<(Timestamp, usize)> {
    let (at, rank) = text.split_once(' ')?;
    Some((at.parse().ok()?, rank.parse().ok()?))
}

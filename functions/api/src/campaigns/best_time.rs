//! When those of a segment read what they are written: the weekday and the hour, by the shop's clocks.
//!
//! Asked of the messages themselves, the newest campaigns first: so it is of those people alone, of no machine, and nothing is
//! kept for it. A chunk is read only if somebody of the segment is in it.

use std::collections::BTreeSet;

use axum::{extract::State, http::StatusCode, response::Response};
use columns::Members;
use domain::{
    Campaign, Permission, SegmentId, Timestamp, Zone,
    campaign::{Fate, Kind, Message, chunk::CHUNK_MESSAGES},
};
use flows::{FlowError, identify::Caller};
use insight::{Hour, READ_MIN, Unclear, Week};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{stats::percent, told::kind};
use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::{Faults, Input},
    once::{Answer, Once},
    who::Acting,
};

/// What people read longer ago says less of what they do now.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(365 * 24);
/// So many chunks are read for one answer, at a read unit each.
const CHUNKS_MAX: usize = 2_000;
/// Chunks that are read together.
const TOGETHER: usize = 100;
const TOLD: usize = 4;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimeAsked {
    /// Whose habits: a segment's id; everybody's unless told.
    #[serde(default, alias = "segmentId", alias = "audience")]
    segment_id: Option<String>,
    /// Of campaigns of that kind alone: `promotional`, `transactional`, `reminder` or `newsletter`.
    #[serde(default, alias = "campaignType")]
    campaign_type: Option<String>,
}

/// When to write.
#[derive(Serialize, ToSchema)]
pub(crate) struct BestTime {
    /// `found`, `not_enough_data`, or `no_clear_time`: no hour has more than chance may give it.
    verdict: &'static str,
    /// `monday` to `sunday`.
    best_day: Option<&'static str>,
    /// The beginning of the hour: `15:00`.
    best_time: Option<String>,
    /// Of those messages that were delivered: how many people opened, or followed a link of.
    expected_engagement_rate_percent: Option<f64>,
    reasoning: String,
    /// The hours after it.
    alternatives: Vec<HourView>,
    based_on: BasedOn,
    /// Whose hours these are.
    #[schema(value_type = String)]
    timezone: Zone,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct HourView {
    day: &'static str,
    time: String,
    /// Of all that were read.
    share_percent: Option<f64>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct BasedOn {
    /// The newest of the last 365 days.
    campaigns: usize,
    /// That were delivered to people of the segment.
    messages: u64,
    /// By people, each once: when it was first opened or followed.
    read: u64,
    /// Below, nothing is said.
    read_at_least: u64,
    /// There were more messages than are gone through for one answer.
    is_cut: bool,
}

/// What was found in messages.
#[derive(Default)]
struct Habits {
    week: Week,
    campaigns: usize,
    messages: u64,
    chunks: usize,
}

/// When to write to a segment
///
/// The weekday and the hour in which its people read most, by the shop's clocks; from real opens and clicks of people, of no machine.
#[utoipa::path(post, operation_id = "suggest_time", path = "/api/v1/ai/smart-scheduling", tag = "Campaigns", request_body = TimeAsked,
    responses((status = 200, body = BestTime), (status = 404, description = "no such segment", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn suggest(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(asked): Input<TimeAsked>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadCampaigns)?;
    let mut faults = Faults::default();
    let kind = faults.maybe("/campaign_type", asked.campaign_type, |told| kind(&told));
    faults.none(Some(()))?;
    let whose = match &asked.segment_id {
        Some(named) => Some(members(&caller, named).await?),
        None => None,
    };
    let habits = Box::pin(habits(&caller, whose.as_ref(), kind, deps.now())).await?;
    let answer = Answer::new(StatusCode::OK, &BestTime::of(&habits, &caller.tenant.zone));
    once.answer(answer).await
}

async fn members(caller: &Caller, named: &str) -> Result<Members, FlowError> {
    let missing = || FlowError::NotFound("segment");
    let id: SegmentId = named.parse().map_err(|_| missing())?;
    caller.store.segment(id).await?.ok_or_else(missing)?;
    Ok(caller.store.members_of(id).await?)
}

/// `None`: everybody's.
async fn habits(
    caller: &Caller,
    whose: Option<&Members>,
    kind: Option<Kind>,
    now: Timestamp,
) -> Result<Habits, FlowError> {
    let mut habits = Habits::default();
    let is_asked = |campaign: &Campaign| {
        let is_new = campaign.launched_at.is_some_and(|at| now.duration_since(at) <= LOOKED_BACK);
        is_new && kind.is_none_or(|kind| kind == campaign.kind)
    };
    for campaign in caller.store.campaigns().await?.iter().rev().filter(|campaign| is_asked(campaign)) {
        if habits.is_full() {
            break;
        }
        let before = habits.messages;
        habits.add(caller, campaign, whose).await?;
        habits.campaigns += usize::from(habits.messages > before);
    }
    Ok(habits)
}

impl Habits {
    fn is_full(&self) -> bool {
        self.chunks >= CHUNKS_MAX
    }

    async fn add(
        &mut self,
        caller: &Caller,
        campaign: &Campaign,
        whose: Option<&Members>,
    ) -> Result<(), FlowError> {
        let store = &caller.store;
        let Some(planned) = store.plan(campaign.id).await? else { return Ok(()) };
        let mut first_chunk = 0;
        for part in &planned.plan.parts {
            let people = store.chosen_of(campaign.id, &planned, part).await?;
            let is_one = |slot| whose.is_none_or(|whose| whose.has(slot));
            let places = people.iter().enumerate().filter(|(_, slot)| is_one(*slot)).map(|(place, _)| place);
            let places: Vec<usize> = places.collect();
            let chunks: BTreeSet<usize> = places.iter().map(|place| place / CHUNK_MESSAGES).collect();
            let chunks: Vec<usize> =
                chunks.into_iter().take(CHUNKS_MAX.saturating_sub(self.chunks)).collect();
            self.chunks += chunks.len();
            for some in chunks.chunks(TOGETHER) {
                let number = |chunk: &usize| first_chunk + u32::try_from(*chunk).unwrap_or(u32::MAX);
                let numbers: Vec<u32> = some.iter().map(number).collect();
                let held = store.campaign_chunks(campaign.id, &numbers).await?;
                for (chunk, held) in some.iter().zip(held) {
                    let Some(held) = held else { continue };
                    let first = chunk * CHUNK_MESSAGES;
                    let from = places.partition_point(|place| *place < first);
                    let theirs = places[from..].iter().take_while(|place| **place < first + CHUNK_MESSAGES);
                    let messages = theirs.filter_map(|place| held.messages.get(place - first));
                    messages.for_each(|message| self.read(message, &caller.tenant.zone));
                }
            }
            first_chunk += part.chosen.div_ceil(u32::try_from(CHUNK_MESSAGES).unwrap_or(u32::MAX));
        }
        Ok(())
    }

    /// Whoever follows a link has opened it, whether or not that was seen.
    fn read(&mut self, message: &Message, zone: &Zone) {
        if message.fate != Fate::Delivered {
            return;
        }
        self.messages += 1;
        let Some(at) = [message.opened_at, message.clicked_at].into_iter().flatten().min() else { return };
        let local = at.to_zoned(zone.time_zone().clone());
        let weekday = u8::try_from(local.weekday().to_monday_zero_offset()).unwrap_or_default();
        self.week.add(weekday, u8::try_from(local.hour()).unwrap_or_default());
    }
}

impl BestTime {
    fn of(habits: &Habits, zone: &Zone) -> Self {
        let read = habits.week.total();
        let best = habits.week.best(TOLD);
        let (verdict, reasoning) = match &best {
            Ok(hours) => ("found", reason(hours, read)),
            Err(wrong @ Unclear::TooFew(_)) => ("not_enough_data", format!("not enough data: {wrong}")),
            Err(wrong @ Unclear::NoPeak(_)) => ("no_clear_time", wrong.to_string()),
        };
        let hours = best.unwrap_or_default();
        let first = hours.first();
        Self {
            verdict,
            best_day: first.map(day),
            best_time: first.map(time),
            expected_engagement_rate_percent: first.and_then(|_| percent(read, habits.messages)),
            reasoning,
            alternatives: hours.iter().skip(1).map(|hour| HourView::of(hour, read)).collect(),
            based_on: BasedOn {
                campaigns: habits.campaigns,
                messages: habits.messages,
                read,
                read_at_least: READ_MIN,
                is_cut: habits.is_full(),
            },
            timezone: zone.clone(),
        }
    }
}

fn reason(hours: &[Hour], read: u64) -> String {
    let Some(best) = hours.first() else { return String::new() };
    format!(
        "of {read} messages that people read, {count} were read on {day} from {time} on, which is more than chance would give \
         any hour. People read soon after they are written to: of hours at which you have never written little is known.",
        count = best.count,
        day = day(best),
        time = time(best),
    )
}

fn day(hour: &Hour) -> &'static str {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    DAYS.get(usize::from(hour.weekday)).copied().unwrap_or_default()
}

fn time(hour: &Hour) -> String {
    format!("{:02}:00", hour.hour)
}

impl HourView {
    fn of(hour: &Hour, read: u64) -> Self {
        Self { day: day(hour), time: time(hour), share_percent: percent(hour.count, read) }
    }
}

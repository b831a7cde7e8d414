//! When a campaign is to begin: as it is told, and as it is shown.

use axum::{extract::State, response::Response};
use domain::{
    Timestamp, Zone,
    campaign::{Act, Schedule, schedule::Each},
    fields,
};
use jiff::{
    ToSpan,
    civil::{Date, DateTime, Time, Weekday},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{moves::moved, view::CampaignHead};
use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::{Faults, Input, Named},
    once::Once,
    who::Acting,
};

/// A shop plans no further ahead.
const YEARS_AHEAD: i64 = 2;
pub(crate) const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Once: `at`. Again and again: `frequency` and `time`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleTold {
    /// `once` unless told, `daily`, `weekly` or `monthly`.
    #[serde(alias = "each")]
    frequency: Option<String>,
    /// When, if it is once: `2026-11-27T09:00` by the shop's clocks, or an instant.
    #[serde(alias = "scheduled_at", alias = "scheduledAt")]
    at: Option<String>,
    /// At what time of the day, if it repeats: `09:00`.
    time: Option<String>,
    /// The first day, if it repeats: the day on which this is told unless told.
    #[serde(alias = "start_date", alias = "startDate")]
    from: Option<String>,
    /// The last day, that one included: for ever unless told.
    #[serde(alias = "end_date", alias = "endDate")]
    until: Option<String>,
    /// Of `weekly`: `["monday", …]`; that of the first day unless told.
    weekdays: Option<Vec<String>>,
    /// Of `monthly`: 1 to 31, or the last day of shorter months; that of the first day unless told.
    day: Option<i64>,
    /// Whose clocks: `shop` unless told; `recipient`: each gets it when it is that time where they are.
    clocks: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ScheduleView {
    /// `once`, `daily`, `weekly` or `monthly`.
    frequency: &'static str,
    #[schema(value_type = String)]
    time: Time,
    #[schema(value_type = String, format = Date)]
    from: Date,
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Date>,
    weekdays: Vec<&'static str>,
    day: Option<i8>,
    /// `shop` or `recipient`.
    clocks: &'static str,
    /// The shop's, as it was when this was told.
    #[schema(value_type = String)]
    zone: Zone,
}

/// Schedule a campaign
///
/// Instead of what was scheduled before. `next_at` is when it begins for the first of those whom it is for; a time that has passed is refused.
#[utoipa::path(post, operation_id = "schedule_campaign", path = "/api/v1/campaigns/{campaign}/schedule", tag = "Campaigns",
    request_body = ScheduleTold, params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 200, body = CampaignHead), (status = 404, body = ProblemDocument),
    (status = 409, description = "not now: it says what can be done", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn schedule(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<ScheduleTold>,
) -> Result<Response, Problem> {
    let schedule = told.understood(&caller.tenant.zone, deps.now())?;
    moved(&deps, &caller, once, &id, Act::Schedule(schedule)).await
}

impl ScheduleTold {
    fn understood(self, zone: &Zone, now: Timestamp) -> Result<Schedule, Problem> {
        let mut it = Faults::default();
        let clocks = it.maybe("/clocks", self.clocks.as_deref(), |told| match told {
            "shop" => Ok(false),
            "recipient" => Ok(true),
            _ => Err("is not one of shop, recipient"),
        });
        let is_recipients_time = clocks.unwrap_or(false);
        let today = now.to_zoned(zone.time_zone().clone()).date();
        let told = self.frequency.clone().unwrap_or_else(|| "once".to_owned()).to_lowercase();
        let begins = match told.as_str() {
            "once" => self.once(&mut it, zone, is_recipients_time),
            "daily" | "weekly" | "monthly" => self.again(&mut it, &told, today),
            _ => {
                it.add("/frequency", "invalid", "is not one of once, daily, weekly, monthly");
                None
            }
        };
        let until = it.maybe("/until", self.until.as_deref(), fields::day);
        let last = today.checked_add(YEARS_AHEAD.years()).unwrap_or(Date::MAX);
        let place = if told == "once" { "/at" } else { "/from" };
        if let Some((_, from, _)) = &begins {
            if *from > last {
                it.add(place, "out_of_range", format!("must be within {YEARS_AHEAD} years"));
            }
            if until.is_some_and(|until| until < *from) {
                it.add("/until", "out_of_range", "must not be before the first day");
            }
        }
        let (each, from, time) = it.none(begins)?;
        Ok(Schedule { each, time, from, until, zone: zone.clone(), is_recipients_time })
    }

    fn once(&self, it: &mut Faults, zone: &Zone, is_recipients_time: bool) -> Option<(Each, Date, Time)> {
        for (at, is_told) in [
            ("/time", self.time.is_some()),
            ("/from", self.from.is_some()),
            ("/until", self.until.is_some()),
            ("/weekdays", self.weekdays.is_some()),
            ("/day", self.day.is_some()),
        ] {
            if is_told {
                it.add(at, "not_of_once", "is told of what repeats: tell a `frequency`, or `at` alone");
            }
        }
        let Some(told) = &self.at else {
            it.add("/at", "missing_member", "must be told: `2026-11-27T09:00`, by the shop's clocks");
            return None;
        };
        let local = it.take("/at", local(told, zone, is_recipients_time))?;
        Some((Each::Once, local.date(), local.time()))
    }

    fn again(&self, it: &mut Faults, each: &str, today: Date) -> Option<(Each, Date, Time)> {
        if self.at.is_some() {
            it.add(
                "/at",
                "not_of_repeated",
                "is told of what is once: tell `time`, and `from` if it is not today",
            );
        }
        let from = it.maybe("/from", self.from.as_deref(), fields::day).unwrap_or(today);
        if self.time.is_none() {
            it.add("/time", "missing_member", "must be told: `09:00`");
        }
        let time = it.maybe("/time", self.time.as_deref(), time);
        for (at, is_told, of) in
            [("/weekdays", self.weekdays.is_some(), "weekly"), ("/day", self.day.is_some(), "monthly")]
        {
            if is_told && each != of {
                it.add(at, "not_of_this", format!("is told of what is {of}"));
            }
        }
        let each = match each {
            "weekly" => Each::Week(self.on_weekdays(it, from)),
            "monthly" => {
                let day = it.whole("/day", self.day, 1, 31);
                Each::Month(day.unwrap_or_else(|| from.day()))
            }
            _ => Each::Day,
        };
        time.map(|time| (each, from, time))
    }

    fn on_weekdays(&self, it: &mut Faults, from: Date) -> Vec<i8> {
        let Some(told) = &self.weekdays else { return vec![from.weekday().to_monday_one_offset()] };
        if told.is_empty() {
            it.add("/weekdays", "empty", "must name at least one");
        }
        let mut days = Vec::new();
        for (place, word) in told.iter().enumerate() {
            let known = WEEKDAYS.iter().zip(1_i8..).find(|(name, _)| name.eq_ignore_ascii_case(word));
            let at = format!("/weekdays/{place}");
            match known {
                Some((_, day)) if days.contains(&day) => it.add(&at, "twice", "is told twice"),
                Some((_, day)) => days.push(day),
                None => it.add(&at, "invalid", format!("is not one of {}", WEEKDAYS.join(", "))),
            }
        }
        days.sort_unstable();
        days
    }
}

/// By the shop's clocks. An instant is one everywhere: it cannot be by the clocks of whoever gets it.
fn local(told: &str, zone: &Zone, is_recipients_time: bool) -> Result<DateTime, &'static str> {
    let told = told.trim();
    if let Ok(instant) = told.parse::<Timestamp>() {
        if is_recipients_time {
            return Err("must be a date and a time alone, since it is by the clocks of whoever gets it");
        }
        return Ok(instant.to_zoned(zone.time_zone().clone()).datetime());
    }
    let is_dated_and_timed = told.contains(['T', 't', ' ']) && told.contains(':');
    let local = told.parse::<DateTime>().ok().filter(|_| is_dated_and_timed);
    local.ok_or("is not a date with a time, as in 2026-11-27T09:00")
}

pub(crate) fn time(told: &str) -> Result<Time, &'static str> {
    let time = told.trim().parse::<Time>().ok().filter(|_| told.contains(':'));
    time.ok_or("is not a time of the day, as in 09:00")
}

impl ScheduleView {
    pub(super) fn of(schedule: &Schedule) -> Self {
        let (frequency, weekdays, day) = match &schedule.each {
            Each::Once => ("once", Vec::new(), None),
            Each::Day => ("daily", Vec::new(), None),
            Each::Week(days) => ("weekly", days.iter().filter_map(|day| word(*day)).collect(), None),
            Each::Month(day) => ("monthly", Vec::new(), Some(*day)),
        };
        Self {
            frequency,
            time: schedule.time,
            from: schedule.from,
            until: schedule.until,
            weekdays,
            day,
            clocks: if schedule.is_recipients_time { "recipient" } else { "shop" },
            zone: schedule.zone.clone(),
        }
    }
}

pub(crate) fn word(day: i8) -> Option<&'static str> {
    let day = Weekday::from_monday_one_offset(day).ok()?;
    WEEKDAYS.get(usize::try_from(day.to_monday_zero_offset()).ok()?).copied()
}

//! To whom a report is mailed, and when: as it is told, and as it is shown.

use std::collections::BTreeMap;

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    EmailAddress, Permission, ReportId, Timestamp, UserId, Zone,
    campaign::{Schedule, schedule::Each},
    report::{Format, Mailing, Trouble, mailing::ADDRESSES_MAX},
};
use flows::{FlowError, identify::Caller};
use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{kept::held, run::may_ask};
use crate::{
    App,
    campaigns::schedule::{WEEKDAYS, time, word},
    error::{Problem, ProblemDocument},
    input::{Faults, Input, Named},
    once::{Answer, Once},
    who::Acting,
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailingTold {
    /// `day`, `week` or `month`: also what the report is about, which is the last one that is over. Weeks are from Monday on.
    every: String,
    /// By the shop's clocks: `08:00`.
    at: String,
    /// Of `week`: `monday`, …
    weekday: Option<String>,
    /// Of `month`: 1 to 31, or the last day of shorter months.
    day: Option<i64>,
    /// Addresses of members of the team, at most twenty.
    to: Vec<String>,
    /// `pdf` unless told, or `csv`.
    format: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct MailingView {
    /// `day`, `week` or `month`.
    every: &'static str,
    at: String,
    weekday: Option<&'static str>,
    day: Option<i8>,
    /// Who has left the team gets nothing, and is not here. `null` for programs that may not see the team.
    to: Option<Vec<String>>,
    format: &'static str,
    /// Whose clocks.
    #[schema(value_type = String)]
    timezone: Zone,
    #[schema(value_type = String, format = DateTime)]
    next_at: Timestamp,
    /// When somebody was last mailed.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_told_at: Option<Timestamp>,
    /// Of the last time: `nobody_left` (of those whom it is for none is of the team), `not_sent` (some were not reached),
    /// `shop_disconnected`.
    last_problem: Option<&'static str>,
}

/// Addresses of members, as far as the caller may see them.
pub(super) struct Team(Option<BTreeMap<UserId, EmailAddress>>);

/// Mail a report
///
/// Again and again, to members of the team, in the place of what was told before: a link that opens it without signing in, for
/// seven days. A time that the clocks pass over is when they have. What was missed is not made good.
#[utoipa::path(put, operation_id = "schedule_report", path = "/api/v1/reports/{report}/schedule", tag = "Reports", request_body = MailingTold,
    params(("report" = String, Path, description = "the report's id")),
    responses((status = 200, body = MailingView), (status = 404, body = ProblemDocument),
    (status = 409, description = "somebody else has changed it just now", body = ProblemDocument),
    (status = 422, description = "an address is no member's", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn set(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<MailingTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    caller.must(Permission::ReadTeam)?;
    may_ask(&caller)?;
    let report = held(&caller, &id).await?.id;
    let (team, now) = (Team::seen_by(&caller).await?, deps.now());
    let said = told.understood(&team, report, &caller, now)?;
    let held = caller.store.mailing(report).await?;
    let mailing = match &held {
        Some(held) => said.changed_from(held),
        None => said,
    };
    let is_same = held.as_ref().is_some_and(|held| **held == mailing);
    let steps = (!is_same).then(|| caller.store.mailing_set(held.as_ref(), &mailing));
    let answer = Answer::new(StatusCode::OK, &MailingView::of(&mailing, &team));
    once.commit_or_changed(steps.into_iter().collect(), answer).await
}

/// Mail a report no more
///
/// Links that were mailed work until they end.
#[utoipa::path(delete, operation_id = "unschedule_report", path = "/api/v1/reports/{report}/schedule", tag = "Reports",
    params(("report" = String, Path, description = "the report's id")),
    responses((status = 204), (status = 404, body = ProblemDocument),
    (status = 409, description = "somebody else has changed it just now", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn end(
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let report = held(&caller, &id).await?.id;
    let held = caller.store.mailing(report).await?;
    let steps = held.iter().map(|held| caller.store.mailing_ended(held));
    once.commit_or_changed(steps.collect(), Answer::empty(StatusCode::NO_CONTENT)).await
}

impl MailingTold {
    fn understood(
        self,
        team: &Team,
        report: ReportId,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Mailing, Problem> {
        let mut it = Faults::default();
        let each = self.each(&mut it);
        let at = it.take("/at", time(&self.at));
        if at.is_some_and(|at| (at.second(), at.subsec_nanosecond()) != (0, 0)) {
            it.add("/at", "invalid", "is told in whole minutes, as in 09:00");
        }
        let format = it.maybe("/format", self.format.as_deref(), str::parse).unwrap_or(Format::Pdf);
        if self.to.is_empty() {
            it.add("/to", "missing_member", "must name at least one");
        } else if self.to.len() > ADDRESSES_MAX {
            it.add("/to", "too_many", format!("may hold at most {ADDRESSES_MAX}"));
        }
        let parsed = self
            .to
            .iter()
            .enumerate()
            .filter_map(|(place, told)| it.take(&format!("/to/{place}"), told.parse::<EmailAddress>()));
        let addresses: Vec<_> = parsed.collect();
        let (each, time) = it.none(each.zip(at))?;
        let mut strangers = Faults::default();
        let to = team.members(&addresses, &mut strangers);
        strangers.none(Some(())).map_err(|problem| Problem {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            code: "not_a_member",
            detail: "a report is mailed to members of the team alone; share a link with others".to_owned(),
            ..problem
        })?;
        let zone = caller.tenant.zone.clone();
        let schedule =
            Schedule { each, time, from: zone.day_of(now), until: None, zone, is_recipients_time: false };
        Ok(Mailing::begun(report, schedule, to, format, (caller.maker().user, now)))
    }

    fn each(&self, it: &mut Faults) -> Option<Each> {
        for (at, is_told, of) in
            [("/weekday", self.weekday.is_some(), "week"), ("/day", self.day.is_some(), "month")]
        {
            if is_told && self.every != of {
                it.add(at, "not_of_this", format!("is told with every {of}"));
            } else if !is_told && self.every == of {
                it.add(at, "missing_member", format!("must be told with every {of}"));
            }
        }
        match self.every.as_str() {
            "day" => Some(Each::Day),
            "week" => {
                let known = |told: &str| {
                    let found = WEEKDAYS.iter().zip(1_i8..).find(|(name, _)| name.eq_ignore_ascii_case(told));
                    found.map(|(_, day)| day).ok_or_else(|| format!("is not one of {}", WEEKDAYS.join(", ")))
                };
                it.maybe("/weekday", self.weekday.as_deref(), known).map(|day| Each::Week(vec![day]))
            }
            "month" => it.whole("/day", self.day, 1, 31).map(Each::Month),
            _ => {
                it.add("/every", "invalid", "is not one of day, week, month");
                None
            }
        }
    }
}

impl Team {
    /// Without a look at anybody where there is nothing to show.
    pub(super) fn unseen() -> Self {
        Self(None)
    }

    pub(super) async fn seen_by(caller: &Caller) -> Result<Self, FlowError> {
        if caller.must(Permission::ReadTeam).is_err() {
            return Ok(Self::unseen());
        }
        let members = caller.store.members().await?;
        Ok(Self(Some(members.iter().map(|member| (member.user, member.email.clone())).collect())))
    }

    /// Each once. Whoever is none is a fault; which address it is is for the caller to see by its place.
    fn members(&self, addresses: &[EmailAddress], it: &mut Faults) -> Vec<UserId> {
        let mut members = Vec::new();
        for (place, address) in addresses.iter().enumerate() {
            let known = self.0.iter().flatten().find(|(_, email)| *email == address);
            match known {
                Some((user, _)) if members.contains(user) => {}
                Some((user, _)) => members.push(*user),
                None => it.add(&format!("/to/{place}"), "not_a_member", "is no member's address"),
            }
        }
        members
    }
}

impl MailingView {
    pub(super) fn of(mailing: &Mailing, Team(team): &Team) -> Self {
        let schedule = &mailing.schedule;
        let (every, weekday, day) = match &schedule.each {
            Each::Once | Each::Day => ("day", None, None),
            Each::Week(days) => ("week", days.first().and_then(|day| word(*day)), None),
            Each::Month(day) => ("month", None, Some(*day)),
        };
        let address = |team: &BTreeMap<UserId, EmailAddress>| {
            mailing.to.iter().filter_map(|user| Some(team.get(user)?.to_string())).collect()
        };
        Self {
            every,
            at: shown(schedule.time),
            weekday,
            day,
            to: team.as_ref().map(address),
            format: mailing.format.name(),
            timezone: schedule.zone.clone(),
            next_at: mailing.next_at,
            last_told_at: mailing.told_at,
            last_problem: mailing.trouble.map(Trouble::name),
        }
    }
}

fn shown(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

//! How a campaign moves: each move is one conditional write, with who did it and when.

use serde::{Deserialize, Serialize};

use jiff::civil::DateTime;

use super::{Campaign, Decision, EARLY, KEPT_EACH, Schedule, State, Tripped};
use crate::{ApiKeyId, CampaignId, Timestamp, UserId};

/// What is done to a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Schedule(Schedule),
    /// Back to a draft.
    Unschedule,
    /// The same, since its time came and it could not begin: whoever had it scheduled is asked.
    Miss,
    Launch,
    /// Everybody is chosen.
    Plan,
    Pause,
    /// Its shop is not connected any more: who has withdrawn there since is not known here.
    Disconnect,
    /// Its messages do harm, or those of another of the shop's campaigns do.
    Trip(Tripped),
    /// Nobody takes its messages, for that reason: whoever waits goes on waiting.
    Refuse(String),
    Resume,
    /// Which of its words did best: said once, and of words that it has.
    Decide(Decision),
    Cancel,
    /// Nobody is left to be sent anything.
    Finish,
    Fail(String),
    Archive,
    Unarchive,
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    User(UserId),
    Key(ApiKeyId),
    /// The clock, or whoever keeps campaigns.
    Us,
}

/// A move that was made, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub act: String,
    pub to: String,
    pub by: Actor,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    #[error("a campaign that is {0} cannot be {1}")]
    From(&'static str, &'static str),
    #[error("its date has passed: tell a later one, or launch it now")]
    Passed,
    #[error("it repeats, and begins again at its next time: make a copy of it, and launch that")]
    Repeats,
}

impl Moved {
    /// Of a campaign as it is since then.
    pub fn of(act: &str, after: &Campaign, by: Actor, at: Timestamp) -> Self {
        Self { act: act.to_owned(), to: after.state.name().to_owned(), by, at }
    }
}

impl Act {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Schedule(_) => "scheduled",
            Self::Unschedule | Self::Miss => "unscheduled",
            Self::Launch => "launched",
            Self::Plan => "planned",
            Self::Pause => "paused",
            Self::Disconnect => "disconnected",
            Self::Trip(_) | Self::Refuse(_) => "stopped",
            Self::Resume => "resumed",
            Self::Decide(_) => "decided",
            Self::Cancel => "cancelled",
            Self::Finish => "finished",
            Self::Fail(_) => "failed",
            Self::Archive => "archived",
            Self::Unarchive => "unarchived",
        }
    }
}

impl Campaign {
    /// As it is after that. Whoever does it commits it with `Moved`, over the campaign that was read.
    pub fn moved(&self, act: Act, now: Timestamp) -> Result<Self, NotNow> {
        let refused = NotNow::From(self.state.name(), act.name());
        let mut after = self.clone();
        after.turn += 1;
        after.updated_at = now;
        if self.asks() {
            // Somebody has it in hand.
            (after.missed_at, after.due_at) = (None, None);
        }
        match (&self.state, act) {
            (State::Draft | State::Scheduled, Act::Schedule(schedule)) if !self.is_archived => {
                let next_at = schedule.next_after(now).ok_or(NotNow::Passed)?;
                after.state = State::Scheduled;
                (after.schedule, after.due_at) = (Some(schedule), Some(next_at));
            }
            (State::Scheduled, Act::Unschedule) => {
                after.state = State::Draft;
                (after.schedule, after.due_at) = (None, None);
            }
            (State::Scheduled, Act::Miss) => {
                after.state = State::Draft;
                // Whoever had it scheduled is still to be told.
                (after.schedule, after.missed_at, after.due_at) = (None, Some(now), Some(now + KEPT_EACH));
            }
            (State::Scheduled, Act::Launch) if self.schedule.as_ref().is_some_and(Schedule::is_repeated) => {
                return Err(NotNow::Repeats);
            }
            (State::Draft | State::Scheduled, Act::Launch) if !self.is_archived => {
                after.state = State::Planning;
                // Whoever launches it by hand, before its time, means now.
                after.local_at = self.local_of_due().filter(|_| self.due_at <= Some(now + EARLY));
                (after.launched_at, after.due_at) = (Some(now), Some(now + KEPT_EACH));
            }
            (State::Planning, Act::Plan) => {
                after.state = State::Sending;
                after.due_at = Some(now + KEPT_EACH);
            }
            (State::Planning | State::Sending, Act::Pause | Act::Disconnect) => after.pause(None, None, now),
            (State::Planning | State::Sending, Act::Trip(tripped)) => after.pause(Some(tripped), None, now),
            (State::Sending, Act::Refuse(reason)) => after.pause(None, Some(reason), now),
            (State::Paused { is_planned, tripped, .. }, Act::Resume) => {
                if tripped.is_some() {
                    after.judged_from = Some(now);
                }
                after.state = if *is_planned { State::Sending } else { State::Planning };
                (after.resumed_at, after.due_at) = (Some(now), Some(now + KEPT_EACH));
            }
            (
                State::Sending | State::Sent | State::Paused { is_planned: true, .. },
                Act::Decide(decision),
            ) if self.decided.is_none() && self.rules.trial.is_some() && decision.arm < self.arms() => {
                after.decided = Some(decision);
            }
            (State::Sending | State::Paused { is_planned: true, .. }, Act::Cancel) => {
                // Who waits is told so in their messages: that is still to be done.
                after.end(State::Cancelled, now);
                after.due_at = Some(now);
            }
            (State::Draft | State::Scheduled | State::Planning | State::Paused { .. }, Act::Cancel) => {
                after.end(State::Cancelled, now);
            }
            (State::Sending, Act::Finish) => {
                // What providers tell from now on is still to be counted.
                after.end(State::Sent, now);
                after.due_at = Some(now + KEPT_EACH);
            }
            (State::Planning | State::Sending, Act::Fail(reason)) => {
                // Whoever launched it is still to be told.
                after.end(State::Failed { reason }, now);
                after.due_at = Some(now + KEPT_EACH);
            }
            (state, Act::Archive) if !self.is_archived && (state.is_over() || *state == State::Draft) => {
                after.is_archived = true;
            }
            (_, Act::Unarchive) if self.is_archived => after.is_archived = false,
            _ => return Err(refused),
        }
        Ok(after)
    }

    /// The next of one that repeats, as it begins now, and the one that repeats, which waits for its next time or has ended.
    #[must_use]
    pub fn repeated(&self, id: CampaignId, now: Timestamp) -> (Self, Self) {
        let begun = Self {
            id,
            of: Some(self.id),
            schedule: None,
            state: State::Planning,
            launched_at: Some(now),
            local_at: self.local_of_due(),
            due_at: Some(now + KEPT_EACH),
            created_at: now,
            updated_at: now,
            turn: 0,
            rewordings: 0,
            counted: None,
            judged_from: None,
            decided: None,
            ..self.clone()
        };
        (begun, self.passed_over(now))
    }

    /// One that repeats, waiting for its next time or over, whatever became of this one.
    #[must_use]
    pub fn passed_over(&self, now: Timestamp) -> Self {
        let mut waits = Self { turn: self.turn + 1, ..self.clone() };
        // It may be a moment early.
        let from = self.due_at.unwrap_or(now).max(now);
        waits.due_at = self.schedule.as_ref().and_then(|schedule| schedule.next_after(from));
        if waits.due_at.is_none() {
            waits.end(State::Sent, now);
        }
        waits
    }

    /// Of the time that it was due at, however late it begins.
    pub fn local_of_due(&self) -> Option<DateTime> {
        self.schedule.as_ref().zip(self.due_at).and_then(|(schedule, due_at)| schedule.local_of(due_at))
    }

    /// What providers tell of those that were sent is counted all the same, and claims grow old.
    fn pause(&mut self, tripped: Option<Tripped>, refused: Option<String>, now: Timestamp) {
        let is_planned = self.state == State::Sending;
        self.state = State::Paused { is_planned, tripped, refused };
        // Whoever launched one that was stopped is still to be told.
        self.due_at = (is_planned || self.state.is_stopped()).then(|| now + KEPT_EACH);
    }

    fn end(&mut self, state: State, now: Timestamp) {
        self.state = state;
        (self.ended_at, self.due_at) = (Some(now), None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{campaign::*, template::Channel};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn campaign(state: State) -> Campaign {
        let (id, by) = (CampaignId::new(at(0), [1; 10]), UserId::new(at(0), [3; 10]));
        let (name, audience) =
            ("Spring".parse().unwrap(), Who::Segment(crate::SegmentId::new(at(0), [2; 10])));
        let draft = Campaign::draft(id, name, Kind::Promotional, Channel::Email, audience, by, at(0));
        Campaign { state, ..draft }
    }

    const HARM: Tripped = Tripped { harm: Harm::HardBounces, harmed: 50, of: 1_000 };

    #[test]
    fn whoever_goes_on_after_harm_is_judged_by_what_is_sent_from_then_on() {
        let stopped = campaign(State::Sending).moved(Act::Trip(HARM), at(9)).unwrap();
        assert_eq!(stopped.state, State::Paused { is_planned: true, tripped: Some(HARM), refused: None });
        let resumed = stopped.moved(Act::Resume, at(20)).unwrap();
        assert_eq!((&resumed.state, resumed.judged_from), (&State::Sending, Some(at(20))));
        let by_hand = resumed.moved(Act::Pause, at(30)).unwrap().moved(Act::Resume, at(40)).unwrap();
        assert_eq!(by_hand.judged_from, Some(at(20)));
    }

    #[test]
    fn which_words_did_best_is_said_once_of_words_that_there_are() {
        let trial = Trial { shares: vec![50, 50], metric: trial::Metric::Clicked, hours: 4 };
        let decide = |arm| Act::Decide(Decision { arm, at: at(9), by: Actor::Us, counts: [].into() });
        let trying = |state: State| Campaign {
            rules: Rules { trial: Some(trial.clone()), ..Rules::default() },
            ..campaign(state)
        };
        for state in
            [State::Sending, State::Sent, State::Paused { is_planned: true, tripped: None, refused: None }]
        {
            let decided = trying(state.clone()).moved(decide(1), at(9)).unwrap();
            assert_eq!((&decided.state, decided.says_to(trial::REST)), (&state, Some(1)));
            assert!(decided.moved(decide(0), at(10)).is_err(), "it was said");
            assert!(trying(state.clone()).moved(decide(2), at(9)).is_err(), "there are two");
            assert!(campaign(state).moved(decide(0), at(9)).is_err(), "nothing is tried");
        }
        assert!(trying(State::Draft).moved(decide(0), at(9)).is_err());
        assert!(trying(State::Cancelled).moved(decide(0), at(9)).is_err());
        let again = trying(State::Sending).moved(decide(1), at(9)).unwrap();
        assert_eq!(again.repeated(CampaignId::new(at(1), [9; 10]), at(1)).0.decided, None);
    }

    fn daily() -> Schedule {
        Schedule {
            each: schedule::Each::Day,
            time: jiff::civil::time(9, 0, 0, 0),
            from: "2026-01-01".parse().unwrap(),
            until: None,
            zone: crate::Zone::UTC,
            is_recipients_time: false,
        }
    }

    #[test]
    fn one_whose_time_passed_asks_until_somebody_moves_it() {
        let missed = campaign(State::Scheduled).moved(Act::Miss, at(9)).unwrap();
        assert_eq!((&missed.state, missed.missed_at), (&State::Draft, Some(at(9))));
        assert!(missed.due_at.is_some(), "whoever is asked is to be told");
        for act in [Act::Schedule(daily()), Act::Launch, Act::Cancel, Act::Archive] {
            assert_eq!(missed.moved(act, at(10)).unwrap().missed_at, None);
        }
    }

    #[test]
    fn each_state_allows_these_moves_and_no_other() {
        let acts = [
            Act::Schedule(daily()),
            Act::Unschedule,
            Act::Miss,
            Act::Launch,
            Act::Plan,
            Act::Pause,
            Act::Disconnect,
            Act::Trip(HARM),
            Act::Resume,
            Act::Cancel,
            Act::Finish,
            Act::Fail("why".to_owned()),
            Act::Archive,
        ];
        let check = |state: State, expected: &str| {
            let moves = acts.iter().filter_map(|act| {
                let after = campaign(state.clone()).moved(act.clone(), at(9)).ok()?;
                Some(format!("{} {}", act.name(), after.state.name()))
            });
            assert_eq!(moves.collect::<Vec<_>>().join(", "), expected, "{state:?}");
        };
        check(State::Draft, "scheduled scheduled, launched planning, cancelled cancelled, archived draft");
        check(
            State::Scheduled,
            "scheduled scheduled, unscheduled draft, unscheduled draft, launched planning, cancelled cancelled",
        );
        check(
            State::Planning,
            "planned sending, paused paused, disconnected paused, stopped paused, cancelled cancelled, failed failed",
        );
        let sending = "paused paused, disconnected paused, stopped paused, cancelled cancelled, finished sent, failed failed";
        check(State::Sending, sending);
        let paused = |is_planned| State::Paused { is_planned, tripped: None, refused: None };
        check(paused(true), "resumed sending, cancelled cancelled");
        check(paused(false), "resumed planning, cancelled cancelled");
        for over in [State::Sent, State::Cancelled, State::Failed { reason: String::new() }] {
            let name = over.name();
            check(over, &format!("archived {name}"));
        }
        let archived = campaign(State::Draft).moved(Act::Archive, at(1)).unwrap();
        assert!(archived.moved(Act::Launch, at(2)).is_err());
        assert!(!archived.moved(Act::Unarchive, at(2)).unwrap().is_archived);
    }

    #[test]
    fn who_is_cancelled_while_it_is_sent_is_looked_at_once_more() {
        let due = |state: State| campaign(state).moved(Act::Cancel, at(9)).unwrap().due_at;
        assert_eq!(due(State::Sending), Some(at(9)));
        assert_eq!(due(State::Draft), None);
    }

    #[test]
    fn one_that_repeats_makes_another_and_waits_for_its_next_time() {
        let held = campaign(State::Draft).moved(Act::Schedule(daily()), at(0)).unwrap();
        let first = held.due_at.unwrap();
        let (begun, waits) = held.repeated(CampaignId::new(first, [9; 10]), first);
        assert_eq!(
            (begun.of, &begun.state, begun.launched_at),
            (Some(held.id), &State::Planning, Some(first))
        );
        let day = std::time::Duration::from_hours(24);
        assert_eq!((&waits.state, waits.due_at, waits.turn), (&State::Scheduled, Some(first + day), 2));
        let last = Schedule { until: Some(first.to_zoned(jiff::tz::TimeZone::UTC).date()), ..daily() };
        let (_, ended) = Campaign { schedule: Some(last), ..held }.repeated(begun.id, first);
        assert_eq!((ended.state, ended.due_at), (State::Sent, None));
    }

    #[test]
    fn whoever_is_due_by_their_own_clocks_is_due_on_the_day_that_was_said_however_late_it_begins() {
        let theirs = Schedule { is_recipients_time: true, ..daily() };
        let held = campaign(State::Draft).moved(Act::Schedule(theirs.clone()), at(0)).unwrap();
        let due_at = held.due_at.unwrap();
        let local = theirs.local_of(due_at);
        assert!(local.is_some());
        let late = due_at + std::time::Duration::from_hours(20);
        for begun_at in [due_at - EARLY, due_at, late] {
            let (begun, waits) = held.repeated(CampaignId::new(due_at, [9; 10]), begun_at);
            assert_eq!(begun.local_at, local, "{begun_at}");
            assert!(waits.due_at > Some(due_at), "{begun_at}");
        }
        let once = Schedule { each: schedule::Each::Once, from: local.unwrap().date(), ..theirs };
        let held = campaign(State::Draft).moved(Act::Schedule(once), at(0)).unwrap();
        assert_eq!(held.moved(Act::Launch, late).unwrap().local_at, local);
        assert_eq!(held.moved(Act::Launch, at(1)).unwrap().local_at, None, "by hand, before its time");
    }

    #[test]
    fn one_that_repeats_is_not_launched_itself() {
        let held = campaign(State::Draft).moved(Act::Schedule(daily()), at(0)).unwrap();
        assert_eq!(held.moved(Act::Launch, at(1)), Err(NotNow::Repeats));
    }
}

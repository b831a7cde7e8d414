//! A report that members of the team get by mail again and again: a link to it, for the days that are over by then.
//!
//! Of each of its times there is one mail to each, and it is the last that counts: what was missed is not made good. A mail is
//! in one delivery's hands at a time, as an invitation's is.

use jiff::{
    SignedDuration, ToSpan,
    civil::{Date, Weekday},
};

use super::{Format, Trouble};
use crate::{
    ReportId, Timestamp, UserId, Zone,
    campaign::{
        Schedule,
        schedule::{Each, in_zone},
    },
    invitation::{claim, next_due},
};

/// It is mailed to so many at most.
pub const ADDRESSES_MAX: usize = 20;
/// How long a link opens a report.
pub const LINK_SECONDS: i64 = 7 * 24 * 3_600;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailing {
    pub report: ReportId,
    /// Each day, on one day of the week or of the month, by the shop's clocks.
    pub schedule: Schedule,
    /// Members as they were told: who has left since gets nothing. At least one, each once.
    pub to: Vec<UserId>,
    pub format: Format,
    pub set_at: Timestamp,
    pub set_by: UserId,
    /// The time that comes next, or that is being mailed.
    pub next_at: Timestamp,
    /// Who was mailed of that time already.
    pub done: Vec<UserId>,
    /// When the clock asks for it (again), in case the message that asked for it was lost.
    pub due_at: Timestamp,
    /// Until when it is in the hands of one delivery.
    pub claimed_until: Option<Timestamp>,
    /// When somebody was last told.
    pub told_at: Option<Timestamp>,
    /// Of the last time that was mailed.
    pub trouble: Option<Trouble>,
}

/// What became of one delivery.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivered {
    pub told: Vec<UserId>,
    /// The provider takes no mail for them.
    pub refused: Vec<UserId>,
    /// Somebody was not reached whom another try may reach.
    pub is_left: bool,
}

impl Mailing {
    pub fn begun(
        report: ReportId,
        schedule: Schedule,
        to: Vec<UserId>,
        format: Format,
        (by, now): (UserId, Timestamp),
    ) -> Self {
        let next_at = schedule.next_after(now).unwrap_or(Timestamp::MAX);
        Self {
            report,
            schedule,
            to,
            format,
            set_at: now,
            set_by: by,
            next_at,
            done: Vec::new(),
            due_at: next_at,
            claimed_until: None,
            told_at: None,
            trouble: None,
        }
    }

    /// In the place of what was held. Told the same again, it stays as it was; what became of the last mail is known still.
    #[must_use]
    pub fn changed_from(self, held: &Self) -> Self {
        let said = |it: &Self| (it.schedule.each.clone(), it.schedule.time, it.to.clone(), it.format);
        if said(&self) == said(held) {
            return held.clone();
        }
        Self { told_at: held.told_at, trouble: held.trouble, ..self }
    }

    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due_at <= now && self.claimed_until.is_none_or(|until| until <= now)
    }

    /// Somebody was asked to mail it: asked for again ever more seldom, and with its next time in any case.
    #[must_use]
    pub fn asked(self, now: Timestamp) -> Self {
        let next = self.schedule.next_after(now).unwrap_or(Timestamp::MAX);
        Self { due_at: next_due(self.next_at, now).min(next), ..self }
    }

    /// The shop's clocks are others: it comes on the same day, when these say so, and at once if they have said so already. What has
    /// come, or is in somebody's hands, is mailed first.
    #[must_use]
    pub fn rezoned(self, zone: &Zone, now: Timestamp) -> Self {
        if self.next_at <= now || self.claimed_until.is_some_and(|until| until > now) {
            return self;
        }
        let day = self.schedule.zone.day_of(self.next_at);
        match in_zone(day.to_datetime(self.schedule.time), zone) {
            Some(next_at) => {
                let schedule = Schedule { zone: zone.clone(), ..self.schedule };
                Self { schedule, next_at, due_at: next_at, ..self }
            }
            None => self,
        }
    }

    /// In one delivery's hands: the last of its times that have come, by the shop's clocks as they are now. `None`: none has come.
    pub fn claimed(&self, zone: &Zone, now: Timestamp) -> Option<Self> {
        let mut claimed =
            Self { schedule: Schedule { zone: zone.clone(), ..self.schedule.clone() }, ..self.clone() };
        if now < claimed.next_at {
            return None;
        }
        while let Some(next) = claimed.following().filter(|next| *next <= now) {
            (claimed.next_at, claimed.done) = (next, Vec::new());
        }
        claimed.claimed_until = Some(claim(now));
        Some(claimed)
    }

    /// Its delivery has ended: it waits for its next time, or, if somebody is left, for another try.
    #[must_use]
    pub fn delivered(mut self, sent: &Delivered, now: Timestamp) -> Self {
        self.claimed_until = None;
        if !sent.told.is_empty() {
            self.told_at = Some(now);
        }
        self.trouble = (sent.is_left || !sent.refused.is_empty()).then_some(Trouble::NotSent);
        if sent.is_left {
            self.done.extend(&sent.told);
            return self;
        }
        self.over()
    }

    /// Nobody is mailed of this time.
    #[must_use]
    pub fn passed(self, why: Trouble) -> Self {
        Self { claimed_until: None, trouble: Some(why), ..self.over() }
    }

    fn over(self) -> Self {
        let next_at = self.following().unwrap_or(Timestamp::MAX);
        Self { next_at, due_at: next_at, done: Vec::new(), ..self }
    }

    /// On a later day, whatever becomes of the shop's clocks.
    fn following(&self) -> Option<Timestamp> {
        let last =
            self.schedule.zone.next_day(self.next_at).saturating_sub(SignedDuration::from_secs(1)).ok()?;
        self.schedule.next_after(last)
    }

    /// The days that it is about: the last that are over, both included. Weeks are from Monday on.
    pub fn days(&self) -> (Date, Date) {
        let today = self.schedule.zone.day_of(self.next_at);
        let before = |day: Date, days: i64| day.saturating_sub(days.days());
        match self.schedule.each {
            Each::Once | Each::Day => (before(today, 1), before(today, 1)),
            Each::Week(_) => {
                let monday = before(today, today.weekday().since(Weekday::Monday).into());
                (before(monday, 7), before(monday, 1))
            }
            Each::Month(_) => {
                let last = before(today.first_of_month(), 1);
                (last.first_of_month(), last)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn who(dice: u8) -> UserId {
        UserId::new(Timestamp::UNIX_EPOCH, [dice; 10])
    }

    fn mailing(each: Each, time: &str, zone: &str, now: &str) -> Mailing {
        let (zone, now): (Zone, _) = (zone.parse().unwrap(), at(now));
        let schedule = Schedule {
            each,
            time: time.parse().unwrap(),
            from: zone.day_of(now),
            until: None,
            zone,
            is_recipients_time: false,
        };
        let report = ReportId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        Mailing::begun(report, schedule, vec![who(2), who(3)], Format::Pdf, (who(2), now))
    }

    fn all(told: &[UserId]) -> Delivered {
        Delivered { told: told.to_vec(), ..Delivered::default() }
    }

    #[test]
    fn its_times_are_the_shops_and_its_days_are_over_by_then() {
        let check = |each: Each, zone: &str, now: &str, expected: &[(&str, &str, &str)]| {
            let mut it = mailing(each, "08:00", zone, now);
            for (next, first, last) in expected {
                let days = (first.parse().unwrap(), last.parse().unwrap());
                assert_eq!((it.next_at, it.days()), (at(next), days), "{:?} after {now}", it.schedule);
                let claimed = it.claimed(&zone.parse().unwrap(), it.next_at).unwrap();
                it = claimed.delivered(&all(&[who(2), who(3)]), it.next_at);
            }
        };
        check(
            Each::Day,
            "Europe/Berlin",
            "2026-10-23T12:00:00Z",
            &[
                ("2026-10-24T06:00:00Z", "2026-10-23", "2026-10-23"),
                ("2026-10-25T07:00:00Z", "2026-10-24", "2026-10-24"),
                ("2026-10-26T07:00:00Z", "2026-10-25", "2026-10-25"),
            ],
        );
        check(
            Each::Week(vec![3]),
            "America/New_York",
            "2026-10-22T12:00:00Z",
            &[
                ("2026-10-28T12:00:00Z", "2026-10-19", "2026-10-25"),
                ("2026-11-04T13:00:00Z", "2026-10-26", "2026-11-01"),
            ],
        );
        check(
            Each::Week(vec![1]),
            "UTC",
            "2026-11-22T12:00:00Z",
            &[("2026-11-23T08:00:00Z", "2026-11-16", "2026-11-22")],
        );
        check(
            Each::Month(31),
            "UTC",
            "2027-01-31T08:00:00Z",
            &[
                ("2027-02-28T08:00:00Z", "2027-01-01", "2027-01-31"),
                ("2027-03-31T08:00:00Z", "2027-02-01", "2027-02-28"),
            ],
        );
    }

    #[test]
    fn what_was_missed_for_weeks_is_mailed_once_and_is_about_the_last_days() {
        let it = mailing(Each::Day, "23:50", "Europe/Berlin", "2026-11-01T12:00:00Z");
        assert_eq!(it.claimed(&it.schedule.zone, at("2026-11-01T22:49:59Z")), None, "its time has not come");
        let partly = Mailing { done: vec![who(2)], ..it.clone() };
        // Five minutes past midnight: the day that it is about is that of its time, not of the delivery.
        let now = at("2026-11-20T23:05:00Z");
        let claimed = partly.claimed(&it.schedule.zone, now).unwrap();
        assert_eq!(claimed.next_at, at("2026-11-20T22:50:00Z"));
        let day: Date = "2026-11-19".parse().unwrap();
        assert_eq!(
            (claimed.days(), &claimed.done[..]),
            ((day, day), &[][..]),
            "everybody is told of another time"
        );
        let ended = claimed.delivered(&all(&[who(2), who(3)]), now);
        assert_eq!((ended.next_at, ended.due_at), (at("2026-11-21T22:50:00Z"), at("2026-11-21T22:50:00Z")));
        assert_eq!((ended.told_at, ended.trouble, ended.claimed_until), (Some(now), None, None));
    }

    #[test]
    fn who_was_told_is_not_told_again_while_somebody_is_left() {
        let it = mailing(Each::Day, "08:00", "UTC", "2026-11-01T12:00:00Z");
        let claimed = it.claimed(&Zone::UTC, it.next_at).unwrap();
        let sent = Delivered { told: vec![who(2)], refused: Vec::new(), is_left: true };
        let left = claimed.clone().delivered(&sent, it.next_at);
        assert_eq!((left.next_at, &left.done[..]), (it.next_at, &[who(2)][..]));
        assert_eq!((left.trouble, left.claimed_until), (Some(Trouble::NotSent), None));
        let again = left.claimed(&Zone::UTC, it.next_at).unwrap();
        let over = again.clone().delivered(&all(&[who(3)]), it.next_at);
        assert_eq!((over.trouble, over.next_at), (None, at("2026-11-03T08:00:00Z")));
        let refused = Delivered { refused: vec![who(3)], ..Delivered::default() };
        let given_up = again.delivered(&refused, it.next_at);
        assert_eq!((given_up.trouble, given_up.next_at), (Some(Trouble::NotSent), over.next_at));
        let passed = claimed.passed(Trouble::NobodyLeft);
        assert_eq!(
            (passed.trouble, passed.claimed_until, passed.told_at),
            (Some(Trouble::NobodyLeft), None, None)
        );
        assert_eq!(passed.next_at, over.next_at);
    }

    #[test]
    fn it_is_asked_for_ever_more_seldom_but_each_time_it_comes() {
        let it = mailing(Each::Day, "08:00", "UTC", "2026-11-01T12:00:00Z");
        assert!(!it.is_due(at("2026-11-02T07:59:59Z")) && it.is_due(it.next_at));
        let (mut asked, mut asks) = (it.clone(), 0);
        while asked.due_at < at("2026-11-03T08:00:00Z") {
            (asked, asks) = (asked.clone().asked(asked.due_at), asks + 1);
        }
        assert_eq!((asks, asked.due_at), (9, at("2026-11-03T08:00:00Z")));
        let claimed = it.claimed(&Zone::UTC, it.next_at).unwrap();
        let until = claimed.claimed_until.unwrap();
        assert!(!claimed.is_due(it.next_at) && claimed.is_due(until));
    }

    #[test]
    fn a_day_is_mailed_once_though_the_shop_moves() {
        let it = mailing(Each::Day, "08:00", "Europe/Berlin", "2026-11-01T12:00:00Z");
        let moved = "America/New_York".parse().unwrap();
        let ended = it.claimed(&moved, it.next_at).unwrap().delivered(&all(&[who(2)]), it.next_at);
        assert_eq!(ended.next_at, at("2026-11-03T13:00:00Z"), "the second is the same day in New York");
    }

    #[test]
    fn a_shop_that_moves_gets_it_on_the_same_day_by_its_new_clocks() {
        let it = mailing(Each::Day, "08:00", "Europe/Berlin", "2026-11-01T12:00:00Z");
        let moved = |it: &Mailing, zone: &str, now: &str| {
            let moved = it.clone().rezoned(&zone.parse().unwrap(), at(now));
            (moved.schedule.zone.to_string(), moved.next_at, moved.due_at, moved.days())
        };
        let days: (Date, Date) = ("2026-11-01".parse().unwrap(), "2026-11-01".parse().unwrap());
        for (zone, next) in [
            ("America/New_York", "2026-11-02T13:00:00Z"),
            // It has been 08:00 there since an hour ago.
            ("Asia/Tokyo", "2026-11-01T23:00:00Z"),
        ] {
            let told = moved(&it, zone, "2026-11-02T00:00:00Z");
            assert_eq!(told, (zone.to_owned(), at(next), at(next), days));
        }
        let stays = ("Europe/Berlin".to_owned(), it.next_at, it.next_at, days);
        assert_eq!(moved(&it, "Asia/Tokyo", "2026-11-02T07:00:00Z"), stays, "its time has come");
        let claimed = Mailing { claimed_until: Some(at("2026-11-02T00:05:00Z")), ..it };
        assert_eq!(moved(&claimed, "Asia/Tokyo", "2026-11-02T00:00:00Z"), stays, "somebody is at it");
        assert_ne!(moved(&claimed, "Asia/Tokyo", "2026-11-02T00:05:00Z"), stays);
    }

    #[test]
    fn told_the_same_again_it_stays_and_told_otherwise_it_begins_anew() {
        let held = Mailing {
            told_at: Some(at("2026-11-02T08:00:00Z")),
            trouble: Some(Trouble::NotSent),
            ..mailing(Each::Day, "08:00", "UTC", "2026-11-01T12:00:00Z")
        };
        let same = mailing(Each::Day, "08:00", "UTC", "2026-11-05T12:00:00Z");
        assert_eq!(same.changed_from(&held), held);
        let other = mailing(Each::Day, "09:00", "UTC", "2026-11-05T12:00:00Z").changed_from(&held);
        assert_eq!((other.next_at, other.told_at), (at("2026-11-06T09:00:00Z"), held.told_at));
        assert_eq!(other.trouble, held.trouble);
    }
}

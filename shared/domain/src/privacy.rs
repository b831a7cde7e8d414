//! What the law lets people ask of a shop: their data for the shop's owner, or that they are forgotten. Each request is
//! kept with its deadline and what became of it, and names whom it is about by id alone.
//!
//! It only goes on: what is forgotten stays so, and a request that has ended never begins again.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{CustomerId, JobId, RequestId, Timestamp};

/// So long there is to answer a request.
pub const DEADLINE_DAYS: i64 = 30;
/// After so long it is looked once more for whom was forgotten: a queue lets its last message go after 14 days, and what
/// was on the way when they were forgotten has come to an end.
pub const LOOKED_AGAIN_DAYS: i64 = 15;
/// A request that nobody has moved on for so long is asked for again.
pub const STALLED_SECONDS: i64 = 20 * 60;
/// Where it waits for something else to end, so long.
pub const WAITING_SECONDS: i64 = 2 * 60;
/// So much is listed of what was reworded: a request is one item.
pub const REWORDED_MAX: usize = 200;
/// So long dead letters are hidden at most that were shown to whoever searches them.
pub const SIFTED_SECONDS: i64 = 10 * 60;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub id: RequestId,
    pub asks: Asks,
    /// Whom it is about, if the shop knows them by an id.
    pub customer: Option<CustomerId>,
    pub received_at: Timestamp,
    pub state: State,
    /// From when on nothing of whom it is about is shown or used.
    pub erased_at: Option<Timestamp>,
    /// When the record had forgotten them: what was begun before may have them still.
    pub forgotten_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub done: Done,
    /// Where more dead letters are searched than one message sees.
    pub sifting: Option<Sifting>,
    /// Where more is searched than one message reads.
    pub searching: Option<Searching>,
    /// What of the merchant's own named them, and names them no more: at most `REWORDED_MAX` of it.
    pub reworded: Vec<Reworded>,
    /// By what they are found, sealed, until it has ended. Of a whole shop: the SHA-256 of its address, in hex.
    pub about: Option<Vec<u8>>,
    /// When the clock asks for it (again).
    pub due_at: Timestamp,
    /// When the owners were told that the data are there.
    pub mailed_at: Option<Timestamp>,
    /// Until when that mail is in the hands of one delivery.
    pub claimed_until: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// All that is known of a customer, in a file for the shop's owner.
    Data,
    /// That a customer is forgotten.
    Erasure,
    /// That everything of the shop is.
    ShopErasure,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    Open,
    /// Nothing is to be found any more; it is looked once more when all that was on the way has ended.
    Erased,
    Done,
    Refused {
        why: String,
    },
}

/// What was done for it: at least so many, as whoever dies in between counts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Done {
    pub customers: u64,
    pub orders: u64,
    /// Bodies of events that were kept.
    pub events: u64,
    /// Messages that nobody could deal with.
    pub letters: u64,
    /// What requests were answered that may come again.
    pub answers: u64,
    pub files: u64,
}

/// A search of dead letters that one message leaves to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sifting {
    pub began_at: Timestamp,
    /// So many were shown and stay: they are hidden.
    pub stayed: u64,
}

crate::words::words! {
    /// What merchants write themselves, in the order in which it is searched.
    Writing {
        Segment: "segment",
        Report: "report",
        Template: "template",
        Campaign: "campaign",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reworded {
    pub kind: Writing,
    pub id: String,
    /// Which of its words.
    pub fields: Vec<String>,
}

/// How far their traces are searched, which is done in this order: what comes before was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Searching {
    Words(WordsSearched),
    /// Bodies of events, the newest first, up to this one.
    Events {
        at: Timestamp,
        id: String,
    },
    /// Kept answers, up to this one.
    Answers {
        digest: String,
    },
    Files(FileSearched),
}

/// How far the merchant's own words are searched: up to this one, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordsSearched {
    pub kind: Writing,
    pub id: String,
}

/// How far the files are searched that jobs have, the newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSearched {
    pub job: JobId,
    /// Which of its files, counted from 0. Beyond the last: all of them.
    pub part: u32,
    /// So many bytes of that.
    pub bytes: u64,
}

impl Sifting {
    /// Whether all that it has hidden is hidden still.
    pub fn holds(&self, now: Timestamp) -> bool {
        now.duration_since(self.began_at).as_secs() < SIFTED_SECONDS
    }
}

impl Request {
    pub fn new(
        id: RequestId,
        asks: Asks,
        customer: Option<CustomerId>,
        about: Vec<u8>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            asks,
            customer,
            received_at: now,
            state: State::Open,
            erased_at: None,
            forgotten_at: None,
            ended_at: None,
            done: Done::default(),
            sifting: None,
            searching: None,
            reworded: Vec::new(),
            about: Some(about),
            due_at: later(now, STALLED_SECONDS),
            mailed_at: None,
            claimed_until: None,
        }
    }

    pub fn deadline(&self) -> Timestamp {
        later(self.received_at, DEADLINE_DAYS * 24 * 3_600)
    }

    /// Whether the work itself is not over.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open | State::Erased)
    }

    /// Whether there is something to do for it now, and not only later.
    pub fn is_to_be_done(&self, now: Timestamp) -> bool {
        let looked_again_at = self.erased_at.map(|at| later(at, LOOKED_AGAIN_DAYS * 24 * 3_600));
        match self.state {
            State::Open => true,
            State::Erased => looked_again_at.is_some_and(|at| at <= now),
            State::Done | State::Refused { .. } => false,
        }
    }

    /// Whether the owners are still to be told.
    pub fn is_to_be_mailed(&self) -> bool {
        self.asks == Asks::Data && self.state == State::Done && self.mailed_at.is_none()
    }

    pub fn is_due(&self) -> bool {
        self.is_open() || self.is_to_be_mailed()
    }

    /// All that can be found of them was forgotten: for good, or until it is looked once more.
    #[must_use]
    pub fn erased(self, done: Done, now: Timestamp) -> Self {
        let (done, sifting, searching) = (self.done.and(done), None, None);
        let erased_at = self.erased_at.or(Some(now));
        if self.state == State::Open {
            let due_at = later(now, LOOKED_AGAIN_DAYS * 24 * 3_600);
            return Self { state: State::Erased, erased_at, done, sifting, searching, due_at, ..self };
        }
        Self { erased_at, done, sifting, searching, ..self.ended(State::Done, now) }
    }

    /// It is over. By what they were found is forgotten, too.
    #[must_use]
    pub fn ended(self, state: State, now: Timestamp) -> Self {
        let due_at = later(now, WAITING_SECONDS);
        Self { state, ended_at: Some(now), about: None, due_at, ..self }
    }

    /// All that it was about has ended with the shop: whom it asks to forget is forgotten, and of nobody there are data.
    #[must_use]
    pub fn outlived(self, now: Timestamp) -> Self {
        let state = match self.asks {
            Asks::Erasure | Asks::ShopErasure => State::Done,
            Asks::Data => State::Refused { why: "all of the shop's data have ended".to_owned() },
        };
        let erased_at = self.erased_at.or((self.asks != Asks::Data).then_some(now));
        Self { erased_at, sifting: None, searching: None, ..self.ended(state, now) }
    }

    /// The file has gone, and the owners want it again.
    #[must_use]
    pub fn prepared_again(self, now: Timestamp) -> Self {
        let due_at = later(now, STALLED_SECONDS);
        Self { state: State::Open, ended_at: None, mailed_at: None, due_at, ..self }
    }

    /// Something else has to end first.
    #[must_use]
    pub fn waiting(self, now: Timestamp) -> Self {
        Self { due_at: later(now, WAITING_SECONDS), ..self }
    }

    /// Dead letters were hidden by others while it searched them, or for too long: all are to be seen again by then.
    #[must_use]
    pub fn sifted_later(self, now: Timestamp) -> Self {
        Self { sifting: None, due_at: later(now, SIFTED_SECONDS + WAITING_SECONDS), ..self }
    }

    /// The clock has asked for it.
    #[must_use]
    pub fn asked_again(self, now: Timestamp) -> Self {
        Self { due_at: later(now, STALLED_SECONDS), ..self }
    }
}

impl Done {
    /// How much of what was counted goes on being counted.
    #[must_use]
    pub fn parts(self) -> Self {
        Self { customers: self.customers, orders: self.orders, ..Self::default() }
    }

    /// Customers and orders are counted from the first on each time, the rest is what more was found.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self {
            customers: self.customers.max(more.customers),
            orders: self.orders.max(more.orders),
            events: self.events + more.events,
            letters: self.letters + more.letters,
            answers: self.answers + more.answers,
            files: self.files + more.files,
        }
    }
}

impl Asks {
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Erasure => "erasure",
            Self::ShopErasure => "shop_erasure",
        }
    }
}

impl State {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Erased => "erased",
            Self::Done => "done",
            Self::Refused { .. } => "refused",
        }
    }
}

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + day * 24 * 3_600).unwrap()
    }

    #[test]
    fn whoever_is_forgotten_is_looked_for_once_more_and_before_the_deadline() {
        let id = RequestId::new(at(0), [1; 10]);
        let asked = Request::new(id, Asks::Erasure, None, vec![1], at(0));
        let done = Done { customers: 2, files: 3, ..Done::default() };
        let erased = asked.erased(done, at(1));
        assert_eq!(
            (&erased.state, erased.erased_at, erased.about.is_some()),
            (&State::Erased, Some(at(1)), true)
        );
        assert!(erased.is_due() && erased.due_at < erased.deadline());
        assert!(!erased.is_to_be_done(at(15)) && erased.is_to_be_done(at(16)), "not before");
        let again = Done { customers: 2, files: 1, ..Done::default() };
        let over = erased.erased(again, at(16));
        assert_eq!((&over.state, over.erased_at, over.ended_at), (&State::Done, Some(at(1)), Some(at(16))));
        assert_eq!((over.done.customers, over.done.files, over.about.as_ref()), (2, 4, None));
        assert!(!over.is_due() && over.ended_at.unwrap() < over.deadline());
    }

    #[test]
    fn data_that_are_there_are_due_until_the_owners_know() {
        let id = RequestId::new(at(0), [1; 10]);
        let done = Request::new(id, Asks::Data, None, vec![1], at(0)).ended(State::Done, at(1));
        assert!(done.is_due() && !done.is_open() && done.about.is_none());
        assert!(!Request { mailed_at: Some(at(1)), ..done }.is_due());
    }
}

//! A vendor that carries nothing anywhere: what is sent through it ends as its habits have it, and it tells of it as
//! vendors do, signed, later, one by one or in batches.
//!
//! It is what a shop has at home, and in an installation that has no vendor yet.

mod book;
mod fate;
mod figures;
mod identities;
mod telling;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use domain::{MessageTag, TenantId, Timestamp};
use flows::{Answer, Carrier, Clock, Letter, Refusal, Short, Texter};
use std::{
    collections::VecDeque,
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use book::Book;
pub use book::{Channel, Entry};
pub use fate::Habits;
use fate::{Fate, Try};
pub use figures::Figures;
pub use identities::SimulatedIdentities;
pub use telling::Telling;

/// So many messages can be read as they came.
const KEPT_MAX: usize = 1_000;
const CHARS_A_UNIT: usize = 160;

pub struct Simulated {
    habits: Habits,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    book: Book,
    letters: VecDeque<Letter>,
    texts: VecDeque<Short>,
    trouble: Option<Trouble>,
    /// A second, and how many were taken in it.
    rush: (i64, u32),
    asked: usize,
}

/// What is wrong with the vendor until it is told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    Throttles,
    RefusesEveryAddress,
    /// Our credentials, or our account.
    RefusesUs,
    /// Takes nothing, and says nothing.
    FailsBefore,
    /// Takes it, and says nothing.
    FailsAfter,
    IsAway,
}

impl Simulated {
    pub fn in_memory(habits: Habits, clock: Arc<dyn Clock>) -> Self {
        Self { habits, clock, state: Mutex::default() }
    }

    /// With its book in a file.
    pub fn open(path: &Path, habits: Habits, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let state = State { book: Book::open(path)?, ..State::default() };
        Ok(Self { habits, clock, state: Mutex::new(state) })
    }

    pub fn set_trouble(&self, trouble: Option<Trouble>) {
        self.state().trouble = trouble;
    }

    /// All that it has been asked, in order. What has a vendor's id was taken.
    pub fn entries(&self) -> Vec<Entry> {
        self.state().book.entries.clone()
    }

    /// How often it has taken a message: more than once, and somebody was written to twice.
    pub fn acceptances(&self, message: &MessageTag) -> usize {
        let state = self.state();
        let of_it = state.book.entries.iter().filter(|entry| entry.message == *message);
        of_it.filter(|entry| entry.vendor_id.is_some()).count()
    }

    /// The last letters that it has taken, newest first.
    pub fn letters(&self) -> Vec<Letter> {
        self.state().letters.iter().rev().cloned().collect()
    }

    /// The last texts that it has taken, newest first.
    pub fn texts(&self) -> Vec<Short> {
        self.state().texts.iter().rev().cloned().collect()
    }

    /// How often it has been asked, whatever it answered.
    pub fn asked(&self) -> usize {
        self.state().asked
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, asked: Asked<'_>, keep: impl FnOnce(&mut State)) -> Answer {
        let now = self.clock.now();
        let (answer, pause) = {
            let mut state = self.state();
            let (attempts, _) = state.book.known(asked.message);
            let one = Try { habits: &self.habits, message: asked.message, attempt: attempts + 1 };
            let taken_before = state.book.entries.len();
            let answer = state.answer(one, asked, now);
            let is_new = state.book.entries.len() > taken_before;
            if is_new && state.book.entries.last().is_some_and(|entry| entry.vendor_id.is_some()) {
                keep(&mut state);
            }
            (answer, one.answers_after())
        };
        if !pause.is_zero() {
            self.clock.pause(pause).await;
        }
        answer
    }
}

/// What of a message the vendor's book is about.
#[derive(Clone, Copy)]
struct Asked<'a> {
    tenant: TenantId,
    message: &'a MessageTag,
    channel: Channel,
    chars: usize,
}

impl State {
    fn answer(&mut self, one: Try<'_>, asked: Asked<'_>, now: Timestamp) -> Answer {
        if self.trouble != Some(Trouble::IsAway) {
            self.asked += 1;
        }
        match self.trouble {
            Some(Trouble::IsAway) => return Answer::refused("UNREACHABLE", Refusal::Temporary),
            Some(Trouble::Throttles) => return refused(Fate::Refused("RATE_LIMITED")),
            Some(Trouble::RefusesEveryAddress) => return refused(Fate::Refused("INVALID_EMAIL")),
            Some(Trouble::RefusesUs) => return Answer::refused("INVALID_CREDENTIALS", Refusal::OurFault),
            Some(Trouble::FailsBefore) => return Answer::unknown("NO_ANSWER"),
            Some(Trouble::FailsAfter) | None => {}
        }
        if let (true, (_, Some(vendor_id))) = (one.habits.is_idempotent, self.book.known(one.message)) {
            return Answer::Accepted { vendor_id: vendor_id.to_owned() };
        }
        if self.is_too_fast(one.habits, now) {
            return refused(Fate::Refused("RATE_LIMITED"));
        }
        let fate = one.fate();
        let vendor_id =
            fate.refusal().is_none().then(|| format!("vendor_{}_{}", now.as_millisecond(), one.name()));
        let entry = Entry {
            at: now,
            tenant: asked.tenant,
            message: one.message.clone(),
            channel: asked.channel,
            vendor_id: vendor_id.clone(),
            fate: fate.word().to_owned(),
            known_at: now.saturating_add(one.tells_after()).unwrap_or(now),
            tellings: one.tellings(),
            cost: u32::try_from(asked.chars.div_ceil(CHARS_A_UNIT).max(1)).unwrap_or(u32::MAX),
        };
        // What is not in the book may be half in it: nobody can tell.
        if self.book.add(entry).is_err() || self.trouble == Some(Trouble::FailsAfter) {
            return Answer::unknown("NO_ANSWER");
        }
        match vendor_id {
            Some(vendor_id) => Answer::Accepted { vendor_id },
            None => refused(fate),
        }
    }

    fn is_too_fast(&mut self, habits: &Habits, now: Timestamp) -> bool {
        let Some(most) = habits.messages_per_second_max else { return false };
        if self.rush.0 != now.as_second() {
            self.rush = (now.as_second(), 0);
        }
        self.rush.1 += 1;
        self.rush.1 > most
    }
}

fn refused(fate: Fate) -> Answer {
    Answer::refused(fate.word(), fate.refusal().unwrap_or(Refusal::Temporary))
}

fn keep<T>(kept: &mut VecDeque<T>, one: T) {
    if kept.len() == KEPT_MAX {
        kept.pop_front();
    }
    kept.push_back(one);
}

#[async_trait]
impl Carrier for Simulated {
    async fn carry(&self, letter: &Letter) -> Answer {
        let (channel, chars) = (Channel::Mail, letter.text.chars().count());
        let asked = Asked { tenant: letter.tenant, message: &letter.message, channel, chars };
        self.ask(asked, |state| keep(&mut state.letters, letter.clone())).await
    }
}

#[async_trait]
impl Texter for Simulated {
    async fn text(&self, short: &Short) -> Answer {
        let (channel, chars) = (Channel::Text, short.text.chars().count());
        let asked = Asked { tenant: short.tenant, message: &short.message, channel, chars };
        self.ask(asked, |state| keep(&mut state.texts, short.clone())).await
    }
}

//! One shop: its books, who may ask it, whom it tells, and the acts that people do in it.

use flows::{Clock, Dice};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::{
    cell::RefCell,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    access::Access,
    app::App,
    books::{Books, Did, Refused},
    bucket::Bucket,
    bulk::Bulk,
    graphql::Ask,
    journal::{Journal, Note},
    switches::Switches,
    webhooks::{Hooks, Subscription},
};
use crate::demo::shop::NAME;

/// What a shop is called, and where it is.
pub(crate) struct Front {
    pub(crate) domain: String,
    /// Where this process answers for it: what comes after is as with Shopify.
    pub(crate) base: String,
    pub(crate) id: u64,
    pub(crate) zone: TimeZone,
    pub(crate) created_at: Timestamp,
    pub(crate) app: Arc<App>,
}

pub(crate) struct State {
    /// How many questions came, answered or not.
    pub(crate) asked: u64,
    /// What the merchant calls the shop.
    pub(super) name: String,
    pub(crate) books: Books,
    pub(super) access: Access,
    pub(super) bucket: Bucket,
    pub(crate) hooks: Hooks,
    pub(super) bulk: Bulk,
    pub(crate) segments: Vec<Segment>,
    pub(crate) switches: Switches,
    /// What is to be kept and is not yet.
    notes: Vec<Note>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Segment {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) query: String,
    pub(crate) created_at: Timestamp,
}

/// A shop. Whatever is done in it is told to the app, if that is installed and subscribed.
pub struct Shop {
    front: Front,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
    state: Mutex<State>,
    journal: Option<Mutex<Journal>>,
}

impl Front {
    /// `demo-shop` of `demo-shop.myshopify.com`.
    pub(crate) fn handle(&self) -> &str {
        self.domain.split('.').next().unwrap_or_default()
    }

    pub(crate) fn recovery_url(&self, token: &str) -> String {
        format!("https://{}/{}/checkouts/{token}/recover?key={token}", self.domain, self.id)
    }
}

impl State {
    pub(super) fn new(books: Books, bulk: Bulk) -> Self {
        Self {
            asked: 0,
            name: NAME.to_owned(),
            books,
            access: Access::default(),
            bucket: Bucket::default(),
            hooks: Hooks::default(),
            bulk,
            segments: Vec::new(),
            switches: Switches::default(),
            notes: Vec::new(),
        }
    }

    /// As it was noted once.
    pub(super) fn restore(&mut self, note: Note) {
        match note {
            Note::Book(entry) => self.books.apply(entry),
            Note::Access(access) => self.access = access,
            Note::Subscriptions(held, ever) => self.hooks.restore(held, ever),
            Note::Segment(segment) => self.segments.push(segment),
            Note::Name(name) => self.name = name,
        }
    }

    pub(super) fn call(&mut self, name: &str) {
        name.clone_into(&mut self.name);
        self.notes.push(Note::Name(name.to_owned()));
    }

    pub(super) fn access_changed(&mut self) {
        self.notes.push(Note::Access(self.access.clone()));
    }

    pub(crate) fn keep_segment(&mut self, segment: Segment) {
        self.notes.push(Note::Segment(segment.clone()));
        self.segments.push(segment);
    }

    /// `Err`: a sentence.
    pub(crate) fn subscribe(
        &mut self,
        (topic, uri): (&str, &str),
        (filter, fields, name, format): (Option<&str>, Vec<String>, Option<&str>, Option<&str>),
        now: Timestamp,
    ) -> Result<Subscription, String> {
        let is_home = ["http://127.0.0.1", "http://localhost"].iter().any(|home| uri.starts_with(home));
        if !uri.starts_with("https://") && !is_home {
            let scheme = uri.split_once("://").map_or("", |(scheme, _)| scheme);
            return Err(format!("Address protocol {scheme}:// is not supported"));
        }
        if format == Some("XML") {
            return Err("The demo shop writes JSON alone".to_owned());
        }
        let granted = self.access.scopes.as_deref().unwrap_or_default();
        let is_granted = |read: &str| {
            [format!("read_{read}"), format!("write_{read}")].iter().any(|scope| granted.contains(scope))
        };
        if super::webhooks::tells(topic).is_some_and(|read| !is_granted(read)) {
            return Err("You do not have permission to create or update webhooks with this topic".to_owned());
        }
        if self.hooks.subscriptions().iter().any(|held| held.topic == topic && held.uri == uri) {
            return Err("Address for this topic has already been taken".to_owned());
        }
        let subscription = Subscription {
            id: 0,
            topic: topic.to_owned(),
            uri: uri.to_owned(),
            filter: filter.filter(|filter| !filter.is_empty()).map(str::to_owned),
            fields,
            name: name.map(str::to_owned),
            created_at: now,
        };
        let held = self.hooks.add(subscription).clone();
        self.subscriptions_changed();
        Ok(held)
    }

    pub(crate) fn unsubscribe(&mut self, id: u64) -> bool {
        let is_gone = self.hooks.remove(id);
        self.subscriptions_changed();
        is_gone
    }

    pub(super) fn subscriptions_changed(&mut self) {
        self.notes.push(Note::Subscriptions(self.hooks.subscriptions().to_vec(), self.hooks.ever()));
    }
}

impl<'s> Ask<'s> {
    pub(crate) fn new(
        state: &'s mut State,
        front: &'s Front,
        dice: &'s dyn Dice,
        now: Timestamp,
        scopes: &'s [String],
    ) -> Self {
        Self { state: state.into(), front, dice, now, scopes, window: None, unknown: RefCell::default() }
    }

    /// Does it in the books and tells of it.
    pub(crate) fn act<T>(
        &self,
        act: impl FnOnce(&mut Books, Timestamp) -> Result<(T, Vec<Did>), Refused>,
    ) -> Result<T, Refused> {
        let mut state = self.state.borrow_mut();
        let (done, did) = act(&mut state.books, whole(self.now))?;
        state.tell(&did, self.front, self.dice, self.now);
        Ok(done)
    }
}

/// A shop knows no finer instants.
fn whole(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

impl Shop {
    pub(super) fn new(
        front: Front,
        (clock, dice): (Arc<dyn Clock>, Arc<dyn Dice>),
        state: State,
        journal: Option<Journal>,
    ) -> Self {
        Self { front, clock, dice, state: Mutex::new(state), journal: journal.map(Mutex::new) }
    }

    pub fn domain(&self) -> &str {
        &self.front.domain
    }

    pub(crate) fn front(&self) -> &Front {
        &self.front
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn dice(&self) -> &dyn Dice {
        &*self.dice
    }

    /// Whatever is done with the state; what changed is kept before anybody hears of it.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut State, Timestamp, &dyn Dice) -> T) -> T {
        let mut state = self.lock();
        let done = act(&mut state, self.clock.now(), &*self.dice);
        let entries = state.books.written().into_iter().map(Note::Book);
        let notes: Vec<_> = entries.chain(std::mem::take(&mut state.notes)).collect();
        if let Some(journal) = &self.journal {
            journal.lock().unwrap_or_else(PoisonError::into_inner).keep(&notes);
        }
        done
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The shop's own books, to be compared with anybody else's.
    pub fn books<T>(&self, read: impl FnOnce(&Books) -> T) -> T {
        read(&self.lock().books)
    }

    pub fn switch(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut self.lock().switches);
    }

    pub fn switches(&self) -> Switches {
        self.lock().switches.clone()
    }

    /// How many questions came, answered or not.
    pub fn asked(&self) -> u64 {
        self.lock().asked
    }

    /// Other apps' questions or ours have taken all points: the next question is throttled.
    pub fn drain(&self) {
        self.with(|state, now, _| state.bucket.drain(state.switches.plan, now));
    }
}

//! How many messages of a campaign are where: a fold over its chunks, and nothing that is kept in step.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::{
    chunk::Chunk,
    message::{Fate, Mark, Message, Why},
    plan::Plan,
};
use crate::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// All who were chosen: the fates add up to it.
    pub chosen: u64,
    pub fates: BTreeMap<Fate, u64>,
    /// Of those that are skipped, failed, bounced or unknown.
    pub whys: BTreeMap<Why, u64>,
    /// By people; of delivered ones.
    pub opened: u64,
    pub clicked: u64,
    /// By machines alone.
    pub opened_by_machines: u64,
    pub clicked_by_machines: u64,
    pub complained: u64,
    pub unsubscribed: u64,
    /// From being handed over to being delivered, together.
    pub delivery_millis: u64,
}

impl Counts {
    /// Of chosen people whose chunks nobody has begun.
    pub fn waiting(messages: u64) -> Self {
        let fates = if messages > 0 { BTreeMap::from([(Fate::Planned, messages)]) } else { BTreeMap::new() };
        Self { chosen: messages, fates, ..Self::default() }
    }

    pub fn of(chunk: &Chunk) -> Self {
        let mut counts = Self::default();
        for message in &chunk.messages {
            counts.count(message);
        }
        counts
    }

    /// Of all who were chosen. With a campaign that is cancelled nobody begins any more.
    pub fn of_all<'a>(plan: &Plan, begun: impl Iterator<Item = &'a Chunk>, is_cancelled: bool) -> Self {
        let (mut all, mut waiting) = (Self::default(), plan.chosen());
        for chunk in begun {
            all += &Self::of(chunk);
            waiting = waiting.saturating_sub(chunk.messages.len() as u64);
        }
        let mut rest = Self::waiting(waiting);
        if is_cancelled && waiting > 0 {
            rest.fates = BTreeMap::from([(Fate::Skipped, waiting)]);
            rest.whys = BTreeMap::from([(Why::Cancelled, waiting)]);
        }
        all += &rest;
        all
    }

    pub fn at(&self, fate: Fate) -> u64 {
        self.fates.get(&fate).copied().unwrap_or(0)
    }

    fn count(&mut self, message: &Message) {
        self.chosen += 1;
        *self.fates.entry(message.fate).or_default() += 1;
        if let Some(why) = message.why.filter(|_| message.fate.is_over()) {
            *self.whys.entry(why).or_default() += 1;
        }
        let is_opened = message.opened_at.is_some() || message.clicked_at.is_some();
        self.opened += u64::from(is_opened);
        self.clicked += u64::from(message.clicked_at.is_some());
        self.opened_by_machines += u64::from(message.marks.has(Mark::OpenedByMachine) && !is_opened);
        self.clicked_by_machines +=
            u64::from(message.marks.has(Mark::ClickedByMachine) && message.clicked_at.is_none());
        self.complained += u64::from(message.marks.has(Mark::Complained));
        self.unsubscribed += u64::from(message.marks.has(Mark::Unsubscribed));
        if message.fate == Fate::Delivered {
            self.delivery_millis += taken(message.sent_at, message.settled_at);
        }
    }
}

fn taken(from: Option<Timestamp>, to: Option<Timestamp>) -> u64 {
    let millis = from.zip(to).map_or(0, |(from, to)| to.duration_since(from).as_millis());
    u64::try_from(millis).unwrap_or(0)
}

impl std::ops::AddAssign<&Self> for Counts {
    fn add_assign(&mut self, more: &Self) {
        self.chosen += more.chosen;
        for (fate, count) in &more.fates {
            *self.fates.entry(*fate).or_default() += count;
        }
        for (why, count) in &more.whys {
            *self.whys.entry(*why).or_default() += count;
        }
        self.opened += more.opened;
        self.clicked += more.clicked;
        self.opened_by_machines += more.opened_by_machines;
        self.clicked_by_machines += more.clicked_by_machines;
        self.complained += more.complained;
        self.unsubscribed += more.unsubscribed;
        self.delivery_millis += more.delivery_millis;
    }
}

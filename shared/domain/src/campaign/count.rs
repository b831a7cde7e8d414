//! How many messages of a campaign are where: a fold over its chunks, and nothing that is kept in step.

use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    ops::{AddAssign, Deref},
};

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
    /// What the messages cost that a provider took, or may have taken, as far as prices are known: as the plan has it.
    #[serde(default)]
    pub cost_micros: u64,
    /// Of each of a campaign's words, where there are several.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arms: BTreeMap<u8, ArmCounts>,
}

/// Of those who got the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ArmCounts {
    pub chosen: u64,
    /// A provider took it, or may have.
    pub sent: u64,
    pub delivered: u64,
    /// By people; of delivered ones.
    pub opened: u64,
    pub clicked: u64,
    /// By machines alone.
    #[serde(default)]
    pub opened_by_machines: u64,
    #[serde(default)]
    pub clicked_by_machines: u64,
    pub unsubscribed: u64,
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

    /// Of all who were chosen, of chunks with their numbers. With a campaign that is cancelled nobody begins any more.
    pub fn of_all<C: Deref<Target = Chunk>>(
        plan: &Plan,
        begun: &BTreeMap<u32, C>,
        is_cancelled: bool,
    ) -> Self {
        let (mut all, mut waiting) = (Self::default(), plan.chosen());
        let has_arms = plan.parts.iter().any(|part| part.arm > 0);
        for part in plan.parts.iter().filter(|_| has_arms) {
            all.arms.entry(part.arm).or_default().chosen += u64::from(part.chosen);
        }
        for (number, chunk) in begun {
            let counts = Self::of(chunk);
            let out = counts.out();
            if let Some(part) = plan.stretch(*number).map(|stretch| stretch.part) {
                all.cost_micros =
                    all.cost_micros.saturating_add(part.micros.unwrap_or(0).saturating_mul(out));
                if has_arms {
                    *all.arms.entry(part.arm).or_default() += ArmCounts::of(&counts, out);
                }
            }
            all += &counts;
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

    /// Those that a provider has, or may have, taken.
    pub fn out(&self) -> u64 {
        self.fates.iter().filter(|(fate, _)| fate.is_out()).map(|(_, count)| count).sum()
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

impl ArmCounts {
    /// Of a chunk's; who was chosen the plan tells.
    fn of(counts: &Counts, sent: u64) -> Self {
        Self {
            chosen: 0,
            sent,
            delivered: counts.at(Fate::Delivered),
            opened: counts.opened,
            clicked: counts.clicked,
            opened_by_machines: counts.opened_by_machines,
            clicked_by_machines: counts.clicked_by_machines,
            unsubscribed: counts.unsubscribed,
        }
    }
}

impl AddAssign for ArmCounts {
    fn add_assign(&mut self, more: Self) {
        self.chosen += more.chosen;
        self.sent += more.sent;
        self.delivered += more.delivered;
        self.opened += more.opened;
        self.clicked += more.clicked;
        self.opened_by_machines += more.opened_by_machines;
        self.clicked_by_machines += more.clicked_by_machines;
        self.unsubscribed += more.unsubscribed;
    }
}

fn taken(from: Option<Timestamp>, to: Option<Timestamp>) -> u64 {
    let millis = from.zip(to).map_or(0, |(from, to)| to.duration_since(from).as_millis());
    u64::try_from(millis).unwrap_or(0)
}

impl AddAssign<&Self> for Counts {
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
        self.cost_micros = self.cost_micros.saturating_add(more.cost_micros);
        for (arm, counts) in &more.arms {
            *self.arms.entry(*arm).or_default() += *counts;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::{
        Care, Heard, Outcome,
        plan::{self, Part},
    };

    #[test]
    fn what_was_taken_is_paid_for_as_planned_and_counted_with_its_words() {
        let part = |wave, chosen, micros, arm| Part { wave, not_before: None, shard: 0, chosen, micros, arm };
        let parts = vec![part(0, 3, Some(100), 0), part(1, 2, Some(700), 1), part(2, 4, None, 1)];
        let plan = plan::Plan { parts, ..Plan::default() };
        let now = Timestamp::UNIX_EPOCH;
        let sent = |messages, outcomes: &[Outcome]| {
            let mut chunk = Chunk::new(messages);
            let claim = chunk.claim(messages, now);
            for (place, outcome) in outcomes.iter().enumerate() {
                chunk.answered(place, claim.at, *outcome, Care::NeverTwice, now);
            }
            chunk
        };
        let (unknown, failed) = (Outcome::Unknown(Why::NoAnswer), Outcome::Failed(Why::BadAddress));
        let first = sent(3, &[Outcome::Sent, unknown, failed]);
        let mut second = sent(2, &[Outcome::Sent, Outcome::Sent]);
        second.hear(0, Heard::Clicked { by_machine: false }, now);
        let chunks = [(0, &first), (1, &second)].into();
        let counts = Counts::of_all(&plan, &chunks, false);
        assert_eq!((counts.cost_micros, counts.chosen), (2 * 100 + 2 * 700, 9));
        let arm = |chosen, sent, delivered| ArmCounts {
            chosen,
            sent,
            delivered,
            opened: delivered,
            clicked: delivered,
            ..ArmCounts::default()
        };
        assert_eq!(counts.arms, [(0, arm(3, 2, 0)), (1, arm(6, 2, 1))].into());
    }
}

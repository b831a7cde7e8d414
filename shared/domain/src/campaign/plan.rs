//! Who was chosen, and who was left out and why: told once, as the campaign is planned, and true from then on.

use serde::{Deserialize, Serialize};

use super::{chunk::CHUNK_MESSAGES, message::Why};
use crate::Timestamp;

/// The whole of it. Who is in each part is a bitmap of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Who was meant.
    pub audience: u64,
    /// In the order in which they were left out: each is in one of them only.
    pub left_out: Vec<(Why, u64)>,
    /// Those who were chosen, by when they may be written to and by shard; together with those left out they are the audience.
    pub parts: Vec<Part>,
    /// When those who wait for the best of several words are to get them: see `trial`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// Of the dearest message whose price is known, in millionths of the shop's currency.
    pub message_micros: u64,
}

/// Those of a shard who may be written to from one instant on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub wave: u16,
    /// `None`: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    pub shard: u32,
    pub chosen: u32,
    /// What a message to each of them costs, in millionths of the shop's currency. `None`: nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub micros: Option<u64>,
    /// In which of the campaign's words they are written to: see `trial`.
    #[serde(default, skip_serializing_if = "is_first")]
    pub arm: u8,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde asks with")]
fn is_first(arm: &u8) -> bool {
    *arm == 0
}

/// Which people a chunk is of: those of a part, from a place on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub part: Part,
    pub first: u32,
    pub messages: usize,
}

impl Plan {
    pub fn chosen(&self) -> u64 {
        self.parts.iter().map(|part| u64::from(part.chosen)).sum()
    }

    /// What all of it costs, and for how many messages nobody knows.
    pub fn cost(&self) -> (u64, u64) {
        let micros = |part: &Part| part.micros.map(|micros| micros.saturating_mul(part.chosen.into()));
        let known = self.parts.iter().filter_map(micros).fold(0, u64::saturating_add);
        let unknown = self.parts.iter().filter(|part| part.micros.is_none());
        (known, unknown.map(|part| u64::from(part.chosen)).sum())
    }

    /// Numbers of chunks begin with 0 and have no gaps.
    pub fn chunks(&self) -> u32 {
        self.parts.iter().map(Part::chunks).sum()
    }

    pub fn stretch(&self, number: u32) -> Option<Stretch> {
        let mut rest = number;
        for part in &self.parts {
            if rest < part.chunks() {
                let each = u32::try_from(CHUNK_MESSAGES).unwrap_or(u32::MAX);
                let first = rest * each;
                let messages = (part.chosen - first).min(each) as usize;
                return Some(Stretch { part: *part, first, messages });
            }
            rest -= part.chunks();
        }
        None
    }
}

impl Part {
    fn chunks(&self) -> u32 {
        self.chosen.div_ceil(u32::try_from(CHUNK_MESSAGES).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_numbered_without_gaps_and_hold_everybody_once() {
        let part = |wave, shard, chosen| Part { wave, not_before: None, shard, chosen, micros: None, arm: 0 };
        let plan = Plan { parts: vec![part(0, 0, 101), part(0, 1, 0), part(1, 0, 50)], ..Plan::default() };
        assert_eq!((plan.chosen(), plan.chunks()), (151, 4));
        let stretch =
            |number| plan.stretch(number).map(|it| (it.part.wave, it.part.shard, it.first, it.messages));
        assert_eq!(stretch(0), Some((0, 0, 0, 50)));
        assert_eq!(stretch(2), Some((0, 0, 100, 1)));
        assert_eq!(stretch(3), Some((1, 0, 0, 50)));
        assert_eq!(stretch(4), None);
    }

    #[test]
    fn what_it_costs_is_the_sum_of_what_is_known() {
        let part = |micros, chosen| Part { wave: 0, not_before: None, shard: 0, chosen, micros, arm: 0 };
        let parts = vec![part(Some(100), 3), part(Some(0), 9), part(None, 4), part(Some(u64::MAX), 2)];
        assert_eq!(Plan { parts: parts[..3].to_vec(), ..Plan::default() }.cost(), (300, 4));
        assert_eq!(Plan { parts, ..Plan::default() }.cost(), (u64::MAX, 4));
    }
}

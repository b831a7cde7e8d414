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
    /// Of one message, at most, in millionths of the shop's currency.
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
        let part = |wave, shard, chosen| Part { wave, not_before: None, shard, chosen };
        let plan = Plan { parts: vec![part(0, 0, 101), part(0, 1, 0), part(1, 0, 50)], ..Plan::default() };
        assert_eq!((plan.chosen(), plan.chunks()), (151, 4));
        let stretch =
            |number| plan.stretch(number).map(|it| (it.part.wave, it.part.shard, it.first, it.messages));
        assert_eq!(stretch(0), Some((0, 0, 0, 50)));
        assert_eq!(stretch(2), Some((0, 0, 100, 1)));
        assert_eq!(stretch(3), Some((1, 0, 0, 50)));
        assert_eq!(stretch(4), None);
    }
}

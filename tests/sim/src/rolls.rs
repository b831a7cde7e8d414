//! Dice by seed: the same seed rolls the same, whatever was rolled elsewhere.

use std::sync::{Mutex, PoisonError};

/// splitmix64: a few nanoseconds a roll, which a proof of millions of them needs.
#[derive(Debug, Clone)]
pub struct Rolls(u64);

impl Rolls {
    /// `what` keeps the dice of one seed apart that are for different things.
    pub fn new(seed: u64, what: u64) -> Self {
        let mut rolls =
            Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ what.wrapping_mul(0xd1b5_4a32_d192_ed03));
        rolls.roll();
        rolls
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut rolled = self.0;
        rolled = (rolled ^ (rolled >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        rolled = (rolled ^ (rolled >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        rolled ^ (rolled >> 31)
    }

    /// From 0 up to that, itself excluded.
    pub fn below(&mut self, end: u64) -> u64 {
        self.roll() % end.max(1)
    }

    pub(crate) fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// Both included.
    pub fn within(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.below(u64::try_from(to - from + 1).unwrap_or(1))).unwrap_or(0)
    }

    /// As so many of a thousand times.
    pub(crate) fn is_among(&mut self, per_mille: u32) -> bool {
        per_mille > 0 && self.below(1_000) < u64::from(per_mille)
    }

    /// Nothing at all in one of three seeds, else up to that: so that each fault is seen alone and with every other.
    pub(crate) fn rate(&mut self, most: u32) -> u32 {
        if self.below(3) == 0 { 0 } else { u32::try_from(self.below(u64::from(most) + 1)).unwrap_or(0) }
    }

    pub fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.place(all.len())].clone()
    }
}

/// The dice of the functions.
pub(crate) struct Their(pub(crate) Mutex<Rolls>);

impl flows::Dice for Their {
    fn fill(&self, bytes: &mut [u8]) {
        let mut rolls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for some in bytes.chunks_mut(8) {
            let rolled = rolls.roll().to_le_bytes();
            some.copy_from_slice(&rolled[..some.len()]);
        }
    }
}

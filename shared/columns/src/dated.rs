//! To whom something happened, and when: slots that rise, each with a second or none.

use crate::{
    members::Members,
    slot::{ShardNumber, Slot},
};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dated {
    slots: Vec<Slot>,
    /// Since 1970.
    seconds: Vec<Option<u32>>,
}

impl Dated {
    /// Of a slot that comes twice the first holds.
    pub fn of(mut all: Vec<(Slot, Option<u32>)>) -> Self {
        all.sort_by_key(|(slot, _)| *slot);
        all.dedup_by_key(|(slot, _)| *slot);
        let (slots, seconds) = all.into_iter().unzip();
        Self { slots, seconds }
    }

    pub fn len(&self) -> usize {
        self.slots.len()
    }

    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Slot, Option<u32>)> {
        self.slots.iter().copied().zip(self.seconds.iter().copied())
    }

    /// Of one of them. Within: its second.
    pub fn get(&self, slot: Slot) -> Option<Option<u32>> {
        self.slots.binary_search(&slot).ok().map(|place| self.seconds[place])
    }

    /// Of one shard: who it is as `Members::to_bytes` has it, and of each how much later it was than of the one before. So neighbours
    /// that are written to together take a byte each.
    pub fn to_bytes(&self, shard: ShardNumber) -> Vec<u8> {
        let members: Members = self.slots.iter().copied().collect();
        let mut before = 0;
        let steps: Vec<i64> = self
            .seconds
            .iter()
            .map(|second| {
                // 0 is nothing: a second is one more than it is.
                let second = second.map_or(0, |second| i64::from(second) + 1);
                second - std::mem::replace(&mut before, second)
            })
            .collect();
        // Lists of known length always have a form.
        postcard::to_stdvec(&(members.to_bytes(shard), steps)).unwrap_or_default()
    }

    /// `None`: bytes that `to_bytes` never gives.
    pub fn of_bytes(shard: ShardNumber, bytes: &[u8]) -> Option<Self> {
        let (members, steps): (Vec<u8>, Vec<i64>) = postcard::from_bytes(bytes).ok()?;
        let mut all = Members::default();
        all.add_bytes(shard, &members).ok()?;
        let slots: Vec<Slot> = all.iter().collect();
        let (mut second, mut seconds) = (0_i64, Vec::with_capacity(steps.len()));
        for step in steps {
            second = second.checked_add(step)?;
            seconds.push(if second == 0 { None } else { Some(u32::try_from(second - 1).ok()?) });
        }
        (slots.len() == seconds.len()).then_some(Self { slots, seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::SHARD_SLOTS;

    fn drawn(of_thousand: u32, at: impl Fn(u32, u32) -> u32) -> Dated {
        let mut state = 7_u32;
        let mut draw = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8
        };
        let slots = (0..SHARD_SLOTS).filter_map(|slot| {
            let is_in = draw() % 1_000 < of_thousand;
            is_in.then(|| (Slot(SHARD_SLOTS + slot), Some(1_767_225_600 + at(slot, draw()))))
        });
        Dated::of(slots.collect())
    }

    #[test]
    fn what_was_written_is_read_and_what_cannot_be_is_not() {
        let shard = ShardNumber(1);
        let slot = |slot| Slot(SHARD_SLOTS + slot);
        let few = Dated::of(vec![(slot(9), Some(5)), (slot(0), None), (slot(9), None), (slot(10), Some(0))]);
        assert_eq!((few.get(slot(9)), few.get(slot(0)), few.get(slot(1))), (Some(Some(5)), Some(None), None));
        for dated in [Dated::default(), few.clone(), drawn(300, |_, drawn| drawn % 1_000_000)] {
            assert_eq!(Dated::of_bytes(shard, &dated.to_bytes(shard)), Some(dated));
        }
        let bytes = few.to_bytes(shard);
        assert_eq!(Dated::of_bytes(shard, &bytes[..bytes.len() - 1]), None);
        assert_eq!(Dated::of_bytes(shard, &postcard::to_stdvec(&(Vec::<u8>::new(), [1_i64])).unwrap()), None);
        assert_eq!(
            Dated::of_bytes(shard, &postcard::to_stdvec(&(Vec::<u8>::new(), [-1_i64])).unwrap()),
            None
        );
    }

    /// What a full shard costs to write, in kilobytes, of which each is a write unit: sent and delivered within an hour, a third
    /// opened within two weeks. No item is ever beyond what the table takes.
    #[test]
    fn a_shard_is_a_few_dozen_kilobytes_and_never_too_many() {
        let bytes = |dated: &Dated| dated.to_bytes(ShardNumber(1)).len();
        let sent = drawn(1_000, |slot, _| slot / 50 * 3);
        let delivered = drawn(1_000, |slot, drawn| slot / 50 * 3 + drawn % 60);
        let opened = drawn(330, |_, drawn| drawn % (14 * 86_400));
        assert_eq!([&sent, &delivered, &opened].map(|it| bytes(it).div_ceil(1_024)), [65, 65, 72]);
        let worst = drawn(1_000, |_, drawn| (drawn % 2) * 2_000_000_000);
        assert!(bytes(&worst) < 350 << 10, "{}", bytes(&worst));
    }
}

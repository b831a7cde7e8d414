//! A shard's members as the gaps between them, in Rice's code: near to what any code could do where members lie at random.
//!
//! One byte says what the gaps are between, one how many bits of a gap are written as they are, four how many gaps there are.
//! Of a gap the bits above those are so many ones and a zero. The lowest bit comes first.

use roaring::RoaringBitmap;
use std::io;

use crate::slot::SHARD_SLOTS;

/// Nothing that roaring writes begins with either.
const OF_MEMBERS: u8 = 1;
const OF_OTHERS: u8 = 2;
const HEAD_BYTES: usize = 6;
/// A gap has no more.
const SHIFT_MAX: u32 = 16;

/// Of slots that count from the shard's first.
pub(crate) fn written(own: &RoaringBitmap) -> Vec<u8> {
    let is_of_others = own.len() > u64::from(SHARD_SLOTS / 2);
    let others = is_of_others.then(|| all() - own);
    let mut next = 0;
    let slots = others.as_ref().unwrap_or(own).iter();
    let gaps: Vec<u32> = slots.map(|slot| slot - std::mem::replace(&mut next, slot + 1)).collect();
    let bits = |shift: u32| gaps.iter().map(|gap| u64::from((gap >> shift) + 1 + shift)).sum::<u64>();
    let shift = (0..=SHIFT_MAX).min_by_key(|shift| bits(*shift)).unwrap_or(0);
    let mut bytes = vec![if is_of_others { OF_OTHERS } else { OF_MEMBERS }, shift.to_le_bytes()[0]];
    bytes.extend(u32::try_from(gaps.len()).unwrap_or(u32::MAX).to_le_bytes());
    let mut writer = Bits { bytes, held: 0, count: 0 };
    for gap in gaps {
        (0..gap >> shift).for_each(|_| writer.write(1, 1));
        writer.write(0, 1);
        writer.write(gap & ((1 << shift) - 1), shift);
    }
    writer.done()
}

/// `None`: it is not of this form. Bytes that say what cannot be are an error.
pub(crate) fn read(bytes: &[u8]) -> Option<Result<RoaringBitmap, io::Error>> {
    let is_of_others = match *bytes.first()? {
        OF_MEMBERS => false,
        OF_OTHERS => true,
        _ => return None,
    };
    let slots = slots(bytes).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "gaps that cannot be"));
    Some(slots.map(|slots| if is_of_others { all() - slots } else { slots }))
}

fn all() -> RoaringBitmap {
    (0..SHARD_SLOTS).collect()
}

fn slots(bytes: &[u8]) -> Option<RoaringBitmap> {
    let shift = u32::from(*bytes.get(1)?);
    let count = u32::from_le_bytes(bytes.get(2..HEAD_BYTES)?.try_into().ok()?);
    if shift > SHIFT_MAX || count > SHARD_SLOTS {
        return None;
    }
    let mut bits =
        bytes[HEAD_BYTES..].iter().flat_map(|byte| (0..8).map(move |bit| u32::from(byte >> bit & 1)));
    let (mut next, mut slots) = (0_u32, Vec::with_capacity(count as usize));
    for _ in 0..count {
        let mut high = 0;
        while bits.next()? == 1 {
            high += 1;
            if high << shift >= SHARD_SLOTS {
                return None;
            }
        }
        let mut gap = high << shift;
        for bit in 0..shift {
            gap |= bits.next()? << bit;
        }
        let slot = next + gap;
        if slot >= SHARD_SLOTS {
            return None;
        }
        slots.push(slot);
        next = slot + 1;
    }
    RoaringBitmap::from_sorted_iter(slots).ok()
}

struct Bits {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl Bits {
    /// At most 32 bits, the lowest first.
    fn write(&mut self, bits: u32, count: u32) {
        self.held |= u64::from(bits) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.held.to_le_bytes()[0]);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    fn done(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(self.held.to_le_bytes()[0]);
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each slot with that likelihood, of a thousand.
    fn drawn(of_thousand: u64, seed: u64) -> RoaringBitmap {
        let mut state = seed;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % 1_000
        };
        (0..SHARD_SLOTS).filter(|_| draw() < of_thousand).collect()
    }

    #[test]
    fn what_was_written_is_read() {
        let few = [vec![], vec![0], vec![SHARD_SLOTS - 1], vec![0, 1, 2, 40_000], (0..SHARD_SLOTS).collect()];
        let drawn = [1, 10, 60, 200, 500, 800, 999].map(|of_thousand| drawn(of_thousand, 7));
        for slots in few.into_iter().map(|few| few.into_iter().collect()).chain(drawn) {
            assert_eq!(read(&written(&slots)).unwrap().unwrap(), slots);
        }
    }

    #[test]
    fn at_random_it_is_near_to_what_any_code_could_do() {
        for of_thousand in [10, 60, 200, 270, 730, 900] {
            let share = f64::from(u32::try_from(of_thousand).unwrap()) / 1_000.0;
            let bits = -share * share.log2() - (1.0 - share) * (1.0 - share).log2();
            let least = bits * f64::from(SHARD_SLOTS) / 8.0;
            let bytes = f64::from(u32::try_from(written(&drawn(of_thousand, 11)).len()).unwrap());
            assert!(bytes < least * 1.06 + 8.0, "{of_thousand}: {bytes} of {least}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert!(read(b"").is_none() && read(b":0").is_none(), "roaring's own");
        let good = written(&drawn(60, 3));
        assert!(read(&good[..good.len() / 2]).unwrap().is_err(), "cut off");
        for (place, byte) in [(1, 17), (2, 255), (4, 2), (5, 1)] {
            let mut bent = good.clone();
            bent[place] = byte;
            assert!(read(&bent).unwrap().is_err(), "{place}");
        }
        assert!(read(&[1, 0, 1, 0, 0, 0, 255, 255]).unwrap().is_err(), "a gap without an end");
        assert!(read(&[1, 16, 1, 0, 0, 0, 0b1, 0, 0, 0]).unwrap().is_err(), "beyond the shard");
    }
}

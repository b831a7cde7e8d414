//! Yes or no for each row: kept 64 rows to a word, worked on as a byte of 1 or 0 for each, which the compiler makes
//! vectors of.

/// Bit `r % 64` of word `r / 64` is row `r`; the bits beyond the last row are 0.
pub type Mask = Vec<u64>;

/// A word of ones for the rows that there are.
pub(crate) fn all_of(rows: usize, word: usize) -> u64 {
    match rows.saturating_sub(word * 64) {
        0 => 0,
        left @ 1..64 => (1 << left) - 1,
        _ => u64::MAX,
    }
}

/// The rows whose bits are set, in order.
pub(crate) fn rows(word: usize, mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        if bits == 0 {
            return None;
        }
        let bit = bits.trailing_zeros() as usize;
        bits &= bits - 1;
        Some(word * 64 + bit)
    })
}

/// Leaves those of the answers whose bits are set, too.
pub(crate) fn keep(answers: &mut [u8], words: &[u64]) {
    for (answers, word) in answers.chunks_mut(64).zip(words) {
        if *word == u64::MAX {
            continue;
        }
        let (eights, rest) = answers.as_chunks_mut::<8>();
        for (place, eight) in eights.iter_mut().enumerate() {
            *eight = (u64::from_le_bytes(*eight) & spread(word >> (place * 8))).to_le_bytes();
        }
        let last = spread(word >> (eights.len() * 8 % 64)).to_le_bytes();
        for (answer, bit) in rest.iter_mut().zip(last) {
            *answer &= bit;
        }
    }
}

/// Takes away those of the answers that are also `others`, who all are among them.
pub(crate) fn without(answers: &mut [u8], others: &[u8]) {
    for (answer, other) in answers.iter_mut().zip(others) {
        *answer ^= other;
    }
}

/// Looks no further than to the first neighbourhood with a yes.
pub(crate) fn is_none(answers: &[u8]) -> bool {
    answers.chunks(64).all(|answers| answers.iter().fold(0, |any, answer| any | answer) == 0)
}

pub(crate) fn count(answers: &[u8]) -> usize {
    answers.iter().map(|answer| usize::from(*answer)).sum()
}

pub(crate) fn pack_onto(mask: &mut Mask, answers: &[u8]) {
    let (words, rest) = answers.as_chunks::<64>();
    mask.extend(words.iter().map(pack));
    if !rest.is_empty() {
        mask.push((0..).zip(rest).fold(0, |bits, (bit, answer)| bits | u64::from(*answer) << bit));
    }
}

/// The lowest eight bits as a byte each, the first lowest.
fn spread(bits: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // A copy of all eight in every byte, of which each keeps its own; adding 127 carries that one to the top.
    let own = (bits & 0xff).wrapping_mul(EACH) & 0x8040_2010_0804_0201;
    (own + 0x7f * EACH) >> 7 & EACH
}

/// Packs 64 answers of 0 or 1, the first into the lowest bit.
pub(crate) fn pack(answers: &[u8; 64]) -> u64 {
    // Eight bytes of 0 or 1, times this, gather their lowest bits in the topmost byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut bits = 0;
    for (place, eight) in answers.as_chunks::<8>().0.iter().enumerate() {
        bits |= (u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56) << (place * 8);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_packed_in_order() {
        for bits in [0, 1, u64::MAX, 1 << 63, 0x8000_0000_0000_0001, 0x0123_4567_89ab_cdef] {
            let answers = std::array::from_fn(|bit| u8::from(bits >> bit & 1 == 1));
            assert_eq!(pack(&answers), bits);
            assert_eq!(rows(0, bits).fold(0, |all, row| all | 1u64 << row), bits);
        }
        let mut mask = Mask::new();
        pack_onto(&mut mask, &[&[1; 64][..], &[0, 1, 1]].concat());
        assert_eq!(mask, [u64::MAX, 0b110]);
        let mut answers = [1; 67];
        keep(&mut answers, &[!(1 << 9), 0b101]);
        let left: Vec<_> = (0..67).filter(|row| answers[*row] == 0).collect();
        assert_eq!(left, [9, 65]);
        assert_eq!([all_of(70, 0), all_of(70, 1), all_of(70, 2)], [u64::MAX, 0b11_1111, 0]);
    }
}

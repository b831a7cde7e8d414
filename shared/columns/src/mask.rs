//! Yes or no for each row, 64 rows to a word.

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

/// Packs up to 64 answers of 0 or 1, the first into the lowest bit.
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
        assert_eq!([all_of(70, 0), all_of(70, 1), all_of(70, 2)], [u64::MAX, 0b11_1111, 0]);
    }
}

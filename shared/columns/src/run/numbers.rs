//! Comparisons of numbers. The loops over 64 neighbours have no branch, so that the compiler makes vectors of them.

use std::{cmp::Ordering, ops::Bound};

use crate::{
    batch::{Numbers, Whole},
    mask,
    program::Span,
};

pub(super) fn within(numbers: &Numbers, word: usize, span: Span) -> u64 {
    /// The part of the span that the type can hold; `None`: nothing.
    fn narrow<T: TryFrom<i64>>(span: Span, least: i64, most: i64) -> Option<(T, T)> {
        let span = Span::new(span.least.max(least), span.most.min(most));
        (span.least <= span.most).then_some(())?;
        Some((T::try_from(span.least).ok()?, T::try_from(span.most).ok()?))
    }
    macro_rules! compare {
        ($values:ident: $type:ty) => {
            narrow::<$type>(span, <$type>::MIN.into(), <$type>::MAX.into())
                .map_or(0, |(least, most)| answers($values, word, |value| (least <= value) & (value <= most)))
        };
    }
    let passing = match &numbers.values {
        Whole::U16(values) => compare!(values: u16),
        Whole::U32(values) => compare!(values: u32),
        Whole::I32(values) => compare!(values: i32),
        Whole::I64(values) => compare!(values: i64),
    };
    passing & numbers.valid_word(word)
}

/// The answers for the rows of a word.
pub(super) fn answers<T: Copy>(values: &[T], word: usize, is: impl Fn(T) -> bool) -> u64 {
    let rest = &values[word * 64..];
    if let Some(neighbours) = rest.first_chunk::<64>() {
        let mut answers = [0_u8; 64];
        for (answer, value) in answers.iter_mut().zip(neighbours) {
            *answer = u8::from(is(*value));
        }
        return mask::pack(&answers);
    }
    (0..).zip(rest).fold(0, |bits, (bit, value)| bits | u64::from(is(*value)) << bit)
}

pub(super) fn ratio(
    above: Option<i64>,
    minus: Option<i64>,
    below: Option<i64>,
    less: i64,
    bounds: (Bound<i64>, Bound<i64>),
) -> bool {
    let (Some(above), Some(minus), Some(below)) = (above, minus, below) else { return false };
    let above = i128::from(above) - i128::from(minus);
    let below = i128::from(below) - i128::from(less);
    if below <= 0 {
        return false;
    }
    // a / b against c is a against b × c: exact, as b is positive.
    let against = |bound: i64| above.cmp(&(below * i128::from(bound)));
    let least = match bounds.0 {
        Bound::Unbounded => true,
        Bound::Included(bound) => against(bound) != Ordering::Less,
        Bound::Excluded(bound) => against(bound) == Ordering::Greater,
    };
    let most = match bounds.1 {
        Bound::Unbounded => true,
        Bound::Included(bound) => against(bound) != Ordering::Greater,
        Bound::Excluded(bound) => against(bound) == Ordering::Less,
    };
    least && most
}

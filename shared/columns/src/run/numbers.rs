//! Comparisons of numbers. The loops over neighbours have no branch, so that the compiler makes vectors of them.

use std::{cmp::Ordering, ops::Bound};

use crate::{
    batch::{Numbers, Whole},
    program::Span,
};

/// Leaves those whose number lies in the span.
pub(super) fn within(numbers: &Numbers, from: usize, span: Span, among: &mut [u8]) {
    /// The part of the span that the type can hold; `None`: nothing.
    fn narrow<T: TryFrom<i64>>(span: Span, least: i64, most: i64) -> Option<(T, T)> {
        let span = Span::new(span.least.max(least), span.most.min(most));
        (span.least <= span.most).then_some(())?;
        Some((T::try_from(span.least).ok()?, T::try_from(span.most).ok()?))
    }
    macro_rules! compare {
        ($values:ident: $type:ty) => {
            match narrow::<$type>(span, <$type>::MIN.into(), <$type>::MAX.into()) {
                None => return among.fill(0),
                Some((<$type>::MIN, most)) => keep(&$values[from..], among, |value| value <= most),
                Some((least, <$type>::MAX)) => keep(&$values[from..], among, |value| least <= value),
                Some((least, most)) => {
                    keep(&$values[from..], among, |value| (least <= value) & (value <= most));
                }
            }
        };
    }
    match &numbers.values {
        Whole::U16(values) => compare!(values: u16),
        Whole::U32(values) => compare!(values: u32),
        Whole::I32(values) => compare!(values: i32),
        Whole::I64(values) => compare!(values: i64),
    }
    numbers.keep_valid(from, among);
}

/// Leaves those whose value is so.
pub(super) fn keep<T: Copy>(values: &[T], among: &mut [u8], is: impl Fn(T) -> bool) {
    for (answer, value) in among.iter_mut().zip(values) {
        *answer &= u8::from(is(*value));
    }
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

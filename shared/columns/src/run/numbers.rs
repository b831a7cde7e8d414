//! Comparisons of numbers. The loops over neighbours have no branch, so that the compiler makes vectors of them.

use std::{cmp::Ordering, ops::Bound};

use crate::{
    batch::{Numbers, Whole},
    mask,
    program::Span,
    sketch::{ABSENT, Cut},
};

/// Leaves those whose number lies in the span, and perhaps some more whom `settle` then takes away: those of the ranges
/// of a sketch that the span cuts through. Of those, hardly anyone is left when all other questions were asked.
pub(super) fn loosely(numbers: &Numbers, from: usize, span: Span, among: &mut [u8]) {
    let Some(sketch) = numbers.sketch() else { return within(numbers, from, span, among) };
    match sketch.cut(span) {
        None => among.fill(0),
        Some(cut) if cut.is_all => {}
        Some(Cut { first, last, .. }) => {
            keep(&sketch.codes()[from..], among, |code| first <= code && code <= last);
        }
    }
}

/// Takes away whom `loosely` should have.
pub(super) fn settle(numbers: &Numbers, from: usize, span: Span, among: &mut [u8]) {
    let Some(sketch) = numbers.sketch() else { return };
    let Some([one, other]) = sketch.cut(span).map(|cut| cut.partly).filter(|partly| *partly != [ABSENT; 2])
    else {
        return;
    };
    // First all who are to be looked at: the looks that follow each other closely wait for memory together.
    let mut looked_at = Vec::new();
    let codes = sketch.codes()[from..].chunks(64);
    for ((word, answers), codes) in among.chunks(64).enumerate().zip(codes) {
        let mut cut = [0; 64];
        let mut any = 0;
        for ((cut, answer), code) in cut.iter_mut().zip(answers).zip(codes) {
            *cut = answer & u8::from(*code == one || *code == other);
            any |= *cut;
        }
        if any != 0 {
            looked_at.extend(mask::rows(word, mask::pack(&cut)));
        }
    }
    for row in looked_at {
        among[row] = u8::from(span.has(numbers.raw(from + row)));
    }
}

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

/// Leaves those whose code is in the set.
pub(super) fn in_set(codes: &[u8], set: u64, among: &mut [u8]) {
    if set.is_power_of_two() {
        // One code, the usual question, is a plain comparison.
        let only = u8::try_from(set.trailing_zeros()).unwrap_or(u8::MAX);
        keep(codes, among, |code| code == only);
    } else {
        keep(codes, among, |code| is_in(code, set));
    }
}

pub(super) fn is_in(code: u8, set: u64) -> bool {
    code < 64 && set >> code & 1 == 1
}

/// Leaves those whose code has all of the first bits and none of the second.
pub(super) fn with_bits(codes: &[u8], all: u8, none: u8, among: &mut [u8]) {
    keep(codes, among, |code| has_bits(code, all, none));
}

pub(super) fn has_bits(code: u8, all: u8, none: u8) -> bool {
    code & (all | none) == all && all & none == 0
}

/// Leaves those whose value is so.
fn keep<T: Copy>(values: &[T], among: &mut [u8], is: impl Fn(T) -> bool) {
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
    shared(i128::from(above) - i128::from(minus), i128::from(below) - i128::from(less), bounds)
}

/// `above / below` between the bounds. Without a positive divisor: false.
pub(super) fn shared(above: i128, below: i128, bounds: (Bound<i64>, Bound<i64>)) -> bool {
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

//! A byte for each row instead of its number: in which of 248 ranges it lies.
//!
//! A span is asked of the bytes, and of the numbers themselves only where it cuts through a range: two ranges at most,
//! which few rows lie in. (After "Column Sketches", SIGMOD 2018.)

use crate::program::Span;

#[derive(Debug)]
pub(crate) struct Sketch {
    /// Rising with the numbers.
    codes: Box<[u8]>,
    ranges: Ranges,
    /// From the least number to the most.
    all: Span,
    is_anyone_absent: bool,
}

/// What a span is in a sketch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    /// From the first to the last code: whoever has another lies outside.
    pub(crate) first: u8,
    pub(crate) last: u8,
    /// The codes of which some rows may lie outside; `ABSENT`: none.
    pub(crate) partly: [u8; 2],
    /// All rows lie in the span.
    pub(crate) is_all: bool,
}

/// No range: the row has no number.
pub(crate) const ABSENT: u8 = 0;
const SAMPLE: usize = 256;

impl Sketch {
    /// Of rows, some of which have no number.
    pub(crate) fn new(rows: impl ExactSizeIterator<Item = Option<i64>> + Clone) -> Self {
        let all = rows.clone().flatten().fold(Span::new(i64::MAX, i64::MIN), |all, number| {
            Span::new(all.least.min(number), all.most.max(number))
        });
        let ranges = Ranges::of(rows.clone().step_by(rows.len().div_ceil(SAMPLE).max(1)).flatten().collect());
        let is_anyone_absent = rows.clone().any(|number| number.is_none());
        let codes = rows.map(|number| number.map_or(ABSENT, |number| ranges.code(number))).collect();
        Self { codes, ranges, all, is_anyone_absent }
    }

    pub(crate) fn codes(&self) -> &[u8] {
        &self.codes
    }

    /// `None`: nobody lies in the span.
    pub(crate) fn cut(&self, span: Span) -> Option<Cut> {
        let from = span.least.max(self.all.least);
        let to = span.most.min(self.all.most);
        if from > to {
            return None;
        }
        let (first, last) = (self.ranges.code(from), self.ranges.code(to));
        // A range is cut if the number next to the span lies in it, too.
        let is_first_cut = from > self.all.least && self.ranges.code(from - 1) == first;
        let is_last_cut = to < self.all.most && self.ranges.code(to + 1) == last;
        Some(Cut {
            first,
            last,
            partly: [if is_first_cut { first } else { ABSENT }, if is_last_cut { last } else { ABSENT }],
            is_all: Span::new(from, to) == self.all && !self.is_anyone_absent,
        })
    }
}

/// Parts that hold about as many rows each, and in each of them ranges of one length, a power of two: whatever the
/// numbers are, a range holds few rows, and a number's is found without looking far.
#[derive(Debug)]
struct Ranges {
    /// Where each part begins, rising; what lies before the first belongs to it.
    starts: [i64; PARTS],
    /// A range holds `1 << shift` numbers, the last of its part all until the next part.
    shifts: [u8; PARTS],
}

const PARTS: usize = 8;
const RANGES: u8 = 31;

impl Ranges {
    fn of(mut sample: Vec<i64>) -> Self {
        sample.sort_unstable();
        let at = |share: usize| sample.get(share * sample.len() / 64).copied().unwrap_or_default();
        // At both ends a few lie far from all the others.
        let mut starts = [at(1); PARTS];
        for part in 1..PARTS {
            // A number so frequent that it fills a part is alone there.
            starts[part] = at(part * 8).max(starts[part - 1].saturating_add(1));
        }
        let shifts = std::array::from_fn(|part| {
            let end = starts.get(part + 1).map_or(at(63), |next| next.saturating_sub(1));
            let length = end.max(starts[part]).abs_diff(starts[part]);
            (0..64).find(|shift| length >> shift < RANGES.into()).unwrap_or(63)
        });
        Self { starts, shifts }
    }

    fn code(&self, number: i64) -> u8 {
        let part = self.starts[1..].iter().fold(0, |part, start| part + u8::from(*start <= number));
        let start = self.starts[usize::from(part)].min(number);
        let range = number.abs_diff(start) >> self.shifts[usize::from(part)];
        1 + part * RANGES + u8::try_from(range).map_or(RANGES - 1, |range| range.min(RANGES - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*, sample::select};

    fn number() -> impl Strategy<Value = i64> {
        prop_oneof![
            4 => 0..3_000_i64,
            2 => Just(0_i64),
            2 => (0..30_u32, 0..1_000_i64).prop_map(|(twice, number)| number << twice),
            1 => any::<i64>(),
            1 => select(&[i64::MIN, i64::MIN + 1, -1, i64::MAX - 1, i64::MAX][..]),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// Nobody is lost, nobody comes in but by a range that is called cut, and near a number of any row that holds.
        #[test]
        fn a_cut_says_what_its_span_says(
            rows in vec(prop::option::weighted(0.9, number()), 1..1_500),
            spans in vec((any::<prop::sample::Index>(), -1..=1_i64, any::<prop::sample::Index>(), -1..=1_i64), 30),
        ) {
            let sketch = Sketch::new(rows.iter().copied());
            for (least, by, most, and_by) in spans {
                let near = |row: prop::sample::Index, by| rows[row.index(rows.len())].unwrap_or(0).saturating_add(by);
                for span in [Span::new(near(least, by), near(most, and_by)), Span::from(near(least, by)), Span::to(near(most, by))] {
                    let cut = sketch.cut(span);
                    for (row, code) in rows.iter().zip(sketch.codes()) {
                        let is_inside = row.is_some_and(|number| span.has(number));
                        let Some(cut) = cut else { prop_assert!(!is_inside); continue };
                        let may_be = (cut.first..=cut.last).contains(code);
                        prop_assert!(may_be || !is_inside, "{row:?} is lost in {span:?}: {cut:?}");
                        let is_cut = *code != ABSENT && cut.partly.contains(code);
                        prop_assert!(is_inside || !may_be || is_cut, "{row:?} comes into {span:?}: {cut:?}");
                        prop_assert!(is_inside || !cut.is_all, "{row:?} is not in {span:?}");
                    }
                }
            }
        }
    }

    /// What makes sketches fast: hardly anybody lies in a range that is cut.
    #[test]
    fn a_range_holds_few_rows_however_the_numbers_lie() {
        let rows = 0..4_096_i64;
        let far = |number: i64| if number % 500 == 0 { i64::MAX } else { number };
        for (name, numbers) in [
            ("evenly", rows.clone().map(|row| 1_700_000_000 + row * 7_919).collect::<Vec<_>>()),
            ("ever rarer", rows.clone().map(|row| row * row * row / 1_000).collect()),
            ("mostly one", rows.clone().map(|row| if row % 3 == 0 { row * 977 } else { 0 }).collect()),
            ("some far", rows.clone().map(far).collect()),
        ] {
            let sketch = Sketch::new(numbers.iter().copied().map(Some));
            for number in &numbers {
                let cut = sketch.cut(Span::from(*number + i64::from(*number == 0))).unwrap();
                let looked_at =
                    sketch.codes().iter().filter(|code| **code == cut.partly[0] && **code != ABSENT);
                assert!(looked_at.count() <= 256, "{name}, from {number}");
            }
        }
    }

    #[test]
    fn a_few_numbers_are_a_range_each() {
        let sketch = Sketch::new((0..4_096_i32).map(|row| Some(i64::from(row % 40))));
        for number in 0..40 {
            assert_eq!(sketch.cut(Span::only(number)).unwrap().partly, [ABSENT; 2], "{number}");
        }
    }
}

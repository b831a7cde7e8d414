//! Which entries of the index a range asks for, as bounds, so that a page costs what it holds and not what
//! stands before it.

use std::ops::Bound;

use super::{after, end_of, successor};
use crate::table::{Range, Sort};

/// `(gsi1pk, gsi1sk, pk, sk)`.
type Entry<'a> = (&'a str, &'a str, &'a str, &'a str);

/// The two ends of a range within its partition: `(gsi1sk, pk, sk)`.
pub(super) struct IndexEnds {
    low: Bound<[String; 3]>,
    high: Bound<[String; 3]>,
    /// The least partition above.
    above: String,
}

impl IndexEnds {
    pub(super) fn of(range: &Range, pk: &str) -> Self {
        let first = |sk: String| [sk, String::new(), String::new()];
        let (low, high) = match &range.sort {
            Sort::All => (Bound::Unbounded, Bound::Unbounded),
            Sort::Prefix(prefix) => (
                Bound::Included(first(prefix.clone())),
                successor(prefix).map_or(Bound::Unbounded, |next| Bound::Excluded(first(next))),
            ),
            // Everything at `to` stands below the least text above it.
            Sort::Between(from, to) => {
                (Bound::Included(first(from.clone())), Bound::Excluded(first(end_of(to))))
            }
        };
        let begins = |backward| {
            let after = after(range, backward)?;
            let place = after.index.as_ref()?;
            Some(Bound::Excluded([place.sk.clone(), after.key.pk.clone(), after.key.sk.clone()]))
        };
        Self { low: begins(false).unwrap_or(low), high: begins(true).unwrap_or(high), above: end_of(pk) }
    }

    pub(super) fn within<'a>(&'a self, pk: &'a str) -> (Bound<Entry<'a>>, Bound<Entry<'a>>) {
        let entry = |[place, of_pk, of_sk]: &'a [String; 3]| -> Entry<'a> { (pk, place, of_pk, of_sk) };
        let low = match self.low.as_ref() {
            Bound::Unbounded => Bound::Included((pk, "", "", "")),
            bound => bound.map(entry),
        };
        let high = match self.high.as_ref() {
            Bound::Unbounded => Bound::Excluded((self.above.as_str(), "", "", "")),
            bound => bound.map(entry),
        };
        (low, high)
    }
}

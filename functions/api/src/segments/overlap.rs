//! How many are in several segments at once.

use axum::{http::StatusCode, response::Response};
use columns::Members;
use domain::{Permission, SegmentId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

use crate::{
    error::{Problem, ProblemDocument},
    input::{Faults, Input},
    once::{Answer, Once},
    who::Acting,
};

/// Each is read whole: for a million customers so many are a megabyte.
const SEGMENTS_MAX: usize = 10;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverlapTold {
    /// The ids of 2 to 10 segments.
    #[serde(alias = "segment_ids", alias = "segmentIds")]
    segments: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Overlap {
    segments: Vec<OverlapSegment>,
    /// Every two of them, in the order in which they were told.
    overlaps: Vec<OverlapPair>,
    /// Who is in all of them.
    in_all: u64,
    /// Who is in any.
    in_any: u64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct OverlapSegment {
    #[schema(value_type = String)]
    id: SegmentId,
    name: String,
    count: u64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct OverlapPair {
    #[schema(value_type = Vec<String>)]
    segments: [SegmentId; 2],
    /// Who is in both.
    count: u64,
    /// Of the first, how many are in the second, too: 0 to 1; `null` of nobody.
    share_of_first: Option<f64>,
    share_of_second: Option<f64>,
    /// Of those who are in either, how many are in both.
    share_of_either: Option<f64>,
}

/// How much segments overlap
///
/// By who is in them, as it is kept.
#[utoipa::path(post, operation_id = "overlap_segments", path = "/api/v1/segments/overlap", tag = "Segments",
    request_body = OverlapTold, responses((status = 200, body = Overlap),
    (status = 404, description = "one of them is not there", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn overlap(
    Acting(caller): Acting,
    once: Once,
    Input(told): Input<OverlapTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let ids = understood(&told.segments)?;
    let list = caller.store.segments().await?;
    let mut all: Vec<(OverlapSegment, Members)> = Vec::new();
    for (place, id) in ids.into_iter().enumerate() {
        let Some(segment) = id.and_then(|id| list.get(id)) else {
            let detail = format!("what is told at /segments/{place} is not the id of a segment here");
            return Err(Problem::new(StatusCode::NOT_FOUND, "not_found", detail));
        };
        let members = caller.store.members_of(segment.id).await?;
        let name = segment.name.as_str().to_owned();
        all.push((OverlapSegment { id: segment.id, name, count: members.len() }, members));
    }
    let sets = || all.iter().map(|(_, members)| members);
    let in_all = sets().skip(1).fold(all[0].1.clone(), |all, one| all.and(one)).len();
    let in_any = sets().fold(Members::default(), |any, one| any.or(one)).len();
    let mut overlaps = Vec::new();
    for (place, (first, members)) in all.iter().enumerate() {
        let behind = all.iter().skip(place + 1);
        overlaps
            .extend(behind.map(|(second, others)| OverlapPair::of(first, second, members.and(others).len())));
    }
    let segments = all.into_iter().map(|(segment, _)| segment).collect();
    once.answer(Answer::new(StatusCode::OK, &Overlap { segments, overlaps, in_all, in_any })).await
}

/// What is no id at all is nobody's.
fn understood(told: &[String]) -> Result<Vec<Option<SegmentId>>, Problem> {
    let mut it = Faults::default();
    if !(2..=SEGMENTS_MAX).contains(&told.len()) {
        it.add("/segments", "out_of_range", format!("2 to {SEGMENTS_MAX} segments are expected"));
    }
    let mut seen = BTreeSet::new();
    for (place, id) in told.iter().enumerate().take(SEGMENTS_MAX) {
        if !seen.insert(id) {
            it.add(&format!("/segments/{place}"), "twice", "stands there twice");
        }
    }
    it.none(Some(told.iter().map(|id| id.parse().ok()).collect()))
}

impl OverlapPair {
    fn of(first: &OverlapSegment, second: &OverlapSegment, count: u64) -> Self {
        Self {
            segments: [first.id, second.id],
            count,
            share_of_first: share(count, first.count),
            share_of_second: share(count, second.count),
            share_of_either: share(count, first.count + second.count - count),
        }
    }
}

/// To four digits.
fn share(count: u64, of: u64) -> Option<f64> {
    let ten_thousandths = (count * 20_000 + of).checked_div(of * 2)?;
    Some(f64::from(u32::try_from(ten_thousandths).ok()?) / 10_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_somebody() {
        let shown = |count, of| share(count, of).map(|share| share.to_string());
        for (count, of, expected) in [(1, 3, "0.3333"), (2, 3, "0.6667"), (3, 3, "1"), (0, 3, "0")] {
            assert_eq!(shown(count, of).as_deref(), Some(expected), "{count} of {of}");
        }
        assert_eq!(share(0, 0), None);
    }
}

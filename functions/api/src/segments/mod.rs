//! Segments: rules looked at and asked of the audience, and those that are kept under a name.

pub(crate) mod editing;
pub(crate) mod explain;
pub(crate) mod fields;
pub(crate) mod from_words;
pub(crate) mod joining;
mod launching;
pub(crate) mod list;
pub(crate) mod listed;
pub(crate) mod members;
pub(crate) mod of_customer;
pub(crate) mod one;
pub(crate) mod overlap;
pub(crate) mod preview;
pub(crate) mod references;
pub(crate) mod refresh;
mod sample;
pub(crate) mod shopify;
pub(crate) mod templates;
pub(crate) mod told;
pub(crate) mod validate;
pub(crate) mod view;

use domain::SegmentId;
use flows::FlowError;

use crate::error::Problem;

fn path_of(id: SegmentId) -> String {
    format!("/api/v1/segments/{id}")
}

fn id_of(named: &str) -> Result<SegmentId, FlowError> {
    named.parse().map_err(|_| missing())
}

/// Of a list nothing is to be asked.
fn by_hand() -> Problem {
    Problem::conflict(
        "is_a_list",
        "no rule decides who is on a list: customers are put on it and taken off it",
    )
}

fn missing() -> FlowError {
    FlowError::NotFound("segment")
}

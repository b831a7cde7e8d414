//! Segments: rules looked at and asked of the audience, and those that are kept under a name.

pub(crate) mod asked;
pub(crate) mod editing;
pub(crate) mod from_words;
pub(crate) mod joining;
pub(crate) mod one;
pub(crate) mod preview;
pub(crate) mod references;
pub(crate) mod templates;
pub(crate) mod told;
pub(crate) mod validate;
pub(crate) mod view;

use domain::SegmentId;
use flows::FlowError;

fn path_of(id: SegmentId) -> String {
    format!("/api/v1/segments/{id}")
}

fn id_of(named: &str) -> Result<SegmentId, FlowError> {
    named.parse().map_err(|_| missing())
}

fn missing() -> FlowError {
    FlowError::NotFound("segment")
}

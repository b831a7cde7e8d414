//! Templates: words for many, made, tried on a customer, changed, deleted.

pub(crate) mod one;
pub(crate) mod preview;
pub(crate) mod told;
pub(crate) mod view;

use domain::TemplateId;
use flows::FlowError;

pub(crate) fn id_of(named: &str) -> Result<TemplateId, FlowError> {
    named.parse().map_err(|_| missing())
}

pub(crate) fn missing() -> FlowError {
    FlowError::NotFound("template")
}

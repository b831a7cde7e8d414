//! Reports: questions about what was ordered that are kept under a name, and asked as often as somebody likes; shared by
//! links, and mailed again and again.

pub(crate) mod by_link;
pub(crate) mod fold;
pub(crate) mod group;
pub(crate) mod kept;
pub(crate) mod links;
pub(crate) mod run;
pub(crate) mod schedule;
pub(crate) mod sheet;
pub(crate) mod told;
pub(crate) mod view;

use domain::ReportId;
use flows::FlowError;

fn path_of(id: ReportId) -> String {
    format!("/api/v1/reports/{id}")
}

fn id_of(named: &str) -> Result<ReportId, FlowError> {
    named.parse().map_err(|_| missing())
}

fn missing() -> FlowError {
    FlowError::NotFound("report")
}

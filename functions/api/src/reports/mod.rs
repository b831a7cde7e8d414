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

use domain::{ReportId, SegmentId};
use flows::{FlowError, identify::Caller};

/// The names of the reports whose filter names it.
pub(crate) async fn named_by(caller: &Caller, segment: SegmentId) -> Result<Vec<String>, FlowError> {
    let (all, id) = (caller.store.reports().await?, segment.to_string());
    let names =
        all.iter().filter(|it| it.question.filter.as_ref().is_some_and(|rule| rule.text.contains(&id)));
    Ok(names.map(|report| report.name.as_str().to_owned()).collect())
}

fn path_of(id: ReportId) -> String {
    format!("/api/v1/reports/{id}")
}

fn id_of(named: &str) -> Result<ReportId, FlowError> {
    named.parse().map_err(|_| missing())
}

fn missing() -> FlowError {
    FlowError::NotFound("report")
}

//! Links to a report: made for some days, and ended together.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{Permission, Report, Timestamp, report::Format};
use flows::report_links::ReportLink;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    kept::held,
    run::{may_ask, range_of},
    told::in_body,
};
use crate::{
    App,
    analytics::range::{RangeTold, today},
    customers::filter::told,
    error::{Problem, ProblemDocument},
    input::{Faults, Input, Named},
    once::{Answer, Once},
    who::Acting,
};

/// The report's own days unless others are told: those that they are now, whenever the link is opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkTold {
    /// `pdf` unless told, or `csv`.
    format: Option<String>,
    /// So many days until today, up to `3660d`, or `1y`.
    timeframe: Option<String>,
    /// Instead: the first day.
    #[serde(alias = "startDate", alias = "start_date")]
    since: Option<String>,
    /// The last day; today unless told.
    #[serde(alias = "endDate", alias = "end_date")]
    until: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LinkView {
    /// Whoever has it sees the report: nobody is asked to sign in.
    url: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    format: &'static str,
    #[schema(value_type = String, format = Date)]
    since: Date,
    #[schema(value_type = String, format = Date)]
    until: Date,
}

/// Share a report
///
/// By a link that opens it for these days, as one kind of file, without signing in, for seven days. It ends sooner when the
/// report's links are ended, when the report is deleted, and when whoever made it leaves the team. It shows what is known when it is opened.
#[utoipa::path(post, operation_id = "share_report", path = "/api/v1/reports/{report}/links", tag = "Reports", request_body = LinkTold,
    params(("report" = String, Path, description = "the report's id")),
    responses((status = 201, body = LinkView), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn create(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(asked): Input<LinkTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    may_ask(&caller)?;
    let report = held(&caller, &id).await?;
    let (now, mut it) = (deps.now(), Faults::default());
    let format = it.maybe("/format", told(asked.format.as_ref()), str::parse);
    let days = RangeTold {
        timeframe: asked.timeframe.as_ref(),
        since: asked.since.as_ref(),
        until: asked.until.as_ref(),
    };
    let today = today(&caller.tenant.zone, now);
    let range = if days.is_told() {
        in_body(&mut it, days.understood(today))
    } else {
        Some(range_of(report.question.days, today))
    };
    let range = it.none(range)?;
    let format = format.unwrap_or(Format::Pdf);
    let link = ReportLink {
        tenant: caller.store.id(),
        report: report.id,
        links: report.links,
        by: caller.maker(),
        format,
        days: (range.first(), range.last()),
        ends_at: ReportLink::end(now),
    };
    let view = LinkView {
        url: link.url(&*deps.open_secrets().await?, &deps.settings.origin),
        expires_at: link.ends_at,
        format: format.name(),
        since: range.first(),
        until: range.last(),
    };
    once.answer(Answer::new(StatusCode::CREATED, &view)).await
}

/// End a report's links
///
/// All that were made until now, by hand or by mail. Others can be made.
#[utoipa::path(delete, operation_id = "end_report_links", path = "/api/v1/reports/{report}/links", tag = "Reports",
    params(("report" = String, Path, description = "the report's id")),
    responses((status = 204), (status = 404, body = ProblemDocument),
    (status = 409, description = "somebody else has changed the report just now", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn end(
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let held = held(&caller, &id).await?;
    let report = Report { links: held.links + 1, ..(*held).clone() };
    let steps = vec![caller.store.report_changed(&held, &report)];
    once.commit_or_changed(steps, Answer::empty(StatusCode::NO_CONTENT)).await
}

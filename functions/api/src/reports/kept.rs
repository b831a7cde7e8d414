//! Reports that are kept: made, shown, replaced, deleted.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{Permission, Report, ReportId, report::REPORTS_MAX};
use flows::{FlowError, identify::Caller};
use store::{Held, StoreError};

use super::{
    id_of, missing, path_of,
    schedule::{MailingView, Team},
    told::ReportTold,
    view::ReportView,
};
use crate::{
    App,
    cursor::{List, PageOf, Within},
    error::{Problem, ProblemDocument},
    input::{Asked, Input, Named},
    once::{Answer, Once},
    who::Acting,
};

/// Reports
///
/// The oldest first; everybody of the tenant sees them.
#[utoipa::path(get, operation_id = "list_reports", path = "/api/v1/reports", tag = "Reports", params(PageOf),
    responses((status = 200, body = List<ReportView>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(page): Asked<PageOf>,
) -> Result<Json<List<ReportView>>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let secrets = deps.open_secrets().await?;
    let within = Within { secrets: &secrets, list: format!("{}/reports", caller.store.id()) };
    let all = caller.store.reports().await?;
    let page = page.of(all, |report| report.id.to_string(), &within)?;
    let mailings = caller.store.mailings().await?;
    let team = if mailings.is_empty() { Team::unseen() } else { Team::seen_by(&caller).await? };
    let view = |report: Held<Report>| {
        let mailing = mailings.iter().find(|mailing| mailing.report == report.id);
        ReportView::of(&report).mailed(mailing.map(|mailing| MailingView::of(mailing, &team)))
    };
    Ok(Json(page.map(|report| Ok::<_, FlowError>(view(report)))?))
}

/// Make a report
#[utoipa::path(post, operation_id = "create_report", path = "/api/v1/reports", tag = "Reports", request_body = ReportTold,
    responses((status = 201, body = ReportView), (status = 409, description = "there are too many", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn create(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(told): Input<ReportTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let (name, told) = told.understood(&deps, &caller).await?.named()?;
    if caller.store.reports().await?.len() >= REPORTS_MAX {
        let detail = format!("there may be at most {REPORTS_MAX} reports");
        return Err(Problem::conflict("too_many_reports", detail));
    }
    let now = deps.now();
    let by = caller.maker().user;
    let report = Report {
        id: ReportId::new(now, deps.roll()),
        name,
        description: told.description,
        question: told.question,
        edition: 1,
        links: 0,
        created_at: now,
        created_by: by,
        updated_at: now,
        updated_by: by,
    };
    let answer = Answer::new(StatusCode::CREATED, &ReportView::of(&report)).at(path_of(report.id));
    once.commit_or_changed(vec![caller.store.report_made(&report)], answer).await
}

/// A report
#[utoipa::path(get, operation_id = "show_report", path = "/api/v1/reports/{report}", tag = "Reports",
    params(("report" = String, Path, description = "the report's id")),
    responses((status = 200, body = ReportView), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<ReportView>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let held = held(&caller, &id).await?;
    Ok(Json(seen(&caller, &held).await?))
}

/// Replace a report
#[utoipa::path(put, operation_id = "replace_report", path = "/api/v1/reports/{report}", tag = "Reports", request_body = ReportTold,
    params(("report" = String, Path, description = "the report's id")),
    responses((status = 200, body = ReportView), (status = 404, body = ProblemDocument),
    (status = 409, description = "it is not at the version that was told, or somebody else has changed it just now", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn replace(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<ReportTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let held = held(&caller, &id).await?;
    let (name, told) = told.understood(&deps, &caller).await?.named()?;
    if let Some(version) = told.version.filter(|version| *version != held.edition) {
        let detail = format!("the report is at version {}, not at {version}", held.edition);
        return Err(Problem::conflict("version_mismatch", detail));
    }
    let (description, question) = (told.description, told.question);
    let told = Report { name, description, question, ..(*held).clone() };
    let report = told.changed_from(&held, caller.maker().user, deps.now());
    let steps = (report != *held).then(|| caller.store.report_changed(&held, &report));
    let answer = Answer::new(StatusCode::OK, &seen(&caller, &report).await?);
    once.commit_or_changed(steps.into_iter().collect(), answer).await
}

/// Delete a report
///
/// It is mailed to nobody any more, and its links end.
#[utoipa::path(delete, operation_id = "delete_report", path = "/api/v1/reports/{report}", tag = "Reports",
    params(("report" = String, Path, description = "the report's id")),
    responses((status = 204), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn delete(
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let held = held(&caller, &id).await?;
    let mailing = caller.store.mailing(held.id).await?;
    let steps = [caller.store.report_ended(&held)].into_iter();
    let steps = steps.chain(mailing.iter().map(|mailing| caller.store.mailing_ended(mailing)));
    once.commit_or_changed(steps.collect(), Answer::empty(StatusCode::NO_CONTENT)).await
}

/// With to whom it is mailed, if it is.
async fn seen(caller: &Caller, report: &Report) -> Result<ReportView, FlowError> {
    let Some(mailing) = caller.store.mailing(report.id).await? else { return Ok(ReportView::of(report)) };
    let team = Team::seen_by(caller).await?;
    Ok(ReportView::of(report).mailed(Some(MailingView::of(&mailing, &team))))
}

pub(super) async fn held(caller: &Caller, named: &str) -> Result<Held<Report>, FlowError> {
    let found: Result<_, StoreError> = caller.store.report(id_of(named)?).await;
    found?.ok_or_else(missing)
}

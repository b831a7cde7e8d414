//! Reports as they are asked: now, of any days, as JSON, CSV or PDF.

use asking::{Asking, Whose, shop_of};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Permission, Report, Timestamp,
    days::number_of,
    report::{Days, Dimension, Format, Question},
};
use flows::{FlowError, identify::Caller};
use rules::Rule;
use serde::Deserialize;
use std::collections::HashMap;
use store::Products;
use utoipa::IntoParams;

use super::{
    fold::{Answer, ROWS_MAX, families, fold},
    kept::held,
    sheet::{self, Answered},
    told::ReportTold,
};
use crate::{
    App, Deps,
    analytics::range::{Range, RangeTold, today},
    customers::filter::{one_of, told},
    error::{Problem, ProblemDocument},
    input::{Asked, Faults, Input, Named},
    once::{self, Once},
    who::Acting,
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunAsked {
    /// `json` unless told, `csv` or `pdf`.
    format: Option<String>,
    /// Other days than the report's: so many until today, up to `3660d`, or `1y`.
    timeframe: Option<String>,
    /// Instead: the first day.
    #[serde(alias = "startDate", alias = "start_date")]
    since: Option<String>,
    /// The last day; today unless told.
    #[serde(alias = "endDate", alias = "end_date")]
    until: Option<String>,
}

/// What a report comes to now
///
/// As JSON, as CSV (RFC 4180, formulas made harmless), or as PDF with a chart and numbered pages.
#[utoipa::path(get, operation_id = "run_report", path = "/api/v1/reports/{report}/run", tag = "Reports",
    params(("report" = String, Path, description = "the report's id"), RunAsked),
    responses((status = 200, body = Answered), (status = 404, body = ProblemDocument),
    (status = 409, description = "it has more than 10,000 rows", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn run(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
    Asked(asked): Asked<RunAsked>,
) -> Result<Response, Problem> {
    may_ask(&caller)?;
    let now = deps.now();
    let mut faults = Faults::default();
    let format = told(asked.format.as_ref()).unwrap_or("json");
    let format = faults.take("?format", one_of(format, &["json", "csv", "pdf"]));
    let format = faults.none(format)?;
    let days = RangeTold {
        timeframe: asked.timeframe.as_ref(),
        since: asked.since.as_ref(),
        until: asked.until.as_ref(),
    };
    let report = held(&caller, &id).await?;
    let today = today(&caller.tenant.zone, now);
    let range = if days.is_told() { days.understood(today)? } else { range_of(report.question.days, today) };
    opened(&deps, (&caller).into(), &report, range, format.parse().ok(), now).await
}

/// As that file, or as JSON.
pub(super) async fn opened(
    deps: &Deps,
    whose: Whose<'_>,
    report: &Report,
    range: Range,
    format: Option<Format>,
    now: Timestamp,
) -> Result<Response, Problem> {
    let answer = Box::pin(answered(deps, whose, &report.question, range, now)).await?;
    let titles = titles(whose, &report.question).await?;
    let (question, answer, titles) = (&report.question, &answer, &titles);
    let told = sheet::Asked { tenant: whose.tenant, question, range, now, answer, titles };
    let id = report.id;
    Ok(match format {
        Some(Format::Csv) => {
            file(&format!("{id}.csv"), "text/csv; charset=utf-8; header=present", told.csv().into_bytes())
        }
        Some(Format::Pdf) => file(&format!("{id}.pdf"), "application/pdf", told.pdf(report.name.as_str())?),
        None => Json(told.json()).into_response(),
    })
}

/// What a question comes to that is not kept
#[utoipa::path(post, operation_id = "preview_report", path = "/api/v1/reports/preview", tag = "Reports", request_body = ReportTold,
    responses((status = 200, body = Answered), (status = 409, description = "it has more than 10,000 rows", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn preview(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(asked): Input<ReportTold>,
) -> Result<Response, Problem> {
    may_ask(&caller)?;
    let now = deps.now();
    let question = asked.understood(&deps, &caller).await?.question;
    let range = range_of(question.days, today(&caller.tenant.zone, now));
    let whose = Whose::from(&caller);
    let answer = Box::pin(answered(&deps, whose, &question, range, now)).await?;
    let titles = titles(whose, &question).await?;
    let (question, answer, titles) = (&question, &answer, &titles);
    let told = sheet::Asked { tenant: whose.tenant, question, range, now, answer, titles };
    once.answer(once::Answer::new(StatusCode::OK, &told.json())).await
}

/// It says who buys where, and may be about a few people.
pub(super) fn may_ask(caller: &Caller) -> Result<(), FlowError> {
    caller.must(Permission::ReadOrders)?;
    caller.must(Permission::ReadCustomers)
}

pub(super) fn range_of(days: Days, today: i32) -> Range {
    match days {
        Days::Last(days) => Range::of_last(days, today),
        Days::Between(since, until) => Range { from: number_of(since), until: number_of(until) + 1 },
    }
}

async fn answered(
    deps: &Deps,
    whose: Whose<'_>,
    question: &Question,
    range: Range,
    now: Timestamp,
) -> Result<Answer, Problem> {
    let (shop, mut all) = (shop_of(whose).await?, families(question));
    let scale = (&whose.tenant.zone, whose.tenant.currency);
    let Some(filter) = &question.filter else {
        let view = deps.audience(whose.store, &all).await?;
        return fold(&view, question, None, range, scale);
    };
    // It was read when it was told: what cannot be read now is our fault.
    let rule = Rule::parse(&filter.text, &shop).map_err(|wrong| FlowError::broken(format!("{wrong:?}")))?;
    let asking = Asking::reading(whose, now, &rule, &shop).await?;
    all.extend(asking.families(&rule)?);
    let view = deps.audience(whose.store, &all).await?;
    let asking = asking.found(&view).await?;
    fold(&view, question, Some(&asking.program(&rule)?), range, scale)
}

/// What products are called now, if any is asked for. One that is gone has no name any more.
async fn titles(whose: Whose<'_>, question: &Question) -> Result<HashMap<String, String>, FlowError> {
    if !question.dimensions.contains(&Dimension::Product) {
        return Ok(HashMap::new());
    }
    Ok(match whose.store.products(ROWS_MAX).await? {
        Products::All(all) => all.into_iter().map(|it| (it.id.to_string(), it.title)).collect(),
        Products::TooMany => HashMap::new(),
    })
}

/// To be saved under that name, which is an id.
fn file(name: &str, kind: &'static str, content: Vec<u8>) -> Response {
    let saved = format!("attachment; filename=\"report-{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, saved)], content).into_response()
}

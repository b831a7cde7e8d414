//! The door of a report's link: what it shows is shown to whoever has it.

use asking::Whose;
use axum::{extract::State, http::StatusCode, response::Response};
use domain::days::number_of;
use flows::{
    FlowError,
    rates::{self, PEOPLE},
    sign::Purpose,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::run::opened;
use crate::{
    App,
    analytics::range::Range,
    error::{Problem, ProblemDocument},
    input::Asked,
    who::Paced,
};

/// What else stands in the query is not ours: programs that look through mail add words of their own.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SharedAsked {
    /// From the link.
    #[serde(default)]
    token: String,
}

/// Open a report by its link
///
/// As CSV or PDF, as the link says; of its days as they are known now. At most sixty at once from one address and of one shop, then one a second.
#[utoipa::path(get, operation_id = "open_shared_report", path = "/api/v1/shared/reports", tag = "Reports", params(SharedAsked),
    responses((status = 200, description = "the file", content((Vec<u8> = "application/pdf"), (String = "text/csv"))),
    (status = 404, description = "no link of ours", body = ProblemDocument),
    (status = 410, description = "it has ended", body = ProblemDocument),
    (status = 429, description = "too many at once", body = ProblemDocument)))]
pub(crate) async fn open(
    State(deps): State<App>,
    _: Paced,
    Asked(asked): Asked<SharedAsked>,
) -> Result<Response, Problem> {
    let (secrets, now) = (deps.open_secrets().await?, deps.now());
    let link = secrets.report_link(&asked.token).ok_or(FlowError::NotFound("link"))?;
    if link.ends_at <= now {
        return Err(gone("link_expired", "this link has worked for seven days; ask for another"));
    }
    // One that goes round costs the shop no more than that.
    let digest = secrets.tag(Purpose::Digest, format!("shared reports of {}", link.tenant).as_bytes());
    rates::take_try(&deps.store, &digest, PEOPLE, now).await?;
    // It opens in the name of whoever made it, or got it by mail: as long as they are a member, and in the same hands.
    let place = deps.store.place(link.by.user, link.tenant).await?.ok_or_else(ended)?;
    let by = deps.store.user(link.by.user).await?;
    if by.is_none_or(|by| by.maker() != link.by) || !place.tenant.status.is_open() {
        return Err(ended());
    }
    let report = place.store.report(link.report).await?.filter(|report| report.links == link.links);
    let report = report.ok_or_else(ended)?;
    let (first, last) = link.days;
    let range = Range { from: number_of(first), until: number_of(last) + 1 };
    let whose = Whose { store: &place.store, tenant: &place.tenant };
    let mut response = opened(&deps, whose, &report, range, Some(link.format), now).await?;
    response.extensions_mut().insert(link.tenant);
    Ok(response)
}

fn ended() -> Problem {
    gone(
        "link_ended",
        "this link works no longer: it was ended, or its report, or whoever it was for has left; ask for another",
    )
}

fn gone(code: &'static str, detail: &'static str) -> Problem {
    Problem::new(StatusCode::GONE, code, detail)
}

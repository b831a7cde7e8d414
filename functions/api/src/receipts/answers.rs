//! Texts that people write back to a shop's number at Twilio: STOP ends what they are sent, START asks for it again.
//!
//! The answer is given when their wish is kept: Twilio asks no second time. Twilio itself sends them nothing after STOP, and
//! answers HELP.

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use flows::answers::{By, answered};
use receipts::twilio::{form, verify, written};

use super::{header, shop, twilio::SIGNATURE_HEADER, unproven, unreadable};
use crate::{
    App,
    edge::RawBody,
    error::{Problem, ProblemDocument},
    input::Named,
};

/// Nothing is to be said to them.
const NOTHING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

/// Where Twilio tells what came to a shop's numbers.
pub(crate) fn address(origin: &str, tenant: &str) -> String {
    format!("{origin}/api/v1/receipts/twilio/{tenant}/answers")
}

/// What somebody writes back to a shop
///
/// The address for texts that come in, of each number (or of the messaging service): `GET /api/v1/sending` shows it. Who writes STOP, or
/// what means the same, is sent no more texts; START undoes it. Nothing else is kept.
#[utoipa::path(post, operation_id = "tell_twilio_answer", path = "/api/v1/receipts/twilio/{tenant}/answers", tag = "Receipts",
    params(("tenant" = String, Path, description = "the shop's id")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, content_type = "text/xml", body = String),
    (status = 400, description = "it is not what Twilio writes", body = ProblemDocument),
    (status = 401, description = "`bad_signature`, or no token is known", body = ProblemDocument)))]
pub(crate) async fn tell(
    State(deps): State<App>,
    Named(tenant): Named<String>,
    headers: HeaderMap,
    Extension(RawBody(body)): Extension<RawBody>,
) -> Result<Response, Problem> {
    let (store, ways) = shop(&deps, &tenant).await?;
    let keys = ways.twilio.ok_or(receipts::BadSignature::Wrong).map_err(unproven)?;
    let told = form(&body);
    let url = address(&deps.settings.origin, &tenant);
    verify(&keys.auth_token, &url, &told, header(&headers, SIGNATURE_HEADER)).map_err(unproven)?;
    if let Some(written) = written(&told).map_err(unreadable)?
        && let Some(said) = written.said
    {
        let seals = deps.seals();
        let by =
            By { store: &store, seals: &seals, clock: &*deps.clock, dice: &*deps.dice, tasks: &*deps.tasks };
        answered(&by, &written.from, said).await?;
    }
    Ok(([(CONTENT_TYPE, "text/xml")], NOTHING).into_response())
}

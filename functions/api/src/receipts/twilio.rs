//! Twilio's status callbacks, of a shop that has told us its token. Which message it is stands in the address, which is signed.

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use receipts::twilio::{form, read, verify};

use super::{header, left_of, shop, unproven, unreadable};
use crate::{
    App,
    edge::RawBody,
    error::{Problem, ProblemDocument},
};

pub(super) const SIGNATURE_HEADER: &str = "x-twilio-signature";
const PATH: &str = "/api/v1/receipts/twilio";

/// What Twilio tells of a shop's texts
///
/// The address that each text names as its `StatusCallback`: `?tenant=…&message=…`.
#[utoipa::path(post, operation_id = "tell_twilio_status", path = "/api/v1/receipts/twilio", tag = "Receipts",
    request_body(content = String, content_type = "application/x-www-form-urlencoded"), responses((status = 204),
    (status = 400, description = "it is not what Twilio writes", body = ProblemDocument),
    (status = 401, description = "`bad_signature`, or no token is known", body = ProblemDocument)))]
pub(crate) async fn tell(
    State(deps): State<App>,
    uri: Uri,
    headers: HeaderMap,
    Extension(RawBody(body)): Extension<RawBody>,
) -> Result<StatusCode, Problem> {
    let query = uri.query().unwrap_or_default();
    let tenant = form(query.as_bytes()).into_iter().find(|(name, _)| name == "tenant");
    let (store, ways) = shop(&deps, &tenant.map(|(_, id)| id).unwrap_or_default()).await?;
    let keys = ways.twilio.ok_or(receipts::BadSignature::Wrong).map_err(unproven)?;
    let url = format!("{}{PATH}?{query}", deps.settings.origin);
    let told = form(&body);
    verify(&keys.auth_token, &url, &told, header(&headers, SIGNATURE_HEADER)).map_err(unproven)?;
    let receipt = read(&told, query, deps.now()).map_err(unreadable)?;
    left_of(&deps, store.id(), receipt.into_iter().collect()).await?;
    Ok(StatusCode::NO_CONTENT)
}

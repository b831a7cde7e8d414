//! `SendGrid`'s event webhook, of a shop that has told us its public key.

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use receipts::sendgrid::{SIGNATURE_HEADER, TIMESTAMP_HEADER, read, verify};

use super::{header, left_of, noted, shop, unproven, unreadable};
use crate::{
    App,
    edge::RawBody,
    error::{Problem, ProblemDocument},
    input::Named,
};

/// What `SendGrid` tells of a shop's letters
///
/// Its signed event webhook, set up with this address. `{tenant}` is the shop's id here.
#[utoipa::path(post, operation_id = "tell_sendgrid_events", path = "/api/v1/receipts/sendgrid/{tenant}",
    tag = "Receipts", params(("tenant" = String, Path, description = "the shop's id")),
    request_body(content = String, content_type = "application/json"), responses((status = 204),
    (status = 400, description = "it is not what `SendGrid` writes", body = ProblemDocument),
    (status = 401, description = "`bad_signature`, or no public key is known", body = ProblemDocument)))]
pub(crate) async fn tell(
    State(deps): State<App>,
    Named(named): Named<String>,
    headers: HeaderMap,
    Extension(RawBody(body)): Extension<RawBody>,
) -> Result<StatusCode, Problem> {
    let (store, ways) = shop(&deps, &named).await?;
    let keys = ways.sendgrid.and_then(|keys| keys.verification_key);
    let key = keys.ok_or(receipts::BadSignature::Wrong).map_err(unproven)?;
    let (signature, timestamp) = (header(&headers, SIGNATURE_HEADER), header(&headers, TIMESTAMP_HEADER));
    verify(&key, signature, timestamp, &body, deps.now()).map_err(unproven)?;
    let told = read(&body).map_err(unreadable)?;
    noted("sendgrid", &told.unread);
    left_of(&deps, store.id(), told.receipts).await?;
    Ok(StatusCode::NO_CONTENT)
}

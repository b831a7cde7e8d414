//! `POST /admin/api/{version}/graphql.json`.

use axum::{
    body::Bytes,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{Here, faults, part, version};
use crate::shopify::{
    access::Stranger,
    graphql::{self, Ask, Question},
    switches::{Door, Fault},
};

const TOKEN: &str = "x-shopify-access-token";
/// A question is no longer.
const BODY_BYTES_MAX: usize = 1024 * 1024;

pub(super) async fn graphql(Here(shop): Here, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let asked = part(&mut parts, "version").await;
    let Some(version) = version(&asked) else {
        return (StatusCode::NOT_FOUND, axum::Json(json!({"errors": "Not Found"}))).into_response();
    };
    let Ok(body) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut answer = answered(&shop, &parts.headers, &body);
    let version = shop.with(|state, _, _| state.switches.answered_by).unwrap_or(version);
    answer.headers_mut().insert("x-shopify-api-version", HeaderValue::from_static(version));
    let request_id = crate::shopify::switches::hex(shop.dice(), 32);
    if let Ok(request_id) = HeaderValue::from_str(&request_id) {
        answer.headers_mut().insert("x-request-id", request_id);
    }
    answer
}

fn answered(shop: &crate::shopify::Shop, headers: &HeaderMap, body: &Bytes) -> Response {
    let fault = shop.with(|state, _, dice| {
        state.asked += 1;
        state.switches.fault(Door::Graphql, dice)
    });
    if let Some(fault) = fault.filter(|fault| *fault != Fault::Cut) {
        return faults::answer(fault, shop);
    }
    let token = headers.get(TOKEN).and_then(|token| token.to_str().ok()).unwrap_or_default();
    let let_in = shop.with(|state, now, _| {
        let had_former = state.access.has_former();
        let let_in = state.access.let_in(token, now);
        if had_former && !state.access.has_former() {
            state.access_changed();
        }
        let_in
    });
    let scopes = match let_in {
        Ok(scopes) => scopes,
        Err(stranger) => return refused(stranger),
    };
    let Ok(question) = serde_json::from_slice::<Question>(body) else {
        return (
            StatusCode::BAD_REQUEST,
            axum::Json(json!({"errors": {"query": "Required parameter missing or invalid"}})),
        )
            .into_response();
    };
    let told = shop.with(|state, now, dice| {
        graphql::answer(&Ask::new(state, shop.front(), dice, now, &scopes), &question)
    });
    let told = if fault == Some(Fault::Cut) { faults::cut(told.into_bytes()) } else { told.into() };
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    ([kind], told).into_response()
}

fn refused(stranger: Stranger) -> Response {
    match stranger {
        Stranger::Unknown => {
            let sentence = "[API] Invalid API key or access token (unrecognized login or wrong password)";
            (StatusCode::UNAUTHORIZED, axum::Json(json!({"errors": sentence}))).into_response()
        }
        Stranger::Endless => {
            let sentence = "[API] Non-expiring access tokens are no longer accepted for the Admin API.";
            (StatusCode::FORBIDDEN, axum::Json(json!({"errors": sentence}))).into_response()
        }
    }
}

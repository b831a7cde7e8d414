//! Which other origins' pages may call us: those on the list, with cookies; no wildcard.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::Settings;

/// The answer to a browser that asks before it sends. An unlisted origin gets no permission.
pub(crate) fn preflight(origin: Option<&HeaderValue>, settings: &Settings) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if trusted(origin, settings).is_some() {
        let headers = response.headers_mut();
        let value = HeaderValue::from_static;
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, value("GET, POST, PUT, PATCH, DELETE"));
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            value("authorization, content-type, idempotency-key, x-csrf-token, x-request-id"),
        );
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, value("600"));
    }
    response
}

pub(crate) fn allow(headers: &mut HeaderMap, origin: Option<&HeaderValue>, settings: &Settings) {
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = trusted(origin, settings) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        let exposed = "retry-after, x-request-id, ratelimit-limit, ratelimit-remaining, ratelimit-reset";
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(exposed));
    }
}

fn trusted<'a>(origin: Option<&'a HeaderValue>, settings: &Settings) -> Option<&'a HeaderValue> {
    origin.filter(|origin| origin.to_str().is_ok_and(|origin| settings.trusts(origin)))
}

//! Headers of every answer: security, the request's id, the caller's limits.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{Context, context::REQUEST_ID};
use crate::Settings;

/// A page may loosen the policy for itself; what is set already stays.
const SECURITY: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin-allow-popups"),
];

pub(super) fn add(headers: &mut HeaderMap, context: &Context, settings: &Settings) {
    let is_framed = is_framed(headers);
    for (name, value) in SECURITY {
        // The older word for it knows no single shop.
        if is_framed && name == header::X_FRAME_OPTIONS {
            continue;
        }
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if settings.origin.starts_with("https://") {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if let Ok(id) = HeaderValue::from_str(context.request_id()) {
        headers.insert(REQUEST_ID, id);
    }
    limits(headers, context);
}

/// Whether the page says itself who may frame it.
fn is_framed(headers: &HeaderMap) -> bool {
    let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    policy.is_some_and(|policy| policy.contains("frame-ancestors http"))
}

/// Both the names of the standard-to-be and those that the systems before us used.
fn limits(headers: &mut HeaderMap, context: &Context) {
    let Some(limits) = context.limits() else { return };
    let mut set = |name: &'static str, value: u64| headers.insert(name, HeaderValue::from(value));
    let (capacity, remaining) = (u64::from(limits.bucket.capacity), u64::from(limits.remaining));
    set("ratelimit-limit", capacity);
    set("ratelimit-remaining", remaining);
    set("ratelimit-reset", limits.reset_seconds);
    set("x-ratelimit-limit", capacity);
    set("x-ratelimit-remaining", remaining);
    set("x-ratelimit-reset", limits.reset_seconds);
    if let Some(month) = limits.month {
        set("x-ratelimit-monthly-used", u64::try_from(month.used).unwrap_or(0));
        set("x-ratelimit-monthly-limit", u64::from(month.max));
    }
}

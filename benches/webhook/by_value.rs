//! The same door as it is usually written: the body is parsed first, as a `serde_json::Value`, and a part of the message.

use std::sync::Arc;

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use flows::{Clock, clock::SystemClock};
use serde_json::{Value, json};

use crate::memory::Memory;

#[derive(Clone)]
struct Door {
    key: Arc<hmac::Key>,
    queue: Arc<Memory>,
}

pub(crate) fn router(secret: &str) -> Router {
    let key = Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()));
    Router::new().route("/webhooks/shopify", post(answered)).with_state(Door { key, queue: Arc::default() })
}

async fn answered(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> Response {
    let Ok(told) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let tag = header("x-shopify-hmac-sha256").and_then(|tag| STANDARD.decode(tag).ok()).unwrap_or_default();
    if hmac::verify(&door.key, &body, &tag).is_err() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let message = json!({
        "shop": header("x-shopify-shop-domain"),
        "topic": header("x-shopify-topic"),
        "version": header("x-shopify-api-version"),
        "id": header("x-shopify-webhook-id"),
        "triggered_at": header("x-shopify-triggered-at"),
        "received_at": SystemClock.now(),
        "body": told,
    });
    door.queue.keep(message.to_string());
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], "{}").into_response()
}

//! What goes wrong because a switch says so.

use axum::{
    Json,
    body::{Body, Bytes},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use serde_json::json;

use crate::shopify::{
    Shop,
    switches::{Fault, hex},
};

pub(super) fn answer(fault: Fault, shop: &Shop) -> Response {
    match fault {
        Fault::TooMany { retry_after_seconds } => {
            let wait = [(header::RETRY_AFTER, format!("{retry_after_seconds}.0"))];
            let sentence = "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.";
            (StatusCode::TOO_MANY_REQUESTS, wait, Json(json!({"errors": sentence}))).into_response()
        }
        Fault::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let sentence = match status {
                StatusCode::PAYMENT_REQUIRED => "Unavailable Shop",
                StatusCode::LOCKED => "Locked",
                _ => "Something went wrong on our end",
            };
            (status, Json(json!({"errors": sentence}))).into_response()
        }
        Fault::Cut => cut(b"{\"data\":{".to_vec()).into_response(),
        Fault::Broken => {
            let id = hex(shop.dice(), 32);
            let message = format!(
                "Internal error. Looks like something went wrong on our end.\nRequest ID: {id} (include this in \
                 support requests)."
            );
            let error =
                json!({"message": message, "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": id}});
            Json(json!({"errors": [error]})).into_response()
        }
    }
}

/// A body that ends with the connection, half of it told.
pub(super) fn cut(whole: Vec<u8>) -> Body {
    let mut half = Bytes::from(whole);
    half.truncate(half.len() / 2);
    let parts = [Ok(half), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
    Body::from_stream(stream::iter(parts))
}

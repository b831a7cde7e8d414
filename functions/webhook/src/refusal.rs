//! What is answered to whoever is not believed, and to Shopify when we cannot keep what it tells.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flows::{FlowError, error::chain};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("nothing is told here")]
    NoSuchPath,
    #[error("no body is that long")]
    TooLarge,
    #[error(transparent)]
    Unproven(#[from] shopify::webhook::Refused),
    #[error("another topic is told here")]
    OtherTopic,
    #[error("another shop tells here")]
    OtherShop,
    #[error("it cannot be kept now: tell it again")]
    Unkept(#[from] FlowError),
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unproven(refused) => {
                StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::UNAUTHORIZED)
            }
            Self::OtherTopic => StatusCode::BAD_REQUEST,
            Self::OtherShop => StatusCode::UNAUTHORIZED,
            // Whatever it is, it is ours, and Shopify has what we would lose.
            Self::Unkept(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        match &self {
            Self::Unkept(error) => tracing::error!(cause = chain(error), "an event could not be kept"),
            refused => tracing::warn!(status = status.as_u16(), why = %refused, "an event was refused"),
        }
        let body = serde_json::json!({"error": self.to_string()}).to_string();
        let mut answer = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        if status == StatusCode::METHOD_NOT_ALLOWED {
            answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        answer
    }
}

//! Errors as the caller sees them: RFC 9457 problem documents.
//!
//! One of four places that match over `FlowError`. What is our fault or a dependency's is told in general
//! words; its cause is logged once, at the edge.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use flows::{Cause, Denial, Fault, FlowError, rates::Limits};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

/// A shard is made anew in less than a minute, a small shop's in less than a second.
const OUTDATED_SECONDS: u64 = 5;

/// A refusal on its way out. The edge adds the request's id and writes it as JSON.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) detail: String,
    pub(crate) faults: Vec<Fault>,
    pub(crate) retry_after_seconds: Option<u64>,
    /// The limits of the bucket that was empty.
    pub(crate) limits: Option<Box<Limits>>,
    /// For the log, never for the caller.
    pub(crate) cause: Option<Cause>,
}

/// An error, as every route answers it (`application/problem+json`).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument<'a> {
    /// Always `about:blank`: `code` tells what it is.
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    /// For programs: stable, in `snake_case` or, for limits, in capitals.
    code: &'static str,
    request_id: &'a str,
    /// For invalid input: everything that is wrong, each with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemPart<'a>>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemPart<'a> {
    /// A JSON pointer into the body, `?name` for a query parameter, or a header's name.
    pointer: &'a str,
    code: &'static str,
    detail: &'a str,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            faults: Vec::new(),
            retry_after_seconds: None,
            limits: None,
            cause: None,
        }
    }

    pub(crate) fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    pub(crate) fn forbidden(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    pub(crate) fn bad(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    pub(crate) fn document<'a>(&'a self, request_id: &'a str) -> ProblemDocument<'a> {
        let part =
            |fault: &'a Fault| ProblemPart { pointer: &fault.at, code: fault.code, detail: &fault.sentence };
        ProblemDocument {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            request_id,
            errors: self.faults.iter().map(part).collect(),
        }
    }
}

impl From<FlowError> for Problem {
    fn from(error: FlowError) -> Self {
        let detail = error.to_string();
        let problem = |status, code| Self::new(status, code, detail.clone());
        match error {
            FlowError::Invalid(faults) => Self { faults, ..problem(StatusCode::BAD_REQUEST, "invalid") },
            FlowError::Denied(Denial::Unauthenticated) => {
                problem(StatusCode::UNAUTHORIZED, "unauthenticated")
            }
            FlowError::Denied(Denial::Forbidden { code, .. }) => problem(StatusCode::FORBIDDEN, code),
            FlowError::NotFound(_) => problem(StatusCode::NOT_FOUND, "not_found"),
            FlowError::Conflict { code, .. } => problem(StatusCode::CONFLICT, code),
            FlowError::TooMany { code, retry_after_seconds, limits } => Self {
                limits: limits.map(Box::new),
                retry_after_seconds: Some(retry_after_seconds),
                ..problem(StatusCode::TOO_MANY_REQUESTS, code)
            },
            FlowError::Unavailable(cause) if !flows::checks(&cause).is_empty() => Self {
                retry_after_seconds: Some(OUTDATED_SECONDS),
                cause: Some(cause),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "audience_outdated",
                    "the audience is being made anew from the record; ask again in a moment",
                )
            },
            FlowError::Unavailable(cause) => Self {
                retry_after_seconds: Some(1),
                cause: Some(cause),
                ..problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            },
            FlowError::Broken(cause) => {
                Self { cause: Some(cause), ..problem(StatusCode::INTERNAL_SERVER_ERROR, "internal") }
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        FlowError::from(error).into()
    }
}

/// The edge finds the problem in the response's extensions, and gives it its body.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

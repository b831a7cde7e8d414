//! What other systems do and this one does not: each with what to do instead.

use axum::http::{Method, StatusCode};

use crate::{aliases::is_of, error::Problem};

const NOT_OFFERED: [(&str, &str); 2] = [
    (
        "/api/vendor/send-message",
        "nobody is written to but by a campaign, which sees to it that they agreed and get it once: make one with \
         POST /api/v1/campaigns, and launch it with POST /api/v1/campaigns/{campaign}/launch",
    ),
    (
        "/api/vendor/test-send",
        "words are tried as a campaign's or a template's, on your own addresses: make one, and send \
         {\"customer\": \"<whom it is filled for>\"} to POST /api/v1/campaigns/{campaign}/test or POST /api/v1/templates/{template}/test",
    ),
];

/// `None`: such a path is not known, or is one that we have.
pub(crate) fn not_offered(method: &Method, path: &str) -> Option<Problem> {
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    let known = NOT_OFFERED.iter().find(|(known, _)| method == Method::POST && is_of(path, known))?;
    Some(Problem::new(StatusCode::GONE, "not_offered", known.1))
}

//! The API's own documentation: the OpenAPI document, and a page that shows it and lets one try a call.
//!
//! Everything the page needs is in the binary; it works without a network.

use std::sync::LazyLock;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};

use crate::{error::Problem, input::Named, pages, routes};

/// Swagger UI styles its parts inline; its scripts are files of ours.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

static DOCUMENT: LazyLock<String> = LazyLock::new(|| routes::openapi().to_json().unwrap_or_default());

/// The page's files: name, kind, content, and whether it is compressed (`build.rs`).
const FILES: [(&str, &str, &[u8], bool); 4] = [
    ("index.html", "text/html; charset=utf-8", include_bytes!("../pages/docs.html"), false),
    ("docs.js", "text/javascript", include_bytes!("../pages/docs.js"), false),
    (
        "swagger-ui-bundle.js",
        "text/javascript",
        include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js.gz")),
        true,
    ),
    ("swagger-ui.css", "text/css", include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css.gz")), true),
];

/// The OpenAPI document
#[utoipa::path(get, operation_id = "openapi", path = "/openapi.json", tag = "Operations",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
pub(crate) async fn document() -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (json, DOCUMENT.as_str()).into_response()
}

/// The documentation
#[utoipa::path(get, operation_id = "docs", path = "/api/docs", tag = "Operations", responses((status = 303, description = "to the page")))]
pub(crate) async fn page() -> Redirect {
    Redirect::to("/api/docs/index.html")
}

/// A file of the documentation's page
#[utoipa::path(get, operation_id = "docs_file", path = "/api/docs/{file}", tag = "Operations",
    params(("file" = String, Path, description = "the file's name")),
    responses((status = 200, description = "the file"), (status = 404, description = "no such file")))]
pub(crate) async fn file(Named(file): Named<String>) -> Result<Response, Problem> {
    let found = FILES.iter().find(|(name, ..)| *name == file);
    let missing = || Problem::new(StatusCode::NOT_FOUND, "not_found", "no such file");
    let (_, kind, content, is_zipped) = found.ok_or_else(missing)?;
    let response = ([(header::CONTENT_TYPE, *kind)], *content).into_response();
    let mut response = pages::with_policy(response, POLICY);
    if *is_zipped {
        let gzip = header::HeaderValue::from_static("gzip");
        response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    }
    Ok(response)
}

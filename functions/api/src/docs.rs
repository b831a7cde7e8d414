//! The API's own documentation: the OpenAPI document, and a page that shows it and lets one try a call.
//!
//! Everything the page needs is in the binary; it works without a network.

use std::sync::{Arc, LazyLock};

use axum::{
    Extension,
    body::Body,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use crate::{error::Problem, pages};

/// Swagger UI styles its parts inline; its scripts are files of ours.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

static UI: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| Arc::new(Config::from("/openapi.json")));

/// The OpenAPI document
#[utoipa::path(get, path = "/openapi.json", tag = "Operations",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
pub(crate) async fn document(Extension(document): Extension<Arc<OpenApi>>) -> Response {
    axum::Json(&*document).into_response()
}

/// The documentation
#[utoipa::path(get, path = "/api/docs", tag = "Operations", responses((status = 303, description = "to the page")))]
pub(crate) async fn page() -> Redirect {
    Redirect::to("/api/docs/index.html")
}

/// A file of the documentation's page
#[utoipa::path(get, path = "/api/docs/{file}", tag = "Operations",
    params(("file" = String, Path, description = "the file's name")),
    responses((status = 200, description = "the file"), (status = 404, description = "no such file")))]
pub(crate) async fn file(Path(file): Path<String>) -> Result<Response, Problem> {
    let missing = || Problem::new(StatusCode::NOT_FOUND, "not_found", "no such file");
    if file == "swagger-initializer.js" {
        let script = ([(header::CONTENT_TYPE, "text/javascript")], pages::DOCS_SCRIPT).into_response();
        return Ok(pages::with_policy(script, POLICY));
    }
    let found = utoipa_swagger_ui::serve(&file, UI.clone()).map_err(|_| missing())?.ok_or_else(missing)?;
    let kind = [(header::CONTENT_TYPE, found.content_type)];
    Ok(pages::with_policy((kind, Body::from(found.bytes.into_owned())).into_response(), POLICY))
}

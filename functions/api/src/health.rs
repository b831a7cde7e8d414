//! Whether we are there, and whether what we need is.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Ready {
    /// `ok` or `unavailable`
    status: &'static str,
    /// The table that everything is kept in: `ok` or `unavailable`.
    table: &'static str,
}

/// Are you there?
///
/// Answers without asking anything of anybody.
#[utoipa::path(get, path = "/health", tag = "Operations", responses((status = 200, body = Health)))]
pub(crate) async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Can you work?
///
/// Reads once from the table.
#[utoipa::path(get, path = "/ready", tag = "Operations", responses(
    (status = 200, body = Ready), (status = 503, description = "the table does not answer", body = Ready),
))]
pub(crate) async fn ready(State(deps): State<App>) -> (StatusCode, Json<Ready>) {
    match deps.store.is_there().await {
        Ok(()) => (StatusCode::OK, Json(Ready { status: "ok", table: "ok" })),
        Err(error) => {
            tracing::error!(function = "api", "not ready: {error}");
            let ready = Ready { status: "unavailable", table: "unavailable" };
            (StatusCode::SERVICE_UNAVAILABLE, Json(ready))
        }
    }
}

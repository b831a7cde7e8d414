//! Whether we are there, and whether what we need is.

use std::fmt::Display;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

const OK: &str = "ok";
const UNAVAILABLE: &str = "unavailable";

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
    /// The keys that sign and seal: `ok` or `unavailable`.
    secrets: &'static str,
}

/// Are you there?
///
/// Answers without asking anything of anybody.
#[utoipa::path(get, path = "/health", tag = "Operations", responses((status = 200, body = Health)))]
pub(crate) async fn health() -> Json<Health> {
    Json(Health { status: OK })
}

/// Can you work?
///
/// Reads once from the table, and the secrets unless they are held.
#[utoipa::path(get, path = "/ready", tag = "Operations", responses(
    (status = 200, body = Ready), (status = 503, description = "the table or the secrets do not answer", body = Ready),
))]
pub(crate) async fn ready(State(deps): State<App>) -> (StatusCode, Json<Ready>) {
    let (table, secrets) = futures::join!(deps.store.is_there(), deps.open_secrets());
    let (table, secrets) = (told("table", table), told("secrets", secrets));
    let is_ready = table == OK && secrets == OK;
    let (code, status) =
        if is_ready { (StatusCode::OK, OK) } else { (StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE) };
    (code, Json(Ready { status, table, secrets }))
}

fn told<T>(what: &str, answered: Result<T, impl Display>) -> &'static str {
    match answered {
        Ok(_) => OK,
        Err(error) => {
            tracing::error!(function = "api", what, "not ready: {error}");
            UNAVAILABLE
        }
    }
}

//! How the tenant is tied to its shop, and the end of it.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{Connection, ConnectionState, Permission, Tenant, TenantStatus, Timestamp};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

use crate::{
    App,
    error::Problem,
    once::{Answer, Once},
    who::Acting,
};

const TRIES: usize = 8;

#[derive(Serialize, ToSchema)]
pub(crate) struct ConnectionView {
    /// `never`, `connected`, `needs_reauth` (the merchant has to connect it again), `disconnected` or `uninstalled`.
    state: &'static str,
    shop: Option<String>,
    scopes: Vec<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    connected_at: Option<Timestamp>,
    /// When the state was last another one.
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Timestamp>,
}

impl ConnectionView {
    fn of(connection: Option<&Connection>) -> Self {
        let scopes = connection.map(|connection| connection.scopes.as_str()).unwrap_or_default();
        Self {
            state: connection.map_or("never", |connection| connection.state.name()),
            shop: connection.map(|connection| connection.shop.to_string()),
            scopes: scopes.split(',').filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
            connected_at: connection.map(|connection| connection.connected_at),
            changed_at: connection.map(|connection| connection.changed_at),
        }
    }
}

/// My shop's connection
#[utoipa::path(get, operation_id = "show_connection", path = "/api/v1/tenants/me/shop", tag = "Shop",
    responses((status = 200, body = ConnectionView)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(Acting(caller): Acting) -> Result<Json<ConnectionView>, Problem> {
    caller.must(Permission::ReadAccount)?;
    Ok(Json(ConnectionView::of(caller.store.connection().await?.as_deref())))
}

/// Disconnect my shop
///
/// The tokens are gone at once. What is kept of the shop stays; it is neither shown nor changed until the shop is connected
/// again. Twice is once, and without a shop there is nothing to do.
#[utoipa::path(post, operation_id = "disconnect", path = "/api/v1/tenants/me/shop/disconnect", tag = "Shop", responses(
    (status = 200, body = ConnectionView),
), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn disconnect(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageAccount)?;
    let store = &caller.store;
    for _ in 0..TRIES {
        let held = store.connection().await?;
        let Some(held) = held.as_ref().filter(|held| !held.state.is_end()) else {
            return once.answer(Answer::new(StatusCode::OK, &ConnectionView::of(held.as_deref()))).await;
        };
        let tenant = store.tenant().await?.ok_or(flows::FlowError::NotFound("tenant"))?;
        let owner = deps.store.shop_owner(&held.shop).await?.filter(|owner| owner.tenant == store.id());
        let ended = Connection::clone(held).ended(ConnectionState::Disconnected, deps.now());
        let closed = Tenant { status: TenantStatus::Disconnected, ..Tenant::clone(&tenant) };
        let mut steps = vec![store.tenant_changed(&tenant, &closed), store.connection_changed(held, &ended)];
        steps.extend(owner.map(|owner| store.shop_left(&held.shop, &owner)));
        let answer = Answer::new(StatusCode::OK, &ConnectionView::of(Some(&ended)));
        match once.clone().commit_or_changed(steps, answer).await {
            Err(problem) if problem.code == "changed_meanwhile" => {}
            done => return done,
        }
    }
    Err(StoreError::Conflict(0).into())
}

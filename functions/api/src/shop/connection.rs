//! How the tenant is tied to its shop, and the end of it.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    Connection, ConnectionState, Permission, Tenant, TenantStatus, Timestamp,
    connection::{DAYS_SHOWN, Unreached},
    upkeep::{Lack, LackReason, Upkeep},
};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

use super::versions::ApiView;
use crate::{
    App, Deps,
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
    /// What the shop tells us by itself; `null` unless it is connected.
    events: Option<EventsView>,
    /// How far back Shopify shows us orders; `null` unless it is connected.
    orders: Option<OrdersView>,
    /// By which version of its API Shopify answers us; `null` unless it is connected.
    api: Option<ApiView>,
    /// The merchant has let us in, and yet the shop cannot be reached; `null` unless it is so. We go on trying.
    unreached: Option<UnreachedView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct UnreachedView {
    /// `app_unknown` (Shopify does not know this app by its secret, or the app was removed from the shop), `frozen`, `locked`,
    /// or `not_there` (closed, or called otherwise).
    why: &'static str,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

/// Without the permission `read_all_orders` an app sees recent orders alone. What was bought before is part of its
/// customer's figures, and no order. Once it is allowed, all orders are brought by a sync that begins by itself.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrdersView {
    /// `all`, or `recent`: those of the last `days` days alone.
    shown: &'static str,
    days: Option<u16>,
    /// A page of Shopify's where the merchant allows all; `null`: it is allowed.
    allow_all_at: Option<String>,
}

impl OrdersView {
    async fn of(connection: &Connection, deps: &Deps) -> Result<Self, Problem> {
        if connection.shows_all_orders() {
            return Ok(Self { shown: "all", days: None, allow_all_at: None });
        }
        let allow_all_at = deps.shops.all_orders_at(&connection.shop).await?;
        Ok(Self { shown: "recent", days: Some(DAYS_SHOWN), allow_all_at })
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct EventsView {
    /// Who has told Shopify that we want to hear: `app`, the app's own configuration, or `shop`, which we asked itself.
    asked_by: &'static str,
    /// When it was last looked at; `null`: not yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    looked_at: Option<Timestamp>,
    /// The topics that the shop does not tell us of, and why.
    lacking: Vec<LackView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LackView {
    /// By Shopify's name: `orders/create`.
    topic: String,
    /// `not_granted`: the merchant has not allowed `scope`. `refused`: Shopify did not take it; it is tried again.
    why: &'static str,
    scope: Option<String>,
}

impl EventsView {
    fn of(upkeep: &Upkeep, deps: &Deps) -> Self {
        Self {
            asked_by: if deps.shops.told_at.is_some() { "shop" } else { "app" },
            looked_at: upkeep.looked_at,
            lacking: upkeep.lacking.iter().cloned().map(LackView::from).collect(),
        }
    }
}

impl From<Lack> for LackView {
    fn from(Lack { topic, why }: Lack) -> Self {
        match why {
            LackReason::NotGranted(scope) => Self { topic, why: "not_granted", scope: Some(scope) },
            LackReason::Refused => Self { topic, why: "refused", scope: None },
        }
    }
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
            events: None,
            orders: None,
            api: None,
            unreached: connection
                .and_then(|connection| connection.unreached)
                .map(|Unreached { why, since }| UnreachedView { why: why.name(), since }),
        }
    }
}

/// My shop's connection
#[utoipa::path(get, operation_id = "show_connection", path = "/api/v1/tenants/me/shop", tag = "Shop",
    responses((status = 200, body = ConnectionView)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<ConnectionView>, Problem> {
    caller.must(Permission::ReadAccount)?;
    let connection = caller.store.connection().await?;
    let mut view = ConnectionView::of(connection.as_deref());
    if let Some(connection) = connection.filter(|connection| connection.is_open()) {
        view.events = caller.store.upkeep().await?.map(|upkeep| EventsView::of(&upkeep, &deps));
        view.orders = Some(OrdersView::of(&connection, &deps).await?);
        view.api = Some(ApiView::of(connection.answered_by.as_deref()));
    }
    Ok(Json(view))
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

//! A merchant asks for a sync, or for one that failed once more. One is under way at a time.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    Permission, RunId,
    run::{Mode, Resource, RunState},
};
use flows::{FlowError, identify::Caller, syncs};
use serde::{
    Deserialize, Serialize,
    de::{IntoDeserializer, value, value::StrDeserializer},
};
use store::StoreError;
use utoipa::ToSchema;

use super::found;
use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::{Input, Named},
    once::{Answer, Done, Once},
    who::Acting,
};

/// As often as somebody else begins or ends one at the same moment.
const TRIES: usize = 8;

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResourceAsked {
    #[default]
    All,
    Customers,
    Orders,
    Products,
}

impl ResourceAsked {
    fn named(name: &str) -> Option<Self> {
        let name: StrDeserializer<value::Error> = name.into_deserializer();
        Self::deserialize(name).ok()
    }

    fn resources(self) -> &'static [Resource] {
        match self {
            Self::All => &Resource::ALL,
            Self::Customers => &[Resource::Customers],
            Self::Orders => &[Resource::Orders],
            Self::Products => &[Resource::Products],
        }
    }
}

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ModeAsked {
    /// Everything that the shop has.
    #[default]
    Full,
    /// What has changed since the last sync.
    Incremental,
    /// What has changed for longer, and what was deleted: finds what webhooks missed.
    Reconciliation,
}

impl ModeAsked {
    fn mode(self) -> Mode {
        match self {
            Self::Full => Mode::Full,
            Self::Incremental => Mode::Incremental,
            Self::Reconciliation => Mode::Reconciliation,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SyncAsked {
    /// What to bring; everything, unless told.
    #[serde(default)]
    resource: ResourceAsked,
    #[serde(default)]
    mode: ModeAsked,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SyncOfOneAsked {
    #[serde(default)]
    mode: ModeAsked,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SyncBegun {
    message: &'static str,
    #[schema(value_type = String)]
    sync_run_id: RunId,
    /// `all`, `customers`, `orders` or `products`.
    resource: &'static str,
    /// `full`, `incremental` or `reconciliation`.
    mode: &'static str,
}

/// Sync my shop
///
/// Goes on by itself; how far it is, is told at `…/sync/{sync}/status`.
#[utoipa::path(post, operation_id = "begin_sync", path = "/api/v1/tenants/me/sync", tag = "Shop", request_body = SyncAsked,
    responses((status = 202, body = SyncBegun),
    (status = 409, description = "one is under way, which is named; or no shop is connected", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn begin(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(asked): Input<SyncAsked>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    begun(&deps, &caller, once, (asked.resource.resources(), asked.mode.mode())).await
}

/// Sync one kind of thing
///
/// The same as `begin_sync` with that resource.
#[utoipa::path(post, operation_id = "begin_sync_of", path = "/api/v1/tenants/me/sync/{resource}", tag = "Shop",
    params(("resource" = ResourceAsked, Path, description = "what to bring")), request_body = SyncOfOneAsked,
    responses((status = 202, body = SyncBegun), (status = 404, body = ProblemDocument),
    (status = 409, description = "one is under way, which is named; or no shop is connected", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn begin_of(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(resource): Named<String>,
    Input(asked): Input<SyncOfOneAsked>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let resources = ResourceAsked::named(&resource).ok_or(FlowError::NotFound("resource"))?.resources();
    begun(&deps, &caller, once, (resources, asked.mode.mode())).await
}

/// Try a sync again
///
/// One that has failed: of the same, in the same way. What it has brought is there already.
#[utoipa::path(post, operation_id = "retry_sync", path = "/api/v1/tenants/me/sync/{sync}/retry", tag = "Shop",
    params(("sync" = String, Path, description = "the sync's id")),
    responses((status = 202, body = SyncBegun), (status = 404, body = ProblemDocument),
    (status = 409, description = "it has not failed, or another is under way", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn retry(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let failed = found(&caller.store, &id, deps.now()).await?;
    if !matches!(failed.state, RunState::Failed { .. }) {
        return Err(Problem::conflict("sync_not_failed", "only a sync that has failed is tried again"));
    }
    let resources: Vec<_> = failed.parts.iter().map(|part| part.of).collect();
    let resources: Vec<_> = resources.into_iter().filter(|of| Resource::ALL.contains(of)).collect();
    begun(&deps, &caller, once, (&resources, failed.mode)).await
}

async fn begun(
    deps: &App,
    caller: &Caller,
    once: Once,
    asked: (&[Resource], Mode),
) -> Result<Response, Problem> {
    let store = &caller.store;
    for _ in 0..TRIES {
        if !store.connection().await?.is_some_and(|connection| connection.is_open()) {
            return Err(Problem::conflict("not_connected", "no shop is connected: connect yours first"));
        }
        let held = store.syncing().await?;
        if let Some(open) = held.as_ref().and_then(|held| held.open) {
            return Err(Problem::conflict("sync_running", format!("a sync is under way: {open}")));
        }
        let begun =
            syncs::begun(store, held.as_ref(), asked, RunId::new(deps.now(), deps.roll()), deps.now());
        let view = SyncBegun {
            message: "the sync has begun",
            sync_run_id: begun.run.id,
            resource: if let ([one], _) = asked { one.name() } else { "all" },
            mode: begun.run.mode.name(),
        };
        let answer = Answer::new(StatusCode::ACCEPTED, &view)
            .at(format!("/api/v1/tenants/me/sync/{}/status", begun.run.id));
        let task = begun.task();
        if let Done::Answered(response) = once.clone().commit(begun.steps.into(), answer).await? {
            deps.nudge(task).await;
            return Ok(response);
        }
    }
    Err(FlowError::from(StoreError::Conflict(0)).into())
}

//! The events of the last days.

use axum::{Json, extract::State};
use domain::{Permission, event::Noted};
use flows::{Files, FlowError};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{WebhookView, is_kept, name, named};
use crate::{
    App,
    cursor::{Within, limited},
    error::Problem,
    input::Asked,
    who::Acting,
};

/// Files that are looked for at once.
const AT_ONCE: usize = 16;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WebhooksAsked {
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Webhooks {
    items: Vec<WebhookView>,
    /// The cursor of the next page; `null` at the end.
    next: Option<String>,
}

/// What the shop has told
///
/// Newest first; of the last seven days.
#[utoipa::path(get, operation_id = "list_webhooks", path = "/api/v1/tenants/me/webhooks", tag = "Shop",
    params(WebhooksAsked), responses((status = 200, body = Webhooks)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<WebhooksAsked>,
) -> Result<Json<Webhooks>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let limit = limited(asked.limit)?;
    let secrets = deps.open_secrets().await?;
    let within = Within { secrets: &secrets, list: format!("{}/webhooks", caller.store.id()) };
    let after = asked.cursor.as_deref().map(|cursor| within.unsealed(cursor)).transpose()?;
    let broken = || FlowError::broken("a cursor of ours names no event");
    let after = after.as_deref().map(|after| named(after).ok_or_else(broken)).transpose()?;
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let (noted, next) = caller.store.events_noted(limit, after).await?;
    let next = next.map(|(at, id)| within.sealed(&name(at, &id), &*deps.dice)).transpose()?;
    let views = stream::iter(noted).map(|event| viewed(&*deps.files, event)).buffered(AT_ONCE);
    let items = views.try_collect().await?;
    Ok(Json(Webhooks { items, next }))
}

async fn viewed(files: &dyn Files, event: Noted) -> Result<WebhookView, FlowError> {
    Ok(WebhookView::of(&event, is_kept(files, &event).await?))
}

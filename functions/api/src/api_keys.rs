//! API keys: made once, shown once, kept as a hash; they may do what their scopes say and no more.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{ApiKey, ApiKeyId, Name, Permission, Permissions, Timestamp, key::KEYS_MAX};
use flows::{FlowError, tokens};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    App,
    cursor::{List, PageOf, Within},
    error::{Problem, ProblemDocument},
    input::{Asked, Faults, Input, Named},
    once::{Answer, Once},
    who::Acting,
};

#[derive(Serialize, ToSchema)]
pub(crate) struct KeyView {
    #[schema(value_type = String)]
    id: ApiKeyId,
    name: String,
    scopes: Vec<&'static str>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct NewKeyView {
    #[serde(flatten)]
    view: KeyView,
    /// The key itself. It is shown here and never again.
    key: String,
}

impl KeyView {
    fn of(key: &ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name.as_str().to_owned(),
            scopes: key.scopes.iter().map(|scope| scope.name()).collect(),
            created_at: key.created_at,
        }
    }
}

/// API keys
#[utoipa::path(get, operation_id = "list_api_keys", path = "/api/v1/api-keys", tag = "API keys", params(PageOf),
    responses((status = 200, body = List<KeyView>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(page): Asked<PageOf>,
) -> Result<Json<List<KeyView>>, Problem> {
    caller.must(Permission::ReadKeys)?;
    let secrets = deps.open_secrets().await?;
    let keys = caller.store.api_keys().await?;
    let views = keys.iter().map(|key| KeyView::of(key)).collect();
    let within = Within { secrets: &secrets, list: format!("{}/api-keys", caller.store.id()) };
    Ok(Json(page.of(views, |view: &KeyView| view.id.to_string(), &within)?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKey {
    name: String,
    /// What it may do: `account:read`, `account:manage`, `team:read`, `team:manage`, `keys:read`, `keys:manage`.
    scopes: Vec<String>,
}

/// Make an API key
///
/// The answer shows the key, once. It can be given no scope that its maker does not have, and works as long as its
/// maker is in the team and may do what it does, and their account stays in the same hands.
#[utoipa::path(post, operation_id = "make_api_key", path = "/api/v1/api-keys", tag = "API keys", request_body = NewKey,
    responses((status = 201, body = NewKeyView)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn create(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(asked): Input<NewKey>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageKeys)?;
    let mut faults = Faults::default();
    let name = faults.take("/name", asked.name.parse::<Name>());
    let mut scopes = Permissions::new();
    for (place, scope) in asked.scopes.iter().enumerate() {
        let at = format!("/scopes/{place}");
        let Some(scope) = faults.take(&at, scope.parse::<Permission>()) else { continue };
        if caller.must(scope).is_err() {
            faults.add(&at, "beyond_your_own", "you may not do that yourself");
        }
        scopes.insert(scope);
    }
    if asked.scopes.is_empty() {
        faults.add("/scopes", "empty", "needs at least one scope");
    }
    let name = faults.none(name)?;
    if caller.store.api_keys().await?.len() >= KEYS_MAX {
        let detail = format!("at most {KEYS_MAX} keys may exist; revoke some");
        return Err(Problem::conflict("too_many_keys", detail));
    }

    let (secret, hash) = tokens::new_api_key(&*deps.dice);
    let (created_by, now) = (caller.maker(), deps.now());
    let (id, tenant) = (ApiKeyId::new(now, deps.roll()), caller.store.id());
    let key = ApiKey { id, tenant, name, hash, scopes, created_by, created_at: now };
    let answer = Answer::new(StatusCode::CREATED, &NewKeyView { view: KeyView::of(&key), key: secret });
    once.commit_or_changed(vec![caller.store.api_key_made(&key)], answer).await
}

/// Revoke an API key
///
/// It stops working at once.
#[utoipa::path(delete, operation_id = "revoke_api_key", path = "/api/v1/api-keys/{key}", tag = "API keys",
    params(("key" = String, Path, description = "the key's id")),
    responses((status = 204), (status = 404, body = ProblemDocument)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn revoke(Acting(caller): Acting, Named(id): Named<String>) -> Result<StatusCode, Problem> {
    caller.must(Permission::ManageKeys)?;
    let missing = || FlowError::NotFound("API key");
    let id = id.parse().map_err(|_| missing())?;
    let held = caller.store.api_key(id).await?.ok_or_else(missing)?;
    caller.store.commit(vec![caller.store.api_key_revoked(&held)]).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! The right to begin a connection, asked for by a page before it sends the merchant away.
//!
//! It opens nothing by itself: whoever goes to `/auth` with it must be signed in as who asked for it. So a link with
//! somebody else's ties no shop to their account.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{Permission, ShopDomain, TenantId, UserId};
use flows::{
    FlowError,
    identify::{Actor, FORBIDDEN},
    sign::Purpose,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    App,
    away::{signed, unsigned},
    error::Problem,
    input::{Faults, Input},
    once::{Answer, Once},
    who::Acting,
};

const SECONDS: i64 = 300;

#[derive(Serialize, Deserialize, PartialEq, Eq)]
struct Promise {
    shop: ShopDomain,
    user: UserId,
    tenant: TenantId,
    expires_at: i64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    /// The shop: `your-shop`, `your-shop.myshopify.com`, or its address in Shopify's admin.
    shop: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct PromiseView {
    /// Good for five minutes, for who asked for it.
    token: String,
    /// Where the browser goes: `/auth` with the shop and the token.
    url: String,
}

/// Ask to connect a shop
///
/// For pages that send the merchant to `/auth` themselves. The token is good for whoever asked for it alone: their browser
/// must be signed in when it goes there.
#[utoipa::path(post, operation_id = "ask_to_connect", path = "/api/auth/oauth-token", tag = "Shop", request_body = Wish, responses(
    (status = 200, body = PromiseView),
), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn ask(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(asked): Input<Wish>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageAccount)?;
    let Actor::Person { user, .. } = &caller.actor else { return Err(FlowError::Denied(FORBIDDEN).into()) };
    let mut faults = Faults::default();
    let shop = faults.take("/shop", ShopDomain::typed(&asked.shop));
    let shop = faults.none(shop)?;
    let expires_at = deps.now().as_second() + SECONDS;
    let promise = Promise { shop: shop.clone(), user: user.id, tenant: caller.store.id(), expires_at };
    let token = signed(&deps, Purpose::ConnectStart, &promise).await?;
    let url = format!("/auth?shop={shop}&token={token}");
    once.answer(Answer::new(StatusCode::OK, &PromiseView { token, url })).await
}

/// Whether that token was promised to this person, for this shop.
pub(super) async fn is_kept(
    deps: &App,
    token: &str,
    shop: &ShopDomain,
    (user, tenant): (UserId, TenantId),
) -> Result<bool, FlowError> {
    let promise: Option<Promise> = unsigned(deps, Purpose::ConnectStart, token).await?;
    let is_theirs = |it: &Promise| (&it.shop, it.user, it.tenant) == (shop, user, tenant);
    Ok(promise.is_some_and(|it| is_theirs(&it) && deps.now().as_second() < it.expires_at))
}

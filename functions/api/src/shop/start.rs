//! The merchant presses Connect, here or at Shopify's: off to Shopify's question whether they let us in.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, header},
    response::Response,
};
use domain::{Permission, ShopDomain};
use flows::shops;
use serde::Deserialize;
use shopify::oauth::{Access, Question, SignedQuery};
use utoipa::IntoParams;

use super::{InTheWay, app, callback_uri, nowhere, promise, waiting};
use crate::{
    App,
    away::{random, redirect},
    error::{Problem, ProblemDocument},
    input::Asked,
    who::{MaybeSignedIn, Paced},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Start {
    /// The shop: `your-shop`, `your-shop.myshopify.com`, or its address in Shopify's admin.
    #[serde(default)]
    shop: String,
    /// What `POST /api/auth/oauth-token` promised, if it was asked.
    token: Option<String>,
}

/// Connect a shop
///
/// Redirects to Shopify, where the merchant lets us in. They come back to `/auth/callback`. Who has not signed in, or
/// whose tenant has another shop, is led to `/connect?error=…`. Who has, and belongs to no tenant any more, has one of their own
/// from then on.
#[utoipa::path(get, operation_id = "start_connecting", path = "/auth", tag = "Shop", params(Start), responses(
    (status = 302, description = "to Shopify, or to `/connect?error=…`"),
    (status = 400, description = "no shop, or a query that Shopify did not sign", body = ProblemDocument),
    (status = 404, description = "not set up here", body = ProblemDocument),
))]
pub(crate) async fn start(
    State(deps): State<App>,
    _: Paced,
    MaybeSignedIn(signed): MaybeSignedIn,
    RawQuery(raw): RawQuery,
    Asked(asked): Asked<Start>,
) -> Result<Response, Problem> {
    let app = app(&deps).await?;
    let now = deps.now();
    // Shopify signs what it sends merchants with; what claims to be its word must be.
    let raw = raw.unwrap_or_default();
    if form_urlencoded::parse(raw.as_bytes()).any(|(name, _)| name == "hmac") {
        SignedQuery::read(&raw, &app, now).map_err(|why| Problem::bad("bad_query", why.to_string()))?;
    }
    let shop =
        ShopDomain::typed(&asked.shop).map_err(|why| Problem::bad("bad_shop", format!("`shop` {why}")))?;
    let Some(mut signed) = signed else { return InTheWay::SignIn.told(&shop) };
    let (place, moved) = match signed.place.take() {
        Some(place) => (place, Vec::new()),
        None => nowhere::placed(&deps, &signed, &shop).await?,
    };
    let user = signed.user.id;
    if let Some(token) = asked.token.as_deref()
        && !promise::is_kept(&deps, token, &shop, (user, place.store.id())).await?
    {
        return Err(Problem::bad(
            "bad_token",
            "it was promised to somebody else, for another shop, or too long ago",
        ));
    }
    if !place.member.role.may(Permission::ManageAccount) {
        return Err(flows::FlowError::Denied(flows::identify::FORBIDDEN).into());
    }
    if place.tenant.shop.as_ref().is_some_and(|other| *other != shop) {
        return InTheWay::AlreadyConnected.told(&shop);
    }
    let waiting = waiting::Waiting {
        state: random(&deps),
        shop,
        user,
        tenant: place.store.id(),
        expires_at: now.as_second() + waiting::SECONDS,
    };
    let question = Question {
        shop: &waiting.shop,
        scopes: &shops::scopes(),
        redirect_uri: &callback_uri(&deps),
        state: &waiting.state,
        access: Access::Offline,
    };
    let mut response = redirect(&question.url(&app, &deps.shops.origin))?;
    let cookie = HeaderValue::from_str(&waiting.to_cookie(&deps).await?).map_err(flows::FlowError::broken)?;
    for cookie in moved.into_iter().chain([cookie]) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

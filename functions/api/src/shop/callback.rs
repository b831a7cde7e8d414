//! The merchant comes back from Shopify: the code becomes tokens, and the shop the tenant's.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, header},
    response::Response,
};
use domain::{Connection, Permission, SealedTokens, ShopDomain, TenantId};
use flows::{
    FlowError, Unanswered,
    shops::{self, sealed},
    sign::Purpose,
};
use jiff::SignedDuration;
use shopify::{
    graph::ShopInfo,
    oauth::{Callback, TokenAsk, TokenRefusal},
};
use store::{Store, StoreError, TenantStore};

use super::{
    InTheWay, app,
    connecting::{Connecting, Ended, TRIES},
    waiting::{Brought, COOKIE, SECONDS},
};
use crate::{
    App,
    auth::cookies,
    away::redirect,
    error::{Problem, ProblemDocument},
    who::{MaybeSignedIn, Paced},
};

/// Back from Shopify
///
/// Checks Shopify's signature and that the question was asked in this browser by whoever is signed in, takes the tokens,
/// and ties the shop to the tenant. An `Idempotency-Key` means nothing here: a state is good for one callback.
#[utoipa::path(get, operation_id = "finish_connecting", path = "/auth/callback", tag = "Shop", responses(
    (status = 302, description = "connected: to `/app`; or something is in the way: to `/connect?error=…`"),
    (status = 400, description = "not Shopify's word, or no answer to a question that was asked here", body = ProblemDocument),
    (status = 403, description = "`forbidden`: the role does not allow it; `tenant_suspended`", body = ProblemDocument),
))]
pub(crate) async fn callback(
    State(deps): State<App>,
    _: Paced,
    brought: Brought,
    MaybeSignedIn(signed): MaybeSignedIn,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let app = app(&deps).await?;
    let (now, raw) = (deps.now(), raw.unwrap_or_default());
    let waiting = brought.0.filter(|waiting| now.as_second() < waiting.expires_at).ok_or_else(bad_state)?;
    let Some(signed) = signed else { return InTheWay::SignIn.told(&waiting.shop) };
    let user = signed.user.id;
    let Some(place) = signed.place else { return InTheWay::Nowhere.told(&waiting.shop) };
    if (waiting.user, waiting.tenant) != (user, place.store.id()) {
        return Err(bad_state());
    }
    if !place.member.role.may(Permission::ManageAccount) {
        return Err(FlowError::Denied(flows::identify::FORBIDDEN).into());
    }
    if is_refusal(&raw) {
        return InTheWay::OauthFailed.told(&waiting.shop);
    }
    let callback =
        Callback::read(&raw, &app, now).map_err(|why| Problem::bad("bad_callback", why.to_string()))?;
    if !callback.answers(&waiting.state) || callback.shop != waiting.shop {
        return Err(bad_state());
    }
    // Before Shopify is asked, which would refuse the code for the same reason and in other words.
    let digest =
        deps.open_secrets().await?.tag(Purpose::ConnectState, format!("used {}", waiting.state).as_bytes());
    if deps.store.is_used(&digest).await? {
        return Err(bad_state());
    }

    // Shopify ends the tokens that whoever has the shop uses once the code becomes new ones.
    if is_anothers(&deps, &callback.shop, place.store.id()).await? {
        return InTheWay::StoreTaken.told(&callback.shop);
    }
    let tokens = match deps.shops.grant(&callback.shop, &TokenAsk::code(&app, &callback.code)).await {
        Ok(Ok(tokens)) => tokens,
        // Of a code that was used or is too old Shopify says that the request is wrong.
        Ok(Err(TokenRefusal::Grant | TokenRefusal::Other { status: 400, .. })) => {
            return InTheWay::OauthFailed.told(&callback.shop);
        }
        Ok(Err(other)) => return failed(&callback.shop, &other),
        Err(error) => return failed(&callback.shop, &error),
    };
    let kept = sealed(&place.store, &deps.seals(), &tokens).await?;
    followed(&place.store, &callback.shop, &tokens.scopes.to_string(), &kept).await?;
    if !tokens.scopes.cover(&shops::scopes()) {
        return InTheWay::ScopesMissing.told(&callback.shop);
    }
    let seen = match deps.shops.ask_with(&callback.shop, &tokens.access, &ShopInfo {}).await {
        Ok(seen) if seen.it.domain == callback.shop => seen.it,
        Ok(_) => return failed(&callback.shop, &FlowError::broken("another shop has answered")),
        Err(Unanswered::Failed(error)) => return failed(&callback.shop, &error),
        Err(other) => return failed(&callback.shop, &other),
    };
    let connecting = Connecting {
        kept,
        scopes: tokens.scopes.to_string(),
        seen,
        user,
        used: Store::used_once(&digest, now + SignedDuration::from_secs(SECONDS)),
        since: None,
    };
    let mut response = match connecting.done(&deps, &place.store).await? {
        Ended::Connected => redirect("/app")?,
        Ended::Used | Ended::Overtaken => return Err(bad_state()),
        Ended::InTheWay(why) => why.told(&callback.shop)?,
    };
    let cleared = HeaderValue::from_str(&cookies::hidden(COOKIE, "", 0)).map_err(FlowError::broken)?;
    response.headers_mut().append(header::SET_COOKIE, cleared);
    Ok(response)
}

/// Whether the shop is another tenant's.
pub(super) async fn is_anothers(deps: &App, shop: &ShopDomain, tenant: TenantId) -> Result<bool, Problem> {
    let owner = deps.store.shop_owner(shop).await?;
    Ok(owner.is_some_and(|owner| owner.is_another_than(tenant)))
}

/// Who has the shop already goes on with the new tokens, whatever is in the way of connecting it anew: the old ones have ended.
async fn followed(
    store: &TenantStore,
    shop: &ShopDomain,
    scopes: &str,
    kept: &SealedTokens,
) -> Result<(), Problem> {
    for _ in 0..TRIES {
        let held = store.connection().await?;
        let Some(held) = held.filter(|held| held.is_open() && held.shop == *shop) else { break };
        let renewed = Connection::clone(&held).renewed(scopes.to_owned(), kept.clone());
        match store.commit(vec![store.connection_changed(&held, &renewed)]).await {
            Ok(()) => break,
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The merchant pressed Cancel. Signed or not, nothing is done.
fn is_refusal(raw: &str) -> bool {
    form_urlencoded::parse(raw.as_bytes()).any(|(name, _)| name == "error")
}

fn failed(shop: &shopify::ShopDomain, why: &(dyn std::error::Error + 'static)) -> Result<Response, Problem> {
    tracing::warn!(function = "api", "a shop was not connected: {}", flows::error::chain(why));
    InTheWay::CallbackFailed.told(shop)
}

fn bad_state() -> Problem {
    Problem::bad(
        "bad_state",
        "this was not begun in this browser by whoever is signed in, is too old, or is over; begin again",
    )
}

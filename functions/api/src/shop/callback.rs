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
    oauth::{Callback, TokenAsk, TokenRefusal, Tokens},
};
use store::{Store, StoreError, TenantStore};

use super::{
    InTheWay, app,
    connecting::{Connecting, Ended, TRIES, version},
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
    let since = version(place.store.connection().await?.as_ref());
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
    let (store, shop) = (&place.store, &callback.shop);
    let mut pair = Pair { deps: &deps, app: &app, store, shop, tokens, kept };
    let Some(since) = pair.followed(since).await? else { return redirect("/app") };
    if !pair.tokens.scopes.cover(&shops::scopes()) {
        return InTheWay::ScopesMissing.told(&callback.shop);
    }
    let seen = match deps.shops.ask_with(&callback.shop, &pair.tokens.access, &ShopInfo {}).await {
        Ok(seen) if seen.it.domain == callback.shop => seen.it,
        Ok(_) => return failed(&callback.shop, &FlowError::broken("another shop has answered")),
        Err(Unanswered::Failed(error)) => return failed(&callback.shop, &error),
        Err(other) => return failed(&callback.shop, &other),
    };
    let mut connecting = Connecting {
        kept: pair.kept.clone(),
        scopes: pair.tokens.scopes.to_string(),
        seen,
        user,
        used: Store::used_once(&digest, now + SignedDuration::from_secs(SECONDS)),
        since,
    };
    let mut response = loop {
        match connecting.done(&deps, &place.store).await? {
            Ended::Connected => break redirect("/app")?,
            Ended::Used => return Err(bad_state()),
            Ended::Overtaken => match pair.since().await? {
                Some(since) => {
                    connecting = Connecting {
                        kept: pair.kept.clone(),
                        scopes: pair.tokens.scopes.to_string(),
                        since,
                        ..connecting
                    };
                }
                None => break redirect("/app")?,
            },
            Ended::InTheWay(why) => break why.told(&callback.shop)?,
        }
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

/// What the code became. It ends every pair before it, and the next one ends it.
struct Pair<'a> {
    deps: &'a App,
    app: &'a shopify::App,
    store: &'a TenantStore,
    shop: &'a ShopDomain,
    tokens: Tokens,
    kept: SealedTokens,
}

impl Pair<'_> {
    /// Who has the shop already goes on with the new tokens, whatever is in the way of connecting it anew: the old ones have
    /// ended. Answers with the connection's version after that; `None`: somebody else has newer ones.
    async fn followed(&mut self, mut since: u64) -> Result<Option<u64>, Problem> {
        for _ in 0..TRIES {
            let held = self.store.connection().await?;
            if version(held.as_ref()) != since {
                match self.since().await? {
                    Some(now) => since = now,
                    None => return Ok(None),
                }
                continue;
            }
            let Some(held) = held.filter(|held| held.is_open() && held.shop == *self.shop) else { break };
            let renewed = Connection::clone(&held).renewed(self.tokens.scopes.to_string(), self.kept.clone());
            match self.store.commit(vec![self.store.connection_changed(&held, &renewed)]).await {
                Ok(()) => return Ok(Some(since + 1)),
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(since))
    }

    /// The connection was changed since this pair was asked for, and is of that version now. Whether a newer pair has ended this
    /// one shows when it is renewed: then `None`. Who has the newer one finds the connection changed in the same way, and keeps theirs.
    async fn since(&mut self) -> Result<Option<u64>, Problem> {
        let since = version(self.store.connection().await?.as_ref());
        match self.deps.shops.grant(self.shop, &TokenAsk::refresh(self.app, &self.tokens.refresh)).await {
            Ok(Ok(tokens)) => {
                self.kept = sealed(self.store, &self.deps.seals(), &tokens).await?;
                self.tokens = tokens;
                Ok(Some(since))
            }
            Ok(Err(TokenRefusal::Grant)) => Ok(None),
            // Nobody can tell. It was the last that was given here, and whoever keeps none of two has lost both.
            Ok(Err(_)) | Err(_) => Ok(Some(since)),
        }
    }
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

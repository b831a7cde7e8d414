//! Sign-in by a session token of App Bridge's, and the shop's connection if it has none.

use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderName, HeaderValue, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{Connection, ConnectionState, Permission, User};
use flows::{
    FlowError, sessions,
    shops::{self, sealed},
};
use serde::{Deserialize, Serialize};
use shopify::{
    App as ShopifyApp, RETRY, SessionToken,
    graph::ShopInfo,
    oauth::{Associate, TokenAsk, TokenRefusal},
};
use store::{Held, Place, Step, Store};
use utoipa::ToSchema;

use super::person::{Found, found};
use crate::{
    App,
    auth::sign_in::{PlaceView, UserView},
    error::{Problem, ProblemDocument},
    input::Input,
    once::{Answer, Done, Once},
    shop::{
        InTheWay, app,
        connecting::{Connecting, Ended, TRIES, version},
    },
    who::{Credential, Paced, Scope},
};

/// Somebody in the shop's admin, as App Bridge proves it.
pub(crate) struct InAdmin {
    app: ShopifyApp,
    token: String,
    session: SessionToken,
}

impl FromRequestParts<App> for InAdmin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, deps: &App) -> Result<Self, Response> {
        Self::read(parts, deps).await.map_err(answered)
    }
}

impl InAdmin {
    async fn read(parts: &mut Parts, deps: &App) -> Result<Self, Problem> {
        let app = app(deps).await?;
        let Ok(Credential::Bearer(token)) = Credential::of(parts) else {
            return Err(refused("a session token of App Bridge's is expected as `Authorization: Bearer`"));
        };
        let session =
            SessionToken::read(&token, &app, deps.now()).map_err(|why| refused(&why.to_string()))?;
        // An idempotency key is that person's own: what they are answered opens their account.
        let actor = format!("shopify {} {}", session.shop, session.user);
        parts.extensions.insert(Scope { tenant: None, actor });
        Ok(Self { app, token, session })
    }
}

fn refused(why: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "bad_session_token", why)
}

/// Where another session token may help, App Bridge is told to come once more with one.
fn answered(problem: Problem) -> Response {
    let is_worth_a_try = problem.status == StatusCode::UNAUTHORIZED;
    let mut response = problem.into_response();
    let (name, value) = RETRY;
    if let Ok(name) = HeaderName::from_bytes(name.as_bytes())
        && is_worth_a_try
    {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entering {
    /// Connect the shop again that was disconnected here. One that was never connected, or whose tokens are over, is
    /// connected without being asked.
    #[serde(default)]
    connect: bool,
}

/// Who has signed in, and what they call the API with. Another session token gets another.
#[derive(Serialize, ToSchema)]
pub(crate) struct InAdminView {
    user: UserView,
    tenant: PlaceView,
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds that the access token lives.
    expires_in: u32,
}

/// Sign in from Shopify's admin
///
/// Takes App Bridge's session token as `Authorization: Bearer`, and answers with an access token of ours. Who opens the app
/// first gets an account and a tenant, and the shop is connected. A person is known by Shopify's number in that shop, the
/// first time by the mail address that Shopify has verified. A 401 says so in the header that App Bridge tries again by.
#[utoipa::path(post, operation_id = "sign_in_from_admin", path = "/api/auth/shopify", tag = "Shop", request_body = Entering, responses(
    (status = 200, body = InAdminView),
    (status = 401, description = "forged, expired, for another app, or of another shop", body = ProblemDocument),
    (status = 403, description = "`store_taken`: the shop is connected to an account that the person is no member of; `email_not_verified`; `tenant_suspended`: the shop is not connected again; `app_not_installed`; `scopes_missing`: not all was allowed that we need", body = ProblemDocument),
    (status = 409, description = "`already_connected`, `currency_differs`", body = ProblemDocument),
))]
pub(crate) async fn sign_in(
    State(deps): State<App>,
    _: Paced,
    in_admin: InAdmin,
    once: Once,
    Input(asked): Input<Entering>,
) -> Response {
    entered(&deps, &in_admin, once, asked.connect).await.unwrap_or_else(answered)
}

async fn entered(deps: &App, in_admin: &InAdmin, once: Once, is_asked: bool) -> Result<Response, Problem> {
    let Found { user, place } = found(deps, in_admin).await?;
    if place.tenant.shop.as_ref().is_some_and(|other| *other != in_admin.session.shop) {
        return Err(InTheWay::AlreadyConnected.refused());
    }
    let connection = place.store.connection().await?;
    let is_meant = is_to_be_connected(connection.as_deref(), is_asked);
    if is_meant && place.member.role.may(Permission::ManageAccount) {
        in_admin.connected(deps, &place, &user, connection).await?;
    }
    opened(deps, once, &user, &place).await
}

/// The merchant ends a connection by a button of ours, and begins it again by one: merely to open the app is neither.
fn is_to_be_connected(connection: Option<&Connection>, is_asked: bool) -> bool {
    match connection.map(|connection| connection.state) {
        Some(ConnectionState::Connected) => false,
        Some(ConnectionState::Disconnected) => is_asked,
        Some(ConnectionState::NeedsReauth | ConnectionState::Uninstalled) | None => true,
    }
}

impl InAdmin {
    pub(super) fn session(&self) -> &SessionToken {
        &self.session
    }

    /// Who they are, by Shopify's word.
    pub(super) async fn associate(&self, deps: &App) -> Result<Associate, Problem> {
        let asked =
            deps.shops.associate(&self.session.shop, &TokenAsk::person(&self.app, &self.token)).await?;
        asked.map_err(not_granted)
    }

    /// The session token is changed for the shop's own pair, which ends any before it. Whoever finds that somebody else has
    /// connected the shop since `held` was read does not know whose pair is the last, and asks for another.
    async fn connected(
        &self,
        deps: &App,
        place: &Place,
        user: &User,
        mut held: Option<Held<Connection>>,
    ) -> Result<(), Problem> {
        for _ in 0..TRIES {
            match self.connected_since(deps, place, user, version(held.as_ref())).await? {
                Ended::Connected => return Ok(()),
                Ended::Overtaken => held = place.store.connection().await?,
                Ended::Used => return Err(FlowError::broken("nothing was used").into()),
                Ended::InTheWay(why) => return Err(why.refused()),
            }
        }
        Err(FlowError::unavailable("the shop is being connected and connected").into())
    }

    async fn connected_since(
        &self,
        deps: &App,
        place: &Place,
        user: &User,
        since: u64,
    ) -> Result<Ended, Problem> {
        let shop = &self.session.shop;
        let granted = deps.shops.grant(shop, &TokenAsk::exchange(&self.app, &self.token)).await?;
        let tokens = granted.map_err(not_granted)?;
        if !tokens.scopes.cover(&shops::scopes()) {
            let detail = "not all that we need was allowed; open the app again and allow all of it";
            return Err(Problem::forbidden("scopes_missing", detail));
        }
        let seen = deps.shops.ask_with(shop, &tokens.access, &ShopInfo {}).await;
        let seen = seen.map_err(FlowError::unavailable)?.it;
        if seen.domain != *shop {
            return Err(FlowError::broken("another shop has answered").into());
        }
        let connecting = Connecting {
            kept: sealed(&place.store, &deps.seals(), &tokens).await?,
            scopes: tokens.scopes.to_string(),
            seen,
            user: user.id,
            used: Step::default(),
            since,
        };
        connecting.done(deps, &place.store).await
    }
}

async fn opened(deps: &App, once: Once, user: &Held<User>, place: &Place) -> Result<Response, Problem> {
    let tenant = Some(place.member.tenant);
    let session = sessions::opened(user, tenant, deps.now(), &*deps.dice);
    let secrets = deps.open_secrets().await?;
    let tokens = sessions::tokens(&secrets, &session, deps.settings.access_seconds, deps.now())?;
    let view = InAdminView {
        user: UserView::of(user),
        tenant: PlaceView::of(&place.member, place.tenant.name.as_str()),
        access_token: tokens.access,
        token_type: "Bearer",
        expires_in: tokens.access_seconds,
    };
    let answer = Answer::new(StatusCode::OK, &view).in_tenant(tenant);
    match once.commit(vec![Store::user_unchanged(user), Store::session_opened(&session)], answer).await? {
        Done::Answered(response) => Ok(response),
        Done::Against(step) => Err(store::StoreError::Conflict(step).into()),
    }
}

fn not_granted(why: TokenRefusal) -> Problem {
    match why {
        TokenRefusal::SessionToken | TokenRefusal::Grant => refused(&why.to_string()),
        TokenRefusal::Client => {
            Problem::forbidden("app_not_installed", "the app is not installed in this shop")
        }
        other => FlowError::unavailable(other).into(),
    }
}

//! What every sign-in ends with: a session, its tokens, and the same answer.

use axum::{
    extract::FromRequestParts,
    http::{HeaderName, StatusCode, request::Parts},
    response::Response,
};
use domain::{Member, Session, TenantId, User, UserId, session::Holder};
use flows::{
    rates::{self, STRANGERS},
    sessions::{self, Tokens},
};
use serde::Serialize;
use store::{Held, Step, Store};
use utoipa::ToSchema;

use super::cookies;
use crate::{
    App,
    edge::Context,
    error::Problem,
    once::{Answer, Done, Once},
    who::{Address, must_not_be_foreign},
};

/// Whoever has just signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedInView {
    user: UserView,
    /// Where they act now; `null` if they belong to no tenant.
    tenant: Option<PlaceView>,
    /// For programs only: browsers get cookies that no script can read.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<TokensView>,
    /// To be sent as `X-CSRF-Token` with whatever changes something, by pages that rely on cookies.
    csrf_token: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TokensView {
    access_token: String,
    refresh_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds that the access token lives.
    expires_in: u32,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct UserView {
    #[schema(value_type = String)]
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) name: String,
}

/// A person's place in a tenant.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlaceView {
    #[schema(value_type = String)]
    pub(crate) id: TenantId,
    pub(crate) name: String,
    pub(crate) role: &'static str,
}

/// Who is at the other end: a page in a browser, which must not see tokens, or a program.
pub(crate) struct At(pub(crate) Holder);

impl<S: Send + Sync> FromRequestParts<S> for At {
    type Rejection = std::convert::Infallible;

    /// Browsers say so, and a page's script cannot keep them from it.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let is_browser = parts.headers.contains_key(HeaderName::from_static("sec-fetch-site"));
        Ok(Self(if is_browser { Holder::Browser } else { Holder::Program }))
    }
}

/// An attempt to get in from some address: bounded, and given back if it was a good one.
pub(crate) struct Attempt {
    digest: String,
}

impl FromRequestParts<App> for Attempt {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, deps: &App) -> Result<Self, Problem> {
        must_not_be_foreign(parts, &deps.settings)?;
        let Ok(address) = Address::from_request_parts(parts, deps).await;
        let digest = address.digest(&*deps.open_secrets().await?, "address");
        let limits = rates::take_try(&deps.store, &digest, STRANGERS, deps.now()).await?;
        if let Some(context) = parts.extensions.get::<Context>() {
            context.is_within(limits);
        }
        Ok(Self { digest })
    }
}

impl Attempt {
    /// A failure to give it back costs its address one try, and nobody anything else.
    pub(crate) async fn was_good(self, deps: &App) {
        let given = rates::give_back(&deps.store, &self.digest, STRANGERS, deps.now()).await;
        if let Err(error) = given {
            tracing::warn!(function = "api", "a sign-in attempt was not given back: {error}");
        }
    }
}

/// The end of every way in.
pub(crate) struct Entry {
    pub(crate) user: User,
    pub(crate) place: Option<(Member, String)>,
    pub(crate) status: StatusCode,
    pub(crate) at: Holder,
}

impl Entry {
    /// A new session, committed together with what led to it. `Against` names one of `steps`.
    pub(crate) async fn open(self, deps: &App, once: Once, steps: Vec<Step>) -> Result<Done, Problem> {
        let tenant = self.place.as_ref().map(|(member, _)| member.tenant);
        let session = sessions::opened(&self.user, tenant, deps.now(), &*deps.dice);
        let mut all = steps;
        all.push(Store::session_opened(&session));
        once.commit(all, self.answer(deps, &session).await?).await
    }

    /// The answer that hands out a session's tokens.
    pub(crate) async fn answer(&self, deps: &App, session: &Session) -> Result<Answer, Problem> {
        let secrets = deps.open_secrets().await?;
        let tokens = sessions::tokens(&secrets, session, deps.settings.access_seconds, deps.now())?;
        let cookies = cookies::of(&tokens);
        let tenant = self.place.as_ref().map(|(member, _)| member.tenant);
        Ok(Answer::new(self.status, &self.view(tokens)).with_cookies(cookies).in_tenant(tenant))
    }

    fn view(&self, tokens: Tokens) -> SignedInView {
        let Tokens { access, access_seconds, refresh, csrf } = tokens;
        let handed = TokensView {
            access_token: access,
            refresh_token: refresh,
            token_type: "Bearer",
            expires_in: access_seconds,
        };
        SignedInView {
            user: UserView::of(&self.user),
            tenant: self.place.as_ref().map(|(member, name)| PlaceView::of(member, name)),
            tokens: (self.at == Holder::Program).then_some(handed),
            csrf_token: csrf,
        }
    }
}

impl UserView {
    pub(crate) fn of(user: &User) -> Self {
        Self { id: user.id, email: user.email.to_string(), name: user.name.as_str().to_owned() }
    }
}

impl PlaceView {
    pub(crate) fn of(member: &Member, tenant_name: &str) -> Self {
        Self { id: member.tenant, name: tenant_name.to_owned(), role: member.role.name() }
    }
}

/// The places a person has, oldest first, with the tenants' names.
pub(crate) async fn places_of(deps: &App, user: UserId) -> Result<Vec<(Member, String)>, Problem> {
    let memberships: Vec<Held<Member>> = deps.store.memberships_of(user).await?;
    let tenants = deps.store.tenants_of(&memberships).await?;
    let name_of = |id: TenantId| {
        let tenant = tenants.iter().find(|tenant| tenant.id == id);
        tenant.map_or_else(String::new, |tenant| tenant.name.as_str().to_owned())
    };
    Ok(memberships
        .into_iter()
        .map(|member| (name_of(member.tenant), member.into_inner()))
        .map(|(name, member)| (member, name))
        .collect())
}

/// The place that somebody who did not say acts in: the oldest.
pub(crate) async fn place_of(
    deps: &App,
    user: UserId,
    wanted: Option<TenantId>,
) -> Result<Option<(Member, String)>, Problem> {
    let places = places_of(deps, user).await?;
    match wanted {
        None => Ok(places.into_iter().min_by_key(|(member, _)| (member.since, member.tenant))),
        Some(wanted) => {
            let place = places.into_iter().find(|(member, _)| member.tenant == wanted);
            place.map(Some).ok_or_else(|| flows::FlowError::NotFound("tenant").into())
        }
    }
}

/// The response of a commit whose steps can fail only by a change at the same moment.
pub(crate) fn done(done: Done) -> Result<Response, Problem> {
    match done {
        Done::Answered(response) => Ok(response),
        Done::Against(step) => Err(store::StoreError::Conflict(step).into()),
    }
}

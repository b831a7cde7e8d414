//! A new pair of tokens for a refresh token. An old one that comes back ends the session.

use axum::{
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use domain::session::Holder;
use flows::{
    Denial, FlowError,
    sessions::{self, Refreshed},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    cookies,
    sign_in::{Entry, SignedInView, place_of},
};
use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::Input,
    once::Once,
    who::{Paced, must_be_ours},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    /// Programs send it here; browsers have it in a cookie.
    pub(super) refresh_token: Option<String>,
}

/// The refresh token of a browser's cookie, if it may be used.
pub(crate) struct Cookie(pub(super) Option<String>);

impl FromRequestParts<App> for Cookie {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, deps: &App) -> Result<Self, Problem> {
        let Some(token) = cookies::read(&parts.headers, cookies::REFRESH).map(str::to_owned) else {
            return Ok(Self(None));
        };
        Self(Some(token)).checked(parts, deps).await
    }
}

impl Cookie {
    /// A browser that sends no `Origin` or no CSRF token may still send the token in the body.
    async fn checked(self, parts: &Parts, deps: &App) -> Result<Self, Problem> {
        let secrets = deps.open_secrets().await?;
        let session = self.0.as_deref().and_then(|token| secrets.refresh(token)).map(|(session, _)| session);
        let is_json = parts.headers.get("content-length").is_some_and(|length| length != "0");
        match must_be_ours(parts, &deps.settings, &secrets, session) {
            Ok(()) => Ok(self),
            Err(_) if is_json => Ok(Self(None)),
            Err(problem) => Err(problem),
        }
    }
}

/// Refresh
///
/// The refresh token given is used up: the answer has the next. One that is used a second time ends the session,
/// for somebody else may hold it. A program that lost the answer repeats the request with the same
/// `Idempotency-Key` and gets the same answer; the tabs of one browser may come together within ten seconds.
#[utoipa::path(post, path = "/api/auth/refresh", tag = "Sign-in", request_body = Refresh, responses(
    (status = 200, body = SignedInView), (status = 401, description = "used, expired or unknown", body = ProblemDocument),
))]
pub(crate) async fn refresh(
    State(deps): State<App>,
    once: Once,
    _: Paced,
    cookie: Cookie,
    Input(asked): Input<Refresh>,
) -> Result<Response, Problem> {
    let (token, at) = match (asked.refresh_token, cookie.0) {
        (Some(token), _) => (token, Holder::Program),
        (None, Some(token)) => (token, Holder::Browser),
        (None, None) => return Err(FlowError::Denied(Denial::Unauthenticated).into()),
    };
    let secrets = deps.open_secrets().await?;
    let (session, step) = loop {
        match sessions::refresh(&deps.store, &secrets, &token, at, deps.now()).await? {
            Refreshed::Good { session, step } => break (session, step),
            Refreshed::Reused(family) => {
                // It may be a twin of this request that has just used the token up.
                if let Some(kept) = once.kept_meanwhile().await? {
                    return Ok(kept);
                }
                if family.revoked(&deps.store).await? {
                    return Err(FlowError::Denied(Denial::Unauthenticated).into());
                }
            }
        }
    };
    let user = deps.store.user(session.user).await?.ok_or(FlowError::Denied(Denial::Unauthenticated))?;
    // Somebody who was removed meanwhile stays signed in, but is nowhere.
    let place = match session.tenant {
        Some(tenant) => match place_of(&deps, user.id, Some(tenant)).await {
            Err(problem) if problem.status == StatusCode::NOT_FOUND => None,
            found => found?,
        },
        None => None,
    };
    let entry = Entry { user: user.into_inner(), place, status: StatusCode::OK, at };
    let answer = entry.answer(&deps, &session).await?;
    once.commit_or_changed(step.into_iter().collect(), answer).await
}

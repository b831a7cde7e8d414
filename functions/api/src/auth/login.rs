//! Sign-in with a password, sign-out, and the move from one tenant to another.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{EmailAddress, TenantId};
use flows::{passwords, sessions};
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::ToSchema;

use super::{
    cookies,
    refresh::{Cookie, Refresh},
    sign_in::{At, Attempt, Entry, SignedInView, done, place_of},
};
use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::Input,
    once::{Answer, Once},
    who::SignedIn,
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    email: String,
    password: String,
    /// Which of your tenants to act in; the oldest unless told.
    #[schema(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// Sign in
///
/// A wrong password and an unknown address are answered alike, and take as long.
#[utoipa::path(post, path = "/api/auth/login", tag = "Sign-in", request_body = Login, responses(
    (status = 200, body = SignedInView),
    (status = 401, description = "address or password is wrong", body = ProblemDocument),
    (status = 429, description = "too many attempts from this network address", body = ProblemDocument),
))]
pub(crate) async fn login(
    State(deps): State<App>,
    once: Once,
    attempt: Attempt,
    At(at): At,
    Input(asked): Input<Login>,
) -> Result<Response, Problem> {
    let user = match asked.email.parse::<EmailAddress>() {
        Ok(email) => deps.store.user_with_email(&email).await?,
        Err(_) => None,
    };
    let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let is_right = passwords::is_right(&asked.password, hash).await?;
    let Some(user) = user.filter(|_| is_right) else {
        let detail = "the address or the password is wrong";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_credentials", detail));
    };
    let place = place_of(&deps, user.id, asked.tenant).await?;
    let steps = vec![Store::user_unchanged(&user)];
    let entry = Entry { user: user.into_inner(), place, status: StatusCode::OK, at };
    let response = done(entry.open(&deps, once, steps).await?)?;
    attempt.was_good(&deps).await;
    Ok(response)
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Gone {
    /// Always true.
    signed_out: bool,
}

/// Sign out
///
/// Ends the session: its access token and its refresh tokens are worth nothing from now on. Who has only a refresh
/// token left, because the access token has expired, signs out with that.
#[utoipa::path(post, path = "/api/auth/logout", tag = "Sign-in", request_body = Refresh, responses((status = 200, body = Gone)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn logout(
    State(deps): State<App>,
    signed: Result<SignedIn, Problem>,
    once: Once,
    cookie: Result<Cookie, Problem>,
    Input(asked): Input<Refresh>,
) -> Result<Response, Problem> {
    let session = match signed {
        Ok(SignedIn(signed)) => signed.session,
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => {
            let token = asked.refresh_token.or_else(|| cookie.ok().and_then(|Cookie(token)| token));
            let token = token.ok_or(problem)?;
            sessions::behind(&deps.store, &*deps.open_secrets().await?, &token, deps.now()).await?
        }
        Err(problem) => return Err(problem),
    };
    let answer = Answer::new(StatusCode::OK, &Gone { signed_out: true }).with_cookies(cookies::cleared());
    once.commit_or_changed(vec![sessions::ended(&session)], answer).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Switch {
    #[schema(value_type = String)]
    tenant: TenantId,
}

/// Act in another of your tenants
///
/// The session moves; tokens handed out before act in the old tenant until they expire.
#[utoipa::path(post, path = "/api/auth/switch", tag = "Sign-in", request_body = Switch,
    responses((status = 200, body = SignedInView), (status = 404, description = "not one of yours", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn switch(
    State(deps): State<App>,
    SignedIn(signed): SignedIn,
    once: Once,
    At(at): At,
    Input(asked): Input<Switch>,
) -> Result<Response, Problem> {
    let place = place_of(&deps, signed.user.id, Some(asked.tenant)).await?;
    let mut session = (*signed.session).clone();
    session.tenant = Some(asked.tenant);
    let step = Store::session_changed(&signed.session, &session);
    let entry = Entry { user: signed.user.into_inner(), place, status: StatusCode::OK, at };
    let answer = entry.answer(&deps, &session).await?;
    once.commit_or_changed(vec![step], answer).await
}

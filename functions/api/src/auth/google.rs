//! Sign-in with Google: by redirect (code, PKCE, state), or by an ID token that a page already holds.
//!
//! The state lives in a signed cookie for ten minutes and is good for one callback. Whose account opens is decided in
//! `entering`.

use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use domain::session::Holder;
use flows::{
    SignInAsk,
    sign::{Purpose, same, sha256_base64url},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::{IntoParams, ToSchema};

use super::{
    cookies,
    entering::Entering,
    evidence::Evidence,
    sign_in::{At, Attempt, SignedInView},
};
use crate::{
    App, Deps,
    away::{random, redirect, signed, unsigned},
    error::{Problem, ProblemDocument},
    input::{Asked, Input},
    once::{Done, Once},
    pages,
    who::Paced,
};

const CALLBACK: &str = "/api/auth/google/callback";
const STATE_SECONDS: i64 = 600;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Start {
    /// `1`: the sign-in happens in a popup, which tells its opener and closes.
    popup: Option<String>,
    /// Where to go afterwards: a path of this site.
    next: Option<String>,
}

/// What the browser keeps between the two redirects.
#[derive(Serialize, Deserialize)]
struct Waiting {
    state: String,
    nonce: String,
    verifier: String,
    popup: bool,
    next: String,
    expires_at: i64,
}

/// Sign in with Google
///
/// Redirects to Google.
#[utoipa::path(get, operation_id = "start_google", path = "/api/auth/google", tag = "Sign-in", params(Start), responses(
    (status = 302, description = "to Google"), (status = 404, description = "not set up here", body = ProblemDocument),
))]
pub(crate) async fn start(State(deps): State<App>, Asked(asked): Asked<Start>) -> Result<Response, Problem> {
    let waiting = Waiting {
        state: random(&deps),
        nonce: random(&deps),
        verifier: random(&deps),
        popup: asked.popup.as_deref() == Some("1"),
        next: asked.next.filter(|next| is_of_this_site(next)).unwrap_or_else(|| "/".to_owned()),
        expires_at: deps.now().as_second() + STATE_SECONDS,
    };
    let ask = SignInAsk {
        redirect_uri: redirect_uri(&deps),
        state: waiting.state.clone(),
        nonce: waiting.nonce.clone(),
        code_challenge: sha256_base64url(waiting.verifier.as_bytes()),
    };
    let url = deps.proofs.google.authorize_url(&ask).await?.ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "google_not_set_up", "sign-in with Google is not set up here")
    })?;
    let cookie = cookies::hidden(
        cookies::SIGN_IN_STATE,
        &signed(&deps, Purpose::SignInState, &waiting).await?,
        STATE_SECONDS,
    );
    let mut response = redirect(&url)?;
    add_cookies(response.headers_mut(), vec![cookie]);
    Ok(if waiting.popup { pages::in_popup(response) } else { response })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Callback {
    code: Option<String>,
    state: Option<String>,
    /// What Google says instead of a code.
    error: Option<String>,
}

/// What the browser brings back.
pub(crate) struct Brought(Option<Waiting>);

impl FromRequestParts<App> for Brought {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, deps: &App) -> Result<Self, Problem> {
        let cookie = cookies::read(&parts.headers, cookies::SIGN_IN_STATE);
        Ok(Self(match cookie {
            Some(cookie) => unsigned(deps, Purpose::SignInState, cookie).await?,
            None => None,
        }))
    }
}

/// Back from Google
///
/// Signs in with the code and goes on to where the sign-in began. An `Idempotency-Key` means nothing here: the state
/// is good for one callback.
#[utoipa::path(get, operation_id = "finish_google", path = "/api/auth/google/callback", tag = "Sign-in", params(Callback), responses(
    (status = 302, description = "signed in; on to `next`"),
    (status = 200, description = "in a popup: a page that tells its opener and closes"),
    (status = 400, description = "the state is missing, wrong, old or used", body = ProblemDocument),
))]
pub(crate) async fn callback(
    State(deps): State<App>,
    _: Paced,
    brought: Brought,
    evidence: Evidence,
    Asked(told): Asked<Callback>,
) -> Result<Response, Problem> {
    let state = told.state.unwrap_or_default();
    let now = deps.now();
    let waiting = brought.0.filter(|waiting| same(waiting.state.as_bytes(), state.as_bytes()));
    let waiting = waiting.filter(|waiting| now.as_second() < waiting.expires_at).ok_or_else(bad_state)?;
    let Some(code) = told.code.filter(|_| told.error.is_none()) else {
        return Err(Problem::bad("sign_in_refused", "Google did not sign you in; try again"));
    };
    // Before Google is asked, which would refuse the code for the same reason and in other words.
    let digest = deps.open_secrets().await?.tag(Purpose::SignInState, format!("used {state}").as_bytes());
    if deps.store.is_used(&digest).await? {
        return Err(bad_state());
    }
    let token = deps.proofs.google.redeem(&code, &waiting.verifier, &redirect_uri(&deps)).await?;
    let identity = deps.proofs.google.verify(&token, Some(&waiting.nonce), now).await?;

    let mut entering = Entering::of(&deps, &identity, &evidence).await?;
    // First, so that of twins the later is told that the state is used, not that somebody else was faster.
    let mut steps = vec![Store::used_once(&digest, now + SignedDuration::from_secs(STATE_SECONDS))];
    steps.append(&mut entering.steps);
    let once = Once::without_key(&deps);
    match entering.open(&deps, Holder::Browser, once, steps).await? {
        Done::Answered(response) => Ok(arrived(&response, &waiting, &deps)?),
        Done::Against(0) => Err(bad_state()),
        Done::Against(step) => Err(store::StoreError::Conflict(step).into()),
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdToken {
    /// An ID token that Google made for this installation's client id.
    #[serde(alias = "credential", alias = "id_token")]
    token: String,
}

/// Sign in with a Google ID token
///
/// A token signs in once. A repetition with the same `Idempotency-Key` gets the same answer. An account whose mail
/// address nobody had proven loses its password, which may be a stranger's, unless the request comes signed in to it.
#[utoipa::path(post, operation_id = "sign_in_with_google", path = "/api/auth/google", tag = "Sign-in", request_body = IdToken, responses(
    (status = 200, body = SignedInView),
    (status = 401, description = "not Google's, not for us, expired, or used before", body = ProblemDocument),
))]
pub(crate) async fn by_token(
    State(deps): State<App>,
    once: Once,
    attempt: Attempt,
    At(at): At,
    evidence: Evidence,
    Input(asked): Input<IdToken>,
) -> Result<Response, Problem> {
    let identity = deps.proofs.google.verify(&asked.token, None, deps.now()).await?;
    let mut entering = Entering::of(&deps, &identity, &evidence).await?;
    let is_new = entering.is_new;
    // What is signed, without the signature: the same claims could have been signed twice.
    let signed = asked.token.rsplit_once('.').map_or("", |(signed, _)| signed);
    let digest = deps.open_secrets().await?.tag(Purpose::Digest, format!("id token {signed}").as_bytes());
    let mut steps = std::mem::take(&mut entering.steps);
    let place_of_use = steps.len();
    steps.push(Store::used_once(&digest, identity.expires_at));
    match entering.open(&deps, at, once, steps).await? {
        Done::Answered(response) => {
            // Making a tenant costs a try, by whichever way it is made.
            if !is_new {
                attempt.was_good(&deps).await;
            }
            Ok(response)
        }
        Done::Against(step) if step == place_of_use => Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "token_used",
            "somebody has signed in with this token already; ask Google for another",
        )),
        Done::Against(step) => Err(store::StoreError::Conflict(step).into()),
    }
}

/// The session's cookies, and the way on: to `next`, or back to the page that opened the popup.
fn arrived(signed_in: &Response, waiting: &Waiting, deps: &Deps) -> Result<Response, Problem> {
    let mut response = if waiting.popup {
        let nonce = random(deps);
        let page = Html(pages::popup(&deps.settings.origin, &nonce)).into_response();
        let page = pages::with_policy(
            page,
            &format!("default-src 'none'; script-src 'nonce-{nonce}'; frame-ancestors 'none'"),
        );
        pages::in_popup(page)
    } else {
        redirect(&waiting.next)?
    };
    response.extensions_mut().extend(signed_in.extensions().clone());
    for cookie in signed_in.headers().get_all(header::SET_COOKIE) {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    add_cookies(response.headers_mut(), vec![cookies::hidden(cookies::SIGN_IN_STATE, "", 0)]);
    Ok(response)
}

fn bad_state() -> Problem {
    Problem::bad(
        "bad_state",
        "this sign-in was not begun in this browser, is too old, or is over; begin again",
    )
}

fn add_cookies(headers: &mut HeaderMap, cookies: Vec<String>) {
    for cookie in cookies {
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
}

fn redirect_uri(deps: &Deps) -> String {
    format!("{}{CALLBACK}", deps.settings.origin)
}

/// A path, and not another site in disguise (`//evil`, `/\evil`).
fn is_of_this_site(next: &str) -> bool {
    let second = next.chars().nth(1);
    next.starts_with('/')
        && !matches!(second, Some('/' | '\\'))
        && next.bytes().all(|byte| byte.is_ascii_graphic())
}

//! A little OpenID provider that stands for Google: shows its people, hands out codes, signs ID tokens.
//!
//! As strict as the real one, and in its words: a code works once, with the right verifier, redirect and client.

mod signing;
#[cfg(test)]
mod tests;

use axum::{
    Form, Json, Router,
    body::Body,
    extract::{Query, State},
    http::{HeaderValue, Request, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use flows::{Clock, Dice, sign::sha256_base64url};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};
use url::Url;
use vendors::Endpoints;

pub use signing::Signer;

pub const CLIENT_ID: &str = "regulars-local";
pub const CLIENT_SECRET: &str = "not-a-secret";

/// The people who can be chosen on the page: address and name.
const PEOPLE: [(&str, &str); 2] = [("greta@example.com", "Greta Google"), ("owner@demo.test", "Olive Owner")];

/// The issuer, wherever it is mounted.
#[derive(Clone)]
pub struct Stub {
    inner: Arc<Inner>,
}

struct Inner {
    base: String,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
    signer: Mutex<Signer>,
    is_away: AtomicBool,
    key_requests: AtomicU32,
    /// Keys that are published beside the signer's own.
    further_keys: Mutex<Vec<Value>>,
    codes: Mutex<HashMap<String, Granted>>,
}

/// What a code stands for.
struct Granted {
    asked: Asked,
    email: String,
    verified: bool,
}

/// The authorization request.
#[derive(Clone, Deserialize)]
struct Asked {
    response_type: String,
    scope: String,
    code_challenge_method: String,
    client_id: String,
    redirect_uri: String,
    state: String,
    nonce: String,
    code_challenge: String,
    /// Tests and demos go straight through as this person.
    #[serde(rename = "as")]
    person: Option<String>,
    verified: Option<bool>,
}

impl Stub {
    /// `base` is where its router is mounted.
    pub fn at(base: &str, clock: Arc<dyn Clock>, dice: Arc<dyn Dice>) -> Self {
        let inner = Inner {
            base: base.to_owned(),
            clock,
            dice,
            signer: Mutex::new(Signer::new("stub-1")),
            is_away: AtomicBool::new(false),
            key_requests: AtomicU32::new(0),
            further_keys: Mutex::default(),
            codes: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    pub fn endpoints(&self) -> Endpoints {
        let at = |path: &str| format!("{}{path}", self.inner.base);
        Endpoints {
            issuer: self.inner.base.clone(),
            authorize_url: at("/authorize"),
            token_url: at("/token"),
            keys_url: at("/keys"),
            ..Endpoints::google()
        }
    }

    pub fn router(&self) -> Router {
        Router::new()
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/keys", get(keys))
            .with_state(self.clone())
    }

    /// The claims of an ID token for that person, as of now: to be changed and signed by tests.
    pub fn claims(&self, email: &str, verified: bool, nonce: &str) -> Value {
        let now = self.inner.clock.now().as_second();
        let known = PEOPLE.iter().find(|(known, _)| *known == email);
        json!({
            "iss": self.inner.base, "aud": CLIENT_ID, "sub": format!("stub-{}", sha256_base64url(email.as_bytes())),
            "email": email, "email_verified": verified, "name": known.map_or(email, |(_, name)| name),
            "nonce": nonce, "iat": now, "exp": now + 3_600,
        })
    }

    pub fn sign(&self, claims: &Value) -> String {
        self.signer(|signer| signer.sign(claims))
    }

    /// New keys from now on; the old ones are gone.
    pub fn rotate(&self, kid: &str) {
        self.signer(|signer| *signer = Signer::new(kid));
    }

    /// The public key that it signs with.
    pub fn jwk(&self) -> Value {
        self.signer(Signer::jwk)
    }

    /// Another key beside its own.
    pub fn publish(&self, jwk: Value) {
        self.inner.further_keys.lock().unwrap_or_else(PoisonError::into_inner).push(jwk);
    }

    /// How often its keys were asked for so far.
    pub fn key_requests(&self) -> u32 {
        self.inner.key_requests.load(Ordering::SeqCst)
    }

    /// While it is away, its keys and its tokens cannot be had.
    pub fn go_away(&self, away: bool) {
        self.inner.is_away.store(away, Ordering::SeqCst);
    }

    /// As a browser that is sent to it: where it is sent on to.
    ///
    /// # Panics
    /// If it is sent nowhere.
    pub async fn visit(&self, url: &str) -> String {
        let url: Url = url.parse().expect("a browser is sent to a URL");
        let path = url.path().strip_prefix(self.path()).unwrap_or_else(|| url.path());
        let to = format!("{path}?{}", url.query().unwrap_or_default());
        let request = Request::get(to).body(Body::empty()).expect("a URL can be visited");
        let Ok(response) = tower::ServiceExt::oneshot(self.router(), request).await;
        let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
        location.expect("it sends people back").to_owned()
    }

    /// The path below which it is mounted; empty if it has a host to itself.
    fn path(&self) -> &str {
        let after_scheme = self.inner.base.split_once("://").map_or("", |(_, rest)| rest);
        after_scheme.find('/').map_or("", |at| &after_scheme[at..])
    }

    fn signer<T>(&self, with: impl FnOnce(&mut Signer) -> T) -> T {
        with(&mut self.inner.signer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A code for that person, good for one redemption.
    fn grant(&self, asked: &Asked, email: &str, verified: bool) -> String {
        let mut random = [0; 16];
        self.inner.dice.fill(&mut random);
        let code = sha256_base64url(&random);
        let granted = Granted { asked: asked.clone(), email: email.to_owned(), verified };
        self.inner.codes.lock().unwrap_or_else(PoisonError::into_inner).insert(code.clone(), granted);
        code
    }
}

async fn authorize(State(stub): State<Stub>, Query(asked): Query<Asked>) -> Response {
    if let Some(wrong) = asked.wrong() {
        return (StatusCode::BAD_REQUEST, wrong).into_response();
    }
    if let Some(person) = &asked.person {
        let code = stub.grant(&asked, person, asked.verified.unwrap_or(true));
        return back(&asked, &code);
    }
    let choice = |(email, name): (&str, &str)| {
        let code = stub.grant(&asked, email, true);
        let to = with_code(&asked, &code).unwrap_or_default().replace('&', "&amp;");
        format!("<li><a href=\"{to}\">{name}</a> ({email})")
    };
    let choices: String = PEOPLE.into_iter().map(choice).collect::<Vec<_>>().join("\n");
    Html(format!(
        "<!doctype html><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Not Google</title><h1>Who are you?</h1><p>This page stands for Google's, on your laptop only.</p>\
         <ul>{choices}</ul>"
    ))
    .into_response()
}

impl Asked {
    /// Whoever is sent away with this would not know why: they are told here.
    fn wrong(&self) -> Option<&'static str> {
        let is_web = Url::parse(&self.redirect_uri).is_ok_and(|to| matches!(to.scheme(), "http" | "https"));
        let asks_for_openid = self.scope.split(' ').any(|scope| scope == "openid");
        match () {
            () if self.client_id != CLIENT_ID => Some("this client is not known here"),
            () if !is_web => Some("redirect_uri is no web address"),
            () if self.response_type != "code" => Some("response_type must be code"),
            () if !asks_for_openid => Some("scope must have openid"),
            () if self.code_challenge_method != "S256" => Some("code_challenge_method must be S256"),
            () => None,
        }
    }
}

fn with_code(asked: &Asked, code: &str) -> Option<String> {
    let query = [("code", code), ("state", asked.state.as_str())];
    Url::parse_with_params(&asked.redirect_uri, query).ok().map(Into::into)
}

fn back(asked: &Asked, code: &str) -> Response {
    match with_code(asked, code) {
        Some(to) => Redirect::to(&to).into_response(),
        None => (StatusCode::BAD_REQUEST, "redirect_uri is no URL").into_response(),
    }
}

#[derive(Deserialize)]
struct Redeem {
    grant_type: String,
    code: String,
    code_verifier: String,
    redirect_uri: String,
    client_id: String,
    client_secret: String,
}

async fn token(State(stub): State<Stub>, Form(redeem): Form<Redeem>) -> Response {
    if stub.inner.is_away.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    if redeem.client_id != CLIENT_ID || redeem.client_secret != CLIENT_SECRET {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    if redeem.grant_type != "authorization_code" {
        return refused(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let granted = stub.inner.codes.lock().unwrap_or_else(PoisonError::into_inner).remove(&redeem.code);
    let verified = sha256_base64url(redeem.code_verifier.as_bytes());
    let granted = match granted {
        Some(granted) if granted.asked.redirect_uri != redeem.redirect_uri => {
            return refused(StatusCode::BAD_REQUEST, "redirect_uri_mismatch");
        }
        Some(granted) if granted.asked.code_challenge == verified => granted,
        _ => return refused(StatusCode::BAD_REQUEST, "invalid_grant"),
    };
    let claims = stub.claims(&granted.email, granted.verified, &granted.asked.nonce);
    Json(json!({"id_token": stub.sign(&claims), "token_type": "Bearer", "expires_in": 3_600})).into_response()
}

fn refused(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({"error": error}))).into_response()
}

async fn keys(State(stub): State<Stub>) -> Response {
    stub.inner.key_requests.fetch_add(1, Ordering::SeqCst);
    if stub.inner.is_away.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let mut keys = vec![stub.jwk()];
    keys.extend(stub.inner.further_keys.lock().unwrap_or_else(PoisonError::into_inner).clone());
    let set = json!({"keys": keys});
    let age = HeaderValue::from_static("public, max-age=3600");
    ([(header::CACHE_CONTROL, age)], Json(set)).into_response()
}

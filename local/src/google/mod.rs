//! A little OpenID provider that stands for Google: shows its people, hands out codes, signs ID tokens.
//!
//! As strict as the real one: a code works once, with the right verifier, redirect and client.

mod signing;

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
        atomic::{AtomicBool, Ordering},
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
    if asked.client_id != CLIENT_ID {
        return (StatusCode::BAD_REQUEST, "this client is not known here").into_response();
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
    let granted = stub.inner.codes.lock().unwrap_or_else(PoisonError::into_inner).remove(&redeem.code);
    let is_client = redeem.client_id == CLIENT_ID && redeem.client_secret == CLIENT_SECRET;
    let granted = granted.filter(|granted| {
        let asked = &granted.asked;
        is_client
            && redeem.grant_type == "authorization_code"
            && asked.redirect_uri == redeem.redirect_uri
            && asked.code_challenge == sha256_base64url(redeem.code_verifier.as_bytes())
    });
    let Some(granted) = granted else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    };
    let claims = stub.claims(&granted.email, granted.verified, &granted.asked.nonce);
    Json(json!({"id_token": stub.sign(&claims), "token_type": "Bearer", "expires_in": 3_600})).into_response()
}

async fn keys(State(stub): State<Stub>) -> Response {
    if stub.inner.is_away.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let set = json!({"keys": [stub.signer(Signer::jwk)]});
    let age = HeaderValue::from_static("public, max-age=3600");
    ([(header::CACHE_CONTROL, age)], Json(set)).into_response()
}

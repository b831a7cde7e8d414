//! `POST /admin/oauth/access_token`: a code, a session token, a refresh token or an endless token for a pair that expires.

use axum::{
    Json,
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use flows::Dice;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::{Here, faults};
use crate::shopify::{
    Shop,
    access::Granted,
    shop::State,
    switches::{Door, Fault},
};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const OFFLINE: &str = "urn:shopify:params:oauth:token-type:offline-access-token";
const ONLINE: &str = "urn:shopify:params:oauth:token-type:online-access-token";

/// What was sent, as a form or as JSON.
struct Told(BTreeMap<String, String>);

/// The error's name and a sentence.
struct Refusal(StatusCode, &'static str, &'static str);

pub(super) async fn token(Here(shop): Here, headers: HeaderMap, body: Bytes) -> Response {
    let fault = shop.with(|state, _, dice| state.switches.fault(Door::Token, dice));
    if let Some(fault) = fault.filter(|fault| *fault != Fault::Cut) {
        return faults::answer(fault, &shop);
    }
    let Some(told) = Told::read(&headers, &body) else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_request"}))).into_response();
    };
    let granted = shop.with(|state, now, dice| {
        let granted = granted(&shop, state, &told, dice, now);
        state.access_changed();
        granted
    });
    match granted {
        Ok(granted) if fault == Some(Fault::Cut) => {
            // The tokens are given, and nobody hears of them.
            faults::cut(granted.to_string().into_bytes()).into_response()
        }
        Ok(granted) => Json(granted).into_response(),
        Err(Refusal(status, error, sentence)) => {
            (status, Json(json!({"error": error, "error_description": sentence}))).into_response()
        }
    }
}

fn granted(
    shop: &Shop,
    state: &mut State,
    told: &Told,
    dice: &dyn Dice,
    now: Timestamp,
) -> Result<Value, Refusal> {
    let app = &shop.front().app;
    if !app.knows(told.get("client_id"), told.get("client_secret")) {
        return Err(Refusal(StatusCode::UNAUTHORIZED, "invalid_client", "The client id or secret is wrong"));
    }
    let is_expiring = ["1", "true"].contains(&told.get("expiring"));
    let invalid = |sentence| Refusal(StatusCode::BAD_REQUEST, "invalid_grant", sentence);
    match told.get("grant_type") {
        "" | "authorization_code" => {
            let redeemed = state.access.redeem(told.get("code"), is_expiring, dice, now);
            redeemed.map(|granted| json!(granted)).ok_or_else(|| {
                let sentence = "The authorization code was not found or was already used";
                Refusal(StatusCode::BAD_REQUEST, "invalid_request", sentence)
            })
        }
        "refresh_token" => {
            if state.access.scopes.is_none() {
                return Err(Refusal(StatusCode::UNAUTHORIZED, "invalid_client", "The app is not installed"));
            }
            let refreshed = state.access.refresh(told.get("refresh_token"), dice, now);
            refreshed
                .map(|granted| json!(granted))
                .ok_or_else(|| invalid("The refresh token is invalid or has expired"))
        }
        EXCHANGE => exchanged(shop, state, told, (is_expiring, dice, now)),
        _ => Err(Refusal(StatusCode::BAD_REQUEST, "unsupported_grant_type", "The grant type is not known")),
    }
}

fn exchanged(
    shop: &Shop,
    state: &mut State,
    told: &Told,
    (is_expiring, dice, now): (bool, &dyn Dice, Timestamp),
) -> Result<Value, Refusal> {
    let invalid =
        || Refusal(StatusCode::BAD_REQUEST, "invalid_subject_token", "The subject token is invalid");
    let subject = told.get("subject_token");
    match told.get("subject_token_type") {
        // One that never ends is changed for a pair, once.
        OFFLINE => {
            let granted = state.access.migrate(subject, dice, now).ok_or_else(invalid)?;
            return Ok(json!(granted));
        }
        ID_TOKEN => {}
        _ => {
            return Err(Refusal(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The subject token type is not known",
            ));
        }
    }
    let user = shop.front().app.session(subject, shop.domain(), now).ok_or_else(invalid)?;
    if state.access.scopes.is_none() {
        return Err(Refusal(StatusCode::UNAUTHORIZED, "invalid_client", "The app is not installed"));
    }
    match told.get("requested_token_type") {
        OFFLINE => Ok(json!(state.access.grant(is_expiring, dice, now))),
        ONLINE => {
            let Granted { access_token, scope, expires_in, .. } = state.access.grant_online(dice, now);
            Ok(json!({
                "access_token": access_token,
                "scope": scope,
                "expires_in": expires_in,
                "associated_user_scope": scope,
                "associated_user": {
                    "id": user, "first_name": "Olive", "last_name": "Owner", "email": Shop::mail_of(user),
                    "email_verified": !state.switches.is_staff_unverified, "account_owner": true, "locale": "en", "collaborator": false,
                },
            }))
        }
        _ => {
            Err(Refusal(StatusCode::BAD_REQUEST, "invalid_request", "The requested token type is not known"))
        }
    }
}

impl Told {
    fn read(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Some(Self(url::form_urlencoded::parse(body).into_owned().collect()));
        }
        let told: BTreeMap<String, Value> = serde_json::from_slice(body).ok()?;
        let text = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        Some(Self(told.into_iter().map(|(name, value)| (name, text(value))).collect()))
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }
}

//! Tokens: what is posted for them, and what Shopify answers.
//!
//! A new pair ends the one before, but for one thing: what renewed it may be used again until the new pair is used, so that
//! an answer which was lost can be asked for again.

use domain::Timestamp;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::Scopes;
use crate::{App, Secret};

/// Where a `TokenAsk` is posted, as JSON: see `Origin::url`.
pub const TOKEN_PATH: &str = "/admin/oauth/access_token";

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const ONLINE: &str = "urn:shopify:params:oauth:token-type:online-access-token";
const OFFLINE: &str = "urn:shopify:params:oauth:token-type:offline-access-token";
/// No token lives longer than ten years, whatever is told.
const SECONDS_MAX: i64 = 10 * 365 * 24 * 3_600;

/// The body of a request for tokens. It holds the app's secret.
pub struct TokenAsk<'a>(Body<'a>);

#[derive(Serialize)]
struct Body<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    #[serde(flatten)]
    grant: Grant<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Grant<'a> {
    Code {
        code: &'a str,
        expiring: &'static str,
    },
    Refresh {
        grant_type: &'static str,
        refresh_token: &'a str,
    },
    Exchange {
        grant_type: &'static str,
        subject_token: &'a str,
        subject_token_type: &'static str,
        requested_token_type: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        expiring: Option<&'static str>,
    },
}

impl<'a> TokenAsk<'a> {
    /// For the code of a `Callback`.
    pub fn code(app: &'a App, code: &'a Secret) -> Self {
        Self::of(app, Grant::Code { code: code.expose(), expiring: "1" })
    }

    /// For a pair that ends soon.
    pub fn refresh(app: &'a App, refresh: &'a Secret) -> Self {
        Self::of(app, Grant::Refresh { grant_type: "refresh_token", refresh_token: refresh.expose() })
    }

    /// For a session token of App Bridge's, which lives a minute.
    pub fn exchange(app: &'a App, session_token: &'a str) -> Self {
        Self::exchanged(app, session_token, OFFLINE, Some("1"))
    }

    /// For the same: who it speaks of. `associate` reads the answer.
    pub fn person(app: &'a App, session_token: &'a str) -> Self {
        Self::exchanged(app, session_token, ONLINE, None)
    }

    fn exchanged(
        app: &'a App,
        subject_token: &'a str,
        requested_token_type: &'static str,
        expiring: Option<&'static str>,
    ) -> Self {
        let (grant_type, subject_token_type) = (EXCHANGE, ID_TOKEN);
        let grant =
            Grant::Exchange { grant_type, subject_token, subject_token_type, requested_token_type, expiring };
        Self::of(app, grant)
    }

    fn of(app: &'a App, grant: Grant<'a>) -> Self {
        Self(Body { client_id: &app.client_id, client_secret: app.secret.expose(), grant })
    }

    /// `content-type: application/json`.
    pub fn json(&self) -> Vec<u8> {
        serde_json::to_vec(&self.0).expect("texts are JSON")
    }
}

/// An offline token that ends, and what renews it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    pub access: Secret,
    pub access_ends_at: Timestamp,
    pub refresh: Secret,
    pub refresh_ends_at: Timestamp,
    pub scopes: Scopes,
}

/// What the answer should have been and is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTokens {
    #[error("Shopify's answer is not JSON with an access token and its scopes")]
    Form,
    /// Apps like ours may not have one.
    #[error("Shopify gave a token without an end")]
    Endless,
}

/// Why there are no tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// The code or the token that renews is used up, too old or revoked: the merchant has to let us in again.
    #[error("Shopify does not take the grant any more")]
    Grant,
    /// The session token is too old: the page asks App Bridge for another.
    #[error("Shopify does not take the session token any more")]
    SessionToken,
    /// Our own secret is wrong, or the app is not in that shop any more.
    #[error("Shopify does not know the app by its secret, or the shop has removed it")]
    Client,
    #[error("Shopify refuses: {status} {code}")]
    Other { status: u16, code: String },
    /// Asked again later it may work.
    #[error("Shopify has no answer now: {status}")]
    Later { status: u16, wait: Option<SignedDuration> },
    #[error(transparent)]
    Answer(#[from] BadTokens),
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    scope: String,
    expires_in: Option<i64>,
    refresh_token: Option<String>,
    refresh_token_expires_in: Option<i64>,
}

#[derive(Deserialize, Default)]
struct Refused {
    #[serde(default)]
    error: String,
}

/// Reads the answer to a `TokenAsk`, which came at `now`. `retry_after` is the header of that name.
pub fn tokens(
    status: u16,
    retry_after: Option<&str>,
    body: &[u8],
    now: Timestamp,
) -> Result<Tokens, TokenRefusal> {
    if status == 200 { Ok(granted(body, now)?) } else { Err(refusal(status, retry_after, body)) }
}

pub(super) fn refusal(status: u16, retry_after: Option<&str>, body: &[u8]) -> TokenRefusal {
    if let 429 | 500..=599 = status {
        return TokenRefusal::Later { status, wait: crate::http::retry_after(retry_after) };
    }
    let refused: Refused = serde_json::from_slice(body).unwrap_or_default();
    match refused.error.as_str() {
        "invalid_grant" => TokenRefusal::Grant,
        "invalid_subject_token" => TokenRefusal::SessionToken,
        "invalid_client" => TokenRefusal::Client,
        other => TokenRefusal::Other { status, code: crate::http::code(other) },
    }
}

fn granted(body: &[u8], now: Timestamp) -> Result<Tokens, BadTokens> {
    let told: Granted = serde_json::from_slice(body).map_err(|_| BadTokens::Form)?;
    let secret = |token: String| {
        let is_plain =
            (1..=4_096).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic());
        if is_plain { Ok(Secret::new(token)) } else { Err(BadTokens::Form) }
    };
    let ends = |seconds: Option<i64>| {
        let seconds = seconds.ok_or(BadTokens::Endless)?;
        let seconds = (1..=SECONDS_MAX).contains(&seconds).then_some(seconds).ok_or(BadTokens::Form)?;
        now.checked_add(SignedDuration::from_secs(seconds)).map_err(|_| BadTokens::Form)
    };
    Ok(Tokens {
        access: secret(told.access_token)?,
        access_ends_at: ends(told.expires_in)?,
        refresh: secret(told.refresh_token.ok_or(BadTokens::Endless)?)?,
        refresh_ends_at: ends(told.refresh_token_expires_in)?,
        scopes: told.scope.parse().map_err(|_| BadTokens::Form)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{app::tests::app, oauth::query::tests::now};
    use serde_json::{Value, json};

    #[test]
    fn each_grant_has_its_body() {
        let check = |ask: TokenAsk<'_>, expected: Value| {
            assert_eq!(serde_json::from_slice::<Value>(&ask.json()).unwrap(), expected);
        };
        let (app, secret) = (app(), Secret::new("x"));
        let us = json!({"client_id": "client", "client_secret": "hush"});
        let with = |more: Value| {
            let mut all = us.clone();
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        check(TokenAsk::code(&app, &secret), with(json!({"code": "x", "expiring": "1"})));
        let refresh = json!({"grant_type": "refresh_token", "refresh_token": "x"});
        check(TokenAsk::refresh(&app, &secret), with(refresh));
        check(
            TokenAsk::exchange(&app, "jwt"),
            with(json!({
                "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                "subject_token": "jwt",
                "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
                "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
                "expiring": "1",
            })),
        );
        let person: Value = serde_json::from_slice(&TokenAsk::person(&app, "jwt").json()).unwrap();
        assert_eq!(person["requested_token_type"], "urn:shopify:params:oauth:token-type:online-access-token");
        assert_eq!(person["expiring"], Value::Null);
    }

    #[test]
    fn an_answer_is_a_pair_that_ends() {
        let right = json!({"access_token": "shpat_1", "scope": "read_orders,write_customers", "expires_in": 3600,
            "refresh_token": "shprt_1", "refresh_token_expires_in": 7_776_000});
        let read = |body: &Value| tokens(200, None, body.to_string().as_bytes(), now());
        let pair = read(&right).unwrap();
        assert_eq!(pair.access.expose(), "shpat_1");
        assert_eq!(pair.refresh.expose(), "shprt_1");
        assert_eq!(pair.access_ends_at, now() + SignedDuration::from_hours(1));
        assert_eq!(pair.refresh_ends_at, now() + SignedDuration::from_hours(24 * 90));
        assert_eq!(pair.scopes.to_string(), "read_orders,write_customers");
        assert!(!format!("{pair:?}").contains("shp"));
        let with = |name: &str, value: Value| {
            let mut wrong = right.clone();
            wrong[name] = value;
            read(&wrong)
        };
        for name in ["expires_in", "refresh_token", "refresh_token_expires_in"] {
            assert_eq!(with(name, Value::Null), Err(BadTokens::Endless.into()));
        }
        for (name, value) in [
            ("access_token", json!(null)),
            ("access_token", json!("")),
            ("access_token", json!("a\nb")),
            ("expires_in", json!(0)),
            ("expires_in", json!(i64::MAX)),
            ("scope", json!("a b")),
        ] {
            assert_eq!(with(name, value), Err(BadTokens::Form.into()), "{name}");
        }
    }

    #[test]
    fn a_refusal_says_who_can_help() {
        let check = |status: u16, body: &str, expected: TokenRefusal| {
            assert_eq!(tokens(status, Some("7"), body.as_bytes(), now()), Err(expected), "{status} {body}");
        };
        check(400, r#"{"error":"invalid_grant"}"#, TokenRefusal::Grant);
        check(
            400,
            r#"{"error":"invalid_subject_token","error_description":"x"}"#,
            TokenRefusal::SessionToken,
        );
        check(401, r#"{"error":"invalid_client"}"#, TokenRefusal::Client);
        let other = |status, code: &str| TokenRefusal::Other { status, code: code.to_owned() };
        check(400, r#"{"error":"invalid_request"}"#, other(400, "invalid_request"));
        check(400, "<html>", other(400, ""));
        check(302, "", other(302, ""));
        let later = |status| TokenRefusal::Later { status, wait: Some(SignedDuration::from_secs(7)) };
        check(429, "", later(429));
        check(503, "<html>", later(503));
    }
}

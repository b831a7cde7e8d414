//! Sign-in with Google: OpenID Connect's code flow with PKCE, and ID tokens.
//!
//! `openidconnect` would bring a second set of HTTP and crypto crates for the three requests made here.

mod keys;
#[cfg(test)]
mod tests;
mod token;

use async_trait::async_trait;
use domain::Timestamp;
use flows::{
    Denial, FlowError, Identity, SecretBox, SignInAsk, SignInProvider, Web,
    web::{Ask, Content, Told},
};
use form_urlencoded::Serializer;
use serde::Deserialize;
use std::{sync::Arc, time::Duration};

use keys::Keys;

const REQUEST_TIMEOUT: u16 = 408;
const TOO_MANY_REQUESTS: u16 = 429;

/// Where the provider is, and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// As ID tokens name it.
    pub issuer: String,
    pub authorize_url: String,
    pub token_url: String,
    /// The keys that sign ID tokens, as a JWK set.
    pub keys_url: String,
    /// Of one request, from its beginning to the last byte of the answer.
    pub timeout: Duration,
}

impl Endpoints {
    pub fn google() -> Self {
        Self {
            issuer: "https://accounts.google.com".to_owned(),
            authorize_url: "https://accounts.google.com/o/oauth2/v2/auth".to_owned(),
            token_url: "https://oauth2.googleapis.com/token".to_owned(),
            keys_url: "https://www.googleapis.com/oauth2/v3/certs".to_owned(),
            timeout: Duration::from_secs(5),
        }
    }
}

/// The adapter of `SignInProvider`. Without a client in the secrets, nobody can sign in this way.
pub struct Google {
    endpoints: Endpoints,
    secrets: Arc<dyn SecretBox>,
    web: Arc<dyn Web>,
    keys: Keys,
}

#[derive(Deserialize)]
struct Redeemed {
    id_token: String,
}

/// A refusal of the token endpoint, in OAuth's words.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Refusal {
    error: String,
}

impl Google {
    pub fn new(endpoints: Endpoints, secrets: Arc<dyn SecretBox>, web: Arc<dyn Web>) -> Self {
        Self { endpoints, secrets, web, keys: Keys::default() }
    }

    async fn ask(&self, url: &str, form: Option<String>) -> Result<Told, FlowError> {
        let content = form.map(Content::Form);
        self.web.ask(Ask { content, ..Ask::new(url.to_owned(), self.endpoints.timeout) }).await
    }
}

#[async_trait]
impl SignInProvider for Google {
    async fn authorize_url(&self, ask: &SignInAsk) -> Result<Option<String>, FlowError> {
        let secrets = self.secrets.open().await?;
        let Some(client) = &secrets.google else { return Ok(None) };
        let query = [
            ("response_type", "code"),
            ("client_id", &client.client_id),
            ("redirect_uri", &ask.redirect_uri),
            ("scope", "openid email profile"),
            ("state", &ask.state),
            ("nonce", &ask.nonce),
            ("code_challenge", &ask.code_challenge),
            ("code_challenge_method", "S256"),
            ("prompt", "select_account"),
        ];
        Ok(Some(format!("{}?{}", self.endpoints.authorize_url, encoded(&query))))
    }

    async fn redeem(&self, code: &str, verifier: &str, redirect_uri: &str) -> Result<String, FlowError> {
        let secrets = self.secrets.open().await?;
        let client = secrets.google.as_ref().ok_or(FlowError::Denied(Denial::Unauthenticated))?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", redirect_uri),
            ("client_id", &client.client_id),
            ("client_secret", &client.client_secret),
        ];
        let told = self.ask(&self.endpoints.token_url, Some(encoded(&form))).await?;
        if (400..500).contains(&told.status) {
            return Err(refusal(&told));
        }
        let redeemed: Redeemed = serde_json::from_slice(good(&told)?).map_err(FlowError::unavailable)?;
        Ok(redeemed.id_token)
    }

    async fn verify(
        &self,
        id_token: &str,
        nonce: Option<&str>,
        now: Timestamp,
    ) -> Result<Identity, FlowError> {
        let secrets = self.secrets.open().await?;
        let client = secrets.google.as_ref().ok_or(FlowError::Denied(Denial::Unauthenticated))?;
        let kid = token::kid(id_token)?;
        let key = self.keys.find(&kid, self, now).await?;
        let expected =
            token::Expected { issuer: &self.endpoints.issuer, audience: &client.client_id, nonce, now };
        token::identity(id_token, &key, &expected)
    }
}

/// Whose fault it is that a code was not redeemed. Of all that we send, the code alone comes from outside: what is
/// wrong with it is the person's affair; that we are not known, or ask wrongly, is ours.
fn refusal(told: &Told) -> FlowError {
    if matches!(told.status, REQUEST_TIMEOUT | TOO_MANY_REQUESTS) {
        return away(told);
    }
    let refusal: Refusal = serde_json::from_slice(&told.body).unwrap_or_default();
    match refusal.error.as_str() {
        "invalid_grant" | "invalid_request" | "redirect_uri_mismatch" => {
            FlowError::Denied(Denial::Unauthenticated)
        }
        "invalid_client" | "unauthorized_client" | "unsupported_grant_type" | "invalid_scope" => {
            FlowError::broken(format!("the sign-in provider refuses our client: {}", refusal.error))
        }
        _ => away(told),
    }
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// What a good answer says.
fn good(told: &Told) -> Result<&[u8], FlowError> {
    if (200..300).contains(&told.status) { Ok(&told.body) } else { Err(away(told)) }
}

fn away(told: &Told) -> FlowError {
    FlowError::unavailable(format!("the sign-in provider answered {}", told.status))
}

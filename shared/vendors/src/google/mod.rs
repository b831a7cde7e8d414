//! Sign-in with Google: OpenID Connect's code flow with PKCE, and ID tokens.
//!
//! `openidconnect` would bring a second set of HTTP and crypto crates for the three requests made here.

mod keys;
#[cfg(test)]
mod tests;
mod token;

use async_trait::async_trait;
use domain::Timestamp;
use flows::{Denial, FlowError, Identity, SecretBox, SignInAsk, SignInProvider};
use reqwest::StatusCode;
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use tokio::sync::OnceCell;
use url::Url;

use keys::Keys;

/// The most that the provider may answer.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

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
    http: OnceCell<reqwest::Client>,
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
    pub fn new(endpoints: Endpoints, secrets: Arc<dyn SecretBox>) -> Self {
        Self { endpoints, secrets, http: OnceCell::new(), keys: Keys::default() }
    }

    /// Made on first use: most calls of the API need none.
    async fn http(&self) -> Result<&reqwest::Client, FlowError> {
        let made = self.http.get_or_try_init(async || {
            let builder = reqwest::Client::builder().timeout(self.endpoints.timeout);
            builder.redirect(reqwest::redirect::Policy::none()).build()
        });
        made.await.map_err(FlowError::unavailable)
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
        let url = Url::parse_with_params(&self.endpoints.authorize_url, query).map_err(FlowError::broken)?;
        Ok(Some(url.into()))
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
        let answer = self.http().await?.post(&self.endpoints.token_url).form(&form).send().await;
        let answer = answer.map_err(|error| FlowError::unavailable(error.without_url()))?;
        if answer.status().is_client_error() {
            return Err(refusal(answer).await);
        }
        let redeemed: Redeemed =
            serde_json::from_slice(&body(answer).await?).map_err(FlowError::unavailable)?;
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
async fn refusal(answer: reqwest::Response) -> FlowError {
    let status = answer.status();
    let later = || FlowError::unavailable(format!("the sign-in provider answered {status}"));
    if matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS) {
        return later();
    }
    let told: Refusal = match bytes(answer).await {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
        Err(error) => return error,
    };
    match told.error.as_str() {
        "invalid_grant" | "invalid_request" | "redirect_uri_mismatch" => {
            FlowError::Denied(Denial::Unauthenticated)
        }
        "invalid_client" | "unauthorized_client" | "unsupported_grant_type" | "invalid_scope" => {
            FlowError::broken(format!("the sign-in provider refuses our client: {}", told.error))
        }
        _ => later(),
    }
}

/// What a good answer says.
async fn body(answer: reqwest::Response) -> Result<Vec<u8>, FlowError> {
    if !answer.status().is_success() {
        return Err(FlowError::unavailable(format!("the sign-in provider answered {}", answer.status())));
    }
    bytes(answer).await
}

/// What an answer says, if it is not too much.
async fn bytes(mut answer: reqwest::Response) -> Result<Vec<u8>, FlowError> {
    let mut bytes = Vec::new();
    while let Some(chunk) =
        answer.chunk().await.map_err(|error| FlowError::unavailable(error.without_url()))?
    {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > ANSWER_BYTES_MAX {
            return Err(FlowError::unavailable("the sign-in provider's answer is too long"));
        }
    }
    Ok(bytes)
}

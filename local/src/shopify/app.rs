//! The app as Shopify knows it: its id and secrets, where it lives, and what its configuration subscribes to.

use aws_lc_rs::hmac;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use url::form_urlencoded::byte_serialize;

/// After a rotation, webhooks are signed with the former secret for so long.
const ROTATION: SignedDuration = SignedDuration::from_hours(1);
/// How long a session token is good.
const SESSION_SECONDS: i64 = 60;

/// What stands in `shopify.app.toml`, and the secret beside it.
#[derive(Debug, Clone)]
pub struct AppSettings {
    pub client_id: String,
    pub client_secret: String,
    /// Where the app's own pages are.
    pub application_url: String,
    /// Whoever is sent elsewhere after an installation is not sent at all.
    pub redirect_urls: Vec<String>,
    /// Topics as `orders/create`, compliance topics as well, and where they are sent.
    pub subscriptions: Vec<(String, String)>,
    /// What a merchant may allow beyond what they have to, once the app is installed.
    pub optional_scopes: Vec<String>,
    /// The version of webhooks.
    pub api_version: String,
}

/// What this installation's app is called, by Shopify's stand-in and by the product.
pub const CLIENT_ID: &str = "regulars-local";
pub const CLIENT_SECRET: &str = "not-a-secret";

/// The configuration of our app, as it is deployed.
const DEPLOYED: &str = include_str!("../../../shopify.app.toml");

/// Of `shopify.app.toml`, what Shopify makes something of.
#[derive(Deserialize)]
struct Deployed {
    application_url: String,
    access_scopes: AccessScopes,
    auth: Auth,
    webhooks: Webhooks,
}

#[derive(Deserialize)]
struct AccessScopes {
    #[serde(default)]
    optional_scopes: Vec<String>,
}

#[derive(Deserialize)]
struct Auth {
    redirect_urls: Vec<String>,
}

#[derive(Deserialize)]
struct Webhooks {
    api_version: String,
    #[serde(default)]
    subscriptions: Vec<Subscribed>,
}

#[derive(Deserialize)]
struct Subscribed {
    #[serde(default)]
    topics: Vec<String>,
    #[serde(default)]
    compliance_topics: Vec<String>,
    uri: String,
}

impl AppSettings {
    /// The app as it is deployed, but at home: its addresses are where an installation is reached, first of all there.
    ///
    /// # Panics
    /// If the repository's own configuration cannot be read.
    pub fn at_home(origins: &[&str]) -> Self {
        Self::of_toml(DEPLOYED, origins).expect("shopify.app.toml is in order")
    }

    /// As an app is whose configuration names nothing but what the law asks for.
    #[must_use]
    pub fn with_compliance_alone(mut self) -> Self {
        let is_asked_for =
            |topic: &str| matches!(topic, "customers/data_request" | "customers/redact" | "shop/redact");
        self.subscriptions.retain(|(topic, _)| is_asked_for(topic));
        self
    }

    fn of_toml(text: &str, origins: &[&str]) -> Result<Self, toml::de::Error> {
        let told: Deployed = toml::from_str(text)?;
        let first = origins.first().copied().unwrap_or_default();
        let at = |origin: &str, told: &str| format!("{origin}{}", path(told));
        let back =
            origins.iter().flat_map(|origin| told.auth.redirect_urls.iter().map(|url| at(origin, url)));
        let redirect_urls = back.collect();
        let topics = told.webhooks.subscriptions.iter().flat_map(|subscribed| {
            let topics = subscribed.topics.iter().chain(&subscribed.compliance_topics);
            topics.map(|topic| (topic.clone(), at(first, &subscribed.uri)))
        });
        Ok(Self {
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            application_url: at(first, &told.application_url),
            redirect_urls,
            subscriptions: topics.collect(),
            optional_scopes: told.access_scopes.optional_scopes.clone(),
            api_version: told.webhooks.api_version.clone(),
        })
    }
}

/// Of an address with or without a host.
fn path(address: &str) -> &str {
    let after_scheme = address.split_once("://").map_or(address, |(_, rest)| rest);
    after_scheme.find('/').map_or("", |at| &after_scheme[at..])
}

pub(crate) struct App {
    pub(super) settings: AppSettings,
    secrets: Mutex<Secrets>,
}

struct Secrets {
    now: String,
    before: Option<(String, Timestamp)>,
}

impl App {
    pub(super) fn new(settings: AppSettings) -> Self {
        let secrets = Secrets { now: settings.client_secret.clone(), before: None };
        Self { settings, secrets: Mutex::new(secrets) }
    }

    /// A new secret beside the old one, which is good for what was begun with it.
    pub(super) fn rotate(&self, secret: &str, now: Timestamp) {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut secrets.now, secret.to_owned());
        secrets.before = Some((before, now));
    }

    pub(super) fn knows(&self, id: &str, secret: &str) -> bool {
        id == self.settings.client_id && self.secrets().iter().any(|known| known == secret)
    }

    /// `X-Shopify-Hmac-Sha256` of a webhook's body.
    pub(super) fn webhook_signature(&self, body: &[u8], now: Timestamp) -> String {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let secret = match &secrets.before {
            Some((before, since)) if now.duration_since(*since) < ROTATION => before,
            _ => &secrets.now,
        };
        STANDARD.encode(mac(secret, body))
    }

    /// With `hmac`: as a browser is sent to the app with it. The pairs are signed in the order of their names, and encoded,
    /// as Shopify's own libraries read them.
    pub(super) fn signed_query(&self, mut pairs: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
        pairs.sort();
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
        let message = pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let message = message.collect::<Vec<_>>().join("&");
        let tag = mac(&self.secrets()[0], message.as_bytes());
        pairs.push(("hmac", tag.iter().map(|byte| format!("{byte:02x}")).collect()));
        pairs
    }

    /// A session token, as App Bridge hands them to the app's pages within the shop's admin.
    pub(super) fn session_token(&self, domain: &str, user: u64, nonce: &str, now: Timestamp) -> String {
        let now = now.as_second();
        self.jwt(&json!({
            "iss": format!("https://{domain}/admin"), "dest": format!("https://{domain}"),
            "aud": self.settings.client_id, "sub": user.to_string(),
            "exp": now + SESSION_SECONDS, "nbf": now, "iat": now, "jti": nonce, "sid": nonce,
        }))
    }

    /// Such claims, signed as App Bridge does.
    pub(super) fn jwt(&self, claims: &Value) -> String {
        let header = json!({"alg": "HS256", "typ": "JWT"});
        let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{header}.{claims}");
        let tag = URL_SAFE_NO_PAD.encode(mac(&self.secrets()[0], signed.as_bytes()));
        format!("{signed}.{tag}")
    }

    /// Whose session it is, if the token is good in that shop now.
    pub(super) fn session(&self, token: &str, domain: &str, now: Timestamp) -> Option<u64> {
        let (signed, tag) = token.rsplit_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        if !self.secrets().iter().any(|secret| mac(secret, signed.as_bytes()) == tag) {
            return None;
        }
        let claims: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(signed.split_once('.')?.1).ok()?).ok()?;
        let is_now =
            claims["nbf"].as_i64()? <= now.as_second() && now.as_second() < claims["exp"].as_i64()?;
        let is_here =
            claims["aud"] == self.settings.client_id && claims["dest"] == format!("https://{domain}");
        if is_now && is_here { claims["sub"].as_str()?.parse().ok() } else { None }
    }

    /// The present one first.
    fn secrets(&self) -> Vec<String> {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let before = secrets.before.iter().map(|(before, _)| before.clone());
        std::iter::once(secrets.now.clone()).chain(before).collect()
    }
}

fn mac(secret: &str, message: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, message).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_at_home_is_the_deployed_one_at_another_address() {
        let home = AppSettings::at_home(&["http://127.0.0.1:1", "http://localhost:1"]);
        assert_eq!(home.application_url, "http://127.0.0.1:1/app");
        let back = ["http://127.0.0.1:1/auth/callback", "http://localhost:1/auth/callback"];
        assert!(
            back.iter().all(|back| home.redirect_urls.iter().any(|url| url == back)),
            "{:?}",
            home.redirect_urls
        );
        for topic in ["orders/create", "app/uninstalled", "customers/redact"] {
            let uri =
                home.subscriptions.iter().find(|(known, _)| known == topic).map(|(_, uri)| uri.as_str());
            assert_eq!(uri, Some("http://127.0.0.1:1/webhooks/shopify"), "{topic}");
        }
        assert_eq!(home.api_version, "2026-10");
        assert!(AppSettings::of_toml("client_id = \"x\"", &[]).is_err());
    }
}

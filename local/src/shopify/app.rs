//! The app as Shopify knows it: its id and secrets, where it lives, and what its configuration subscribes to.

use aws_lc_rs::hmac;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};

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
    /// The version of webhooks.
    pub api_version: String,
}

/// What this installation's app is called, by Shopify's stand-in and by the product.
pub const CLIENT_ID: &str = "regulars-local";
pub const CLIENT_SECRET: &str = "not-a-secret";

/// What an app of ours wants to hear of.
const TOPICS: [&str; 26] = [
    "app/uninstalled",
    "app/scopes_update",
    "customers/data_request",
    "customers/redact",
    "shop/redact",
    "customers/create",
    "customers/update",
    "customers/delete",
    "customers/merge",
    "customers/purchasing_summary",
    "customer.tags_added",
    "customer.tags_removed",
    "customers_email_marketing_consent/update",
    "customers_marketing_consent/update",
    "orders/create",
    "orders/updated",
    "orders/cancelled",
    "orders/delete",
    "orders/edited",
    "refunds/create",
    "checkouts/create",
    "checkouts/update",
    "products/create",
    "products/update",
    "products/delete",
    "bulk_operations/finish",
];

impl AppSettings {
    /// The app of an installation that is reached there.
    pub fn at_home(origins: &[&str]) -> Self {
        let first = origins.first().copied().unwrap_or_default();
        let paths = ["/auth/callback", "/auth/shopify/callback"];
        let back = origins.iter().flat_map(|origin| paths.map(|path| format!("{origin}{path}")));
        let webhooks = format!("{first}/webhooks/shopify");
        Self {
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            application_url: format!("{first}/auth/install"),
            redirect_urls: back.collect(),
            subscriptions: TOPICS.map(|topic| (topic.to_owned(), webhooks.clone())).into(),
            api_version: super::http::NEWEST.to_owned(),
        }
    }
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

    /// With `hmac`: as a browser is sent to the app with it. The pairs are signed in the order of their names.
    pub(super) fn signed_query(&self, mut pairs: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
        pairs.sort();
        let message =
            pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
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

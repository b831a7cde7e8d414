//! A shop of the world tells something, as Shopify does.

use aws_lc_rs::{digest, hmac};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::{Call, World};

impl World {
    /// What a shop tells us, signed with the app's secret. Sent again, it is the same delivery, tried again.
    pub async fn hook(&self, shop: &str, topic: &str, body: &Value) -> Call<'_> {
        self.hook_to("/webhooks/shopify", shop, topic, &body.to_string()).await
    }

    /// The same at another address, of a body as it is.
    ///
    /// # Panics
    /// If the world has no app.
    pub async fn hook_to(&self, path: &str, shop: &str, topic: &str, body: &str) -> Call<'_> {
        let secrets = self.keys.secrets.open().await.expect("a world's secrets are open");
        let secret = secrets.shopify.as_ref().expect("a world has an app").secret.clone();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body.as_bytes());
        let now = self.clock_now().to_string();
        let id = digest::digest(&digest::SHA256, format!("{shop}\n{topic}\n{body}\n{now}").as_bytes());
        let id: String = id.as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        self.post(path)
            .header("content-type", "application/json")
            .header("x-shopify-topic", topic)
            .header("x-shopify-hmac-sha256", &STANDARD.encode(tag))
            .header("x-shopify-shop-domain", shop)
            .header("x-shopify-api-version", "2026-10")
            .header("x-shopify-webhook-id", &id)
            .header("x-shopify-triggered-at", &now)
            .raw(body)
    }
}

//! The secrets of one installation, as one JSON document: in Secrets Manager, or in a key file at home.
//!
//! ```json
//! {"tokens": [{"kid": "2026-11", "key": "<base64, 32 bytes or more>"}],
//!  "signing": "<base64, 32 bytes>",
//!  "google": {"client_id": "…", "client_secret": "…"},
//!  "shopify": {"client_id": "…", "secret": "…", "old_secret": "…"}}
//! ```
//! The first of `tokens` signs; the others verify, too. To rotate, append a new one, move it to the front once everybody
//! has read it, and drop the old one when its last token has ended (infra/DEPLOY.md). `google` and `shopify` may be absent, and
//! `old_secret`, which is the app's secret before the last rotation.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use shopify::{App, Secret};
use std::fmt;

use crate::Dice;

/// Never printed, never logged.
#[derive(Clone)]
pub struct Secrets {
    /// Keys of access tokens. At least one; the first signs.
    pub tokens: Vec<TokenKey>,
    /// The key beneath cursors, links, refresh tokens and CSRF tokens; each use derives its own from it.
    pub signing: [u8; 32],
    pub google: Option<GoogleClient>,
    /// Our app at Shopify. None: no shop can be connected.
    pub shopify: Option<ShopifyApp>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShopifyApp {
    pub client_id: String,
    pub secret: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_secret: Option<String>,
}

impl ShopifyApp {
    /// As Shopify knows it.
    pub fn known(&self) -> App {
        App {
            client_id: self.client_id.clone(),
            secret: Secret::new(&self.secret),
            old_secret: self.old_secret.as_ref().map(Secret::new),
        }
    }
}

#[derive(Clone)]
pub struct TokenKey {
    pub kid: String,
    pub key: Vec<u8>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoogleClient {
    pub client_id: String,
    pub client_secret: String,
}

/// What is wrong with the document; never what is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secrets document is not usable: {0}")]
pub struct BadSecrets(String);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    tokens: Vec<DocumentKey>,
    signing: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    google: Option<GoogleClient>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shopify: Option<ShopifyApp>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentKey {
    kid: String,
    key: String,
}

impl Secrets {
    pub fn parse(json: &str) -> Result<Self, BadSecrets> {
        // serde's message can quote a value: only its place is told.
        let document: Document = serde_json::from_str(json).map_err(|wrong| {
            let what = if wrong.is_data() {
                "a member is missing, unknown or of the wrong type"
            } else {
                "it is not JSON"
            };
            BadSecrets(format!("{what}, near line {} column {}", wrong.line(), wrong.column()))
        })?;
        let mut tokens = Vec::with_capacity(document.tokens.len());
        for (place, DocumentKey { kid, key }) in document.tokens.into_iter().enumerate() {
            let key = STANDARD.decode(key).ok().filter(|key| key.len() >= 32).ok_or_else(|| {
                BadSecrets(format!("`tokens[{place}].key` is not base64 of at least 32 bytes"))
            })?;
            tokens.push(TokenKey { kid, key });
        }
        if tokens.is_empty() {
            return Err(BadSecrets("`tokens` is empty".to_owned()));
        }
        let signing = STANDARD.decode(document.signing).ok().and_then(|key| key.try_into().ok());
        let signing = signing.ok_or_else(|| BadSecrets("`signing` is not base64 of 32 bytes".to_owned()))?;
        Ok(Self { tokens, signing, google: document.google, shopify: document.shopify })
    }

    /// The document of a new installation.
    pub fn generate(dice: &dyn Dice, kid: &str) -> String {
        let roll = || {
            let mut key = [0; 32];
            dice.fill(&mut key);
            STANDARD.encode(key)
        };
        let tokens = vec![DocumentKey { kid: kid.to_owned(), key: roll() }];
        let document = Document { tokens, signing: roll(), google: None, shopify: None };
        serde_json::to_string_pretty(&document).expect("strings and lists are always JSON")
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) struct Sevens;
    impl Dice for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    pub(crate) fn secrets() -> Secrets {
        Secrets::parse(&Secrets::generate(&Sevens, "first")).unwrap()
    }

    #[test]
    fn a_generated_document_is_usable_and_never_printed() {
        let secrets = Secrets::parse(&Secrets::generate(&Sevens, "first")).unwrap();
        assert_eq!(secrets.tokens[0].kid, "first");
        assert_eq!(format!("{secrets:?}"), "Secrets(…)");
    }

    #[test]
    fn a_broken_document_says_what_is_wrong_and_never_what_is_in_it() {
        let long = STANDARD.encode([1; 32]);
        let check = |json: &str, sentence: &str| {
            let said = Secrets::parse(json).unwrap_err().to_string();
            assert!(said.contains(sentence), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        };
        check("hunter2", "it is not JSON");
        check(r#"{"hunter2": 1}"#, "a member is missing");
        check(&format!(r#"{{"tokens": [], "signing": "{long}"}}"#), "`tokens` is empty");
        check(
            &format!(r#"{{"tokens": [{{"kid": "a", "key": "hunter2"}}], "signing": "{long}"}}"#),
            "`tokens[0].key`",
        );
        check(
            &format!(r#"{{"tokens": [{{"kid": "a", "key": "{long}"}}], "signing": "hunter2"}}"#),
            "`signing`",
        );
    }
}

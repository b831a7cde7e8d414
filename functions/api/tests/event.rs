//! The gateway's event of `events/`, through Lambda's way in, to the whole function.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{sync::Arc, time::Duration};

use api::{Deps, Settings};
use async_trait::async_trait;
use domain::{Queue, TenantId, Timestamp, sender};
use flows::{
    Clock, DataKey, DeadLetter, DeadLetters, Denial, Depth, Depths, Desk, FlowError, Identities, Identity,
    Installed, KeyWrap, Left, Proofs, Registrars, SecretBox, Secrets, Shops, Sieve, Sifted, SignInAsk,
    SignInProvider, Tasks, Web,
    clock::SystemDice,
    files::Nowhere,
    senders::Checked,
    sending::Ways,
    shops::Origin,
    web::{Ask, Told},
};
use serde_json::{Value, json};
use store::{Store, local::LocalTable};

const EVENT: &str = include_str!("../../../events/api.json");

/// The world of one request that needs little of it: the event's own time, and nobody who would help.
struct World;

#[async_trait]
impl Clock for World {
    fn now(&self) -> Timestamp {
        "2026-11-21T06:00:00Z".parse().unwrap()
    }

    async fn pause(&self, _: Duration) {}
}

#[async_trait]
impl SecretBox for World {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        Secrets::parse(&Secrets::generate(&SystemDice, "first")).map(Arc::new).map_err(FlowError::broken)
    }
}

#[async_trait]
impl Tasks for World {
    async fn leave(&self, _: Vec<Left>) -> Result<(), FlowError> {
        Err(FlowError::unavailable("there is no queue"))
    }
}

#[async_trait]
impl DeadLetters for World {
    async fn list(&self, _: Queue, _: usize) -> Result<Vec<DeadLetter>, FlowError> {
        Err(FlowError::unavailable("there is no queue"))
    }

    async fn replay(&self, _: Queue, _: &str) -> Result<bool, FlowError> {
        Err(FlowError::unavailable("there is no queue"))
    }

    async fn discard(&self, _: Queue, _: &str) -> Result<bool, FlowError> {
        Err(FlowError::unavailable("there is no queue"))
    }

    async fn sift(&self, _: Queue, _: &dyn Sieve) -> Result<Sifted, FlowError> {
        Err(FlowError::unavailable("there is no queue"))
    }
}

#[async_trait]
impl Depths for World {
    async fn depth(&self, _: Queue) -> Result<Depth, FlowError> {
        Err(FlowError::unavailable("there is no queue"))
    }
}

#[async_trait]
impl KeyWrap for World {
    async fn generate(&self, _: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        Err(FlowError::unavailable("there is no key"))
    }

    async fn unwrap(&self, _: TenantId, _: &[u8]) -> Result<DataKey, FlowError> {
        Err(FlowError::unavailable("there is no key"))
    }
}

#[async_trait]
impl SignInProvider for World {
    async fn authorize_url(&self, _: &SignInAsk) -> Result<Option<String>, FlowError> {
        Ok(None)
    }

    async fn redeem(&self, _: &str, _: &str, _: &str) -> Result<String, FlowError> {
        Err(FlowError::Denied(Denial::Unauthenticated))
    }

    async fn verify(&self, _: &str, _: Option<&str>, _: Timestamp) -> Result<Identity, FlowError> {
        Err(FlowError::Denied(Denial::Unauthenticated))
    }
}

#[async_trait]
impl Web for World {
    async fn ask(&self, _: Ask) -> Result<Told, FlowError> {
        Err(FlowError::unavailable("no shop is there"))
    }
}

#[async_trait]
impl Identities for World {
    async fn register(&self, _: TenantId, _: &sender::Identity) -> Result<Checked, FlowError> {
        Err(FlowError::unavailable("no provider is there"))
    }

    async fn check(&self, _: TenantId, _: &sender::Identity) -> Result<Option<Checked>, FlowError> {
        Err(FlowError::unavailable("no provider is there"))
    }

    async fn forget(&self, _: TenantId, _: &sender::Identity) -> Result<(), FlowError> {
        Err(FlowError::unavailable("no provider is there"))
    }
}

impl Registrars for World {
    fn registrar(&self, _: &sender::Identity, _: &Ways) -> Arc<dyn Identities> {
        Arc::new(World)
    }

    fn installed(&self) -> &Installed {
        const { &Installed { mail: Vec::new(), text: Vec::new(), lent: None } }
    }
}

/// What the gateway is answered.
async fn answered(event: &str) -> Value {
    let settings = Settings {
        origin: "https://crm.example.com".to_owned(),
        allowed_origins: Vec::new(),
        access_seconds: 900,
        live_url: "wss://live.example.com/live".to_owned(),
        events_topic: None,
    };
    let world = Arc::new(World);
    let router = api::router(Deps {
        store: Store::new(Arc::new(LocalTable::in_memory())),
        tasks: world.clone(),
        desk: Desk { operators: Vec::new(), depths: world.clone(), dead_letters: world.clone() },
        files: Arc::new(Nowhere),
        keys: world.clone(),
        secrets: world.clone(),
        proofs: Proofs { google: world.clone(), registrars: world.clone() },
        shops: Shops {
            web: world.clone(),
            secrets: world.clone(),
            clock: world.clone(),
            dice: Arc::new(SystemDice),
            origin: Origin::Shopify,
            told_at: None,
        },
        clock: world,
        dice: Arc::new(SystemDice),
        asked: api::JustAsked::default(),
        settings,
    });
    let answer = runtime::answered(router, serde_json::from_str(event).unwrap()).await.unwrap();
    serde_json::to_value(answer).unwrap()
}

#[tokio::test]
async fn the_gateways_event_is_answered() {
    let answer = answered(EVENT).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert_eq!(answer["body"], json!({"status": "ok"}).to_string());
    assert_eq!(answer["headers"]["content-type"], "application/json");
    assert_eq!(answer["isBase64Encoded"], false);
}

#[tokio::test]
async fn the_gateways_event_reaches_the_table_and_the_secrets() {
    let answer = answered(&EVENT.replace("/health", "/ready")).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, json!({"status": "ok", "table": "ok", "secrets": "ok"}));
}

#[tokio::test]
async fn a_stranger_is_refused_in_our_form() {
    let answer = answered(&EVENT.replace("/health", "/api/v1/me")).await;
    assert_eq!(answer["statusCode"], 401, "{answer}");
}

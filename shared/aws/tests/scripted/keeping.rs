//! What is kept in memory: secrets and open keys, for how long, how many, and how often they are asked for.

use aws::{KmsKeys, SecretsManagerBox};
use domain::{TenantId, Timestamp};
use flows::{Clock, FlowError, KeyWrap, SecretBox, Secrets, clock::SystemDice};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::server::{Answer, Server, done, fails, refuses};

/// Seconds since 1970, set by hand.
struct Hand(AtomicI64);

impl Hand {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_000)))
    }

    fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

#[async_trait::async_trait]
impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }

    async fn pause(&self, _: std::time::Duration) {
        tokio::task::yield_now().await;
    }
}

fn secret(kid: &str) -> Answer {
    done(json!({ "SecretString": Secrets::generate(&SystemDice, kid) }))
}

fn tenant(number: u8) -> TenantId {
    TenantId::new(Timestamp::UNIX_EPOCH, [number; 10])
}

#[tokio::test]
async fn who_comes_together_asks_for_the_secrets_once() {
    let server = Server::with([secret("first")]).await;
    let secrets = SecretsManagerBox::new(server.clients(), "boxed", Hand::new());
    let (a, b, c) = tokio::join!(secrets.open(), secrets.open(), secrets.open());
    assert!([a, b, c].iter().all(|opened| opened.as_ref().unwrap().tokens[0].kid == "first"));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn held_secrets_serve_while_the_service_is_away_and_it_is_left_alone_for_a_while() {
    let away = refuses("AccessDeniedException");
    let server = Server::with([secret("first"), away, secret("second")]).await;
    let clock = Hand::new();
    let secrets = SecretsManagerBox::new(server.clients(), "boxed", clock.clone());
    let kid = async || secrets.open().await.unwrap().tokens[0].kid.clone();
    assert_eq!(kid().await, "first");
    clock.pass(300);
    assert_eq!(kid().await, "first", "it is away");
    clock.pass(14);
    assert_eq!((kid().await.as_str(), server.asked().len()), ("first", 2));
    clock.pass(1);
    assert_eq!((kid().await.as_str(), server.asked().len()), ("second", 3));
}

#[tokio::test]
async fn held_secrets_serve_while_the_new_ones_cannot_be_used() {
    let document = |text: &str| done(json!({ "SecretString": text }));
    let server = Server::with([secret("first"), document("hunter2"), document("{}"), secret("second")]).await;
    let clock = Hand::new();
    let secrets = SecretsManagerBox::new(server.clients(), "boxed", clock.clone());
    let kid = async || secrets.open().await.unwrap().tokens[0].kid.clone();
    assert_eq!(kid().await, "first");
    for (seconds, expected) in [(300, "first"), (15, "first"), (15, "second")] {
        clock.pass(seconds);
        assert_eq!(kid().await, expected);
    }
    assert_eq!(server.asked().len(), 4);
    let server = Server::with([document("hunter2")]).await;
    let told = SecretsManagerBox::new(server.clients(), "boxed", Hand::new()).open().await;
    assert!(matches!(told, Err(FlowError::Broken(_))), "without held ones it is our fault: {told:?}");
}

#[tokio::test]
async fn without_held_secrets_a_service_that_is_away_is_unavailable() {
    for answer in [fails(), Answer::Hangs] {
        let server = Server::with([answer]).await;
        let told = SecretsManagerBox::new(server.clients(), "boxed", Hand::new()).open().await;
        assert!(matches!(told, Err(FlowError::Unavailable(_))), "{told:?}");
    }
}

/// 32 bytes of zero, in base64.
fn opened() -> Answer {
    done(json!({ "Plaintext": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "KeyId": "k" }))
}

#[tokio::test]
async fn an_open_key_is_kept_for_five_minutes_and_for_its_tenant_only() {
    let server = Server::with([opened()]).await;
    let clock = Hand::new();
    let keys = KmsKeys::new(server.clients(), "k", clock.clone());
    keys.unwrap(tenant(1), b"w").await.unwrap();
    clock.pass(299);
    assert_eq!(keys.unwrap(tenant(1), b"w").await.unwrap().0, [0; 32]);
    assert_eq!(server.asked().len(), 1, "kept");
    keys.unwrap(tenant(2), b"w").await.unwrap();
    assert_eq!(server.asked().len(), 2, "KMS decides on each tenant");
    clock.pass(1);
    keys.unwrap(tenant(1), b"w").await.unwrap();
    let asked = server.asked();
    assert_eq!(asked.len(), 3, "its time is over");
    let context = |number: u8| json!({ "tenant": tenant(number).to_string() });
    let contexts: Vec<_> = asked.iter().map(|asked| asked["EncryptionContext"].clone()).collect();
    assert_eq!(contexts, [context(1), context(2), context(1)]);
}

#[tokio::test]
async fn the_first_opened_of_too_many_keys_goes() {
    let server = Server::with([opened()]).await;
    let clock = Hand::new();
    let keys = KmsKeys::new(server.clients(), "k", clock.clone());
    keys.unwrap(tenant(1), b"first").await.unwrap();
    clock.pass(1);
    for number in 0..500_u32 {
        keys.unwrap(tenant(1), &number.to_be_bytes()).await.unwrap();
    }
    assert_eq!(server.asked().len(), 501);
    keys.unwrap(tenant(1), &499_u32.to_be_bytes()).await.unwrap();
    assert_eq!(server.asked().len(), 501, "there is room for 500");
    keys.unwrap(tenant(1), b"first").await.unwrap();
    assert_eq!(server.asked().len(), 502);
}

#[tokio::test]
async fn a_key_that_does_not_open_never_will_and_a_service_that_is_away_may_come_back() {
    let told = async |answer: Answer| {
        let server = Server::with([answer]).await;
        let keys = KmsKeys::new(server.clients(), "k", Hand::new());
        keys.unwrap(tenant(1), b"w").await.map(drop)
    };
    for answer in [refuses("InvalidCiphertextException"), done(json!({ "Plaintext": "AAAA" }))] {
        let told = told(answer).await;
        assert!(matches!(told, Err(FlowError::Broken(_))), "{told:?}");
    }
    for answer in [fails(), refuses("ThrottlingException"), refuses("DisabledException"), Answer::Hangs] {
        let told = told(answer).await;
        assert!(matches!(told, Err(FlowError::Unavailable(_))), "{told:?}");
    }
}

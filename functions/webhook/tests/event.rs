//! The URL's event of `events/`, and the same as the gateway tells it, through Lambda's way in, to the whole function: what
//! Shopify signed is in the queue.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    Task, Timestamp,
    event::{EventBody, Received},
};
use flows::{
    Clock, FlowError, Left, SecretBox, Secrets, Tasks, clock::SystemDice, files::Nowhere, secrets::ShopifyApp,
};
use serde_json::{Value, json};
use webhook::Deps;

const EVENT: &str = include_str!("../../../events/webhook.json");

/// The event's own time, one document of secrets, and a queue.
struct World {
    secrets: Arc<Secrets>,
    left: Mutex<Vec<Left>>,
}

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
        Ok(self.secrets.clone())
    }
}

#[async_trait]
impl Tasks for World {
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError> {
        self.left.lock().unwrap().extend(tasks);
        Ok(())
    }
}

fn world(secret: &str) -> Arc<World> {
    let mut secrets = Secrets::parse(&Secrets::generate(&SystemDice, "first")).unwrap();
    let app = ShopifyApp { client_id: "app".to_owned(), secret: secret.to_owned(), old_secret: None };
    secrets.shopify = Some(app);
    Arc::new(World { secrets: Arc::new(secrets), left: Mutex::default() })
}

fn at_the_url() -> Value {
    serde_json::from_str(EVENT).unwrap()
}

/// At the address that `shopify.app.toml` names. The gateway hands text on as text.
fn at_the_gateway() -> Value {
    let (mut event, route) = (at_the_url(), "POST /webhooks/{proxy+}");
    let told =
        json!({"routeKey": route, "rawPath": "/webhooks/shopify", "pathParameters": {"proxy": "shopify"}});
    event.as_object_mut().unwrap().extend(told.as_object().unwrap().clone());
    event["headers"]["host"] = json!("app.example.com");
    event["requestContext"]["routeKey"] = json!(route);
    event["requestContext"]["domainName"] = json!("app.example.com");
    event["requestContext"]["http"]["path"] = json!("/webhooks/shopify");
    let body = STANDARD.decode(event["body"].as_str().unwrap()).unwrap();
    event["body"] = json!(String::from_utf8(body).unwrap());
    event["isBase64Encoded"] = json!(false);
    event
}

async fn answered(world: &Arc<World>, event: Value) -> Value {
    let deps =
        Deps { tasks: world.clone(), files: Arc::new(Nowhere), secrets: world.clone(), clock: world.clone() };
    let answer = runtime::answered(webhook::router(deps), serde_json::from_value(event).unwrap()).await;
    serde_json::to_value(answer.unwrap()).unwrap()
}

#[tokio::test]
async fn what_shopify_signed_is_kept_as_it_came() {
    for event in [at_the_url(), at_the_gateway()] {
        is_kept_as_it_came(event).await;
    }
}

async fn is_kept_as_it_came(event: Value) {
    let world = world("hush");
    let answer = answered(&world, event).await;
    assert_eq!((&answer["statusCode"], &answer["body"]), (&json!(200), &json!("{}")));
    let left = world.left.lock().unwrap().clone();
    let [Left { task: Task::ApplyEvent { event }, delay_seconds: 0 }] = &left[..] else { panic!("{left:?}") };
    let Received { body: EventBody::Text(body), .. } = &**event else { panic!("{event:?}") };
    let order: Value = serde_json::from_str(body).unwrap();
    assert_eq!(order["id"], json!(820_982_911_946_154_508_u64));
    assert_eq!((event.shop.as_str(), event.topic.as_str()), ("nordlicht.myshopify.com", "orders/create"));
    assert_eq!((event.version.as_str(), event.received_at), ("2026-10", world.now()));
    assert_eq!(left[0].task.group(), "nordlicht.myshopify.com");
}

#[tokio::test]
async fn what_somebody_else_signed_is_not() {
    for event in [at_the_url(), at_the_gateway()] {
        let world = world("another's");
        assert_eq!(answered(&world, event).await["statusCode"], json!(401));
        assert!(world.left.lock().unwrap().is_empty());
    }
}

//! The URL's event of `events/`, through Lambda's way in, to the whole function: what Shopify signed is in the queue.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
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

async fn answered(world: &Arc<World>) -> Value {
    let deps =
        Deps { tasks: world.clone(), files: Arc::new(Nowhere), secrets: world.clone(), clock: world.clone() };
    let answer = runtime::answered(webhook::router(deps), serde_json::from_str(EVENT).unwrap()).await;
    serde_json::to_value(answer.unwrap()).unwrap()
}

#[tokio::test]
async fn what_shopify_signed_is_kept_as_it_came() {
    let world = world("hush");
    let answer = answered(&world).await;
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
    let world = world("another's");
    assert_eq!(answered(&world).await["statusCode"], json!(401));
    assert!(world.left.lock().unwrap().is_empty());
}

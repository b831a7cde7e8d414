//! The URL's event of `events/`, and the same as the gateway tells it, through Lambda's way in, to the whole function: whoever
//! follows a link comes where it leads.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use domain::Timestamp;
use flows::{Clock, Dice, FlowError, Left, SecretBox, Secrets, Tasks};
use serde_json::{Value, json};
use store::{Store, local::LocalTable};
use track::Deps;

const EVENT: &str = include_str!("../../../events/track.json");

/// The event's own time, the secrets that its link was signed with, and a queue.
struct World {
    secrets: Arc<Secrets>,
    left: Mutex<Vec<Left>>,
}

struct Sevens;

impl Dice for Sevens {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
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

fn world() -> Arc<World> {
    let secrets = Secrets::parse(&Secrets::generate(&Sevens, "first")).unwrap();
    Arc::new(World { secrets: Arc::new(secrets), left: Mutex::default() })
}

fn at_the_url() -> Value {
    serde_json::from_str(EVENT).unwrap()
}

fn at_the_gateway() -> Value {
    let (mut event, route) = (at_the_url(), "ANY /t/{proxy+}");
    let below = event["rawPath"].as_str().unwrap().strip_prefix("/t/").unwrap().to_owned();
    let told = json!({"routeKey": route, "pathParameters": {"proxy": below}});
    event.as_object_mut().unwrap().extend(told.as_object().unwrap().clone());
    event["headers"]["host"] = json!("app.example.com");
    event["requestContext"]["routeKey"] = json!(route);
    event["requestContext"]["domainName"] = json!("app.example.com");
    event
}

async fn answered(world: &Arc<World>, event: Value) -> Value {
    let deps = Deps {
        store: Store::new(Arc::new(LocalTable::in_memory())),
        tasks: world.clone(),
        secrets: world.clone(),
        clock: world.clone(),
        origin: "https://app.example.com".to_owned(),
        memory: track::Memory::default(),
    };
    let answer = runtime::answered(track::router(deps), serde_json::from_value(event).unwrap()).await;
    serde_json::to_value(answer.unwrap()).unwrap()
}

#[tokio::test]
async fn whoever_follows_a_link_of_ours_comes_where_it_leads() {
    for event in [at_the_url(), at_the_gateway()] {
        let world = world();
        let answer = answered(&world, event).await;
        assert_eq!(answer["statusCode"], json!(302), "{answer}");
        let target = json!("https://shop.example/tea?utm_source=mail");
        assert_eq!(answer["headers"]["location"], target, "{answer}");
    }
}

#[tokio::test]
async fn whoever_changes_it_comes_nowhere() {
    for event in [at_the_url(), at_the_gateway()] {
        let (world, mut event) = (world(), event);
        let path = event["rawPath"].as_str().unwrap().replace("/click/", "/view/");
        event["rawPath"] = json!(path);
        let answer = answered(&world, event).await;
        assert_eq!(answer["statusCode"], json!(404), "{answer}");
        assert!(world.left.lock().unwrap().is_empty());
    }
}

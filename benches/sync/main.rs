//! A first sync, measured twice at once: the world's clock is moved by hand to whatever waits, so that waiting takes no time
//! of the machine's. What the machine takes is the sync without a throttle; what the world's clock says is what Shopify's
//! lowest plan imposes, whatever machine there is.

#![expect(clippy::disallowed_methods, reason = "a measurement asks the machine for the time")]

use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::{Queue, Run, RunState};
use flows::{Clock, Web, web::Ask};
use local::{
    World,
    demo::Wish,
    shopify::{Courier, DOMAIN, Parcel},
    web::Loopback,
    world::ORIGIN,
};
use serde_json::json;

/// Webhooks go nowhere: only what is asked for is measured.
struct Nowhere;

#[async_trait]
impl Courier for Nowhere {
    async fn bring(&self, _: &Parcel) -> Result<u16, String> {
        Ok(200)
    }
}

#[tokio::main]
async fn main() {
    let customers =
        std::env::args().filter(|word| word != "--bench").nth(1).map_or(Ok(20_000), |told| told.parse());
    let Ok(customers) = customers else {
        eprintln!("usage: sync [CUSTOMERS]");
        std::process::exit(2);
    };
    let world = World::new(1).await;
    world.shopify.open(DOMAIN, Wish { customers, seed: 7 }).expect("memory holds");
    let tenant = connected(&world).await;
    let store = world.store_of(tenant.parse().expect("a tenant"));
    let (begun, before) = (world.clock.now(), world.table.ledger());
    let mut took = Duration::ZERO;
    while let Some(next) = world.tasks.next_visible_at(Queue::Sync).expect("memory holds") {
        world.clock.advance_to(next);
        for taken in world.tasks.take(Queue::Sync).expect("memory holds") {
            let start = Instant::now();
            world.deliver(Queue::Sync, &taken.body).await.expect("it is done");
            took += start.elapsed();
            world.tasks.done(Queue::Sync, &taken).expect("memory holds");
        }
        while world.shopify.tick(&Nowhere).await > 0 {}
    }
    let runs: Vec<Run> = store.runs(1).await.expect("memory holds");
    let run = &runs[0];
    assert_eq!(run.state, RunState::Completed);
    let (rows, spent) = (run.tally().rows(), world.table.ledger().since(&before));
    println!(
        "{rows} rows in {} steps, of which the demo shop answered its part in the same process",
        run.step
    );
    println!(
        "  without a throttle: {took:.1?}, {:.0} rows/s",
        f64::from(u32::try_from(rows).unwrap_or(u32::MAX)) / took.as_secs_f64()
    );
    let imposed = world.clock.now().duration_since(begun).as_secs();
    println!("  imposed by Shopify's lowest plan: {imposed} s");
    println!("  write units: {}, read units: {}", spent.writes, spent.reads);
}

/// The id of a tenant whose owner has just connected the demo shop.
async fn connected(world: &World) -> String {
    let person = json!({"email": "ada@example.com", "password": "Str0ng!pass", "name": "Ada"});
    let signed_up = world.post("/api/auth/signup").json(&person).send().await;
    let browser = world.browser();
    browser.send("POST", "/api/auth/login", Some(&person_of(&person))).await;
    let start = browser.send("GET", &format!("/auth?shop={DOMAIN}"), None).await;
    let pressed = start.header("location").replace("/admin/oauth/authorize?", "/admin/oauth/install?");
    let told =
        Loopback::new().ask(Ask::new(pressed, Duration::from_mins(1))).await.expect("the shop answers");
    let back =
        told.header("location").and_then(|back| back.strip_prefix(ORIGIN)).expect("back to us").to_owned();
    let connected = browser.send("GET", &back, None).await;
    assert_eq!(connected.header("location"), "/app", "{}", connected.text);
    signed_up.text_at("/tenant/id")
}

/// What is asked of somebody who has an account.
fn person_of(person: &serde_json::Value) -> serde_json::Value {
    json!({"email": person["email"], "password": person["password"]})
}

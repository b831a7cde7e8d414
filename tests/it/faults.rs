//! Five hundred acts under random faults end as they would have without: sign-ups, refreshes, invitations and
//! repeated POSTs, by callers who repeat what was not answered, with the same key.

use crate::cast::{PASSWORD, address_of, mailed_token};
use domain::Queue;
use flows::DeadLetters;
use local::{
    World,
    world::{Answer, Call},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Owners; each does five things, three of them with a guest of their own.
const OWNERS: usize = 100;

/// Repeats until there is an answer that is final, as a careful program does.
async fn insist(world: &World, call: Call<'_>) -> Answer {
    for _ in 0..200 {
        let Some(answer) = call.try_send().await else { continue };
        match answer.status.as_u16() {
            429 => world.clock.advance_seconds(answer.header("retry-after").parse().unwrap_or(1)),
            503 => {}
            409 if answer.text_at("/code") == "changed_meanwhile" => {}
            _ => return answer,
        }
    }
    panic!("no final answer in 200 tries");
}

async fn post(world: &World, path: &str, key: &str, token: Option<&str>, body: &Value) -> Answer {
    let call = world.post(path).from(address_of(key)).header("idempotency-key", key).json(body);
    let call = if let Some(token) = token { call.bearer(token) } else { call };
    let answer = insist(world, call).await;
    assert!(answer.status.is_success(), "{path} {key}: {} {}", answer.status, answer.text);
    answer
}

/// One run: everything that the people of it can see in the end.
async fn run(seed: u64, per_mille: u32) -> (BTreeSet<String>, World) {
    let world = World::new(seed).await;
    world.faults.storm(per_mille);
    let mut owners = Vec::new();
    for number in 0..OWNERS {
        let name = format!("owner{number}");
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "name": name, "shop_name": name});
        let signed_up = post(&world, "/api/auth/signup", &format!("{name}-up"), None, &body).await;
        let refresh = json!({"refresh_token": signed_up.text_at("/tokens/refresh_token")});
        let fresh = post(&world, "/api/auth/refresh", &format!("{name}-re"), None, &refresh).await;
        let token = fresh.text_at("/tokens/access_token");
        let guest = format!("guest{number}@example.com");
        let invite = json!({"email": guest, "role": "marketer"});
        post(&world, "/api/v1/invitations", &format!("{name}-in"), Some(&token), &invite).await;
        let key = json!({"name": format!("{name}-key"), "scopes": ["team:read"]});
        let made = post(&world, "/api/v1/api-keys", &format!("{name}-key"), Some(&token), &key).await;
        owners.push((name, guest, fresh.text_at("/tokens/refresh_token"), made.text_at("/key")));
    }
    deliver(&world).await;
    for (name, guest, ..) in &owners {
        let body = json!({"token": mailed_token(&world, guest), "name": guest, "password": PASSWORD});
        post(&world, "/api/v1/invitations/accept", &format!("{name}-ac"), None, &body).await;
    }
    world.faults.calm();
    world.settle().await;

    let mut picture = BTreeSet::new();
    for (name, guest, refresh, key) in owners {
        let again = world.post("/api/auth/refresh").json(&json!({"refresh_token": refresh})).send().await;
        let token = again.text_at("/tokens/access_token");
        let get = async |path: &str| world.get(path).bearer(&token).send().await;
        let (members, keys) = (get("/api/v1/members").await, get("/api/v1/api-keys").await);
        picture.insert(format!("{name} {}", again.status));
        picture.insert(format!("{name} members {}", listed(&members, &["email", "role"])));
        picture.insert(format!("{name} invitations {}", get("/api/v1/invitations").await.at("/total")));
        picture.insert(format!("{name} keys {}", listed(&keys, &["name"])));
        picture.insert(format!("{name} tenants {}", get("/api/v1/tenants").await.at("/total")));
        let by_key = world.get("/api/v1/members").bearer(&key).send().await;
        picture.insert(format!("{name} by key {}", by_key.status));
        picture.insert(format!("{guest} was told {}", !world.outbox.to(&guest).is_empty()));
    }
    (picture, world)
}

/// The storm goes on while the mail goes out. What was tried too often is given another chance by a person.
async fn deliver(world: &World) {
    for _ in 0..100 {
        world.storm_through().await;
        let dead = world.tasks.list(Queue::Notify, 1_000).await.expect("memory holds");
        for letter in &dead {
            assert!(world.tasks.replay(Queue::Notify, &letter.id).await.expect("memory holds"));
        }
        let untold =
            (0..OWNERS).filter(|number| world.outbox.to(&format!("guest{number}@example.com")).is_empty());
        if dead.is_empty() && untold.count() == 0 {
            return;
        }
    }
    panic!("some mail does not go out");
}

fn listed(answer: &Answer, members: &[&str]) -> String {
    let items = answer.at("/items");
    let of =
        |item: &Value| members.iter().map(|member| item[member].to_string()).collect::<Vec<_>>().join(" ");
    let mut all: Vec<_> = items.as_array().into_iter().flatten().map(of).collect();
    all.sort();
    all.join(", ")
}

#[tokio::test]
async fn five_hundred_acts_under_faults_end_as_without_them() {
    let (calm, _) = run(0, 0).await;
    assert_eq!(calm.len(), OWNERS * 7);
    for seed in [1, 2] {
        let (stormy, world) = run(seed, 40).await;
        let happened = world.faults.happened();
        assert!(happened.values().sum::<u32>() > 200, "there was a storm: {happened:?}");
        let missing: Vec<_> = calm.difference(&stormy).collect();
        assert!(calm == stormy, "seed {seed}: missing {missing:#?}");
    }
}

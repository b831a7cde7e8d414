//! `Idempotency-Key`: done once, answered the same.

use crate::cast::{PASSWORD, sign_up};
use local::World;
use serde_json::json;

#[tokio::test]
async fn the_same_request_twice_is_done_once_and_answered_the_same() {
    let world = World::new(1).await;
    let owner = sign_up(&world, "owner").await;
    let make = |name: &str, key: &str| {
        let call = world.post("/api/v1/api-keys").bearer(&owner.access).header("idempotency-key", key);
        call.json(&json!({"name": name, "scopes": ["team:read"]}))
    };
    let first = make("a", "k1").send().await;
    let second = make("a", "k1").send().await;
    assert_eq!((first.status, &first.text), (second.status, &second.text), "even the key that is shown once");
    assert_eq!((first.header("idempotent-replayed"), second.header("idempotent-replayed")), ("", "true"));
    assert_eq!(owner.get(&world, "/api/v1/api-keys").await.at("/total"), 1);

    let other = make("b", "k1").send().await;
    assert_eq!((other.status.as_u16(), other.text_at("/code").as_str()), (409, "idempotency_key_reused"));
    assert_eq!(make("b", "k2").send().await.status, 201);

    world.clock.advance_seconds(24 * 3_600);
    let owner = crate::cast::Person::of(&crate::cast::login(&world, &owner.email, PASSWORD).await);
    let late = world.post("/api/v1/api-keys").bearer(&owner.access).header("idempotency-key", "k1");
    let late = late.json(&json!({"name": "late", "scopes": ["team:read"]})).send().await;
    assert_eq!(late.status, 201, "after a day a key is new again: {}", late.text);
}

#[tokio::test]
async fn twins_at_the_same_moment_are_one() {
    let world = World::new(2).await;
    let owner = sign_up(&world, "owner").await;
    let call = world.post("/api/v1/invitations").bearer(&owner.access).header("idempotency-key", "k");
    let call = call.json(&json!({"email": "vera@example.com", "role": "viewer"}));
    let (one, two, three) = tokio::join!(call.send(), call.send(), call.send());
    assert_eq!((one.status.as_u16(), two.status.as_u16(), three.status.as_u16()), (201, 201, 201));
    assert!(one.text == two.text && two.text == three.text);
    world.settle().await;
    assert_eq!(world.outbox.all().len(), 1);
}

#[tokio::test]
async fn one_callers_key_says_nothing_to_another() {
    let world = World::new(3).await;
    let (ada, bob) = (sign_up(&world, "ada").await, sign_up(&world, "bob").await);
    for person in [&ada, &bob] {
        let call = world.post("/api/v1/api-keys").bearer(&person.access).header("idempotency-key", "same");
        let made = call.json(&json!({"name": person.email, "scopes": ["team:read"]})).send().await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let bad = world.post("/api/v1/api-keys").bearer(&ada.access).header("idempotency-key", &"x".repeat(256));
    assert_eq!(bad.json(&json!({})).send().await.text_at("/errors/0/pointer"), "Idempotency-Key");
}

#[tokio::test]
async fn a_kept_answer_is_sealed() {
    let world = World::new(4).await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"});
    let signed_up = world.post("/api/auth/signup").header("idempotency-key", "k").json(&body).send().await;
    let refresh = signed_up.text_at("/tokens/refresh_token");
    let everything = format!("{:?}", world.table.dump().unwrap());
    assert!(everything.contains("ANSWER"), "an answer is kept");
    assert!(!everything.contains(&refresh) && !everything.contains(PASSWORD));
}

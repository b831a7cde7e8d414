//! `Idempotency-Key`: done once, answered the same.

use crate::cast::{PASSWORD, Person, mailed_token, sign_up};
use local::{World, faults::halt, world::Call};
use serde_json::{Value, json};

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

/// Two of the same call, the first of which is held up before each of its steps at the table in turn while the
/// second runs through: both are answered the same.
async fn twins_are_one(path: &str, prepare: impl AsyncFn(&World) -> (Option<String>, Value), status: u16) {
    for step in 0.. {
        let world = World::new(5).await;
        let (token, body) = prepare(&world).await;
        let call = world.post(path).header("idempotency-key", "twin").json(&body);
        let call: Call<'_> = if let Some(token) = token { call.bearer(&token) } else { call };
        let Some((slow, fast)) = halt::overtaken(call.send(), step, call.send()).await else {
            assert!(step > 2, "{path} comes to the table");
            return;
        };
        assert_eq!(
            (fast.status.as_u16(), slow.status.as_u16()),
            (status, status),
            "{path} {step}: {}",
            slow.text
        );
        assert_eq!(fast.text, slow.text, "{path} {step}");
        if path == "/api/auth/refresh" {
            let refreshed = Person::of(&slow);
            assert_eq!(refreshed.get(&world, "/api/auth/me").await.status, 200, "the family lives: {step}");
        }
    }
}

#[tokio::test]
async fn a_twin_that_is_overtaken_gives_the_answer_of_the_other() {
    let person = json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"});
    twins_are_one("/api/auth/signup", async |_| (None, person.clone()), 201).await;
    let refresh = async |world: &World| (None, json!({"refresh_token": sign_up(world, "ada").await.refresh}));
    twins_are_one("/api/auth/refresh", refresh, 200).await;
    let invite = json!({"email": "vera@example.com", "role": "viewer"});
    let inviting = async |world: &World| (Some(sign_up(world, "owner").await.access), invite.clone());
    twins_are_one("/api/v1/invitations", inviting, 201).await;
    let invited = async |world: &World| {
        let owner = sign_up(world, "owner").await;
        owner.post(world, "/api/v1/invitations", &invite).await;
        world.settle().await;
        let token = mailed_token(world, "vera@example.com");
        (None, json!({"token": token, "name": "Vera", "password": PASSWORD}))
    };
    twins_are_one("/api/v1/invitations/accept", invited, 201).await;
    let forgotten = async |world: &World| {
        let ada = sign_up(world, "ada").await;
        world.post("/api/auth/forgot-password").json(&json!({"email": ada.email})).send().await;
        world.settle().await;
        (None, json!({"token": mailed_token(world, &ada.email), "password": "N3w!password"}))
    };
    twins_are_one("/api/auth/reset-password", forgotten, 200).await;
}

#[tokio::test]
async fn two_strangers_may_choose_the_same_key() {
    let world = World::new(6).await;
    let sign_up = async |email: &str| {
        let body = json!({"email": email, "password": PASSWORD, "name": "Somebody"});
        world.post("/api/auth/signup").header("idempotency-key", "1").json(&body).send().await
    };
    let (ada, bob) = (sign_up("ada@example.com").await, sign_up("bob@example.com").await);
    assert_eq!((ada.status.as_u16(), bob.status.as_u16()), (201, 201), "{}", bob.text);
    for person in [&ada, &bob] {
        let body = json!({"refresh_token": person.text_at("/tokens/refresh_token")});
        let refreshed =
            world.post("/api/auth/refresh").header("idempotency-key", "1").json(&body).send().await;
        assert_eq!((refreshed.status.as_u16(), refreshed.header("idempotent-replayed")), (200, ""));
    }
    assert_eq!(sign_up("ada@example.com").await.text, ada.text, "and each their own answer");
}

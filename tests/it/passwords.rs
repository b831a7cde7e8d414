//! Changing and resetting a password (AUTH-14, 15).

use crate::cast::{PASSWORD, Person, login, mailed_token, sign_up};
use local::World;
use serde_json::json;

const NEW: &str = "N3w!password";

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_the_other_sessions() {
    let world = World::new(1).await;
    let ada = sign_up(&world, "ada").await;
    let other = Person::of(&login(&world, &ada.email, PASSWORD).await);
    let change = async |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        ada.post(&world, "/api/auth/change-password", &body).await
    };
    assert_eq!(change("Wr0ng!pass", NEW).await.text_at("/code"), "wrong_password");
    assert_eq!(change(PASSWORD, "weak").await.status, 400);
    assert_eq!(change(PASSWORD, NEW).await.status, 200);
    assert_eq!(ada.get(&world, "/api/auth/me").await.status, 200, "this session goes on");
    assert_eq!(other.get(&world, "/api/auth/me").await.status, 401, "the other is over");
    let refresh = world.post("/api/auth/refresh").json(&json!({"refresh_token": other.refresh})).send().await;
    assert_eq!(refresh.status, 401);
    assert_eq!(login(&world, &ada.email, PASSWORD).await.status, 401);
    assert_eq!(login(&world, &ada.email, NEW).await.status, 200);
}

#[tokio::test]
async fn a_forgotten_password_is_reset_once_by_the_link_in_the_mail() {
    let world = World::new(2).await;
    let ada = sign_up(&world, "ada").await;
    let forgot = async |email: &str| {
        world.post("/api/auth/forgot-password").json(&json!({"email": email})).send().await
    };
    let (known, unknown) = (forgot(&ada.email).await, forgot("nobody@example.com").await);
    assert_eq!((known.status.as_u16(), &known.text), (202, &unknown.text), "the same for any address");
    world.settle().await;
    assert!(world.outbox.to("nobody@example.com").is_empty());
    assert_eq!(world.outbox.to(&ada.email).len(), 1);

    let token = mailed_token(&world, &ada.email);
    let reset = async |token: &str, password: &str| {
        let body = json!({"token": token, "password": password});
        world.post("/api/auth/reset-password").json(&body).send().await
    };
    assert_eq!(reset(&token, "weak").await.status, 400, "a weak one does not use up the link");
    assert_eq!(reset(&format!("{token}x"), NEW).await.text_at("/code"), "link_spent");
    assert_eq!(reset(&token, NEW).await.status, 200);
    assert_eq!(reset(&token, PASSWORD).await.text_at("/code"), "link_spent", "once");
    assert_eq!(ada.get(&world, "/api/auth/me").await.status, 401, "every session is over");
    assert_eq!(login(&world, &ada.email, NEW).await.status, 200);
}

#[tokio::test]
async fn a_new_password_ends_every_link_that_was_mailed_before_it() {
    let world = World::new(4).await;
    let ada = sign_up(&world, "ada").await;
    let link = async || {
        world.post("/api/auth/forgot-password").json(&json!({"email": ada.email})).send().await;
        world.settle().await;
        mailed_token(&world, &ada.email)
    };
    let reset = async |token: &str, password: &str| {
        let body = json!({"token": token, "password": password});
        let call = world.post("/api/auth/reset-password").json(&body).send().await;
        (call.status.as_u16(), call.text_at("/code"))
    };
    let (stolen, used) = (link().await, link().await);
    assert_eq!(reset(&used, NEW).await.0, 200);
    assert_eq!(reset(&stolen, PASSWORD).await, (400, "link_spent".to_owned()), "by a reset");
    let stolen = link().await;
    let ada = Person::of(&login(&world, &ada.email, NEW).await);
    let change = json!({"current_password": NEW, "new_password": PASSWORD});
    assert_eq!(ada.post(&world, "/api/auth/change-password", &change).await.status, 200);
    assert_eq!(reset(&stolen, NEW).await, (400, "link_spent".to_owned()), "by a change");
}

#[tokio::test]
async fn a_link_dies_after_an_hour_and_an_address_is_not_flooded() {
    let world = World::new(3).await;
    let ada = sign_up(&world, "ada").await;
    for number in 0..6 {
        let call = world.post("/api/auth/forgot-password").from([10, 0, 0, number]);
        assert_eq!(call.json(&json!({"email": ada.email})).send().await.status, 202);
    }
    world.settle().await;
    assert_eq!(world.outbox.to(&ada.email).len(), 3);
    let token = mailed_token(&world, &ada.email);
    world.clock.advance_seconds(3_600);
    let body = json!({"token": token, "password": NEW});
    assert_eq!(
        world.post("/api/auth/reset-password").json(&body).send().await.text_at("/code"),
        "link_spent"
    );
}

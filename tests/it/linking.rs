//! Google comes to an account that somebody has made with a password, before the address was proven (AUTH-12).
//!
//! Who is signed in to it is its owner. Who is not may find a stranger's account in their name: nothing that opens it
//! outlives their coming.

use crate::{
    cast::{PASSWORD, Person, login, mailed_token, sign_up},
    google::sign_in,
};
use local::{World, world::Browser};
use serde_json::json;
use store::Store;

const GRETA: &str = "greta@example.com";
const NEW: &str = "N3w!password";

async fn sign_up_in<'a>(world: &'a World, name: &str) -> Browser<'a> {
    let browser = world.browser();
    let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD, "name": name});
    assert_eq!(browser.send("POST", "/api/auth/signup", Some(&body)).await.status, 201);
    browser
}

async fn make_key(world: &World, token: &str) -> String {
    let body = json!({"name": "k", "scopes": ["team:read", "team:manage", "keys:read", "keys:manage"]});
    let made = world.post("/api/v1/api-keys").bearer(token).json(&body).send().await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.text_at("/key")
}

async fn reads_the_team(world: &World, token: &str) -> u16 {
    world.get("/api/v1/members").bearer(token).send().await.status.as_u16()
}

/// An ID token, posted by whoever holds the access token.
async fn post_id_token(world: &World, access: &str) -> u16 {
    let body = json!({"token": world.google.sign(&world.google.claims(GRETA, true, ""))});
    world.post("/api/auth/google").bearer(access).json(&body).send().await.status.as_u16()
}

/// The password works as before, and nobody was told that it does not.
async fn kept(world: &World) -> bool {
    let works = login(world, GRETA, PASSWORD).await.status == 200;
    world.settle().await;
    assert_eq!(
        works,
        world.outbox.to(GRETA).is_empty(),
        "a mail comes if, and only if, the password is gone"
    );
    works
}

#[tokio::test]
async fn who_is_signed_in_links_google_and_keeps_the_password() {
    let world = World::new(1).await;
    let browser = sign_up_in(&world, "greta").await;
    let greta = Person::of(&login(&world, GRETA, PASSWORD).await);
    let key = make_key(&world, &greta.access).await;
    assert_eq!(sign_in(&world, &browser, GRETA, true).await.status, 302);
    assert_eq!(browser.send("GET", "/api/auth/me", None).await.text_at("/user/id"), greta.user);
    assert!(kept(&world).await);
    assert_eq!(reads_the_team(&world, &greta.access).await, 200, "other devices stay signed in");
    assert_eq!(reads_the_team(&world, &key).await, 200, "and programs go on");
    let user = Store::new(world.table.clone()).user(greta.user.parse().unwrap()).await.unwrap().unwrap();
    assert!(user.email_proven_at.is_some(), "Google vouches for the address from now on");
}

#[tokio::test]
async fn a_browser_whose_access_has_run_out_is_known_by_its_refresh_token() {
    let world = World::new(2).await;
    let browser = sign_up_in(&world, "greta").await;
    world.clock.advance_seconds(900);
    assert_eq!(sign_in(&world, &browser, GRETA, true).await.status, 302);
    assert!(kept(&world).await);
}

#[tokio::test]
async fn a_program_is_known_by_the_access_token_that_it_brings() {
    let world = World::new(3).await;
    let greta = sign_up(&world, "greta").await;
    assert_eq!(post_id_token(&world, &greta.access).await, 200);
    assert!(kept(&world).await);
}

#[tokio::test]
async fn a_password_goes_unless_a_live_session_of_that_very_account_is_shown() {
    let world = World::new(4).await;
    sign_up(&world, "greta").await;
    let browser = sign_up_in(&world, "ada").await;
    assert_eq!(sign_in(&world, &browser, GRETA, true).await.status, 302);
    assert!(!kept(&world).await, "a browser that is signed in as somebody else");

    let world = World::new(5).await;
    sign_up(&world, "greta").await;
    let ada = sign_up(&world, "ada").await;
    assert_eq!(post_id_token(&world, &ada.access).await, 200);
    assert!(!kept(&world).await, "a program that is signed in as somebody else");

    let world = World::new(6).await;
    let greta = sign_up(&world, "greta").await;
    assert_eq!(greta.post(&world, "/api/auth/logout", &json!({})).await.status, 200);
    assert_eq!(post_id_token(&world, &greta.access).await, 200);
    assert!(!kept(&world).await, "a session that has ended");

    let world = World::new(7).await;
    let browser = sign_up_in(&world, "greta").await;
    let used = browser.cookie("__Host-refresh").unwrap();
    assert_eq!(browser.send("POST", "/api/auth/refresh", None).await.status, 200);
    world.clock.advance_seconds(60);
    let thief = world.browser();
    thief.set_cookie("__Host-refresh", &used);
    assert_eq!(sign_in(&world, &thief, GRETA, true).await.status, 302);
    assert!(!kept(&world).await, "a refresh token that was used up");
}

#[tokio::test]
async fn who_signs_up_with_anothers_address_loses_it_to_its_owner() {
    let world = World::new(8).await;
    let thief = sign_up(&world, "greta").await;
    let browser = world.browser();
    assert_eq!(sign_in(&world, &browser, &thief.email, true).await.status, 302);
    assert_eq!(browser.send("GET", "/api/auth/me", None).await.text_at("/user/id"), thief.user);
    assert_eq!(login(&world, &thief.email, PASSWORD).await.status, 401, "a password that nobody vouched for");
    assert_eq!(thief.get(&world, "/api/auth/me").await.status, 401, "and its sessions are over");
    let refresh = json!({"refresh_token": thief.refresh});
    assert_eq!(world.post("/api/auth/refresh").json(&refresh).send().await.status, 401);

    world.settle().await;
    let mails = world.outbox.to(GRETA);
    assert_eq!(mails.len(), 1);
    assert!(mails[0].text.contains("look through your team"), "{}", mails[0].text);
    let body = json!({"token": mailed_token(&world, GRETA), "password": NEW});
    assert_eq!(world.post("/api/auth/reset-password").json(&body).send().await.status, 200);
    assert_eq!(login(&world, GRETA, NEW).await.status, 200, "the mail's link sets a password of her own");
}

#[tokio::test]
async fn keys_and_invitations_of_who_came_first_end_and_those_of_the_owner_live() {
    let world = World::new(9).await;
    let thief = sign_up(&world, "greta").await;
    let key = make_key(&world, &thief.access).await;
    let keys_key = make_key(&world, &key).await;
    let invite = async |token: &str, email: &str| {
        let body = json!({"email": email, "role": "admin"});
        let invited = world.post("/api/v1/invitations").bearer(token).json(&body).send().await;
        assert_eq!(invited.status, 201, "{}", invited.text);
        world.settle().await;
        json!({"token": mailed_token(&world, email), "name": "Somebody", "password": PASSWORD})
    };
    let accept = async |body| world.post("/api/v1/invitations/accept").json(&body).send().await;
    let friends = [
        invite(&thief.access, "friend@example.com").await,
        invite(&keys_key, "friends-friend@example.com").await,
    ];
    assert_eq!(reads_the_team(&world, &keys_key).await, 200);

    assert_eq!(sign_in(&world, &world.browser(), GRETA, true).await.status, 302);
    for key in [&key, &keys_key] {
        assert_eq!(reads_the_team(&world, key).await, 401);
    }
    for body in friends {
        assert_eq!(accept(body).await.text_at("/code"), "link_spent");
    }

    world.settle().await;
    let body = json!({"token": mailed_token(&world, GRETA), "password": NEW});
    assert_eq!(world.post("/api/auth/reset-password").json(&body).send().await.status, 200);
    let greta = Person::of(&login(&world, GRETA, NEW).await);
    let (key, guest) =
        (make_key(&world, &greta.access).await, invite(&greta.access, "vera@example.com").await);
    let change = json!({"current_password": NEW, "new_password": PASSWORD});
    assert_eq!(greta.post(&world, "/api/auth/change-password", &change).await.status, 200);
    assert_eq!(reads_the_team(&world, &key).await, 200, "a new password is no change of hands");
    assert_eq!(accept(guest).await.status, 201);
}

//! The app within Shopify's admin: who is there signs in by App Bridge's word, and the shop is connected by it (SHO-05).

use crate::{
    cast::{PASSWORD, Person, login, mailed_token, sign_up},
    connecting::{browser, connect, open},
};
use local::{
    World,
    faults::halt::{at_every_port, failing, overtaken},
    shopify::{CLIENT_ID, DOMAIN, Door, Fault, Shop},
    world::Answer,
};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const SCOPES: [&str; 5] =
    ["read_customers", "write_customers", "read_orders", "read_products", "read_locations"];
/// As the demo shop's staff is known to Shopify.
const OLIVE: &str = "owner@demo.test";

pub(crate) fn installed(world: &World) -> Arc<Shop> {
    let shop = open(world, DOMAIN);
    shop.install(&SCOPES);
    shop
}

pub(crate) async fn enter(world: &World, token: &str) -> Answer {
    world.post("/api/auth/shopify").bearer(token).json(&json!({})).send().await
}

pub(crate) async fn state(world: &World, entered: &Answer) -> String {
    let told = world.get("/api/v1/tenants/me/shop").bearer(&entered.text_at("/access_token")).send().await;
    assert_eq!(told.status, 200, "{}", told.text);
    told.text_at("/state")
}

pub(crate) fn is_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), answer.text_at("/code").as_str()), (status, code), "{}", answer.text);
}

/// Somebody with that address and the usual password.
async fn signed_up(world: &World, email: &str) -> Answer {
    let body = json!({"email": email, "password": PASSWORD, "name": "Olive"});
    world.post("/api/auth/signup").from([10, 9, 9, 9]).json(&body).send().await
}

/// By the link of an invitation.
async fn invited(world: &World, owner: &Person, email: &str, role: &str) {
    owner.post(world, "/api/v1/invitations", &json!({"email": email, "role": role})).await;
    world.settle().await;
    let body = json!({"token": mailed_token(world, email), "name": "Olive", "password": PASSWORD});
    let accepted = world.post("/api/v1/invitations/accept").json(&body).send().await;
    assert!(accepted.status.is_success(), "{}", accepted.text);
}

#[tokio::test]
async fn who_opens_the_app_first_has_an_account_and_the_shop_is_connected() {
    let world = World::new(1).await;
    let shop = installed(&world);
    let token = shop.session_token();
    let (one, other) = futures::join!(enter(&world, &token), enter(&world, &token));
    let first = if one.status == 200 { &one } else { &other };
    assert_eq!(first.status, 200, "{} {}", one.text, other.text);
    assert!(first.cookies().is_empty(), "a frame keeps none");
    assert_eq!(
        (first.text_at("/user/email").as_str(), first.text_at("/tenant/role").as_str()),
        (OLIVE, "owner")
    );
    assert_eq!(first.text_at("/tenant/name"), "demo-shop");
    assert_eq!(state(&world, first).await, "connected");
    world.settle().await;
    for _ in 0..2 {
        let again = enter(&world, &shop.session_token()).await;
        assert_eq!(
            (again.at("/user/id"), again.at("/tenant/id")),
            (first.at("/user/id"), first.at("/tenant/id"))
        );
    }
    let again = enter(&world, &shop.session_token()).await.text_at("/access_token");
    let tenants = world.get("/api/v1/tenants").bearer(&again).send().await;
    assert_eq!(tenants.json()["total"], 1, "made once: {}", tenants.text);
}

#[tokio::test]
async fn what_app_bridge_did_not_say_now_and_to_us_opens_nothing() {
    let world = World::new(2).await;
    let shop = installed(&world);
    let ours = sign_up(&world, "ada").await.access;
    let now = flows::Clock::now(&*world.clock).as_second();
    let right = json!({"iss": format!("https://{DOMAIN}/admin"), "dest": format!("https://{DOMAIN}"), "aud": CLIENT_ID,
        "sub": "902541635", "exp": now + 60, "nbf": now, "iat": now, "jti": "1", "sid": "1"});
    let with = |name: &str, value: Value| {
        let mut claims = right.clone();
        claims[name] = value;
        shop.signed_claims(&claims)
    };
    let mut forged = shop.session_token();
    forged.replace_range(forged.len() - 8..forged.len() - 4, "AAAA");
    for (what, token) in [
        ("nothing", String::new()),
        ("our own token", ours),
        ("forged", forged),
        ("for another app", with("aud", json!("another"))),
        ("by another shop", with("iss", json!("https://other-shop.myshopify.com/admin"))),
        ("of another shop", with("dest", json!("https://other-shop.myshopify.com"))),
        ("expired", with("exp", json!(now - 11))),
        ("not yet good", with("nbf", json!(now + 11))),
        ("of nobody", with("sub", json!(""))),
    ] {
        let refused = enter(&world, &token).await;
        is_refused(&refused, 401, "bad_session_token");
        assert_eq!(refused.header("x-shopify-retry-invalid-session-request"), "1", "{what}");
    }
    let cookie = format!("__Host-access={}", shop.session_token());
    let by_cookie = world.post("/api/auth/shopify").header("cookie", &cookie).json(&json!({})).send().await;
    is_refused(&by_cookie, 401, "bad_session_token");
    // A shop that is not there: its session is good, and its tokens are nobody's.
    let elsewhere =
        json!({"iss": "https://other-shop.myshopify.com/admin", "dest": "https://other-shop.myshopify.com"});
    let mut claims = right.clone();
    claims.as_object_mut().unwrap().extend(elsewhere.as_object().unwrap().clone());
    assert!(!enter(&world, &shop.signed_claims(&claims)).await.status.is_success());
    // It is worth a sign-in, and nothing at any other door.
    let token = shop.session_token();
    for path in ["/api/v1/customers", "/api/auth/me", "/api/v1/tenants/me/shop"] {
        assert_eq!(world.get(path).bearer(&token).send().await.status, 401, "{path}");
    }
    let right = enter(&world, &token).await;
    assert_eq!((right.status.as_u16(), right.header("x-shopify-retry-invalid-session-request")), (200, ""));
    world.clock.advance_seconds(71);
    is_refused(&enter(&world, &token).await, 401, "bad_session_token");
}

#[tokio::test]
async fn a_shop_that_is_somebodys_opens_for_their_members_alone() {
    let world = World::new(3).await;
    let ada = sign_up(&world, "ada").await;
    let shop = open(&world, DOMAIN);
    connect(&browser(&world, &ada).await, DOMAIN).await;
    is_refused(&enter(&world, &shop.session_token()).await, 403, "store_taken");
    invited(&world, &ada, OLIVE, "viewer").await;
    let olive = enter(&world, &shop.session_token()).await;
    assert_eq!(
        (olive.text_at("/tenant/id"), olive.text_at("/tenant/role")),
        (ada.tenant.clone(), "viewer".to_owned())
    );
    is_refused(&enter(&world, &shop.session_token_of(7)).await, 403, "store_taken");

    // Who may not manage the account connects nothing, and is told how it stands.
    shop.uninstall();
    let store = world.store_of(ada.tenant.parse().unwrap());
    let held = store.connection().await.unwrap().unwrap();
    let ended = (*held).clone().ended(domain::ConnectionState::NeedsReauth, flows::Clock::now(&*world.clock));
    store.commit(vec![store.connection_changed(&held, &ended)]).await.unwrap();
    shop.install(&SCOPES);
    let entered = enter(&world, &shop.session_token()).await;
    assert_eq!(state(&world, &entered).await, "needs_reauth");
    let ada = Person::of(&login(&world, &ada.email, PASSWORD).await);
    let path = format!("/api/v1/members/{}", olive.text_at("/user/id"));
    ada.call(&world, "PATCH", &path, &json!({"role": "admin"})).await;
    let entered = enter(&world, &shop.session_token()).await;
    assert_eq!(state(&world, &entered).await, "connected", "an admin's word is enough");

    ada.call(&world, "DELETE", &path, &json!({})).await;
    is_refused(&enter(&world, &shop.session_token()).await, 403, "store_taken");
    assert_eq!(
        world.get("/api/auth/me").bearer(&entered.text_at("/access_token")).send().await.at("/tenant"),
        Value::Null
    );
}

#[tokio::test]
async fn what_fails_on_the_first_load_is_done_by_the_next() {
    for (door, fault) in [
        (Door::Token, Fault::Status(503)),
        (Door::Token, Fault::Cut),
        (Door::Graphql, Fault::Status(500)),
        (Door::Graphql, Fault::Broken),
    ] {
        let world = World::new(4).await;
        let shop = installed(&world);
        shop.switch(|switches| switches.next.push_back((door, fault)));
        assert!(enter(&world, &shop.session_token()).await.status.is_server_error(), "{door:?} {fault:?}");
        let entered = enter(&world, &shop.session_token()).await;
        assert_eq!(state(&world, &entered).await, "connected", "{door:?} {fault:?}");
        let tenants = world.get("/api/v1/tenants").bearer(&entered.text_at("/access_token")).send().await;
        assert_eq!(tenants.json()["total"], 1, "{door:?} {fault:?}: {}", tenants.text);
    }
}

#[tokio::test]
async fn a_table_that_fails_at_any_moment_of_the_first_load_makes_nothing_twice() {
    for at in 0.. {
        let world = World::new(11).await;
        let shop = installed(&world);
        let (_, has_failed) = failing(at, enter(&world, &shop.session_token())).await;
        let entered = enter(&world, &shop.session_token()).await;
        assert_eq!(state(&world, &entered).await, "connected", "{at}");
        let tenants = world.get("/api/v1/tenants").bearer(&entered.text_at("/access_token")).send().await;
        assert_eq!(tenants.json()["total"], 1, "{at}: {}", tenants.text);
        if !has_failed {
            assert!(at >= 10, "{at}");
            break;
        }
    }
}

#[tokio::test]
async fn of_two_who_open_the_app_at_once_neither_keeps_tokens_that_the_other_has_ended() {
    for at in 0.. {
        let world = World::new(12).await;
        let shop = installed(&world);
        let (one, other) = (shop.session_token(), shop.session_token());
        let both = overtaken(enter(&world, &one), at, enter(&world, &other));
        let both = Box::pin(at_every_port(both)).await;
        let Some((one, other)) = both else {
            assert!(at >= 15, "{at}");
            break;
        };
        assert_eq!(
            (one.status.as_u16(), other.status.as_u16()),
            (200, 200),
            "{at}: {} {}",
            one.text,
            other.text
        );
        let store = world.store_of(one.text_at("/tenant/id").parse().unwrap());
        world.clock.advance_seconds(2 * 3_600);
        world.settle().await;
        let connection = store.connection().await.unwrap().unwrap();
        let now = flows::Clock::now(&*world.clock);
        assert_eq!(connection.state, domain::ConnectionState::Connected, "{at}");
        assert!(connection.tokens.as_ref().unwrap().is_fresh(now), "{at}: they were renewed");
    }
}

#[tokio::test]
async fn what_the_merchant_has_ended_stays_so_until_they_say_otherwise() {
    let world = World::new(5).await;
    let shop = installed(&world);
    let first = enter(&world, &shop.session_token()).await;
    let ended =
        world.post("/auth/disconnect").bearer(&first.text_at("/access_token")).json(&json!({})).send().await;
    assert_eq!(ended.text_at("/state"), "disconnected");
    let entered = enter(&world, &shop.session_token()).await;
    assert_eq!(state(&world, &entered).await, "disconnected", "to look is not to connect");
    let asked = world
        .post("/api/auth/shopify")
        .bearer(&shop.session_token())
        .json(&json!({"connect": true}))
        .send()
        .await;
    assert_eq!(state(&world, &asked).await, "connected");

    // Removed and installed again: that is the merchant's word as well.
    shop.uninstall();
    let body = json!({"myshopify_domain": DOMAIN, "id": 1, "domain": DOMAIN, "name": "x"});
    world.clock.advance_seconds(5);
    world.hook(DOMAIN, "app/uninstalled", &body).await.send().await;
    world.settle().await;
    is_refused(&enter(&world, &shop.session_token()).await, 403, "app_not_installed");
    shop.install(&SCOPES[..1]);
    is_refused(&enter(&world, &shop.session_token()).await, 403, "scopes_missing");
    shop.install(&SCOPES);
    let back = enter(&world, &shop.session_token()).await;
    assert_eq!(
        (state(&world, &back).await.as_str(), back.at("/tenant/id")),
        ("connected", first.at("/tenant/id"))
    );
}

#[tokio::test]
async fn an_address_opens_an_account_only_if_shopify_has_verified_it() {
    let world = World::new(6).await;
    let shop = installed(&world);
    assert_eq!(signed_up(&world, OLIVE).await.status, 201);
    shop.switch(|switches| switches.is_staff_unverified = true);
    is_refused(&enter(&world, &shop.session_token()).await, 403, "email_not_verified");
    // Nobody has an account by this one.
    assert_eq!(enter(&world, &shop.session_token_of(8)).await.status, 200);

    let world = World::new(7).await;
    let shop = installed(&world);
    let mine = signed_up(&world, OLIVE).await;
    let entered = enter(&world, &shop.session_token()).await;
    assert_eq!((entered.status.as_u16(), entered.at("/user/id")), (200, mine.at("/user/id")));
    assert_ne!(
        entered.at("/tenant/id"),
        mine.at("/tenant/id"),
        "what they have elsewhere is tied to no shop unasked"
    );
    // Whoever signed up had not shown that the address is theirs: it may have been a stranger.
    assert_eq!(login(&world, OLIVE, PASSWORD).await.status, 401);
    world.settle().await;
    let told = world.outbox.to(OLIVE);
    assert!(told.iter().any(|mail| mail.subject.contains("works no longer")), "{told:?}");
}

#[tokio::test]
async fn a_tenant_that_has_another_shop_by_now_says_so() {
    let world = World::new(8).await;
    let shop = installed(&world);
    open(&world, "other-shop.myshopify.com");
    // Made known, and then Shopify was away.
    shop.switch(|switches| switches.next.push_back((Door::Graphql, Fault::Status(500))));
    assert!(enter(&world, &shop.session_token()).await.status.is_server_error());
    world.post("/api/auth/forgot-password").json(&json!({"email": OLIVE})).send().await;
    world.settle().await;
    let set = json!({"token": mailed_token(&world, OLIVE), "password": PASSWORD});
    assert!(world.post("/api/auth/reset-password").json(&set).send().await.status.is_success());
    let olive = Person::of(&login(&world, OLIVE, PASSWORD).await);
    let connected = connect(&browser(&world, &olive).await, "other-shop.myshopify.com").await;
    assert_eq!(connected.header("location"), "/app");
    is_refused(&enter(&world, &shop.session_token()).await, 409, "already_connected");
}

#[tokio::test]
async fn a_promise_to_connect_is_worth_something_to_who_asked_for_it() {
    let world = World::new(10).await;
    let (ada, bob) = (sign_up(&world, "ada").await, sign_up(&world, "bob").await);
    open(&world, DOMAIN);
    let promised = ada.post(&world, "/api/auth/oauth-token", &json!({"shop": "demo-shop"})).await;
    assert_eq!(promised.status, 200, "{}", promised.text);
    let url = promised.text_at("/url");
    assert!(url.starts_with(&format!("/auth?shop={DOMAIN}&token=")), "{url}");
    let (adas, bobs) = (browser(&world, &ada).await, browser(&world, &bob).await);
    is_refused(&bobs.send("GET", &url, None).await, 400, "bad_token");
    is_refused(&adas.send("GET", &url.replace("demo-shop", "other-shop"), None).await, 400, "bad_token");
    is_refused(&adas.send("GET", &format!("/auth?shop={DOMAIN}&token=x.y"), None).await, 400, "bad_token");
    let nobodys = world.browser().send("GET", &url, None).await;
    assert_eq!(
        nobodys.header("location"),
        format!("/connect?error=sign_in&shop={DOMAIN}"),
        "it opens nothing by itself"
    );
    assert!(adas.send("GET", &url, None).await.header("location").contains("/admin/oauth/authorize?"));
    world.clock.advance_seconds(301);
    is_refused(&adas.send("GET", &url, None).await, 400, "bad_token");
    let wrong = ada.post(&world, "/api/auth/oauth-token", &json!({"shop": "evil.test"})).await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.text_at("/errors/0/pointer")),
        (400, "/shop".to_owned()),
        "{}",
        wrong.text
    );
}

//! A merchant connects a shop: what must be so before it is theirs, what is told when something is in the way, and the end
//! of it (SHO-01 to 03, TEN-01, TEN-13).

use crate::{
    cast::{PASSWORD, Person, join, login, set_status, sign_up},
    embedded::{SCOPES, enter},
};
use domain::{ConnectionState, TenantStatus};
use flows::{Web, web::Ask};
use local::{
    World,
    demo::Wish,
    faults::halt::{at_every_port, overtaken},
    shopify::{DOMAIN, Door, Fault, Shop},
    web::Loopback,
    world::{Answer, Browser, ORIGIN},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};

const OTHER: &str = "other-shop.myshopify.com";

pub(crate) fn open(world: &World, domain: &str) -> Arc<Shop> {
    world.shopify.open(domain, Wish { customers: 5, seed: 1 }).expect("memory holds")
}

/// A browser in which they have signed in.
pub(crate) async fn browser<'a>(world: &'a World, person: &Person) -> Browser<'a> {
    let browser = world.browser();
    let body = json!({"email": person.email, "password": crate::cast::PASSWORD});
    let signed_in = browser.send("POST", "/api/auth/login", Some(&body)).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
    browser
}

/// To Shopify, where they press Install: the address that they come back to.
pub(crate) async fn installed(start: &Answer) -> String {
    assert_eq!(start.status, 302, "{}", start.text);
    let question = start.header("location");
    for part in ["client_id=", "scope=read_customers%2C", "state=", "redirect_uri="] {
        assert!(question.contains(part), "{part} in {question}");
    }
    let pressed = question.replace("/admin/oauth/authorize?", "/admin/oauth/install?");
    let told =
        Loopback::new().ask(Ask::new(pressed, Duration::from_mins(1))).await.expect("the demo shop answers");
    let back = told
        .header("location")
        .unwrap_or_else(|| panic!("{} {}", told.status, String::from_utf8_lossy(&told.body)));
    back.strip_prefix(ORIGIN).expect("Shopify sends people back to us").to_owned()
}

/// All the way.
pub(crate) async fn connect(browser: &Browser<'_>, domain: &str) -> Answer {
    let start = browser.send("GET", &format!("/auth?shop={domain}"), None).await;
    browser.send("GET", &installed(&start).await, None).await
}

/// A browser in which somebody has signed in who belongs to no tenant any more.
async fn nowhere<'a>(world: &'a World, ada: &Person, name: &str) -> (Person, Browser<'a>) {
    let person = join(world, ada, name, "admin").await;
    let theirs = browser(world, &person).await;
    let removed = ada.call(world, "DELETE", &format!("/api/v1/members/{}", person.user), &json!({})).await;
    assert!(removed.status.is_success(), "{}", removed.text);
    assert_eq!(theirs.send("GET", "/api/v1/tenants/me/shop", None).await.status, 401);
    (person, theirs)
}

#[tokio::test]
async fn who_belongs_to_no_tenant_any_more_connects_a_shop_to_one_of_their_own() {
    let world = World::new(9).await;
    let ada = sign_up(&world, "ada").await;
    for domain in [DOMAIN, OTHER] {
        open(&world, domain);
    }
    let (_, bobs) = nowhere(&world, &ada, "bob").await;
    leads_to(&connect(&bobs, OTHER).await, "/app");
    let told = bobs.send("GET", "/api/v1/tenants/me/shop", None).await;
    assert_eq!((told.text_at("/state").as_str(), told.text_at("/shop").as_str()), ("connected", OTHER));
    let me = bobs.send("GET", "/api/auth/me", None).await;
    assert_eq!((me.text_at("/role").as_str(), me.at("/tenants/1")), ("owner", json!(null)), "{}", me.text);
    leads_to(&connect(&bobs, OTHER).await, "/app");
    assert_eq!(bobs.send("GET", "/api/auth/me", None).await.at("/tenants/1"), json!(null), "one is enough");
    // They are there still when their sign-in is renewed.
    let renewed = bobs.send("POST", "/api/auth/refresh", None).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text);
    assert_eq!(bobs.send("GET", "/api/v1/tenants/me/shop", None).await.text_at("/shop"), OTHER);

    // Who has another is there from then on.
    let (carol, carols) = nowhere(&world, &ada, "carol").await;
    let carol = Person {
        access: login(&world, &carol.email, PASSWORD).await.text_at("/tokens/access_token"),
        ..carol
    };
    let own = carol.post(&world, "/api/v1/tenants", &json!({"name": "Her own"})).await;
    assert_eq!(own.status, 201, "{}", own.text);
    leads_to(&connect(&carols, DOMAIN).await, "/app");
    let me = carols.send("GET", "/api/auth/me", None).await;
    assert_eq!((me.at("/tenant/id"), me.at("/tenants/1")), (own.at("/id"), json!(null)), "{}", me.text);

    // Removed between the question and its answer.
    let dave = join(&world, &ada, "dave", "admin").await;
    let daves = browser(&world, &dave).await;
    let start = daves.send("GET", &format!("/auth?shop={DOMAIN}"), None).await;
    let back = installed(&start).await;
    ada.call(&world, "DELETE", &format!("/api/v1/members/{}", dave.user), &json!({})).await;
    leads_to(&daves.send("GET", &back, None).await, &format!("/connect?error=nowhere&shop={DOMAIN}"));
}

#[tokio::test]
async fn who_is_signed_out_at_that_very_moment_gets_no_tenant() {
    let world = World::new(10).await;
    let ada = sign_up(&world, "ada").await;
    let change = json!({"current_password": PASSWORD, "new_password": "N3w!password"});
    for before in 0.. {
        let (bob, bobs) = nowhere(&world, &ada, &format!("bob{before}")).await;
        let elsewhere = Person {
            access: login(&world, &bob.email, PASSWORD).await.text_at("/tokens/access_token"),
            ..bob
        };
        let belongs = async || !elsewhere.get(&world, "/api/auth/me").await.at("/tenants/0").is_null();
        let meanwhile = async {
            let changed = elsewhere.post(&world, "/api/auth/change-password", &change).await;
            assert_eq!(changed.status, 200, "all their other sessions end: {}", changed.text);
            belongs().await
        };
        let path = format!("/auth?shop={DOMAIN}");
        let Some((_, belonged)) = overtaken(bobs.send("GET", &path, None), before, meanwhile).await else {
            assert!(before > 3, "they are looked up, and placed, but {before}");
            return;
        };
        assert_eq!(belongs().await, belonged, "at access {before}");
    }
}

fn leads_to(answer: &Answer, place: &str) {
    assert_eq!((answer.status.as_u16(), answer.header("location")), (302, place), "{}", answer.text);
}

fn is_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), answer.text_at("/code").as_str()), (status, code), "{}", answer.text);
}

#[tokio::test]
async fn a_merchant_connects_their_shop() {
    let world = World::new(1).await;
    let ada = sign_up(&world, "ada").await;
    open(&world, DOMAIN);
    let never = ada.get(&world, "/api/v1/tenants/me/shop").await;
    assert_eq!((never.text_at("/state").as_str(), &never.json()["shop"]), ("never", &json!(null)));

    let browser = browser(&world, &ada).await;
    for typed in ["demo-shop", "https%3A%2F%2Fadmin.shopify.com%2Fstore%2Fdemo-shop%2Forders", DOMAIN] {
        let start = browser.send("GET", &format!("/auth?shop={typed}"), None).await;
        leads_to(&browser.send("GET", &installed(&start).await, None).await, "/app");
    }
    // The App Store's door is the same one.
    let start = browser.send("GET", &format!("/auth/install?shop={DOMAIN}"), None).await;
    leads_to(&browser.send("GET", &installed(&start).await, None).await, "/app");
    let told = ada.get(&world, "/api/v1/tenants/me/shop").await.json();
    assert_eq!((&told["state"], &told["shop"]), (&json!("connected"), &json!(DOMAIN)));
    assert!(told["scopes"].as_array().unwrap().contains(&json!("read_orders")), "{told}");
    let tenant = ada.get(&world, "/api/v1/tenants/me").await.json();
    let expected = json!([ada.tenant, DOMAIN, "active", "EUR", "Europe/Berlin"]);
    assert_eq!(
        json!([tenant["id"], tenant["domain"], tenant["status"], tenant["currency"], tenant["timezone"]]),
        expected
    );
    assert_eq!(browser.send("GET", "/connect", None).await.status, 200);

    // What opens the shop is nowhere in the clear.
    let store = world.store_of(ada.tenant.parse().unwrap());
    assert!(store.connection().await.unwrap().unwrap().tokens.is_some());
    let kept = format!("{:?}", world.table.dump().unwrap());
    let bytes: Vec<String> =
        ["shpat_", "shprt_"].iter().map(|word| format!("{:?}", word.as_bytes())).collect();
    for word in ["shpat_", "shprt_", bytes[0].trim_matches(['[', ']']), bytes[1].trim_matches(['[', ']'])] {
        assert!(!kept.contains(word), "{word}");
    }
}

#[tokio::test]
async fn only_an_answer_of_shopifys_to_a_question_of_theirs_connects_anything() {
    let world = World::new(2).await;
    let (ada, bob) = (sign_up(&world, "ada").await, sign_up(&world, "bob").await);
    open(&world, DOMAIN);
    let mine = browser(&world, &ada).await;
    for wrong in
        ["", "?shop=", "?shop=evil.com", "?shop=evil.com%2Fdemo-shop.myshopify.com", "?shop=a&hmac=00"]
    {
        let refused = mine.send("GET", &format!("/auth{wrong}"), None).await;
        assert_eq!(refused.status, 400, "{wrong}: {}", refused.text);
    }

    let start = mine.send("GET", "/auth?shop=demo-shop", None).await;
    let back = installed(&start).await;
    for (from, to) in [
        ("hmac=", "hmac=0"),
        ("code=", "code=0"),
        ("shop=demo", "shop=other"),
        ("timestamp=1", "timestamp=2"),
    ] {
        let altered = back.replacen(from, to, 1);
        assert_ne!(altered, back);
        is_refused(&mine.send("GET", &altered, None).await, 400, "bad_callback");
    }
    is_refused(&mine.send("GET", "/auth/callback", None).await, 400, "bad_callback");
    // Sent to somebody else, or to a browser that asked nothing.
    is_refused(&browser(&world, &ada).await.send("GET", &back, None).await, 400, "bad_state");
    let theirs = browser(&world, &bob).await;
    let _ = theirs.send("GET", "/auth?shop=demo-shop", None).await;
    is_refused(&theirs.send("GET", &back, None).await, 400, "bad_state");
    // Whoever signs in meanwhile did not ask.
    let body = json!({"email": bob.email, "password": crate::cast::PASSWORD});
    let shared = browser(&world, &ada).await;
    let asked = installed(&shared.send("GET", "/auth?shop=demo-shop", None).await).await;
    shared.send("POST", "/api/auth/login", Some(&body)).await;
    is_refused(&shared.send("GET", &asked, None).await, 400, "bad_state");
    let never = ada.get(&world, "/api/v1/tenants/me/shop").await;
    assert_eq!(never.text_at("/state"), "never");

    leads_to(&mine.send("GET", &back, None).await, "/app");
    is_refused(&mine.send("GET", &back, None).await, 400, "bad_state");

    let late = installed(&mine.send("GET", "/auth?shop=demo-shop", None).await).await;
    world.clock.advance_seconds(601);
    is_refused(&mine.send("GET", &late, None).await, 400, "bad_state");
}

#[tokio::test]
async fn what_is_in_the_way_is_told() {
    let world = World::new(3).await;
    let (ada, bob) = (sign_up(&world, "ada").await, sign_up(&world, "bob").await);
    let shop = open(&world, DOMAIN);
    open(&world, OTHER);
    let told = |error: &str, domain: &str| format!("/connect?error={error}&shop={domain}");
    leads_to(&world.browser().send("GET", "/auth?shop=demo-shop", None).await, &told("sign_in", DOMAIN));
    let viewer = join(&world, &ada, "vera", "viewer").await;
    let refused = browser(&world, &viewer).await.send("GET", "/auth?shop=demo-shop", None).await;
    is_refused(&refused, 403, "forbidden");

    let (adas, bobs) = (browser(&world, &ada).await, browser(&world, &bob).await);
    // The merchant presses Cancel; the code was under way for too long; Shopify is away.
    let _ = adas.send("GET", "/auth?shop=demo-shop", None).await;
    leads_to(
        &adas.send("GET", "/auth/callback?error=access_denied", None).await,
        &told("oauth_failed", DOMAIN),
    );
    let late = installed(&adas.send("GET", &format!("/auth?shop={DOMAIN}"), None).await).await;
    world.clock.advance_seconds(61);
    leads_to(&adas.send("GET", &late, None).await, &told("oauth_failed", DOMAIN));
    for (door, fault) in
        [(Door::Token, Fault::Status(503)), (Door::Token, Fault::Cut), (Door::Graphql, Fault::Broken)]
    {
        shop.switch(|switches| switches.next.push_back((door, fault)));
        leads_to(&connect(&adas, DOMAIN).await, &told("callback_failed", DOMAIN));
    }
    assert_eq!(ada.get(&world, "/api/v1/tenants/me/shop").await.text_at("/state"), "never");

    leads_to(&connect(&adas, DOMAIN).await, "/app");
    leads_to(&connect(&bobs, DOMAIN).await, &told("store_taken", DOMAIN));
    leads_to(&adas.send("GET", "/auth?shop=other-shop", None).await, &told("already_connected", OTHER));
    leads_to(&connect(&bobs, OTHER).await, "/app");

    let cleo = sign_up(&world, "cleo").await;
    let made = cleo.post(&world, "/api/v1/customers", &json!({"email": "a@example.com"})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    open(&world, "third-shop.myshopify.com");
    let cleos = browser(&world, &cleo).await;
    let third = "third-shop.myshopify.com";
    leads_to(&connect(&cleos, third).await, &told("currency_differs", third));

    // Whose shop it is has not lost it by somebody else's try, and not by a try of their own that came to nothing.
    let store = world.store_of(ada.tenant.parse().unwrap());
    let is_served = async || {
        world.clock.advance_seconds(2 * 3_600);
        world.settle().await;
        let connection = store.connection().await.unwrap().unwrap();
        let now = flows::Clock::now(&*world.clock);
        assert_eq!(connection.state, ConnectionState::Connected);
        assert!(connection.tokens.as_ref().unwrap().is_fresh(now), "they were renewed");
    };
    is_served().await;
    let adas = browser(&world, &Person::of(&login(&world, &ada.email, crate::cast::PASSWORD).await)).await;
    shop.switch(|switches| switches.next.push_back((Door::Graphql, Fault::Broken)));
    leads_to(&connect(&adas, DOMAIN).await, &told("callback_failed", DOMAIN));
    is_served().await;
}

#[tokio::test]
async fn what_is_kept_of_a_disconnected_shop_is_there_again_once_it_is_connected() {
    let world = World::new(4).await;
    let (ada, bob) = (sign_up(&world, "ada").await, sign_up(&world, "bob").await);
    open(&world, DOMAIN);
    let never = ada.post(&world, "/auth/disconnect", &json!({})).await;
    assert_eq!((never.status.as_u16(), never.text_at("/state").as_str()), (200, "never"));
    let adas = browser(&world, &ada).await;
    connect(&adas, DOMAIN).await;
    let made = ada.post(&world, "/api/v1/customers", &json!({"email": "a@example.com"})).await;
    let customer = format!("/api/v1/customers/{}", made.text_at("/id"));

    for path in ["/auth/disconnect", "/api/v1/tenants/me/shop/disconnect"] {
        let ended = ada.post(&world, path, &json!({})).await;
        assert_eq!(
            (ended.status.as_u16(), ended.text_at("/state").as_str()),
            (200, "disconnected"),
            "twice is once"
        );
    }
    for path in [customer.as_str(), "/api/v1/customers", "/api/v1/orders", "/api/v1/products"] {
        is_refused(&ada.get(&world, path).await, 403, "store_disconnected");
    }
    assert_eq!(ada.get(&world, "/api/v1/tenants/me").await.text_at("/status"), "disconnected");
    assert_eq!(ada.get(&world, "/api/v1/members").await.status, 200, "the account is still theirs");
    let store = world.store_of(ada.tenant.parse().unwrap());
    assert_eq!(store.connection().await.unwrap().unwrap().tokens, None);

    connect(&adas, DOMAIN).await;
    assert_eq!(ada.get(&world, &customer).await.text_at("/email"), "a@example.com");

    // Whoever has the shop may take it elsewhere, once it is free.
    ada.post(&world, "/auth/disconnect", &json!({})).await;
    let bobs = browser(&world, &bob).await;
    leads_to(&connect(&bobs, DOMAIN).await, "/app");
    leads_to(&connect(&adas, DOMAIN).await, &format!("/connect?error=store_taken&shop={DOMAIN}"));
    assert_eq!(bob.get(&world, "/api/v1/customers").await.json()["total"], 0, "with nothing of whose it was");
    let again = login(&world, &ada.email, crate::cast::PASSWORD).await;
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn who_is_suspended_stays_so_whichever_way_they_connect() {
    let world = World::new(5).await;
    let ada = sign_up(&world, "ada").await;
    open(&world, DOMAIN);
    let adas = browser(&world, &ada).await;
    set_status(&world, &ada.tenant, TenantStatus::Suspended).await;
    is_refused(&connect(&adas, DOMAIN).await, 403, "tenant_suspended");

    // Within the admin, where the app was removed and is installed again.
    let shop = open(&world, OTHER);
    shop.install(&SCOPES);
    let tenant = enter(&world, &shop.session_token()).await.text_at("/tenant/id");
    world.settle().await;
    shop.uninstall();
    world.clock.advance_seconds(5);
    world.hook(OTHER, "app/uninstalled", &json!({"id": 1, "myshopify_domain": OTHER})).await.send().await;
    world.settle().await;
    set_status(&world, &tenant, TenantStatus::Suspended).await;
    shop.install(&SCOPES);
    is_refused(&enter(&world, &shop.session_token()).await, 403, "tenant_suspended");

    for (tenant, state) in [(ada.tenant, None), (tenant, Some(ConnectionState::Uninstalled))] {
        let store = world.store_of(tenant.parse().unwrap());
        assert_eq!(store.tenant().await.unwrap().unwrap().status, TenantStatus::Suspended);
        assert_eq!(store.connection().await.unwrap().map(|connection| connection.state), state);
    }
}

#[tokio::test]
async fn of_two_who_come_back_at_once_neither_keeps_tokens_that_the_other_has_ended() {
    for at in 0.. {
        let world = World::new(12).await;
        let ada = sign_up(&world, "ada").await;
        open(&world, DOMAIN);
        let (one, other) = (browser(&world, &ada).await, browser(&world, &ada).await);
        let path = format!("/auth?shop={DOMAIN}");
        let back = installed(&one.send("GET", &path, None).await).await;
        let others = installed(&other.send("GET", &path, None).await).await;
        let both = overtaken(one.send("GET", &back, None), at, other.send("GET", &others, None));
        let Some((slow, quick)) = Box::pin(at_every_port(both)).await else {
            assert!(at >= 15, "{at}");
            break;
        };
        leads_to(&slow, "/app");
        leads_to(&quick, "/app");
        let store = world.store_of(ada.tenant.parse().unwrap());
        world.clock.advance_seconds(2 * 3_600);
        world.settle().await;
        let connection = store.connection().await.unwrap().unwrap();
        let now = flows::Clock::now(&*world.clock);
        assert_eq!(connection.state, ConnectionState::Connected, "{at}");
        assert!(connection.tokens.as_ref().unwrap().is_fresh(now), "{at}: they were renewed");
    }
}

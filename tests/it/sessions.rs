//! Sessions: refresh, reuse, sign-out, browsers (AUTH-04, 06 to 08, 17).

use crate::cast::{PASSWORD, Person, login, sign_up};
use local::World;
use serde_json::json;

#[tokio::test]
async fn a_refresh_token_works_once_and_its_reuse_ends_the_family() {
    let world = World::new(1).await;
    let ada = sign_up(&world, "ada").await;
    let refresh = async |token: &str| {
        world.post("/api/auth/refresh").json(&json!({"refresh_token": token})).send().await
    };
    let second = Person::of(&refresh(&ada.refresh).await);
    assert_ne!(second.refresh, ada.refresh);
    assert_eq!(second.get(&world, "/api/auth/me").await.status, 200);

    assert_eq!(refresh(&ada.refresh).await.status, 401, "used up");
    assert_eq!(refresh(&second.refresh).await.status, 401, "and so the family is over");
    assert_eq!(second.get(&world, "/api/auth/me").await.status, 401, "with its access tokens");
    assert_eq!(login(&world, &ada.email, PASSWORD).await.status, 200, "a new sign-in is a new family");
}

#[tokio::test]
async fn a_program_that_lost_the_answer_repeats_with_its_key() {
    let world = World::new(2).await;
    let ada = sign_up(&world, "ada").await;
    let call = world.post("/api/auth/refresh").header("idempotency-key", "r1");
    let call = call.json(&json!({"refresh_token": ada.refresh}));
    let (lost, repeated) = (call.send().await, call.send().await);
    assert_eq!((lost.status, &lost.text), (repeated.status, &repeated.text));
    assert_eq!(Person::of(&repeated).get(&world, "/api/auth/me").await.status, 200);
}

#[tokio::test]
async fn an_access_token_dies_after_fifteen_minutes_and_a_session_after_thirty_idle_days() {
    let world = World::new(3).await;
    let ada = sign_up(&world, "ada").await;
    world.clock.advance_seconds(899);
    assert_eq!(ada.get(&world, "/api/auth/me").await.status, 200);
    world.clock.advance_seconds(1);
    assert_eq!(ada.get(&world, "/api/auth/me").await.status, 401);
    let refresh = world.post("/api/auth/refresh").json(&json!({"refresh_token": ada.refresh}));
    world.clock.advance_seconds(30 * 24 * 3_600 - 901);
    let late = Person::of(&refresh.send().await);
    world.clock.advance_seconds(30 * 24 * 3_600);
    let too_late = world.post("/api/auth/refresh").json(&json!({"refresh_token": late.refresh})).send().await;
    assert_eq!(too_late.status, 401);
}

#[tokio::test]
async fn after_ninety_days_one_shows_again_who_one_is() {
    let world = World::new(10).await;
    let mut ada = sign_up(&world, "ada").await;
    let refresh = async |token: &str| {
        world.post("/api/auth/refresh").json(&json!({"refresh_token": token})).send().await
    };
    for _ in 0..4 {
        world.clock.advance_seconds(20 * 24 * 3_600);
        ada = Person::of(&refresh(&ada.refresh).await);
    }
    world.clock.advance_seconds(10 * 24 * 3_600 - 1);
    ada = Person::of(&refresh(&ada.refresh).await);
    world.clock.advance_seconds(1);
    assert_eq!(refresh(&ada.refresh).await.status, 401);
    assert_eq!(ada.get(&world, "/api/auth/me").await.status, 401);
}

#[tokio::test]
async fn signing_out_ends_both_tokens() {
    let world = World::new(4).await;
    let ada = sign_up(&world, "ada").await;
    let other = Person::of(&login(&world, &ada.email, PASSWORD).await);
    assert_eq!(ada.post(&world, "/api/auth/logout", &json!({})).await.status, 200);
    assert_eq!(ada.get(&world, "/api/auth/me").await.status, 401);
    let refresh = world.post("/api/auth/refresh").json(&json!({"refresh_token": ada.refresh})).send().await;
    assert_eq!(refresh.status, 401);
    assert_eq!(other.get(&world, "/api/auth/me").await.status, 200, "other devices stay signed in");
}

#[tokio::test]
async fn a_refresh_token_is_enough_to_sign_out() {
    let world = World::new(11).await;
    let ada = sign_up(&world, "ada").await;
    let browser = world.browser();
    let body = json!({"email": ada.email, "password": PASSWORD});
    browser.send("POST", "/api/auth/login", Some(&body)).await;
    let cookie = browser.cookie("__Host-refresh").unwrap();
    world.clock.advance_seconds(900);
    let out = async |token: &str| {
        world.post("/api/auth/logout").json(&json!({"refresh_token": token})).send().await.status.as_u16()
    };
    assert_eq!(out("rt.nonsense").await, 401);
    let foreign = world.post("/api/auth/logout").header("cookie", &format!("__Host-refresh={cookie}"));
    assert_eq!(
        foreign.send().await.status,
        401,
        "a cookie alone is anybody's who can make a browser send it"
    );
    assert_eq!(out(&ada.refresh).await, 200);
    assert_eq!(out(&ada.refresh).await, 401, "it is over");
    let refresh = world.post("/api/auth/refresh").json(&json!({"refresh_token": ada.refresh})).send().await;
    assert_eq!(refresh.status, 401);
    assert_eq!(
        browser.send("POST", "/api/auth/logout", None).await.status,
        200,
        "a page with its CSRF token"
    );
    let refresh = world.post("/api/auth/refresh").json(&json!({"refresh_token": cookie})).send().await;
    assert_eq!(refresh.status, 401);
}

#[tokio::test]
async fn a_browser_has_its_session_in_cookies_that_no_script_can_read() {
    let world = World::new(5).await;
    sign_up(&world, "ada").await;
    let browser = world.browser();
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let signed_in = browser.send("POST", "/api/auth/login", Some(&body)).await;
    assert_eq!(signed_in.status, 200);
    assert!(signed_in.at("/tokens").is_null(), "a page is not told what it need not know");
    let cookies = signed_in.cookies();
    for name in ["__Host-access", "__Host-refresh"] {
        for part in ["Path=/", "Max-Age=", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(cookies[name].contains(part), "{name}: {part}");
        }
    }
    assert!(!cookies["__Host-csrf"].contains("HttpOnly"), "a page must read this one");
    assert_eq!(browser.send("GET", "/api/auth/me", None).await.status, 200);
    assert_eq!(browser.send("POST", "/api/auth/logout", None).await.status, 200);
    assert_eq!(browser.cookie("__Host-access"), None);
    assert_eq!(browser.send("GET", "/api/auth/me", None).await.status, 401);
}

#[tokio::test]
async fn another_sites_page_can_do_nothing_with_a_browsers_cookies() {
    let world = World::new(6).await;
    sign_up(&world, "ada").await;
    let browser = world.browser();
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    browser.send("POST", "/api/auth/login", Some(&body)).await;
    let csrf = browser.cookie("__Host-csrf").unwrap();
    let rename = || world.call("PATCH", "/api/v1/tenants/me").json(&json!({"name": "Mine"}));
    let code = async |call| browser.send_as_is(call).await.text_at("/code");
    assert_eq!(code(rename()).await, "foreign_origin", "no Origin");
    assert_eq!(
        code(rename().header("origin", "https://evil.test").header("x-csrf-token", &csrf)).await,
        "foreign_origin"
    );
    assert_eq!(code(rename().header("origin", "https://crm.test")).await, "csrf_token", "no token");
    let forged = rename().header("origin", "https://crm.test").header("x-csrf-token", "forged");
    assert_eq!(code(forged).await, "csrf_token");
    let ours = rename().header("origin", "https://crm.test").header("x-csrf-token", &csrf);
    assert_eq!(browser.send_as_is(ours).await.status, 200);

    let foreign =
        world.post("/api/auth/login").header("origin", "https://evil.test").json(&body).send().await;
    assert_eq!(foreign.text_at("/code"), "foreign_origin", "nor sign anybody in");
}

#[tokio::test]
async fn the_tabs_of_a_browser_may_refresh_together_but_an_old_cookie_ends_the_session() {
    let world = World::new(7).await;
    sign_up(&world, "ada").await;
    let browser = world.browser();
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    browser.send("POST", "/api/auth/login", Some(&body)).await;
    let old = browser.cookie("__Host-refresh").unwrap();
    assert_eq!(browser.send("POST", "/api/auth/refresh", None).await.status, 200);
    let new = browser.cookie("__Host-refresh").unwrap();
    assert_ne!(old, new);
    browser.set_cookie("__Host-refresh", &old);
    assert_eq!(
        browser.send("POST", "/api/auth/refresh", None).await.status,
        200,
        "the other tab, a moment later"
    );
    assert_eq!(browser.cookie("__Host-refresh").unwrap(), new, "gets the same");
    world.clock.advance_seconds(11);
    browser.set_cookie("__Host-refresh", &old);
    assert_eq!(browser.send("POST", "/api/auth/refresh", None).await.status, 401);
    browser.set_cookie("__Host-refresh", &new);
    assert_eq!(browser.send("POST", "/api/auth/refresh", None).await.status, 401, "the session is over");
}

#[tokio::test]
async fn a_session_moves_between_the_tenants_of_its_person() {
    let world = World::new(8).await;
    let ada = sign_up(&world, "ada").await;
    let bob = sign_up(&world, "bob").await;
    let second = ada.post(&world, "/api/v1/tenants", &json!({"name": "Second"})).await;
    assert_eq!(second.status, 201);
    let moved = ada.post(&world, "/api/auth/switch", &json!({"tenant": second.text_at("/id")})).await;
    let moved = Person::of(&moved);
    assert_eq!(moved.get(&world, "/api/v1/tenants/me").await.text_at("/name"), "Second");
    let listed = moved.get(&world, "/api/v1/tenants").await;
    assert_eq!(listed.at("/total"), 2);
    let foreign = ada.post(&world, "/api/auth/switch", &json!({"tenant": bob.tenant})).await;
    assert_eq!(foreign.status, 404);
}

#[tokio::test]
async fn a_kept_refresh_opens_for_nobody_without_its_cookie() {
    let world = World::new(9).await;
    sign_up(&world, "ada").await;
    let browser = world.browser();
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    browser.send("POST", "/api/auth/login", Some(&body)).await;
    let csrf = browser.cookie("__Host-csrf").expect("a browser has one");
    let call = || world.post("/api/auth/refresh").header("idempotency-key", "1");
    let ours = call().header("origin", "https://crm.test").header("x-csrf-token", &csrf);
    assert_eq!(browser.send_as_is(ours).await.status, 200);
    let stranger = call().send().await;
    assert_eq!(stranger.status, 401, "{}", stranger.text);
    assert!(stranger.cookies().is_empty());
}

//! Who may watch.

use super::{PROTOCOLS, kept, offer, watching};
use crate::cast::{PASSWORD, join, set_status, sign_up};
use domain::{TenantStatus, socket::SOCKETS_MAX};
use local::World;
use serde_json::json;

async fn refused(world: &World, headers: &[(&str, &str)]) -> u16 {
    match world.watch(headers).await {
        Ok(_) => panic!("{headers:?} were let in"),
        Err(status) => status,
    }
}

#[tokio::test]
async fn a_ticket_opens_one_socket_within_a_minute() {
    let world = World::new(1).await;
    let ada = sign_up(&world, "ada").await;
    let made = ada.post(&world, "/api/v1/live/tickets", &json!({})).await;
    assert_eq!(made.text_at("/url"), "wss://crm.test/live");
    assert_eq!(made.text_at("/protocols/1"), format!("ticket.{}", made.text_at("/ticket")));
    let (first, second) = (offer(&world, &ada).await, offer(&world, &ada).await);
    assert!(world.watch(&[(PROTOCOLS, &first)]).await.is_ok());
    assert_eq!(refused(&world, &[(PROTOCOLS, &first)]).await, 401, "a ticket is good once");
    world.clock.advance_seconds(60);
    assert_eq!(refused(&world, &[(PROTOCOLS, &second)]).await, 401, "and for a minute");
    for bent in [offer(&world, &ada).await + "x", "regulars, ticket.tk.a.b".to_owned()] {
        assert_eq!(refused(&world, &[(PROTOCOLS, &bent)]).await, 401);
    }
    let late = offer(&world, &ada).await;
    assert_eq!(ada.post(&world, "/api/auth/logout", &json!({})).await.status, 200);
    assert_eq!(refused(&world, &[(PROTOCOLS, &late)]).await, 401, "a ticket ends with its session");
}

#[tokio::test]
async fn the_pages_that_watch_may_open_a_socket_where_the_ticket_says() {
    let world = World::new(7).await;
    let shows = ["sync", "health", "told", "privacy"];
    for (path, own) in [("/connect", "connect"), ("/app", "app")] {
        let page = world.get(path).send().await;
        let policy = page.header("content-security-policy").to_owned();
        assert!(policy.contains("connect-src 'self' wss://crm.test;"), "{path}: {policy}");
        for id in shows {
            assert!(page.text.contains(&format!(" id=\"{id}\" hidden>")), "{id} on {path}");
        }
        let scripts: Vec<_> =
            page.text.split("<script src=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let named = |name: &str| scripts.contains(&format!("/pages/{name}.js").as_str());
        for name in [own, "page", "shop", "live", "health", "told", "privacy"] {
            assert!(named(name), "{name} on {path}: {scripts:?}");
        }
        for script in scripts {
            assert_eq!(world.get(script).send().await.header("content-type"), "text/javascript", "{script}");
        }
    }
    let page = world.get("/campaigns/c1").send().await;
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.contains("connect-src 'self' wss://crm.test;"), "{policy}");
    let script = world.get("/pages/campaign.js").send().await;
    assert_eq!(script.header("content-type"), "text/javascript");
    for page in ["/admin", "/connect", "/campaigns/c1", "/campaigns/new"] {
        let page = world.get(page).send().await;
        assert!(
            page.text.contains("<input id=\"password\"") && !page.text.contains("<!-- Sign in"),
            "{}",
            page.text
        );
    }
    for page in ["/admin", "/reset-password", "/accept-invitation", "/api/docs/index.html"] {
        let page = world.get(page).send().await;
        assert!(page.text.contains("<script src=\"/pages/page.js\">"), "{}", page.text);
        assert!(!page.header("content-security-policy").contains("wss:"), "nothing is watched there");
    }
    for (script, asks) in [("page", "/api/v1/live/tickets"), ("live", "/api/v1/tenants/me/sync/active")] {
        assert!(world.get(&format!("/pages/{script}.js")).send().await.text.contains(asks), "{script}");
    }
}

#[tokio::test]
async fn one_of_two_who_come_with_one_ticket_at_once_is_let_in() {
    let world = World::new(2).await;
    let ada = sign_up(&world, "ada").await;
    let offer = offer(&world, &ada).await;
    let headers = [(PROTOCOLS, offer.as_str())];
    let (one, other) = futures::join!(world.watch(&headers), world.watch(&headers));
    assert!(one.is_ok() != other.is_ok());
}

#[tokio::test]
async fn a_browsers_cookies_open_a_socket_for_our_own_pages() {
    let world = World::new(3).await;
    let ada = sign_up(&world, "ada").await;
    let browser = world.browser();
    let login = json!({"email": ada.email, "password": PASSWORD});
    assert_eq!(browser.send("POST", "/api/auth/login", Some(&login)).await.status, 200);
    let line = format!("a=1; __Host-access={}", browser.cookie("__Host-access").expect("it is signed in"));
    let cookie = ("Cookie", line.as_str());
    assert!(world.watch(&[cookie, ("Origin", "https://crm.test")]).await.is_ok());
    for origin in ["https://evil.test", "https://crm.test.evil.test", "http://crm.test", "null", ""] {
        assert_eq!(refused(&world, &[cookie, ("Origin", origin)]).await, 403, "{origin}");
    }
    assert_eq!(refused(&world, &[cookie]).await, 403, "whose page it is must be said");
    let ours = ("Origin", "https://crm.test");
    for other in ["__Host-access=", "access=x", "__Host-access=a.b.c"] {
        assert_eq!(refused(&world, &[("Cookie", other), ours]).await, 401, "{other}");
    }
    assert_eq!(refused(&world, &[ours]).await, 401);
}

#[tokio::test]
async fn an_access_token_opens_a_socket_and_a_programs_key_does_not() {
    let world = World::new(4).await;
    let ada = sign_up(&world, "ada").await;
    let bearer = format!("regulars, bearer.{}", ada.access);
    assert!(world.watch(&[(PROTOCOLS, &bearer)]).await.is_ok());
    let key = json!({"name": "k", "scopes": ["orders:read"]});
    let key = ada.post(&world, "/api/v1/api-keys", &key).await.text_at("/key");
    assert_eq!(refused(&world, &[(PROTOCOLS, &format!("bearer.{key}"))]).await, 403);
    let ticket = world.post("/api/v1/live/tickets").bearer(&key).send().await;
    assert_eq!((ticket.status.as_u16(), ticket.text_at("/code")), (403, "not_for_programs".to_owned()));
    world.clock.advance_seconds(900);
    assert_eq!(refused(&world, &[(PROTOCOLS, &bearer)]).await, 401);
    assert_eq!(refused(&world, &[]).await, 401);
}

#[tokio::test]
async fn a_tenant_that_is_closed_has_no_watchers() {
    let world = World::new(5).await;
    let ada = sign_up(&world, "ada").await;
    let offers = [offer(&world, &ada).await, offer(&world, &ada).await];
    for (offer, status) in offers.iter().zip([TenantStatus::Suspended, TenantStatus::Disconnected]) {
        set_status(&world, &ada.tenant, status).await;
        assert_eq!(refused(&world, &[(PROTOCOLS, offer)]).await, 403, "{status:?}");
    }
    let asked = ada.post(&world, "/api/v1/live/tickets", &json!({})).await;
    assert_eq!((asked.status.as_u16(), asked.text_at("/code")), (403, "store_disconnected".to_owned()));
}

#[tokio::test]
async fn a_tenant_has_so_many_watchers_and_who_leaves_makes_room() {
    let world = World::new(6).await;
    let ada = sign_up(&world, "ada").await;
    let bob = join(&world, &ada, "bob", "viewer").await;
    world.set_plan(&ada.tenant, domain::Plan::Own).await;
    let mut watchers = Vec::new();
    for _ in 0..SOCKETS_MAX {
        watchers.push(watching(&world, &bob).await);
    }
    assert_eq!(kept(&world), 2 * SOCKETS_MAX);
    let one_more = offer(&world, &ada).await;
    assert_eq!(refused(&world, &[(PROTOCOLS, &one_more)]).await, 429);
    watchers.pop().expect("they are many").leave().await;
    assert!(
        world.watch(&[(PROTOCOLS, &one_more)]).await.is_ok(),
        "the ticket was not used up by the refusal"
    );
}

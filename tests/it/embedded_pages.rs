//! The app's page within Shopify's admin: nobody but the shop frames it (SHO-05), and who is there watches and acts as on any page.

use crate::embedded::{enter, installed, is_refused};
use local::{World, shopify::CLIENT_ID, world::ORIGIN};
use serde_json::json;

#[tokio::test]
async fn only_the_shop_that_is_meant_frames_our_pages() {
    let world = World::new(9).await;
    let shop = installed(&world);
    for page in [
        "/app",
        "/app?shop=demo-shop.myshopify.com",
        "/connect",
        "/reset-password",
        "/accept-invitation",
        "/api/docs/index.html",
    ] {
        let alone = world.get(page).send().await;
        assert_eq!(alone.status, 200, "{page}");
        assert!(alone.header("content-security-policy").contains("frame-ancestors 'none'"), "{page}");
        assert_eq!(alone.header("x-frame-options"), "DENY", "{page}");
        assert!(!alone.text.contains("app-bridge"), "{page}");
    }
    let base = shop.app_url();
    let path = base.strip_prefix(ORIGIN).unwrap();
    let framed = world.get(path).send().await;
    assert_eq!(framed.status, 200, "{}", framed.text);
    let world_shops = |policy: &str| {
        policy.contains("frame-ancestors http://127.0.0.1:") && !policy.contains("'none';frame")
    };
    assert!(
        world_shops(framed.header("content-security-policy")),
        "{}",
        framed.header("content-security-policy")
    );
    assert_eq!(framed.header("x-frame-options"), "", "the older word would forbid it");
    assert!(framed.text.contains("app-bridge.js") && framed.text.contains(CLIENT_ID));
    // The same page, which watches: the frame may open a socket, and load what it watches with.
    let policy = framed.header("content-security-policy");
    assert!(policy.split(';').any(|rule| rule.contains("connect-src") && rule.ends_with(" wss://crm.test")));
    assert!(framed.text.contains("/pages/live.js") && framed.text.contains(" id=\"health\" hidden>"));

    // Too old by now: it goes for a new one, and comes back.
    world.clock.advance_seconds(71);
    let stale = world.get(path).send().await;
    let bounce = stale.header("location").to_owned();
    assert_eq!(stale.status, 302);
    assert!(bounce.starts_with("/app/bounce?") && bounce.contains("shopify-reload=%2Fapp%3F"), "{bounce}");
    assert!(!bounce.contains("id_token"), "{bounce}");
    let page = world.get(&bounce).send().await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(world_shops(page.header("content-security-policy")) && page.text.contains("app-bridge.js"));
    for wrong in [
        "/app/bounce",
        "/app/bounce?shop=demo-shop.myshopify.com&shopify-reload=https://evil.test",
        "/app/bounce?shop=evil.test&shopify-reload=%2Fapp",
    ] {
        is_refused(&world.get(wrong).send().await, 400, "bad_query");
    }
}

/// A frame has no cookies: what it opens a socket with is a ticket, and what it changes is changed by its token alone.
#[tokio::test]
async fn who_is_in_the_admin_watches_by_a_ticket_and_acts_without_a_cookie() {
    let world = World::new(13).await;
    let shop = installed(&world);
    let access = enter(&world, &shop.session_token()).await.text_at("/access_token");
    world.settle().await;
    let ticket = world.post("/api/v1/live/tickets").bearer(&access).send().await;
    assert_eq!(ticket.status, 201, "{}", ticket.text);
    let offer = format!("{}, {}", ticket.text_at("/protocols/0"), ticket.text_at("/protocols/1"));
    // The frame is of our own origin, and says so; nothing hangs on it.
    let watcher = world.watch(&[("Sec-WebSocket-Protocol", &offer), ("Origin", ORIGIN)]).await;
    assert!(watcher.is_ok());
    let body = json!({"mode": "incremental"});
    let begun = world.post("/api/v1/tenants/me/sync").bearer(&access).json(&body).send().await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    for list in ["shop/health", "webhooks?limit=50", "privacy?limit=50", "sync-status", "sync/active"] {
        let path = format!("/api/v1/tenants/me/{list}");
        assert_eq!(world.get(&path).bearer(&access).send().await.status, 200, "{path}");
    }
}

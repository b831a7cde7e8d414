//! A shop that asks for it is forgotten whole, and no other is touched.

use std::collections::BTreeSet;

use domain::{Sender, SenderId, Socket, Standing, TenantId, TenantStatus, privacy::State, sender::Identity};
use local::{World, shopify::DOMAIN, world::Log};
use serde_json::json;
use store::{RawKey, Store};

use super::{EMAIL, asked, baskets, brought, checkout, ended, launched, requests, scan::found, signed, told};
use crate::{
    cast::{PASSWORD, join, login, sign_up},
    connecting::open,
    embedded::{SCOPES, enter, state},
    imports::started,
    shop_events::{Shop, customer_body, order_body},
};

/// Something of everything.
async fn peopled(world: &World, shop: &Shop, other: &Shop) {
    for id in 1..40 {
        let customer = json!({"customer": customer_body(id, "2026-09-01T10:00:00Z", &json!({}))});
        let order = order_body(id, id, "2026-09-01T10:00:00Z", &customer);
        brought(world, shop, "orders/create", &order, &format!("order-{id}")).await;
    }
    told(world, shop, "orders/create", &json!({"id": "ada-lovelace"})).await;
    // Deleted, and deleted before it was told; left behind, and paid for; to be read of the shop.
    told(world, shop, "orders/delete", &json!({"id": 3})).await;
    told(world, shop, "orders/delete", &json!({"id": 3_003})).await;
    for (token, more) in [("left-1", json!({})), ("paid-1", json!({"completed_at": "2026-09-01T09:55:00Z"}))]
    {
        told(world, shop, "checkouts/create", &checkout(token, 7, &more)).await;
    }
    told(world, shop, "orders/edited", &json!({"order_edit": {"order_id": 5}})).await;
    // Somebody was forgotten before.
    told(world, shop, "customers/redact", &asked(shop, 9, "ada9@example.com", None)).await;
    let owner = &signed(world, shop).await;
    let product = json!({"title": "Lovelace's tea", "variants": [{"price": 5}]});
    assert_eq!(owner.post(world, "/api/v1/products", &product).await.status, 201);
    owner.post(world, "/api/v1/customers", &json!({"name": "Ada Lovelace"})).await;
    owner.post(world, "/api/v1/invitations", &json!({"email": "guest@example.com", "role": "viewer"})).await;
    let key = owner.post(world, "/api/v1/api-keys", &json!({"name": "k", "scopes": ["account:read"]})).await;
    assert_eq!(key.status, 201, "{}", key.text);
    let called = "id,email,name\nX-77,ada@example.com,Ada Lovelace\n";
    started(world, owner, json!({"of": "customers"}), called).await;
    owner.post(world, "/api/v1/exports/customers", &json!({})).await;
    told(world, shop, "customers/data_request", &asked(shop, 7, "ada7@example.com", None)).await;
    launched(world, shop, &json!({})).await;
    named(world, shop, other).await;
    ended(world).await;
}

/// It writes in names of its own, of which one is another shop's by now, and somebody watches.
async fn named(world: &World, shop: &Shop, other: &Shop) {
    let (its, now) = (shop.store(world), flows::Clock::now(&*world.clock));
    let sender = |place: u8, domain: &str| Sender {
        id: SenderId::new(now, [place; 10]),
        identity: identity(domain),
        name: None,
        standing: Standing::Verified,
        records: Vec::new(),
        created_at: now,
        created_by: shop.owner.user.parse().expect("a user"),
        checked_at: None,
    };
    let socket = Socket {
        id: SOCKET.parse().expect("a socket"),
        session: domain::SessionId::new(now, [7; 10]),
        user: shop.owner.user.parse().expect("a user"),
        runs: BTreeSet::new(),
        opened_at: now,
        ends_at: now + jiff::SignedDuration::from_hours(24 * 90),
    };
    let mut steps = vec![its.socket_opened(&socket)];
    for (place, domain) in (1..).zip([OWN, HELD, LOST]) {
        steps.push(its.sender_made(&sender(place, domain)));
    }
    steps.extend([OWN, HELD].map(|domain| its.claimed(&identity(domain), None, None)));
    its.commit(steps).await.expect("nobody else has them");
    let others = other.store(world);
    others.commit(vec![others.claimed(&identity(LOST), None, None)]).await.expect("nobody has it");
}

const OWN: &str = "mail.nordlicht.example";
/// The provider does not let it go.
const HELD: &str = "held.nordlicht.example";
const LOST: &str = "lost.nordlicht.example";

fn identity(domain: &str) -> Identity {
    Identity::Domain(domain.parse().expect("a domain"))
}

const SOCKET: &str = "L0SM9cOFvHcCIhw=";

/// All keys in which the tenant's id stands.
fn keys_of(world: &World, tenant: &str) -> Vec<RawKey> {
    let all = world.table.dump().expect("memory holds").into_iter().map(|item| item.key);
    all.filter(|key| key.pk.contains(tenant) || key.sk.contains(tenant)).collect()
}

async fn removed(world: &World, shop: &Shop) {
    told(world, shop, "app/uninstalled", &json!({"id": 1, "myshopify_domain": shop.domain})).await;
    world.clock.advance_seconds(48 * 3_600);
}

async fn status(world: &World, tenant: &str) -> TenantStatus {
    let tenant: TenantId = tenant.parse().expect("a tenant");
    world.store_of(tenant).tenant().await.expect("memory holds").expect("it stays").status
}

#[tokio::test]
async fn of_a_shop_that_asks_for_it_nothing_is_left_and_another_is_as_it_was() {
    let (world, log) = (World::new(1).await, Log::listen());
    let shop = Shop::connected(&world, "nordlicht").await;
    let other = Shop::connected(&world, "suedlicht").await;
    peopled(&world, &shop, &other).await;
    assert_eq!(baskets(&world).len(), 2);
    let keys = keys_of(&world, &shop.owner.tenant);
    for (part, what) in [("#K#", "PLAN"), ("#K#", "W#"), ("#K#", "P#"), ("#E#", "CALLED"), ("#E#", "GONE")] {
        let is_there = keys.iter().any(|key| key.pk.contains(part) && key.sk.starts_with(what));
        assert!(is_there, "so that the test can fail: {part} {what}");
    }
    let both = join(&world, &shop.owner, "both", "admin").await;
    told(
        &world,
        &other,
        "customers/create",
        &customer_body(7, "2026-09-01T10:00:00Z", &json!({"email": EMAIL, "last_name": "Other"})),
    )
    .await;
    removed(&world, &shop).await;
    let others = |world: &World| {
        let all = world.table.dump().expect("memory holds").into_iter();
        // A night goes by, in which theirs is worked out.
        let is_of_night = |key: &RawKey| key.sk == "SCORES" || key.sk.starts_with("FIT#");
        let theirs = all.filter(|item| format!("{:?}", item.key).contains(&other.owner.tenant));
        theirs.filter(|item| !is_of_night(&item.key)).collect::<Vec<_>>()
    };
    let before = others(&world);
    assert!(before.len() > 5);
    let known = found(&world, &log, &["Lovelace"]).await;
    for place in [
        "table C PROFILE",
        "table A D",
        "table P",
        "file brought.csv",
        "file taken.csv",
        "file person.json",
        "file event",
    ] {
        assert!(known.contains(place), "so that the scan can fail: {place} in {known:?}");
    }

    told(&world, &shop, "shop/redact", &json!({"shop_id": 1, "shop_domain": shop.domain})).await;
    assert_eq!(found(&world, &log, &["Lovelace"]).await, BTreeSet::new());
    let shops = found(&world, &log, &["nordlicht.myshopify.com"]).await;
    assert!(
        shops.is_subset(&["mail".to_owned()].into()),
        "what we wrote to its merchants is theirs: {shops:?}"
    );
    let left = keys_of(&world, &shop.owner.tenant);
    let is_kept = |key: &RawKey| key.sk == "TENANT" || key.sk.starts_with("PRV#");
    let rest: Vec<_> = left.iter().filter(|key| !is_kept(key)).collect();
    assert_eq!(rest, Vec::<&RawKey>::new());
    assert!(
        !world
            .table
            .dump()
            .expect("memory holds")
            .iter()
            .any(|item| item.key.pk == format!("SOCKET#{SOCKET}"))
    );
    let (all, now) = (Store::new(world.table.clone()), flows::Clock::now(&*world.clock));
    let (its_tenant, other_tenant): (TenantId, TenantId) =
        (shop.store(&world).id(), other.owner.tenant.parse().expect("a tenant"));
    let claim = async |domain| all.claim(&identity(domain)).await.expect("memory holds");
    let has_forgotten = |domain| world.identities.has_forgotten(its_tenant, &identity(domain));
    assert!(claim(OWN).await.is_none() && has_forgotten(OWN), "its name is anybody's, who proves it anew");
    let held = claim(HELD).await.expect("it stands");
    assert!(!held.is_anothers(other_tenant, now), "and so is one that the provider does not let go");
    let lost = claim(LOST).await.expect("it is another's");
    assert!(lost.tenant == other_tenant && lost.until.is_none() && !has_forgotten(LOST), "{lost:?}");
    assert_eq!(status(&world, &shop.owner.tenant).await, TenantStatus::Erased);
    let request = requests(&world, &shop).await.remove(0);
    assert_eq!(request.state, State::Erased);
    assert!(request.done.customers >= 39 && request.done.orders == 38, "{request:?}");
    assert_eq!(others(&world), before, "nothing of another's is touched");

    // Who was in it can sign in, and is nowhere; they may begin anew, and connect the shop again.
    assert_eq!(both.get(&world, "/api/v1/customers").await.status, 401);
    let back = login(&world, &shop.owner.email, PASSWORD).await;
    assert_eq!((back.status.as_u16(), back.at("/tenant")), (200, json!(null)), "{}", back.text);
    told(&world, &shop, "orders/create", &order_body(1, 1, "2026-09-01T10:00:00Z", &json!({}))).await;
    let new = Shop { owner: sign_up(&world, "again").await, domain: shop.domain.clone() };
    new.connect(&world).await;
    assert_eq!(new.owner.get(&world, "/api/v1/customers").await.at("/total"), json!(0));

    world.clock.advance_seconds(15 * 24 * 3_600);
    for _ in 0..2 {
        ended(&world).await;
    }
    assert_eq!(requests(&world, &shop).await[0].state, State::Done);
    assert_eq!(status(&world, &new.owner.tenant).await, TenantStatus::Active, "the new one is another");
}

#[tokio::test]
async fn who_was_there_by_the_admin_alone_begins_anew_by_it() {
    let world = World::new(5).await;
    let shop = open(&world, DOMAIN);
    shop.install(&SCOPES);
    let first = enter(&world, &shop.session_token()).await;
    world.settle().await;
    shop.uninstall();
    for (topic, hours, body) in [
        ("app/uninstalled", 1, json!({"id": 1, "myshopify_domain": DOMAIN})),
        ("shop/redact", 48, json!({"shop_id": 1, "shop_domain": DOMAIN})),
    ] {
        world.clock.advance_seconds(hours * 3_600);
        assert_eq!(world.hook(DOMAIN, topic, &body).await.send().await.status, 200);
        ended(&world).await;
    }
    assert_eq!(status(&world, &first.text_at("/tenant/id")).await, TenantStatus::Erased);

    // Shopify's number says who they are, whatever it says of their address by now.
    shop.switch(|switches| switches.is_staff_unverified = true);
    shop.install(&SCOPES);
    let token = shop.session_token();
    let (one, other) = futures::join!(enter(&world, &token), enter(&world, &token));
    let back = if one.status == 200 { &one } else { &other };
    assert_eq!((back.status.as_u16(), back.at("/user/id")), (200, first.at("/user/id")), "{}", back.text);
    assert_ne!(back.at("/tenant/id"), first.at("/tenant/id"));
    assert_eq!(state(&world, back).await, "connected");
    world.settle().await;
    let again = enter(&world, &shop.session_token()).await;
    assert_eq!(again.at("/tenant/id"), back.at("/tenant/id"));
    let tenants = world.get("/api/v1/tenants").bearer(&again.text_at("/access_token")).send().await;
    assert_eq!(tenants.json()["total"], 1, "made once: {}", tenants.text);
}

#[tokio::test]
async fn a_shop_that_was_connected_again_is_not_forgotten() {
    let world = World::new(2).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    told(&world, &shop, "customers/create", &customer_body(7, "2026-09-01T10:00:00Z", &json!({}))).await;
    removed(&world, &shop).await;
    shop.connect(&world).await;
    told(&world, &shop, "shop/redact", &json!({"shop_id": 1, "shop_domain": shop.domain})).await;
    let request = requests(&world, &shop).await.remove(0);
    assert!(
        matches!(&request.state, State::Refused { why } if why.contains("connected again")),
        "{request:?}"
    );
    let owner = signed(&world, &shop).await;
    let shown = super::listed(&world, &owner).await;
    assert_eq!(
        (&shown[0]["state"], &shown[0]["asks"]),
        (&json!("refused"), &json!("shop_erasure")),
        "{shown}"
    );
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(1));
    assert_eq!(status(&world, &shop.owner.tenant).await, TenantStatus::Active);
}

#[tokio::test]
async fn whoever_asks_of_a_shop_that_has_left_is_forgotten_too() {
    let (world, log) = (World::new(3).await, Log::listen());
    let shop = Shop::connected(&world, "nordlicht").await;
    let named = json!({"email": EMAIL, "last_name": "Zaphodsdottir"});
    told(&world, &shop, "customers/create", &customer_body(7_001_222, "2026-09-01T10:00:00Z", &named)).await;
    removed(&world, &shop).await;
    assert!(!found(&world, &log, &[EMAIL]).await.is_empty());
    told(&world, &shop, "customers/redact", &asked(&shop, 7_001_222, EMAIL, None)).await;
    assert_eq!(found(&world, &log, &[EMAIL, "Zaphodsdottir"]).await, BTreeSet::new());
}

#[tokio::test]
async fn whoever_had_the_shop_before_forgets_as_well() {
    let (world, log) = (World::new(4).await, Log::listen());
    let former = Shop::connected(&world, "nordlicht").await;
    let named = json!({"email": EMAIL, "last_name": "Zaphodsdottir"});
    let customer = customer_body(7_001_222, "2026-09-01T10:00:00Z", &named);
    told(&world, &former, "customers/create", &customer).await;
    removed(&world, &former).await;
    let now = Shop { owner: sign_up(&world, "other").await, domain: former.domain.clone() };
    now.connect(&world).await;
    told(&world, &now, "customers/create", &customer).await;
    told(&world, &now, "customers/redact", &asked(&now, 7_001_222, EMAIL, None)).await;
    assert_eq!(found(&world, &log, &[EMAIL, "Zaphodsdottir"]).await, BTreeSet::new());
    // Its end is the former one's alone: it is connected by the other.
    told(&world, &now, "shop/redact", &json!({"shop_id": 1, "shop_domain": now.domain})).await;
    assert_eq!(status(&world, &former.owner.tenant).await, TenantStatus::Erased);
    assert_eq!(status(&world, &now.owner.tenant).await, TenantStatus::Active);
    let shown = super::listed(&world, &signed(&world, &now).await).await;
    assert_eq!(shown[0]["state"], json!("refused"), "{shown}");
}

//! What a shop's tokens are sealed with can change, and they are in clear nowhere that we keep anything (SHO-03).

use crate::{
    cast::{PASSWORD, Person, login, sign_up},
    connecting::{browser, connect, open},
    connection_words::ToUs,
};
use domain::{Connection, Queue, SealedTokens};
use flows::{FlowError, Unanswered, seal::Seals};
use local::{
    World,
    shopify::{DOMAIN, Shop, books::Basket},
    world::Log,
};
use serde_json::json;
use shopify::graph::ShopInfo;
use std::sync::Arc;
use store::TenantStore;

const OTHER: &str = "other-shop.myshopify.com";
const HOURS: i64 = 3_600;

async fn connected(world: &World, name: &str, domain: &str) -> (Person, Arc<Shop>, TenantStore) {
    let person = sign_up(world, name).await;
    let shop = open(world, domain);
    let back = connect(&browser(world, &person).await, domain).await;
    assert_eq!(back.header("location"), "/app");
    let store = world.store_of(person.tenant.parse().expect("a tenant's id"));
    (person, shop, store)
}

async fn ask(world: &World, store: &TenantStore) -> Result<(), Unanswered> {
    let seals = Seals::new(world.ports.keys.clone(), world.ports.dice.clone());
    world.ports.shops().ask((store, &seals), &ShopInfo {}).await.map(drop)
}

#[tokio::test]
async fn what_was_sealed_before_a_rotation_opens_and_what_is_new_needs_no_former_key() {
    let world = World::new(1).await;
    let (_, _, adas) = connected(&world, "ada", DOMAIN).await;
    world.keys.rotate();
    let (_, _, bobs) = connected(&world, "bob", OTHER).await;
    for hours in [0, 2] {
        world.clock.advance_seconds(hours * HOURS);
        ask(&world, &adas).await.expect("sealed before");
        ask(&world, &bobs).await.expect("sealed since");
    }
    world.keys.forget_former();
    ask(&world, &bobs).await.expect("its key was wrapped by the new master alone");
    let lost = ask(&world, &adas).await.unwrap_err();
    assert!(matches!(lost, Unanswered::Failed(FlowError::Broken(_))), "{lost:?}");
}

#[tokio::test]
async fn the_apps_secret_changes_and_nothing_stops() {
    let world = World::new(2).await;
    let (ada, shop, store) = connected(&world, "ada", DOMAIN).await;
    world.shopify.rotate_secret("another secret");
    world.keys.change(|secrets| {
        let app = secrets.shopify.as_mut().expect("a world has an app");
        app.old_secret = Some(std::mem::replace(&mut app.secret, "another secret".to_owned()));
    });
    let variant =
        shop.books(|books| books.products().flat_map(|product| &product.variants).next().unwrap().id);
    // For an hour Shopify signs with the former one.
    for hours in [0, 2] {
        world.clock.advance_seconds(hours * HOURS);
        shop.buy(&Basket { lines: vec![(variant, 1)], ..Basket::default() }).unwrap();
        assert!(world.shopify.tick(&ToUs(&world)).await > 0);
        ask(&world, &store).await.expect("tokens are renewed with the new one");
        let session =
            world.post("/api/auth/shopify").bearer(&shop.session_token()).json(&json!({})).send().await;
        assert_eq!(session.text_at("/code"), "store_taken", "who is there is believed: {}", session.text);
    }
    assert!(shop.delivered().iter().all(|delivered| delivered.answer == Ok(200)), "{:?}", shop.delivered());
    world.settle().await;
    let ada = Person::of(&login(&world, &ada.email, PASSWORD).await);
    assert_eq!(ada.get(&world, "/api/v1/orders").await.json()["total"], 2);
}

/// Where any of these words stands.
fn found(world: &World, log: &Log, words: &[String]) -> Vec<String> {
    // Bytes are printed one by one.
    let printed = |word: &String| format!("{:?}", word.as_bytes()).trim_matches(['[', ']']).to_owned();
    let speaks = |text: &str| words.iter().any(|word| text.contains(word) || text.contains(&printed(word)));
    let mut places = Vec::new();
    for item in world.table.dump().expect("memory holds") {
        if speaks(&format!("{item:?}")) {
            places.push(format!("table {}", item.key.sk));
        }
    }
    for queue in Queue::ALL {
        let waiting = world.tasks.undone(queue).expect("memory holds");
        places.extend(waiting.iter().filter(|body| speaks(body)).map(|_| format!("queue {queue}")));
    }
    places.extend(
        world
            .dead_letters()
            .iter()
            .filter(|letter| speaks(&format!("{letter:?}")))
            .map(|_| "dead".to_owned()),
    );
    places.extend(
        world.outbox.all().iter().filter(|mail| speaks(&format!("{mail:?}"))).map(|_| "mail".to_owned()),
    );
    places.extend(log.lines().iter().filter(|line| speaks(&line.to_string())).map(|_| "log".to_owned()));
    places
}

#[tokio::test]
async fn no_token_is_in_clear_in_table_queues_mail_or_log() {
    let log = Log::listen();
    let world = World::that_asks_each_shop(3).await;
    let (ada, shop, store) = connected(&world, "ada", DOMAIN).await;
    assert_eq!(
        found(&world, &log, &shop.tokens()),
        Vec::<String>::new(),
        "while the shop waits to be looked after"
    );
    let first = shop.tokens();
    world.settle().await;
    world.clock.advance_seconds(2 * HOURS);
    ask(&world, &store).await.expect("with a pair of its own");
    let embedded = shop.session_token();
    world.post("/api/auth/shopify").bearer(&embedded).json(&json!({})).send().await;
    let secret = local::shopify::CLIENT_SECRET.to_owned();
    let words = [first, shop.tokens(), vec![embedded, secret]].concat();
    assert!(words.len() >= 6, "{words:?}");
    world.settle().await;
    assert_eq!(found(&world, &log, &words), Vec::<String>::new());

    // Were one somewhere, it would be found.
    let token = shop.tokens()[0].clone();
    let held = store.connection().await.unwrap().unwrap();
    let kept = held.tokens.clone().unwrap();
    let bare = SealedTokens { sealed: token.clone().into_bytes(), ..kept.clone() };
    let unsealed = Connection { tokens: Some(bare), ..(*held).clone() };
    store.commit(vec![store.connection_changed(&held, &unsealed)]).await.unwrap();
    assert_eq!(found(&world, &log, std::slice::from_ref(&token)), ["table SHOP"]);
    let held = held.followed_by(unsealed);
    let sealed = Connection { tokens: Some(kept), ..(*held).clone() };
    store.commit(vec![store.connection_changed(&held, &sealed)]).await.unwrap();
    // A path that nobody serves is logged as it came.
    world.get(&format!("/{token}")).send().await;
    assert_eq!(found(&world, &log, &[token]), ["log"]);
    assert!(found(&world, &log, &[ada.tenant]).iter().any(|place| place.starts_with("table")));
}

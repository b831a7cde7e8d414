//! A shop that nobody asks for months keeps its connection, and a merchant whose shop does not let us in any more is told.

use crate::{
    cast::{PASSWORD, Person, join, login, sign_up},
    connecting::{browser, connect, open},
};
use domain::Plan;
use flows::{Unanswered, seal::Seals};
use local::{
    World,
    shopify::{DOMAIN, Shop},
};
use serde_json::json;
use shopify::graph::ShopInfo;
use std::sync::Arc;

const DAY: i64 = 24 * 3_600;

async fn connected(world: &World) -> (Person, Arc<Shop>) {
    let ada = sign_up(world, "ada").await;
    world.set_plan(&ada.tenant, Plan::Enterprise).await;
    let shop = open(world, DOMAIN);
    connect(&browser(world, &ada).await, DOMAIN).await;
    world.settle().await;
    (ada, shop)
}

async fn ask(world: &World, person: &Person) -> Result<String, Unanswered> {
    let store = world.store_of(person.tenant.parse().expect("a tenant's id"));
    let seals = Seals::new(world.ports.keys.clone(), world.ports.dice.clone());
    let answered = world.ports.shops().ask((&store, &seals), &ShopInfo {}).await?;
    Ok(answered.it.domain.to_string())
}

async fn state(world: &World, person: &Person) -> String {
    let store = world.store_of(person.tenant.parse().expect("a tenant's id"));
    let connection = store.connection().await.expect("memory holds").expect("it was connected");
    connection.state.name().to_owned()
}

/// Mails that say so.
fn told(world: &World, person: &Person) -> usize {
    world
        .outbox
        .to(&person.email)
        .iter()
        .filter(|mail| mail.subject.contains("connected to Regulars again"))
        .count()
}

#[tokio::test]
async fn a_shop_that_nobody_asks_for_200_days_is_connected_still() {
    let world = World::new(1).await;
    let (ada, _) = connected(&world).await;
    for _ in 0..200 {
        world.clock.advance_seconds(DAY);
        world.storm_through().await;
    }
    assert_eq!(world.dead_letters(), []);
    assert_eq!(ask(&world, &ada).await.unwrap(), DOMAIN);
    let ada = Person {
        access: crate::cast::login(&world, &ada.email, crate::cast::PASSWORD)
            .await
            .text_at("/tokens/access_token"),
        ..ada
    };
    assert_eq!((state(&world, &ada).await.as_str(), told(&world, &ada)), ("connected", 0));
}

#[tokio::test]
async fn who_is_not_let_in_any_more_is_told_once_each_time_it_happens() {
    let world = World::new(2).await;
    let (ada, shop) = connected(&world).await;
    let viewer = join(&world, &ada, "vera", "viewer").await;
    for times in 1..=2 {
        // Removed and installed again behind our back: neither token is any good.
        shop.uninstall();
        let refused = ask(&world, &ada).await.unwrap_err();
        assert!(matches!(refused, Unanswered::Closed(Some(_))), "{refused:?}");
        for _ in 0..3 {
            world.settle().await;
            world.clock.advance_seconds(3_600 / 12);
        }
        assert_eq!((state(&world, &ada).await.as_str(), told(&world, &ada)), ("needs_reauth", times));
        assert_eq!(told(&world, &viewer), 0, "those who can do something about it");
        connect(&browser(&world, &ada).await, DOMAIN).await;
        world.settle().await;
        assert_eq!((state(&world, &ada).await.as_str(), told(&world, &ada)), ("connected", times));
    }
    let mails = world.outbox.to(&ada.email);
    let mail = mails.iter().find(|mail| mail.subject.contains(DOMAIN)).unwrap();
    assert!(mail.text.contains("https://crm.test/connect?shop=demo-shop.myshopify.com"), "{}", mail.text);
    assert!(!mail.text.contains("shpat_") && !mail.text.contains("shprt_"), "no token is mailed");
}

#[tokio::test]
async fn a_pair_that_has_ended_is_found_by_the_clock_alone() {
    let world = World::new(3).await;
    let (ada, _) = connected(&world).await;
    // The clock of an installation that was switched off for so long.
    world.clock.advance_seconds(91 * DAY);
    world.settle().await;
    world.settle().await;
    assert_eq!(told(&world, &ada), 1);
}

#[tokio::test]
async fn who_has_connected_again_before_the_mail_went_out_gets_none() {
    let world = World::new(4).await;
    let (ada, shop) = connected(&world).await;
    shop.uninstall();
    ask(&world, &ada).await.unwrap_err();
    assert_eq!(state(&world, &ada).await, "needs_reauth");
    connect(&browser(&world, &ada).await, DOMAIN).await;
    world.settle().await;
    assert_eq!((state(&world, &ada).await.as_str(), told(&world, &ada)), ("connected", 0));

    ask(&world, &ada).await.unwrap();
    shop.uninstall();
    ask(&world, &ada).await.unwrap_err();
    let ada = Person::of(&login(&world, &ada.email, PASSWORD).await);
    ada.post(&world, "/auth/disconnect", &json!({})).await;
    world.settle().await;
    assert_eq!((state(&world, &ada).await.as_str(), told(&world, &ada)), ("disconnected", 0));
}

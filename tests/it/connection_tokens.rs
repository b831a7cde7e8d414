//! The tokens of a shop: renewed before they end, by one at a time, whatever is lost on the way.

use crate::{
    cast::{PASSWORD, Person, login, sign_up},
    connecting::{browser, connect, open},
};
use domain::ConnectionState;
use flows::{FlowError, Unanswered, seal::Seals, secrets::ShopifyApp};
use futures::future::join_all;
use local::{
    World,
    faults::halt::failing,
    shopify::{DOMAIN, Door, Fault, Shop},
    world::Answer,
};
use serde_json::json;
use shopify::graph::ShopInfo;
use std::sync::Arc;
use store::TenantStore;

const ANSWERED: &str = DOMAIN;
const HOUR: i64 = 3_600;

async fn connected(world: &World) -> (Person, Arc<Shop>, TenantStore) {
    let ada = sign_up(world, "ada").await;
    let shop = open(world, DOMAIN);
    connect(&browser(world, &ada).await, DOMAIN).await;
    let store = world.store_of(ada.tenant.parse().expect("a tenant's id"));
    (ada, shop, store)
}

/// Which shop answers.
async fn ask(world: &World, store: &TenantStore) -> Result<String, Unanswered> {
    let seals = Seals::new(world.ports.keys.clone(), world.ports.dice.clone());
    let answered = world.ports.shops().ask((store, &seals), &ShopInfo {}).await?;
    Ok(answered.it.domain.to_string())
}

async fn kept(store: &TenantStore) -> Option<Vec<u8>> {
    let held = store.connection().await.expect("memory holds").expect("it was connected");
    held.tokens.clone().map(|tokens| tokens.sealed)
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_only_then() {
    let world = World::new(1).await;
    let (_, _, store) = connected(&world).await;
    let first = kept(&store).await;
    for minutes in [0, 30, 27] {
        world.clock.advance_seconds(minutes * 60);
        assert_eq!(ask(&world, &store).await.unwrap(), ANSWERED);
        assert_eq!(kept(&store).await, first);
    }
    world.clock.advance_seconds(2 * 60);
    assert_eq!(ask(&world, &store).await.unwrap(), ANSWERED);
    assert_ne!(kept(&store).await, first);
    // Days without a question.
    world.clock.advance_seconds(24 * 80 * HOUR);
    assert_eq!(ask(&world, &store).await.unwrap(), ANSWERED);
}

#[tokio::test]
async fn of_many_who_need_a_new_token_one_asks_for_it() {
    let world = World::new(2).await;
    let (_, _, store) = connected(&world).await;
    world.clock.advance_seconds(2 * HOUR);
    let before = store.connection().await.unwrap().unwrap();
    let answers = join_all((0..20).map(|_| ask(&world, &store))).await;
    for answer in answers {
        assert_eq!(answer.unwrap(), ANSWERED);
    }
    // Claimed once and renewed once: a second renewal would have left a third pair.
    let after = store.connection().await.unwrap().unwrap();
    let two_changes = before.followed_by((*before).clone()).followed_by((*after).clone());
    assert_eq!(after, two_changes);
}

#[tokio::test]
async fn a_renewal_whose_answer_is_lost_is_made_again() {
    let world = World::new(3).await;
    let (_, shop, store) = connected(&world).await;
    for fault in [Fault::Cut, Fault::Status(503), Fault::TooMany { retry_after_seconds: 2 }] {
        world.clock.advance_seconds(2 * HOUR);
        shop.switch(|switches| switches.next.push_back((Door::Token, fault)));
        let lost = ask(&world, &store).await.unwrap_err();
        assert!(matches!(lost, Unanswered::Failed(FlowError::Unavailable(_))), "{fault:?}: {lost:?}");
        assert_eq!(ask(&world, &store).await.unwrap(), ANSWERED, "{fault:?}");
    }
}

#[tokio::test]
async fn a_table_that_fails_at_any_moment_of_a_renewal_costs_nothing() {
    let world = World::new(4).await;
    let (_, _, store) = connected(&world).await;
    // The product's own table is the one that can fail.
    let store = world.store_with_faults_of(store.id());
    for at in 0.. {
        world.clock.advance_seconds(2 * HOUR);
        let (asked, has_failed) = failing(at, ask(&world, &store)).await;
        if !has_failed {
            assert!(at >= 4, "{at}");
            break;
        }
        assert!(matches!(asked, Err(Unanswered::Failed(FlowError::Unavailable(_)))), "{at}: {asked:?}");
        // Whoever claimed it and told nothing is waited for so long.
        world.clock.advance_seconds(30);
        assert_eq!(ask(&world, &store).await.unwrap(), ANSWERED, "{at}");
    }
}

#[tokio::test]
async fn a_token_that_shopify_takes_no_more_is_renewed_and_else_the_merchant_is_asked() {
    let world = World::new(5).await;
    let (ada, shop, store) = connected(&world).await;
    // Removed and installed again behind our back: neither token is any good.
    shop.uninstall();
    let refused = ask(&world, &store).await.unwrap_err();
    assert!(matches!(refused, Unanswered::Closed(Some(ConnectionState::NeedsReauth))), "{refused:?}");
    let told = ada.get(&world, "/api/v1/tenants/me/shop").await;
    assert_eq!(told.text_at("/state"), "needs_reauth");
    // Until then the shop tells nothing, and the merchant says what they are called.
    let named = ada.call(&world, "PATCH", "/api/v1/tenants/me", &json!({"name": "Mine"})).await;
    assert_eq!(named.status, 200, "{}", named.text);
    assert_eq!(kept(&store).await, None, "tokens that open nothing are not kept");
    for door in [Door::Graphql, Door::Token] {
        shop.switch(|switches| switches.next.push_back((door, Fault::Status(500))));
    }
    let closed = ask(&world, &store).await.unwrap_err();
    assert!(matches!(closed, Unanswered::Closed(Some(ConnectionState::NeedsReauth))));
    assert_eq!(shop.switches().next.len(), 2, "and nobody knocks any more");
    shop.switch(|switches| switches.next.clear());
    assert_eq!(ada.get(&world, "/api/v1/customers").await.status, 200, "what is kept is shown meanwhile");

    connect(&browser(&world, &ada).await, DOMAIN).await;
    assert_eq!(ask(&world, &store).await.unwrap(), ANSWERED);
    assert_eq!(ada.get(&world, "/api/v1/tenants/me/shop").await.text_at("/state"), "connected");
}

/// As they see it who sign in just now.
async fn shown(world: &World, person: &Person) -> Answer {
    let person = Person::of(&login(world, &person.email, PASSWORD).await);
    person.get(world, "/api/v1/tenants/me/shop").await
}

#[tokio::test]
async fn a_wrong_secret_of_ours_lets_go_of_no_shop() {
    let world = World::new(6).await;
    let (ada, shop, store) = connected(&world).await;
    let secret = |change: &dyn Fn(&mut ShopifyApp)| {
        world.keys.change(|secrets| change(secrets.shopify.as_mut().expect("a world has an app")));
    };
    let right = local::shopify::CLIENT_SECRET;
    secret(&|app| app.secret = "mistyped".to_owned());
    let before = kept(&store).await;
    for _ in 0..3 {
        world.clock.advance_seconds(2 * HOUR);
        let later = ask(&world, &store).await.unwrap_err();
        assert!(matches!(later, Unanswered::Failed(FlowError::Unavailable(_))), "{later:?}");
        assert_eq!(kept(&store).await, before, "the pair is good, and stays");
    }
    let told = shown(&world, &ada).await;
    let why = (told.text_at("/state"), told.text_at("/unreached/why"));
    assert_eq!(why, ("connected".into(), "app_unknown".into()), "{}", told.text);
    // Work that cannot be done is given up, and operators hear of it.
    world.storm_through().await;
    let mails = world.outbox.to(&ada.email);
    assert!(
        mails.iter().all(|mail| !mail.subject.contains("has to be connected")),
        "nobody is asked to connect it again"
    );
    // It was changed here before it was at Shopify.
    secret(&|app| app.old_secret = Some(right.to_owned()));
    assert_eq!(ask(&world, &store).await.unwrap(), ANSWERED);
    assert_eq!(shown(&world, &ada).await.at("/unreached"), json!(null));
    secret(&|app| (app.secret, app.old_secret) = (right.to_owned(), None));
    world.clock.advance_seconds(2 * HOUR);
    assert_eq!(ask(&world, &store).await.unwrap(), ANSWERED);

    // Removed from the shop, and nobody tells us: with a token that has ended it is not known whose fault it is.
    world.clock.advance_seconds(2 * HOUR);
    shop.uninstall();
    let later = ask(&world, &store).await.unwrap_err();
    assert!(matches!(later, Unanswered::Failed(FlowError::Unavailable(_))), "{later:?}");
    assert_eq!(shown(&world, &ada).await.text_at("/unreached/why"), "app_unknown");
    let event = json!({"id": 1, "myshopify_domain": DOMAIN});
    assert_eq!(world.hook(DOMAIN, "app/uninstalled", &event).await.send().await.status, 200);
    world.storm_through().await;
    let told = shown(&world, &ada).await;
    assert_eq!((told.text_at("/state"), told.at("/unreached")), ("uninstalled".into(), json!(null)));
}

#[tokio::test]
async fn a_shop_that_cannot_be_reached_says_why_until_it_can() {
    let world = World::new(7).await;
    let (ada, shop, store) = connected(&world).await;
    for (status, why) in [(402, "frozen"), (423, "locked"), (404, "not_there")] {
        for door in [Door::Token, Door::Graphql] {
            world.clock.advance_seconds(2 * HOUR);
            shop.switch(|switches| switches.next.push_back((door, Fault::Status(status))));
            let refused = ask(&world, &store).await.unwrap_err();
            assert!(matches!(refused, Unanswered::Refused(_)), "{status}: {refused:?}");
            let told = shown(&world, &ada).await;
            let seen = (told.text_at("/state"), told.text_at("/unreached/why"));
            assert_eq!(seen, ("connected".into(), why.into()), "{}", told.text);
            if matches!(door, Door::Graphql) {
                // That it has no time just now says nothing of that.
                shop.switch(|switches| switches.next.push_back((door, Fault::Status(503))));
                ask(&world, &store).await.unwrap_err();
                assert_eq!(shown(&world, &ada).await.text_at("/unreached/why"), why);
            }
            assert_eq!(ask(&world, &store).await.unwrap(), ANSWERED, "{status}");
            assert_eq!(shown(&world, &ada).await.at("/unreached"), json!(null));
        }
    }
}

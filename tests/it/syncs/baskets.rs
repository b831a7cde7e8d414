//! A basket of which no webhook told is found when the shop is looked through, and so is what became of it.

use domain::{CustomerId, Plan};
use local::{
    World,
    demo::Wish,
    shopify::{
        DOMAIN,
        books::{Basket, Newcomer},
    },
};
use serde_json::{Value, json};

use super::House;
use crate::cast::sign_up;

const HOUR: i64 = 3_600;

async fn has_left_one(world: &World, house: &House, who: u64) -> bool {
    let customer = house
        .store(world)
        .customer(CustomerId::Shopify(who))
        .await
        .expect("memory holds")
        .expect("they are here");
    customer.has_left_cart()
}

async fn looked_through(world: &World, house: &House, mode: &str) -> Value {
    let done = house.sync(world, &json!({"mode": mode})).await;
    assert_eq!((&done["status"], &done["records_failed"]), (&json!("completed"), &json!(0)), "{done}");
    done
}

#[tokio::test]
async fn a_basket_of_which_no_webhook_told_is_found_and_so_is_that_it_was_paid() {
    let world = World::new(1).await;
    let house = House::synced(&world, 20).await;
    let (left, paid) = (house.anybody(0), house.anybody(1));
    world.clock.advance_seconds(HOUR);
    for who in [left, paid] {
        house.shop.begin(Some(who), &house.lines()).unwrap();
    }
    world.clock.advance_seconds(2 * HOUR);
    looked_through(&world, &house, "incremental").await;
    assert!(!has_left_one(&world, &house, left).await, "changes alone are asked for, and baskets are none");
    let found = looked_through(&world, &house, "reconciliation").await;
    assert!(has_left_one(&world, &house, left).await && has_left_one(&world, &house, paid).await);
    let named = |told: &Value| {
        let missed = told["missed"].as_array().unwrap();
        missed.iter().filter(|what| what.as_str().unwrap().starts_with("checkout ")).count()
    };
    assert_eq!((&found["records_missed"], named(&found)), (&json!(2), 2), "{found}");
    let health = house.owner.get(&world, "/api/v1/tenants/me/shop/health").await;
    assert_eq!(health.at("/gaps/checkouts"), json!(2), "{}", health.text);

    // It is paid, and neither the order's webhook nor the checkout's arrives.
    let checkout = house.shop.books(|books| {
        books
            .checkouts()
            .find(|checkout| checkout.customer == Some(paid))
            .map(|checkout| checkout.token.clone())
    });
    house
        .shop
        .buy(&Basket { customer: Some(paid), lines: house.lines(), checkout, ..Basket::default() })
        .unwrap();
    world.clock.advance_seconds(HOUR);
    let again = looked_through(&world, &house, "reconciliation").await;
    assert_eq!(named(&again), 1, "{again}");
    assert!(has_left_one(&world, &house, left).await && !has_left_one(&world, &house, paid).await);
    let path = format!("/api/v1/customers/s{paid}/timeline?limit=100");
    let timeline = house.owner.get(&world, &path).await;
    let entries = timeline.at("/items").as_array().cloned().unwrap();
    assert!(entries.iter().all(|entry| entry["type"] != "cart_abandoned"), "{entries:?}");
    world.clock.advance_seconds(HOUR);
    let nothing = looked_through(&world, &house, "reconciliation").await;
    assert_eq!(nothing["records_missed"], json!(0), "{nothing}");
}

#[tokio::test]
async fn a_basket_is_known_for_a_month() {
    let world = World::new(2).await;
    let house = House::synced(&world, 20).await;
    let (late, early) = (house.anybody(0), house.anybody(1));
    house.shop.begin(Some(early), &house.lines()).unwrap();
    world.clock.advance_seconds(31 * 24 * HOUR);
    house.shop.begin(Some(late), &house.lines()).unwrap();
    world.clock.advance_seconds(2 * HOUR);
    looked_through(&world, &house, "full").await;
    assert!(has_left_one(&world, &house, late).await && !has_left_one(&world, &house, early).await);
}

#[tokio::test]
async fn a_basket_that_was_begun_long_before_and_changed_lately_is_here_after_the_first_sync() {
    let world = World::new(3).await;
    let shop = world.shopify.open(DOMAIN, Wish { customers: 20, seed: 7 }).expect("memory holds");
    let newcomer = Newcomer { email: Some("nora@example.com".to_owned()), ..Newcomer::default() };
    let who = shop.join(newcomer).unwrap();
    let tea = shop.add_product("Tea", 1_000).unwrap();
    let lines = shop.books(|books| {
        let product = books.products().find(|product| product.id == tea).cloned().unwrap();
        vec![(product.variants[0].id, 1)]
    });
    let (changed, left) = (shop.begin(Some(who), &lines).unwrap(), shop.begin(Some(who), &lines).unwrap());
    world.clock.advance_seconds(40 * 24 * HOUR);
    shop.rethink(changed, &lines).unwrap();
    world.clock.advance_seconds(2 * HOUR);
    let owner = sign_up(&world, "ada").await;
    world.set_plan(&owner.tenant, Plan::Own).await;
    let house = House { owner, shop };
    house.connect(&world).await;
    world.settle().await;
    let tokens = house.shop.books(|books| {
        let token =
            |id| books.checkouts().find(|checkout| checkout.id == id).map(|checkout| checkout.token.clone());
        [token(changed).unwrap(), token(left).unwrap()]
    });
    let known = house.store(&world).carts_of(&[CustomerId::Shopify(who)].into()).await.expect("memory holds");
    let known: Vec<_> = known.into_iter().map(|(token, _)| token).collect();
    assert_eq!(known, tokens[..1], "the other has not changed for longer than any is kept");
    assert!(has_left_one(&world, &house, who).await);
}

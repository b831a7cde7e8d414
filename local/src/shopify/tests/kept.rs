//! What stays as it is: the same shop from the same seed, and all that was changed after a restart.

use jiff::Timestamp;
use serde_json::json;
use std::{path::Path, sync::Arc};

use super::{BASE, DOMAIN, Stand, document, settings};
use crate::{
    demo::Wish,
    shopify::{Shop, Shopify, books::Basket},
    world::{HandClock, SeededDice},
};

fn opened(folder: &Path, at: i64, wish: Wish) -> Arc<Shop> {
    let clock = Arc::new(HandClock::at(Timestamp::from_second(at).unwrap()));
    let shopify =
        Shopify::in_folder(BASE, settings(), (clock, Arc::new(SeededDice::new(5))), folder).unwrap();
    shopify.open(DOMAIN, wish).unwrap()
}

fn all(shop: &Shop) -> (Vec<String>, Vec<String>) {
    shop.books(|books| {
        let mut customers: Vec<_> = books.customers().map(|it| format!("{it:?}")).collect();
        let mut orders: Vec<_> = books.orders().map(|it| format!("{it:?}")).collect();
        customers.sort();
        orders.sort();
        (customers, orders)
    })
}

#[tokio::test]
async fn the_same_seed_makes_the_same_shop_and_another_another() {
    let (one, same) = (Stand::of(25).await, Stand::of(25).await);
    assert_eq!(all(&one.shop), all(&same.shop));
    assert_eq!(one.token, same.token, "dice are an input, too");
    let other = one.shopify.open("other.myshopify.com", Wish { customers: 25, seed: 8 }).unwrap();
    assert_ne!(all(&one.shop), all(&other));
    let none = one.shopify.open("empty.myshopify.com", Wish { customers: 0, seed: 8 }).unwrap();
    assert_eq!(all(&none), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn the_books_hold_what_the_generator_made() {
    let stand = Stand::of(60).await;
    let model = crate::demo::shop::Shop::new(7, 60, Timestamp::from_second(1_790_000_000).unwrap());
    let (mut totals, mut refunded) = (0, 0);
    for number in 0..60 {
        let (_, orders) = model.customer(number);
        totals += orders.iter().map(|order| order.total.get()).sum::<i64>();
        refunded += orders.iter().map(|order| order.refunded.get()).sum::<i64>();
    }
    let held = stand.shop.books(|books| {
        books
            .orders()
            .fold((0, 0), |(totals, refunded), order| (totals + order.total(), refunded + order.refunded()))
    });
    assert_eq!(held, (totals, refunded));
}

#[tokio::test]
async fn after_a_restart_everything_is_as_it_was_left() {
    let folder = std::env::temp_dir().join(format!("regulars-shopify-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let wish = Wish { customers: 20, seed: 4 };
    let shop = opened(&folder, 1_790_000_000, wish);
    let variant = shop.books(|books| books.products().next().unwrap().variants[0].id);
    let customer = shop.books(|books| books.customers().next().unwrap().id);
    let order = shop
        .buy(&Basket { customer: Some(customer), lines: vec![(variant, 1)], ..Basket::default() })
        .unwrap();
    shop.tag(customer, &["kept"]).unwrap();
    shop.delete_order(order).unwrap();
    shop.begin(Some(customer), &[(variant, 2)]).unwrap();
    let second = shop.buy(&Basket { lines: vec![(variant, 3)], ..Basket::default() }).unwrap();
    let before = (all(&shop), shop.books(|books| books.checkouts().cloned().collect::<Vec<_>>()));
    drop(shop);
    // A line that a crash cut off.
    let path = folder.join(format!("{DOMAIN}.jsonl"));
    let mut text = std::fs::read(&path).unwrap();
    text.extend(b"{\"book\":{\"custo");
    std::fs::write(&path, text).unwrap();
    // Another wish, and another time, change nothing.
    let shop = opened(&folder, 1_800_000_000, Wish { customers: 3, seed: 1 });
    assert_eq!((all(&shop), shop.books(|books| books.checkouts().cloned().collect::<Vec<_>>())), before);
    let third = shop.buy(&Basket { lines: vec![(variant, 3)], ..Basket::default() }).unwrap();
    assert!(third != second && third != order, "no id is given twice");
    drop(shop);
    assert!(opened(&folder, 1_800_000_000, wish).books(|books| books.order(third).is_some()));
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn tokens_and_subscriptions_outlive_a_restart() {
    let folder = std::env::temp_dir().join(format!("regulars-shopify-tokens-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let clock = Arc::new(HandClock::at(Timestamp::from_second(1_790_000_000).unwrap()));
    let open = || {
        let dice = Arc::new(SeededDice::new(5));
        let shopify = Shopify::in_folder(BASE, settings(), (clock.clone(), dice), &folder).unwrap();
        let shop = shopify.open(DOMAIN, Wish { customers: 2, seed: 4 }).unwrap();
        Stand { clock: clock.clone(), shopify, shop, token: String::new() }
    };
    let mut stand = open();
    stand.token = stand.installed().await["access_token"].as_str().unwrap().to_owned();
    let sub = json!({"topic": "ORDERS_CREATE", "sub": {"uri": "https://crm.test/x"}});
    stand.data(&document("webhook_create"), &sub).await;
    stand.data(&document("segment_create"), &json!({"name": "x", "query": "number_of_orders > 1"})).await;
    let again = Stand { token: stand.token.clone(), ..open() };
    drop(stand);
    let told = again.data(&document("webhook_list"), &json!({"first": 5})).await;
    assert_eq!(told["webhookSubscriptions"]["nodes"][0]["uri"], "https://crm.test/x");
    let told = again.data(&document("segments"), &json!({"first": 5})).await;
    assert_eq!(told["segments"]["nodes"][0]["name"], "x");
    std::fs::remove_dir_all(folder).unwrap();
}

//! No word of before brings anybody back who was forgotten; what they do afterwards is somebody new's.

use std::collections::BTreeSet;

use domain::{CustomerId, Queue, customer::CustomerKind, privacy::State};
use local::{World, faults::halt, world::Log};
use serde_json::json;

use super::{
    EMAIL, QUIRINIA, answering, asked, bringing, brought, ended, requests, scan::found, signed, told,
};
use crate::{
    imports::started,
    shop_events::{Shop, customer_body, order_body},
};

const WORDS: [&str; 3] = [EMAIL, "Quirinia", "the red door"];

async fn forgotten(world: &World) -> Shop {
    let shop = Shop::connected(world, "nordlicht").await;
    told(world, &shop, "customers/redact", &asked(&shop, QUIRINIA, EMAIL, None)).await;
    shop
}

#[tokio::test]
async fn events_of_before_bring_nobody_back() {
    let (world, log) = (World::new(1).await, Log::listen());
    let shop = forgotten(&world).await;
    let named = json!({"email": EMAIL, "first_name": "Quirinia"});
    let customer = |at: &str| customer_body(QUIRINIA, at, &named);
    // Also one that says it is newer: of whom the shop was told to forget no word is right.
    for at in ["2026-09-01T10:00:00Z", "2027-01-01T10:00:00Z"] {
        told(&world, &shop, "customers/update", &customer(at)).await;
    }
    let theirs = json!({"note": "leave it at the red door", "email": EMAIL, "customer": customer("2026-09-01T10:00:00Z")});
    let guests = json!({"note": "leave it at the red door", "email": EMAIL, "customer": null});
    // Twice, and as they were changed later: the note is what was written when they bought it.
    for at in ["2026-09-01T10:00:00Z", "2026-09-01T10:00:00Z", "2026-09-02T10:00:00Z"] {
        told(&world, &shop, "orders/create", &order_body(1, QUIRINIA, at, &theirs)).await;
        told(&world, &shop, "orders/updated", &order_body(2, 0, at, &guests)).await;
        // Each time: the next word would take away what this one brought.
        assert_eq!(found(&world, &log, &WORDS).await, BTreeSet::new(), "{at}");
    }
    let dear =
        json!({"currency": "EUR", "note": "leave it at the red door", "email": EMAIL, "customer": null});
    told(&world, &shop, "orders/create", &order_body(3, 0, "2026-09-01T10:00:00Z", &dear)).await;
    assert_eq!(found(&world, &log, &WORDS).await, BTreeSet::new());
    let gone = shop.customer(&world, QUIRINIA).await;
    assert_eq!((gone.kind, gone.totals.spent), (CustomerKind::Erased, 2_500), "what they bought is a figure");
    let guests = shop.order(&world, 2).await.expect("it is a figure");
    assert!(guests.customer.is_walk_in() && guests.note.is_none());
    assert_eq!(signed(&world, &shop).await.get(&world, "/api/v1/customers").await.at("/total"), json!(0));
    let events = signed(&world, &shop).await.get(&world, "/api/v1/tenants/me/webhooks").await;
    assert_eq!(events.at("/items/0/status"), json!("refused"), "{}", events.text);
    assert_eq!(events.at("/items/0/can_be_replayed"), json!(false), "{}", events.text);
}

#[tokio::test]
async fn an_order_that_stays_anothers_says_nothing_of_whoever_asked() {
    let world = World::new(6).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let note = json!({"note": "leave it at the red door"});
    let order = |at: &str| order_body(1, 8, at, &note);
    told(&world, &shop, "orders/create", &order("2026-09-01T10:00:00Z")).await;
    let kept = async || shop.order(&world, 1).await.expect("it is there").note;
    assert!(kept().await.is_some(), "so that the test can fail");
    let mut body = asked(&shop, QUIRINIA, EMAIL, None);
    body["orders_to_redact"] = json!([1]);
    told(&world, &shop, "customers/redact", &body).await;
    assert_eq!(kept().await, None);
    // No word of before brings it back, and one of afterwards is theirs whose it is.
    told(&world, &shop, "orders/updated", &order("2026-09-02T10:00:00Z")).await;
    assert_eq!(kept().await, None);
    assert_eq!(shop.order(&world, 1).await.expect("it is there").customer, CustomerId::Shopify(8));
    world.clock.advance_seconds(3_600);
    let now = flows::Clock::now(&*world.clock).to_string();
    told(&world, &shop, "orders/updated", &order(&now)).await;
    assert!(kept().await.is_some());
}

#[tokio::test]
async fn of_two_words_of_one_second_neither_keeps_what_a_forgotten_guest_wrote() {
    let (world, log) = (World::new(7).await, Log::listen());
    let shop = Shop::connected(&world, "nordlicht").await;
    let order = |email: Option<&str>, total: &str| {
        let told = json!({"customer": null, "email": email, "note": "leave it at the red door", "current_total_price": total});
        order_body(5, 0, "2026-09-01T10:00:00Z", &told)
    };
    // Whose it is, is not known yet.
    told(&world, &shop, "orders/create", &order(None, "25.00")).await;
    told(&world, &shop, "customers/redact", &asked(&shop, QUIRINIA, EMAIL, None)).await;
    told(&world, &shop, "orders/updated", &order(Some(EMAIL), "24.00")).await;
    assert_eq!(shop.order(&world, 5).await.expect("it is a figure").note, None);
    assert_eq!(found(&world, &log, &WORDS).await, BTreeSet::new());
}

#[tokio::test]
async fn who_buys_afterwards_is_somebody_new() {
    let world = World::new(2).await;
    let shop = forgotten(&world).await;
    world.clock.advance_seconds(3_600);
    let now = flows::Clock::now(&*world.clock).to_string();
    let guest = json!({"email": EMAIL, "customer": null, "processed_at": now});
    told(&world, &shop, "orders/create", &order_body(4, 0, &now, &guest)).await;
    let found = signed(&world, &shop).await.get(&world, &format!("/api/v1/customers?search={EMAIL}")).await;
    assert_eq!((found.at("/total"), found.text_at("/items/0/total_spent")), (json!(1), "25.00".to_owned()));
    let made = signed(&world, &shop)
        .await
        .post(&world, "/api/v1/customers", &json!({"email": "new@example.com"}))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
}

#[tokio::test]
async fn files_of_before_bring_nobody_back() {
    let (world, log) = (World::new(3).await, Log::listen());
    let shop = Shop::connected(&world, "nordlicht").await;
    let owner = &shop.owner;
    let people = format!("email,name\nbob@example.com,Bob\n{EMAIL},Quirinia\n");
    let job = started(&world, owner, json!({"of": "customers"}), &people).await;
    let orders = format!("name,email,total,date,note\n#1,{EMAIL},25,2026-01-31,the red door\n");
    let sold = started(&world, owner, json!({"of": "orders", "guests": true}), &orders).await;
    // Nobody has begun with the files when they are forgotten.
    shop.bring(&world, "customers/redact", &asked(&shop, QUIRINIA, EMAIL, None)).await;
    let request = requests(&world, &shop).await.remove(0);
    let (queue, task) = answering(&shop, request.id);
    world.deliver(queue, &task).await.expect("it is done as far as it goes");
    assert_eq!(requests(&world, &shop).await[0].state, State::Open, "the files are waited for");
    ended(&world).await;
    assert_eq!(requests(&world, &shop).await[0].state, State::Erased);
    for path in [job, sold] {
        let done = owner.get(&world, &path).await;
        assert_eq!(
            (done.text_at("/state").as_str(), done.at("/failed")),
            ("done", json!(0)),
            "{}",
            done.text
        );
    }
    assert_eq!(found(&world, &log, &WORDS).await, BTreeSet::new());
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(1), "Bob came");
    let sales = owner.get(&world, "/api/v1/orders").await;
    assert_eq!((sales.at("/total"), sales.text_at("/items/0/total")), (json!(1), "25.00".to_owned()));
    // A file that is brought afterwards is the merchant's new word.
    started(&world, owner, json!({"of": "customers"}), &people).await;
    ended(&world).await;
    assert_eq!(signed(&world, &shop).await.get(&world, "/api/v1/customers").await.at("/total"), json!(2));
}

#[tokio::test]
async fn an_export_that_was_asked_for_after_the_request_and_before_they_were_forgotten_is_waited_for() {
    let (world, log) = (World::new(5).await, Log::listen());
    let shop = Shop::connected(&world, "nordlicht").await;
    let named = json!({"email": EMAIL, "first_name": "Quirinia"});
    let customer = customer_body(QUIRINIA, "2026-09-01T10:00:00Z", &named);
    told(&world, &shop, "customers/create", &customer).await;
    shop.bring(&world, "customers/redact", &asked(&shop, QUIRINIA, EMAIL, None)).await;
    world.clock.advance_seconds(60);
    let export = signed(&world, &shop).await.post(&world, "/api/v1/exports/customers", &json!({})).await;
    assert_eq!(export.status, 202, "{}", export.text);
    let request = requests(&world, &shop).await.remove(0);
    let (queue, task) = answering(&shop, request.id);
    world.deliver(queue, &task).await.expect("it is done as far as it goes");
    let request = requests(&world, &shop).await.remove(0);
    assert_eq!(request.state, State::Open, "whoever exports may have read them: {request:?}");
    ended(&world).await;
    assert_eq!(requests(&world, &shop).await[0].state, State::Erased);
    assert_eq!(found(&world, &log, &WORDS).await, BTreeSet::new());
}

#[tokio::test]
async fn what_failed_when_it_came_again_is_forgotten_too() {
    let (world, log) = (World::new(4).await, Log::listen());
    let shop = Shop::connected(&world, "nordlicht").await;
    let named = json!({"email": EMAIL, "first_name": "Quirinia"});
    let words = json!({"email": EMAIL, "customer": customer_body(QUIRINIA, "2026-09-01T10:00:00Z", &named)});
    let order = order_body(1, QUIRINIA, "2026-09-01T10:00:00Z", &words);
    brought(&world, &shop, "orders/create", &order, "w-1").await;
    assert!(!found(&world, &log, &WORDS).await.contains("file event"), "what was applied is not kept");
    let again = bringing(&shop, "orders/create", &order, "w-1");
    let mut tries = 0;
    while halt::failing(tries, world.deliver(Queue::Ingest, &again)).await.1 {
        tries += 1;
    }
    assert!(found(&world, &log, &WORDS).await.contains("file event"), "{tries} tries have failed");
    told(&world, &shop, "customers/redact", &asked(&shop, QUIRINIA, EMAIL, None)).await;
    assert!(!found(&world, &log, &WORDS).await.contains("file event"));
}

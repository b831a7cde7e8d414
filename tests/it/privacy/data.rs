//! Whoever asks for their data gets all of them, through the owner of the shop, who is told by mail that they are there.

use std::collections::BTreeSet;

use domain::{
    Customer, CustomerId, Declined, RfmGroup, ShopScores, SpendTier, campaign::Kind, privacy::State,
};
use local::{World, world::Log};
use serde_json::{Value, json};

use super::{EMAIL, QUIRINIA, asked, checkout, launched, listed, requests, scan::found, signed, told};
use crate::{
    analytics::scored::regulars_told,
    cast::{PASSWORD, Person, join, login},
    files::brought,
    shop_events::{Shop, customer_body, order_body},
};

async fn known(world: &World, shop: &Shop) {
    let named = json!({"email": EMAIL, "first_name": "Quirinia"});
    let customer = customer_body(QUIRINIA, "2026-09-01T10:00:00Z", &named);
    told(world, shop, "customers/create", &customer).await;
    let order = json!({"note": "leave it at the red door"});
    told(world, shop, "orders/create", &order_body(9_001, QUIRINIA, "2026-09-01T10:00:00Z", &order)).await;
    let path = format!("/api/v1/customers/s{QUIRINIA}");
    let change = json!({"tags": ["vip"], "attributes": {"shoe": {"number": "38.5"}},
        "email_consent": {"state": "subscribed", "level": "single_opt_in", "method": "a ticked box"}});
    assert_eq!(signed(world, shop).await.call(world, "PATCH", &path, &change).await.status, 200);
    let list = json!({"name": "Friends", "kind": "static"});
    let list = signed(world, shop).await.post(world, "/api/v1/segments", &list).await;
    assert_eq!(list.status, 201, "{}", list.text);
    let put = json!({"customers": [format!("s{QUIRINIA}")]});
    let path = format!("/api/v1/segments/{}/members", list.text_at("/id"));
    let put = signed(world, shop).await.post(world, &path, &put).await;
    assert!(put.status.is_success(), "{}", put.text);
    // As Shopify says when it is asked.
    let its = shop.store(world);
    let held = its.customer_held(CustomerId::Shopify(QUIRINIA)).await.expect("memory holds").expect("she is");
    let shop_scores = ShopScores { rfm_group: Some(RfmGroup::Loyal), spend_tier: Some(SpendTier::High) };
    let declined = Declined::default().with(Kind::Reminder, true);
    let scored = Customer { shop_scores, declined, ..Customer::clone(&held) };
    let step = its.customer_changed(&held, &scored, store::Orders::new());
    its.commit(vec![step]).await.expect("nobody else changes her");
    // One basket is open, the other was left behind.
    told(world, shop, "checkouts/create", &checkout("left", QUIRINIA, &json!({}))).await;
    launched(world, shop, &json!({})).await;
    let open = json!({"updated_at": flows::Clock::now(&*world.clock).to_string()});
    world.hook(&shop.domain, "checkouts/create", &checkout("open", QUIRINIA, &open)).await.send().await;
    // Another, of whom nothing may be in it.
    told(world, shop, "customers/create", &customer_body(8, "2026-09-01T10:00:00Z", &json!({}))).await;
}

#[tokio::test]
async fn all_that_is_known_of_somebody_is_in_a_file_for_the_owner() {
    let (world, log) = (World::new(1).await, Log::listen());
    let shop = Shop::connected(&world, "nordlicht").await;
    let admin = join(&world, &shop.owner, "admin", "admin").await;
    known(&world, &shop).await;
    told(&world, &shop, "customers/data_request", &asked(&shop, QUIRINIA, EMAIL, None)).await;

    let shown = listed(&world, &Person::of(&login(&world, &admin.email, PASSWORD).await)).await;
    assert_eq!((&shown[0]["asks"], &shown[0]["state"]), (&json!("data"), &json!("done")), "{shown}");
    assert_eq!((&shown[0]["customer"], &shown[0]["done"]["orders"]), (&json!("s7001222333"), &json!(1)));
    let link = shown[0]["file_url"].as_str().expect("a link");
    let file = world.get(link).send().await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/json"));
    assert!(file.header("content-disposition").starts_with("attachment"));
    let her = &file.json()["customers"][0];
    for (pointer, expected) in [
        ("/id", json!("s7001222333")),
        ("/email", json!(EMAIL)),
        ("/first_name", json!("Quirinia")),
        ("/tags/0", json!("vip")),
        ("/declined_topics", json!(["reminder"])),
        ("/attributes/shoe", json!("38.5")),
        ("/email_consent/method", json!("a ticked box")),
        ("/total_spent", json!("25.00")),
        ("/orders/0/note", json!("leave it at the red door")),
        ("/orders/0/lines/0/title", json!("Earl Grey")),
        ("/orders/0/total", json!("25.00")),
        ("/shopify_rfm_group", json!("LOYAL")),
        ("/shopify_spend_tier", json!("HIGH")),
        ("/segments/0/name", json!("Friends")),
        ("/segments/0/kind", json!("static")),
    ] {
        assert_eq!(her.pointer(pointer), Some(&expected), "{pointer} of {her:#}");
    }
    let timeline = her["timeline"].as_array().expect("a list");
    let of = |kind: &str| {
        timeline.iter().find(|event| event["type"] == kind).unwrap_or_else(|| panic!("{kind}: {her:#}"))
    };
    assert_eq!(of("consent")["consent"]["method"], json!("a ticked box"));
    let message = of("message");
    assert_eq!((&message["status"], &message["was_sent"]), (&json!("delivered"), &json!(true)), "{message}");
    let baskets: BTreeSet<_> = file.json()["baskets"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|basket| (basket["token"].as_str().map(str::to_owned), basket["left_behind_since"].is_string()))
        .collect();
    assert_eq!(baskets, [(Some("left".to_owned()), true), (Some("open".to_owned()), false)].into());
    assert!(file.text.contains("https://shop.example/recover/open"), "where she can go on: {}", file.text);
    assert_eq!(file.json()["customers"].as_array().map(Vec::len), Some(1));
    assert!(!file.text.contains("ada8@"), "nobody else is in it");

    let mails: Vec<_> =
        world.outbox.all().into_iter().filter(|mail| mail.about.starts_with("request:")).collect();
    let to: Vec<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, [shop.owner.email.as_str()], "owners are told, once");
    // The mail leads to a page that shows the request which it names.
    let id = shown[0]["id"].as_str().expect("an id");
    assert!(mails[0].text.contains(id), "{}", mails[0].text);
    assert!(
        mails[0].text.contains(&format!("{}/connect#privacy", local::world::ORIGIN)),
        "{}",
        mails[0].text
    );
    let page = world.get("/connect").send().await;
    assert!(page.text.contains("id=\"privacy\"") && page.text.contains("/pages/privacy.js"), "{}", page.text);
    let places = found(&world, &log, &[EMAIL, "Quirinia", "the red door"]).await;
    assert!(!places.contains("mail") && !places.contains("log"), "{places:?}");
}

/// By the file that the owner gets for whoever has this address.
async fn gathered(world: &World, shop: &Shop, email: &str) -> Value {
    let body = json!({"shop_id": 1, "shop_domain": shop.domain, "customer": {"email": email}});
    told(world, shop, "customers/data_request", &body).await;
    let shown = listed(world, &signed(world, shop).await).await;
    let file = world.get(shown[0]["file_url"].as_str().expect("a link")).send().await;
    file.json()["customers"][0].clone()
}

#[tokio::test]
async fn what_the_shop_works_out_of_somebody_at_night_is_in_it() {
    let world = World::new(4).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    regulars_told(&world, &shop.owner).await;
    // What was not paid for makes nobody stand otherwise.
    let unpaid = "order_id,email,total,placed_at,status\nX1,r30@example.com,999,2026-09-20,pending\n";
    let unpaid = brought(&world, &shop.owner, "/api/v1/data/import/orders", unpaid).await;
    assert_eq!(unpaid.status, 200, "{}", unpaid.text);
    assert_eq!(gathered(&world, &shop, "r7@example.com").await["scores"], Value::Null, "no night has come");
    world.clock.advance_seconds(30 * 3_600);
    world.settle().await;
    for name in ["r7", "r30", "r150"] {
        let theirs = gathered(&world, &shop, &format!("{name}@example.com")).await;
        let scores = &theirs["scores"];
        let id = theirs["id"].as_str().expect("an id");
        let path = format!("/api/v1/analytics/churn/customers/{id}");
        let shown = signed(&world, &shop).await.get(&world, &path).await.at("/prediction");
        for (of_file, of_shop) in [
            ("/rfm/group", "/factors/rfm_group"),
            ("/as_of", "/as_of"),
            ("/churn/risk_level", "/risk_level"),
            ("/churn/probability", "/churn_probability"),
            ("/churn/days_since_last_order", "/days_since_last_order"),
            ("/churn/expected_purchase_interval", "/expected_purchase_interval"),
            ("/churn/recommendation", "/recommendation"),
            ("/within_a_year/expected_orders", "/expected_orders/value"),
            ("/within_a_year/expected_value", "/expected_value/value"),
        ] {
            let as_shown = shown.pointer(of_shop).filter(|value| !value.is_null());
            assert!(as_shown.is_some(), "{of_shop} of {shown:#}");
            assert_eq!(scores.pointer(of_file), as_shown, "{name}: {of_file} of {scores:#}");
        }
        let fifth = |of: &str| scores["rfm"][of].as_u64().is_some_and(|fifth| (1..=5).contains(&fifth));
        assert!(["recency", "frequency", "monetary"].into_iter().all(fifth), "{scores:#}");
        assert!(scores["worked_out_at"].is_string(), "{scores:#}");
    }
    let added = json!({"email": "new@example.com"});
    assert_eq!(signed(&world, &shop).await.post(&world, "/api/v1/customers", &added).await.status, 201);
    assert_eq!(
        gathered(&world, &shop, "new@example.com").await["scores"],
        Value::Null,
        "they ordered nothing"
    );
}

#[tokio::test]
async fn a_file_that_has_gone_is_prepared_anew() {
    let world = World::new(2).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    known(&world, &shop).await;
    told(&world, &shop, "customers/data_request", &asked(&shop, QUIRINIA, EMAIL, None)).await;
    world.clock.advance_seconds(8 * 24 * 3_600);
    world.settle().await;
    let owner = signed(&world, &shop).await;
    let shown = listed(&world, &owner).await;
    assert_eq!(shown[0]["file_url"], Value::Null, "{shown}");
    let path = format!("/api/v1/tenants/me/privacy/{}/prepare", shown[0]["id"].as_str().expect("an id"));
    let again = owner.post(&world, &path, &json!({})).await;
    assert_eq!((again.status.as_u16(), again.text_at("/state").as_str()), (202, "open"), "{}", again.text);
    world.settle().await;
    let shown = listed(&world, &owner).await;
    let file = world.get(shown[0]["file_url"].as_str().expect("a link")).send().await;
    assert_eq!(file.json()["customers"][0]["email"], json!(EMAIL));
    let mails = world.outbox.all().into_iter().filter(|mail| mail.about.starts_with("request:"));
    assert_eq!(mails.count(), 2);

    told(&world, &shop, "customers/redact", &asked(&shop, QUIRINIA, EMAIL, None)).await;
    let erasure = requests(&world, &shop).await.remove(0);
    let path = format!("/api/v1/tenants/me/privacy/{}/prepare", erasure.id);
    let refused = owner.post(&world, &path, &json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (409, "no_data_asked"));
}

#[tokio::test]
async fn of_somebody_unknown_nothing_is_known_and_that_is_told() {
    let world = World::new(3).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    told(&world, &shop, "customers/data_request", &asked(&shop, 1_234_567, "nobody@example.com", None)).await;
    let request = requests(&world, &shop).await.remove(0);
    assert_eq!((request.state, request.done.customers), (State::Done, 0));
    let shown = listed(&world, &signed(&world, &shop).await).await;
    let file = world.get(shown[0]["file_url"].as_str().expect("a link")).send().await;
    assert_eq!(file.json()["customers"], json!([]), "{}", file.text);
}

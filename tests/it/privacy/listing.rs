//! The list of addresses that are not written to says so to whoever asks for their data, and leads to nobody who was forgotten.

use domain::{
    campaign::{Actor, MessageId},
    suppression::{Cause, Suppressed},
};
use flows::{files::FileName, record::Record, seal::Seals};
use local::World;
use serde_json::{Value, json};
use store::Way;

use super::{EMAIL, asked, ended, launched, requests, signed, told};
use crate::shop_events::{Shop, customer_body};

const LIST: &str = "/api/v1/suppressions";
const BEFORE: &str = "quirinia.before@example.com";
const AT: &str = "2026-09-01T10:00:00Z";

/// On the list since a message that they got.
async fn complained(world: &World, shop: &Shop, address: &str, message: MessageId) {
    let (store, seals) = (shop.store(world), Seals::new(world.ports.keys.clone(), world.ports.dice.clone()));
    let (clock, dice) = (&*world.ports.clock, &*world.ports.dice);
    let by = domain::customer::ChangedBy::Customer;
    let record = Record { store: &store, seals: &seals, clock, dice, by, currency_changes: 0 };
    let digest = record.known_by(Way::Email, address).await.expect("there is a key");
    let since = flows::Clock::now(clock);
    let told = Suppressed { cause: Cause::Complaint, since, message: Some(message), by: Actor::Us };
    record.done(|| record.suppressed(&digest, told)).await.expect("nobody else is there");
}

async fn listed(world: &World, shop: &Shop) -> Vec<Value> {
    let list = signed(world, shop).await.get(world, LIST).await;
    assert_eq!(list.status, 200, "{}", list.text);
    list.at("/items").as_array().cloned().unwrap_or_default()
}

/// Somebody who was written to at an address, has another by now, and wants nothing at either.
async fn who_complained(world: &World) -> Shop {
    let shop = Shop::connected(world, "nordlicht").await;
    let customer = |email: &str, at: &str| customer_body(7_001_222, at, &json!({"email": email}));
    told(world, &shop, "customers/create", &customer(BEFORE, AT)).await;
    let campaign = launched(world, &shop, &json!({})).await.parse().expect("a campaign");
    let message = MessageId { tenant: shop.store(world).id(), campaign, chunk: 0, place: 0 };
    complained(world, &shop, BEFORE, message).await;
    told(world, &shop, "customers/update", &customer(EMAIL, "2026-09-02T10:00:00Z")).await;
    complained(world, &shop, EMAIL, message).await;
    let list = listed(world, &shop).await;
    assert!(list.len() == 2 && list.iter().all(|it| it["message_id"].is_string()), "{list:?}");
    shop
}

#[tokio::test]
async fn it_leads_to_nobody_who_was_forgotten() {
    let world = World::new(51).await;
    let shop = who_complained(&world).await;
    let mut body = asked(&shop, 7_001_222, EMAIL, None);
    told(&world, &shop, "customers/redact", &body).await;
    // Of an address that they had before the shop tells in another request.
    body["customer"]["email"] = json!(BEFORE);
    told(&world, &shop, "customers/redact", &body).await;
    let list = listed(&world, &shop).await;
    assert_eq!(list.len(), 2, "nobody writes there still: {list:?}");
    for kept in list {
        assert_eq!((&kept["message_id"], &kept["reason"]), (&Value::Null, &json!("complaint")), "{kept}");
    }
}

#[tokio::test]
async fn whoever_asks_for_their_data_is_told_that_they_are_not_written_to_and_why() {
    let world = World::new(52).await;
    let shop = who_complained(&world).await;
    told(&world, &shop, "customers/data_request", &asked(&shop, 7_001_222, EMAIL, None)).await;
    ended(&world).await;
    let name =
        FileName::Person { tenant: shop.store(&world).id(), request: requests(&world, &shop).await[0].id };
    let file = flows::Files::read(&*world.files, name, 0, 1 << 20).await.expect("it is there");
    let file: Value = serde_json::from_slice(&file).expect("JSON");
    let [kept] = &file["not_written_to"].as_array().cloned().unwrap_or_default()[..] else {
        panic!("{}", file["not_written_to"])
    };
    assert_eq!((&kept["address"], &kept["reason"]), (&json!(EMAIL), &json!("complaint")), "{kept}");
    assert_eq!(kept["is_written_to"], json!(false));
    assert!(kept["since"].is_string() && kept["message"].is_string(), "{kept}");
    assert_eq!(file["customers"][0]["suppressed"], json!({"email": true, "sms": false}), "{file}");
}

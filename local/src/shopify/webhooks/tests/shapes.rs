//! Every topic in Shopify's own words, and none of the words of its samples.

use serde_json::{Value, json};
use std::collections::BTreeSet;

use super::{Door, Parcel, TOPICS, body, subscribed, topic, variants};
use crate::shopify::{
    books::{
        Back, Basket, Channel, Newcomer, Telling,
        records::{Consent, ConsentState},
    },
    tests::{Stand, document},
};

/// One of everything that can happen in a shop.
async fn lived(stand: &Stand, door: &Door) -> Vec<Parcel> {
    let shop = &stand.shop;
    let variants = variants(stand);
    let word = |word: &str| Some(word.to_owned());
    let newcomer = |name: &str| Newcomer {
        first_name: word(name),
        email: Some(format!("{name}@example.com")),
        phone: word("+4915112345678"),
        ..Newcomer::default()
    };
    let (one, other) = (shop.join(newcomer("one")).unwrap(), shop.join(newcomer("other")).unwrap());
    shop.change(one, Telling { last_name: word("Neu"), ..Telling::default() }).unwrap();
    shop.tag(one, &["vip"]).unwrap();
    shop.untag(one, &["VIP"]).unwrap();
    let consent = Consent { state: ConsentState::Subscribed, level: None, at: Some(shop.now()) };
    shop.consent(one, Channel::Email, consent).unwrap();
    shop.consent(one, Channel::Sms, consent).unwrap();
    let checkout = shop.begin(Some(one), &[(variants[0], 1)]).unwrap();
    shop.rethink(checkout, &[(variants[0], 2)]).unwrap();
    let left = shop.begin(None, &[(variants[0], 1)]).unwrap();
    shop.forget(left).unwrap();
    shop.add_product("Something new", 990).unwrap();
    let token = shop.books(|books| books.checkouts().find(|it| it.id == checkout).unwrap().token.clone());
    let lines = vec![(variants[0], 2), (variants[3], 1)];
    let order = shop
        .buy(&Basket { customer: Some(one), lines, discount: 99, checkout: Some(token), ..Basket::default() })
        .unwrap();
    shop.fulfil(order).unwrap();
    let first = shop.books(|books| books.order(order).unwrap().lines[0].id);
    shop.edit(order, &[(variants[5], 1)], &[(first, 1)]).unwrap();
    shop.refund(order, &Back { lines: vec![(first, 1)], amount: 5 }).unwrap();
    shop.cancel(order).unwrap();
    shop.merge(other, one).unwrap();
    assert!(shop.request_data(other));
    shop.redact(other).unwrap();
    shop.delete_order(order).unwrap();
    shop.delete_customer(other).unwrap();
    let product = shop.books(|books| books.products().next().unwrap().id);
    shop.rename_product(product, "Another name").unwrap();
    shop.delete_product(product).unwrap();
    stand.data(&document("bulk_run"), &json!({"query": document("bulk_inner_customers")})).await;
    stand.clock.advance_seconds(30);
    stand.shopify.tick(door).await;
    shop.regrant(&["read_orders"]);
    shop.uninstall();
    shop.redact_shop();
    stand.shopify.tick(door).await;
    door.taken()
}

#[tokio::test]
async fn whatever_happens_is_told_under_its_topic_in_the_shape_of_shopifys_sample() {
    let stand = Stand::with(subscribed(&TOPICS), 8).await;
    let told = lived(&stand, &Door::answering(200)).await;
    let heard: BTreeSet<_> = told.iter().map(topic).collect();
    let silent: Vec<_> = TOPICS.into_iter().filter(|topic| !heard.contains(*topic)).collect();
    assert_eq!(silent, [""; 0]);
    for parcel in &told {
        let topic = topic(parcel);
        let name = match topic.as_str() {
            "customers/data_request" | "customers/redact" | "shop/redact" => {
                format!("compliance/{}", topic.replace('/', "_"))
            }
            other => other.to_owned(),
        };
        let path = format!("{}/../events/shopify/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let sample: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        alike(&sample, &body(parcel), &topic);
    }
}

/// The same members, and values of the same kind. What is null in one may be anything in the other.
fn alike(sample: &Value, told: &Value, at: &str) {
    match (sample, told) {
        (Value::Object(sample), Value::Object(told)) => {
            for (name, value) in told {
                match sample.get(name) {
                    Some(like) => alike(like, value, &format!("{at}.{name}")),
                    None => panic!("{at}.{name} is no member of Shopify's"),
                }
            }
            let missing: Vec<_> = sample.keys().filter(|name| !told.contains_key(*name)).collect();
            // Whoever has no address, or bought at the counter, has no such member; nor has who left no address.
            let may = ["customer", "default_address", "email", "phone"];
            assert!(missing.iter().all(|name| may.contains(&name.as_str())), "{at} has no {missing:?}");
        }
        (Value::Array(sample), Value::Array(told)) => {
            for (place, value) in told.iter().enumerate() {
                if let Some(like) = sample.first() {
                    alike(like, value, &format!("{at}[{place}]"));
                }
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        _ => {
            assert_eq!(
                std::mem::discriminant(sample),
                std::mem::discriminant(told),
                "{at}: {sample} and {told}"
            );
        }
    }
}

#[tokio::test]
async fn nothing_of_the_samples_own_people_is_told() {
    let stand = Stand::with(subscribed(&TOPICS), 8).await;
    for parcel in lived(&stand, &Door::answering(200)).await {
        let text = String::from_utf8_lossy(&parcel.body).into_owned();
        for word in
            ["Steve", "Smith", "jsmith", "Bob", "Biller", "supertoys", "Aviator", "IPod", "USD", "Kentucky"]
        {
            assert!(!text.contains(word), "{}: {word}", topic(&parcel));
        }
    }
}

#[tokio::test]
async fn an_order_is_told_in_the_forms_of_webhooks() {
    let stand = Stand::with(subscribed(&["orders/create", "customers/update"]), 40).await;
    let buyer =
        stand.shop.books(|books| books.customers().find(|it| it.address.is_some() && it.orders > 0).unwrap());
    let lines = vec![(variants(&stand)[0], 3)];
    let order = stand.shop.buy(&Basket { customer: Some(buyer.id), lines, ..Basket::default() }).unwrap();
    let door = Door::answering(200);
    stand.shopify.tick(&door).await;
    let told = door.taken();
    assert_eq!(told.iter().map(topic).collect::<Vec<_>>(), ["orders/create", "customers/update"]);
    let (made, customer) = (body(&told[0]), body(&told[1]));
    let held = stand.shop.books(|books| books.order(order).unwrap());
    assert_eq!(made["id"], json!(held.id), "a number, however large");
    let price = made["total_price"].as_str().unwrap();
    assert_eq!(price.rsplit('.').next().unwrap().len(), 2);
    assert_eq!(price, made["current_total_price_set"]["shop_money"]["amount"]);
    assert_eq!((&made["financial_status"], &made["fulfillment_status"]), (&json!("paid"), &Value::Null));
    assert_eq!(made["created_at"], "2026-09-21T16:13:20+02:00", "with the shop's offset");
    assert_eq!(made["customer"]["id"], json!(buyer.id));
    for absent in ["tags", "orders_count", "total_spent", "email_marketing_consent", "accepts_marketing"] {
        assert!(customer.get(absent).is_none(), "{absent}");
    }
    let counter =
        stand.shop.buy(&Basket { lines: vec![(variants(&stand)[0], 1)], ..Basket::default() }).unwrap();
    stand.shopify.tick(&door).await;
    let made = body(&door.taken()[0]);
    assert!(made["id"] == json!(counter) && made.get("customer").is_none());
}

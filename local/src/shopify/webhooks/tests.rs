//! What an app hears: which topics, in which words, how signed, and what happens if it does not answer.

use async_trait::async_trait;
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use super::{Courier, Parcel};
use crate::shopify::{
    AppSettings,
    books::{
        Back, Basket, Channel, Newcomer, Telling,
        records::{Consent, ConsentState},
    },
    tests::{DOMAIN, Stand, document, settings},
};

const URI: &str = "https://crm.test/webhooks/shopify";

const TOPICS: [&str; 29] = [
    "customers/create",
    "customers/update",
    "customers/delete",
    "customers/merge",
    "customers/purchasing_summary",
    "customer.tags_added",
    "customer.tags_removed",
    "customers_email_marketing_consent/update",
    "customers_marketing_consent/update",
    "orders/create",
    "orders/paid",
    "orders/fulfilled",
    "orders/updated",
    "orders/edited",
    "orders/cancelled",
    "orders/delete",
    "refunds/create",
    "checkouts/create",
    "checkouts/update",
    "products/update",
    "products/delete",
    "bulk_operations/finish",
    "app/uninstalled",
    "app/scopes_update",
    "customers/data_request",
    "customers/redact",
    "shop/redact",
    "products/create",
    "checkouts/delete",
];

/// Takes what is brought, and answers as it is told to.
struct Door {
    status: Mutex<Result<u16, String>>,
    brought: Mutex<Vec<Parcel>>,
}

impl Door {
    fn answering(status: u16) -> Self {
        Self { status: Mutex::new(Ok(status)), brought: Mutex::default() }
    }

    fn answers(&self, answer: Result<u16, String>) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    fn taken(&self) -> Vec<Parcel> {
        std::mem::take(&mut self.brought.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Courier for Door {
    async fn bring(&self, parcel: &Parcel) -> Result<u16, String> {
        self.brought.lock().unwrap_or_else(PoisonError::into_inner).push(parcel.clone());
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn subscribed(topics: &[&str]) -> AppSettings {
    let subscriptions = topics.iter().map(|topic| ((*topic).to_owned(), URI.to_owned()));
    AppSettings { subscriptions: subscriptions.collect(), ..settings() }
}

fn header<'a>(parcel: &'a Parcel, name: &str) -> &'a str {
    parcel.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}

fn topic(parcel: &Parcel) -> String {
    header(parcel, "x-shopify-topic").to_owned()
}

fn body(parcel: &Parcel) -> Value {
    serde_json::from_slice(&parcel.body).expect("a body is JSON")
}

fn variants(stand: &Stand) -> Vec<u64> {
    stand.shop.books(|books| books.products().flat_map(|product| &product.variants).map(|it| it.id).collect())
}

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

#[tokio::test]
async fn a_webhook_is_signed_and_says_what_it_is() {
    let stand = Stand::with(subscribed(&["customers/create"]), 1).await;
    let signed = |parcel: &Parcel, secret: &str| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), &parcel.body);
        header(parcel, "x-shopify-hmac-sha256") == STANDARD.encode(tag)
    };
    let door = Door::answering(200);
    let join = async || {
        stand.shop.join(Newcomer::default()).unwrap();
        stand.shopify.tick(&door).await;
        door.taken().remove(0)
    };
    let parcel = join().await;
    assert!(parcel.uri == URI && signed(&parcel, "first secret"));
    let said =
        ["x-shopify-topic", "x-shopify-shop-domain", "x-shopify-api-version", "x-shopify-triggered-at"];
    let said = said.map(|name| header(&parcel, name));
    assert_eq!(said, ["customers/create", DOMAIN, "2026-10", "2026-09-21T14:13:20.000000000Z"]);
    assert_ne!(header(&parcel, "x-shopify-webhook-id"), header(&parcel, "x-shopify-event-id"));
    stand.shopify.rotate_secret("second secret");
    assert!(signed(&join().await, "first secret"), "for an hour");
    stand.clock.advance_seconds(3_600);
    assert!(signed(&join().await, "second secret"));
}

#[tokio::test]
async fn what_is_not_taken_is_tried_eight_times_more_over_four_hours() {
    let stand = Stand::with(subscribed(&["customers/create"]), 1).await;
    stand.shop.join(Newcomer::default()).unwrap();
    let began = stand.shop.now();
    let door = Door::answering(302);
    let mut tries = Vec::new();
    while let Some(at) = stand.shop.next_delivery_at() {
        stand.clock.advance_to(at.as_millisecond());
        door.answers(if tries.len() % 2 == 0 { Ok(503) } else { Err("it took too long".to_owned()) });
        stand.shopify.tick(&door).await;
        tries.extend(door.taken());
    }
    assert_eq!(tries.len(), 9);
    assert_eq!(stand.shop.now().duration_since(began).as_secs(), 4 * 3_600);
    let ids: BTreeSet<_> =
        tries.iter().map(|parcel| header(parcel, "x-shopify-webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 1, "each try is the same delivery");
    assert!(tries.iter().all(|parcel| parcel.body == tries[0].body));
}

#[tokio::test]
async fn a_subscription_by_graphql_ends_if_nobody_answers_it() {
    let stand = Stand::with(settings(), 1).await;
    let sub = json!({"topic": "CUSTOMERS_CREATE", "sub": {"uri": URI, "includeFields": ["id", "email"], "filter": "email:a*", "name": "new-ones"}});
    stand.data(&document("webhook_create"), &sub).await;
    let join = |email: &str| {
        stand.shop.join(Newcomer { email: Some(email.to_owned()), ..Newcomer::default() }).unwrap()
    };
    join("b@example.com");
    let id = join("a@example.com");
    let door = Door::answering(500);
    stand.shopify.tick(&door).await;
    let told = door.taken();
    assert_eq!(told.len(), 1, "the filter lets one through");
    assert_eq!(body(&told[0]), json!({"id": id, "email": "a@example.com"}));
    assert_eq!(header(&told[0], "x-shopify-name"), "new-ones");
    while let Some(at) = stand.shop.next_delivery_at() {
        stand.clock.advance_to(at.as_millisecond());
        stand.shopify.tick(&door).await;
    }
    let again = stand.installed().await["access_token"].as_str().unwrap().to_owned();
    let stand = Stand { token: again, ..stand };
    let left = stand.data(&document("webhook_list"), &json!({"first": 5})).await;
    assert_eq!(left["webhookSubscriptions"]["nodes"], json!([]));
}

#[tokio::test]
async fn copies_losses_and_shuffles_are_as_many_as_was_said() {
    let stand = Stand::with(subscribed(&["customers/create"]), 1).await;
    stand.shop.switch(|switches| {
        (switches.copies, switches.lost_per_mille, switches.is_shuffled) = (1, 100, true);
    });
    let mut made = Vec::new();
    for _ in 0..300 {
        made.push(stand.shop.join(Newcomer::default()).unwrap());
    }
    let door = Door::answering(200);
    stand.shopify.tick(&door).await;
    let told = door.taken();
    let ids: Vec<_> = told.iter().map(|parcel| body(parcel)["id"].as_u64().unwrap()).collect();
    let mut times: BTreeMap<u64, usize> = BTreeMap::new();
    for id in &ids {
        *times.entry(*id).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 2));
    assert_eq!(times.len() as u64 + stand.shop.lost(), 300);
    assert!((15..50).contains(&stand.shop.lost()), "{} lost", stand.shop.lost());
    let in_order: Vec<_> =
        made.iter().filter(|id| times.contains_key(id)).flat_map(|id| [*id, *id]).collect();
    assert_ne!(ids, in_order);
    let unique: BTreeSet<_> =
        told.iter().map(|parcel| header(parcel, "x-shopify-webhook-id").to_owned()).collect();
    assert_eq!(unique.len(), times.len(), "a copy is the same delivery");
}

#[tokio::test]
async fn the_end_of_a_bulk_operation_is_told_whatever_it_was() {
    let stand = Stand::with(subscribed(&["bulk_operations/finish"]), 3).await;
    let begin = async || {
        let query = json!({"query": document("bulk_inner_customers")});
        stand.question(&document("bulk_run"), &query).await.json()["data"]["bulkOperationRunQuery"].take()
    };
    let (one, other) = (begin().await, begin().await);
    stand.data(&document("bulk_cancel"), &json!({"id": one["bulkOperation"]["id"]})).await;
    let door = Door::answering(200);
    stand.shopify.tick(&door).await;
    stand.shopify.tick(&door).await;
    let told: Vec<_> = door.taken().iter().map(body).collect();
    let ends: Vec<_> = told.iter().map(|told| (&told["admin_graphql_api_id"], &told["status"])).collect();
    let expected = [
        (&one["bulkOperation"]["id"], &json!("canceled")),
        (&other["bulkOperation"]["id"], &json!("completed")),
    ];
    assert_eq!(ends, expected);
}

#[tokio::test]
async fn an_app_that_is_gone_is_told_nothing_more() {
    let stand = Stand::with(subscribed(&["customers/create", "app/uninstalled", "shop/redact"]), 1).await;
    stand.shop.uninstall();
    stand.shop.join(Newcomer::default()).unwrap();
    stand.shop.redact_shop();
    let door = Door::answering(200);
    stand.shopify.tick(&door).await;
    let told = door.taken();
    assert_eq!(told.iter().map(topic).collect::<Vec<_>>(), ["app/uninstalled", "shop/redact"]);
    assert_eq!(body(&told[0])["myshopify_domain"], DOMAIN);
    assert_eq!(stand.question("{ shop { name } }", &json!({})).await.status, 401);
}

#[tokio::test]
async fn a_router_of_the_same_process_is_reached_as_the_web_is() {
    use axum::{Router, http::HeaderMap, routing::post};
    let taken = async |headers: HeaderMap, body: String| {
        let is_whole = headers["x-shopify-topic"] == "customers/create" && body.starts_with('{');
        if is_whole { axum::http::StatusCode::ACCEPTED } else { axum::http::StatusCode::BAD_REQUEST }
    };
    let router = Router::new().route("/webhooks/shopify", post(taken));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = router.clone();
    tokio::spawn(async move { axum::serve(listener, served).await });
    let parcel = |uri: String| Parcel {
        uri,
        headers: vec![("x-shopify-topic", "customers/create".to_owned())],
        body: "{}".into(),
    };
    let within = super::Within(router).bring(&parcel("https://crm.test/webhooks/shopify".to_owned())).await;
    let web = super::Web::new();
    let outside = web.bring(&parcel(format!("http://{address}/webhooks/shopify"))).await;
    assert_eq!((within, outside), (Ok(202), Ok(202)));
    assert!(web.bring(&parcel("http://127.0.0.1:1/x".to_owned())).await.is_err(), "nobody is there");
}

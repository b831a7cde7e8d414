//! How webhooks are signed and sent, again if need be, and what the switches do to them.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

use super::{Courier, Door, Parcel, URI, body, header, subscribed, topic};
use crate::shopify::{
    books::Newcomer,
    tests::{DOMAIN, Stand, document, settings},
    webhooks::{Web, Within},
};

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
    assert_eq!(stand.shop.undelivered(), 1);
    stand.shopify.tick(&door).await;
    tries.extend(door.taken());
    let first = stand.shop.delivered().remove(0);
    assert_eq!((first.topic.as_str(), first.attempts, first.answer), ("customers/create", 1, Ok(302)));
    assert_eq!(first.again_at.map(|at| at.duration_since(began).as_secs()), Some(10));
    while let Some(at) = stand.shop.next_delivery_at() {
        stand.clock.advance_to(at.as_millisecond());
        door.answers(if tries.len() % 2 == 0 { Ok(503) } else { Err("it took too long".to_owned()) });
        stand.shopify.tick(&door).await;
        tries.extend(door.taken());
    }
    assert_eq!((tries.len(), stand.shop.undelivered()), (9, 0));
    assert_eq!(stand.shop.delivered()[0].again_at, None);
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
    let within = Within(router).bring(&parcel("https://crm.test/webhooks/shopify".to_owned())).await;
    let web = Web::new();
    let outside = web.bring(&parcel(format!("http://{address}/webhooks/shopify"))).await;
    assert_eq!((within, outside), (Ok(202), Ok(202)));
    assert!(web.bring(&parcel("http://127.0.0.1:1/x".to_owned())).await.is_err(), "nobody is there");
}

//! A shop that has chosen `SendGrid` or Twilio goes to them: what stands for them here speaks as their documentation has it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::{Arc, Mutex};

use super::{SENDERS, SENDING, added, address};
use crate::{
    cast::{PASSWORD, Person, login},
    customers::{made, shop, told},
    texted::texted,
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use local::{World, providers::Providers};
use serde_json::{Value, json};

const API_KEY: &str = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb3fQw";
const SID: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "fedcba9876543210fedcba98deadbeef";
const NUMBER: &str = "+14155552671";

/// What they took, the first first.
#[derive(Clone, Default)]
struct Taken {
    letters: Arc<Mutex<Vec<Value>>>,
    texts: Arc<Mutex<Vec<String>>>,
}

/// <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>
async fn mail_send(State(taken): State<Taken>, headers: HeaderMap, Json(mail): Json<Value>) -> Response {
    if headers.get("authorization").is_none_or(|told| *told != format!("Bearer {API_KEY}").as_str()) {
        let error =
            json!({"errors": [{"message": "The provided authorization grant is invalid", "field": null}]});
        return (StatusCode::UNAUTHORIZED, Json(error)).into_response();
    }
    taken.letters.lock().unwrap().push(mail);
    (StatusCode::ACCEPTED, [("x-message-id", "LRzXl_NHStOGhQ4kofSm_A")]).into_response()
}

fn is_twilios(headers: &HeaderMap) -> bool {
    let login = format!("Basic {}", STANDARD.encode(format!("{SID}:{TOKEN}")));
    headers.get("authorization").is_some_and(|told| *told == login.as_str())
}

/// <https://www.twilio.com/docs/messaging/api/message-resource>
async fn messages(State(taken): State<Taken>, headers: HeaderMap, form: Bytes) -> Response {
    if !is_twilios(&headers) {
        let error = json!({"code": 20003, "message": "Authenticate", "status": 401});
        return (StatusCode::UNAUTHORIZED, Json(error)).into_response();
    }
    taken.texts.lock().unwrap().push(String::from_utf8(form.to_vec()).unwrap());
    let message = json!({"sid": "SM0123456789abcdef0123456789abcdef", "status": "queued"});
    (StatusCode::CREATED, Json(message)).into_response()
}

/// <https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource>: those whose number begins as was asked.
async fn numbers(headers: HeaderMap, Query(asked): Query<Vec<(String, String)>>) -> Response {
    if !is_twilios(&headers) {
        let error = json!({"code": 20003, "message": "Authenticate", "status": 401});
        return (StatusCode::UNAUTHORIZED, Json(error)).into_response();
    }
    let asked = asked.iter().find(|(name, _)| name == "PhoneNumber").map(|(_, number)| number.as_str());
    let own = [(NUMBER, true), ("+14155550001", false)];
    let found = own.iter().filter(|(number, _)| asked.is_none_or(|asked| number.contains(asked)));
    let found = found.map(|(number, sms)| {
        json!({"phone_number": number, "capabilities": {"sms": sms, "mms": false, "voice": true, "fax": false}})
    });
    Json(json!({"incoming_phone_numbers": found.collect::<Vec<_>>(), "page": 0, "page_size": 50}))
        .into_response()
}

async fn world(seed: u64) -> (World, Taken) {
    let taken = Taken::default();
    let router = Router::new()
        .route("/v3/mail/send", post(mail_send))
        .route(&format!("/2010-04-01/Accounts/{SID}/Messages.json"), post(messages))
        .route(&format!("/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers.json"), get(numbers))
        .with_state(taken.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Some(format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let providers = Providers { sendgrid_url: url.clone(), twilio_url: url };
    (World::with_providers(seed, providers).await, taken)
}

async fn sent(world: &World, owner: &Person, told: &Value) -> String {
    let made = owner.post(world, "/api/v1/campaigns", told).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.text_at("/id");
    let launched = owner.post(world, &format!("/api/v1/campaigns/{id}/launch"), &json!({})).await;
    assert_eq!(launched.status, 200, "{}", launched.text);
    world.settle().await;
    id
}

fn letter() -> Value {
    json!({"name": "Spring", "subject": "Hi", "html": "<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>",
        "rule": "EVERYONE"})
}

#[tokio::test]
async fn a_shop_with_an_account_at_sendgrid_writes_by_it_and_in_its_own_name() {
    let (world, taken) = world(1).await;
    let owner = shop(&world, "owner").await;
    made(&world, &owner, &json!({"email": "ada@example.com", "email_consent": {"state": "subscribed"}}))
        .await;
    let chosen = json!({"mail": "sendgrid", "sendgrid": {"api_key": API_KEY}});
    let chosen = owner.call(&world, "PATCH", SENDING, &chosen).await;
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    // What the installation lends is not known to the shop's own account.
    let without = owner.post(&world, "/api/v1/campaigns", &letter()).await.text_at("/id");
    let refused = owner.post(&world, &format!("/api/v1/campaigns/{without}/launch"), &json!({})).await;
    assert_eq!((told(&refused).0, told(&refused).1.as_str()), (409, "sender_needed"), "{}", refused.text);

    let mut told = letter();
    told["sender_id"] = added(&world, &owner, &address("news@shop.test")).await.at("/id");
    let id = sent(&world, &owner, &told).await;
    let letters = taken.letters.lock().unwrap().clone();
    assert_eq!(letters.len(), 1, "once");
    assert_eq!(letters[0]["from"]["email"], "news@shop.test");
    assert_eq!(letters[0]["personalizations"][0]["to"][0]["email"], "ada@example.com");
    assert!(world.vendor.letters().is_empty(), "and by nobody else");
    // Messages are counted each minute.
    world.clock.advance_seconds(60);
    world.settle().await;
    let shown = owner.get(&world, &format!("/api/v1/campaigns/{id}")).await;
    assert_eq!(shown.at("/counts/sent"), json!(1), "{}", shown.text);
}

#[tokio::test]
async fn a_shop_with_an_account_at_twilio_texts_from_its_own_numbers() {
    let (world, taken) = world(2).await;
    let owner = shop(&world, "owner").await;
    made(&world, &owner, &json!({"phone": "+14155552600", "sms_consent": {"state": "subscribed"}})).await;
    let wrong =
        json!({"text": "twilio", "twilio": {"account_sid": SID, "auth_token": TOKEN.replace('f', "0")}});
    assert_eq!(owner.call(&world, "PATCH", SENDING, &wrong).await.status, 200);
    let number = json!({"kind": "number", "identity": NUMBER});
    let refused = owner.post(&world, SENDERS, &number).await;
    assert_eq!((told(&refused).0, told(&refused).1.as_str()), (409, "twilio_refused"), "{}", refused.text);
    assert_eq!(owner.get(&world, SENDERS).await.at("/total"), json!(0), "nothing is left of it");
    let right = json!({"twilio": {"auth_token": TOKEN}});
    assert_eq!(owner.call(&world, "PATCH", SENDING, &right).await.status, 200);
    for (identity, status) in [("+14155550001", "pending"), ("+14155550002", "pending"), (NUMBER, "verified")]
    {
        let added = added(&world, &owner, &json!({"kind": "number", "identity": identity})).await;
        assert_eq!(added.text_at("/status"), status, "{identity}");
    }
    let senders = owner.get(&world, SENDERS).await;
    let items = senders.at("/items").as_array().cloned().unwrap();
    let sender = items.iter().find(|it| it["identity"] == NUMBER).unwrap();
    let told = json!({"name": "Sale", "channel": "sms", "text": "Hi", "rule": "EVERYONE", "sender_id": sender["id"]});
    sent(&world, &owner, &told).await;
    let texts = taken.texts.lock().unwrap().clone();
    assert_eq!(texts.len(), 1, "once");
    let told_at = "StatusCallback=https%3A%2F%2Fcrm.test%2Fapi%2Fv1%2Freceipts%2Ftwilio%3Ftenant%3D";
    for part in ["From=%2B14155552671&", "To=%2B14155552600&", "Body=Hi&", told_at] {
        assert!(texts[0].contains(part), "{part}: {}", texts[0]);
    }
    // What its members are told goes the same way.
    let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
    texted(&world, &owner, "+14155552672").await;
    let after = taken.texts.lock().unwrap().clone();
    assert_eq!(after.len(), 2, "{after:?}");
    for part in ["From=%2B14155552671&", "To=%2B14155552672&", "is+your+code"] {
        assert!(after[1].contains(part), "{part}: {}", after[1]);
    }
}

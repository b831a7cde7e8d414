//! A shop chooses by whom its messages go; its keys are taken, sealed, and never shown again.

use super::{SENDERS, SENDING, added, checked};
use crate::{
    cast::{Person, join},
    customers::{shop, told},
};
use local::{World, world::Answer};
use serde_json::{Value, json};

const API_KEY: &str = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb3fQw";
const SID: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "fedcba9876543210fedcba98deadbeef";

async fn change(world: &World, person: &Person, told: &Value) -> Answer {
    person.call(world, "PATCH", SENDING, told).await
}

#[tokio::test]
async fn a_shop_is_told_whom_there_is_and_what_is_needed_of_it() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let usual = owner.get(&world, SENDING).await;
    let choices = |provider: &str, other: &str, needs: Value| {
        json!({"provider": provider, "is_chosen": false,
            "choices": [{"provider": provider, "needs": []}, {"provider": other, "needs": needs}]})
    };
    assert_eq!(usual.at("/mail"), choices("simulated", "sendgrid", json!(["sendgrid.api_key"])));
    let needs = json!(["twilio.account_sid", "twilio.auth_token"]);
    assert_eq!(usual.at("/text"), choices("simulated", "twilio", needs));
    assert_eq!((usual.at("/sendgrid"), usual.at("/updated_at")), (Value::Null, Value::Null));
    for (body, code, at) in [
        (json!({"mail": "sendgrid"}), "missing", "/sendgrid/api_key"),
        (json!({"text": "twilio"}), "missing", "/twilio/account_sid"),
        (json!({"text": "twilio", "twilio": {"account_sid": SID}}), "missing", "/twilio/auth_token"),
        (json!({"mail": "ses"}), "invalid", "/mail"),
        (json!({"mail": "pigeons"}), "invalid", "/mail"),
        (json!({"text": "sendgrid"}), "invalid", "/text"),
        (json!({"sendgrid": {"api_key": "hunter2"}}), "invalid", "/sendgrid/api_key"),
        (json!({"sendgrid": {}}), "missing", "/sendgrid/api_key"),
        (
            json!({"sendgrid": {"api_key": API_KEY, "verification_key": "hunter2"}}),
            "invalid",
            "/sendgrid/verification_key",
        ),
        (json!({"twilio": {"account_sid": "AC1", "auth_token": TOKEN}}), "invalid", "/twilio/account_sid"),
        (json!({"twilio": {"account_sid": SID, "auth_token": "x"}}), "invalid", "/twilio/auth_token"),
        (
            json!({"twilio": {"account_sid": SID, "auth_token": TOKEN, "api_key_sid": SID.replace("AC", "SK")}}),
            "missing",
            "/twilio/api_key_secret",
        ),
        (json!({"sms": "twilio"}), "unknown_member", "/sms"),
    ] {
        let refused = change(&world, &owner, &body).await;
        assert_eq!(told(&refused), (400, code.to_owned(), at.to_owned()), "{body}: {}", refused.text);
        for secret in ["hunter2", TOKEN, API_KEY] {
            assert!(!refused.text.contains(secret), "{}", refused.text);
        }
    }
    assert_eq!(owner.get(&world, SENDING).await.json(), usual.json(), "and nothing has changed");
}

#[tokio::test]
async fn keys_are_sealed_and_shown_to_nobody() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let marketer = join(&world, &owner, "marketer", "marketer").await;
    let body = json!({"mail": "sendgrid", "sendgrid": {"api_key": API_KEY}, "text": "twilio",
        "twilio": {"account_sid": SID, "auth_token": TOKEN}});
    assert_eq!(change(&world, &marketer, &body).await.status, 403);
    let changed = change(&world, &owner, &body).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let seen = marketer.get(&world, SENDING).await;
    for answer in [&changed, &seen] {
        assert_eq!(answer.text_at("/mail/provider"), "sendgrid");
        assert_eq!(answer.text_at("/sendgrid/api_key"), "set, ends with 3fQw");
        assert_eq!(answer.text_at("/twilio/auth_token"), "set, ends with beef");
        assert_eq!(
            (answer.text_at("/twilio/account_sid"), answer.text_at("/updated_by")),
            (SID.into(), owner.user.clone())
        );
        assert!(!answer.text.contains(API_KEY) && !answer.text.contains(TOKEN), "{}", answer.text);
    }
    for (key, bytes) in world.table.bytes().unwrap() {
        let text = String::from_utf8_lossy(&bytes);
        for secret in [API_KEY, TOKEN, "3fQw", "deadbeef"] {
            assert!(!text.contains(secret), "{key:?} shows a key");
        }
    }
    // What is left out stays; what is chosen keeps its keys.
    let eu = change(&world, &owner, &json!({"sendgrid": {"is_in_eu": true}})).await;
    assert_eq!(
        (eu.at("/sendgrid/is_in_eu"), eu.text_at("/sendgrid/api_key")),
        (json!(true), "set, ends with 3fQw".into())
    );
    let refused = change(&world, &owner, &json!({"sendgrid": null})).await;
    assert_eq!(told(&refused).2, "/sendgrid/api_key", "{}", refused.text);
    let gone = change(&world, &owner, &json!({"mail": null, "sendgrid": null})).await;
    assert_eq!((gone.status.as_u16(), gone.at("/sendgrid")), (200, Value::Null), "{}", gone.text);
    assert_eq!(
        (gone.text_at("/mail/provider"), gone.text_at("/text/provider")),
        ("simulated".into(), "twilio".into())
    );
    assert_eq!(gone.text_at("/twilio/auth_token"), "set, ends with beef");
}

#[tokio::test]
async fn a_number_is_asked_about_anew_when_texts_go_by_another_account() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    let number = json!({"kind": "number", "identity": "+14155552671"});
    let number = added(&world, &owner, &number).await;
    let name = added(&world, &owner, &json!({"kind": "name", "identity": "Shop"})).await;
    assert_eq!((number.text_at("/status"), name.text_at("/status")), ("verified".into(), "verified".into()));
    let body = json!({"text": "twilio", "twilio": {"account_sid": SID, "auth_token": TOKEN}});
    assert_eq!(change(&world, &owner, &body).await.status, 200);
    let status = async |it: &Answer| {
        owner.get(&world, &format!("{SENDERS}/{}", it.text_at("/id"))).await.text_at("/status")
    };
    assert_eq!((status(&number).await, status(&name).await), ("unverified".into(), "verified".into()));
    // Nobody stands for Twilio here.
    let away = checked(&world, &owner, &number.text_at("/id")).await;
    assert_eq!(away.status, 503, "{}", away.text);
}

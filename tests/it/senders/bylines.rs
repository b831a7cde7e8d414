//! A campaign goes out in a name that is proven, or not at all.

use super::{SENDERS, SENDING, added, address, checked};
use crate::{
    cast::Person,
    customers::{made, shop, told},
};
use domain::{Sending, Standing, Timestamp, UserId, sender::Identity, sending::TextProvider};
use local::{World, world::Answer};
use serde_json::{Value, json};

const CAMPAIGNS: &str = "/api/v1/campaigns";

fn letter(sender: &str) -> Value {
    json!({"name": "Spring", "subject": "Hi", "html": "<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>",
        "rule": "EVERYONE", "sender_id": sender})
}

async fn campaign(world: &World, owner: &Person, told: &Value) -> String {
    let answer = owner.post(world, CAMPAIGNS, told).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.text_at("/id")
}

async fn act(world: &World, owner: &Person, id: &str, act: &str) -> Answer {
    owner.post(world, &format!("{CAMPAIGNS}/{id}/{act}"), &json!({})).await
}

/// Somebody who agreed to letters.
async fn reader(world: &World, owner: &Person) {
    let body = json!({"email": "ada@example.com", "email_consent": {"state": "subscribed"}});
    made(world, owner, &body).await;
}

#[tokio::test]
async fn a_campaign_begins_only_once_its_sender_is_proven_and_goes_out_in_that_name() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    reader(&world, &owner).await;
    let news = Identity::Address("news@shop.test".parse().unwrap());
    world.identities.tell(&news, Standing::Pending);
    let sender = json!({"kind": "address", "identity": "news@shop.test", "name": "Ada's shop"});
    let sender = added(&world, &owner, &sender).await.text_at("/id");
    let id = campaign(&world, &owner, &letter(&sender)).await;
    for (name, body) in [("launch", json!({})), ("schedule", json!({"frequency": "daily", "time": "09:00"}))]
    {
        let refused = owner.post(&world, &format!("{CAMPAIGNS}/{id}/{name}"), &body).await;
        assert_eq!(
            (told(&refused).0, told(&refused).1.as_str()),
            (409, "sender_not_verified"),
            "{name}: {}",
            refused.text
        );
        let detail = refused.text_at("/detail");
        assert!(detail.contains("news@shop.test") && detail.contains("/check"), "{detail}");
    }
    world.identities.tell(&news, Standing::Verified);
    assert_eq!(checked(&world, &owner, &sender).await.text_at("/status"), "verified");
    let launched = act(&world, &owner, &id, "launch").await;
    assert_eq!(launched.status, 200, "{}", launched.text);
    world.settle().await;
    let letters = world.vendor.letters();
    assert_eq!(letters.len(), 1);
    let from = &letters[0].from;
    assert_eq!(
        (from.name.as_ref().unwrap().as_str(), from.address.as_str()),
        ("Ada's shop", "news@shop.test")
    );
    let shown = owner.get(&world, &format!("{CAMPAIGNS}/{id}")).await;
    assert_eq!(shown.text_at("/sender_id"), sender);
}

#[tokio::test]
async fn a_sender_is_not_ended_while_a_campaign_that_is_not_over_is_in_its_name() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let sender = added(&world, &owner, &address("news@shop.test")).await.text_at("/id");
    let id = campaign(&world, &owner, &letter(&sender)).await;
    let path = format!("{SENDERS}/{sender}");
    let refused = owner.call(&world, "DELETE", &path, &json!({})).await;
    assert_eq!((told(&refused).0, told(&refused).1.as_str()), (409, "sender_in_use"), "{}", refused.text);
    assert!(refused.text_at("/detail").contains("Spring"), "{}", refused.text);
    assert_eq!(act(&world, &owner, &id, "cancel").await.status, 200);
    assert_eq!(owner.call(&world, "DELETE", &path, &json!({})).await.status, 204);
    // One that was told of it before, or at the same moment.
    let copy = owner.post(&world, &format!("{CAMPAIGNS}/{id}/duplicate"), &json!({})).await.text_at("/id");
    let refused = act(&world, &owner, &copy, "launch").await;
    assert_eq!((told(&refused).0, told(&refused).1.as_str()), (409, "sender_gone"), "{}", refused.text);
}

#[tokio::test]
async fn a_sender_that_is_not_there_or_writes_something_else_is_refused_with_its_place() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    let other = shop(&world, "other").await;
    let theirs = added(&world, &other, &address("news@other.test")).await.text_at("/id");
    let domain = json!({"kind": "domain", "identity": "shop.test"});
    let domain = added(&world, &owner, &domain).await.text_at("/id");
    let number = json!({"kind": "number", "identity": "+14155552671"});
    let number = added(&world, &owner, &number).await.text_at("/id");
    let with = |sender: &str, from: Value| {
        let mut told = letter(sender);
        told["from_address"] = from;
        told
    };
    for (body, code, at) in [
        (letter("x"), "unknown_sender", "/sender_id"),
        (letter(&theirs), "unknown_sender", "/sender_id"),
        (letter(&number), "wrong_channel", "/sender_id"),
        (letter(&domain), "missing", "/from_address"),
        (with(&domain, json!("news@other.test")), "not_its_own", "/from_address"),
        (with(&domain, json!("news@eu.shop.test")), "not_its_own", "/from_address"),
        (with(&domain, json!("nobody")), "invalid", "/from_address"),
    ] {
        let refused = owner.post(&world, CAMPAIGNS, &body).await;
        assert_eq!(told(&refused), (400, code.to_owned(), at.to_owned()), "{body}: {}", refused.text);
    }
    let id = campaign(&world, &owner, &with(&domain, json!("news@shop.test"))).await;
    assert_eq!(act(&world, &owner, &id, "launch").await.status, 200);
}

#[tokio::test]
async fn nothing_begins_by_a_provider_that_is_not_there() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    let sms = json!({"name": "Sale", "channel": "sms", "text": "Hi", "rule": "EVERYONE"});
    let id = campaign(&world, &owner, &sms).await;
    // The installation had it when it was chosen.
    let store = world.store_of(owner.tenant.parse().unwrap());
    let sending = Sending {
        mail: None,
        text: Some(TextProvider::Sns),
        sendgrid: None,
        twilio: None,
        prices: None,
        updated_at: Timestamp::UNIX_EPOCH,
        updated_by: UserId::new(Timestamp::UNIX_EPOCH, [1; 10]),
    };
    store.commit(vec![store.sending_put(None, &sending)]).await.unwrap();
    let refused = act(&world, &owner, &id, "launch").await;
    assert_eq!((told(&refused).0, told(&refused).1.as_str()), (409, "no_provider"), "{}", refused.text);
    assert_eq!(owner.get(&world, SENDING).await.at("/text/provider"), Value::Null);
    let back = owner.call(&world, "PATCH", SENDING, &json!({"text": null})).await;
    assert_eq!((back.status.as_u16(), back.text_at("/text/provider")), (200, "simulated".to_owned()));
    assert_eq!(act(&world, &owner, &id, "launch").await.status, 200);
}

//! A segment for which a campaign goes out in the moment in which it is made (SEG-13).

use crate::{
    cast::{Person, join},
    customers::{made, shop, told},
};
use domain::{Standing, sender::Identity};
use futures::future::join_all;
use local::World;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/segments";

fn letter() -> Value {
    json!({"kind": "newsletter", "subject": "Hi", "html": "<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>"})
}

fn body(name: &str) -> Value {
    json!({"name": name, "rule": "EVERYONE", "autoLaunch": true, "campaign": letter()})
}

async fn readers(world: &World, owner: &Person) {
    for name in ["ada", "bob", "cyd"] {
        let agreed = json!({"state": "subscribed"});
        let body = json!({"email": format!("{name}@customers.test"), "email_consent": agreed});
        made(world, owner, &body).await;
    }
}

async fn total(world: &World, owner: &Person, path: &str) -> Value {
    owner.get(world, path).await.at("/total")
}

#[tokio::test]
async fn a_segment_and_its_campaign_are_made_together_and_sent_once() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    readers(&world, &owner).await;
    let post = |key: &'static str| {
        let call = world.post("/api/segments").bearer(&owner.access);
        call.header("idempotency-key", key).json(&body("Readers"))
    };
    let calls: Vec<_> = (0..3).map(|_| post("once")).collect();
    let answers = join_all(calls.iter().map(local::world::Call::send)).await;
    for answer in &answers {
        assert_eq!(answer.status, 201, "{}", answer.text);
        assert_eq!(answer.text_at("/campaign/id"), answers[0].text_at("/campaign/id"), "told the same");
    }
    let (segment, campaign) = (answers[0].text_at("/id"), answers[0].text_at("/campaign/id"));
    assert_eq!(
        (answers[0].text_at("/campaign/status"), answers[0].text_at("/campaign/segment_id")),
        ("planning".to_owned(), segment)
    );
    assert_eq!(answers[0].text_at("/campaign/name"), "Readers");
    world.settle().await;
    assert_eq!(world.vendor.letters().len(), 3, "each has one letter");
    let again = post("another").send().await;
    assert_eq!(told(&again).1, "name_taken", "whoever has lost the key makes no second one");
    world.settle().await;
    assert_eq!(world.vendor.letters().len(), 3);
    let page = owner.get(&world, &format!("/api/v1/campaigns/{campaign}")).await;
    assert_eq!((page.text_at("/status"), page.at("/counts/chosen")), ("sent".to_owned(), json!(3)));
    assert_eq!(page.text_at("/moves/1/act"), "launched", "{}", page.text);
    assert_eq!(page.text_at("/moves/1/user"), owner.user);
    assert_eq!(total(&world, &owner, "/api/v1/campaigns").await, json!(1));
}

#[tokio::test]
async fn nothing_is_made_if_the_campaign_could_not_go_out() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let viewer = join(&world, &owner, "mara", "viewer").await;
    let news = Identity::Address("news@shop.test".parse().expect("an address"));
    world.identities.tell(&news, Standing::Pending);
    let sender = json!({"kind": "address", "identity": "news@shop.test"});
    let unproven = owner.post(&world, "/api/v1/senders", &sender).await.text_at("/id");
    let with = |member: &str, value: Value| {
        let mut all = body("Readers");
        all[member] = value;
        all
    };
    let of_campaign = |member: &str, value: Value| {
        let mut all = body("Readers");
        all["campaign"][member] = value;
        all
    };
    for (told_so, status, code, at) in [
        (with("campaign", Value::Null), 400, "missing_member", "/campaign"),
        (with("autoLaunch", json!(false)), 400, "not_here", "/campaign"),
        (with("state", json!("paused")), 400, "nobody_yet", "/auto_launch"),
        (
            json!({"name": "List", "kind": "static", "autoLaunch": true, "campaign": letter()}),
            400,
            "nobody_yet",
            "/auto_launch",
        ),
        (with("rule", json!("luck > 3")), 400, "unknown_name", "/rule"),
        (of_campaign("subject", Value::Null), 400, "required", "/campaign/subject"),
        (of_campaign("html", json!("{{ nmae }}")), 400, "template", "/campaign/html"),
        (of_campaign("rule", json!("EVERYONE")), 400, "not_here", "/campaign/segment_id"),
        (of_campaign("sender_id", json!("x")), 400, "unknown_sender", "/campaign/sender_id"),
        (of_campaign("colour", json!("red")), 400, "unknown_member", "/campaign/colour"),
        (of_campaign("sender_id", json!(unproven)), 409, "sender_not_verified", ""),
    ] {
        let refused = owner.post(&world, PATH, &told_so).await;
        assert_eq!(told(&refused), (status, code.to_owned(), at.to_owned()), "{told_so}: {}", refused.text);
    }
    assert_eq!(viewer.post(&world, PATH, &body("Theirs")).await.status, 403);
    let key = json!({"name": "k", "scopes": ["customers:read", "customers:manage"]});
    let key = owner.post(&world, "/api/v1/api-keys", &key).await.text_at("/key");
    let key = Person { access: key, ..join(&world, &owner, "kim", "admin").await };
    assert_eq!(key.post(&world, PATH, &body("By key")).await.status, 403, "it may launch nothing");
    for path in [PATH, "/api/v1/campaigns"] {
        assert_eq!(total(&world, &owner, path).await, json!(0), "{path}");
    }
    let plain = json!({"name": "Readers", "rule": "EVERYONE", "auto_launch": false});
    let plain = owner.post(&world, PATH, &plain).await;
    assert_eq!((plain.status.as_u16(), plain.at("/campaign")), (201, Value::Null), "{}", plain.text);
    let path = format!("{PATH}/{}", plain.text_at("/id"));
    for method in ["PUT", "PATCH"] {
        let refused = owner.call(&world, method, &path, &body("Readers")).await;
        assert_eq!(told(&refused), (400, "not_here".to_owned(), "/auto_launch".to_owned()), "{method}");
    }
    world.settle().await;
    assert_eq!(world.vendor.letters().len(), 0);
}

//! Words that are tried on a few before anybody gets them.

use super::{PATH, made, shown, sms};
use crate::{
    cast::join,
    customers::{made as customer, shop, told},
};
use local::World;
use serde_json::{Value, json};

#[tokio::test]
async fn a_trial_goes_to_those_who_ask_for_it_and_is_counted_nowhere() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    join(&world, &owner, "marketer", "marketer").await;
    let ada =
        json!({"first_name": "Ada", "email": "ada@example.com", "email_consent": {"state": "subscribed"}});
    let ada = customer(&world, &owner, &ada).await;
    let letter = json!({"name": "Spring", "rule": "EVERYONE", "subject": "Hi {{ customer.first_name }}",
        "html": "<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>"});
    let id = made(&world, &owner, &letter).await;
    let path = format!("{PATH}/{id}/test");
    let sent = owner.post(&world, &path, &json!({"team": true, "customer": ada})).await;
    let to = json!(["owner@example.com", "marketer@example.com"]);
    assert_eq!((sent.status.as_u16(), sent.at("/to")), (202, to), "{}", sent.text);
    world.settle().await;
    assert_eq!(world.vendor.entries().len(), 2);
    assert_eq!(owner.post(&world, &path, &json!({})).await.at("/to"), json!(["owner@example.com"]));
    world.settle().await;
    assert_eq!(world.vendor.entries().len(), 3);
    // At home nobody's mailbox gets anything: whoever tries words reads them where all other mail is.
    let tried = |to: &str| world.outbox.to(to).into_iter().filter(|mail| mail.about.starts_with("trial:"));
    assert_eq!((tried("owner@example.com").count(), tried("marketer@example.com").count()), (2, 1));
    let read = tried("marketer@example.com").next().expect("one");
    assert_eq!((read.subject.as_str(), read.text.contains("Hi")), ("[Test] Hi Ada", true), "{read:?}");
    let campaign = shown(&world, &owner, &id).await;
    assert_eq!((campaign.text_at("/status"), campaign.at("/counts")), ("draft".to_owned(), Value::Null));
    let events = owner.get(&world, &format!("/api/v1/customers/{ada}")).await;
    assert!(!events.text.contains("Spring"), "{}", events.text);
}

#[tokio::test]
async fn who_is_written_to_no_more_gets_no_trial_and_what_is_wrong_is_told() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let never = json!({"phone": "+14155552671"});
    assert_eq!(owner.post(&world, "/api/v1/suppressions", &never).await.status, 201);
    let id = made(&world, &owner, &sms("Sale")).await;
    let template = json!({"name": "Spring", "channel": "sms", "text": "Hi {name}"});
    let template = owner.post(&world, "/api/v1/templates", &template).await.text_at("/id");
    let two = json!({"to": ["+14155552671", "+4915112345671"]});
    for path in [format!("{PATH}/{id}/test"), format!("/api/v1/templates/{template}/test")] {
        let sent = owner.post(&world, &path, &two).await;
        assert_eq!(
            (sent.at("/to"), sent.at("/suppressed")),
            (json!(["+4915112345671"]), json!(["+14155552671"])),
            "{}",
            sent.text
        );
        let check = async |body: Value, status: u16, code: &str, at: &str| {
            let refused = owner.post(&world, &path, &body).await;
            assert_eq!(told(&refused), (status, code.to_owned(), at.to_owned()), "{body}: {}", refused.text);
        };
        check(json!({}), 400, "out_of_range", "/to").await;
        check(json!({"to": []}), 400, "out_of_range", "/to").await;
        check(json!({"to": vec!["+4915112345671"; 6]}), 400, "out_of_range", "/to").await;
        check(json!({"to": ["x@example.com"]}), 400, "invalid", "/to/0").await;
        check(json!({"to": ["+4915112345671"], "customer": "nobody"}), 404, "not_found", "").await;
    }
    world.settle().await;
    assert_eq!(world.vendor.entries().len(), 2);
    let texts = world.outbox.to("+4915112345671");
    assert!(texts.len() == 2 && texts.iter().all(|it| it.text.starts_with("[Test] ")), "{texts:?}");
    let mut last = owner.post(&world, &format!("{PATH}/{id}/test"), &two).await;
    for _ in 0..20 {
        last = owner.post(&world, &format!("{PATH}/{id}/test"), &two).await;
    }
    assert_eq!(last.status, 429, "{}", last.text);
}

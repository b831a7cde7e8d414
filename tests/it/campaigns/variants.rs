//! Several words for one campaign, as they are told, shown, and told wrongly (CMP-13).

use super::{
    PATH, act,
    arms::{HOUR, later, letters, tried, variant},
    made, shown,
};
use crate::customers::{made as customer, shop, told};
use local::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn it_is_told_shown_changed_copied_and_tried_in_each_of_its_words() {
    let world = World::new(9).await;
    let owner = shop(&world, "owner").await;
    let template = json!({"name": "Winter", "subject": "Snow", "html": "<p>Snow</p><a href=\"{{ unsubscribe_url }}\">No more</a>"});
    let template = owner.post(&world, "/api/v1/templates", &template).await.text_at("/id");
    let html = "<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>";
    let body = json!({"name": "Three", "rule": "EVERYONE", "subject": "Hi", "html": html,
        "trial": {"variants": [{}, {"subject": "Ho"}, {"template_id": template}], "shares": [20, 30, 10],
            "metric": "opened", "hours": 24}});
    let id = made(&world, &owner, &body).await;
    let page = shown(&world, &owner, &id).await;
    for (at, expected) in [
        ("/subject", Value::Null),
        ("/trial/variants/0/variant", json!("A")),
        ("/trial/variants/0/subject", json!("Hi")),
        ("/trial/variants/1/subject", json!("Ho")),
        ("/trial/variants/1/html", json!(html)),
        ("/trial/variants/2/subject", json!("Snow")),
        ("/trial/variants/2/share_percent", json!(10)),
        ("/trial/rest_percent", json!(40)),
        ("/trial/metric", json!("opened")),
        ("/trial/hours", json!(24)),
        ("/trial/results", Value::Null),
    ] {
        assert_eq!(page.at(at), expected, "{at}: {}", page.text);
    }
    let copy = act(&world, &owner, &id, "duplicate").await;
    assert_eq!((copy.status.as_u16(), copy.at("/trial")), (201, page.at("/trial")), "{}", copy.text);
    let path = format!("{PATH}/{id}");
    let same = owner.call(&world, "PUT", &path, &body).await;
    assert_eq!((same.status.as_u16(), same.at("/version")), (200, json!(1)), "{}", same.text);
    let mut other = body.clone();
    other["trial"]["variants"][1]["subject"] = json!("Hey");
    let changed = owner.call(&world, "PUT", &path, &other).await;
    assert_eq!((changed.at("/version"), changed.at("/trial/variants/1/subject")), (json!(2), json!("Hey")));

    let sent = owner.post(&world, &format!("{path}/test"), &json!({"variant": "C"})).await;
    assert_eq!(sent.status, 202, "{}", sent.text);
    world.settle().await;
    assert_eq!(world.vendor.letters().pop().unwrap().subject, "[Test] Snow");
    let wrong = owner.post(&world, &format!("{path}/test"), &json!({"variant": "D"})).await;
    assert_eq!(told(&wrong), (400, "invalid".to_owned(), "/variant".to_owned()));
    let agreed = json!({"state": "subscribed"});
    customer(&world, &owner, &json!({"email": "ada@customers.test", "email_consent": agreed})).await;
    let preview = owner.post(&world, &format!("{path}/preview"), &json!({"variant": "B"})).await;
    assert_eq!(
        (preview.text_at("/sample/0/message/subject"), preview.text_at("/sample/0/variant")),
        ("Hey".to_owned(), "B".to_owned()),
        "{}",
        preview.text
    );
    let plain = json!({"name": "One", "rule": "EVERYONE", "subject": "Hi", "html": html});
    let plain = owner.call(&world, "PUT", &path, &plain).await;
    assert_eq!((plain.status.as_u16(), plain.at("/trial")), (200, Value::Null), "{}", plain.text);
}

#[tokio::test]
async fn what_is_wrong_with_a_trial_is_told_with_its_place() {
    let world = World::new(10).await;
    let owner = shop(&world, "owner").await;
    let text = json!({"name": "Text", "channel": "sms", "text": "Hi"});
    let text = owner.post(&world, "/api/v1/templates", &text).await.text_at("/id");
    let variants = json!([variant("A"), variant("B")]);
    for (trial, code, at) in [
        (json!({"variants": []}), "out_of_range", "/trial/variants"),
        (json!({"variants": [variant("A")]}), "out_of_range", "/trial/variants"),
        (json!({"variants": [{}, {}, {}, {}, {}]}), "out_of_range", "/trial/variants"),
        (json!({"variants": [variant("A"), variant("A")]}), "same_words", "/trial/variants/1"),
        (json!({"variants": [variant("A"), {"subject": "B"}]}), "one_body", "/trial/variants/1/html"),
        (
            json!({"variants": [variant("A"), {"html": "<p>{{ nmae }}</p>", "subject": "B"}]}),
            "template",
            "/trial/variants/1/html",
        ),
        (
            json!({"variants": [variant("A"), {"template_id": "t1"}]}),
            "unknown_template",
            "/trial/variants/1/template_id",
        ),
        (
            json!({"variants": [variant("A"), {"template_id": text}]}),
            "other_channel",
            "/trial/variants/1/template_id",
        ),
        (
            json!({"variants": [variant("A"), {"template_id": text, "subject": "B"}]}),
            "one_source",
            "/trial/variants/1/template_id",
        ),
        (json!({"variants": variants, "shares": [50]}), "out_of_range", "/trial/shares"),
        (json!({"variants": variants, "shares": [60, 50]}), "out_of_range", "/trial/shares"),
        (json!({"variants": variants, "shares": [0, 50]}), "out_of_range", "/trial/shares/0"),
        (
            json!({"variants": variants, "shares": [1, 1], "test_percent": 2}),
            "one_source",
            "/trial/test_percent",
        ),
        (json!({"variants": variants, "test_percent": 1}), "out_of_range", "/trial/test_percent"),
        (json!({"variants": variants, "test_percent": 101}), "out_of_range", "/trial/test_percent"),
        (json!({"variants": variants, "hours": 0}), "out_of_range", "/trial/hours"),
        (json!({"variants": variants, "hours": 169}), "out_of_range", "/trial/hours"),
        (json!({"variants": variants, "metric": "bought"}), "invalid", "/trial/metric"),
        (json!({"variants": variants, "colour": 1}), "unknown_member", "/trial/colour"),
    ] {
        let body = json!({"name": "Bad", "rule": "EVERYONE", "trial": trial});
        let refused = owner.post(&world, PATH, &body).await;
        assert_eq!(told(&refused), (400, code.to_owned(), at.to_owned()), "{body}: {}", refused.text);
    }
    let texts = json!({"name": "Bad", "rule": "EVERYONE", "channel": "sms",
        "trial": {"variants": [{"text": "A"}, {"text": "B"}], "metric": "clicked"}});
    let refused = owner.post(&world, PATH, &texts).await;
    assert_eq!(told(&refused), (400, "not_measured".to_owned(), "/trial/metric".to_owned()));
    let mut untracked = tried(50);
    untracked["tracked"] = json!(false);
    untracked["trial"]["metric"] = json!("opened");
    assert_eq!(told(&owner.post(&world, PATH, &untracked).await).1, "not_measured");
    let mut texts = texts;
    texts["trial"]["metric"] = Value::Null;
    let made = owner.post(&world, PATH, &texts).await;
    assert_eq!((made.status.as_u16(), made.text_at("/trial/metric")), (201, "delivered".to_owned()));
    assert_eq!(owner.get(&world, PATH).await.at("/total"), json!(1), "nothing else was kept");
}

#[tokio::test]
async fn one_that_repeats_tries_them_anew_each_time() {
    let world = World::new(11).await;
    let owner = shop(&world, "owner").await;
    let agreed = json!({"state": "subscribed"});
    for one in 0..20 {
        let body = json!({"email": format!("p{one}@customers.test"), "email_consent": agreed});
        customer(&world, &owner, &body).await;
    }
    let id = made(&world, &owner, &tried(100)).await;
    let daily = json!({"frequency": "daily", "time": "09:00"});
    assert_eq!(owner.post(&world, &format!("{PATH}/{id}/schedule"), &daily).await.status, 200);
    let owner = later(&world, &owner, 26 * HOUR).await;
    let all = owner.get(&world, PATH).await;
    let items = all.at("/items").as_array().cloned().unwrap();
    let begun = items.iter().find(|it| it["repeat_of"] == json!(id)).expect("the next has begun");
    let page = shown(&world, &owner, begun["id"].as_str().unwrap()).await;
    assert_eq!(page.text_at("/trial/variants/1/subject"), "Try B", "{}", page.text);
    let letters = letters(&world);
    assert!(letters.len() > 10 && letters.values().collect::<BTreeSet<_>>().len() == 2, "{letters:?}");
}

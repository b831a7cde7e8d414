//! Segments that are kept: made, listed, changed, deleted, and what they may name (SEG-01, 03, 04, 15).

use crate::{
    cast::{Person, join},
    customers::{made, shop, told},
};
use futures::future::join_all;
use local::{World, world::Answer};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PATH: &str = "/api/v1/segments";

async fn make(world: &World, owner: &Person, name: &str, rule: &str) -> Answer {
    owner.post(world, PATH, &json!({"name": name, "rule": rule})).await
}

/// The id of a segment that was made just now.
async fn segment(world: &World, owner: &Person, name: &str, rule: &str) -> String {
    let answer = make(world, owner, name, rule).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.text_at("/id")
}

async fn change(world: &World, owner: &Person, id: &str, body: &Value) -> Answer {
    owner.call(world, "PATCH", &format!("{PATH}/{id}"), body).await
}

async fn delete(world: &World, owner: &Person, id: &str) -> Answer {
    owner.call(world, "DELETE", &format!("{PATH}/{id}"), &json!({})).await
}

async fn names(world: &World, owner: &Person, query: &str) -> Vec<String> {
    let list = owner.get(world, &format!("{PATH}{query}")).await;
    let items = list.at("/items").as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item["name"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_segment_is_made_shown_changed_and_deleted() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let body = json!({"name": " Regulars ", "description": "Who come\nagain", "rule": "number_of_orders>3"});
    let made = owner.post(&world, PATH, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.text_at("/id");
    assert_eq!(made.header("location"), format!("{PATH}/{id}"));
    assert_eq!(made.text_at("/content_hash").len(), 64);
    for (at, expected) in [
        ("/name", json!("Regulars")),
        ("/description", json!("Who come\nagain")),
        ("/state", json!("active")),
        ("/text", json!("number_of_orders > 3")),
        ("/rule", json!({"field": "number_of_orders", "op": "gt", "value": 3})),
        ("/version", json!(1)),
        ("/created_by", json!(owner.user)),
        ("/notes", json!([])),
    ] {
        assert_eq!(made.at(at), expected, "{at}");
    }
    for path in [PATH, "/api/segments"] {
        let shown = owner.get(&world, &format!("{path}/{id}")).await;
        assert_eq!(shown.text_at("/text"), "number_of_orders > 3", "{path}");
    }

    world.clock.advance_seconds(60);
    let marketer = join(&world, &owner, "ma", "marketer").await;
    let body = json!({"description": null, "state": "paused", "version": 1});
    let changed = change(&world, &marketer, &id, &body).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let seen = ["/description", "/state", "/version", "/updated_by", "/created_by", "/content_hash"];
    let expected = json!([null, "paused", 2, marketer.user, owner.user, made.text_at("/content_hash")]);
    assert_eq!(json!(seen.map(|at| changed.at(at))), expected);
    assert!(changed.text_at("/updated_at") > made.text_at("/updated_at"));
    // Told once more, it says nothing new.
    let again = change(&world, &owner, &id, &json!({"state": "paused"})).await;
    assert_eq!((again.at("/version"), again.at("/updated_by")), (json!(2), json!(marketer.user)));
    let stale = change(&world, &owner, &id, &json!({"name": "x", "version": 1})).await;
    assert_eq!(told(&stale), (409, "changed_meanwhile".to_owned(), String::new()));

    let whole = json!({"name": "Friends", "filters": "EVERYONE", "isActive": true});
    let replaced = owner.call(&world, "PUT", &format!("/api/segments/{id}"), &whole).await;
    assert_eq!(replaced.status, 200, "{}", replaced.text);
    assert_eq!(
        json!(["/name", "/text", "/state", "/version"].map(|at| replaced.at(at))),
        json!(["Friends", "EVERYONE", "active", 3])
    );
    let part = owner.call(&world, "PUT", &format!("{PATH}/{id}"), &json!({"name": "Friends"})).await;
    assert_eq!(told(&part), (400, "missing_member".to_owned(), "/rule".to_owned()));

    assert_eq!(delete(&world, &owner, &id).await.status, 204);
    assert_eq!(owner.get(&world, &format!("{PATH}/{id}")).await.status, 404);
    assert_eq!(delete(&world, &owner, &id).await.status, 404);
    assert_eq!(names(&world, &owner, "").await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_wrong_with_a_segment_is_told_all_at_once() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let body =
        json!({"name": "", "description": "x".repeat(1_001), "state": "off", "rule": "amuont_spent > 5"});
    let answer = owner.post(&world, PATH, &body).await;
    let errors = answer.at("/errors").as_array().cloned().unwrap_or_default();
    let wrong: BTreeSet<_> = errors.iter().filter_map(|error| error["pointer"].as_str()).collect();
    assert_eq!((answer.status.as_u16(), wrong), (400, ["/description", "/name", "/rule", "/state"].into()));
    for (body, code, at) in [
        (json!({"rule": "EVERYONE"}), "missing_member", "/name"),
        (json!({"name": "a"}), "missing_member", "/rule"),
        (json!({"name": "a", "rule": {"all": []}}), "empty", "/rule"),
        (json!({"name": "a", "rule": "rfm_group = 'CHAMPIONS'"}), "unsupported", "/rule"),
        (json!({"name": "a", "rule": "segment MATCHES (id = 'nobody')"}), "unknown_segment", "/rule"),
        (json!({"name": "a", "rule": "EVERYONE", "size": 5}), "unknown_member", "/size"),
        (json!({"name": "a", "rule": "EVERYONE", "id": "x"}), "unknown_member", "/id"),
    ] {
        let answer = owner.post(&world, PATH, &body).await;
        assert_eq!(told(&answer), (400, code.to_owned(), at.to_owned()), "{body}: {}", answer.text);
    }
    assert_eq!(names(&world, &owner, "").await, Vec::<String>::new(), "and nothing is kept");
    // As the systems have it that merchants come from, with a word where it means not quite the same.
    let theirs = json!({"name": "Theirs", "filters": {"groups": [{"logic": "AND", "conditions": [
        {"field": "totalSpent", "operator": "gte", "value": 100}]}]}});
    let answer = owner.post(&world, "/api/segments", &theirs).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert!(answer.text_at("/text").starts_with("amount_spent >= 100"), "{}", answer.text);
}

#[tokio::test]
async fn a_name_is_had_once_whoever_asks_for_it_at_the_same_moment() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    let made = join_all((0..6).map(|_| make(&world, &owner, "Café", "EVERYONE"))).await;
    let of = |status| made.iter().filter(|answer| answer.status == status).count();
    assert_eq!((of(201), of(409)), (1, 5), "{:?}", made.iter().map(|it| &it.text).collect::<Vec<_>>());
    let taken = make(&world, &owner, "CAFE", "EVERYONE").await;
    assert_eq!(told(&taken).1, "name_taken");
    let other = segment(&world, &owner, "Tea", "EVERYONE").await;
    assert_eq!(told(&change(&world, &owner, &other, &json!({"name": "cafe"})).await).1, "name_taken");
    let own = change(&world, &owner, &other, &json!({"name": "TEA"})).await;
    assert_eq!(own.status, 200, "its own name is no other's: {}", own.text);
    let stranger = shop(&world, "stranger").await;
    assert_eq!(make(&world, &stranger, "Café", "EVERYONE").await.status, 201, "names are a tenant's own");
    assert_eq!(names(&world, &owner, "").await, ["Café", "TEA"]);
}

#[tokio::test]
async fn a_request_that_comes_twice_makes_one_segment() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    let body = json!({"name": "Once", "rule": "EVERYONE"});
    let call = world.post(PATH).bearer(&owner.access).header("idempotency-key", "k").json(&body);
    let answers = join_all((0..4).map(|_| call.send())).await;
    let ids: BTreeSet<_> = answers.iter().map(|answer| answer.text_at("/id")).collect();
    assert_eq!((answers.iter().all(|answer| answer.status == 201), ids.len()), (true, 1));
    assert_eq!(names(&world, &owner, "").await, ["Once"]);
}

#[tokio::test]
async fn segments_are_listed_a_page_at_a_time() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    for name in ["a", "b", "c", "d", "e"] {
        segment(&world, &owner, name, "EVERYONE").await;
        world.clock.advance_seconds(1);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let list = owner.get(&world, &format!("{PATH}?limit=2{cursor}")).await;
        assert_eq!(list.at("/total"), 5);
        let items = list.at("/items").as_array().cloned().unwrap_or_default();
        seen.extend(items.iter().map(|item| item["name"].as_str().unwrap_or_default().to_owned()));
        let Some(next) = list.at("/next").as_str().map(str::to_owned) else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn segments_name_each_other_and_never_themselves() {
    let world = World::new(6).await;
    let owner = shop(&world, "owner").await;
    let naming = |id: &str| json!({"rule": format!("segment MATCHES (id = '{id}')")});
    let first = segment(&world, &owner, "First", "number_of_orders > 1").await;
    let mut ids = vec![first.clone()];
    for name in ["Second", "Third", "Fourth", "Fifth", "Sixth"] {
        let rule = format!("segment MATCHES (id = '{}') AND amount_spent > 1", ids[ids.len() - 1]);
        ids.push(segment(&world, &owner, name, &rule).await);
    }
    let rule = format!("segment MATCHES (id = '{}')", ids[5]);
    let far = make(&world, &owner, "Seventh", &rule).await;
    assert_eq!(told(&far), (400, "too_far".to_owned(), "/rule".to_owned()));
    let own = change(&world, &owner, &first, &naming(&first)).await;
    assert_eq!(told(&own), (400, "circle".to_owned(), "/rule".to_owned()));
    let circle = change(&world, &owner, &first, &naming(&ids[2])).await;
    let says = "names 'Third', which names 'Second', which names this very segment";
    assert_eq!((told(&circle).1.as_str(), circle.text_at("/errors/0/detail").as_str()), ("circle", says));
    // Others would go too far by way of it.
    let other = segment(&world, &owner, "Other", "EVERYONE").await;
    let further = change(&world, &owner, &first, &naming(&other)).await;
    assert_eq!(told(&further).1, "too_far", "{}", further.text);
    assert!(
        further.text_at("/errors/0/detail").starts_with("'Sixth' names this segment"),
        "{}",
        further.text
    );

    let named = delete(&world, &owner, &ids[1]).await;
    assert_eq!(told(&named).1, "segment_in_use");
    assert!(named.text_at("/detail").contains("'Third'"), "{}", named.text);
    for id in ids.iter().rev() {
        assert_eq!(delete(&world, &owner, id).await.status, 204, "nobody names it any more");
    }
}

#[tokio::test]
async fn two_who_would_close_a_circle_at_one_moment_do_not() {
    for seed in 0..8 {
        let world = World::new(seed).await;
        let owner = shop(&world, "owner").await;
        let one = segment(&world, &owner, "One", "EVERYONE").await;
        let two = segment(&world, &owner, "Two", "EVERYONE").await;
        let naming = |id: &str| json!({"rule": format!("segment MATCHES (id = '{id}')")});
        let (to_two, to_one) = (naming(&two), naming(&one));
        let told = [(&one, &to_two), (&two, &to_one)].map(|(id, body)| change(&world, &owner, id, body));
        let statuses: Vec<_> = join_all(told).await.iter().map(|it| it.status.as_u16()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{seed}: {statuses:?}");
    }
}

#[tokio::test]
async fn whoever_is_in_a_segment_that_is_named_is_found() {
    let world = World::new(7).await;
    let owner = shop(&world, "owner").await;
    for (name, tags) in [("Ada", vec!["vip"]), ("Bob", vec!["vip", "old"]), ("Zoe", vec![])] {
        made(&world, &owner, &json!({"name": name, "tags": tags})).await;
    }
    let vip = segment(&world, &owner, "VIP", "customer_tags CONTAINS 'vip'").await;
    let young = format!("segment MATCHES (id = '{vip}') AND customer_tags NOT CONTAINS 'old'");
    let young = segment(&world, &owner, "Young", &young).await;
    for (rule, expected) in [
        (format!("segment MATCHES (id = '{young}')"), vec!["Ada"]),
        (format!("segment NOT MATCHES (id = '{young}')"), vec!["Bob", "Zoe"]),
        (format!("segment MATCHES (id = '{vip}') AND segment NOT MATCHES (id = '{young}')"), vec!["Bob"]),
    ] {
        let answer = owner.post(&world, "/api/v1/segments/preview", &json!({"rule": rule})).await;
        assert_eq!(answer.status, 200, "{rule}: {}", answer.text);
        let sample = answer.at("/sample").as_array().cloned().unwrap_or_default();
        let names: BTreeSet<_> = sample.iter().filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(names, expected.into_iter().collect(), "{rule}");
        let valid = owner.post(&world, "/api/v1/segments/validate", &json!({"rule": rule})).await;
        assert_eq!(valid.at("/valid"), true, "{rule}: {}", valid.text);
    }
    let rule = json!({"rule": format!("segment MATCHES (id = '{young}')")});
    let stranger = shop(&world, "stranger").await.post(&world, "/api/v1/segments/preview", &rule).await;
    assert_eq!(
        told(&stranger),
        (400, "unsupported".to_owned(), "/rule".to_owned()),
        "it is another tenant's"
    );
}

#[tokio::test]
async fn an_edit_says_before_who_joins_and_who_leaves() {
    let world = World::new(8).await;
    let owner = shop(&world, "owner").await;
    for (name, tags) in [("Ada", vec!["a"]), ("Bob", vec!["a", "b"]), ("Zoe", vec!["b"]), ("Nam", vec![])] {
        made(&world, &owner, &json!({"name": name, "tags": tags})).await;
    }
    let id = segment(&world, &owner, "A", "customer_tags CONTAINS 'a'").await;
    let path = format!("{PATH}/{id}/preview");
    let answer = owner.post(&world, &path, &json!({"rule": "customer_tags CONTAINS 'b'"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!((answer.at("/before"), answer.at("/total")), (json!(2), json!(2)));
    for (part, name) in [("joining", "Zoe"), ("leaving", "Ada")] {
        assert_eq!(answer.at(&format!("/{part}/count")), 1, "{part}");
        assert_eq!(answer.text_at(&format!("/{part}/sample/0/name")), name, "{part}");
    }
    assert_eq!(owner.get(&world, &format!("{PATH}/{id}")).await.at("/version"), 1, "nothing is saved");
    let rule = json!({"rule": format!("segment MATCHES (id = '{id}')")});
    assert_eq!(
        told(&owner.post(&world, &path, &rule).await).1,
        "circle",
        "what could not be saved is refused"
    );
}

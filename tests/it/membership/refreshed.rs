//! Segments that are refreshed on demand, and held against each other (SEG-07, SEG-11).

use super::{PATH, count, house, list, members, moves, segment, store_of};
use crate::customers::{made, shop, told};
use local::World;
use serde_json::{Value, json};

#[tokio::test]
async fn a_refresh_tells_who_joins_and_leaves_and_has_it_done() {
    let world = World::new(1).await;
    let owner = house(&world, "owner").await;
    let store = store_of(&world, &owner);
    let ada = made(&world, &owner, &json!({"name": "Ada"})).await;
    // By the hour: between two of them it is behind.
    let id = segment(&world, &owner, "New", "customer_added_date > -1h").await;
    let path = format!("{PATH}/{id}/refresh");
    let first = owner.post(&world, &path, &json!({})).await;
    assert_eq!(
        (first.status.as_u16(), first.at("/added"), first.at("/is_settled")),
        (200, json!(1), json!(false))
    );
    world.settle().await;
    assert_eq!(count(&world, &owner, &id).await, 1);
    world.clock.advance_seconds(3_610);
    // Whoever changes is asked at once: so somebody else joins, and Ada is still in it.
    let bob = made(&world, &owner, &json!({"name": "Bob"})).await;
    let told = owner.post(&world, &format!("{PATH}/{id}/recompute"), &json!({})).await;
    let shown = ["added", "removed", "total"].map(|name| told.at(&format!("/{name}")));
    assert_eq!(shown, [1, 1, 1].map(Value::from), "{}", told.text);
    world.settle().await;
    assert_eq!(members(&store, &id).await, [bob].into());
    let left = moves(&world, &owner, &ada).await;
    assert_eq!(left.last().map(|(kind, _)| kind.as_str()), Some("segment_left"), "{left:?}");
    let again = owner.post(&world, &path, &json!({})).await;
    let shown = ["added", "removed", "total", "is_settled"].map(|name| again.at(&format!("/{name}")));
    assert_eq!(shown, [json!(0), json!(0), json!(1), json!(true)], "{}", again.text);
}

#[tokio::test]
async fn what_is_not_kept_by_a_rule_is_not_refreshed() {
    let world = World::new(2).await;
    let owner = house(&world, "owner").await;
    let friends = list(&world, &owner, "Friends").await;
    let id = segment(&world, &owner, "All", "EVERYONE").await;
    let paused = json!({"state": "paused"});
    assert_eq!(owner.call(&world, "PATCH", &format!("{PATH}/{id}"), &paused).await.status, 200);
    let other = shop(&world, "other").await;
    for (who, id, expected) in [
        (&owner, friends.as_str(), (409, "is_a_list")),
        (&owner, &id, (409, "paused")),
        (&owner, "none", (404, "not_found")),
        (&other, &id, (404, "not_found")),
    ] {
        let (status, code, _) = told(&who.post(&world, &format!("{PATH}/{id}/refresh"), &json!({})).await);
        assert_eq!((status, code.as_str()), expected, "{id}");
    }
}

#[tokio::test]
async fn segments_are_held_against_each_other() {
    let world = World::new(3).await;
    let owner = house(&world, "owner").await;
    for (name, tags) in
        [("Ada", json!(["a", "b"])), ("Bob", json!(["a"])), ("Cyd", json!(["b"])), ("Dan", json!([]))]
    {
        made(&world, &owner, &json!({"name": name, "tags": tags})).await;
    }
    let a = segment(&world, &owner, "A", "customer_tags CONTAINS 'a'").await;
    let b = segment(&world, &owner, "B", "customer_tags CONTAINS 'b'").await;
    let none = list(&world, &owner, "Nobody").await;
    world.settle().await;
    let path = format!("{PATH}/overlap");
    let answer = owner.post(&world, &path, &json!({"segmentIds": [a, b, none]})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.at("/segments/0"), json!({"id": a, "name": "A", "count": 2}));
    let overlaps = json!([
        {"segments": [a, b], "count": 1, "share_of_first": 0.5, "share_of_second": 0.5, "share_of_either": 0.3333},
        {"segments": [a, none], "count": 0, "share_of_first": 0.0, "share_of_second": null, "share_of_either": 0.0},
        {"segments": [b, none], "count": 0, "share_of_first": 0.0, "share_of_second": null, "share_of_either": 0.0},
    ]);
    assert_eq!(
        (answer.at("/overlaps"), answer.at("/in_all"), answer.at("/in_any")),
        (overlaps, json!(0), json!(3))
    );

    let other = shop(&world, "other").await;
    let theirs = segment(&world, &other, "Theirs", "EVERYONE").await;
    let many: Vec<_> = (0..11).map(|n| format!("x{n}")).collect();
    for (ids, expected) in [
        (json!([a]), (400, "out_of_range", "/segments")),
        (json!([]), (400, "out_of_range", "/segments")),
        (json!(many), (400, "out_of_range", "/segments")),
        (json!([a, a]), (400, "twice", "/segments/1")),
        (json!([a, theirs]), (404, "not_found", "")),
        (json!([a, "none"]), (404, "not_found", "")),
    ] {
        let (status, code, at) = told(&owner.post(&world, &path, &json!({"segments": ids})).await);
        assert_eq!((status, code.as_str(), at.as_str()), expected, "{ids}");
    }
}

#[tokio::test]
async fn a_rule_that_cannot_be_read_any_more_says_so() {
    let world = World::new(4).await;
    let owner = house(&world, "owner").await;
    let id = segment(&world, &owner, "Fine", "amount_spent > 50.5").await;
    let all = segment(&world, &owner, "Names it", &format!("segment NOT MATCHES (id = '{id}')")).await;
    let yen = owner.call(&world, "PATCH", "/api/v1/tenants/me", &json!({"currency": "JPY"})).await;
    assert_eq!(yen.status, 200, "{}", yen.text);
    let shown = owner.get(&world, &format!("{PATH}/{id}")).await;
    assert_eq!(
        (shown.status.as_u16(), shown.text_at("/state").as_str()),
        (200, "unreadable"),
        "{}",
        shown.text
    );
    assert_eq!((shown.at("/rule"), shown.text_at("/text").as_str()), (json!(null), "amount_spent > 50.50"));
    assert!(shown.at("/errors/0/code").is_string());
    made(&world, &owner, &json!({"name": "Ada"})).await;
    world.settle().await;
    assert_eq!(owner.get(&world, PATH).await.at("/total"), 2);
    assert_eq!(count(&world, &owner, &all).await, 1, "who names it goes on");
    for path in [format!("{PATH}/{id}/refresh"), format!("{PATH}/{id}/preview")] {
        let (status, code, _) = told(&owner.post(&world, &path, &json!({"rule": "EVERYONE"})).await);
        assert!(
            (status, code.as_str()) == (409, "unreadable_rule") || status == 400,
            "{path}: {status} {code}"
        );
    }
    let rule = json!({"rule": "amount_spent > 50"});
    let mended = owner.call(&world, "PATCH", &format!("{PATH}/{id}"), &rule).await;
    assert_eq!(
        (mended.status.as_u16(), mended.text_at("/state").as_str()),
        (200, "active"),
        "{}",
        mended.text
    );
    let used = owner.call(&world, "DELETE", &format!("{PATH}/{id}"), &json!({})).await;
    assert_eq!(told(&used).1, "segment_in_use");
}

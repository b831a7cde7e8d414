//! Lists: customers are put on them by hand, and stay whatever becomes of them (SEG-14).

use super::{count, house, list, members, moves, must_be_as_from_nothing, segment, store_of};
use crate::customers::{made, told};
use flows::Clock;
use futures::future::join_all;
use local::World;
use serde_json::json;

#[tokio::test]
async fn customers_are_put_on_a_list_by_id_or_address_and_taken_off() {
    let world = World::new(1).await;
    let owner = house(&world, "owner").await;
    let store = store_of(&world, &owner);
    let ada = made(&world, &owner, &json!({"name": "Ada", "email": "ada@example.com", "tags": ["x"]})).await;
    let bob = made(&world, &owner, &json!({"name": "Bob", "email": "bob@example.com"})).await;
    let id = list(&world, &owner, "Friends").await;
    let shown = owner.get(&world, &format!("/api/v1/segments/{id}")).await;
    assert_eq!((shown.at("/kind"), shown.at("/rule")), (json!("static"), json!(null)));
    let path = format!("/api/v1/segments/{id}/members");
    let body = json!({"customers": [ada, "s404", "?"], "emails": ["BOB@example.com", "nobody@example.com"]});
    let put = owner.post(&world, &path, &body).await;
    assert_eq!(put.status, 200, "{}", put.text);
    assert_eq!((put.at("/moved"), put.at("/unchanged")), (json!(2), json!(0)));
    let mut unknown: Vec<_> = put.at("/unknown").as_array().cloned().unwrap_or_default();
    unknown.sort_by_key(ToString::to_string);
    assert_eq!(unknown, [json!("?"), json!("nobody@example.com"), json!("s404")]);
    let again = owner.post(&world, &path, &json!({"customers": [ada]})).await;
    assert_eq!((again.at("/moved"), again.at("/unchanged")), (json!(0), json!(1)));
    assert_eq!(members(&store, &id).await, [ada.clone(), bob.clone()].into(), "at once");

    // What becomes of them is nothing to the list.
    let untagged = json!({"tags": []});
    assert_eq!(owner.call(&world, "PATCH", &format!("/api/v1/customers/{ada}"), &untagged).await.status, 200);
    world.settle().await;
    assert_eq!(count(&world, &owner, &id).await, 2);
    let off = owner.post(&world, &format!("{path}/remove"), &json!({"emails": ["ada@example.com"]})).await;
    assert_eq!(off.at("/moved"), 1, "{}", off.text);
    let told_moves = [("segment_joined", "Friends"), ("segment_left", "Friends")];
    assert_eq!(
        moves(&world, &owner, &ada).await,
        told_moves.map(|(kind, name)| (kind.to_owned(), name.to_owned()))
    );
    assert_eq!(members(&store, &id).await, [bob].into());
}

#[tokio::test]
async fn whoever_names_a_list_follows_it() {
    let world = World::new(2).await;
    let owner = house(&world, "owner").await;
    let store = store_of(&world, &owner);
    let ada = made(&world, &owner, &json!({"name": "Ada"})).await;
    let bob = made(&world, &owner, &json!({"name": "Bob"})).await;
    let friends = list(&world, &owner, "Friends").await;
    let others = segment(&world, &owner, "Others", &format!("list NOT MATCHES (id = '{friends}')")).await;
    let same = segment(&world, &owner, "Same", &format!("segment MATCHES (id = '{friends}')")).await;
    world.settle().await;
    assert_eq!(members(&store, &others).await, [ada.clone(), bob.clone()].into());
    owner.post(&world, &format!("/api/v1/segments/{friends}/members"), &json!({"customers": [ada]})).await;
    let asked = json!({"rule": format!("list MATCHES (id = '{friends}')")});
    let preview = owner.post(&world, "/api/v1/segments/preview", &asked).await;
    assert_eq!((preview.at("/total"), preview.text_at("/sample/0/name")), (json!(1), "Ada".to_owned()));
    world.settle().await;
    assert_eq!(members(&store, &others).await, [bob].into());
    assert_eq!(members(&store, &same).await, [ada.clone()].into());
    assert_eq!(moves(&world, &owner, &ada).await.len(), 3, "onto the list, into one and out of the other");
    must_be_as_from_nothing(&world, &store, world.clock.now(), "with a list").await;
    let ended = owner.call(&world, "DELETE", &format!("/api/v1/segments/{friends}"), &json!({})).await;
    assert_eq!(told(&ended).1, "segment_in_use");
}

#[tokio::test]
async fn a_list_is_no_rule_and_a_rule_is_no_list() {
    let world = World::new(3).await;
    let owner = house(&world, "owner").await;
    let ada = made(&world, &owner, &json!({"name": "Ada"})).await;
    let friends = list(&world, &owner, "Friends").await;
    let dynamic = segment(&world, &owner, "All", "EVERYONE").await;
    let refused = async |method: &str, path: String, body: serde_json::Value| {
        let answer = owner.call(&world, method, &path, &body).await;
        (told(&answer).1, told(&answer).2)
    };
    let own = |code: &str, at: &str| (code.to_owned(), at.to_owned());
    let path = |id: &str| format!("/api/v1/segments/{id}");
    let named = json!({"name": "x", "kind": "static", "rule": "EVERYONE"});
    assert_eq!(refused("POST", "/api/v1/segments".to_owned(), named).await, own("is_a_list", "/rule"));
    let other = json!({"name": "x", "kind": "smart", "rule": "EVERYONE"});
    assert_eq!(refused("POST", "/api/v1/segments".to_owned(), other).await, own("invalid", "/kind"));
    for (id, body, expected) in [
        (&friends, json!({"rule": "EVERYONE"}), own("is_a_list", "/rule")),
        (&friends, json!({"state": "paused"}), own("is_a_list", "/state")),
        (&friends, json!({"kind": "dynamic"}), own("final", "/kind")),
        (&dynamic, json!({"kind": "static"}), own("final", "/kind")),
        (&dynamic, json!({"rule": format!("list MATCHES (id = '{dynamic}')")}), own("unknown_list", "/rule")),
    ] {
        assert_eq!(refused("PATCH", path(id), body).await, expected);
    }
    let put = json!({"customers": [ada]});
    assert_eq!(refused("POST", format!("{}/members", path(&dynamic)), put).await.0, "not_a_list");
    assert_eq!(
        refused("POST", format!("{}/members", path(&friends)), json!({})).await,
        own("out_of_range", "/customers")
    );
    let rule = json!({"rule": "EVERYONE"});
    assert_eq!(refused("POST", format!("{}/preview", path(&friends)), rule).await.0, "is_a_list");
}

#[tokio::test]
async fn all_who_are_put_on_a_list_at_one_moment_are_on_it() {
    let world = World::new(4).await;
    let owner = house(&world, "owner").await;
    let mut ids = Vec::new();
    for name in 0..8 {
        ids.push(made(&world, &owner, &json!({"name": format!("Jo {name}")})).await);
    }
    let friends = list(&world, &owner, "Friends").await;
    world.settle().await;
    let path = format!("/api/v1/segments/{friends}/members");
    let bodies: Vec<_> = ids.iter().map(|id| json!({"customers": [id]})).collect();
    let put = join_all(bodies.iter().map(|body| owner.post(&world, &path, body))).await;
    assert!(
        put.iter().all(|answer| answer.at("/moved") == 1),
        "{:?}",
        put.iter().map(|it| &it.text).collect::<Vec<_>>()
    );
    world.settle().await;
    assert_eq!(count(&world, &owner, &friends).await, 8);
}

#[tokio::test]
async fn whoever_two_customers_become_has_the_places_of_both() {
    let world = World::new(4).await;
    let owner = house(&world, "owner").await;
    let store = store_of(&world, &owner);
    let ada = made(&world, &owner, &json!({"name": "Ada"})).await;
    let twin = made(&world, &owner, &json!({"name": "Ada L"})).await;
    let (one, two) = (list(&world, &owner, "One").await, list(&world, &owner, "Two").await);
    for (id, who) in [(&one, &twin), (&two, &ada), (&two, &twin)] {
        let put =
            owner.post(&world, &format!("/api/v1/segments/{id}/members"), &json!({"customers": [who]})).await;
        assert_eq!(put.at("/moved"), 1, "{}", put.text);
    }
    world.clock.advance_seconds(1);
    let merged = owner.post(&world, &format!("/api/v1/customers/{twin}/merge"), &json!({"into": ada})).await;
    assert_eq!(merged.status, 200, "{}", merged.text);
    world.settle().await;
    assert_eq!(members(&store, &one).await, [ada.clone()].into());
    assert_eq!(members(&store, &two).await, [ada.clone()].into());
    let told_moves = [("segment_joined", "Two"), ("segment_joined", "One")];
    assert_eq!(
        moves(&world, &owner, &ada).await,
        told_moves.map(|(kind, name)| (kind.to_owned(), name.to_owned()))
    );
}

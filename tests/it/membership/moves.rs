//! Customers join and leave as they change, and their timelines tell it (SEG-06, 07, 08, 14).

use super::{count, house, list, members, moves, must_be_as_from_nothing, segment, store_of};
use crate::{customers::made, orders::ordered};
use flows::Clock;
use local::World;
use serde_json::json;
use store::local::Units;

#[tokio::test]
async fn an_order_brings_somebody_in_and_its_refund_takes_them_out() {
    let world = World::new(1).await;
    let owner = house(&world, "owner").await;
    let store = store_of(&world, &owner);
    let ada = made(&world, &owner, &json!({"name": "Ada"})).await;
    let bob = made(&world, &owner, &json!({"name": "Bob"})).await;
    ordered(&world, &owner, &json!({"customer_id": bob, "total": "70", "status": "paid"})).await;
    let id = segment(&world, &owner, "Spenders", "amount_spent > 50").await;
    world.settle().await;
    assert_eq!(
        (count(&world, &owner, &id).await, members(&store, &id).await),
        (json!(1), [bob.clone()].into())
    );
    assert_eq!(moves(&world, &owner, &bob).await, [], "the segment came to him");

    let order = json!({"customer_id": ada, "total": "60", "status": "paid"});
    let order = ordered(&world, &owner, &order).await.text_at("/id");
    // What is under way ends within a minute; nobody asks for it.
    world.settle().await;
    assert_eq!(members(&store, &id).await, [ada.clone(), bob].into());
    let refunded = json!({"status": "refunded"});
    let path = format!("/api/v1/orders/{order}");
    assert_eq!(owner.call(&world, "PATCH", &path, &refunded).await.status, 200);
    world.settle().await;
    assert_eq!(count(&world, &owner, &id).await, 1);
    let told = [("segment_joined", "Spenders"), ("segment_left", "Spenders")];
    assert_eq!(
        moves(&world, &owner, &ada).await,
        told.map(|(kind, name)| (kind.to_owned(), name.to_owned()))
    );
    must_be_as_from_nothing(&world, &store, world.clock.now(), "in the end").await;
}

#[tokio::test]
async fn whoever_is_new_joins_and_whoever_is_gone_leaves() {
    let world = World::new(2).await;
    let owner = house(&world, "owner").await;
    let store = store_of(&world, &owner);
    let everyone = segment(&world, &owner, "All", "EVERYONE").await;
    world.settle().await;
    assert_eq!(count(&world, &owner, &everyone).await, 0);
    let ada = made(&world, &owner, &json!({"name": "Ada", "email": "ada@example.com"})).await;
    let bob = made(&world, &owner, &json!({"name": "Bob", "email": "bob@example.com"})).await;
    world.settle().await;
    assert_eq!(members(&store, &everyone).await, [ada.clone(), bob.clone()].into());
    assert_eq!(moves(&world, &owner, &ada).await, [("segment_joined".to_owned(), "All".to_owned())]);

    let friends = list(&world, &owner, "Friends").await;
    let both = json!({"customers": [ada, bob]});
    let put = owner.post(&world, &format!("/api/v1/segments/{friends}/members"), &both).await;
    assert_eq!(put.at("/moved"), 2, "{}", put.text);
    let merged = owner.post(&world, &format!("/api/v1/customers/{ada}/merge"), &json!({"into": bob})).await;
    assert_eq!(merged.status, 200, "{}", merged.text);
    world.settle().await;
    assert_eq!(
        (count(&world, &owner, &everyone).await, count(&world, &owner, &friends).await),
        (json!(1), json!(1))
    );
    let erased = owner.call(&world, "DELETE", &format!("/api/v1/customers/{bob}"), &json!({})).await;
    assert!(erased.status.is_success(), "{}", erased.text);
    world.settle().await;
    assert_eq!(
        (count(&world, &owner, &everyone).await, count(&world, &owner, &friends).await),
        (json!(0), json!(0))
    );
    // Their slots are nobody's for good: who comes next is on no list.
    made(&world, &owner, &json!({"name": "Zoe"})).await;
    world.settle().await;
    assert_eq!(
        (count(&world, &owner, &everyone).await, count(&world, &owner, &friends).await),
        (json!(1), json!(0))
    );
}

#[tokio::test]
async fn an_edit_a_pause_and_an_end_are_settled() {
    let world = World::new(3).await;
    let owner = house(&world, "owner").await;
    let store = store_of(&world, &owner);
    let ada = made(&world, &owner, &json!({"name": "Ada", "tags": ["a"]})).await;
    let bob = made(&world, &owner, &json!({"name": "Bob", "tags": ["b"]})).await;
    let id = segment(&world, &owner, "A", "customer_tags CONTAINS 'a'").await;
    let naming = segment(&world, &owner, "Not A", &format!("segment NOT MATCHES (id = '{id}')")).await;
    world.settle().await;
    assert_eq!(
        (members(&store, &id).await, members(&store, &naming).await),
        ([ada.clone()].into(), [bob.clone()].into())
    );
    let change = async |body| {
        let path = format!("/api/v1/segments/{id}");
        assert_eq!(owner.call(&world, "PATCH", &path, &body).await.status, 200);
        world.settle().await;
    };
    change(json!({"rule": "customer_tags CONTAINS 'b'"})).await;
    assert_eq!(
        (members(&store, &id).await, members(&store, &naming).await),
        ([bob.clone()].into(), [ada.clone()].into())
    );
    assert_eq!(moves(&world, &owner, &ada).await, [], "an edit is nobody's doing");

    change(json!({"state": "paused"})).await;
    let untagged = json!({"tags": []});
    let path = format!("/api/v1/customers/{bob}");
    assert_eq!(owner.call(&world, "PATCH", &path, &untagged).await.status, 200);
    world.settle().await;
    assert_eq!(members(&store, &id).await, [bob.clone()].into(), "nobody leaves what is paused");
    let asked = json!({"rule": format!("segment MATCHES (id = '{id}')")});
    let preview = owner.post(&world, "/api/v1/segments/preview", &asked).await;
    assert_eq!((preview.at("/total"), preview.text_at("/sample/0/name")), (json!(1), "Bob".to_owned()));
    must_be_as_from_nothing(&world, &store, world.clock.now(), "while one is paused").await;
    change(json!({"state": "active"})).await;
    assert_eq!((members(&store, &id).await, members(&store, &naming).await), ([].into(), [ada, bob].into()));

    for id in [&naming, &id] {
        let ended = owner.call(&world, "DELETE", &format!("/api/v1/segments/{id}"), &json!({})).await;
        assert_eq!(ended.status, 204, "{}", ended.text);
    }
    world.settle().await;
    let left = store.membership(columns::ShardNumber(0)).await.expect("memory holds");
    assert!(left.members.is_empty(), "nothing is left of them: {left:?}");
    assert!(left.settlement.is_some_and(|settled| settled.segments.is_empty()));
}

#[tokio::test]
async fn another_shops_customers_are_in_no_segment_of_this_one() {
    let world = World::new(4).await;
    let (mine, theirs) = (house(&world, "mine").await, house(&world, "theirs").await);
    for owner in [&mine, &theirs] {
        made(&world, owner, &json!({"name": "Jo"})).await;
        segment(&world, owner, "All", "EVERYONE").await;
    }
    made(&world, &theirs, &json!({"name": "Bo"})).await;
    world.settle().await;
    for (owner, expected) in [(&mine, 1), (&theirs, 2)] {
        let list = owner.get(&world, "/api/v1/segments").await;
        assert_eq!(list.at("/items/0/count"), expected, "{}", list.text);
    }
}

#[tokio::test]
async fn a_new_segment_costs_a_bitmap_and_a_settlement_for_each_shard() {
    let world = World::new(5).await;
    let owner = house(&world, "owner").await;
    for name in 0..40 {
        made(
            &world,
            &owner,
            &json!({"name": format!("Jo {name}"), "tags": [if name % 2 == 0 { "a" } else { "b" }]}),
        )
        .await;
    }
    segment(&world, &owner, "All", "EVERYONE").await;
    world.settle().await;
    let task = json!({"task": "keep_shard", "tenant": owner.tenant, "shard": 0}).to_string();
    let keep = async || world.deliver(domain::Queue::Audience, &task).await.expect("it is done");
    let spent = async || {
        let before = world.table.ledger();
        keep().await;
        world.table.ledger().since(&before).writes
    };
    assert_eq!(spent().await, Units::whole(0), "what is settled costs no write");
    segment(&world, &owner, "A", "customer_tags CONTAINS 'a'").await;
    assert_eq!(spent().await, Units::whole(2), "a bitmap and the settlement");
}

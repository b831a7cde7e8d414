//! Who watches hears how many are in segments, as that changes.

use super::{PATH, list, segment, store_of};
use crate::{
    customers::{made, shop},
    live::watching,
};
use domain::Task;
use flows::Clock;
use local::{World, world::Watcher};
use serde_json::{Value, json};

/// What was told of counts, message by message.
fn counts(watcher: &mut Watcher<'_>) -> Vec<Value> {
    let heard = watcher.hear().into_iter();
    heard
        .filter(|message| message["event"] == "segments:counts")
        .map(|message| message["data"].clone())
        .collect()
}

fn told(id: &str, count: u64) -> Value {
    json!([{"segment_id": id, "count": count}])
}

#[tokio::test]
async fn a_change_of_a_count_is_heard_by_its_tenant_alone() {
    let world = World::new(1).await;
    let (owner, other) = (shop(&world, "owner").await, shop(&world, "other").await);
    made(&world, &owner, &json!({"name": "Ada", "tags": ["a"]})).await;
    let id = segment(&world, &owner, "A", "customer_tags CONTAINS 'a'").await;
    world.settle().await;
    assert_eq!(
        world.table.dump().expect("memory holds").iter().filter(|it| it.key.sk == "COUNTED").count(),
        0
    );

    let (mut mine, mut theirs) = (watching(&world, &owner).await, watching(&world, &other).await);
    for name in ["Bob", "Cyd", "Dan"] {
        made(&world, &owner, &json!({"name": name, "tags": ["a"]})).await;
    }
    world.settle().await;
    assert_eq!(counts(&mut mine), [told(&id, 4)], "three changes at once are told once");
    made(&world, &owner, &json!({"name": "Eve"})).await;
    world.settle().await;
    assert_eq!(counts(&mut mine), Vec::<Value>::new(), "nothing has changed");

    // Of several it is told of those that have changed. A list's are told, too.
    let friends = list(&world, &owner, "Friends").await;
    world.settle().await;
    let bob = made(&world, &owner, &json!({"name": "Bob"})).await;
    let put = json!({"customers": [bob]});
    assert_eq!(owner.post(&world, &format!("{PATH}/{friends}/members"), &put).await.status, 200);
    world.settle().await;
    let heard = counts(&mut mine);
    assert_eq!(heard.last(), Some(&told(&friends, 1)), "{heard:?}");
    assert_eq!(counts(&mut theirs), Vec::<Value>::new(), "another tenant's hears nothing");
}

#[tokio::test]
async fn the_last_change_is_always_told() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let store = store_of(&world, &owner);
    let id = segment(&world, &owner, "All", "EVERYONE").await;
    world.settle().await;
    let mut mine = watching(&world, &owner).await;
    // Whoever was asked has died: nothing is told until somebody has waited for long enough, and then all.
    let asked = store::Counted { asked_at: Some(world.clock.now()), ..store::Counted::default() };
    let (step, _) = store.counted_changed(None, asked, world.clock.now());
    store.commit(vec![step]).await.expect("memory holds");
    made(&world, &owner, &json!({"name": "Ada"})).await;
    world.settle().await;
    assert_eq!(counts(&mut mine), Vec::<Value>::new());
    world.clock.advance_seconds(15);
    made(&world, &owner, &json!({"name": "Bob"})).await;
    world.settle().await;
    assert_eq!(counts(&mut mine), [told(&id, 2)]);

    // While it is being told, another change asks anew: whoever tells says first that they have begun.
    let task = serde_json::to_string(&Task::TellCounts { tenant: store.id() }).expect("a task is JSON");
    made(&world, &owner, &json!({"name": "Cyd"})).await;
    for _ in 0..2 {
        world.deliver(domain::Queue::Sync, &task).await.expect("it is told");
    }
    world.settle().await;
    assert_eq!(counts(&mut mine).last(), Some(&told(&id, 3)));
}

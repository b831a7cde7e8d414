//! Who watches sees a campaign's counts climb (RT-09).

use crate::{
    customers::{made, shop},
    links::launched,
    live::watching,
};
use domain::{Queue, Task};
use local::{World, world::Watcher};
use serde_json::{Value, json};

fn heard(watcher: &mut Watcher<'_>) -> Vec<Value> {
    let heard = watcher.hear().into_iter();
    heard
        .filter(|message| message["event"] == "campaigns:counts")
        .map(|message| message["data"].clone())
        .collect()
}

fn letter(name: &str) -> Value {
    json!({"name": name, "kind": "newsletter", "rule": "EVERYONE", "subject": "Hi",
        "html": "<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>"})
}

async fn people(world: &World, owner: &crate::cast::Person, count: usize) {
    for number in 0..count {
        let agreed = json!({"state": "subscribed"});
        let body = json!({"email": format!("ada{number}@example.com"), "email_consent": agreed});
        made(world, owner, &body).await;
    }
}

#[tokio::test]
async fn from_the_launch_on_counts_climb_for_their_tenant_alone() {
    let world = World::new(1).await;
    let (owner, other) = (shop(&world, "owner").await, shop(&world, "other").await);
    people(&world, &owner, 30).await;
    world.settle().await;
    let (mut mine, mut theirs) = (watching(&world, &owner).await, watching(&world, &other).await);
    let id = launched(&world, &owner, &letter("Spring")).await;
    let told = heard(&mut mine);
    assert!(told.len() >= 2, "it is told more than once: {told:?}");
    assert!(told.iter().all(|told| told["campaign_id"] == json!(id)));
    let climbed: Vec<u64> = told.iter().filter_map(|told| told["delivered"].as_u64()).collect();
    assert!(climbed.is_sorted() && climbed.last() == Some(&30), "{climbed:?}");
    for (before, after) in told.iter().zip(&told[1..]) {
        assert_ne!(before, after, "nothing is told twice");
    }
    let last = told.last().expect("it was told");
    assert_eq!((&last["status"], &last["chosen"], &last["pending"]), (&json!("sent"), &json!(30), &json!(0)));
    assert_eq!(heard(&mut theirs), Vec::<Value>::new(), "another tenant's hears nothing");
    // Told again, it says nothing new.
    let task = Task::TellCampaign { tenant: owner.tenant.parse().unwrap(), campaign: id.parse().unwrap() };
    world.deliver(Queue::Sync, &serde_json::to_string(&task).unwrap()).await.unwrap();
    world.settle().await;
    assert_eq!(heard(&mut mine), Vec::<Value>::new());
}

#[tokio::test]
async fn where_nobody_watches_nothing_is_told_and_nothing_is_kept() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    people(&world, &owner, 3).await;
    launched(&world, &owner, &letter("Spring")).await;
    let all = world.table.dump().expect("memory holds");
    assert_eq!(all.iter().filter(|item| item.key.sk.starts_with("HEARD#")).count(), 0);
}

#[tokio::test]
async fn a_large_campaign_is_told_more_rarely() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    people(&world, &owner, 2).await;
    let id = launched(&world, &owner, &letter("Spring")).await.parse().unwrap();
    let store = world.store_of(owner.tenant.parse().unwrap());
    let chunk = store.campaign_chunk(id, 0).await.unwrap().unwrap();
    for number in 1..2_400 {
        let (step, _) = store.chunk_put(id, number, None, domain::campaign::Chunk::clone(&chunk));
        store.commit(vec![step]).await.unwrap();
    }
    let now = flows::Clock::now(&*world.clock);
    let mut mine = watching(&world, &owner).await;
    let task = serde_json::to_string(&Task::TellCampaign { tenant: store.id(), campaign: id }).unwrap();
    world.deliver(Queue::Sync, &task).await.unwrap();
    assert_eq!(heard(&mut mine).len(), 1);
    let heard = store.campaign_heard(id).await.unwrap().unwrap();
    assert_eq!(
        heard.not_before,
        Some(now + std::time::Duration::from_secs(6)),
        "600 units, a hundred a second"
    );
    flows::climbing::changed(&store, &*world.ports.tasks, id, now).await.unwrap();
    let asked = store.campaign_heard(id).await.unwrap().unwrap();
    assert_eq!(asked.asked_for, heard.not_before);
}

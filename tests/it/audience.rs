//! The audience is kept by whoever is nudged, through the queue.

use columns::{Family, ShardNumber};
use domain::{Customer, CustomerId, Task, TenantId, Timestamp, customer::CustomerKind};
use flows::{Clock, Tasks};
use local::World;
use store::{GATHERED_FROM, Orders, TenantStore};

const SHARD: ShardNumber = ShardNumber(0);

fn store(world: &World) -> TenantStore {
    world.store_of(TenantId::new(Timestamp::UNIX_EPOCH, [3; 10]))
}

async fn people(world: &World, store: &TenantStore, count: usize) {
    for _ in 0..count {
        let slot = store.slots_taken(1, 0).await.expect("a slot");
        let id = CustomerId::Shopify(u64::from(slot.0) + 1);
        let person = Customer::new(id, slot.0, CustomerKind::Person, world.clock.now());
        store.commit(vec![store.customer_made(&person, Orders::new())]).await.expect("a customer");
    }
}

async fn nudged(world: &World, task: Task) {
    world.tasks.leave(vec![task.clone().into(), task.into()]).await.expect("a nudge");
    world.settle().await;
}

#[tokio::test]
async fn changed_rows_are_gathered_and_then_folded_once_they_are_many() {
    let world = World::new(1).await;
    let store = store(&world);
    let task = Task::KeepShard { tenant: store.id(), shard: 0 };
    people(&world, &store, GATHERED_FROM - 1).await;
    nudged(&world, task.clone()).await;
    assert_eq!(store.shard(SHARD).await.expect("a shard").changed(), GATHERED_FROM - 1, "few may stand");
    people(&world, &store, 1).await;
    nudged(&world, task.clone()).await;
    let shard = store.shard(SHARD).await.expect("a shard");
    assert_eq!((shard.changed(), shard.head().recent_parts()), (0, 1));
    for _ in 0..audience::FOLDED_FROM_PARTS {
        people(&world, &store, GATHERED_FROM).await;
        nudged(&world, task.clone()).await;
        let head = store.shard(SHARD).await.expect("a shard").head();
        assert!(
            head.recent_parts() <= audience::FOLDED_FROM_PARTS && head.recent_rows() < audience::FOLDED_FROM
        );
    }
    let shard = store.shard(SHARD).await.expect("a shard");
    assert_eq!(shard.head().blocks().count(), 1, "they were folded on the way");
    let audience = store.audience(&[Family::Core]).await.expect("an audience");
    assert_eq!(audience.view.rows().count(), GATHERED_FROM * (audience::FOLDED_FROM_PARTS + 1));
}

#[tokio::test]
async fn what_cannot_be_read_is_made_anew_once_however_many_ask() {
    let world = World::new(2).await;
    let store = store(&world);
    people(&world, &store, 10).await;
    nudged(&world, Task::RebuildShard { tenant: store.id(), shard: 0 }).await;
    let all = world.table.dump().expect("items");
    // Of the newest version: what the second nudge retired lies there still.
    let block = all.into_iter().rfind(|item| item.key.sk.starts_with("B#")).expect("a block");
    let gone = store::Write::Delete(block.key, store::When::Always);
    store::Table::write(&*world.table, vec![gone]).await.expect("damage");
    let epoch = store.shard(SHARD).await.expect("a shard").head().epoch;

    let told = self::store(&world).audience(&Family::ALL).await.map(drop);
    let error = flows::FlowError::from(told.expect_err("it is not whole"));
    let flows::FlowError::Unavailable(cause) = error else { panic!("{error:?}") };
    let asked = flows::checks(&cause);
    assert_eq!(asked, [Task::CheckShard { tenant: store.id(), shard: 0 }]);
    nudged(&world, asked[0].clone()).await;

    let shard = store.shard(SHARD).await.expect("a shard");
    assert_eq!(shard.head().epoch, epoch + 1, "two asked, one rebuild");
    assert_eq!(store.audience(&Family::ALL).await.expect("an audience").view.rows().count(), 10);
}

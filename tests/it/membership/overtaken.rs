//! Two who settle at one moment, and those who bring rows past them: nobody is moved by what was.

use super::{house, members, must_be_as_from_nothing, segment, store_of};
use crate::{cast::Person, customers::made};
use columns::ShardNumber;
use domain::Queue;
use flows::{Clock, FlowError};
use local::{World, faults::halt::overtaken};
use serde_json::json;
use store::TenantStore;

struct Two {
    world: World,
    owner: Person,
    store: TenantStore,
    ids: Vec<String>,
    segment: String,
}

impl Two {
    async fn new() -> Self {
        let world = World::new(3).await;
        let owner = house(&world, "owner").await;
        let store = store_of(&world, &owner);
        let mut ids = Vec::new();
        for name in ["Ada", "Bob"] {
            ids.push(made(&world, &owner, &json!({"name": name})).await);
        }
        let segment = segment(&world, &owner, "Tagged", "customer_tags CONTAINS 'x'").await;
        world.settle().await;
        Self { world, owner, store, ids, segment }
    }

    /// Stored, and nobody is told.
    async fn tagged(&self, whose: usize, tags: &[&str]) {
        let path = format!("/api/v1/customers/{}", self.ids[whose]);
        let answer = self.owner.call(&self.world, "PATCH", &path, &json!({"tags": tags})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        for message in self.world.tasks.take(Queue::Audience).expect("memory holds") {
            self.world.tasks.done(Queue::Audience, &message).expect("memory holds");
        }
    }

    async fn kept(&self) -> Result<(), FlowError> {
        let task = json!({"task": "keep_shard", "tenant": self.owner.tenant, "shard": 0}).to_string();
        self.world.deliver(Queue::Audience, &task).await
    }

    async fn must_be_right(&self, what: &str) {
        must_be_as_from_nothing(&self.world, &self.store, self.world.clock.now(), what).await;
    }
}

#[tokio::test]
async fn whoever_is_held_up_moves_nobody_by_a_row_of_before() {
    let two = Two::new().await;
    for place in 0.. {
        let what = format!("held up at {place}");
        two.tagged(0, &["x"]).await;
        let meanwhile = async {
            // As it was when it was settled last: whoever is not held up finds nothing to move.
            two.tagged(0, &[]).await;
            two.kept().await
        };
        let Some((slow, fast)) = overtaken(two.kept(), place, meanwhile).await else {
            assert!(place > 4, "{what}: there are calls");
            return;
        };
        assert!(fast.is_ok(), "{what}: {fast:?}");
        assert!(slow.is_ok(), "{what}: {slow:?}");
        two.must_be_right(&what).await;
        two.tagged(0, &[]).await;
        assert!(two.kept().await.is_ok());
    }
}

#[tokio::test]
async fn rows_that_are_made_anew_or_folded_by_others_are_asked_again() {
    let two = Two::new().await;
    two.tagged(0, &["x"]).await;
    two.store.shard_rebuilt(ShardNumber(0)).await.expect("memory holds");
    assert_eq!(two.store.shard(ShardNumber(0)).await.expect("memory holds").changed(), 0);
    assert!(two.kept().await.is_ok());
    assert_eq!(members(&two.store, &two.segment).await, [two.ids[0].clone()].into());
    two.tagged(1, &["x"]).await;
    two.store.shard_forgotten(ShardNumber(0)).await.expect("memory holds");
    assert_eq!(two.store.shard(ShardNumber(0)).await.expect("memory holds").changed(), 0);
    assert!(two.kept().await.is_ok());
    assert_eq!(members(&two.store, &two.segment).await, two.ids.iter().cloned().collect());
    two.must_be_right("in the end").await;
}

#[tokio::test]
async fn what_is_folded_was_asked_before() {
    let two = Two::new().await;
    let rows: Vec<_> =
        (0..66).map(|n| json!({"email": format!("jo{n}@example.com"), "tags": ["x"]})).collect();
    let made = two.owner.post(&two.world, "/api/v1/customers/bulk", &json!({"customers": rows})).await;
    assert!(made.status.is_success(), "{}", made.text);
    two.world.settle().await;
    assert_eq!(two.store.shard(ShardNumber(0)).await.expect("memory holds").changed(), 0, "it is gathered");
    assert_eq!(members(&two.store, &two.segment).await.len(), 66);
}

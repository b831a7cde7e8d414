//! Our own mail: what must be told is told, whatever is lost on the way.

use crate::cast::sign_up;
use domain::Queue;
use local::World;
use serde_json::json;

#[tokio::test]
async fn an_invitation_whose_message_was_lost_is_mailed_by_the_clock() {
    let world = World::new(1).await;
    let owner = sign_up(&world, "owner").await;
    let invite = json!({"email": "vera@example.com", "role": "viewer"});
    assert_eq!(owner.post(&world, "/api/v1/invitations", &invite).await.status, 201);
    for taken in world.tasks.take(Queue::Notify).unwrap() {
        world.tasks.done(Queue::Notify, &taken).unwrap();
    }
    assert!(world.outbox.all().is_empty(), "the message is gone");
    world.settle().await;
    world.settle().await;
    assert_eq!(world.outbox.to("vera@example.com").len(), 1);
    let listed = owner.get(&world, "/api/v1/invitations").await;
    assert!(listed.at("/items/0/mailed_at").is_string(), "{}", listed.text);
}

#[tokio::test]
async fn a_message_that_nobody_understands_is_kept_as_a_dead_letter() {
    let world = World::new(2).await;
    for body in ["not json", "{}", "{\"task\":\"fly\"}"] {
        let raw = local::tasks::Raw { group: "g".to_owned(), body: body.to_owned(), delay_seconds: 0 };
        world.tasks.leave_raw(Queue::Notify, vec![raw]).unwrap();
    }
    let settled = std::panic::AssertUnwindSafe(world.settle());
    let settled = futures::FutureExt::catch_unwind(settled).await;
    assert!(settled.is_err(), "a world with dead letters is not settled");
    assert_eq!(world.dead_letters().len(), 3);
}

//! Each time of a report's is mailed once, whatever is lost, comes twice or dies on the way: as our other mails are.

use super::mailed::{berlin, scheduled, settled_at};
use domain::{Queue, invitation::CLAIM_SECONDS};
use futures::FutureExt;
use local::{
    World,
    faults::halt::{overtaken, panicking},
};
use serde_json::json;
use std::panic::AssertUnwindSafe;

const TO: &str = "owner@example.com";
const TIME: &str = "2026-09-22T06:00:00Z";

/// A world in which a report's time has come, and the message that asks for its mail, taken off its queue.
async fn asked() -> (World, String) {
    let world = due().await;
    world.tick().await;
    let taken = world.tasks.take(Queue::Notify).expect("memory holds");
    let [message] = &taken[..] else { panic!("one message and no more: {taken:?}") };
    world.tasks.done(Queue::Notify, message).expect("memory holds");
    (world, message.body.clone())
}

/// The next strike of the clock is the report's time.
async fn due() -> World {
    let world = World::new(3).await;
    let (owner, id) = berlin(&world).await;
    scheduled(&world, &owner, &id, &json!({"every": "day", "at": "08:00", "to": [TO]})).await;
    settled_at(&world, "2026-09-22T05:57:00Z").await;
    let at: domain::Timestamp = TIME.parse().expect("an instant");
    world.clock.advance_to(at.as_millisecond() - 30_000);
    assert_eq!(world.outbox.to(TO), []);
    world
}

#[tokio::test]
async fn deliveries_of_one_task_that_overlap_send_one_mail() {
    let mut place = 0;
    loop {
        let (world, body) = asked().await;
        let deliver = || world.deliver(Queue::Notify, &body);
        if overtaken(deliver(), place, deliver()).await.is_none() {
            break;
        }
        assert_eq!(world.outbox.to(TO).len(), 1, "the other came at place {place}");
        deliver().await.expect("it finds nothing to do");
        assert_eq!(world.outbox.to(TO).len(), 1, "and one that comes late");
        place += 1;
    }
    assert!(place >= 6, "reads of it, its report, the team and the people, and two writes, but {place}");
}

#[tokio::test]
async fn a_delivery_that_died_neither_loses_the_mail_nor_sends_a_third() {
    let mut counts = Vec::new();
    loop {
        let (world, body) = asked().await;
        let deliver = || world.deliver(Queue::Notify, &body);
        let died = AssertUnwindSafe(panicking(counts.len().try_into().unwrap(), deliver())).catch_unwind();
        if died.await.is_ok() {
            break;
        }
        world.clock.advance_seconds(CLAIM_SECONDS);
        deliver().await.expect("nobody has it now");
        counts.push(world.outbox.to(TO).len());
        world.settle().await;
        assert_eq!(world.outbox.to(TO).len(), counts[counts.len() - 1], "and that was all");
    }
    // Only who died between the provider's yes and the mark has it sent twice.
    let (last, others) = counts.split_last().expect("it comes to the table");
    assert_eq!((*last, others.iter().max(), others.iter().min()), (2, Some(&1), Some(&1)), "{counts:?}");
}

#[tokio::test]
async fn ticks_at_once_and_a_message_that_is_lost_come_to_one_mail() {
    let mut place = 0;
    loop {
        let world = due().await;
        world.clock.advance_seconds(60);
        if overtaken(world.tick(), place, world.tick()).await.is_none() {
            break;
        }
        world.settle().await;
        assert_eq!(world.outbox.to(TO).len(), 1, "the other came at place {place}");
        place += 1;
    }
    assert!(place > 16, "the index and the work, but {place}");
    let (world, _) = asked().await;
    assert_eq!(world.outbox.to(TO), [], "the message is gone");
    world.settle().await;
    assert_eq!(world.outbox.to(TO), [], "it is asked for again after a while");
    for _ in 0..12 {
        world.settle().await;
    }
    assert_eq!(world.outbox.to(TO).len(), 1);
}

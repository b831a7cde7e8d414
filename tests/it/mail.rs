//! Our own mail: what must be told is told, whatever is lost on the way.

use crate::cast::sign_up;
use domain::{Queue, invitation::CLAIM_SECONDS};
use futures::FutureExt;
use local::{
    World,
    faults::halt::{overtaken, panicking},
};
use serde_json::json;
use std::panic::AssertUnwindSafe;

const TO: &str = "vera@example.com";
/// Where one asks for a mail.
const ASKS: [&str; 2] = [INVITATIONS, "/api/auth/forgot-password"];
const INVITATIONS: &str = "/api/v1/invitations";

/// A world where a mail was asked for, and the message that asks, taken off its queue.
async fn asked(path: &str) -> (World, String) {
    let world = World::new(3).await;
    if path == INVITATIONS {
        let owner = sign_up(&world, "owner").await;
        let invite = json!({"email": TO, "role": "viewer"});
        assert_eq!(owner.post(&world, path, &invite).await.status, 201);
    } else {
        sign_up(&world, "vera").await;
        assert_eq!(world.post(path).json(&json!({"email": TO})).send().await.status, 202);
    }
    let taken = world.tasks.take(Queue::Notify).expect("memory holds");
    let [message] = &taken[..] else { panic!("one message and no more: {taken:?}") };
    world.tasks.done(Queue::Notify, message).expect("memory holds");
    (world, message.body.clone())
}

#[tokio::test]
async fn deliveries_of_one_task_that_overlap_send_one_mail() {
    for path in ASKS {
        let mut place = 0;
        loop {
            let (world, body) = asked(path).await;
            let deliver = || world.deliver(Queue::Notify, &body);
            if overtaken(deliver(), place, deliver()).await.is_none() {
                break;
            }
            assert_eq!(world.outbox.to(TO).len(), 1, "{path}: the other came at place {place}");
            place += 1;
        }
        assert!(place >= 4, "{path}: two reads and two writes at least, but {place}");
    }
}

#[tokio::test]
async fn a_delivery_that_died_with_its_claim_keeps_the_mail_for_a_minute_only() {
    for path in ASKS {
        let mut counts = Vec::new();
        loop {
            let (world, body) = asked(path).await;
            let deliver = || world.deliver(Queue::Notify, &body);
            let died =
                AssertUnwindSafe(panicking(counts.len().try_into().unwrap(), deliver())).catch_unwind();
            if died.await.is_ok() {
                break;
            }
            let before = world.outbox.to(TO).len();
            let at_once = deliver().await;
            assert_eq!(
                at_once.is_err(),
                before == 1,
                "{path}: claimed and sent, but not marked: {at_once:?}"
            );
            world.clock.advance_seconds(CLAIM_SECONDS);
            deliver().await.expect("nobody has it now");
            counts.push(world.outbox.to(TO).len());
        }
        // Only who died between the provider's yes and the mark has it sent twice.
        let (last, others) = counts.split_last().expect("it comes to the table");
        assert_eq!((*last, others.iter().max()), (2, Some(&1)), "{path}: {counts:?}");
    }
}

/// Who meets a claim waits until it ends, and does not use up its tries meanwhile.
#[tokio::test]
async fn a_mark_that_failed_once_makes_no_dead_letter() {
    for path in ASKS {
        let mut places = 0;
        loop {
            let (world, body) = asked(path).await;
            let died = AssertUnwindSafe(panicking(places, world.deliver(Queue::Notify, &body)));
            if died.catch_unwind().await.is_ok() {
                break;
            }
            let raw = local::tasks::Raw { group: "g".to_owned(), body, delay_seconds: 0 };
            world.tasks.leave_raw(Queue::Notify, vec![raw]).unwrap();
            world.settle().await;
            places += 1;
        }
        assert!(places >= 4, "{path}: two reads and two writes at least, but {places}");
    }
}

#[tokio::test]
async fn two_ticks_at_once_send_one_mail() {
    for path in ASKS {
        let mut place = 0;
        loop {
            let (world, _) = asked(path).await;
            world.clock.advance_seconds(60);
            if overtaken(world.tick(), place, world.tick()).await.is_none() {
                break;
            }
            world.settle().await;
            assert_eq!(world.outbox.to(TO).len(), 1, "{path}: the other came at place {place}");
            place += 1;
        }
        assert!(place > 16, "{path}: the index and the work, but {place}");
    }
}

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
    let settled = AssertUnwindSafe(world.settle()).catch_unwind().await;
    assert!(settled.is_err(), "a world with dead letters is not settled");
    assert_eq!(world.dead_letters().len(), 3);
}

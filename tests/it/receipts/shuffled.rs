//! Receipts come twice, late, in any order and in any company: what they come to is the same, with the message and with the list.

use super::{DOOR, message, sent, told};
use crate::customers::shop;
use domain::campaign::{Fate, Message};
use flows::Dice;
use local::{World, world::SeededDice};
use serde_json::{Value, json};

/// A letter that bounced, arrived, was read, followed and complained of.
const STORY: [(&str, Option<&str>, i64); 8] = [
    ("SENT", None, 1),
    ("BOUNCED", Some("MAILBOX_FULL"), 2),
    ("BOUNCED", Some("EMAIL_BOUNCED"), 3),
    ("DELIVERED", None, 4),
    ("OPENED", None, 6),
    ("OPENED", None, 5),
    ("UNSUBSCRIBED", None, 8),
    ("COMPLAINED", None, 7),
];

/// By the seed's dice; 0: as it happened.
async fn ends(seed: u64) -> (Message, Value, Value) {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let (_, messages) = sent(&world, &owner, 1).await;
    let start = flows::Clock::now(&*world.clock).as_second();
    let dice = SeededDice::new(seed);
    let roll = |most: usize| {
        let mut byte = [0];
        dice.fill(&mut byte);
        usize::from(byte[0]) % most
    };
    let words = STORY.map(|(status, code, second)| {
        let at = domain::Timestamp::from_second(start + second).expect("a time");
        json!({"messageId": messages[0].to_string(), "status": status, "errorCode": code,
            "retryable": code == Some("MAILBOX_FULL"), "timestamp": at.to_string(), "url": "https://shop.test/"})
    });
    let mut left: Vec<_> =
        if seed == 0 { words.to_vec() } else { words.iter().chain(&words).cloned().collect() };
    while !left.is_empty() {
        let many = if seed == 0 { 1 } else { 1 + roll(3).min(left.len() - 1) };
        let batch: Vec<_> =
            (0..many).map(|_| left.remove(if seed == 0 { 0 } else { roll(left.len()) })).collect();
        let taken = told(&world, DOOR, &json!({"receipts": batch})).await;
        assert_eq!(taken.status, 200, "{}", taken.text);
        world.run_without_vendor().await;
    }
    let list = owner.get(&world, "/api/v1/suppressions").await.at("/items");
    let reachable = owner.get(&world, "/api/v1/customers/stats/overview").await.at("/reachable_by_email");
    (message(&world, messages[0]).await, list, reachable)
}

#[tokio::test]
async fn whatever_order_receipts_come_in_and_however_often_they_come_to_the_same() {
    let expected = ends(0).await;
    assert_eq!(expected.0.fate, Fate::Delivered);
    assert_eq!(
        (&expected.1[0]["reason"], &expected.1[1], &expected.2),
        (&json!("complaint"), &Value::Null, &json!(0))
    );
    for seed in 1..=24 {
        assert_eq!(ends(seed).await, expected, "seed {seed}");
    }
}

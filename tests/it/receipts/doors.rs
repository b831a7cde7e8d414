//! Each provider's door: what is not signed is not believed, what cannot be read says where, and what is not taken is told again.

use super::{DOOR, message, sent, told};
use crate::customers::shop;
use domain::{campaign::Fate, campaign::Why};
use local::World;
use serde_json::{Value, json};

#[tokio::test]
async fn a_signed_receipt_is_taken_and_a_message_only_moves_up() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let (_, messages) = sent(&world, &owner, 3).await;
    let name = messages[0].to_string();
    let delivered = json!({"messageId": name, "status": "DELIVERED"});
    for path in [DOOR, "/api/delivery/receipt", "/api/v1/receipts/simulated"] {
        let taken = told(&world, path, &delivered).await;
        assert_eq!(taken.status, 200, "{}", taken.text);
        let mut answer = json!({"data": {"messageId": name, "status": "UPDATED"}});
        if !path.starts_with("/api/v1/") {
            answer["success"] = true.into();
        }
        assert_eq!(taken.json(), answer, "{path}");
    }
    for late in ["SENT", "FAILED", "BOUNCED"] {
        assert_eq!(told(&world, DOOR, &json!({"messageId": name, "status": late})).await.status, 200);
    }
    assert_eq!(told(&world, DOOR, &json!({"messageId": name, "status": "PENDING"})).await.status, 200);
    let failed =
        json!({"messageId": messages[1].to_string(), "status": "failed", "errorMessage": "SPAM_DETECTED"});
    assert_eq!(told(&world, DOOR, &failed).await.status, 200);
    world.run_without_vendor().await;
    assert_eq!(message(&world, messages[0]).await.fate, Fate::Delivered);
    let bounced = message(&world, messages[1]).await;
    assert_eq!((bounced.fate, bounced.why), (Fate::Bounced, Some(Why::Spam)));
    assert_eq!(message(&world, messages[2]).await.fate, Fate::Sent, "nothing was told of it");
}

#[tokio::test]
async fn what_is_not_signed_or_cannot_be_read_or_is_of_nobody_is_refused_and_changes_nothing() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let (campaign, messages) = sent(&world, &owner, 1).await;
    let name = messages[0].to_string();
    let body = json!({"messageId": name, "status": "BOUNCED"});
    let plain = || world.post(DOOR).json(&body);
    let wrong = format!("t={},v1={}", flows::Clock::now(&*world.clock).as_second(), "0".repeat(64));
    for call in [plain(), plain().bearer(&owner.access), plain().header("x-vendor-signature", &wrong)] {
        let refused = call.send().await;
        assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (401, "bad_signature"));
    }
    for (body, at) in [
        (json!({"status": "SENT"}), "/messageId"),
        (json!({"messageId": name, "status": "GONE"}), "/status"),
        (json!({"messageId": name, "status": "SENT", "timestamp": "soon"}), "/timestamp"),
        (json!({"receipts": vec![json!({}); 1_001]}), "/receipts"),
        (json!(7), "/receipts"),
    ] {
        let refused = told(&world, DOOR, &body).await;
        assert_eq!((refused.status.as_u16(), refused.text_at("/errors/0/pointer").as_str()), (400, at));
    }
    let (tenant, chunk) = (&owner.tenant, messages[0].chunk);
    let nobody = "01M3250V000000000000000000";
    for unknown in [
        "msg-1".to_owned(),
        format!("{tenant}-{campaign}-{chunk}-49"),
        format!("{tenant}-{campaign}-99-0"),
        format!("{tenant}-{nobody}-0-0"),
        format!("{nobody}-{campaign}-{chunk}-0"),
    ] {
        let refused = told(&world, DOOR, &json!({"messageId": unknown, "status": "BOUNCED"})).await;
        assert_eq!(
            (refused.status.as_u16(), refused.text_at("/code").as_str()),
            (404, "not_found"),
            "{unknown}"
        );
    }
    world.run_without_vendor().await;
    assert_eq!(message(&world, messages[0]).await.fate, Fate::Sent);
}

#[tokio::test]
async fn of_a_batch_each_is_told_by_itself_and_what_is_told_twice_counts_once() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    let (campaign, messages) = sent(&world, &owner, 60).await;
    let one = |name: &str, status: &str| json!({"messageId": name, "status": status});
    let mut all: Vec<Value> = messages.iter().map(|id| one(&id.to_string(), "DELIVERED")).collect();
    all.extend(all.clone());
    all.push(one("msg-1", "DELIVERED"));
    all.push(json!({"messageId": "x"}));
    let taken = told(&world, DOOR, &json!({"receipts": all})).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    assert_eq!(taken.at("/data/accepted"), json!(120));
    assert_eq!(taken.at("/data/receipts/120"), json!({"messageId": "msg-1", "status": "UNKNOWN"}));
    assert_eq!(
        taken.at("/data/errors"),
        json!([{"pointer": "/receipts/121/status", "detail": "is missing"}])
    );
    world.run_without_vendor().await;
    let delivery = owner.get(&world, &format!("/api/v1/campaigns/{campaign}/delivery")).await;
    assert_eq!((delivery.at("/delivered"), delivery.at("/total_messages")), (json!(60), json!(60)));
}

#[tokio::test]
async fn who_tells_of_another_shops_message_in_the_name_of_their_own_is_not_believed() {
    let world = World::new(4).await;
    let (owner, other) = (shop(&world, "owner").await, shop(&world, "other").await);
    let (_, messages) = sent(&world, &owner, 1).await;
    let told_of = json!({"messageId": messages[0].to_string(), "tenant": other.tenant, "status": "BOUNCED"});
    assert_eq!(told(&world, DOOR, &told_of).await.status, 404);
    // Without keys of theirs nobody is believed, whoever they say they are.
    for path in [
        format!("/api/v1/receipts/sendgrid/{}", owner.tenant),
        "/api/v1/receipts/sendgrid/x".to_owned(),
        format!("/api/v1/receipts/twilio?tenant={}&message={}", owner.tenant, messages[0]),
        "/api/v1/receipts/twilio".to_owned(),
    ] {
        let refused = world.post(&path).raw("[]").send().await;
        assert!(matches!(refused.status.as_u16(), 401 | 404), "{path}: {}", refused.text);
    }
    world.run_without_vendor().await;
    assert_eq!(message(&world, messages[0]).await.fate, Fate::Sent);
}

#[tokio::test]
async fn ten_thousand_receipts_are_taken_fast_and_counted_exactly_once_each() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    let (campaign, messages) = sent(&world, &owner, 100).await;
    let all: Vec<Value> = (0..1_000)
        .map(|number| json!({"messageId": messages[number % 100].to_string(), "status": "DELIVERED"}))
        .collect();
    for _ in 0..10 {
        let taken = told(&world, DOOR, &json!({"receipts": all})).await;
        assert_eq!(taken.at("/data/accepted"), json!(1_000), "{}", taken.text);
    }
    let left = world.tasks.counted(domain::Queue::Receipt).expect("memory holds");
    assert_eq!(left.waiting, 50, "two hundred in a task");
    let before = world.table.ledger();
    world.run_without_vendor().await;
    let writes = world.table.ledger().since(&before).writes.to_string();
    assert_eq!(writes.parse::<f64>(), Ok(2.0), "two chunks: what is known already writes nothing");
    let delivery = owner.get(&world, &format!("/api/v1/campaigns/{campaign}/delivery")).await;
    assert_eq!((delivery.at("/delivered"), delivery.at("/pending")), (json!(100), json!(0)));
}

#[tokio::test]
async fn an_event_of_ses_in_the_queue_is_understood_as_it_came_and_one_that_cannot_be_is_a_dead_letter() {
    let world = World::new(6).await;
    let owner = shop(&world, "owner").await;
    let (_, messages) = sent(&world, &owner, 2).await;
    let event = |id: &str| {
        json!({"eventType": "Delivery", "delivery": {"timestamp": "2026-11-22T10:00:05.000Z"}, "mail": {
            "timestamp": "2026-11-22T10:00:00.000Z", "messageId": "0100", "destination": ["ada0@example.com"],
            "tags": {"message": [id], "tenant": [owner.tenant]}}})
    };
    let bare = event(&messages[0].to_string());
    let bus = json!({"version": "0", "detail-type": "Email Delivered", "source": "aws.ses", "detail": event(&messages[1].to_string())});
    for body in [bare.to_string(), bus.to_string(), event("welcome").to_string()] {
        world.deliver(domain::Queue::Receipt, &body).await.expect("it is understood");
    }
    for id in messages {
        assert_eq!(message(&world, id).await.fate, Fate::Delivered);
    }
    for body in [json!({"eventType": "Vanished"}), json!({"eventType": "Delivery", "mail": 7})] {
        assert!(world.deliver(domain::Queue::Receipt, &body.to_string()).await.is_err());
    }
}

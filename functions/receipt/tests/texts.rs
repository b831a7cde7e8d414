//! Texts that their provider knows by its own ids alone: each is heard of as its own message, and one of nobody's is looked for
//! twice.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(dead_code, reason = "other tests ask for more of it")]
mod told;

use domain::{
    CampaignId, Receipt, Task, TenantId,
    campaign::{Fate, MessageId},
    event::Bridged,
    receipt::Happened,
};
use serde_json::json;
use told::{Shop, at, shop};

fn told_of(vendor_id: &str, what: Happened) -> Receipt {
    Receipt { tenant: None, message: None, vendor_id: Some(vendor_id.to_owned()), what, at: at(5) }
}

async fn called(shop: &Shop, vendor_id: &str, place: u8) {
    let message = MessageId { tenant: shop.store.id(), campaign: shop.campaign, chunk: 0, place };
    let step = shop.store.text_called(vendor_id, &message, at(-9)).unwrap();
    shop.store.commit(vec![step]).await.unwrap();
}

#[tokio::test]
async fn a_text_whose_sender_is_about_to_say_so_is_looked_for_once_more() {
    let shop = shop(TenantId::new(at(0), [1; 10]), CampaignId::new(at(0), [2; 10]), 3).await;
    called(&shop, "known", 1).await;
    let receipts = vec![told_of("late", Happened::Delivered), told_of("known", Happened::Delivered)];
    receipt::handle(&shop.deps, Task::HearTexts { receipts, is_again: false }).await.unwrap();
    let fates = |chunk: domain::campaign::Chunk| chunk.messages.iter().map(|it| it.fate).collect::<Vec<_>>();
    assert_eq!(fates(shop.chunk(0).await), [Fate::Sent, Fate::Delivered, Fate::Sent]);
    let again: Vec<_> = shop.left().into_iter().filter(|left| left.delay_seconds > 0).collect();
    let [left] = &again[..] else { panic!("{again:?}") };
    assert_eq!(left.delay_seconds, 60);
    called(&shop, "late", 0).await;
    receipt::handle(&shop.deps, left.task.clone()).await.unwrap();
    assert_eq!(fates(shop.chunk(0).await), [Fate::Delivered, Fate::Delivered, Fate::Sent]);
    shop.left();
    let receipts = vec![told_of("nobody", Happened::Delivered), told_of("a#b", Happened::Delivered)];
    receipt::handle(&shop.deps, Task::HearTexts { receipts, is_again: true }).await.unwrap();
    assert!(shop.left().is_empty(), "not for ever");
}

#[tokio::test]
async fn a_piece_of_the_log_is_left_for_the_queue_in_parts_without_telephones() {
    let shop = shop(TenantId::new(at(0), [1; 10]), CampaignId::new(at(0), [2; 10]), 1).await;
    let line = |number: usize| {
        json!({"notification": {"messageId": format!("id-{number}"), "timestamp": "2026-11-21 06:40:01.558"},
            "delivery": {"destination": "+14155550100", "providerResponse": "Invalid phone number"},
            "status": "FAILURE"})
    };
    let lines =
        (0..450).map(|number| json!({"id": "1", "timestamp": 1, "message": line(number).to_string()}));
    let lines: Vec<_> = lines.chain([json!({"id": "1", "timestamp": 1, "message": "Ada"})]).collect();
    let piece = |kind: &str| json!({"messageType": kind, "logGroup": "sns", "logEvents": lines}).to_string();
    let task = Task::read(&piece("DATA_MESSAGE")).unwrap();
    assert!(matches!(&task, Task::HearEvent { event: Bridged(_) }));
    receipt::handle(&shop.deps, task).await.unwrap();
    let left = shop.left();
    let counts = left.iter().map(|left| match &left.task {
        Task::HearTexts { receipts, is_again: false } => receipts.len(),
        other => panic!("{other:?}"),
    });
    assert_eq!(counts.collect::<Vec<_>>(), [200, 200, 50]);
    assert!(!serde_json::to_string(&left[0].task).unwrap().contains("+1415"));
    receipt::handle(&shop.deps, Task::read(&piece("CONTROL_MESSAGE")).unwrap()).await.unwrap();
    assert!(shop.left().is_empty());
}

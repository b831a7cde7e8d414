//! What is heard of messages comes to the same in whatever order, however often, and beside whoever else writes.

#[expect(dead_code, reason = "other tests ask for more of it")]
mod told;

use domain::{
    CampaignId, Receipt, Task, TenantId,
    campaign::{Chunk, Fate, Why},
    receipt::{Bounce, Happened, Reader},
};
use futures::future::join_all;
use told::{Shop, at, shop};

async fn some(messages: usize) -> Shop {
    shop(TenantId::new(at(0), [1; 10]), CampaignId::new(at(0), [2; 10]), messages).await
}

fn bounced(bounce: Bounce) -> Happened {
    Happened::Bounced { bounce, reason: domain::Reason::of("5.1.1") }
}

/// Some of each kind, of three messages.
fn story(shop: &Shop) -> Vec<Receipt> {
    vec![
        shop.told(0, Happened::Accepted, 1),
        shop.told(0, Happened::Delivered, 3),
        shop.told(0, Happened::Opened { by: Reader::Machine }, 4),
        shop.told(0, Happened::Opened { by: Reader::Person }, 9),
        shop.told(1, bounced(Bounce::Soft), 2),
        shop.told(1, bounced(Bounce::Hard), 5),
        shop.told(2, Happened::Failed { reason: domain::Reason::of("x"), may_try_again: true }, 2),
        shop.told(2, Happened::Clicked { url: "https://x.test/".to_owned(), by: Reader::Unknown }, 7),
    ]
}

/// All that a seed decides: which comes when, how many at once, and what comes twice.
async fn told_by(seed: u64) -> Chunk {
    let shop = some(3).await;
    let mut left: Vec<_> = story(&shop).into_iter().flat_map(|receipt| [receipt.clone(), receipt]).collect();
    let mut state = seed;
    let mut roll = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % most
    };
    while !left.is_empty() {
        let many = 1 + roll(3).min(left.len() - 1);
        let batch = (0..many).map(|_| left.remove(roll(left.len()))).collect();
        shop.hears(batch).await;
    }
    shop.chunk(0).await
}

#[tokio::test]
async fn every_order_and_any_repetition_comes_to_the_same() {
    let expected = told_by(0).await;
    let fates: Vec<_> = expected.messages.iter().map(|message| (message.fate, message.why)).collect();
    assert_eq!(
        fates,
        [(Fate::Delivered, None), (Fate::Bounced, Some(Why::SoftBounce)), (Fate::Delivered, None)]
    );
    for seed in 1..200 {
        assert_eq!(told_by(seed).await, expected, "seed {seed}");
    }
}

#[tokio::test]
async fn fifty_who_tell_of_one_chunk_at_once_are_all_heard() {
    let shop = some(50).await;
    let told = (0..50).map(|place| shop.hears(vec![shop.told(place, Happened::Delivered, 1)]));
    join_all(told).await;
    assert!(shop.chunk(0).await.messages.iter().all(|message| message.fate == Fate::Delivered));
}

#[tokio::test]
async fn what_is_told_of_messages_that_nobody_knows_is_passed_over_and_the_rest_is_heard() {
    let shop = some(1).await;
    let stranger = TenantId::new(at(0), [9; 10]);
    let good = || shop.told(0, Happened::Delivered, 1);
    let named = |name: &str| Receipt { message: name.parse().ok(), ..good() };
    let unknown = [
        Receipt { message: None, vendor_id: Some("SM1".to_owned()), ..good() },
        named("spring-1"),
        // Another's message, told of in this tenant's name, and this tenant's in another's.
        named(&format!("{stranger}-{}-0-0", shop.campaign)),
        Receipt { tenant: Some(stranger), ..good() },
        // A place, and a chunk, that there is not.
        named(&format!("{}-{}-0-7", shop.store.id(), shop.campaign)),
        named(&format!("{}-{}-9-0", shop.store.id(), shop.campaign)),
    ];
    shop.hears(unknown.to_vec()).await;
    assert_eq!(shop.chunk(0).await.messages[0].fate, Fate::Sent, "nothing of that is about it");
    shop.hears(unknown.into_iter().chain([good()]).collect()).await;
    assert_eq!(shop.chunk(0).await.messages[0].fate, Fate::Delivered);
}

#[tokio::test]
async fn a_message_that_nobody_was_asked_to_send_hears_nothing() {
    let shop = some(0).await;
    let (step, _) = shop.store.chunk_put(shop.campaign, 1, None, Chunk::new(1));
    shop.store.commit(vec![step]).await.unwrap();
    let name = format!("{}-{}-1-0", shop.store.id(), shop.campaign);
    let told = Receipt { message: name.parse().ok(), ..shop.told(0, Happened::Delivered, 1) };
    shop.hears(vec![told]).await;
    assert_eq!(shop.chunk(1).await.messages[0].fate, Fate::Planned);
}

#[tokio::test]
async fn another_queues_task_is_refused() {
    let shop = some(1).await;
    let task = Task::TellCounts { tenant: shop.store.id() };
    assert!(receipt::handle(&shop.deps, task).await.is_err());
}

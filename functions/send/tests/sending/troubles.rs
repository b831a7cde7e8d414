//! What vendors do.

use async_trait::async_trait;
use domain::{
    Task,
    campaign::{Care, Fate, Why},
    receipt::Happened,
};
use flows::{Answer, Carrier, Carriers, Letter, Texter, Texters, carrying::Refusal};
use std::sync::Arc;
use vendors::simulated::{Habits, Trouble};

use crate::shop::{Shop, Told, willing};

/// What everybody ends with, if the vendor is so all the time.
async fn ends(trouble: Trouble, care: Care) -> (Shop, Fate, Option<Why>) {
    let shop = Shop::new(&Told { care, ..Told::default() }).await;
    shop.vendor.set_trouble(Some(trouble));
    shop.lanes();
    shop.run().await;
    let fates = shop.fates().await;
    let (fate, why) = fates[0];
    assert!(fates.iter().all(|one| *one == (fate, why)), "{fates:?}");
    (shop, fate, why)
}

#[tokio::test]
async fn each_trouble_ends_as_it_should() {
    for (trouble, asked, fate, why) in [
        (Trouble::RefusesEveryAddress, 23, Fate::Failed, Why::BadAddress),
        (Trouble::FailsBefore, 23, Fate::Unknown, Why::NoAnswer),
        (Trouble::FailsAfter, 23, Fate::Unknown, Why::NoAnswer),
        (Trouble::IsAway, 0, Fate::Failed, Why::Temporary),
    ] {
        let (shop, ended, because) = ends(trouble, Care::NeverTwice).await;
        assert_eq!((ended, because), (fate, Some(why)), "{trouble:?}");
        assert_eq!(shop.vendor.asked(), asked, "{trouble:?}");
        assert!((0..23).all(|number| shop.acceptances(number) <= 1), "{trouble:?}");
    }
    let (shop, fate, _) = ends(Trouble::FailsAfter, Care::NeverZero).await;
    assert_eq!((fate, shop.acceptances(0)), (Fate::Unknown, 3), "three times, and then it is told");
}

#[tokio::test]
async fn a_vendor_that_asks_for_time_gets_it_and_nothing_fails() {
    let habits = Habits { messages_per_second_max: Some(15), ..willing() };
    let shop = Shop::new(&Told { people: 230, habits, ..Told::default() }).await;
    shop.lanes();
    shop.run().await;
    assert!(shop.fates().await.iter().all(|(fate, _)| *fate == Fate::Sent));
    assert!((0..230).all(|number| shop.acceptances(number) == 1));

    let shop = Shop::new(&Told::default()).await;
    shop.vendor.set_trouble(Some(Trouble::Throttles));
    shop.lanes();
    for _ in 0..200 {
        assert!(shop.step().await, "it goes on as long as it must");
    }
    assert!(shop.fates().await.iter().all(|(fate, _)| *fate == Fate::Planned));
    shop.vendor.set_trouble(None);
    shop.run().await;
    assert!(shop.fates().await.iter().all(|(fate, _)| *fate == Fate::Sent));
}

#[tokio::test]
async fn of_an_unsteady_vendor_every_message_is_accounted_for() {
    for seed in 1..=5 {
        let habits = Habits { seed, success_per_mille: 500, ..Habits::default() };
        let shop = Shop::new(&Told { people: 120, habits, ..Told::default() }).await;
        shop.lanes();
        shop.run().await;
        for (number, (fate, why)) in (0..).zip(shop.fates().await) {
            match (shop.acceptances(number), fate) {
                (1, Fate::Sent) | (0, Fate::Failed) => {}
                other => panic!("seed {seed}, message {number}: {other:?} {why:?}"),
            }
        }
        assert_eq!(shop.counts().await.chosen, 120);
    }
}

/// It was told to leave all of them alone.
struct Stopped;

#[async_trait]
impl Carrier for Stopped {
    async fn carry(&self, _: &Letter) -> Answer {
        Answer::refused("21610", Refusal::Permanent)
    }
}

impl Carriers for Stopped {
    fn carrier(&self, _: &flows::sending::MailWay) -> Option<Arc<dyn Carrier>> {
        Some(Arc::new(Self))
    }
}

impl Texters for Stopped {
    fn texter(&self, _: &flows::sending::TextWay) -> Option<Arc<dyn Texter>> {
        None
    }
}

#[tokio::test]
async fn of_whom_a_provider_says_that_they_have_left_those_hear_who_hear_receipts() {
    let mut shop = Shop::new(&Told { people: 3, ..Told::default() }).await;
    shop.deps.carriers = Arc::new(Stopped);
    shop.lanes();
    shop.run().await;
    assert_eq!(shop.fates().await, [(Fate::Failed, Some(Why::BlockedByProvider)); 3]);
    let mut left = Vec::new();
    for (_, task) in shop.queue.0.lock().unwrap().drain(..) {
        let Task::HearReceipts { tenant, receipts } = task else { panic!("{task:?}") };
        assert_eq!(tenant, shop.tenant);
        left.extend(receipts);
    }
    assert!(left.iter().all(|receipt| receipt.what == Happened::Unsubscribed));
    let mut messages: Vec<_> = left.iter().filter_map(domain::Receipt::message_id).collect();
    messages.sort_by_key(|id| id.place);
    assert_eq!(messages, [0, 1, 2].map(|number| shop.message(number)));
}

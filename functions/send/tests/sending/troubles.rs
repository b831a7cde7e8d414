//! What vendors do.

use domain::campaign::{Care, Fate, Why};
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
        (Trouble::RefusesUs, 69, Fate::Failed, Why::Setup),
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

//! A process dies, or an answer is lost, at every single access: every message ends in one state, and never twice with the vendor.

use domain::campaign::{Care, Fate};

use crate::{
    faults::Fault,
    shop::{Shop, Told},
};

fn told(care: Care) -> Told {
    Told { people: 12, care, ..Told::default() }
}

/// How many accesses there are without any fault.
async fn accesses(care: Care) -> usize {
    let shop = Shop::new(&told(care)).await;
    shop.lanes();
    shop.run().await;
    shop.faults.seen()
}

async fn run_with(care: Care, at: usize, fault: Fault) -> Shop {
    let shop = Shop::new(&told(care)).await;
    shop.faults.set(at, fault);
    shop.lanes();
    shop.run().await;
    shop
}

#[tokio::test]
async fn whatever_dies_wherever_each_message_ends_in_one_state_and_nobody_is_written_to_twice() {
    let all = accesses(Care::NeverTwice).await;
    assert!(all > 50, "{all}");
    let mut doubts = 0;
    for at in 0..all {
        for fault in Fault::ALL {
            let shop = run_with(Care::NeverTwice, at, fault).await;
            let context = format!("{fault:?} at {at}");
            for (number, (fate, _)) in (0..).zip(shop.fates().await) {
                match (shop.acceptances(number), fate) {
                    (1, Fate::Sent | Fate::Unknown) | (0, Fate::Unknown) => {}
                    other => panic!("{context}, message {number}: {other:?}"),
                }
                doubts += u32::from(fate == Fate::Unknown);
            }
            let counts = shop.counts().await;
            assert_eq!((counts.chosen, counts.fates.values().sum()), (12, 12), "{context}");
        }
    }
    assert!(doubts > 0, "some die between the claim and the answer");
}

#[tokio::test]
async fn who_would_rather_have_two_misses_nobody() {
    let all = accesses(Care::NeverZero).await;
    let mut twice = 0;
    for at in 0..all {
        for fault in Fault::ALL {
            let shop = run_with(Care::NeverZero, at, fault).await;
            for (number, (fate, _)) in (0..).zip(shop.fates().await) {
                let taken = shop.acceptances(number);
                assert_eq!((fate, taken.min(1)), (Fate::Sent, 1), "{fault:?} at {at}, message {number}");
                twice += taken - 1;
            }
        }
    }
    assert!(twice > 0, "what is in doubt is sent again");
}

//! Somebody is forgotten while they are written to, at any moment: nothing says afterwards that they were.

use domain::{
    Customer,
    campaign::{Care, Fate, Why},
    customer::CustomerKind,
};
use futures::future::{FutureExt, ready};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use store::{StoreError, TenantStore};
use vendors::simulated::Trouble;

use crate::{
    faults::Fault,
    shop::{Shop, Told, customer},
};

/// Who is forgotten.
const WHO: u32 = 4;

/// As `flows::record` does it: what has happened with them goes after they are nobody.
async fn forgotten(its: &TenantStore) {
    let held = its.customer_held(customer(WHO).id).await.unwrap().unwrap();
    let gone = Customer::clone(&held).gone(CustomerKind::Erased, held.created_at);
    its.commit(vec![its.customer_changed(&held, &gone, store::Orders::new())]).await.unwrap();
    let past = its.past_of(customer(WHO).id).await.unwrap();
    its.past_forgotten(&past).await.unwrap();
}

/// Whether it came to it.
async fn forgotten_in(shop: &mut Shop, access: usize, then: Option<(usize, Fault)>) -> bool {
    let (its, faults, left) = (shop.store(), shop.faults.clone(), AtomicUsize::new(access));
    shop.meanwhile(move |_| {
        if left.fetch_sub(1, Ordering::SeqCst) != 1 {
            return ready(Ok(())).boxed();
        }
        let (its, faults) = (its.clone(), faults.clone());
        async move {
            forgotten(&its).await;
            if let Some((later, fault)) = then {
                faults.set(faults.seen() + later, fault);
            }
            Ok(())
        }
        .boxed()
    });
    shop.lanes();
    shop.run().await;
    let came = shop.store().customer(customer(WHO).id).await.unwrap().unwrap().is_gone();
    let told = shop.store().events(customer(WHO).id, 10, None).await.unwrap().events;
    assert!(!came || told.is_empty(), "forgotten at access {access}, {then:?}: {told:?}");
    came
}

/// Whether it came to it, and why they got nothing.
async fn forgotten_at(access: usize) -> (bool, Option<Why>) {
    let mut shop = Shop::new(&Told { people: 7, ..Told::default() }).await;
    let came = forgotten_in(&mut shop, access, None).await;
    let fates = shop.fates().await;
    for (number, (fate, _)) in fates.iter().enumerate().filter(|(number, _)| *number != 4) {
        assert_eq!(*fate, Fate::Sent, "{number}, at access {access}");
    }
    (came, fates[4].1)
}

#[tokio::test]
async fn whoever_is_forgotten_at_any_moment_was_not_written_to() {
    let (mut access, mut whys) = (1, Vec::new());
    loop {
        let (came, why) = forgotten_at(access).await;
        if !came {
            break;
        }
        whys.push(why);
        access += 1;
    }
    let skipped = whys.iter().filter(|why| **why == Some(Why::Gone)).count();
    assert!(skipped > 0 && skipped < whys.len(), "before they are written to, and after: {whys:?}");
}

/// So many accesses there are at most between the note and the look after it.
const BETWEEN: usize = 7;

#[tokio::test]
async fn nor_is_anything_left_of_that_by_whoever_dies_or_fails_over_it() {
    for care in [Care::NeverTwice, Care::NeverZero] {
        for fault in [Fault::DiesBefore, Fault::FailsBefore] {
            for later in 0..BETWEEN {
                let mut access = 1;
                let told = Told { people: 5, care, ..Told::default() };
                while forgotten_in(&mut Shop::new(&told).await, access, Some((later, fault))).await {
                    access += 1;
                }
                assert!(access > 10, "{access}");
            }
        }
    }
}

/// When they are looked at, and when it is looked whether anybody is gone: no provider was asked in between.
#[tokio::test]
async fn who_cannot_be_read_twice_is_free_again_and_written_to() {
    let mut shop = Shop::new(&Told { people: 7, ..Told::default() }).await;
    let left = Arc::new(AtomicUsize::new(2));
    let unread = left.clone();
    shop.meanwhile(move |keys| {
        let fewer = |left: usize| left.checked_sub(1);
        let is_theirs = keys.iter().any(|key| key.sk == "PROFILE");
        if is_theirs && unread.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer).is_ok() {
            let away = Box::<dyn std::error::Error + Send + Sync>::from("a simulated fault");
            return ready(Err(StoreError::Unavailable(Arc::from(away)))).boxed();
        }
        ready(Ok(())).boxed()
    });
    shop.lanes();
    shop.run().await;
    assert_eq!(left.load(Ordering::SeqCst), 0, "it has failed twice");
    for (number, (fate, _)) in shop.fates().await.iter().enumerate() {
        assert_eq!(*fate, Fate::Sent, "{number}");
    }
}

/// They may have got it, whoever's part they are by now.
#[tokio::test]
async fn of_who_became_part_of_somebody_else_it_stays_noted_where_a_try_is_in_doubt() {
    for is_in_doubt in [true, false] {
        let mut shop = Shop::new(&Told { people: 7, care: Care::NeverZero, ..Told::default() }).await;
        if is_in_doubt {
            shop.vendor.set_trouble(Some(Trouble::FailsAfter));
            shop.lanes();
            shop.step().await;
            shop.vendor.set_trouble(None);
        }
        // Noted, and then part of the first, before it is looked whether they are gone.
        let (its, looks) = (shop.store(), AtomicUsize::new(0));
        shop.meanwhile(move |keys| {
            let is_theirs = keys.iter().any(|key| key.sk == "PROFILE");
            if !is_theirs || looks.fetch_add(1, Ordering::SeqCst) != 1 {
                return ready(Ok(())).boxed();
            }
            let its = its.clone();
            async move {
                let held = its.customer_held(customer(WHO).id).await?.unwrap();
                let kind = CustomerKind::Merged(customer(0).id);
                let gone = Customer::clone(&held).gone(kind, held.created_at);
                its.commit(vec![its.customer_changed(&held, &gone, store::Orders::new())]).await
            }
            .boxed()
        });
        shop.lanes();
        shop.run().await;
        let noted = shop.store().events(customer(WHO).id, 10, None).await.unwrap().events.len();
        let expected = if is_in_doubt { (1, Fate::Unknown) } else { (0, Fate::Skipped) };
        assert_eq!((noted, shop.fates().await[4].0), expected);
    }
}

//! Lanes, and what they cost.

use domain::{
    Campaign, Timestamp,
    campaign::{Fate, LANES, Quiet, State},
    template::{Body, Words},
    timeline::Event,
};
use futures::future::{FutureExt, ready};
use send::Pace;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use store::local::Units;

use crate::shop::{START, Shop, Told, customer};

#[tokio::test]
async fn everybody_gets_it_once_and_it_stands_in_their_timeline() {
    let shop = Shop::new(&Told { people: 460, ..Told::default() }).await;
    let before = shop.table.ledger();
    shop.lanes();
    shop.run().await;
    let writes = shop.table.ledger().since(&before).writes;
    assert!(writes <= Units::whole(460 * 2), "{writes} write units for 460 messages");
    assert!(shop.fates().await.iter().all(|(fate, _)| *fate == Fate::Sent));
    assert!((0..460).all(|number| shop.acceptances(number) == 1));
    let events = shop.store().events(customer(459).id, 10, None).await.unwrap().events;
    let [(at, Event::Written(written))] = &events[..] else { panic!("{events:?}") };
    assert_eq!((at.as_millisecond(), written.message), (START, shop.message(459)));

    // All of it once more, as a queue may: nothing is left to do.
    shop.lanes();
    shop.run().await;
    assert_eq!(shop.vendor.asked(), 460);
}

#[tokio::test]
async fn a_letter_says_whom_it_is_from_and_how_to_get_no_more() {
    let shop = Shop::new(&Told { people: 1, ..Told::default() }).await;
    shop.lanes();
    shop.run().await;
    let letter = shop.vendor.letters().remove(0);
    assert_eq!(letter.subject, "Hi Ada0");
    assert_eq!(letter.from.name.unwrap().as_str(), "Kaffeehaus");
    let way_out = letter.unsubscribe.unwrap().url;
    assert!(letter.html.unwrap().contains(&way_out), "{way_out}");
    let token = way_out.strip_prefix("https://crm.example.com/t/unsubscribe/").unwrap();
    let secrets = shop.deps.secrets.open().await.unwrap();
    let read = flows::links::read(&secrets, flows::links::Door::Unsubscribe, token);
    assert_eq!(read, Some(shop.message(0)));
}

#[tokio::test]
async fn whoever_pauses_it_stops_it_and_it_goes_on_where_it_stood() {
    let pace = Pace { account: 1_000, tenant: 20 };
    let shop = Shop::new(&Told { people: 230, pace, ..Told::default() }).await;
    shop.lanes();
    for _ in 0..7 {
        shop.step().await;
    }
    shop.moved_to(State::Paused { is_planned: true, tripped: None, refused: None }).await;
    let asked = shop.vendor.asked();
    assert!(asked > 0 && asked < 230, "{asked}");
    shop.run().await;
    assert_eq!(shop.vendor.asked(), asked, "nothing goes out that was not claimed before");
    shop.moved_to(State::Sending).await;
    shop.lanes();
    shop.run().await;
    assert!((0..230).all(|number| shop.acceptances(number) == 1));
}

/// The table takes three seconds before one access, of whatever is claimed, and in that time somebody pauses it.
#[tokio::test]
async fn whoever_pauses_it_while_that_takes_long_waits_for_no_message_that_is_handed_over_later() {
    let mut asked = Vec::new();
    for access in 1.. {
        let mut shop = Shop::new(&Told { people: 5, ..Told::default() }).await;
        let (its, clock, left) = (shop.store(), shop.clock.clone(), AtomicUsize::new(access));
        let (id, is_over) = (shop.campaign, Arc::new(AtomicBool::new(false)));
        let came = is_over.clone();
        shop.meanwhile(move |_| {
            if left.fetch_sub(1, Ordering::SeqCst) != 1 {
                return ready(Ok(())).boxed();
            }
            let (its, clock, came) = (its.clone(), clock.clone(), came.clone());
            async move {
                let held = its.campaign(id).await.unwrap().unwrap();
                let state = State::Paused { is_planned: true, tripped: None, refused: None };
                let paused = Campaign { state, ..Campaign::clone(&held) };
                its.commit(vec![its.campaign_kept(&held, &paused)]).await.unwrap();
                clock.0.fetch_add(3_000, Ordering::SeqCst);
                came.store(true, Ordering::SeqCst);
                Ok(())
            }
            .boxed()
        });
        shop.lanes();
        shop.step().await;
        let claimed = shop.fates().await.iter().filter(|(fate, _)| *fate == Fate::Claimed).count();
        assert_eq!(claimed, 0, "whoever was claimed is free again, at access {access}");
        if !is_over.load(Ordering::SeqCst) {
            break;
        }
        asked.push(shop.vendor.asked());
    }
    let first = asked.iter().position(|asked| *asked > 0).unwrap();
    // Only its answer is kept by then, and the chunk looked at once more.
    assert_eq!(asked[first..], [5, 5], "of {asked:?}");
}

#[tokio::test]
async fn no_shop_is_faster_than_its_pace_and_a_full_bucket_is_no_failure() {
    let pace = Pace { account: 1_000, tenant: 20 };
    let shop = Shop::new(&Told { people: 230, pace, ..Told::default() }).await;
    shop.lanes();
    shop.run().await;
    let seconds = (shop.clock.0.load(Ordering::SeqCst) - START) / 1_000;
    assert!((10..=16).contains(&seconds), "230 messages of which 20 go out in a second: {seconds}");
    assert!(shop.fates().await.iter().all(|(fate, _)| *fate == Fate::Sent));
    let account =
        Shop::new(&Told { people: 230, pace: Pace { account: 20, tenant: 1_000 }, ..Told::default() }).await;
    account.lanes();
    account.run().await;
    let seconds = (account.clock.0.load(Ordering::SeqCst) - START) / 1_000;
    assert!((10..=16).contains(&seconds), "of all shops together: {seconds}");
}

#[tokio::test]
async fn nobody_is_written_to_before_their_time() {
    let not_before = Timestamp::from_millisecond(START + 2_000_000).unwrap();
    let shop = Shop::new(&Told { not_before: Some(not_before), ..Told::default() }).await;
    shop.lanes();
    shop.run().await;
    let entries = shop.vendor.entries();
    assert_eq!(entries.len(), 23);
    assert!(entries.iter().all(|entry| entry.at >= not_before));
}

#[tokio::test]
async fn whoever_is_reached_too_late_waits_for_the_next_morning() {
    let shop =
        Shop::new(&Told { people: 120, pace: Pace { account: 10, tenant: 10 }, ..Told::default() }).await;
    let from = u8::try_from(START / 3_600_000 % 24).unwrap();
    // It is loud for what is left of this hour, and then not for three.
    shop.ruled(|rules| rules.quiet = Some(Quiet { from: (from + 1) % 24, to: (from + 4) % 24 })).await;
    let next = START - START.rem_euclid(3_600_000) + 3_600_000;
    shop.clock.0.store(next - 5_000, Ordering::SeqCst);
    shop.lanes();
    shop.run().await;
    let entries = shop.vendor.entries();
    let is_quiet = |at: Timestamp| (next..next + 3 * 3_600_000).contains(&at.as_millisecond());
    assert!(entries.iter().all(|entry| !is_quiet(entry.at)), "nobody is written to in quiet hours");
    let late = entries.iter().filter(|entry| entry.at.as_millisecond() >= next).count();
    assert!(late > 50 && late < 120, "{late}");
    assert!((0..120).all(|number| shop.acceptances(number) == 1));
}

#[tokio::test]
async fn two_who_go_through_one_lane_send_nothing_twice() {
    let shop = Shop::new(&Told { people: 230, ..Told::default() }).await;
    for _ in 0..3 {
        shop.lanes();
    }
    let tasks: Vec<_> = shop.queue.0.lock().unwrap().drain(..).map(|(_, task)| task).collect();
    assert_eq!(tasks.len(), 3 * LANES as usize);
    let all = tasks.into_iter().map(|task| send::handle(&shop.deps, task));
    for done in futures::future::join_all(all).await {
        done.unwrap();
    }
    shop.run().await;
    assert!((0..230).all(|number| shop.acceptances(number) == 1));
}

#[tokio::test]
async fn who_is_blotted_out_of_its_words_is_in_no_letter_that_goes_out_afterwards() {
    let words = |named: &str| Words::Email {
        subject: format!("As {named} says"),
        preheader: String::new(),
        body: Body::Html("<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>".to_owned()),
        text: None,
    };
    let pace = Pace { account: 1_000, tenant: 20 };
    let told = Told { people: 230, pace, words: words("Quirinia Zaphodsdottir"), ..Told::default() };
    let shop = Shop::new(&told).await;
    shop.lanes();
    for _ in 0..7 {
        shop.step().await;
    }
    let sent = shop.vendor.letters().len();
    assert!(sent > 0 && sent < 230, "{sent}");
    let store = shop.store();
    let held = store.campaign(shop.campaign).await.unwrap().unwrap();
    store.commit(vec![store.campaign_reworded(&held, &held, &[words("…")])]).await.unwrap();
    let again = store.campaign(shop.campaign).await.unwrap().unwrap();
    assert_eq!((again.edition, again.rewordings), (held.edition, 1), "it is no change of its own");
    shop.run().await;
    let letters = shop.vendor.letters();
    assert_eq!(letters.len(), 230);
    let named = letters.iter().filter(|letter| letter.subject == "As Quirinia Zaphodsdottir says").count();
    let blotted = letters.iter().filter(|letter| letter.subject == "As … says").count();
    assert_eq!((named, blotted), (sent, 230 - sent));
}

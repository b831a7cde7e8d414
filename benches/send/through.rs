//! A campaign to everybody, from its launch to its end, and then what became of its messages.

use crate::{
    newsletter,
    people::{rolled, willing},
    shop::{Shop, campaign, tenant},
    spent::{Spent, memory_marked, memory_peak, spent},
};
use domain::{
    Receipt, Task,
    campaign::{MessageId, Rules, State},
    receipt::{Happened, Reader},
    template::{Body, Words},
};
use flows::Clock;
use futures::stream::{FuturesUnordered, StreamExt};
use std::{
    path::Path,
    sync::{Arc, atomic::Ordering},
};
use store::local::{LocalTable, Units};

/// As many tasks of a queue are done side by side at home.
const AT_ONCE: usize = 10;
/// A keeper looks once a minute, by the campaign's clock.
const MINUTE: i64 = 60_000;
/// Of one chunk, as a provider tells of letters that went out one after the other.
const TOGETHER: u8 = 50;

pub(crate) async fn made(count: u32, place: &str) {
    let table = LocalTable::open(Path::new(place)).expect("the file can be made");
    table.hurry();
    let table = Arc::new(table);
    Shop::of(table.clone()).founded(count, willing).await;
    table.rested().expect("the disk takes it");
}

pub(crate) async fn measured(count: u32, words: &str, place: &str) {
    let table = if place == "memory" {
        let table = Arc::new(LocalTable::in_memory());
        Shop::of(table.clone()).founded(count, willing).await;
        table
    } else {
        Arc::new(LocalTable::open(Path::new(place)).expect("it was made before"))
    };
    let shop = Shop::of(table.clone());
    let id = campaign(9);
    let (marked, ledger) = (memory_marked(), table.ledger());
    shop.launched(id, Rules::default(), &told(words)).await;
    let (took, ()) = spent(sent(&shop)).await;
    let (peak, used) = (memory_peak(), table.ledger().since(&ledger));
    let taken = shop.around.taken.load(Ordering::Relaxed);
    assert_eq!(taken, u64::from(count), "everybody gets it once");
    let bytes = shop.around.bytes.load(Ordering::Relaxed) / taken;
    // They are told in halves.
    let units = |units: Units| units.to_string().parse::<f64>().unwrap_or_default() / f64::from(count);
    say("sent", taken, took);
    println!(
        r#"{{"asked":"beside","bytes":{bytes},"before":{marked:.0},"peak":{peak:.0},"writes":{:.2},"reads":{:.2}}}"#,
        units(used.writes),
        units(used.reads)
    );
    let delivered = heard(&shop, in_order(&shop, count)).await;
    say("heard, fifty of a chunk together", count.into(), delivered);
    let opened = heard(&shop, one_by_one(&shop, count)).await;
    say("heard, one by one in any order", (count / 5).into(), opened);
}

fn say(asked: &str, count: u64, Spent { wall, cpu }: Spent) {
    println!(r#"{{"asked":"{asked}","count":{count},"seconds":{wall:.3},"cpu":{cpu:.3}}}"#);
}

fn told(words: &str) -> Words {
    let (subject, html) = match words {
        "short" => ("Hi {{ customer.first_name }}", "<p>We have moved.</p>".to_owned()),
        _ => ("{{ customer.first_name }}, the new harvest is here", newsletter::html()),
    };
    Words::Email { subject: subject.to_owned(), preheader: String::new(), body: Body::Html(html), text: None }
}

/// Until it is over.
async fn sent(shop: &Shop) {
    shop.keep(campaign(9)).await;
    let mut looked = shop.around.now();
    let mut working = FuturesUnordered::new();
    loop {
        while working.len() < AT_ONCE
            && let Some(task) = shop.around.next()
        {
            working.push(shop.task(task));
        }
        match working.next().await {
            Some(done) => done.expect("nothing fails here"),
            None if shop.around.waited() => {}
            None => shop.around.pass(MINUTE),
        }
        let now = shop.around.now();
        if now.duration_since(looked).as_millis() >= MINUTE.into() {
            looked = now;
            shop.keep(campaign(9)).await;
            let held = shop.store.campaign(campaign(9)).await.expect("it can be read");
            if held.is_some_and(|held| held.state == State::Sent) {
                return;
            }
        }
    }
}

fn receipt(shop: &Shop, chunk: u32, place: u8, what: Happened) -> Receipt {
    let id = MessageId { tenant: tenant(), campaign: campaign(9), chunk, place };
    let message = id.to_string().parse().ok();
    Receipt { tenant: Some(id.tenant), message, vendor_id: None, what, at: shop.around.now() }
}

/// Every message is delivered.
fn in_order(shop: &Shop, count: u32) -> Vec<Task> {
    let places = |chunk: u32| (count - chunk * u32::from(TOGETHER)).min(TOGETHER.into());
    let task = |chunk: u32| {
        let receipts = (0..places(chunk)).filter_map(|place| u8::try_from(place).ok());
        let receipts = receipts.map(|place| receipt(shop, chunk, place, Happened::Delivered)).collect();
        Task::HearReceipts { tenant: tenant(), receipts }
    };
    (0..count.div_ceil(TOGETHER.into())).map(task).collect()
}

/// Some open it, whoever has time.
fn one_by_one(shop: &Shop, count: u32) -> Vec<Task> {
    let task = |number: u32| {
        let whose = u32::try_from(rolled(number, 9) % u64::from(count)).unwrap_or(0);
        let (chunk, place) = (whose / u32::from(TOGETHER), whose % u32::from(TOGETHER));
        let what = Happened::Opened { by: Reader::Person };
        let receipts = vec![receipt(shop, chunk, u8::try_from(place).unwrap_or(0), what)];
        Task::HearReceipts { tenant: tenant(), receipts }
    };
    (0..count / 5).map(task).collect()
}

async fn heard(shop: &Shop, tasks: Vec<Task>) -> Spent {
    let all = futures::stream::iter(tasks).map(|task| shop.task(task)).buffer_unordered(AT_ONCE);
    let hearing = all.for_each(|done| {
        done.expect("nothing fails here");
        std::future::ready(())
    });
    spent(hearing).await.0
}

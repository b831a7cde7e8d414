//! What was worked out of customers, as it is stored, to the last bit. A changed snapshot is a migration.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::{
    TenantId, Zone,
    scoring::{Cause, Scoring, ScoringRun},
};
use insight::{Nightly, Order, rfm::Buyer};
use serde_dynamo::AttributeValue as Value;
use std::sync::Arc;
use store::{Scores, Store, StoreError, Table, TenantStore, When, Write, local::LocalTable};

use crate::instants::at;
use crate::shown::shown;

fn team(table: &Arc<LocalTable>, number: u8) -> TenantStore {
    Store::new(table.clone()).for_task(TenantId::new(at(0), [number; 10]))
}

fn scoring() -> Scoring {
    Scoring::begun(&Zone::UTC, at(0)).made(&Zone::UTC, at(5))
}

/// A shop of 300, whose customers come back now and then.
fn nightly() -> Nightly {
    let orders = |number: i32| -> Vec<Order> {
        let times = 1 + number * 7 % 11 / 2 + number % 5;
        let order = |time: i32| Order {
            day: 20_000 + (number * 13 + time * (9 + number % 47)) % 700,
            net: i64::from(900 + (number * 31 + time * 17) % 2_000),
        };
        (0..times).map(order).collect()
    };
    let customers: Vec<(u32, Vec<Order>)> =
        (0..300_i32).map(|number| (number.unsigned_abs(), orders(number))).collect();
    let buyers = customers.iter().map(|(_, orders)| Buyer {
        last_day: orders.iter().map(|order| order.day).max().unwrap(),
        orders: u32::try_from(orders.len()).unwrap(),
        spent: orders.iter().map(|order| order.net).sum(),
    });
    Nightly::of(20_717, buyers, customers.iter().map(|(number, orders)| (*number, orders.as_slice())))
}

#[tokio::test]
async fn scores_and_what_was_done_are_kept_so() {
    let table = Arc::new(LocalTable::in_memory());
    let team = team(&table, 1);
    let silence = Some(("few_customers".to_owned(), "4 customers have ordered".to_owned()));
    let run = |wanted_at, silence| ScoringRun {
        wanted_at,
        cause: Cause::Night,
        ended_at: wanted_at,
        edition: 1,
        customers: 4,
        silence,
    };
    let (first, second) = (run(at(0), silence), run(at(86_400), None));
    let scores = Scores { scoring: scoring(), nightly: Some(Arc::new(nightly())) };
    team.commit(vec![team.scores_changed(None, &scores), team.scoring_ran(&first)]).await.unwrap();
    team.commit(vec![team.scoring_ran(&second)]).await.unwrap();
    let listed = table.dump().unwrap().into_iter().map(|mut item| {
        // What was found is long, and is compared bit by bit below.
        item.body.remove("nightly");
        shown(&item)
    });
    let listed: Vec<_> = listed.collect();
    insta::assert_snapshot!(listed.join("\n"));
    let again = team.commit(vec![team.scoring_ran(&first)]).await;
    assert!(matches!(again, Err(StoreError::Conflict(0))), "{again:?}");
    assert_eq!(team.scoring_runs(9, None).await.unwrap(), (vec![second.clone(), first.clone()], None));
    let (page, next) = team.scoring_runs(1, None).await.unwrap();
    assert_eq!((page, next), (vec![second], Some(at(86_400))));
    assert_eq!(team.scoring_runs(1, next).await.unwrap().0, [first]);
}

#[tokio::test]
async fn what_was_found_is_read_again_to_the_last_bit_and_by_whoever_has_it() {
    let table = Arc::new(LocalTable::in_memory());
    let (team, other) = (team(&table, 1), team(&table, 2));
    let scores = Scores { scoring: scoring(), nightly: Some(Arc::new(nightly())) };
    team.commit(vec![team.scores_changed(None, &scores)]).await.unwrap();
    let held = team.scores().await.unwrap().unwrap();
    assert_eq!((&*held, &team.nightly().await.unwrap()), (&scores, &scores.nightly));
    assert!(other.scores().await.unwrap().is_none() && other.nightly().await.unwrap().is_none());
    // Handed to another tenant's store, it meets nothing of theirs.
    assert!(other.commit(vec![other.scores_changed(Some(&held), &scores)]).await.is_err());
    // Of another form it is nothing, and is worked out anew when it is wanted.
    let mut item = table.dump().unwrap().remove(0);
    let mut body = item.body.into_inner();
    body.insert("form".to_owned(), Value::N("2".to_owned()));
    item.body = body.into();
    table.write(vec![Write::Put(item, When::Always)]).await.unwrap();
    let read = team.scores().await.unwrap().unwrap();
    assert_eq!((&read.scoring, &read.nightly), (&scores.scoring, &None));
    assert_eq!(team.nightly().await.unwrap(), None);
}

//! Counters.

use serde_dynamo::AttributeValue;
use std::ops::RangeInclusive;

use super::{Bench, conflict_at, is_refused};
use crate::table::{Add, Count, StoreError, When, Write};

fn count(counter: &str, by: i64, within: Option<RangeInclusive<i64>>) -> Count {
    Count { counter: counter.to_owned(), by, within }
}

fn add(bench: &Bench, sk: &str, counts: Vec<Count>) -> Add {
    Add { key: bench.key(sk), counts, expires_at: None }
}

pub(super) async fn counters_move_together_or_not_at_all(bench: &Bench) {
    let moved = async |sk: &str, counts| bench.table.add(add(bench, sk, counts)).await;
    let first = moved("a", vec![count("x", 5, None), count("y", -2, None)]).await;
    assert_eq!(first.expect("what is not there counts from 0"), [5, -2]);
    let made = bench.get("a").await.expect("the item is there now");
    assert_eq!((made.version, made.expires_at), (0, None));
    let second = moved("a", vec![count("y", 1, Some(-2..=-2)), count("x", 1, Some(0..=5))]).await;
    assert_eq!(second.expect("both are within"), [-1, 6], "in the order asked");
    let third = moved("a", vec![count("x", 1, None), count("y", 1, Some(0..=9))]).await;
    assert_eq!(conflict_at(&third), Some(0), "{third:?}");
    let unmoved = moved("a", vec![count("x", 0, None), count("y", 0, None)]).await;
    assert_eq!(unmoved.expect("a look"), [6, -1], "none has moved");
    let absent = moved("b", vec![count("x", 1, Some(1..=9))]).await;
    assert_eq!(conflict_at(&absent), Some(0), "absent is 0, which is not within");
    assert!(bench.get("b").await.is_none());
    assert_eq!(moved("b", vec![count("x", 1, Some(0..=0))]).await.expect("0 is within"), [1]);

    bench.put(bench.item("put", 3, "stays")).await;
    let expiring = Add { expires_at: Some(1_999_999_999), ..add(bench, "put", vec![count("x", 1, None)]) };
    bench.table.add(expiring).await.expect("an item may have counters beside its body");
    bench.table.add(add(bench, "put", vec![count("x", 1, None)])).await.expect("once more");
    let item = bench.get("put").await.expect("it is there");
    assert_eq!((item.version, item.expires_at), (3, Some(1_999_999_999)), "kept");
    assert_eq!(item.body.get("text"), Some(&AttributeValue::S("stays".to_owned())));
    assert_eq!(item.body.get("x"), Some(&AttributeValue::N("2".to_owned())));

    let with_a_put = |within| {
        let counting = Write::Add(add(bench, "t", vec![count("x", 1, within)]));
        vec![Write::Put(bench.item("beside", 1, "x"), When::Absent), counting]
    };
    assert_eq!(conflict_at(&bench.write(with_a_put(Some(1..=1))).await), Some(1));
    assert!(bench.get("beside").await.is_none());
    assert!(bench.write(with_a_put(None)).await.is_ok());
    assert!(bench.get("beside").await.is_some());

    for wrong in [vec![], vec![count("x", 1, None), count("x", 1, None)], vec![count("pk", 1, None)]] {
        let refused = moved("a", wrong).await;
        assert!(is_refused(&refused), "{refused:?}");
    }
    moved("edge", vec![count("x", i64::MAX, None)]).await.expect("as far as 64 bits go");
    assert!(is_refused(&moved("edge", vec![count("x", 1, None)]).await), "and no further");
}

pub(super) async fn additions_at_once_all_count(bench: &Bench) {
    let mut adding = Vec::new();
    for _ in 0..64 {
        let (table, one) = (bench.table.clone(), add(bench, "a", vec![count("x", 1, None)]));
        adding.push(tokio::spawn(async move { table.add(one).await }));
    }
    let mut seen = Vec::new();
    for one in adding {
        let moved: Result<_, StoreError> = one.await.expect("nobody panics");
        seen.extend(moved.expect("an addition without a condition"));
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=64).collect::<Vec<_>>(), "each saw its own");
}

/// What every limit rests on: a bucket of 60, and five times as many who come at once.
pub(super) async fn of_many_at_once_as_many_are_let_in_as_there_is_room(bench: &Bench) {
    let mut coming = Vec::new();
    for _ in 0..300 {
        let taking = vec![count("taken", 1, Some(0..=59)), count("month", 1, Some(0..=999))];
        let (table, one) = (bench.table.clone(), add(bench, "a", taking));
        coming.push(tokio::spawn(async move { table.add(one).await }));
    }
    let mut places = Vec::new();
    for one in coming {
        let taken: Result<_, StoreError> = one.await.expect("nobody panics");
        match taken {
            Ok(values) => places.push((values[0], values[1])),
            refused => assert_eq!(conflict_at(&refused), Some(0), "{refused:?}"),
        }
    }
    places.sort_unstable();
    assert_eq!(places, (1..=60).map(|place| (place, place)).collect::<Vec<_>>(), "each a place of its own");
}

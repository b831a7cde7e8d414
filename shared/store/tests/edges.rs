//! The local table at its edges: numbers and cursors that DynamoDB refuses, and pages of a long index.

use serde_dynamo::AttributeValue as Value;
use std::collections::HashMap;
use store::{
    Item, Range, RawKey, StoreError, Table, When, Write,
    local::LocalTable,
    table::{Body, Position, Sort, Within},
};

fn item(sk: &str) -> Item {
    Item { key: RawKey::new("p", sk), index: None, version: 1, expires_at: None, body: Body::default() }
}

fn range(within: Within, sort: Sort) -> Range {
    Range { within, sort, backward: false, limit: 10, after: None, consistent: false }
}

fn is_refused<T>(done: &Result<T, StoreError>) -> bool {
    matches!(done, Err(StoreError::Refused(_)))
}

#[tokio::test]
async fn numbers_beyond_all_bounds_and_false_nulls_are_refused_and_do_not_panic() {
    let table = LocalTable::in_memory();
    for value in [
        Value::N(format!("10e{}", i64::MAX)),
        Value::N(format!("0.1e{}", i64::MIN)),
        Value::N("1e".to_owned()),
        Value::Null(false),
    ] {
        let body = Body::from(HashMap::from([("value".to_owned(), value.clone())]));
        let done = table.write(vec![Write::Put(Item { body, ..item("a") }, When::Always)]).await;
        assert!(is_refused(&done), "{value:?}: {done:?}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_range_is_refused() {
    let table = LocalTable::in_memory();
    for sk in ["a1", "a2", "b1", "b2"] {
        let place = Some(RawKey::new("due", sk));
        table.write(vec![Write::Put(Item { index: place, ..item(sk) }, When::Always)]).await.expect("a put");
    }
    let partition = || Within::Partition("p".to_owned());
    let index = || Within::Index("due".to_owned());
    let at = |pk: &str, sk: &str, place: Option<(&str, &str)>| Position {
        key: RawKey::new(pk, sk),
        index: place.map(|(pk, sk)| RawKey::new(pk, sk)),
    };
    let b = || Sort::Prefix("b".to_owned());
    for (within, sort, after, fits) in [
        (partition(), b(), at("p", "b1", None), true),
        (partition(), b(), at("p", "a1", None), false),
        (partition(), b(), at("p", "c1", None), false),
        (partition(), b(), at("q", "b1", None), false),
        (partition(), b(), at("p", "b1", Some(("due", "b1"))), false),
        (partition(), Sort::Between("a2".into(), "b1".into()), at("p", "a1", None), false),
        (partition(), Sort::Between("a2".into(), "b1".into()), at("p", "b2", None), false),
        (index(), b(), at("p", "b1", Some(("due", "b1"))), true),
        (index(), b(), at("p", "b1", None), false),
        (index(), b(), at("p", "b1", Some(("else", "b1"))), false),
        (index(), b(), at("p", "a1", Some(("due", "a1"))), false),
        (index(), Sort::All, at("p", "", Some(("due", "b1"))), false),
    ] {
        for backward in [false, true] {
            let asked = Range { after: Some(after.clone()), backward, ..range(within.clone(), sort.clone()) };
            let done = table.query(&asked).await;
            assert_eq!((done.is_ok(), is_refused(&done)), (fits, !fits), "{asked:?}: {done:?}");
        }
    }
}

#[tokio::test]
async fn the_index_is_paged_in_one_order_both_ways() {
    let table = LocalTable::in_memory();
    // Twins of a place, a place that continues another, and neighbours of the partition.
    let places = ["1", "2", "2", "2\0", "2#", "3", "\u{10FFFF}"];
    for (number, place) in places.iter().enumerate() {
        for partition in ["due", "due#", "du"] {
            let sk = format!("{partition}-{number}");
            let put = Item { index: Some(RawKey::new(partition, *place)), ..item(&sk) };
            table.write(vec![Write::Put(put, When::Always)]).await.expect("a put");
        }
    }
    for (sort, expected) in [
        (Sort::All, vec![0, 1, 2, 3, 4, 5, 6]),
        (Sort::Prefix("2".into()), vec![1, 2, 3, 4]),
        (Sort::Prefix("\u{10FFFF}".into()), vec![6]),
        (Sort::Between("2".into(), "2".into()), vec![1, 2]),
        (Sort::Between("2\0".into(), "3".into()), vec![3, 4, 5]),
    ] {
        for (backward, limit) in [(false, 1), (false, 3), (true, 1), (true, 3)] {
            let asked = range(Within::Index("due".to_owned()), sort.clone());
            let mut asked = Range { backward, limit, ..asked };
            let mut seen = Vec::new();
            loop {
                let page = table.query(&asked).await.expect("a page");
                seen.extend(page.items.into_iter().map(|item| item.key.sk));
                asked.after = page.next;
                if asked.after.is_none() {
                    break;
                }
            }
            let mut expected: Vec<_> = expected.iter().map(|number| format!("due-{number}")).collect();
            if backward {
                expected.reverse();
            }
            assert_eq!(seen, expected, "{sort:?} {backward} by {limit}");
        }
    }
}

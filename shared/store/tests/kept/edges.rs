//! The local table at its edges: numbers and cursors that DynamoDB refuses, pages of a long index, and entries of it
//! that nobody understands.

use domain::{Reset, ResetCause, ResetId, Timestamp};
use serde_dynamo::AttributeValue as Value;
use std::{collections::HashMap, sync::Arc};
use store::{
    Due, Item, Range, RawKey, Store, StoreError, Table, When, Write,
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

#[tokio::test]
async fn due_work_that_nobody_understands_keeps_nothing_waiting() {
    let table = Arc::new(LocalTable::in_memory());
    let store = Store::new(table.clone());
    let at = |second| Timestamp::from_second(second).expect("a time");
    let reset = ResetId::new(at(1_000), [1; 10]);
    let asked = Reset {
        id: reset,
        email: "vera@example.com".parse().expect("an address"),
        cause: ResetCause::Forgotten,
        created_at: at(1_000),
        expires_at: at(9_000),
        told_at: None,
        due_at: at(2_000),
        claimed_until: None,
    };
    store.commit(vec![Store::reset_asked(&asked)]).await.expect("a put");
    let place =
        table.dump().expect("memory holds").into_iter().find_map(|item| item.index).expect("it is due");
    let (millis, _) = place.sk.split_once('#').expect("when, and what");
    for (number, what) in ["", "#", "#fly#1", "#reset#1", "#invitation#1.2"].into_iter().enumerate() {
        let index = Some(RawKey::new(&place.pk, format!("{millis}{what}")));
        let strange = Item { index, ..item(&number.to_string()) };
        table.write(vec![Write::Put(strange, When::Always)]).await.expect("a put");
    }
    for limit in [1, 2, 100] {
        let (mut all, mut behind) = (Vec::new(), None);
        loop {
            let (due, more) = store.due_before(at(3_000), limit, behind).await.expect("it goes on");
            assert!(due.len() <= limit as usize, "of one partition");
            all.extend(due.into_iter().map(|(_, due)| due));
            behind = more;
            if behind.is_none() {
                break;
            }
        }
        assert_eq!(all, [Due::Reset { reset }], "at most {limit}");
    }
}

//! What a table on DynamoDB promises, and how its writes fail.

use serde_dynamo::AttributeValue;
use store::{
    Item, Range, RawKey, StoreError, Table, When, Write,
    table::{Add, Body, Count, Sort, Within},
};

pub(crate) async fn check(table: &dyn Table) {
    items_come_back_as_they_were(table).await;
    conditions_hold(table).await;
    several_writes_are_all_or_none(table).await;
    pages_follow_each_other(table).await;
    counters_stay_within(table).await;
    the_impossible_is_refused(table).await;
}

fn item(pk: &str, sk: &str) -> Item {
    let mut body = Body::default();
    body.insert("name".to_owned(), AttributeValue::S(sk.to_owned()));
    body.insert("size".to_owned(), AttributeValue::N("12.5".to_owned()));
    body.insert("bytes".to_owned(), AttributeValue::B(vec![0, 255]));
    body.insert("list".to_owned(), AttributeValue::L(vec![AttributeValue::Null(true)]));
    Item { key: RawKey::new(pk, sk), index: None, version: 1, expires_at: Some(9), body }
}

fn put(item: &Item, when: When) -> Vec<Write> {
    vec![Write::Put(item.clone(), when)]
}

async fn items_come_back_as_they_were(table: &dyn Table) {
    let mut held: Vec<_> = (0..205).map(|number| item("many", &format!("{number:03}"))).collect();
    held[7].index = Some(RawKey::new("place", "7"));
    for chunk in held.chunks(100) {
        let writes = chunk.iter().map(|item| Write::Put(item.clone(), When::Absent)).collect();
        table.write(writes).await.unwrap();
    }
    let mut keys: Vec<_> = held.iter().map(|item| item.key.clone()).collect();
    keys.extend([RawKey::new("many", "none"), keys[0].clone()]);
    let found = table.get(&keys).await.unwrap();
    assert_eq!(found.len(), 207);
    assert!(found.iter().zip(&held).all(|(found, held)| found.as_ref() == Some(held)));
    assert_eq!((&found[205], &found[206]), (&None, &Some(held[0].clone())));
    assert_eq!(table.get(&keys[7..8]).await.unwrap(), [Some(held[7].clone())]);
    assert!(table.get(&[]).await.unwrap().is_empty());
}

async fn conditions_hold(table: &dyn Table) {
    let first = item("when", "a");
    let second = Item { version: 2, ..first.clone() };
    let key = first.key.clone();
    let conflict = async |writes: Vec<Write>| {
        let refused = table.write(writes.clone()).await;
        assert!(matches!(refused, Err(StoreError::Conflict(0))), "{writes:?}: {refused:?}");
    };
    conflict(put(&first, When::Present)).await;
    conflict(put(&first, When::Version(1))).await;
    conflict(vec![Write::Delete(key.clone(), When::Present)]).await;
    conflict(vec![Write::Check(key.clone(), When::Present)]).await;
    table.write(put(&first, When::Absent)).await.unwrap();
    conflict(put(&first, When::Absent)).await;
    conflict(vec![Write::Check(key.clone(), When::Absent)]).await;
    table.write(put(&second, When::Version(1))).await.unwrap();
    conflict(put(&second, When::Version(1))).await;
    table.write(vec![Write::Check(key.clone(), When::Always)]).await.unwrap();
    conflict(vec![Write::Delete(key.clone(), When::Version(1))]).await;
    table.write(vec![Write::Delete(key.clone(), When::Version(2))]).await.unwrap();
    table.write(vec![Write::Delete(key.clone(), When::Always)]).await.unwrap();
    assert_eq!(table.get(&[key]).await.unwrap(), [None]);
}

async fn several_writes_are_all_or_none(table: &dyn Table) {
    let (a, b) = (item("both", "a"), item("both", "b"));
    let writes = vec![
        Write::Put(a.clone(), When::Absent),
        Write::Check(RawKey::new("both", "c"), When::Present),
        Write::Put(b.clone(), When::Present),
    ];
    let refused = table.write(writes).await;
    assert!(matches!(refused, Err(StoreError::Conflict(1))), "{refused:?}");
    assert_eq!(table.get(&[a.key.clone(), b.key.clone()]).await.unwrap(), [None, None]);
    table.write(vec![]).await.unwrap();
}

async fn pages_follow_each_other(table: &dyn Table) {
    let mut held: Vec<_> = (0..7).map(|number| item("pages", &format!("p{number}"))).collect();
    for (number, item) in held.iter_mut().enumerate() {
        item.index = Some(RawKey::new("pages-index", format!("{}", 9 - number)));
        table.write(put(item, When::Absent)).await.unwrap();
    }
    let walk = async |within: Within, sort: Sort, backward: bool| {
        let mut range = Range { within, sort, backward, limit: 3, after: None, consistent: true };
        let mut seen = String::new();
        loop {
            let page = table.query(&range).await.unwrap();
            assert!(page.items.len() <= 3);
            seen.extend(page.items.iter().map(|item| item.key.sk[1..].to_owned()));
            match page.next {
                Some(next) => range.after = Some(next),
                None => return seen,
            }
        }
    };
    let here = || Within::Partition("pages".to_owned());
    let index = || Within::Index("pages-index".to_owned());
    assert_eq!(walk(here(), Sort::All, false).await, "0123456");
    assert_eq!(walk(here(), Sort::Prefix("p".to_owned()), true).await, "6543210");
    assert_eq!(walk(here(), Sort::Between("p2".to_owned(), "p4".to_owned()), false).await, "234");
    assert_eq!(walk(index(), Sort::All, false).await, "6543210");
    assert_eq!(walk(index(), Sort::All, true).await, "0123456");
}

async fn counters_stay_within(table: &dyn Table) {
    let key = RawKey::new("count", "a");
    let add = |by, within| Add {
        key: key.clone(),
        counts: vec![
            Count { counter: "left".to_owned(), by, within },
            Count { counter: "all".to_owned(), by: 1, within: None },
        ],
        expires_at: Some(5),
    };
    assert_eq!(table.add(add(3, Some(0..=9))).await.unwrap(), [3, 1]);
    let refused = table.add(add(1, Some(4..=9))).await;
    assert!(matches!(refused, Err(StoreError::Conflict(0))), "{refused:?}");
    let refused = table.add(add(i64::MAX, None)).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert_eq!(table.add(add(-3, None)).await.unwrap(), [0, 2]);
    let held = table.get(std::slice::from_ref(&key)).await.unwrap().pop().flatten().unwrap();
    assert_eq!((held.version, held.expires_at), (0, Some(5)));
    let both = vec![
        Write::Put(item("count", "b"), When::Always),
        Write::Add(add(i64::MAX, Some(0..=0))),
        Write::Check(RawKey::new("count", "none"), When::Absent),
    ];
    table.write(both.clone()).await.unwrap();
    let refused = table.write(both).await;
    assert!(matches!(refused, Err(StoreError::Conflict(1))), "{refused:?}");
}

async fn the_impossible_is_refused(table: &dyn Table) {
    let refused = async |writes: Vec<Write>| {
        let answer = table.write(writes).await;
        assert!(matches!(answer, Err(StoreError::Refused(_))), "{answer:?}");
    };
    let mut large = item("large", "a");
    large.body.insert("text".to_owned(), AttributeValue::S("x".repeat(400 * 1024)));
    refused(put(&large, When::Always)).await;
    refused(put(&item("", "a"), When::Always)).await;
    refused((0..101).map(|n| Write::Put(item("x", &n.to_string()), When::Always)).collect()).await;
    refused(vec![
        Write::Put(item("x", "1"), When::Always),
        Write::Delete(RawKey::new("x", "1"), When::Always),
    ])
    .await;
}

//! The local table: the contract, in memory and in a file, what survives, and what it bills.

use serde_dynamo::AttributeValue;
use std::{collections::HashMap, path::PathBuf, sync::Arc};
use store::{
    Item, Range, RawKey, Table, When, Write, contract,
    local::LocalTable,
    table::{Add, Body, Count, Sort, Within},
};

/// A file that is gone with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("regulars-{name}-{}.redb", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn item(sk: &str, version: u64, bytes: usize) -> Item {
    let body = Body::from(HashMap::from([("blob".to_owned(), AttributeValue::B(vec![1; bytes]))]));
    Item { key: RawKey::new("p", sk), index: None, version, expires_at: None, body }
}

#[tokio::test]
async fn in_memory_it_keeps_the_contract() {
    contract::check(Arc::new(LocalTable::in_memory()), "memory").await;
}

#[tokio::test]
async fn in_a_file_it_keeps_the_contract_and_what_was_written() {
    let file = Scratch::new("contract");
    let table = Arc::new(LocalTable::open(&file.0).expect("a new file"));
    contract::check(table.clone(), "file").await;
    table.write(vec![Write::Put(item("kept", 1, 10), When::Absent)]).await.expect("a put");
    // As a crash would leave it: copied while it is open.
    let copy = Scratch::new("copy");
    std::fs::copy(&file.0, &copy.0).expect("a copy");
    drop(table);
    for path in [&file.0, &copy.0] {
        let again = LocalTable::open(path).expect("it opens again");
        assert_eq!(
            again.get(&[RawKey::new("p", "kept")]).await.expect("a get")[0],
            Some(item("kept", 1, 10))
        );
    }
}

#[tokio::test]
async fn what_was_done_in_a_hurry_is_on_the_disk_after_a_rest() {
    let (file, copy) = (Scratch::new("hurried"), Scratch::new("copied"));
    let table = LocalTable::open(&file.0).expect("a new file");
    // As if the power went: the file as it is while the process has it open.
    let left = || {
        std::fs::copy(&file.0, &copy.0).expect("a copy");
        LocalTable::open(&copy.0).and_then(|table| table.dump()).expect("a file that opens").len()
    };
    table.hurry();
    let mut seen = Vec::new();
    for number in 0..200 {
        table.write(vec![Write::Put(item(&format!("{number}"), 1, 10), When::Absent)]).await.expect("a put");
        if number % 40 == 39 {
            seen.push(left());
        }
    }
    assert!(
        seen.is_sorted() && seen.iter().any(|left| *left > 50),
        "now and then it is on the disk: {seen:?}"
    );
    assert!(left() < 200, "not each time");
    table.rested().expect("a rest");
    assert_eq!(left(), 200);
    table.write(vec![Write::Put(item("after", 1, 10), When::Absent)]).await.expect("a put");
    assert_eq!(left(), 201, "each time again");
}

#[tokio::test]
async fn a_count_waits_for_the_disk_with_what_is_written_after_it() {
    let (file, copy) = (Scratch::new("counted"), Scratch::new("counted-copy"));
    let table = LocalTable::open(&file.0).expect("a new file");
    // As if the power went.
    let left = || {
        std::fs::copy(&file.0, &copy.0).expect("a copy");
        LocalTable::open(&copy.0).and_then(|table| table.dump()).expect("a file that opens").len()
    };
    let count = |sk: &str| Add {
        key: RawKey::new("counts", sk),
        counts: vec![Count { counter: "n".to_owned(), by: 1, within: None }],
        expires_at: None,
    };
    table.add(count("one")).await.expect("a count");
    assert_eq!(left(), 0, "alone it does not wait");
    table.write(vec![Write::Put(item("written", 1, 10), When::Absent)]).await.expect("a put");
    assert_eq!(left(), 2, "what stands on it is not there without it");
    for number in 0..64 {
        table.add(count(&number.to_string())).await.expect("a count");
    }
    assert!(left() > 60, "now and then it waits alone");
    // Whoever counts in the same commit does not keep what is written in it from the disk.
    let put = |sk: &str| table.write(vec![Write::Put(item(sk, 1, 10), When::Absent)]);
    for number in 0..3 {
        let (before, written, after) = (format!("b{number}"), format!("w{number}"), format!("a{number}"));
        let (first, put, last) =
            futures::join!(table.add(count(&before)), put(&written), table.add(count(&after)));
        assert!(first.is_ok() && put.is_ok() && last.is_ok());
        let all = left();
        table
            .write(vec![Write::Put(item(&format!("next{number}"), 1, 10), When::Absent)])
            .await
            .expect("a put");
        assert_eq!(left(), all + 1, "all three were there");
    }
}

#[tokio::test]
async fn what_has_expired_goes_with_the_sweep() {
    let table = LocalTable::in_memory();
    let expiring = |sk: &str, at| Write::Put(Item { expires_at: at, ..item(sk, 1, 1) }, When::Always);
    let puts = vec![expiring("past", Some(99)), expiring("now", Some(100)), expiring("never", None)];
    table.write(puts).await.expect("puts");
    assert_eq!(table.sweep(100).expect("a sweep"), 1);
    let left = table.dump().expect("a look");
    assert_eq!(left.iter().map(|item| item.key.sk.as_str()).collect::<Vec<_>>(), ["never", "now"]);
}

/// What DynamoDB bills for it, reads and writes.
async fn billed(table: &LocalTable, done: impl Future<Output = bool>) -> (bool, String, String) {
    let before = table.ledger();
    let held = done.await;
    let bill = table.ledger().since(&before);
    (held, bill.reads.to_string(), bill.writes.to_string())
}

#[tokio::test]
async fn it_bills_as_dynamodb_does() {
    let table = LocalTable::in_memory();
    let write = async |writes: Vec<Write>| billed(&table, async { table.write(writes).await.is_ok() }).await;
    let put = |item: Item, when| vec![Write::Put(item, when)];
    let bill = |held, reads: &str, writes: &str| (held, reads.to_owned(), writes.to_owned());

    assert_eq!(write(put(item("a", 1, 900), When::Absent)).await, bill(true, "0", "1"), "up to 1 KB");
    assert_eq!(write(put(item("a", 2, 2_500), When::Version(1))).await, bill(true, "0", "3"), "the new size");
    assert_eq!(
        write(put(item("a", 3, 10), When::Version(2))).await,
        bill(true, "0", "3"),
        "the old size, if larger"
    );
    assert_eq!(write(put(item("a", 4, 10), When::Absent)).await, bill(false, "0", "1"), "a refused one, too");
    let two =
        vec![Write::Put(item("b", 1, 10), When::Absent), Write::Check(RawKey::new("p", "a"), When::Present)];
    assert_eq!(write(two).await, bill(true, "0", "4"), "a transaction doubles, checks included");
    let delete = |sk: &str| vec![Write::Delete(RawKey::new("p", sk), When::Always)];
    assert_eq!(write(delete("b")).await, bill(true, "0", "1"));
    assert_eq!(write(delete("b")).await, bill(true, "0", "1"), "also of nothing");

    let at = |sk: &str| Some(RawKey::new("due", sk));
    assert_eq!(
        write(put(Item { index: at("1"), ..item("i", 1, 10) }, When::Absent)).await.2,
        "2",
        "into the index"
    );
    assert_eq!(
        write(put(Item { index: at("1"), ..item("i", 2, 10) }, When::Always)).await.2,
        "2",
        "changed there"
    );
    assert_eq!(
        write(put(Item { index: at("2"), ..item("i", 3, 10) }, When::Always)).await.2,
        "3",
        "moved there"
    );
    assert_eq!(write(put(item("i", 4, 10), When::Always)).await.2, "2", "out of it");

    let add = Add {
        key: RawKey::new("p", "n"),
        counts: vec![Count { counter: "x".into(), by: 1, within: None }],
        expires_at: None,
    };
    let added = billed(&table, async { table.add(add).await.is_ok() }).await;
    assert_eq!(added, bill(true, "0", "1"), "an addition is one write");
}

#[tokio::test]
async fn reads_are_billed_by_four_kilobytes() {
    let table = LocalTable::in_memory();
    for (sk, bytes) in [("a", 100), ("b", 4_000), ("c", 8_000)] {
        table.write(vec![Write::Put(item(sk, 1, bytes), When::Always)]).await.expect("a put");
    }
    let get = async |keys: &[&str]| {
        let keys: Vec<_> = keys.iter().map(|sk| RawKey::new("p", *sk)).collect();
        billed(&table, async { table.get(&keys).await.is_ok() }).await.1
    };
    assert_eq!(get(&["a"]).await, "1");
    assert_eq!(get(&["c"]).await, "2");
    assert_eq!(get(&["nothing"]).await, "1", "nothing found costs as much as a little");
    assert_eq!(get(&["a", "b", "c", "a"]).await, "4", "each item by itself, a repeated one once");
    let query = async |sort: Sort, consistent| {
        let within = Within::Partition("p".to_owned());
        let range = Range { within, sort, backward: false, limit: 10, after: None, consistent };
        billed(&table, async { table.query(&range).await.is_ok() }).await.1
    };
    assert_eq!(query(Sort::All, true).await, "3", "a page by its sum: 12 KB");
    assert_eq!(query(Sort::All, false).await, "1.5", "half, if it may lag");
    assert_eq!(query(Sort::Prefix("x".into()), false).await, "0.5", "nothing is a little");
}

#[tokio::test]
async fn lists_that_are_written_together_are_all_or_none_each_by_itself() {
    let file = Scratch::new("together");
    let table = LocalTable::open(&file.0).expect("a new file");
    let counted = |by| Add {
        key: RawKey::new("p", "counter"),
        counts: vec![Count { counter: "n".to_owned(), by, within: Some(0..=40) }],
        expires_at: None,
    };
    let writers = (0..100_i64).map(|number| {
        let own = item(&format!("own{number:03}"), 1, 10);
        // Two in a hundred want the same; of the others, half count, until the counter is full.
        let other = match number % 50 {
            7 => Write::Put(item("wanted", 1, 10), When::Absent),
            rest if rest % 2 == 0 => Write::Add(counted(1)),
            _ => Write::Check(RawKey::new("p", "nobody's"), When::Absent),
        };
        table.write(vec![Write::Put(own, When::Absent), other])
    });
    let done = futures::future::join_all(writers).await;
    let wanted = [7, 57].map(|number: usize| done[number].is_ok());
    assert_eq!(wanted, [true, false], "the first has it");
    let counts = (0..100).filter(|number| number % 50 != 7 && number % 2 == 0);
    assert_eq!(counts.filter(|number| done[*number].is_ok()).count(), 41, "from 0 to 40 it may move");
    for (number, done) in done.iter().enumerate() {
        let own = table.get(&[RawKey::new("p", format!("own{number:03}"))]).await.expect("a get");
        assert_eq!(own[0].is_some(), done.is_ok(), "{number}: nothing of what was refused is there");
    }
    assert!(matches!(table.add(counted(1)).await, Err(store::StoreError::Conflict(0))));
}

#[tokio::test]
async fn whoever_goes_away_in_the_line_is_not_written_later_and_holds_nobody_up() {
    let file = Scratch::new("dropped");
    let table = LocalTable::open(&file.0).expect("a new file");
    let put = |sk: &str| table.write(vec![Write::Put(item(sk, 1, 10), When::Absent)]);
    let (mut gone, mut stays) = (put("gone"), put("stays"));
    for waiting in [&mut gone, &mut stays] {
        assert!(futures::poll!(waiting).is_pending(), "it stands in line");
    }
    drop(gone);
    stays.await.expect("a put");
    put("next").await.expect("a put");
    let there = table.dump().expect("a look");
    assert_eq!(there.iter().map(|item| item.key.sk.as_str()).collect::<Vec<_>>(), ["next", "stays"]);
    put("gone").await.expect("nothing stands against it");
}

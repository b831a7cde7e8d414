//! Getting and writing.

use serde_dynamo::AttributeValue as Value;
use std::collections::HashMap;

use super::{Bench, conflict_at, is_refused};
use crate::table::{Body, Item, When, Write};

pub(super) async fn what_is_put_can_be_got(bench: &Bench) {
    assert_eq!(bench.get("a").await, None, "nothing there");
    let item = Item { expires_at: Some(1_999_999_999), ..bench.item("a", 7, "one") };
    bench.put(item.clone()).await;
    assert_eq!(bench.get("a").await, Some(item), "all of it, at once");
    bench.put(bench.item("a", 8, "two")).await;
    assert_eq!(bench.get("a").await, Some(bench.item("a", 8, "two")), "a put replaces the whole item");
    let gone = bench.write(vec![Write::Delete(bench.key("a"), When::Always)]).await;
    assert!(gone.is_ok() && bench.get("a").await.is_none());
    let again = bench.write(vec![Write::Delete(bench.key("a"), When::Always)]).await;
    assert!(again.is_ok(), "deleting what is not there succeeds");
    assert!(bench.write(Vec::new()).await.is_ok(), "an empty list does nothing");
}

pub(super) async fn every_kind_of_value_comes_back(bench: &Bench) {
    let nested =
        Value::M(HashMap::from([("list".to_owned(), Value::L(vec![Value::Bool(true), Value::Null(true)]))]));
    let values = [
        ("text", Value::S("Größe 🦀".to_owned())),
        ("empty_text", Value::S(String::new())),
        ("empty_bytes", Value::B(Vec::new())),
        ("bytes", Value::B((0..=255).collect())),
        ("number", Value::N("-12345678901234567890123456789012345678".to_owned())),
        ("small", Value::N("0.5".to_owned())),
        ("flag", Value::Bool(false)),
        ("null", Value::Null(true)),
        ("nested", nested),
        ("empty_list", Value::L(Vec::new())),
        ("empty_map", Value::M(HashMap::new())),
        ("texts", Value::Ss(vec!["one".to_owned()])),
        ("numbers", Value::Ns(vec!["7".to_owned()])),
        ("blobs", Value::Bs(vec![vec![1, 2]])),
    ];
    let body = Body::from(HashMap::from(values.map(|(name, value)| (name.to_owned(), value))));
    let item = Item { body, ..bench.item("a", 1, "") };
    bench.put(item.clone()).await;
    assert_eq!(bench.get("a").await, Some(item));
}

pub(super) async fn a_number_comes_back_in_plain_digits(bench: &Bench) {
    let numbers = [
        ("0.50", "0.5"),
        ("1E2", "100"),
        ("-1.5e+3", "-1500"),
        ("1234e-2", "12.34"),
        ("007", "7"),
        ("-0", "0"),
        ("1e-3", "0.001"),
    ];
    let body = |at: fn(&(&str, &str)) -> String| {
        let list = numbers.iter().map(|number| Value::N(at(number))).collect();
        let set = Value::Ns(vec![at(&numbers[0])]);
        let nested = Value::M(HashMap::from([("list".to_owned(), Value::L(list)), ("set".to_owned(), set)]));
        let single = numbers.iter().map(|number| (format!("was {}", number.0), Value::N(at(number))));
        Body::from(single.chain([("nested".to_owned(), nested)]).collect::<HashMap<_, _>>())
    };
    let put = Item { body: body(|number| number.0.to_owned()), ..bench.item("a", 1, "") };
    bench.put(put).await;
    let got = bench.get("a").await.expect("it is there");
    assert_eq!(got.body, body(|number| number.1.to_owned()));
}

pub(super) async fn many_keys_are_answered_in_their_order(bench: &Bench) {
    for number in (0..230).step_by(2) {
        bench.put(bench.item(&format!("{number:03}"), 1, "x")).await;
    }
    let mut keys: Vec<_> = (0..230).rev().map(|number| bench.key(&format!("{number:03}"))).collect();
    keys.push(bench.key("000"));
    let found = bench.table.get(&keys).await.expect("any number of keys, one of them twice");
    assert_eq!(found.len(), keys.len());
    for (key, item) in keys.iter().zip(found) {
        let is_even = key.sk.parse::<u32>().is_ok_and(|number| number % 2 == 0);
        assert_eq!(item.map(|item| item.key), is_even.then(|| key.clone()));
    }
    assert_eq!(bench.table.get(&[]).await.expect("none asked, none answered"), Vec::new());
}

pub(super) async fn each_condition_holds_or_refuses(bench: &Bench) {
    let there = "there";
    for (when, holds_there, holds_absent) in [
        (When::Always, true, true),
        (When::Present, true, false),
        (When::Absent, false, true),
        (When::Version(3), true, false),
        (When::Version(2), false, false),
    ] {
        for (sk, holds) in [(there, holds_there), ("absent", holds_absent)] {
            let reset = async || {
                bench.put(bench.item(there, 3, "held")).await;
                bench.write(vec![Write::Delete(bench.key("absent"), When::Always)]).await.expect("a delete");
            };
            let check = async |what: &str, write: Write| {
                reset().await;
                let done = bench.write(vec![write]).await;
                assert_eq!(done.is_ok(), holds, "{what} {when:?} {sk}: {done:?}");
                assert_eq!(conflict_at(&done), (!holds).then_some(0), "{what} {when:?} {sk}");
            };
            check("put", Write::Put(bench.item(sk, 4, "new"), when)).await;
            let text = bench.get(sk).await.map(|item| item.version);
            let before = (sk == there).then_some(3);
            assert_eq!(text, if holds { Some(4) } else { before }, "put {when:?} {sk}");
            check("check", Write::Check(bench.key(sk), when)).await;
            assert_eq!(bench.get(sk).await.map(|item| item.version), before, "a check writes nothing");
            check("delete", Write::Delete(bench.key(sk), when)).await;
            assert_eq!(bench.get(sk).await.is_some(), before.is_some() && !holds, "delete {when:?} {sk}");
        }
    }
}

pub(super) async fn a_list_of_writes_is_done_whole_or_not_at_all(bench: &Bench) {
    bench.put(bench.item("held", 1, "x")).await;
    let put = |sk: &str, when| Write::Put(bench.item(sk, 1, "new"), when);
    let writes = vec![
        put("a", When::Absent),
        Write::Check(bench.key("held"), When::Version(1)),
        put("held-too", When::Version(9)),
        Write::Delete(bench.key("nothing"), When::Present),
    ];
    let done = bench.write(writes).await;
    assert_eq!(conflict_at(&done), Some(2), "the first that does not hold: {done:?}");
    assert_eq!(bench.get("a").await, None, "and nothing is done");

    let many =
        |count: usize| (0..count).map(|number| put(&format!("m{number}"), When::Absent)).collect::<Vec<_>>();
    assert!(is_refused(&bench.write(many(101)).await), "a hundred and one is too many");
    assert!(bench.write(many(100)).await.is_ok(), "a hundred is not");
    assert!(bench.get("m0").await.is_some() && bench.get("m99").await.is_some());
    let twice = vec![put("twice", When::Always), Write::Delete(bench.key("twice"), When::Always)];
    assert!(is_refused(&bench.write(twice).await), "one item is written once in a list");
}

pub(super) async fn of_many_who_write_at_once_one_wins(bench: &Bench) {
    bench.put(bench.item("a", 1, "start")).await;
    let mut racing = Vec::new();
    for number in 0..16 {
        let (table, item) = (bench.table.clone(), bench.item("a", 2, &number.to_string()));
        racing.push(tokio::spawn(async move { table.write(vec![Write::Put(item, When::Version(1))]).await }));
    }
    let mut won = 0;
    for one in racing {
        let done = one.await.expect("nobody panics");
        won += usize::from(done.is_ok());
        assert!(done.is_ok() || conflict_at(&done) == Some(0), "{done:?}");
    }
    assert_eq!(won, 1);
}

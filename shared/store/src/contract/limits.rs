//! What DynamoDB refuses, and at which byte.

use serde_dynamo::AttributeValue as Value;
use std::collections::HashMap;

use super::{Bench, is_refused};
use crate::{
    local::{item_bytes, limits::ITEM_BYTES_MAX},
    table::{Body, Item, RawKey, When, Write},
};

pub(super) async fn what_is_too_large_or_malformed_is_refused(bench: &Bench) {
    let put = async |item: Item| bench.write(vec![Write::Put(item, When::Always)]).await;
    let with = |sk: &str, value: Value| {
        let body = Body::from(HashMap::from([("value".to_owned(), value)]));
        Item { body, ..bench.item(sk, 1, "") }
    };
    let room = ITEM_BYTES_MAX - item_bytes(&with("full", Value::B(Vec::new())));
    assert!(put(with("full", Value::B(vec![1; room]))).await.is_ok(), "400 KB to the byte");
    assert!(is_refused(&put(with("full", Value::B(vec![1; room + 1]))).await), "and not one more");

    let big =
        |number: usize| Write::Put(with(&format!("t{number}"), Value::B(vec![1; 390 * 1024])), When::Always);
    assert!(is_refused(&bench.write((0..11).map(big).collect()).await), "4 MB together");

    let mut deep = Value::S("end".to_owned());
    for _ in 0..32 {
        deep = Value::L(vec![deep]);
    }
    for (what, value) in [
        ("an empty set", Value::Ss(Vec::new())),
        ("a set with a twin", Value::Ns(vec!["1".to_owned(), "1".to_owned()])),
        ("a set with the same number in other digits", Value::Ns(vec!["1".to_owned(), "1.0".to_owned()])),
        ("39 digits", Value::N("1".repeat(39))),
        ("too large a number", Value::N("1e126".to_owned())),
        ("too small a number", Value::N("1e-131".to_owned())),
        ("no number", Value::N("twelve".to_owned())),
        ("nesting without end", deep),
    ] {
        assert!(is_refused(&put(with("a", value)).await), "{what}");
    }
    for name in ["pk", "sk", "gsi1pk", "gsi1sk", "version", "expires_at", ""] {
        let body = Body::from(HashMap::from([(name.to_owned(), Value::Bool(true))]));
        assert!(is_refused(&put(Item { body, ..bench.item("a", 1, "") }).await), "an attribute `{name}`");
    }
    let long = |length: usize| "k".repeat(length);
    for (pk, sk, fits) in [
        (bench.pk.clone(), String::new(), false),
        (String::new(), "a".to_owned(), false),
        (bench.pk.clone(), long(1_024), true),
        (bench.pk.clone(), long(1_025), false),
        (format!("{}{}", bench.pk, long(2_048 - bench.pk.len())), "a".to_owned(), true),
        (format!("{}{}", bench.pk, long(2_049 - bench.pk.len())), "a".to_owned(), false),
    ] {
        let item = Item { key: RawKey::new(pk, sk), ..bench.item("a", 1, "x") };
        let (put, got) = (put(item.clone()).await, bench.table.get(std::slice::from_ref(&item.key)).await);
        assert_eq!(
            (put.is_ok(), got.is_ok()),
            (fits, fits),
            "{} and {} bytes",
            item.key.pk.len(),
            item.key.sk.len()
        );
        let index = Some(item.key);
        let placed =
            bench.write(vec![Write::Put(Item { index, ..bench.item("i", 1, "x") }, When::Always)]).await;
        assert_eq!(placed.is_ok(), fits, "as a place in the index");
    }
}

//! Ranges, pages, and the index.

use serde_dynamo::AttributeValue;
use std::collections::HashMap;

use super::{Bench, sort_keys};
use crate::table::{Body, Item, Range, RawKey, Sort, StoreError, When, Within, Write};

pub(super) async fn a_partition_is_read_in_order(bench: &Bench) {
    for sk in ["a", "a#1", "a#2", "a$", "b", "\u{10FFFF}", "\u{10FFFF}x", "é", "Z"] {
        bench.put(bench.item(sk, 1, "x")).await;
    }
    let neighbour = Item { key: RawKey::new(format!("{}#", bench.pk), "a"), ..bench.item("a", 1, "x") };
    bench.put(neighbour).await;
    let read = async |sort, backward| bench.all(Range { backward, ..bench.range(sort) }).await;
    let in_order = ["Z", "a", "a#1", "a#2", "a$", "b", "é", "\u{10FFFF}", "\u{10FFFF}x"];
    assert_eq!(sort_keys(&read(Sort::All, false).await), in_order, "by bytes, and without the neighbour");
    let mut backward = in_order;
    backward.reverse();
    assert_eq!(sort_keys(&read(Sort::All, true).await), backward);
    assert_eq!(sort_keys(&read(Sort::Prefix("a#".into()), false).await), ["a#1", "a#2"]);
    assert_eq!(
        sort_keys(&read(Sort::Prefix("\u{10FFFF}".into()), true).await),
        ["\u{10FFFF}x", "\u{10FFFF}"]
    );
    assert_eq!(
        sort_keys(&read(Sort::Between("a#1".into(), "b".into()), false).await),
        ["a#1", "a#2", "a$", "b"]
    );
    assert!(read(Sort::Between("c".into(), "d".into()), false).await.is_empty());
    let elsewhere = Within::Partition(format!("{}-empty", bench.pk));
    assert!(bench.all(Range { within: elsewhere, ..bench.range(Sort::All) }).await.is_empty());
    for range in [
        Range { limit: 0, ..bench.range(Sort::All) },
        bench.range(Sort::Prefix(String::new())),
        bench.range(Sort::Between("b".into(), "a".into())),
    ] {
        let refused = bench.table.query(&range).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{range:?}: {refused:?}");
    }
}

pub(super) async fn pages_follow_one_another_without_loss(bench: &Bench) {
    // 12 items of 150 KB: more than one page of 1 MB, whatever the engine counts.
    let keys: Vec<_> = (0..12).map(|number| format!("{number:02}")).collect();
    for sk in &keys {
        let body = [("blob".to_owned(), AttributeValue::B(vec![7; 150 * 1024]))];
        bench.put(Item { body: Body::from(HashMap::from(body)), ..bench.item(sk, 1, "") }).await;
    }
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    let backward_keys: Vec<_> = keys.iter().rev().copied().collect();
    for limit in [1, 5, 100] {
        let range = Range { limit, ..bench.range(Sort::All) };
        assert_eq!(sort_keys(&bench.all(range.clone()).await), keys, "forward by {limit}");
        assert_eq!(
            sort_keys(&bench.all(Range { backward: true, ..range.clone() }).await),
            backward_keys,
            "by {limit}"
        );
        assert!(bench.page(&range).await.items.len() <= limit as usize);
        let prefix = Range { sort: Sort::Prefix("0".into()), ..range };
        assert_eq!(sort_keys(&bench.all(prefix).await), keys[..10]);
    }
}

pub(super) async fn the_index_is_sparse_and_follows_its_items(bench: &Bench) {
    let due = format!("{}#due", bench.pk);
    let place = |sk: &str| Some(RawKey::new(due.as_str(), sk));
    for (sk, at) in [("a", "3"), ("b", "1"), ("c", "2"), ("d", "2")] {
        bench.put(Item { index: place(at), ..bench.item(sk, 1, sk) }).await;
    }
    bench.put(bench.item("nowhere", 1, "x")).await;
    let index = || Range { within: Within::Index(due.clone()), consistent: false, ..bench.range(Sort::All) };
    let seen = async |range: Range| {
        let mut seen: Vec<_> = bench
            .all(range)
            .await
            .into_iter()
            .map(|item| (item.index.map(|at| at.sk), item.key.sk))
            .collect();
        seen.sort();
        seen.into_iter().map(|(at, sk)| format!("{} {sk}", at.unwrap_or_default())).collect::<Vec<_>>()
    };
    assert_eq!(seen(index()).await, ["1 b", "2 c", "2 d", "3 a"]);
    let in_order = bench.all(index()).await;
    assert_eq!(
        [in_order[0].key.sk.as_str(), in_order[3].key.sk.as_str()],
        ["b", "a"],
        "by the index's sort key"
    );
    assert_eq!(seen(Range { limit: 1, ..index() }).await.len(), 4, "one by one, twins of a place included");
    assert_eq!(seen(Range { limit: 1, backward: true, ..index() }).await.len(), 4);
    assert_eq!(
        seen(Range { sort: Sort::Between("0".into(), "2".into()), ..index() }).await,
        ["1 b", "2 c", "2 d"]
    );
    assert_eq!(seen(Range { sort: Sort::Prefix("3".into()), ..index() }).await, ["3 a"]);

    let of_partition = bench.all(Range { limit: 1, ..bench.range(Sort::All) }).await;
    assert_eq!(
        sort_keys(&of_partition),
        ["a", "b", "c", "d", "nowhere"],
        "pages of the table are not of the index"
    );

    bench.put(Item { index: place("9"), ..bench.item("b", 2, "moved") }).await;
    bench.put(bench.item("c", 2, "left the index")).await;
    bench.write(vec![Write::Delete(bench.key("d"), When::Always)]).await.expect("a delete");
    assert_eq!(seen(index()).await, ["3 a", "9 b"]);
}

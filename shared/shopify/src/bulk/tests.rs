//! What becomes of a file's lines, whole, broken and cut anywhere.

use super::*;
use crate::told::Reading;
use proptest::prelude::*;

fn money(name: &str, amount: &str) -> String {
    format!(r#""{name}":{{"shopMoney":{{"amount":"{amount}","currencyCode":"EUR"}}}}"#)
}

fn order(id: u64) -> String {
    let amounts = [("totalPriceSet", "20.0"), ("currentTotalPriceSet", "20.0"), ("totalRefundedSet", "0.0")];
    let amounts = amounts.map(|(name, amount)| money(name, amount)).join(",");
    format!(
        r##"{{"__typename":"Order","id":"gid://shopify/Order/{id}","name":"#{id}","test":false,
        "processedAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-02T00:00:00Z",{amounts}}}"##
    )
    .replace('\n', "")
}

fn line(order: u64, title: &str) -> String {
    let price = money("originalUnitPriceSet", if title == "Pot" { "20.0" } else { "10.0" });
    format!(
        r#"{{"__typename":"LineItem","id":"gid://shopify/LineItem/1","title":"{title}","quantity":1,{price},"__parentId":"gid://shopify/Order/{order}"}}"#
    )
}

fn customer(id: u64) -> String {
    format!(
        r#"{{"__typename":"Customer","id":"gid://shopify/Customer/{id}","updatedAt":"2026-01-02T00:00:00Z","tags":["a"]}}"#
    )
}

fn metafield(customer: u64, key: &str) -> String {
    format!(
        r#"{{"__typename":"Metafield","namespace":"facts","key":"{key}","type":"boolean","value":"true","__parentId":"gid://shopify/Customer/{customer}"}}"#
    )
}

fn shown(read: Vec<Read>) -> Vec<String> {
    let reading = Reading { currency: "EUR".parse().unwrap(), country: None };
    let one = |read: Read| match read {
        Ok(Item::Customer(node)) => {
            let told = node.told(&reading);
            let names: Vec<_> = told.metafields.value().unwrap().into_keys().collect();
            format!("{} {}", told.id, names.join("+").replace("metafields.facts.", ""))
        }
        Ok(Item::Order(node)) => {
            let order = node.told(&reading).unwrap().order;
            let titles: Vec<_> = order.lines.iter().map(|line| line.title.as_str()).collect();
            format!("{} {}", order.id, titles.join("+"))
        }
        Err(bad) => bad.to_string(),
    };
    read.into_iter().map(one).collect()
}

fn all(lines: &[String]) -> Vec<String> {
    let mut reader = Lines::from(0);
    let mut read = reader.feed(lines.join("\n").as_bytes());
    read.extend(reader.end());
    shown(read)
}

#[test]
fn an_order_is_whole_with_the_lines_behind_it() {
    let file = [order(1), line(1, "Tea"), line(1, "Cup"), order(2), order(3), line(3, "Pot")];
    assert_eq!(all(&file), ["s1 Tea+Cup", "s2 ", "s3 Pot"]);
    let file = [customer(4), customer(5), metafield(5, "a"), metafield(5, "b"), order(6), customer(7)];
    assert_eq!(all(&file), ["s4 ", "s5 a+b", "s6 ", "s7 "]);
    assert_eq!(all(&[]), Vec::<String>::new());
}

#[test]
fn a_line_that_cannot_be_read_costs_what_it_is_about() {
    let at = |lines: &[&String]| lines.iter().map(|line| line.len() + 1).sum::<usize>();
    let (one, two) = (order(1), order(2));
    let check = |bad: &str, why: &str| {
        let bad = bad.to_owned();
        let told = format!("the line at byte {} {why}", at(&[&one]));
        assert_eq!(
            all(&[one.clone(), bad.clone(), line(1, "Tea"), two.clone()]),
            [told, "s2 ".to_owned()],
            "{bad}"
        );
    };
    check("{", "is not JSON with a type");
    check(r#"{"__typename":"Metafield"}"#, "is of a type that was not asked for");
    check(&line(9, "Cup"), "belongs to something else than what is before it");
    check(&line(1, "Cup").replace("10.0", "").replace("shopMoney", "none"), "is not a line of an order");
    let told = "the line at byte 0 belongs to nothing before it".to_owned();
    assert_eq!(all(&[line(1, "Tea"), two.clone()]), [told, "s2 ".to_owned()]);
    let told = "the line at byte 0 is not an order".to_owned();
    assert_eq!(
        all(&[order(1).replace("20.0", "").replace("shopMoney", "x"), line(1, "Tea"), two]),
        [told, "s2 ".to_owned()]
    );
    let told = "the line at byte 0 is not a customer".to_owned();
    assert_eq!(all(&[customer(4).replace("updatedAt", "x"), customer(5)]), [told, "s5 ".to_owned()]);
    let customers = [customer(4), metafield(4, "a").replace("value", "x"), customer(5), metafield(6, "a")];
    let (second, fourth) = (at(&[&customers[0]]), at(&customers[..3].iter().collect::<Vec<_>>()));
    let told = [(second, "is not a metafield"), (fourth, "belongs to something else than what is before it")];
    assert_eq!(all(&customers), told.map(|(at, why)| format!("the line at byte {at} {why}")));
}

#[test]
fn a_line_without_an_end_is_passed_over() {
    let mut reader = Lines::from(0);
    let mut read = Vec::new();
    for _ in 0..10 {
        read.extend(reader.feed(&vec![b'x'; 1024 * 1024]));
        assert!(reader.rest.len() <= LINE_BYTES_MAX);
    }
    read.extend(reader.feed(format!("\n{}\n", customer(5)).as_bytes()));
    read.extend(reader.end());
    assert_eq!(shown(read).last().map(String::as_str), Some("s5 "));
}

proptest! {
    #[test]
    fn wherever_the_file_is_cut_the_same_is_read(cuts in prop::collection::vec(1..120_usize, 1..60)) {
        let file = [order(1), line(1, "Tea"), line(1, "Cup"), customer(2), metafield(2, "a"), String::new(), order(3), line(3, "Pot")].join("\n");
        let mut reader = Lines::from(0);
        let (mut read, mut rest) = (Vec::new(), file.as_bytes());
        for cut in cuts.into_iter().cycle() {
            let (piece, behind) = rest.split_at(cut.min(rest.len()));
            read.extend(reader.feed(piece));
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        read.extend(reader.end());
        prop_assert_eq!(shown(read), ["s1 Tea+Cup", "s2 a", "s3 Pot"]);
    }

    #[test]
    fn whoever_begins_again_where_all_was_stored_misses_nothing(stop in 1..1_100_usize) {
        let file = [order(1), line(1, "Tea"), line(1, "Cup"), customer(2), metafield(2, "a"), order(3), line(3, "Pot")].join("\n");
        let stop = stop.min(file.len());
        let mut first = Lines::from(0);
        let mut read = first.feed(&file.as_bytes()[..stop]);
        let place = first.place();
        let mut second = Lines::from(place);
        read.extend(second.feed(&file.as_bytes()[usize::try_from(place).unwrap()..]));
        read.extend(second.end());
        prop_assert_eq!(shown(read), ["s1 Tea+Cup", "s2 a", "s3 Pot"]);
    }

    #[test]
    fn no_bytes_are_too_strange_to_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut reader = Lines::from(0);
        reader.feed(&bytes);
        reader.end();
    }
}

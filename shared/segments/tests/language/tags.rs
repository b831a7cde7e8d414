//! What was bought is asked by what products are tagged with now: each operator, its opposite, and what bears nothing.

use columns::{Program, Tagged};
use domain::{
    CustomerId, Minor, Order, OrderId, Timestamp, Zone,
    customer::Opening,
    order::{OrderLine, OrderStatus},
};
use rules::Condition;
use segments::{Given, ReasonOf, compile, explain, names_tags, print_beside};
use std::sync::Arc;

use crate::{agree::holds, parse, people::Person, scene, slow::Here};

/// What is sold, and what it is tagged with now. `s3` is sold no more, and bears nothing.
const TAGGED: [(&str, &[&str]); 3] =
    [("s1", &["VIP", "Example.org"]), ("s2", &["vip gold", "Elan"]), ("tea", &["Élan"])];

pub(crate) fn tagged() -> Arc<Tagged> {
    Arc::new(Tagged::of(TAGGED.map(|(id, tags)| (id.into(), tags))))
}

/// As the page has it: nothing, where the product is not known.
fn tags_of(product: Option<&str>) -> &'static [&'static str] {
    let found = TAGGED.iter().find(|(id, _)| Some(*id) == product);
    found.map_or(&[], |(_, tags)| *tags)
}

/// Any of a product's tags may fit.
pub(crate) fn is_tagged(condition: &Condition, product: Option<&str>, fits: impl Fn(&str) -> bool) -> bool {
    let tags = tags_of(product);
    if *condition == Condition::Null { tags.is_empty() } else { tags.iter().any(|tag| fits(tag)) }
}

/// Somebody who bought these, each in an order of its own, one of each.
fn buyer(slot: u32, products: &[Option<&str>], now: Timestamp) -> Person {
    let mut person = Person::new(slot, now);
    let ten = Minor::new(1_000).expect("an amount");
    let line = |product: Option<&str>| OrderLine {
        product: product.map(Into::into),
        variant: None,
        title: "Tea".into(),
        quantity: 1,
        price: ten,
    };
    let order = |product: Option<&str>| Order {
        id: OrderId::Shopify(1),
        customer: CustomerId::Shopify(1),
        number: 0,
        name: None,
        status: OrderStatus::Paid,
        cancelled_at: None,
        is_test: false,
        app: None,
        location: None,
        lines: vec![line(product)],
        discounts: Minor::ZERO,
        taxes: Minor::ZERO,
        shipping: Minor::ZERO,
        total: ten,
        refunded: Minor::ZERO,
        note: None,
        placed_at: now,
        updated_at: now,
    };
    person.orders = products.iter().copied().map(order).collect();
    person.settled(Opening::default())
}

const BUYERS: [&[Option<&str>]; 6] =
    [&[Some("s1")], &[Some("s2"), Some("tea")], &[Some("s3")], &[None], &[], &[Some("s1"), Some("s3")]];

#[test]
fn whoever_bought_what_is_tagged_so_is_found_by_each_operator() {
    let (zone, now) = (Zone::UTC, Timestamp::UNIX_EPOCH);
    let given = Given { tagged: Some(tagged()), ..Given::default() };
    let here = Here { zone: &zone, now, given: &given };
    let people: Vec<_> = (0..).zip(BUYERS).map(|(slot, bought)| buyer(slot, bought, now)).collect();
    for (asked, expected) in [
        ("tag = 'vip'", vec![0, 5]),
        ("tag != 'vip'", vec![1, 2, 3, 5]),
        ("tag IN ('vip', 'elan')", vec![0, 1, 5]),
        ("tag NOT IN ('vip', 'elan', 'ÉLAN')", vec![2, 3, 5]),
        ("tag CONTAINS 'IP'", vec![0, 1, 5]),
        ("tag NOT CONTAINS 'ip'", vec![1, 2, 3, 5]),
        ("tag STARTS WITH 'vip '", vec![1]),
        ("tag NOT STARTS WITH 'vip'", vec![1, 2, 3, 5]),
        ("tag ENDS WITH '.ORG'", vec![0, 5]),
        ("tag NOT ENDS WITH 'p'", vec![1, 2, 3, 5]),
        ("tag = 'e\u{301}lan'", vec![1]),
        ("tag CONTAINS '\u{301}'", vec![]),
        ("tag = 'nothing'", vec![]),
        // Who bought what bears nothing, or what nobody knows any more.
        ("tag IS NULL", vec![2, 3, 5]),
        ("tag IS NOT NULL", vec![0, 1, 5]),
        ("tag = 'vip', count = 0", vec![1, 2, 3, 4]),
        ("tag != 'vip', count >= 2", vec![1]),
        ("tag IS NOT NULL, sum_quantity >= 2, sum_amount = 20", vec![1]),
        ("id = 's1', tag = 'elan'", vec![]),
        ("tag = 'vip', date > today", vec![]),
    ] {
        let rule = parse(&format!("products_purchased MATCHES ({asked})"));
        let program = Program::new(compile(&rule, &here.scene()).expect("it can be asked"));
        let passes = |person: &&Person| holds(&program, &rule, person, &here);
        let found: Vec<u32> = people.iter().filter(passes).map(|person| person.slot().0).collect();
        assert_eq!(found, expected, "{asked}");
    }
}

#[test]
fn an_explanation_counts_what_bears_it() {
    let (zone, now) = (Zone::UTC, Timestamp::UNIX_EPOCH);
    let given = Given { tagged: Some(tagged()), ..Given::default() };
    let rule = parse("products_purchased MATCHES (tag ENDS WITH 'lan', quantity > 0)");
    let person = buyer(1, BUYERS[1], now);
    let told = explain(&rule, &scene(&zone, now, &given), person.slot(), &person.row()).expect("it can be");
    let ReasonOf::Leaf(leaf) = told.tree.part else { panic!("it is one leaf") };
    let expected = "2 products bought fit, 2 in all, for 20.00 USD, which fits “who have at least one product bought \
                    that has a tag that ends with “lan” and whose quantity is more than 0”";
    assert_eq!(leaf.why, expected);
}

#[test]
fn a_rule_is_another_when_what_bears_its_tags_is_and_not_when_something_else_is() {
    let rule = parse("NOT products_purchased MATCHES (tag = 'vip') AND number_of_orders > 1");
    assert!(names_tags(&rule) && !names_tags(&parse("products_purchased MATCHES (id = 's1')")));
    let print = |tagged: &[(&str, &[&str])]| {
        let products = tagged.iter().map(|(id, tags)| ((*id).into(), tags.iter().copied()));
        let tagged = Some(Arc::new(Tagged::of(products)));
        let given = Given { tagged, ..Given::default() };
        print_beside(&rule, &scene(&Zone::UTC, Timestamp::UNIX_EPOCH, &given))
    };
    let before = print(&[("s1", &["vip"]), ("s2", &["x"])]);
    assert_eq!(before, print(&[("s1", &["VIP", "new"]), ("s2", &[]), ("s3", &["x"])]));
    for other in [&[][..], &[("s2", &["vip"][..])], &[("s1", &["vip"][..]), ("s2", &["vip"])]] {
        assert_ne!(before, print(other), "{other:?}");
    }
    // It is kept with each shard: another number for the same would have everybody asked once more.
    assert_eq!(before, 5_891_524_033_674_073_604);
}

//! What becomes of an order's words, and above all of its amounts.

use super::*;
use crate::told::reader::tests::{EUROS, reading};

fn amount(text: &str) -> Amount {
    Amount(text.to_owned())
}

fn said() -> OrderSaid {
    OrderSaid {
        id: Id(7),
        name: Some("#1001".into()),
        is_test: false,
        app: None,
        location: None,
        status: Some("PAID".into()),
        cancelled_at: None,
        placed_at: Some(Timestamp::UNIX_EPOCH),
        updated_at: Some(Timestamp::UNIX_EPOCH),
        currency: Some(EUROS.into()),
        total: Some(amount("100.00")),
        current_total: None,
        discounts: None,
        taxes: None,
        shipping: None,
        refunded: RefundedSaid::Amounts(Vec::new()),
        lines: Vec::new(),
        note: Told::Not,
        buyer_id: None,
        customer: None,
        email: None,
        phone: None,
        checkout_token: None,
        cart_token: None,
    }
}

#[test]
fn the_total_is_what_is_asked_for_by_now() {
    let checked = |before: &str, now: &str, refunds: &[&str], line: &str, total: i64, refunded: i64| {
        let refunds = refunds.iter().map(|text| amount(text)).collect();
        let line = LineSaid {
            product: None,
            variant: None,
            title: None,
            variant_title: None,
            quantity: 1,
            price: Some(amount(line)),
        };
        let said = OrderSaid {
            total: Some(amount(before)),
            current_total: Some(amount(now)),
            refunded: RefundedSaid::Amounts(refunds),
            lines: vec![line],
            ..said()
        };
        let order = said.told(&reading(EUROS)).unwrap().order;
        assert_eq!((order.total.get(), order.refunded.get()), (total, refunded), "{before} {now}");
    };
    let check = |before: &str, now: &str, refunds: &[&str], total: i64, refunded: i64| {
        checked(before, now, refunds, "100", total, refunded);
    };
    check("100", "100", &[], 10_000, 0);
    // A line of 30 went back and was paid back; went back only; was taken out before it was paid.
    check("100", "70", &["30"], 10_000, 3_000);
    check("100", "70", &[], 7_000, 0);
    check("100", "70", &["10", "5"], 8_500, 1_500);
    // 20 were given back, and nothing came; Shopify says either.
    check("100", "80", &["20"], 10_000, 2_000);
    check("100", "100", &["20"], 10_000, 2_000);
    // Something was added.
    check("100", "150", &[], 15_000, 0);
    // Something was added, and something else went back: more than that, as much, and less.
    checked("100", "120", &["30"], "150", 15_000, 3_000);
    checked("100", "100", &["50"], "150", 15_000, 5_000);
    checked("100", "70", &["80"], "150", 15_000, 8_000);
    // All of it, and more than that.
    check("100", "0", &["100"], 10_000, 10_000);
    check("100", "0", &["120"], 10_000, 10_000);
    check("100", "-20", &["120"], 10_000, 10_000);
}

#[test]
fn a_cancelled_order_is_what_was_asked_for_it_once() {
    let cancelled = |refunds: &[&str]| {
        let refunds = refunds.iter().map(|text| amount(text)).collect();
        let said = OrderSaid {
            cancelled_at: Some(Timestamp::UNIX_EPOCH),
            current_total: Some(amount("0")),
            refunded: RefundedSaid::Amounts(refunds),
            ..said()
        };
        let order = said.told(&reading(EUROS)).unwrap().order;
        (order.total.get(), order.refunded.get(), order.contribution().spent)
    };
    assert_eq!(cancelled(&[]), (10_000, 0, 0));
    assert_eq!(cancelled(&["100"]), (10_000, 10_000, 0));
    assert_eq!(cancelled(&["120"]), (12_000, 12_000, 0));
}

#[test]
fn what_cannot_be_counted_is_no_order() {
    let check = |said: OrderSaid, what: &str| {
        assert_eq!(said.told(&reading(EUROS)).unwrap_err().what, what);
    };
    check(OrderSaid { currency: Some("USD".into()), ..said() }, "currency");
    check(OrderSaid { total: None, ..said() }, "total");
    check(OrderSaid { total: Some(amount("lots")), ..said() }, "total");
    check(OrderSaid { total: Some(amount("-1")), ..said() }, "total");
    check(OrderSaid { total: Some(amount("1e3")), ..said() }, "total");
    check(OrderSaid { updated_at: None, ..said() }, "updated_at");
    check(OrderSaid { placed_at: None, ..said() }, "placed_at");
}

#[test]
fn an_order_is_somebodys_or_nobodys() {
    let told = |said: OrderSaid| said.told(&reading(EUROS)).unwrap();
    assert_eq!(told(said()).buyer, Buyer::Nobody);
    let known = OrderSaid { buyer_id: Some(Id(9)), email: Some("ada@example.com".into()), ..said() };
    assert_eq!(told(known).buyer, Buyer::Customer(CustomerId::Shopify(9)));
    let guest = OrderSaid { email: Some("ada@example.com".into()), ..said() };
    let email = "ada@example.com".parse().ok();
    assert_eq!(told(guest).buyer, Buyer::Address { email, phone: None });
    let unreachable = told(OrderSaid { email: Some("nobody".into()), ..said() });
    assert_eq!((unreachable.buyer, unreachable.passed_over.len()), (Buyer::Nobody, 1));
}

#[test]
fn newer_wins_and_what_is_not_told_stays() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let told = |second, note, name: &str| {
        let said = OrderSaid { updated_at: Some(at(second)), note, name: Some(name.into()), ..said() };
        said.told(&reading(EUROS)).unwrap()
    };
    let mut held = told(5, Told::Is("gift".into()), "#1").into_order();
    held.number = 3;
    held.customer = CustomerId::Shopify(8);
    let seen = |held: &Order| (held.name.clone().unwrap(), held.note.clone(), held.number, held.customer);
    let tell = |held: &mut Order, told: OrderTold| match told.beside(held, true) {
        Beside::Counts(told) => *held = told,
        Beside::Late => {}
        Beside::Undecided(_) => panic!("the shop was asked"),
    };
    tell(&mut held, told(4, Told::Nothing, "#2"));
    assert_eq!(seen(&held), ("#1".into(), Some("gift".into()), 3, CustomerId::Shopify(8)));
    let twin = told(5, Told::Not, "#3");
    let Beside::Undecided(other) = twin.beside(&held, false) else {
        panic!("nobody knows which was the last")
    };
    assert_eq!(seen(&other), ("#3".into(), Some("gift".into()), 3, CustomerId::Shopify(8)));
    tell(&mut held, twin);
    assert_eq!(seen(&held), ("#3".into(), Some("gift".into()), 3, CustomerId::Shopify(8)));
    tell(&mut held, told(6, Told::Nothing, "#4"));
    assert_eq!(seen(&held), ("#4".into(), None, 3, CustomerId::Shopify(8)));
}

#[test]
fn money_that_came_back_in_another_currency_is_not_guessed_at() {
    let said =
        OrderSaid { refunded: RefundedSaid::InAnotherCurrency, current_total: Some(amount("70")), ..said() };
    let told = said.told(&reading(EUROS)).unwrap();
    assert!(told.must_be_read_again);
    assert_eq!((told.order.total.get(), told.order.refunded.get()), (10_000, 0));
}

#[test]
fn a_state_of_payment_that_is_unknown_is_not_paid() {
    let check = |word: Option<&str>, expected: OrderStatus, is_noted: bool| {
        let told = OrderSaid { status: word.map(str::to_owned), ..said() }.told(&reading(EUROS)).unwrap();
        assert_eq!((told.order.status, !told.passed_over.is_empty()), (expected, is_noted), "{word:?}");
    };
    check(Some("partially_refunded"), OrderStatus::PartiallyRefunded, false);
    check(Some("EXPIRED"), OrderStatus::Voided, false);
    check(None, OrderStatus::Pending, false);
    check(Some("bartered"), OrderStatus::Pending, true);
}

#[test]
fn of_two_words_of_one_second_what_is_never_taken_back_counts() {
    let at = |second: i64| Timestamp::from_second(1_795_000_000 + second).unwrap();
    let told = |second, refunded: &str, cancelled: Option<i64>| {
        let said = OrderSaid {
            updated_at: Some(at(second)),
            refunded: RefundedSaid::Amounts(vec![amount(refunded)]),
            cancelled_at: cancelled.map(at),
            ..said()
        };
        said.told(&reading(EUROS)).unwrap()
    };
    let words = [told(5, "0", None), told(5, "3", None), told(5, "5", None), told(5, "5", Some(5))];
    for first in &words {
        let mut held = first.order.clone();
        for word in words.iter().rev() {
            if let Beside::Counts(told) = word.beside(&held, false) {
                held = told;
            }
        }
        assert_eq!((held.refunded.get(), held.cancelled_at), (500, Some(at(5))));
    }
    let newer = told(6, "0", None);
    let Beside::Counts(held) = newer.beside(&words[3].order, false) else { panic!("it is newer") };
    assert_eq!((held.refunded.get(), held.cancelled_at), (0, None), "a newer word is the newer one");
}

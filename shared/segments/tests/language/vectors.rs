//! The vectors of the language page. The shop is in New York; it is noon of the day after its clocks went forward.

use columns::{Batch, Program};
use domain::{
    Minor, Timestamp,
    customer::{Address, Opening},
    order::OrderStatus,
};
use segments::{Given, changes_at, compile};

use crate::{agree::holds, parse, people::Person, scene, slow::Here};

const NOW: &str = "2026-03-09T12:00:00-04:00";

fn nobody() -> Person {
    Person::new(0, "2020-01-01T12:00:00Z".parse().expect("an instant"))
}

/// With paid orders of so many dollars, placed by the shop's clock.
fn who_ordered(orders: &[(&str, i64)]) -> Person {
    let mut person = nobody();
    for (at, dollars) in orders {
        let time: jiff::civil::DateTime = at.parse().expect("a time");
        let placed_at = time.in_tz("America/New_York").expect("a zone").timestamp();
        let total = Minor::new(dollars * 100).expect("it is little");
        person.orders.push(domain::Order {
            id: domain::OrderId::Shopify(1),
            customer: person.customer.id,
            number: 0,
            name: None,
            status: OrderStatus::Paid,
            cancelled_at: None,
            is_test: false,
            app: None,
            location: None,
            lines: vec![],
            discounts: Minor::ZERO,
            taxes: Minor::ZERO,
            shipping: Minor::ZERO,
            total,
            refunded: Minor::ZERO,
            note: None,
            placed_at,
            updated_at: placed_at,
        });
    }
    person.settled(Opening::default())
}

fn changed(change: impl FnOnce(&mut domain::Customer)) -> Person {
    let mut person = nobody();
    change(&mut person.customer);
    person
}

/// Whether the rule holds at that instant, as columns and by the page have it.
#[track_caller]
fn holds_at(text: &str, person: &Person, now: &str) -> bool {
    let zone = "America/New_York".parse().expect("a zone");
    let given = Given::default();
    let now = now.parse().expect("an instant");
    let rule = parse(text);
    let here = Here { zone: &zone, now, given: &given };
    let program = Program::new(compile(&rule, &here.scene()).expect("it can be asked"));
    holds(&program, &rule, person, &here)
}

#[track_caller]
fn check(text: &str, person: &Person, expected: bool) {
    assert_eq!(holds_at(text, person, NOW), expected, "{text}");
}

#[test]
fn days_are_whole_days_of_the_shop() {
    check("last_order_date >= -30d", &who_ordered(&[("2026-02-07T00:00:00", 1)]), true);
    check("last_order_date >= -30d", &who_ordered(&[("2026-02-06T23:59:59", 1)]), false);
    check("last_order_date = -1d", &who_ordered(&[("2026-03-08T03:30:00", 1)]), true);
    check("last_order_date BETWEEN -60d AND -30d", &who_ordered(&[("2026-02-07T12:00:00", 1)]), true);
    let on_march_31 = "2026-03-31T12:00:00-04:00";
    for (day, expected) in [("2026-02-27", false), ("2026-02-28", true)] {
        let person = who_ordered(&[(&format!("{day}T09:00:00"), 1)]);
        assert_eq!(holds_at("last_order_date >= -1m", &person, on_march_31), expected, "{day}");
    }
    let in_leap_year = "2028-03-31T12:00:00-04:00";
    assert!(holds_at("last_order_date = -1m", &who_ordered(&[("2028-02-29T09:00:00", 1)]), in_leap_year));
}

#[test]
fn an_edge_day_ends_at_the_shops_midnight() {
    let zone = "America/New_York".parse().expect("a zone");
    let given = Given::default();
    let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
    let person = who_ordered(&[("2026-02-07T00:00:00", 1)]);
    let next = |text: &str, now: &str| {
        changes_at(&parse(text), &scene(&zone, at(now), &given), person.slot(), &person.row())
            .expect("it can be asked")
    };
    assert_eq!(next("last_order_date >= -30d", NOW), Some(at("2026-03-10T00:00:00-04:00")));
    assert_eq!(next("last_order_date >= -30d", "2026-03-10T00:00:00-04:00"), None);
    assert_eq!(next("last_order_date <= 2026-03-10", NOW), None);
    // Through the day on which the clocks go forward, hours are hours.
    assert_eq!(
        next("last_order_date >= -36h", "2026-02-07T06:00:00-05:00"),
        Some(at("2026-02-08T12:00:01-05:00"))
    );
    assert_eq!(
        next("last_order_date >= -721h", "2026-03-01T00:00:00-05:00"),
        Some(at("2026-03-09T02:00:01-04:00"))
    );
}

#[test]
fn what_is_not_known_fits_no_comparison() {
    check("last_order_date < -30d", &nobody(), false);
    check("last_order_date IS NULL", &nobody(), true);
    check("customer_countries NOT CONTAINS 'US'", &nobody(), true);
    let in_france = Address { country: Some("FR".into()), ..Address::default() };
    check("customer_countries NOT CONTAINS 'US'", &changed(|it| it.addresses = vec![in_france]), true);
    check("customer_tags NOT CONTAINS 'vip'", &changed(|it| it.tags = ["VIP".into()].into()), false);
    check("email != 'ann@example.com'", &nobody(), true);
    check("NOT email = 'ann@example.com'", &nobody(), true);
    check("email NOT STARTS WITH 'ann'", &nobody(), true);
    check("birthday != 1988-03-09", &nobody(), true);
    check("average_order_value <= 100", &nobody(), false);
    check("NOT average_order_value > 100", &nobody(), true);
}

/// The record always knows a number of orders; the columns may not.
#[test]
fn no_number_of_orders_is_not_few() {
    let zone = domain::Zone::UTC;
    let given = Given::default();
    let now = NOW.parse().expect("an instant");
    let mut row = nobody().row();
    row[columns::Number::Orders] = None;
    let one = Batch::of(&[(columns::Slot(0), row)]).expect("a row has a form");
    for (text, expected) in [("NOT (number_of_orders > 5)", true), ("number_of_orders <= 5", false)] {
        let program =
            Program::new(compile(&parse(text), &scene(&zone, now, &given)).expect("it can be asked"));
        assert_eq!(program.select(&one).expect("all is read") == [1], expected, "{text}");
    }
}

#[test]
fn parameters_apply_to_the_same_order() {
    let both = who_ordered(&[("2026-03-01T10:00:00", 60), ("2026-03-02T10:00:00", 40)]);
    check("orders_placed MATCHES (count >= 2, amount > 50)", &both, false);
    check("orders_placed MATCHES (count >= 2, amount > 30)", &both, true);
    // Counted back from 9 March, 8 December is the 91st day.
    let far = who_ordered(&[("2026-03-09T10:00:00", 60), ("2025-12-08T10:00:00", 60)]);
    check("orders_placed MATCHES (sum_amount >= 100, date >= -90d)", &far, false);
    check("orders_placed MATCHES (sum_amount >= 100, date >= -91d)", &far, true);
    check("orders_placed NOT MATCHES (date >= -90d)", &nobody(), true);
    check("orders_placed MATCHES (count = 0)", &nobody(), true);
    check("orders_placed MATCHES (count < 2)", &nobody(), true);
    check("orders_placed MATCHES (date >= -90d)", &nobody(), false);
}

#[test]
fn orders_sum_up_to_what_was_spent_with_them() {
    let ordered = who_ordered(&[("2026-03-01T10:00:00", 60), ("2026-03-02T10:00:00", 50)]);
    let with = |change: &dyn Fn(&mut domain::Order)| {
        let mut person = ordered.clone();
        change(&mut person.orders[1]);
        person.settled(Opening::default())
    };
    let refunded = with(&|order| {
        order.status = OrderStatus::PartiallyRefunded;
        order.refunded = Minor::new(2_000).expect("it is little");
    });
    let unpaid = with(&|order| order.status = OrderStatus::Pending);
    let voided = with(&|order| order.status = OrderStatus::Voided);
    for (person, spent) in [(&ordered, 110), (&refunded, 90), (&unpaid, 60), (&voided, 60)] {
        for rule in ["amount_spent", "orders_placed MATCHES (date >= -90d, sum_amount"] {
            let end = if rule.contains('(') { ")" } else { "" };
            check(&format!("{rule} >= {spent}{end}"), person, true);
            check(&format!("{rule} > {spent}{end}"), person, false);
        }
        // What one was placed for stays.
        check("orders_placed MATCHES (amount = 50)", person, true);
    }
}

#[test]
fn a_basket_was_left_unless_something_was_bought_since() {
    let left = |placed: &str| {
        let mut person = who_ordered(&[(placed, 60)]);
        let at = "2026-03-08T09:00:00-04:00".parse().expect("an instant");
        person.customer.left_cart = Some(domain::LeftCart { token: "basket".into(), at });
        person
    };
    let shop = rules::Shop::new(domain::Currency::USD);
    let template = rules::Template::ALL.iter().find(|template| template.id == "abandoned_checkout");
    let rule = template.expect("it is there").rule(&std::collections::BTreeMap::new(), &shop);
    let rule = rule.expect("it is a rule").to_string();
    check(&rule, &left("2026-03-04T10:00:00"), true);
    check(&rule, &left("2026-03-08T10:00:00"), false);
    check("abandoned_checkout_date IS NULL", &left("2026-03-08T10:00:00"), true);
}

#[test]
fn rules_leave_case_aside_and_neither_accents_nor_marks() {
    let of = |name: &str| changed(|it| it.first_name = Some(name.into()));
    for (name, asked, expected) in [
        ("José", "JOSÉ", true),
        ("Jose\u{301}", "josé", true),
        ("José", "Jose", false),
        ("राम", "राम", true),
        ("राम", "रमा", false),
        ("バス", "ハス", false),
        ("Андрей", "андрей", true),
        ("Андрей", "андреи", false),
    ] {
        check(&format!("first_name = '{asked}'"), &of(name), expected);
        check(&format!("first_name CONTAINS '{asked}'"), &of(name), expected);
        let tagged = changed(|it| it.tags = [name.to_owned()].into());
        check(&format!("customer_tags CONTAINS '{asked}'"), &tagged, expected);
    }
}

#[test]
fn and_binds_tighter_than_or() {
    let text = "first_name = 'Ann' OR last_name = 'B' AND customer_tags CONTAINS 'c'";
    check(text, &changed(|it| it.first_name = Some("ann".into())), true);
    check(text, &changed(|it| it.last_name = Some("B".into())), false);
}

#[test]
fn anniversaries_leave_the_year_aside() {
    let born = |day: &str| changed(|it| it.birthday = Some(day.parse().expect("a day")));
    check("anniversary(birthday) = today", &born("1988-03-09"), true);
    check("anniversary(birthday) = today", &born("1988-03-08"), false);
    check("anniversary(birthday) BETWEEN -1d AND +1d", &born("2001-03-10"), true);
    check("anniversary(birthday) BETWEEN 2025-12-20 AND 2026-01-05", &born("1999-01-02"), true);
    check("anniversary(birthday) BETWEEN 2025-12-20 AND 2026-01-05", &born("1999-06-02"), false);
    let check_at = |now: &str, expected: bool| {
        assert_eq!(holds_at("anniversary(birthday) = today", &born("1988-02-29"), now), expected, "{now}");
    };
    check_at("2026-02-28T12:00:00Z", true);
    check_at("2028-02-28T12:00:00Z", false);
    check_at("2028-02-29T12:00:00Z", true);
}

#[test]
fn anniversaries_come_and_go_by_time() {
    let zone = "America/New_York".parse().expect("a zone");
    let given = Given::default();
    let person = changed(|it| it.birthday = Some("1990-12-26".parse().expect("a day")));
    let check = |text: &str, now: &str, expected: Option<&str>| {
        let at = |day: &str| {
            format!("{day}T00:00:00[America/New_York]").parse::<jiff::Zoned>().expect("a day").timestamp()
        };
        let scene = scene(&zone, at(now), &given);
        let found = changes_at(&parse(text), &scene, person.slot(), &person.row()).expect("it can be asked");
        assert_eq!(found, expected.map(at), "{text} on {now}");
    };
    check("anniversary(birthday) = today", "2026-03-09", Some("2026-12-26"));
    check("anniversary(birthday) = today", "2026-12-26", Some("2026-12-27"));
    check("anniversary(birthday) BETWEEN today AND +7d", "2026-03-09", Some("2026-12-19"));
    // Over the end of the year, until the first day lies behind the last again.
    check("anniversary(birthday) BETWEEN +5d AND 2012-02-02", "2026-11-01", Some("2026-12-22"));
    check("anniversary(birthday) BETWEEN +5d AND 2012-02-02", "2026-12-22", Some("2027-01-29"));
    // A month before the last of March lies before 30 days before it: from there to there is all year.
    check("anniversary(birthday) BETWEEN -30d AND -1m", "2026-03-30", Some("2026-03-31"));
    check("anniversary(birthday) BETWEEN 2026-01-01 AND 2026-02-01", "2026-03-09", None);
}

//! Shopify's own samples of every topic, and what becomes of them here.

mod earlier;

use super::*;
use crate::ShopDomain;
use crate::told::{Reading, Told};
use domain::{ConsentLevel, ConsentState, Minor};
use proptest::prelude::*;
use std::{fmt::Write, fs, path::Path};

fn reading() -> Reading<'static> {
    Reading { currency: "USD".parse().unwrap(), country: Some("US") }
}

/// Shopify's sample of a topic, version 2026-07.
fn sample(topic: &Topic) -> Vec<u8> {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/shopify");
    fs::read(events.join(format!("{topic}.json"))).unwrap_or_else(|_| panic!("a sample of {topic}"))
}

/// What is told, with the addresses, which are not printed by themselves.
fn shown(change: Change) -> String {
    let mut text = String::new();
    let addresses = |text: &mut String, told: [Option<String>; 2]| {
        for address in told.into_iter().flatten() {
            let _ = write!(text, "\n{address}");
        }
    };
    match change {
        Change::Customer(it) => {
            let told = it.told(&reading());
            let _ = write!(text, "{told:#?}");
            let reach = [told.email.value().map(String::from), told.phone.value().map(String::from)];
            addresses(&mut text, reach);
        }
        Change::Order(it) => {
            let told = it.told(&reading());
            let _ = write!(text, "{told:#?}");
        }
        Change::Product(it) => {
            let _ = write!(text, "{:#?}", it.told(&reading()));
        }
        Change::Checkout(it) => {
            let told = it.told(&reading()).unwrap();
            let _ = write!(text, "{told:#?}");
            addresses(&mut text, [told.email.map(String::from), told.phone.map(String::from)]);
        }
        Change::Consent(it) => {
            let _ = write!(text, "{:?}", it.told(&reading()));
        }
        Change::Refund(it) => {
            let _ = write!(text, "Refund of {:?}", it.order());
        }
        Change::ShopChanged(it) => {
            let _ = write!(text, "{:?} {:?} {:?} {:?}", it.name(), it.currency(), it.zone(), it.updated_at());
        }
        Change::Purchases(it) => {
            let totals = it.totals(&reading());
            let _ = write!(text, "{} {totals:?} {:?} {}", it.customer(), it.last_order(), it.at());
        }
        Change::TagsAdded(it) | Change::TagsRemoved(it) => {
            let _ = write!(text, "{} {:?} {}", it.customer(), it.tags(), it.at());
        }
        Change::CustomersMerged(it) => {
            let _ = write!(text, "{} into {}: done {}", it.deleted(), it.kept(), it.is_done());
        }
        Change::ScopesChanged(it) => {
            let _ = write!(text, "{} {}", it.scopes(), it.at());
        }
        Change::DataRequest(it) => {
            let (person, orders) = (it.person(), it.orders().collect::<Vec<_>>());
            let _ = write!(text, "{:?} {orders:?} {:?}", person.id(), it.number());
            addresses(
                &mut text,
                [person.email().map(String::from), person.phone(&reading()).map(String::from)],
            );
        }
        Change::CustomerRedaction(it) => {
            let _ = write!(text, "{:?} {:?}", it.person().id(), it.orders().collect::<Vec<_>>());
        }
        plain => {
            let _ = write!(text, "{plain:?}");
        }
    }
    text
}

#[test]
fn a_customer_is_what_shopify_tells() {
    for topic in
        [Topic::CustomersCreate, Topic::CustomersUpdate, Topic::CustomersEnable, Topic::CustomersDisable]
    {
        insta::assert_snapshot!("customer", shown(read(&topic, &sample(&topic)).unwrap()));
    }
}

#[test]
fn an_order_is_what_shopify_tells() {
    for topic in [
        Topic::OrdersCreate,
        Topic::OrdersUpdated,
        Topic::OrdersPaid,
        Topic::OrdersFulfilled,
        Topic::OrdersPartiallyFulfilled,
        Topic::OrdersCancelled,
    ] {
        insta::assert_snapshot!("order", shown(read(&topic, &sample(&topic)).unwrap()));
    }
}

#[test]
fn a_product_is_what_shopify_tells() {
    for topic in [Topic::ProductsCreate, Topic::ProductsUpdate] {
        insta::assert_snapshot!("product", shown(read(&topic, &sample(&topic)).unwrap()));
    }
}

#[test]
fn a_checkout_is_what_shopify_tells() {
    for topic in [Topic::CheckoutsCreate, Topic::CheckoutsUpdate] {
        insta::assert_snapshot!("checkout", shown(read(&topic, &sample(&topic)).unwrap()));
    }
}

/// Topics of which there is no long story.
#[test]
fn every_other_topic_is_what_shopify_tells() {
    let long = ["customers/create", "customers/update", "customers/enable", "customers/disable"];
    let is_long = |topic: &&Topic| {
        let name = topic.name();
        let is_order = name.starts_with("orders/") && !["orders/edited", "orders/delete"].contains(&name);
        let is_thing = name.starts_with("products/") || name.starts_with("checkouts/");
        long.contains(&name) || is_order || is_thing && !name.ends_with("delete")
    };
    let all = Topic::ALL.iter().filter(|topic| !is_long(topic));
    let told: String =
        all.map(|topic| format!("{topic}: {}\n", shown(read(topic, &sample(topic)).unwrap()))).collect();
    insta::assert_snapshot!("others", told);
    assert!(matches!(read(&"themes/publish".parse().unwrap(), b"no JSON"), Ok(Change::Other)));
}

#[test]
fn what_older_versions_told_beyond_is_read_where_it_stands() {
    let body = r#"{"id":"7","tags":"vip, new","orders_count":3,"total_spent":"231.10","currency":"USD",
        "email":"ada@example.com","updated_at":"2024-10-01T10:00:00-04:00","email_marketing_consent":
        {"state":"subscribed","opt_in_level":"confirmed_opt_in","consent_updated_at":"2024-01-31T09:30:00Z"},
        "sms_marketing_consent":null}"#;
    let Ok(Change::Customer(it)) = read(&Topic::CustomersUpdate, body.as_bytes()) else {
        panic!("a customer")
    };
    let told = it.told(&reading());
    assert!(!told.must_be_read_again());
    assert_eq!(told.tags, Told::Is(vec!["vip".to_owned(), "new".to_owned()]));
    assert_eq!((told.orders, told.spent.map(Minor::get)), (Some(3), Some(23_110)));
    assert_eq!(told.sms_consent, Told::Nothing);
    let consent = told.email_consent.value().unwrap();
    assert_eq!((consent.state, consent.level), (ConsentState::Subscribed, ConsentLevel::ConfirmedOptIn));
    assert_eq!(consent.at.to_string(), "2024-01-31T09:30:00Z");
}

#[test]
fn the_shop_that_a_signed_body_names_can_be_held_against_the_header() {
    let check = |topic: Topic, body: &str, expected: Option<&str>| {
        let shop = read(&topic, body.as_bytes()).unwrap().shop();
        assert_eq!(shop.as_ref().map(ShopDomain::name), expected, "{topic} {body}");
    };
    let (told, person) = (r#""shop_domain":"nordlicht.myshopify.com""#, r#""customer":{"id":1}"#);
    check(Topic::CustomersRedact, &format!("{{{told},{person}}}"), Some("nordlicht"));
    check(Topic::CustomersDataRequest, &format!("{{{told},{person}}}"), Some("nordlicht"));
    check(Topic::ShopRedact, &format!("{{{told}}}"), Some("nordlicht"));
    check(Topic::ShopRedact, "{}", None);
    let uninstalled = r#"{"id":1,"myshopify_domain":"nordlicht.myshopify.com"}"#;
    check(Topic::AppUninstalled, uninstalled, Some("nordlicht"));
    check(Topic::ShopUpdate, uninstalled, Some("nordlicht"));
    check(Topic::ProductsDelete, r#"{"id":1}"#, None);
}

#[test]
fn a_customer_of_a_webhook_must_be_read_again() {
    let Ok(Change::Customer(it)) = read(&Topic::CustomersUpdate, &sample(&Topic::CustomersUpdate)) else {
        panic!("a customer")
    };
    assert!(it.told(&reading()).must_be_read_again());
}

#[test]
fn refunds_in_a_currency_that_the_shop_does_not_count_in_are_not_added_up() {
    let with = |shown: &str, currency: &str| {
        let body = format!(
            r#"{{"id":7,"currency":"USD","presentment_currency":"{shown}","financial_status":"partially_refunded",
            "processed_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z","total_price":"100.00",
            "current_total_price":"70.00","refunds":[{{"transactions":[
            {{"kind":"refund","status":"success","amount":"30.00","currency":{currency}}},
            {{"kind":"refund","status":"failure","amount":"50.00","currency":{currency}}}]}}]}}"#
        );
        let Ok(Change::Order(it)) = read(&Topic::OrdersUpdated, body.as_bytes()) else { panic!("an order") };
        let told = it.told(&reading()).unwrap();
        (told.must_be_read_again, told.order.total.get(), told.order.refunded.get())
    };
    assert_eq!(with("USD", "null"), (false, 10_000, 3_000));
    assert_eq!(with("USD", r#""USD""#), (false, 10_000, 3_000));
    assert_eq!(with("EUR", r#""USD""#), (false, 10_000, 3_000));
    assert_eq!(with("EUR", r#""EUR""#), (true, 10_000, 0));
    assert_eq!(with("EUR", "null"), (true, 10_000, 0));
}

#[test]
fn an_amount_is_exact_whether_it_is_a_text_or_a_number() {
    let with = |total: &str| {
        let body = format!(
            r#"{{"id":7,"processed_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z","total_price":{total}}}"#
        );
        let Ok(Change::Order(it)) = read(&Topic::OrdersUpdated, body.as_bytes()) else { panic!("an order") };
        it.told(&reading()).map(|told| told.order.total.get())
    };
    // As a float this would be 9999999999999.980 at best.
    assert_eq!(with("9999999999999.99"), Ok(999_999_999_999_999));
    assert_eq!(with(r#""9999999999999.99""#), Ok(999_999_999_999_999));
    assert!(with("1e2").is_err());
}

#[test]
fn a_body_that_is_wrong_is_told_by_its_place_and_not_by_its_words() {
    let check = |topic: Topic, body: &str, place: &str, why: &str| {
        let bad = read(&topic, body.as_bytes()).unwrap_err();
        assert_eq!((bad.place.as_str(), bad.why), (place, why), "{body}");
        assert!(!bad.to_string().contains("Ada"), "{bad}");
    };
    let (kind, syntax) = ("another kind of value is expected", "it is not JSON");
    check(
        Topic::OrdersCreate,
        r#"{"id":1,"line_items":[{"quantity":"Ada"}]}"#,
        "line_items[0].quantity",
        kind,
    );
    check(Topic::OrdersCreate, r#"{"id":1.5}"#, "id", kind);
    check(Topic::OrdersCreate, r#"{"id":18446744073709551616}"#, "id", kind);
    check(Topic::CustomersUpdate, r#"{"id":1,"updated_at":"Ada"}"#, "updated_at", kind);
    check(Topic::CustomersUpdate, r#"{"first_name":"Ada"}"#, ".", kind);
    check(Topic::CustomersUpdate, "Ada", ".", syntax);
    check(Topic::CustomersUpdate, r#"{"id":1,"first_name":"Ada"#, "first_name", "it ends too early");
    check(Topic::CustomersDelete, r#"{"id":1} Ada"#, ".", "something stands behind its end");
    check(Topic::AppUninstalled, r#""Ada""#, ".", kind);
}

/// Whatever is read, it is understood or refused, and nobody falls over.
fn survives(topic: &Topic, body: &[u8]) {
    if let Ok(change) = read(topic, body) {
        match change {
            Change::Customer(it) => drop(it.told(&reading())),
            Change::Order(it) => drop(it.told(&reading())),
            Change::Product(it) => drop(it.told(&reading())),
            Change::Checkout(it) => drop(it.told(&reading())),
            Change::Consent(it) => drop(it.told(&reading())),
            Change::Purchases(it) => drop(it.totals(&reading())),
            _ => {}
        }
    }
}

/// Any JSON, made of the words that bodies are made of.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|it| it.to_string()),
        any::<i64>().prop_map(|it| it.to_string()),
        any::<f64>().prop_map(|it| serde_json::json!(it).to_string()),
        ".{0,8}".prop_map(|it| serde_json::json!(it).to_string()),
        prop::sample::select(
            &[r#""USD""#, r#""9.99""#, r#""2026-01-01T00:00:00Z""#, "7", r#""gid://shopify/Order/7""#][..]
        )
        .prop_map(str::to_owned),
    ];
    let names = prop::sample::select(
        &[
            "id",
            "token",
            "updated_at",
            "processed_at",
            "total_price",
            "line_items",
            "quantity",
            "price",
            "refunds",
            "transactions",
            "amount",
            "customer",
            "email",
            "tags",
            "variants",
            "default_address",
            "currency",
            "customerId",
            "amountSpent",
            "email_marketing_consent",
            "state",
            "order_edit",
            "order_id",
        ][..],
    );
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4).prop_map(|all| format!("[{}]", all.join(",")));
        let pairs = prop::collection::btree_map(names.clone(), inner, 0..8);
        let object = pairs.prop_map(|all| {
            let all: Vec<_> = all.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            format!("{{{}}}", all.join(","))
        });
        prop_oneof![list, object]
    })
}

fn topics() -> impl Strategy<Value = Topic> {
    prop::sample::select(Topic::ALL)
}

proptest! {
    #[test]
    fn no_json_is_too_strange(topic in topics(), body in json()) {
        survives(&topic, body.as_bytes());
    }

    #[test]
    fn no_bytes_are_too_strange(topic in topics(), body in prop::collection::vec(any::<u8>(), 0..60)) {
        survives(&topic, &body);
    }

    #[test]
    fn no_sample_with_a_changed_byte_is_too_strange(topic in topics(), at in any::<prop::sample::Index>(), to in any::<u8>(), is_cut in any::<bool>()) {
        let mut body = sample(&topic);
        let at = at.index(body.len());
        if is_cut {
            body.truncate(at);
        } else {
            body[at] = to;
        }
        survives(&topic, &body);
    }
}

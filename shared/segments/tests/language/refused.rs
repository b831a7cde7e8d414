//! What the columns do not hold is refused, by name and place.

use columns::{Batch, Program};
use domain::{Timestamp, Zone};
use rules::Rule;
use segments::{Given, compile};

use crate::{parse, people::Person, scene};

#[test]
fn what_is_not_kept_is_told_by_name_and_place() {
    let check = |text: &str, expected: &[(&str, &str)]| {
        let given = Given::default();
        let refused = compile(&parse(text), &scene(&Zone::UTC, Timestamp::UNIX_EPOCH, &given));
        let refused = refused.expect_err(text);
        let found: Vec<_> =
            refused.iter().map(|refused| (refused.what.as_str(), refused.at.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    };
    for (text, what) in [
        ("companies = 7", "companies"),
        ("created_by_app_id = 7", "created_by_app_id"),
        ("rfm_group = 'LOYAL'", "rfm_group"),
        ("churn_probability > 0.5", "churn_probability"),
        ("expected_date_of_next_order <= +14d", "expected_date_of_next_order"),
        ("anniversary(expected_date_of_next_order) = today", "anniversary(expected_date_of_next_order)"),
        ("products_purchased MATCHES (tag = 'hats')", "products_purchased.tag"),
        ("storefront.product_viewed MATCHES ()", "storefront.product_viewed"),
        ("storefront.collection_viewed MATCHES ()", "storefront.collection_viewed"),
        ("campaign_events MATCHES (type = 'OPENED')", "campaign_events"),
        ("consent MATCHES (channel = 'SMS')", "consent"),
        ("funnel MATCHES (steps IN ('storefront.product_viewed', 'orders_placed'))", "funnel"),
        ("segment MATCHES (id = 'x')", "segment 'x'"),
        ("list MATCHES (id = 'x')", "list 'x'"),
    ] {
        check(text, &[(what, "")]);
    }
    check(
        "number_of_orders > 1 AND (companies NOT IN (7, 8) OR NOT (rfm_r = 1 AND rfm_f = 2))",
        &[
            ("companies", "/all/1/any/0/not"),
            ("rfm_r", "/all/1/any/1/not/all/0"),
            ("rfm_f", "/all/1/any/1/not/all/1"),
        ],
    );
}

#[test]
fn what_says_nothing_is_nobody() {
    let (given, zone) = (Given::default(), Zone::UTC);
    let scene = scene(&zone, Timestamp::UNIX_EPOCH, &given);
    let mut person = Person::new(0, Timestamp::UNIX_EPOCH);
    person.customer.email = Some("ann@example.com".parse().expect("it is one"));
    person.customer.language = Some("en".into());
    let one = Batch::of(&[(person.slot(), person.row())]).expect("a row has a form");
    let nobody = |rule: &Rule| {
        let program = Program::new(compile(rule, &scene).expect("it can be asked"));
        assert_eq!(program.select(&one).expect("all is read"), [0], "{rule}");
    };
    // A mark is no letter of theirs.
    for field in ["email", "customer_email_domain", "customer_language", "attributes.favourite"] {
        for operator in ["CONTAINS", "STARTS WITH", "ENDS WITH", "="] {
            nobody(&parse(&format!("{field} {operator} '\u{301}'")));
        }
    }
    // No reader gives such a rule.
    nobody(&Rule::All(vec![]));
    nobody(&Rule::Any(vec![]));
}

#[test]
fn an_amount_that_is_finer_than_the_currency_by_now_is_refused() {
    let given = Given::default();
    let zone = Zone::UTC;
    let scene = segments::Scene {
        currency: "JPY".parse().expect("a currency"),
        ..scene(&zone, Timestamp::UNIX_EPOCH, &given)
    };
    let refused = compile(&parse("amount_spent > 50.5"), &scene).expect_err("there is no half yen");
    assert_eq!(
        refused[0].to_string(),
        "amount_spent with 50.5 cannot be asked: the amount is finer than the shop's currency"
    );
    assert!(compile(&parse("amount_spent > 50"), &scene).is_ok());
}

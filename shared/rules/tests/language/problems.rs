//! What is said of a text that is wrong: all of it at once, each with its place, what was expected and what may be meant.

use rules::{Place, Problem};

use crate::parse;

/// What stands at each place, and what is said of it.
#[track_caller]
pub(crate) fn check(text: &str, expected: &[(&str, &str)]) {
    let told = |problem: &Problem| {
        let Place::Bytes(bytes) = &problem.place else { panic!("{problem:?}") };
        (text[bytes.clone()].to_owned(), problem.to_string())
    };
    let told: Vec<_> = parse(text).expect_err(text).iter().map(told).collect();
    let told: Vec<_> = told.iter().map(|(at, said)| (at.as_str(), said.as_str())).collect();
    assert_eq!(told, expected);
}

#[test]
fn names_are_known_or_refused_with_the_nearest() {
    check(
        "last_order >= -30d",
        &[(
            "last_order",
            "`last_order` is no field or function that this shop knows; did you mean `last_order_date`?",
        )],
    );
    check(
        "amount_spnt > 5 AND customer_tags CONTAINS vip AND x = 1",
        &[
            (
                "amount_spnt",
                "`amount_spnt` is no field or function that this shop knows; did you mean `amount_spent`?",
            ),
            (
                "vip",
                "`customer_tags` is a list of texts, and a word without quotes is told; did you mean `'vip'`?",
            ),
            ("x", "`x` is no field or function that this shop knows"),
        ],
    );
    check(
        "product_subscription_status = 'ACTIVE'",
        &[("product_subscription_status", "`product_subscription_status` is Shopify's, and not kept here")],
    );
    check(
        "total_spent > 5",
        &[(
            "total_spent",
            "`total_spent` is no field or function that this shop knows; did you mean `amount_spent`?",
        )],
    );
    check(
        "x ; y",
        &[
            (";", "`;` cannot stand here"),
            (
                "y",
                "`y` cannot stand here; `(`, `BETWEEN`, `CONTAINS`, `ENDS`, `IN`, `IS`, `LENGTH`, `MATCHES`, `NOT`, `STARTS` or a comparison is expected",
            ),
        ],
    );
}

#[test]
fn types_are_both_named() {
    check("amount_spent > 'x'", &[("'x'", "`amount_spent` is an amount of money, and a text is told")]);
    check(
        "number_of_orders > 2.5",
        &[("2.5", "`number_of_orders` is a whole number, and a number with a fraction is told")],
    );
    check("anniversary(email) = today", &[("email", "`email` is a text, and a date is told")]);
    check("can_receive_email = 1", &[("1", "`can_receive_email` is TRUE or FALSE, and a number is told")]);
    check("created_by_app_id = -5", &[("-5", "`created_by_app_id` is an id, and a number is told")]);
}

#[test]
fn what_may_be_asked_depends_on_the_type() {
    check(
        "number_of_orders CONTAINS 'a'",
        &[(
            "CONTAINS 'a'",
            "`CONTAINS` cannot be asked of `number_of_orders`, which is a whole number; =, !=, <, <=, >, >=, BETWEEN, IS NULL or IS NOT NULL is expected",
        )],
    );
    check(
        "customer_tags = 'vip'",
        &[(
            "= 'vip'",
            "`=` cannot be asked of `customer_tags`, which is a list of texts; CONTAINS, NOT CONTAINS, CONTAINS ANY, NOT CONTAINS ANY, CONTAINS ALL, NOT CONTAINS ALL, LENGTH, IS NULL or IS NOT NULL is expected",
        )],
    );
    check(
        "amount_spent MATCHES ()",
        &[(
            "amount_spent",
            "`MATCHES` cannot be asked of `amount_spent`, which is an amount of money; =, !=, <, <=, >, >=, BETWEEN, IS NULL or IS NOT NULL is expected",
        )],
    );
    check(
        "can_receive_email IS NULL",
        &[(
            "IS NULL",
            "`IS NULL` cannot be asked of `can_receive_email`, which is TRUE or FALSE; = or != is expected",
        )],
    );
    check(
        "created_by_app_id > 5",
        &[(
            "> 5",
            "`>` cannot be asked of `created_by_app_id`, which is an id; =, !=, IN, NOT IN, IS NULL or IS NOT NULL is expected",
        )],
    );
    check("customer_tags LENGTH 'a'", &[("'a'", "a text cannot stand here; a comparison is expected")]);
    check(
        "customer_tags LENGTH > -1",
        &[("-1", "-1 lies outside of what `the length of customer_tags` can be: 0 or more")],
    );
}

#[test]
fn values_are_within_what_can_be() {
    check(
        "email_subscription_status = 'SUBSCRIBD'",
        &[(
            "'SUBSCRIBD'",
            "`SUBSCRIBD` is none of the words that `email_subscription_status` can be; did you mean `SUBSCRIBED`?",
        )],
    );
    check("last_order_date > 30d", &[("30d", "`30d` is no day or instant; did you mean `-30d`?")]);
    check(
        "last_order_date > 2026-02-30",
        &[(
            "2026-02-30",
            "`2026-02-30` is no day or instant; 2026-01-31, 2026-01-31T16:00, -30d, today or yesterday is expected",
        )],
    );
    check(
        "last_order_date BETWEEN -30d AND -60d",
        &[("BETWEEN -30d AND -60d", "-30d lies behind -60d: nothing is between them")],
    );
    check("rfm_r = 6", &[("6", "6 lies outside of what `rfm_r` can be: 1 to 5")]);
    check(
        "amount_spent > 1.234",
        &[(
            "1.234",
            "1.234 is finer than `amount_spent` in USD is counted: at most 2 digits behind the point",
        )],
    );
    check("bucket('a') = 100", &[("100", "100 lies outside of what `bucket` can be: 0 to 99")]);
    check("customer_countries CONTAINS 'us'", &[("'us'", "`us` is no country; did you mean `US`?")]);
    check("customer_countries CONTAINS 'USA'", &[("'USA'", "`USA` is no country; 'US' is expected")]);
    check(
        "customer_regions CONTAINS 'New York'",
        &[("'New York'", "`New York` is no region; 'US-NY' is expected")],
    );
    check("customer_regions CONTAINS 'us-ny'", &[("'us-ny'", "`us-ny` is no region; did you mean `US-NY`?")]);
    check(
        "customer_cities CONTAINS 'Paris'",
        &[("'Paris'", "`Paris` is no city; 'US-NY-NewYorkCity' is expected")],
    );
    check(
        "email CONTAINS ''",
        &[("''", "an empty text would hold of everybody or of nobody: say EVERYONE if you mean it")],
    );
    check(
        "customer_tags CONTAINS ANY ()",
        &[(
            "CONTAINS ANY ()",
            "an empty list would hold of everybody or of nobody: say EVERYONE if you mean it",
        )],
    );
    check("rfm_r BETWEEN 5 AND 1", &[("BETWEEN 5 AND 1", "5 lies behind 1: nothing is between them")]);
    check("churn_probability > 60", &[("60", "60 lies outside of what `churn_probability` can be: 0 to 1")]);
    check(
        "amount_spent > 10000000000000",
        &[(
            "10000000000000",
            "10000000000000 is no number that can be compared exactly: at most 6 digits behind the point, below a trillion",
        )],
    );
}

#[test]
fn functions_are_given_what_they_know() {
    check(
        "orders_placed MATCHES (dat >= -30d, count >= 'x', count > 1)",
        &[
            ("dat", "`dat` is no parameter; did you mean `date`?"),
            ("'x'", "`count` is a whole number, and a text is told"),
            ("count", "`count` is told twice"),
        ],
    );
    check(
        "orders_placed = 5",
        &[(
            "orders_placed",
            "what stands behind `orders_placed` cannot stand here; `MATCHES (…)` is expected",
        )],
    );
    check(
        "orders_placed",
        &[(
            "",
            "the rule ends too soon; `(`, `BETWEEN`, `CONTAINS`, `ENDS`, `IN`, `IS`, `LENGTH`, `MATCHES`, `NOT`, `STARTS` or a comparison is expected",
        )],
    );
    check(
        "orders_placed(date: -30d) > 5",
        &[
            (
                "-30d",
                "`-30d` without an operator cannot stand here; `date: >= -30d` or `date: = -30d` is expected",
            ),
            ("> 5", "`>` cannot stand here; = true or = false is expected"),
        ],
    );
    check("segment MATCHES ()", &[("segment", "`id` is missing")]);
    check(
        "segment MATCHES (id IN (1,2))",
        &[("segment", "what is asked of `id` cannot stand here; id = '…' is expected")],
    );
    check(
        "customer_within_distance MATCHES (distance_km = 5, distance_mi = 3)",
        &[
            ("customer_within_distance", "`coordinates` is missing"),
            ("customer_within_distance", "`distance_km` and `distance_mi` exclude each other"),
        ],
    );
    check(
        "customer_within_distance MATCHES (coordinates = (100, 5), distance_km = -1)",
        &[
            (
                "customer_within_distance",
                "what is asked of `distance_km` cannot stand here; distance_km = 10 is expected",
            ),
            (
                "= (100, 5)",
                "what is asked of `coordinates` cannot stand here; coordinates = (45.4215, -75.6972) is expected",
            ),
        ],
    );
    check(
        "funnel MATCHES (steps IN ('orders_placed', 'x'), within <= -7d)",
        &[
            (
                "'x'",
                "`x` is no event; orders_placed, products_purchased, storefront.product_viewed, storefront.collection_viewed, campaign_events or consent is expected",
            ),
            ("<= -7d", "what is asked of `within` cannot stand here; within <= +7d is expected"),
        ],
    );
    check(
        "anniversary = today",
        &[(
            "anniversary",
            "what stands behind `anniversary` cannot stand here; `anniversary(birthday) = today` is expected",
        )],
    );
    check(
        "bucket = 1",
        &[(
            "bucket",
            "what stands behind `bucket` cannot stand here; `bucket('seed') BETWEEN 0 AND 99` is expected",
        )],
    );
    check(
        "shopify_email.opened(activity_id: 1, foo: 2) = true",
        &[(
            "foo",
            "`foo` is no parameter; type, channel, campaign_id, human, reason, date or count is expected",
        )],
    );
    check(
        "orders_placed(1) = true",
        &[("1", "a value without a name cannot stand here; name: value is expected")],
    );
}

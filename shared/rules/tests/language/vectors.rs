//! Rules as the language page has them, and how each is printed.

use rules::Rule;
use serde_json::json;

use crate::{parse, shop};

#[track_caller]
fn check(text: &str, printed: &str) {
    let rule = parse(text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
    assert_eq!(rule.to_string(), printed);
    assert_eq!(parse(printed), Ok(rule.clone()), "{printed}");
    assert_eq!(Rule::from_json(&rule.to_json(), &shop()), Ok(rule), "{printed}");
}

#[test]
fn every_rule_of_the_page_is_one() {
    for same in [
        "last_order_date >= -30d",
        "last_order_date = -1d",
        "last_order_date BETWEEN -60d AND -30d",
        "last_order_date < -30d",
        "last_order_date IS NULL",
        "last_order_date IS NOT NULL",
        "customer_countries NOT CONTAINS 'US'",
        "customer_tags NOT CONTAINS 'vip'",
        "NOT number_of_orders > 5",
        "number_of_orders <= 5",
        "orders_placed MATCHES (amount > 50, count >= 2)",
        "orders_placed MATCHES (date >= -90d, sum_amount >= 100)",
        "orders_placed NOT MATCHES (date >= -90d)",
        "orders_placed MATCHES ()",
        "anniversary(birthday) = today",
        "anniversary(birthday) BETWEEN today AND +30d",
        "expected_date_of_next_order <= +14d",
        "first_order_date >= -36h",
        "customer_added_date > 2026-01-31T16:00:00",
        "customer_tags CONTAINS ANY ('a', 'b')",
        "customer_tags NOT CONTAINS ALL ('a', 'b')",
        "customer_tags LENGTH >= 3",
        "customer_tags LENGTH != 3",
        "amount_spent BETWEEN 1 AND 999.99",
        "churn_probability >= 0.6",
        "rfm_r = 5",
        "can_receive_email = TRUE",
        "email STARTS WITH 'info@'",
        "email NOT ENDS WITH '.test'",
        "first_name = 'O\\'Brien'",
        "companies IS NULL",
        "created_by_app_id != 1830279",
        "customer_id IN ('01J0000000000000000000000A', 7)",
        "attributes.shoe_size > 42.5",
        "metafields.facts.birth-date IS NOT NULL",
        "segment MATCHES (id = '01J0000000000000000000000A')",
        "segment NOT MATCHES (id = 'x')",
        "list MATCHES (id = 'x')",
        "bucket('spring') BETWEEN 0 AND 49",
        "campaign_events MATCHES (type = 'OPENED', channel = 'EMAIL', human = TRUE, date >= -30d, count >= 2)",
        "consent MATCHES (channel = 'SMS', state = 'SUBSCRIBED', method = 'CONFIRMED_OPT_IN')",
        "customer_within_distance MATCHES (coordinates = (45.4215, -75.6972), distance_km = 10)",
        "funnel MATCHES (steps IN ('storefront.product_viewed', 'orders_placed'), within <= +7d, date >= -30d)",
        "storefront.product_viewed MATCHES (id IN (1, 2), tag = 'hats')",
        "EVERYONE",
        "NOT EVERYONE",
        "NOT (number_of_orders > 5 OR companies IS NULL)",
        "NOT (number_of_orders != 5)",
    ] {
        check(same, same);
    }
}

#[test]
fn other_spellings_become_the_one() {
    // AND binds tighter than OR, and the AND of BETWEEN belongs to it.
    check("companies IS NULL OR rfm_r = 1 AND rfm_f = 2", "companies IS NULL OR (rfm_r = 1 AND rfm_f = 2)");
    check(
        "rfm_r between 1 and 2 and rfm_f between 3 and 4",
        "rfm_r BETWEEN 1 AND 2 AND rfm_f BETWEEN 3 AND 4",
    );
    check("((rfm_r = 1)) AND (rfm_f = 2 AND (rfm_m = 3))", "rfm_r = 1 AND rfm_f = 2 AND rfm_m = 3");
    check("NOT (number_of_orders > 5)", "NOT number_of_orders > 5");
    check("NOT number_of_orders = 5", "number_of_orders != 5");
    check("not customer_tags contains 'vip'", "customer_tags NOT CONTAINS 'vip'");
    check("NOT last_order_date IS NULL", "last_order_date IS NOT NULL");
    check("NOT orders_placed MATCHES (date >= -90d)", "orders_placed NOT MATCHES (date >= -90d)");
    check("customer_tags CONTAINS ALL ('a')", "customer_tags CONTAINS 'a'");
    // Named days that Shopify gave up.
    check("last_order_date >= 90_days_ago", "last_order_date >= -90d");
    check("last_order_date >= 12_months_ago", "last_order_date >= -12m");
    check("last_order_date BETWEEN 30_days_ago AND 7_days_ago", "last_order_date BETWEEN -30d AND -7d");
    check("last_order_date >= -0d", "last_order_date >= today");
    check("last_order_date > '2026-01-31T16:00'", "last_order_date > 2026-01-31T16:00:00");
    // Functions as they were called before 2026-10.
    check("products_purchased(id: (1,2)) = true", "products_purchased MATCHES (id IN (1, 2))");
    check(
        "products_purchased(id: 1, date: >= -90d) = false",
        "products_purchased NOT MATCHES (id = 1, date >= -90d)",
    );
    check("products_purchased(tag: 'hats') != true", "products_purchased NOT MATCHES (tag = 'hats')");
    check("products_purchased(quantity: 5) = true", "products_purchased MATCHES (quantity = 5)");
    check("products_purchased(date: 2026-01-31) = true", "products_purchased MATCHES (date = 2026-01-31)");
    check("orders_placed(count_at_least: 5) = true", "orders_placed MATCHES (count >= 5)");
    check("storefront_event.product_viewed() = true", "storefront.product_viewed MATCHES ()");
    check(
        "customer_within_distance(coordinates: (45.4215, -75.6972), distance_mi: 6.2) = true",
        "customer_within_distance MATCHES (coordinates = (45.4215, -75.6972), distance_mi = 6.2)",
    );
    check(
        "customer_within_distance MATCHES (coordinates = '45.4215, -75.6972', distance_km = 10)",
        "customer_within_distance MATCHES (coordinates = (45.4215, -75.6972), distance_km = 10)",
    );
    check(
        "anniversary(date: 'metafields.facts.birth-date') BETWEEN today AND +30d",
        "anniversary(metafields.facts.birth-date) BETWEEN today AND +30d",
    );
    // Shopify's own mails are events of campaigns.
    check(
        "shopify_email.opened(activity_id: 5240029206, count: > 1) = true",
        "campaign_events MATCHES (type = 'OPENED', channel = 'EMAIL', campaign_id = 5240029206, count > 1)",
    );
    check(
        "shopify_email.marked_as_spam NOT MATCHES ()",
        "campaign_events NOT MATCHES (type = 'MARKED_AS_SPAM', channel = 'EMAIL')",
    );
    check("orders_placed NOT_MATCHES (count >= 2)", "orders_placed NOT MATCHES (count >= 2)");
    check(
        "orders_placed MATCHES (NOT date > -30d, NOT app_id != 1)",
        "orders_placed MATCHES (app_id = 1, NOT date > -30d)",
    );
    check("email_subscription_status = 'subscribed'", "email_subscription_status = 'SUBSCRIBED'");
    check("amount_spent > 100.50", "amount_spent > 100.50");
    check("amount_spent > 100.5", "amount_spent > 100.50");
    check("amount_spent > 100.00", "amount_spent > 100");
    check("bucket(7) = 1", "bucket('7') = 1");
}

#[test]
fn the_json_of_the_page_is_a_rule_in_its_one_form() {
    let json = json!({"all": [
        {"field": "amount_spent", "op": "gt", "value": {"money": "500.00"}},
        {"any": [
            {"field": "last_order_date", "op": "gte", "value": {"offset": "-90d"}},
            {"not": {"field": "customer_tags", "op": "contains", "value": "vip"}}
        ]},
        {"event": "orders_placed", "where": [{"param": "date", "op": "gte", "value": {"offset": "-365d"}}],
         "count": {"op": "gte", "value": 2}}
    ]});
    let rule = Rule::from_json(&json, &shop()).unwrap();
    assert_eq!(
        rule.to_string(),
        "amount_spent > 500 AND (last_order_date >= -90d OR customer_tags NOT CONTAINS 'vip') \
         AND orders_placed MATCHES (date >= -365d, count >= 2)"
    );
    assert_eq!(rule.to_json(), json);
    assert_eq!(parse(&rule.to_string()), Ok(rule));
}

#[test]
fn json_takes_plain_values_and_gives_typed_ones() {
    let check = |json, printed: &str| {
        let rule = Rule::from_json(&json, &shop()).unwrap_or_else(|problems| panic!("{json}: {problems:?}"));
        assert_eq!(rule.to_string(), printed);
    };
    check(json!({"field": "amount_spent", "op": "gte", "value": 500}), "amount_spent >= 500");
    check(json!({"field": "amount_spent", "op": "gte", "value": 0.1}), "amount_spent >= 0.10");
    check(json!({"field": "last_order_date", "op": "lt", "value": "-30d"}), "last_order_date < -30d");
    check(json!({"field": "number_of_orders", "op": "neq", "value": 5.0}), "number_of_orders != 5");
    check(
        json!({"field": "customer_tags", "op": "not_contains", "value": "vip"}),
        "customer_tags NOT CONTAINS 'vip'",
    );
    check(
        json!({"field": "created_by_app_id", "op": "in", "value": [1, "2"]}),
        "created_by_app_id IN (1, 2)",
    );
    check(json!({"field": "email", "op": "is_not_null"}), "email IS NOT NULL");
    check(
        json!({"field": "customer_tags", "length": {"op": "gte", "value": 2}}),
        "customer_tags LENGTH >= 2",
    );
    check(
        json!({"anniversary": "birthday", "op": "eq", "value": {"date": "today"}}),
        "anniversary(birthday) = today",
    );
    check(json!({"bucket": "a", "op": "between", "value": [0, 49]}), "bucket('a') BETWEEN 0 AND 49");
    check(
        json!({"event": "orders_placed", "count": {"not": {"op": "eq", "value": 2}}}),
        "orders_placed MATCHES (count != 2)",
    );
    check(json!({"everyone": true}), "EVERYONE");
}

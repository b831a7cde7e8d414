//! Rules of other systems: each field and operator of each of them, and what is said where they do not come over.

use rules::{Place, Rule};
use serde_json::{Value as Json, json};

use crate::shop;

#[track_caller]
fn check(json: &Json, text: &str) -> Vec<&'static str> {
    let imported = Rule::import(json, &shop()).unwrap_or_else(|problems| panic!("{json}: {problems:?}"));
    assert_eq!(imported.rule.to_string(), text);
    for note in &imported.notes {
        let Place::Pointer(at) = &note.place else { panic!("{note:?}") };
        assert!(json.pointer(at).is_some(), "{note:?} in {json}");
    }
    imported.notes.iter().map(|note| note.says).collect()
}

/// The pointers, and what is said of each.
#[track_caller]
fn refused(json: &Json, expected: &[(&str, &str)]) {
    let problems = Rule::import(json, &shop()).expect_err("cannot be brought");
    let told: Vec<_> = problems.iter().map(|problem| (&problem.place, problem.to_string())).collect();
    let expected: Vec<_> =
        expected.iter().map(|(at, said)| (Place::Pointer((*at).to_owned()), (*said).to_owned())).collect();
    assert_eq!(told, expected.iter().map(|(at, said)| (at, said.clone())).collect::<Vec<_>>());
    for (place, _) in told {
        let Place::Pointer(at) = place else { panic!("{place:?}") };
        assert!(json.pointer(at).is_some(), "{at} in {json}");
    }
}

#[test]
fn every_field_and_operator_comes_over() {
    let one = |field: &str, operator: &str, value: Json, text: &str| {
        check(&json!([{"field": field, "operator": operator, "value": value}]), text);
    };
    for (operator, sign) in [
        (">", ">"),
        ("<", "<"),
        (">=", ">="),
        ("<=", "<="),
        ("=", "="),
        ("!=", "!="),
        ("gt", ">"),
        ("lt", "<"),
        ("gte", ">="),
        ("lte", "<="),
        ("eq", "="),
        ("neq", "!="),
        ("equals", "="),
        ("notEquals", "!="),
        ("greaterThan", ">"),
        ("lessThan", "<"),
    ] {
        for spend in ["totalSpending", "totalSpent", "total_spend", "totalSpend"] {
            one(spend, operator, json!(5000), &format!("amount_spent {sign} 5000"));
        }
        for orders in ["visitCount", "total_visits", "ordersCount", "orderCount", "total_orders"] {
            one(orders, operator, json!("3"), &format!("number_of_orders {sign} 3"));
        }
    }
    one("totalSpent", "between", json!([100, 200.5]), "amount_spent BETWEEN 100 AND 200.50");
    one("totalSpent", "between", json!({"min": 100, "max": 200}), "amount_spent BETWEEN 100 AND 200");
    one("ordersCount", "in", json!([1, 2]), "number_of_orders = 1 OR number_of_orders = 2");
    one("ordersCount", "notIn", json!([1, 2]), "NOT (number_of_orders = 1 OR number_of_orders = 2)");
    one("avgOrderValue", "gte", json!("49.90"), "average_order_value >= 49.90");
    one("email", "contains", json!("@x.de"), "email CONTAINS '@x.de'");
    one("email", "not_contains", json!("@x.de"), "email NOT CONTAINS '@x.de'");
    one("email", "notContains", json!("@x.de"), "email NOT CONTAINS '@x.de'");
    one("email", "starts_with", json!("a"), "email STARTS WITH 'a'");
    one("email", "ends_with", json!("a"), "email ENDS WITH 'a'");
    one("firstName", "in", json!(["Ada", "Bo"]), "first_name IN ('Ada', 'Bo')");
    one("lastName", "isNull", Json::Null, "last_name IS NULL");
    one("phone", "isNotNull", Json::Null, "phone IS NOT NULL");
    one("customerTags", "contains", json!("vip"), "customer_tags CONTAINS 'vip'");
    one("customerTags", "equals", json!("vip"), "customer_tags CONTAINS 'vip'");
    one("R_score", "gte", json!(4), "rfm_r >= 4");
    one(
        "rfmSegment",
        "in",
        json!(["CANNOT_LOSE", "NEW_CUSTOMERS"]),
        "rfm_group IN ('PREVIOUSLY_LOYAL', 'NEW')",
    );
    one("isHighValue", "eq", json!(true), "rfm_m = 5");
    one("isChurnRisk", "eq", json!("false"), "NOT last_order_date <= -90d");
    one("hasAbandonedCart", "eq", json!(true), "abandoned_checkout_date IS NOT NULL");
    one("attributes.shoe_size", "gt", json!(42), "attributes.shoe_size > 42");
    // Days since, and dates.
    one("lastVisit", "before", json!(90), "last_order_date < -90d");
    one("lastVisit", "after", json!("30"), "last_order_date > -30d");
    one("daysSinceLastOrder", "gt", json!(90), "last_order_date < -90d");
    one("days_since_last_order", ">=", json!(90), "last_order_date <= -90d");
    one("days_since_last_order", "<", json!(0), "last_order_date > today");
    one("daysSinceLastOrder", "between", json!([30, 60]), "last_order_date BETWEEN -60d AND -30d");
    one("lastOrderDate", "gte", json!("-30d"), "last_order_date >= -30d");
    one("lastOrderDate", "lt", json!("-12h"), "last_order_date < -12h");
    one("firstOrderDate", "gte", json!("2026-01-31T00:00:00.000Z"), "first_order_date >= 2026-01-31");
    one("createdAt", "lt", json!("-6m"), "customer_added_date < -6m");
    check(
        &json!([{"field": "registrationDate", "operator": "greaterThan", "value": 2, "unit": "months"}]),
        "customer_added_date < -2m",
    );
    // One name there, two here.
    one("name", "=", json!("Ada Lovelace"), "first_name = 'Ada' AND last_name = 'Lovelace'");
    one("name", "=", json!("Ada"), "first_name = 'Ada' AND last_name IS NULL");
    one("name", "contains", json!("ada"), "first_name CONTAINS 'ada' OR last_name CONTAINS 'ada'");
    one("name", "not_contains", json!("a"), "NOT (first_name CONTAINS 'a' OR last_name CONTAINS 'a')");
    one("name", "starts_with", json!("A"), "first_name STARTS WITH 'A'");
    one(
        "name",
        "ends_with",
        json!("e"),
        "last_name ENDS WITH 'e' OR (last_name IS NULL AND first_name ENDS WITH 'e')",
    );
}

#[test]
fn every_form_comes_over() {
    let spend = json!({"field": "totalSpent", "operator": ">", "value": 1});
    let visits = json!({"field": "ordersCount", "operator": ">", "value": 2});
    let email = json!({"field": "email", "operator": "isNull"});
    let flat = json!({"logic": "OR", "conditions": [spend, visits]});
    assert_eq!(check(&flat, "amount_spent > 1 OR number_of_orders > 2"), [""; 0]);
    let grouped = json!({"groups": [{"logic": "OR", "conditions": [spend, visits]}, {"logic": "AND", "conditions": [email]}]});
    check(&grouped, "(amount_spent > 1 OR number_of_orders > 2) AND email IS NULL");
    let listed = json!([
        {"id": "1", "operator": "AND", "rules": [{"id": "2", "field": "total_spend", "operator": ">", "value": "1"}, email]},
        {"id": "3", "operator": "OR", "rules": [visits, email]},
    ]);
    check(&listed, "(amount_spent > 1 AND email IS NULL) OR number_of_orders > 2 OR email IS NULL");
    check(&json!([spend, visits]), "amount_spent > 1 AND number_of_orders > 2");
    check(&json!({"conditions": [spend]}), "amount_spent > 1");
    // What stands between the conditions was shown there and had no effect.
    let between = json!({"logic": "AND", "conditions": [spend, visits, email], "connectors": ["AND", "OR"]});
    let notes = check(&between, "(amount_spent > 1 AND number_of_orders > 2) OR email IS NULL");
    assert!(notes[0].contains("showed it"), "{notes:?}");
    check(&json!({"field": "email", "op": "is_null"}), "email IS NULL");
    check(&json!({"all": true}), "EVERYONE");
}

#[test]
fn what_was_sql_leaves_out_who_has_nothing() {
    let both = |operator: &str, field: &str, value: Json, text: &str| {
        let one = json!({"field": field, "operator": operator, "value": value});
        check(&json!({"groups": [{"logic": "AND", "conditions": [one]}]}), text);
        check(&json!([{"id": "1", "operator": "AND", "rules": [one]}]), text);
    };
    both("neq", "email", json!("a@x.de"), "email != 'a@x.de' AND email IS NOT NULL");
    both("!=", "email", json!("a@x.de"), "email != 'a@x.de' AND email IS NOT NULL");
    both("not_contains", "phone", json!("49"), "phone NOT CONTAINS '49' AND phone IS NOT NULL");
    both("notIn", "firstName", json!(["A", "B"]), "first_name NOT IN ('A', 'B') AND first_name IS NOT NULL");
    both(
        "notIn",
        "avgOrderValue",
        json!([1, 2]),
        "NOT (average_order_value = 1 OR average_order_value = 2) AND average_order_value IS NOT NULL",
    );
    both("neq", "rfmSegment", json!("LOYAL"), "rfm_group != 'LOYAL' AND rfm_group IS NOT NULL");
    both("!=", "days_since_last_order", json!(30), "last_order_date != -30d AND last_order_date IS NOT NULL");
    // What everybody has is never nothing; what asks for nothing is told so.
    both("!=", "total_spend", json!(5), "amount_spent != 5");
    both("neq", "ordersCount", json!(2), "number_of_orders != 2");
    both("neq", "shopifyCreatedAt", json!("2026-01-31"), "customer_added_date != 2026-01-31");
    both("isNotNull", "email", Json::Null, "email IS NOT NULL");
    both("isNull", "email", Json::Null, "email IS NULL");
    both("neq", "isHighValue", json!(true), "rfm_m != 5");
    both("=", "email", json!("a@x.de"), "email = 'a@x.de'");
    // Of conditions in a row nobody knows in which system they were.
    check(&json!([{"field": "email", "operator": "!=", "value": "a"}]), "email != 'a'");
    check(
        &json!({"conditions": [{"field": "email", "operator": "notEquals", "value": "a"}]}),
        "email != 'a'",
    );
}

#[test]
fn nothing_unknown_means_everybody() {
    refused(
        &json!([]),
        &[("", "an empty group would hold of everybody or of nobody: say EVERYONE if you mean it")],
    );
    refused(
        &json!({"logic": "AND", "conditions": []}),
        &[("", "an empty group would hold of everybody or of nobody: say EVERYONE if you mean it")],
    );
    refused(
        &json!({"groups": [{"logic": "XOR", "conditions": [{"field": "shoe", "operator": ">", "value": 1},
            {"field": "email", "operator": "~", "value": 1}, {"field": "status", "operator": "=", "value": "ACTIVE"},
            {"operator": "="}, 5]}]}),
        &[
            ("/groups/0/conditions/0/field", "`shoe` is no field of a system that we know"),
            ("/groups/0/conditions/1/operator", "`~` is no operator of a system that we know"),
            (
                "/groups/0/conditions/2",
                "`status` cannot be brought over: customers are not active or inactive here: say since when they have not ordered",
            ),
            ("/groups/0/conditions/3", "`field` is missing"),
            (
                "/groups/0/conditions/4",
                "this condition cannot stand here; {field, operator, value} is expected",
            ),
            ("/groups/0/logic", "\"XOR\" cannot stand here; AND or OR is expected"),
        ],
    );
    refused(
        &json!([{"field": "totalSpent", "operator": ">", "value": "many"}, {"field": "totalSpent", "operator": ">"}]),
        &[
            ("/0/value", "`amount_spent` is an amount of money, and a text is told"),
            ("/1", "`value` is missing"),
        ],
    );
    refused(
        &json!([{"field": "visitFrequency", "operator": ">", "value": 2, "unit": "months"}]),
        &[(
            "/0",
            "`visitFrequency` cannot be brought over: over which time visits are counted was never said",
        )],
    );
    refused(
        &json!([{"field": "rfmSegment", "operator": "=", "value": "WHALES"}]),
        &[(
            "/0/value",
            "`WHALES` is none of the words that `rfmSegment` can be; CHAMPIONS, LOYAL, CANNOT_LOSE, AT_RISK, NEW_CUSTOMERS, PROMISING, POTENTIAL_LOYALIST, NEED_ATTENTION, ABOUT_TO_SLEEP, HIBERNATING or LOST is expected",
        )],
    );
}

#[test]
fn klaviyo_comes_over_with_its_warnings() {
    let of = |condition: Json| json!({"condition_groups": [{"conditions": [condition]}]});
    let date =
        |filter: Json| of(json!({"type": "profile-property", "property": "created", "filter": filter}));
    let dated = |filter: Json, text: &str| {
        let notes = check(&date(filter), text);
        assert!(notes[0].contains("UTC"), "{notes:?}");
    };
    dated(
        json!({"type": "date", "operator": "in-the-last", "quantity": 30, "unit": "day"}),
        "customer_added_date >= -30d",
    );
    dated(
        json!({"type": "date", "operator": "at-least", "quantity": 2, "unit": "month"}),
        "customer_added_date <= -2m",
    );
    dated(
        json!({"type": "date", "operator": "between", "start": 10, "end": 20, "unit": "day"}),
        "customer_added_date BETWEEN -20d AND -10d",
    );
    dated(
        json!({"type": "date", "operator": "before", "date": "2026-01-31"}),
        "customer_added_date < 2026-01-31",
    );
    dated(
        json!({"type": "date", "operator": "in-the-next", "quantity": 1, "unit": "week"}),
        "customer_added_date BETWEEN today AND +1w",
    );
    dated(
        json!({"type": "date", "operator": "in-the-last", "quantity": 12, "unit": "hours"}),
        "customer_added_date >= -12h",
    );
    refused(
        &date(json!({"type": "date", "operator": "in-the-last", "quantity": 30, "unit": "minute"})),
        &[(
            "/condition_groups/0/conditions/0/filter/unit",
            "this unit cannot stand here; hour, day, week, month or year is expected",
        )],
    );
    let property =
        |filter: Json| of(json!({"type": "profile-property", "property": "first_name", "filter": filter}));
    check(&property(json!({"type": "existence", "operator": "is-set"})), "first_name IS NOT NULL");
    check(&property(json!({"type": "existence", "operator": "not-set"})), "first_name IS NULL");
    // What is not known is not unlike anything there.
    check(
        &property(json!({"type": "string", "operator": "not-equals", "value": "Ada"})),
        "first_name != 'Ada' AND first_name IS NOT NULL",
    );
    check(
        &of(json!({"type": "profile-property", "property": "properties['Shoe Size']",
            "filter": {"type": "numeric", "operator": "greater-than", "value": 42}})),
        "attributes.shoe_size > 42",
    );
    check(
        &of(json!({"type": "profile-metric", "metric_id": "Placed Order", "measurement": "sum",
            "measurement_filter": {"type": "numeric", "operator": "greater-than-or-equal", "value": 100},
            "timeframe_filter": {"type": "date", "operator": "in-the-last", "quantity": 90, "unit": "day"}})),
        "orders_placed MATCHES (date >= -90d, sum_amount >= 100)",
    );
    check(
        &of(json!({"type": "profile-metric", "metric_id": "Opened Email", "measurement": "count",
            "measurement_filter": {"type": "numeric", "operator": "equals", "value": 0},
            "timeframe_filter": {"type": "date", "operator": "alltime"}})),
        "campaign_events MATCHES (type = 'OPENED', channel = 'EMAIL', count = 0)",
    );
    let groups = json!({"condition_groups": [
        {"conditions": [{"type": "profile-group-membership", "is_member": false, "group_ids": ["A", "B"]}]},
        {"conditions": [
            {"type": "profile-predictive-analytics", "dimension": "churn_probability",
             "filter": {"type": "numeric", "operator": "less-than", "value": 0.5}},
            {"type": "profile-property", "property": "email", "filter": {"type": "string", "operator": "contains", "value": "@x"}},
        ]},
    ]});
    check(
        &groups,
        "NOT (list MATCHES (id = 'A') OR list MATCHES (id = 'B')) AND (churn_probability < 0.5 OR email CONTAINS '@x')",
    );
    refused(
        &of(json!({"type": "profile-region", "region": "EU"})),
        &[(
            "/condition_groups/0/conditions/0",
            "`profile-region` cannot be brought over: there is nothing like it here",
        )],
    );
}

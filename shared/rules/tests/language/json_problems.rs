//! What is said of JSON that is wrong: all of it at once, each with a pointer to it.

use rules::{Place, Problem, Rule, limits};
use serde_json::{Value as Json, json};

use crate::shop;

/// The pointers, and what is said of each.
#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let json: Json = serde_json::from_str(text).expect("is JSON");
    let told = |problem: &Problem| {
        let Place::Pointer(at) = &problem.place else { panic!("{problem:?}") };
        (at.clone(), problem.to_string())
    };
    let told: Vec<_> = Rule::from_json(&json, &shop()).expect_err(text).iter().map(told).collect();
    let told: Vec<_> = told.iter().map(|(at, said)| (at.as_str(), said.as_str())).collect();
    assert_eq!(told, expected);
}

#[test]
fn a_node_has_one_of_few_forms() {
    check(
        "{}",
        &[(
            "",
            "an empty rule would hold of everybody or of nobody: say EVERYONE if you mean it; all, any, not, everyone, field, anniversary, bucket or event is expected",
        )],
    );
    check(
        "[]",
        &[(
            "",
            "a list cannot stand here; an object with one of: all, any, not, everyone, field, event is expected",
        )],
    );
    check(
        "null",
        &[(
            "",
            "null cannot stand here; an object with one of: all, any, not, everyone, field, event is expected",
        )],
    );
    check(
        r#"{"all":[]}"#,
        &[("", "an empty group would hold of everybody or of nobody: say EVERYONE if you mean it")],
    );
    check(r#"{"all":true}"#, &[("/all", "true or false cannot stand here; a list of rules is expected")]);
    check(r#"{"al":[]}"#, &[("/al", "`al` is no member; did you mean `all`?")]);
    check(r#"{"everyone":false}"#, &[("/everyone", "true or false cannot stand here; true is expected")]);
    check(
        r#"{"not":{}}"#,
        &[(
            "/not",
            "an empty rule would hold of everybody or of nobody: say EVERYONE if you mean it; all, any, not, everyone, field, anniversary, bucket or event is expected",
        )],
    );
}

#[test]
fn every_part_of_a_condition_is_looked_at() {
    check(
        r#"{"field":"amount_spnt","op":"gt","value":5,"x":1}"#,
        &[
            (
                "/field",
                "`amount_spnt` is no field or function that this shop knows; did you mean `amount_spent`?",
            ),
            ("/x", "`x` is no member; field, op, value or length is expected"),
        ],
    );
    check(
        r#"{"all":[{"field":"amount_spent","op":"gt"},{"field":"amount_spent","op":"greater","value":5},{"field":"amount_spent","value":"5"},{"field":5,"op":"eq","value":null}]}"#,
        &[
            ("/all/0", "`value` is missing"),
            (
                "/all/1/op",
                "`greater` is no operator; eq, neq, lt, lte, gt, gte, between, in, not_in, contains, not_contains, starts_with, not_starts_with, ends_with, not_ends_with, contains_any, contains_all, not_contains_any, not_contains_all, is_null or is_not_null is expected",
            ),
            ("/all/2", "`op` is missing"),
            ("/all/3/field", "a number cannot stand here; a text is expected"),
            (
                "/all/3/value",
                "null cannot stand here; a text, a number, true or false, money, offset, date or decimal is expected",
            ),
        ],
    );
    check(
        r#"{"field":"email","op":"is_null","value":1}"#,
        &[("/value", "a value cannot stand here; nothing is expected")],
    );
    check(
        r#"{"field":"rfm_r","op":"between","value":[1]}"#,
        &[("/value", "this list cannot stand here; a list of two values is expected")],
    );
    check(
        r#"{"field":"rfm_r","op":"between","value":[5,1]}"#,
        &[("", "5 lies behind 1: nothing is between them")],
    );
    check(
        r#"{"event":"orders_placed","where":[{"param":"x","op":"eq","value":1},{"op":"eq"},5],"count":{"op":"contains","value":1},"sum":1}"#,
        &[
            (
                "/count",
                "`CONTAINS` cannot be asked of `count`, which is a whole number; =, !=, <, <=, >, >=, BETWEEN, IS NULL or IS NOT NULL is expected",
            ),
            ("/sum", "`sum` is no member; event, where, count, sum_amount or sum_quantity is expected"),
            (
                "/where/0/param",
                "`x` is no parameter; financial_status, app_id, location_id, amount, date, count or sum_amount is expected",
            ),
            ("/where/1", "`param` is missing"),
            ("/where/2", "a number cannot stand here; an object is expected"),
        ],
    );
    check(
        r#"{"field":"amount_spent","op":"gt","value":{"mony":"5"}}"#,
        &[("/value/mony", "`mony` is no member; did you mean `money`?")],
    );
    check(
        r#"{"field":"email","op":"in","value":"a"}"#,
        &[("/value", "a text cannot stand here; a list is expected")],
    );
    check(
        r#"{"field":"amount_spent","op":"gt","value":1e30}"#,
        &[(
            "/value",
            "1e+30 is no number that can be compared exactly: at most 6 digits behind the point, below a trillion",
        )],
    );
    check(
        r#"{"field":"a/b~c","op":"eq","value":1}"#,
        &[("/field", "`a/b~c` is no field or function that this shop knows")],
    );
    check(
        r#"{"field":"customer_tags","length":{"op":"in","value":[1]},"op":"eq"}"#,
        &[
            ("", "`length` and `op` exclude each other"),
            ("/length/op", "this operator cannot stand here; eq, neq, lt, lte, gt or gte is expected"),
        ],
    );
    check(r#"{"all":[{"everyone":true}],"any":[]}"#, &[("/any", "`any` is no member; all is expected")]);
}

#[test]
fn depth_has_an_end() {
    let nested = (0..1_000).fold(json!({"everyone": true}), |rule, _| json!({"not": rule}));
    let problems = Rule::from_json(&nested, &shop()).unwrap_err();
    assert_eq!(problems.iter().map(|problem| problem.wrong.code()).collect::<Vec<_>>(), ["too_deep"]);
    let long = json!({"field": "x".repeat(limits::JSON_BYTES_MAX), "op": "is_null"});
    for read in [Rule::from_json(&long, &shop()).map(drop), Rule::import(&json!([long]), &shop()).map(drop)] {
        assert_eq!(read.unwrap_err()[0].wrong.code(), "too_long");
    }
    let leaves = vec![json!({"everyone": true}); limits::LEAVES_MAX + 1];
    assert!(Rule::from_json(&json!({"all": leaves}), &shop()).is_ok(), "everybody is no condition");
}

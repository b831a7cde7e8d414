//! Answers that are none, and what is told of each.

use super::*;
use crate::Topic;
use crate::graph::{CustomerById, Subscribe, path, request};
use jiff::SignedDuration;
use proptest::prelude::*;

const NOBODY: &str = r#"{"data":{"customer":null}}"#;

fn response(status: u16, body: &str) -> Response<'_> {
    Response { status, version: Some("2026-10"), retry_after: None, body: body.as_bytes() }
}

fn refusal(response: &Response<'_>) -> Refusal {
    answer::<CustomerById>(response).unwrap_err().why
}

#[test]
fn an_answer_says_what_it_cost_and_by_which_version_it_is() {
    let body = r#"{"data":{"customer":null},"extensions":{"cost":{"requestedQueryCost":20,"actualQueryCost":17,
        "throttleStatus":{"maximumAvailable":2000,"currentlyAvailable":1983,"restoreRate":100}}}}"#;
    let answered = answer::<CustomerById>(&response(200, body)).unwrap();
    let cost = answered.cost.unwrap();
    assert_eq!((cost.requested, cost.actual), (20.0, Some(17.0)));
    assert!(!answered.fell_forward());
    let other = Response { version: Some("2027-01"), ..response(200, body) };
    assert!(answer::<CustomerById>(&other).unwrap().fell_forward());
    let silent = Response { version: None, ..response(200, NOBODY) };
    assert!(!answer::<CustomerById>(&silent).unwrap().fell_forward());
    assert!(answer::<CustomerById>(&response(200, r#"{"data":{"customer":null},"errors":[]}"#)).is_ok());
    assert_eq!(path(), "/admin/api/2026-10/graphql.json");
    let body: serde_json::Value =
        serde_json::from_slice(&request(&CustomerById::new(7, Vec::new()))).unwrap();
    assert_eq!(body["variables"]["id"], "gid://shopify/Customer/7");
    assert!(body["query"].as_str().unwrap().contains("query CustomerById"));
}

#[test]
fn any_error_is_a_refusal_whatever_else_is_answered() {
    let check = |errors: &str, expected: Refusal| {
        let body = format!(r#"{{"data":{{"customer":null}},"errors":{errors}}}"#);
        assert_eq!(refusal(&response(200, &body)), expected, "{errors}");
    };
    let denied = r#"{"message":"This app is not approved to access the Customer object.","path":["customers","nodes",0,"firstName"],
        "extensions":{"code":"ACCESS_DENIED"}}"#;
    let throttled = r#"{"message":"Throttled","extensions":{"code":"THROTTLED"}}"#;
    let internal =
        r#"{"message":"Internal error. Request ID: x","extensions":{"code":"INTERNAL_SERVER_ERROR"}}"#;
    let wait = SignedDuration::from_secs(2);
    check(&format!("[{denied}]"), Refusal::Denied("customers.nodes.0.firstName".into()));
    check(&format!("[{throttled},{denied}]"), Refusal::Denied("customers.nodes.0.firstName".into()));
    check(&format!("[{throttled},{internal}]"), Refusal::Unavailable { wait: None });
    check(&format!("[{throttled}]"), Refusal::Throttled { wait });
    check(r#"[{"message":"Throttled"}]"#, Refusal::Throttled { wait });
    check(r#"[{"message":"Internal error. Looks like …"}]"#, Refusal::Unavailable { wait: None });
    check(r#"[{"message":"x","extensions":{"code":"MAX_COST_EXCEEDED"}}]"#, Refusal::TooCostly);
    check(r#"[{"message":"x","extensions":{"code":"SHOP_INACTIVE"}}]"#, Refusal::Locked);
    let field = r#"[{"message":"Field 'x' doesn't exist","path":["query","x"],"extensions":{"code":"undefinedField"}}]"#;
    check(field, Refusal::Misunderstood("undefinedField-query.x".into()));
    check(r#""[API] Invalid API key""#, Refusal::Misunderstood("errors".into()));
    check(r#"{"query":"Required"}"#, Refusal::Misunderstood("errors".into()));
    check("[{}]", Refusal::Misunderstood("error-".into()));
}

#[test]
fn who_is_throttled_waits_until_the_question_can_be_paid_for() {
    let body = r#"{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],
        "extensions":{"cost":{"requestedQueryCost":222,"actualQueryCost":null,
        "throttleStatus":{"maximumAvailable":2000,"currentlyAvailable":118,"restoreRate":100}}}}"#;
    let refused = answer::<CustomerById>(&response(200, body)).unwrap_err();
    assert_eq!(refused.why, Refusal::Throttled { wait: SignedDuration::from_millis(1_040) });
    assert!(refused.why.passes() && refused.cost.is_some());
}

#[test]
fn a_status_says_who_can_help() {
    let check = |status: u16, expected: Refusal, passes: bool| {
        let response = Response { retry_after: Some("7"), ..response(status, NOBODY) };
        let why = refusal(&response);
        assert_eq!((why.passes(), &why), (passes, &expected), "{status}");
    };
    let wait = SignedDuration::from_secs(7);
    check(401, Refusal::Unauthorized, false);
    check(402, Refusal::Frozen, false);
    check(403, Refusal::Denied("403".into()), false);
    check(404, Refusal::NotFound, false);
    check(423, Refusal::Locked, false);
    check(429, Refusal::Throttled { wait }, true);
    check(430, Refusal::Unavailable { wait: Some(wait) }, true);
    check(500, Refusal::Unavailable { wait: Some(wait) }, true);
    check(503, Refusal::Unavailable { wait: Some(wait) }, true);
    check(302, Refusal::Misunderstood("302".into()), false);
}

#[test]
fn an_answer_that_breaks_its_schema_is_none() {
    let check = |body: &str, place: &str| {
        assert_eq!(refusal(&response(200, body)), Refusal::Unreadable(place.into()), "{body}");
    };
    check("", ".");
    check("<html>", ".");
    check("{}", ".");
    check(r#"{"data":null}"#, ".");
    check(
        r#"{"data":{"customer":{"id":"gid://shopify/Customer/7","updatedAt":"soon"}}}"#,
        "customer.updatedAt",
    );
}

#[test]
fn what_was_not_done_is_told_without_its_words() {
    let body = r#"{"data":{"webhookSubscriptionCreate":{"webhookSubscription":null,
        "userErrors":[{"field":["webhookSubscription","uri"],"message":"Address for John is not supported"}]}}}"#;
    let refused = answer::<Subscribe>(&response(200, body));
    assert!(refused.is_err());
    let why = refused.unwrap_err().why;
    assert_eq!(why.to_string(), "Shopify did not do it: error-webhookSubscription.uri");
    assert!(!why.passes() && !why.is_not_done_by("OPERATION_IN_PROGRESS"));
    assert_eq!(Topic::OrdersCreate.in_graphql(), "ORDERS_CREATE");
}

proptest! {
    #[test]
    fn no_answer_is_too_strange_to_refuse(bytes in prop::collection::vec(any::<u8>(), 0..100), status in 0..999_u16) {
        let response = Response { status, version: None, retry_after: None, body: &bytes };
        prop_assert!(answer::<CustomerById>(&response).is_err());
    }
}

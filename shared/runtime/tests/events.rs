//! Each event of `events/` is understood by the parsing that Lambda's way in uses. That its function does the work, too,
//! is for `functions/*/tests` to show.

use aws_lambda_events::sqs::SqsEvent;
use axum::{Router, extract::ConnectInfo, http::StatusCode, routing::get};
use flows::{FlowError, clock::SystemClock};
use runtime::{HttpEvent, answered, taken};
use serde_json::{Value, json};
use std::{fs, net::SocketAddr, path::Path};

fn event(function: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../events/{function}.json"));
    fs::read_to_string(path).expect("every function has an event")
}

/// Answers where it thinks that its caller is.
async fn health(ConnectInfo(from): ConnectInfo<SocketAddr>) -> String {
    format!("{{\"from\":\"{}\"}}", from.ip())
}

#[tokio::test]
async fn the_gateways_event_reaches_a_router_with_its_callers_address() {
    let router = Router::new().route("/health", get(health));
    let event: HttpEvent = serde_json::from_str(&event("api")).expect("it is a gateway's event");
    let answer = answered(router, event).await.expect("a router answers");
    let answer = serde_json::to_value(answer).expect("answers are JSON");
    assert_eq!(answer["statusCode"], StatusCode::OK.as_u16());
    assert_eq!(answer["body"], "{\"from\":\"203.0.113.7\"}");
}

#[tokio::test]
async fn the_queues_event_is_taken_record_by_record() {
    let event: SqsEvent = serde_json::from_str(&event("notify")).expect("it is a queue's event");
    let [later, unknown] = [1, 3].map(|place| event.records[place].message_id.clone());
    let handle = async |task| match task {
        domain::Task::MailInvitation { .. } | domain::Task::MailReport { .. } => Ok(()),
        domain::Task::MailReset { .. } => Err(FlowError::unavailable("for now")),
        other => panic!("{other:?}"),
    };
    let answer = taken("notify", "1", &SystemClock, event, handle).await;
    let failed = json!([{"itemIdentifier": later}, {"itemIdentifier": unknown}]);
    assert_eq!(serde_json::to_value(answer).expect("answers are JSON"), json!({"batchItemFailures": failed}));
}

#[tokio::test]
async fn a_shard_is_kept_as_its_message_asks() {
    let event: SqsEvent = serde_json::from_str(&event("audience")).expect("it is a queue's event");
    let handle = async |task| match task {
        domain::Task::KeepShard { shard: 0, .. } => Ok(()),
        other => panic!("{other:?}"),
    };
    let answer = taken("audience", "1", &SystemClock, event, handle).await;
    assert_eq!(serde_json::to_value(answer).expect("answers are JSON"), json!({"batchItemFailures": []}));
}

#[test]
fn the_timers_event_is_json() {
    let event: Value = serde_json::from_str(&event("tick")).expect("it is JSON");
    assert_eq!(event["detail-type"], "Scheduled Event");
}

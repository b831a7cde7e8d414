//! Each event of `events/` is understood by the parsing that Lambda's way in uses. That its function does the work, too,
//! is for `functions/*/tests` to show.

use aws_lambda_events::sqs::SqsEvent;
use axum::{Router, extract::ConnectInfo, http::StatusCode, routing::get};
use flows::FlowError;
use runtime::{HttpEvent, Record, answered, failed_of};
use serde_json::Value;
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
    let records: Vec<_> = event.records.into_iter().map(Record::from).collect();
    let handle = async |task| match task {
        domain::Task::MailInvitation { .. } => Ok(()),
        domain::Task::MailReset { .. } => Err(FlowError::unavailable("for now")),
        other => panic!("{other:?}"),
    };
    let failed = failed_of("notify", "1", &records, handle).await;
    let [_, later, unknown] = &records[..] else { panic!("three records") };
    assert_eq!(failed, [later.id.clone(), unknown.id.clone()]);
}

#[tokio::test]
async fn a_shard_is_kept_as_its_message_asks() {
    let event: SqsEvent = serde_json::from_str(&event("audience")).expect("it is a queue's event");
    let records: Vec<_> = event.records.into_iter().map(Record::from).collect();
    let handle = async |task| match task {
        domain::Task::KeepShard { shard: 0, .. } => Ok(()),
        other => panic!("{other:?}"),
    };
    assert_eq!(failed_of("audience", "1", &records, handle).await, Vec::<String>::new());
}

#[test]
fn the_timers_event_is_json() {
    let event: Value = serde_json::from_str(&event("tick")).expect("it is JSON");
    assert_eq!(event["detail-type"], "Scheduled Event");
}

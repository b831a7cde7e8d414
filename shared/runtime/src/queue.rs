//! Queue functions: each record by itself, and only what failed comes again.
//!
//! One of four places that match over errors. Nothing is dropped: what cannot be understood, what panics and what
//! can never succeed is reported as failed, until the queue's redrive policy makes it a dead letter.

use std::{collections::BTreeSet, panic::AssertUnwindSafe, process::ExitCode, sync::Arc};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::Task;
use flows::{Clock, FlowError, Verdict, error::chain};
use futures::FutureExt;
use lambda_runtime::{LambdaEvent, Runtime, service_fn};

use crate::{env::Env, log, serve::serve};

/// One message as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub id: String,
    pub body: String,
    /// On a FIFO queue: after a failure the rest of the group must wait, or it would overtake.
    pub group: Option<String>,
}

/// Serves a queue until the end. `make` names what the function may touch.
pub fn serve_queue<D, F>(
    function: &'static str,
    make: impl FnOnce(&Env) -> D,
    handle: impl Fn(Arc<D>, Task) -> F + Clone + Send + 'static,
) -> ExitCode
where
    D: Send + Sync + 'static,
    F: Future<Output = Result<(), FlowError>> + Send + 'static,
{
    serve(function, move |env| {
        let deps = Arc::new(make(env));
        let clock = env.clock();
        move || {
            Runtime::new(service_fn(move |event: LambdaEvent<SqsEvent>| {
                let (deps, clock, handle) = (deps.clone(), clock.clone(), handle.clone());
                async move {
                    let handle = |task| handle(deps.clone(), task);
                    let taken = taken(function, &event.context.request_id, &*clock, event.payload, handle);
                    Ok::<_, lambda_runtime::Error>(taken.await)
                }
            }))
        }
    })
}

/// Hands over what the event brings, and answers which of it must come again.
pub async fn taken<F>(
    function: &str,
    request_id: &str,
    clock: &dyn Clock,
    event: SqsEvent,
    handle: impl Fn(Task) -> F,
) -> SqsBatchResponse
where
    F: Future<Output = Result<(), FlowError>>,
{
    let records: Vec<_> = event.records.into_iter().map(Record::from).collect();
    let failed = failed_of(function, request_id, &records, handle).await;
    let counts = [("records", "Count", count(records.len())), ("failed", "Count", count(failed.len()))];
    log::print(&log::metrics(function, clock.now(), &counts));
    let mut response = SqsBatchResponse::default();
    response.set_failures(failed);
    response
}

/// Hands over each record in turn, and answers the ids of those that must come again.
pub async fn failed_of<F>(
    function: &str,
    request_id: &str,
    records: &[Record],
    handle: impl Fn(Task) -> F,
) -> Vec<String>
where
    F: Future<Output = Result<(), FlowError>>,
{
    let (mut failed, mut stopped) = (Vec::new(), BTreeSet::new());
    for record in records {
        let waits = record.group.as_ref().is_some_and(|group| stopped.contains(group));
        if waits || !is_done(function, request_id, record, &handle).await {
            failed.push(record.id.clone());
            stopped.extend(record.group.clone());
        }
    }
    failed
}

async fn is_done<F>(function: &str, request_id: &str, record: &Record, handle: impl Fn(Task) -> F) -> bool
where
    F: Future<Output = Result<(), FlowError>>,
{
    let message = record.id.as_str();
    let task: Task = match serde_json::from_str(&record.body) {
        Ok(task) => task,
        Err(wrong) => {
            // serde repeats what it cannot read, which may be somebody's name: only the place is told.
            tracing::error!(function, request_id, message, column = wrong.column(), "a message is no task");
            return false;
        }
    };
    let tenant = task.tenant().map(tracing::field::display);
    match AssertUnwindSafe(async { handle(task).await }).catch_unwind().await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            let cause = chain(&error);
            match error.verdict() {
                Verdict::Again => tracing::warn!(
                    function,
                    request_id,
                    message,
                    tenant,
                    cause,
                    "a task failed and comes again"
                ),
                Verdict::Dead => {
                    tracing::error!(function, request_id, message, tenant, cause, "a task can never succeed");
                }
            }
            false
        }
        Err(_) => {
            tracing::error!(function, request_id, message, tenant, "a task made its function panic");
            false
        }
    }
}

/// A record without an id cannot be reported by itself: an empty id fails the whole batch, and nothing is lost.
impl From<SqsMessage> for Record {
    fn from(message: SqsMessage) -> Self {
        let is_fifo =
            message.event_source_arn.as_deref().is_some_and(|arn| arn.strip_suffix(".fifo").is_some());
        let group = message.attributes.get("MessageGroupId").filter(|_| is_fifo).cloned();
        Self { id: message.message_id.unwrap_or_default(), body: message.body.unwrap_or_default(), group }
    }
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ResetId, Timestamp};

    fn task(number: u8) -> String {
        let reset = ResetId::new(Timestamp::UNIX_EPOCH, [number; 10]);
        serde_json::to_string(&Task::MailReset { reset }).unwrap()
    }

    fn record(id: &str, body: String, group: Option<&str>) -> Record {
        Record { id: id.to_owned(), body, group: group.map(str::to_owned) }
    }

    /// Fails for 1, panics for 2, is right for all else.
    async fn handle(told: Task) -> Result<(), FlowError> {
        let told = serde_json::to_string(&told).unwrap();
        assert_ne!(told, task(2), "a panic for 2");
        if told == task(1) { Err(FlowError::unavailable("for now")) } else { Ok(()) }
    }

    #[tokio::test]
    async fn only_what_failed_comes_again() {
        let records = [
            record("right", task(0), None),
            record("later", task(1), None),
            record("panics", task(2), None),
            record("no json", "{".to_owned(), None),
            record("no task", r#"{"task":"fly"}"#.to_owned(), None),
            record("right too", task(3), None),
        ];
        assert_eq!(
            failed_of("notify", "1", &records, handle).await,
            ["later", "panics", "no json", "no task"]
        );
    }

    #[tokio::test]
    async fn in_a_group_nothing_overtakes_what_failed() {
        let records = [
            record("a1", task(1), Some("a")),
            record("a2", task(0), Some("a")),
            record("b1", task(0), Some("b")),
        ];
        assert_eq!(failed_of("notify", "1", &records, handle).await, ["a1", "a2"]);
    }
}

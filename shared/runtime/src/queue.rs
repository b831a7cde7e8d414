//! Queue functions: each record by itself, and only what failed comes again.
//!
//! One of four places that match over errors. Nothing is dropped: what cannot be understood, what panics and what
//! can never succeed is reported as failed, until the queue's redrive policy makes it a dead letter. What may succeed
//! later waits, each time longer; the rest comes at once, so that it is a dead letter in seconds. Of what is killed, and
//! of what the queue was not told, the queue itself finds that it was not done.

use std::{collections::BTreeMap, panic::AssertUnwindSafe, process::ExitCode, sync::Arc};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::Task;
use flows::{
    Clock, Dice, FlowError, Verdict, Wait, Waits, again::wait_seconds, clock::SystemDice, error::chain,
};
use futures::FutureExt;
use lambda_runtime::{LambdaEvent, Runtime, service_fn};

use crate::{env::Env, log, serve::serve};

/// One message as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Record {
    id: String,
    receipt: String,
    body: String,
    /// How often it was received, this time included.
    attempts: u32,
    /// On a FIFO queue: after a failure the rest of the group must wait, or it would overtake.
    group: Option<String>,
}

/// One that was not done, and how long it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Undone {
    id: String,
    wait: Wait,
}

/// What is around the messages of one event.
pub(crate) struct Around<'a> {
    pub(crate) function: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) dice: &'a dyn Dice,
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
        let (clock, dice, waits) = (env.clock(), env.dice(), env.waits(function));
        move || {
            Runtime::new(service_fn(move |event: LambdaEvent<SqsEvent>| {
                let (deps, clock, handle) = (deps.clone(), clock.clone(), handle.clone());
                let (dice, waits) = (dice.clone(), waits.clone());
                async move {
                    let handle = |task| handle(deps.clone(), task);
                    let request_id = &event.context.request_id;
                    let around = Around { function, request_id, clock: &*clock, dice: &*dice };
                    Ok::<_, lambda_runtime::Error>(brought(&around, event.payload, handle, &*waits).await)
                }
            }))
        }
    })
}

/// Hands over what the event brings, and answers which of it must come again; the queue is told when.
pub(crate) async fn brought<F>(
    around: &Around<'_>,
    event: SqsEvent,
    handle: impl Fn(Task) -> F,
    waits: &dyn Waits,
) -> SqsBatchResponse
where
    F: Future<Output = Result<(), FlowError>>,
{
    let (response, undone) = handed(around, event, handle).await;
    if !undone.is_empty()
        && let Err(error) = waits.tell(undone).await
    {
        let (function, request_id, cause) = (around.function, around.request_id, chain(&error));
        tracing::warn!(function, request_id, cause, "what failed comes again when its queue has it so");
    }
    response
}

/// Hands over what the event brings, and answers which of it must come again, to whoever tells no queue when.
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
    let around = Around { function, request_id, clock, dice: &SystemDice };
    handed(&around, event, handle).await.0
}

async fn handed<F>(
    around: &Around<'_>,
    event: SqsEvent,
    handle: impl Fn(Task) -> F,
) -> (SqsBatchResponse, Vec<Wait>)
where
    F: Future<Output = Result<(), FlowError>>,
{
    let records: Vec<_> = event.records.into_iter().map(Record::from).collect();
    let undone = undone_of(around, &records, handle).await;
    let counts = [("records", "Count", count(records.len())), ("failed", "Count", count(undone.len()))];
    log::print(&log::metrics(around.function, around.clock.now(), &counts));
    let (ids, waits) = undone.into_iter().map(|undone| (undone.id, undone.wait)).unzip();
    let mut response = SqsBatchResponse::default();
    response.set_failures::<Vec<String>, String>(ids);
    (response, waits)
}

/// Hands over each record in turn, and answers those that must come again.
async fn undone_of<F>(around: &Around<'_>, records: &[Record], handle: impl Fn(Task) -> F) -> Vec<Undone>
where
    F: Future<Output = Result<(), FlowError>>,
{
    let (mut undone, mut stopped) = (Vec::new(), BTreeMap::new());
    for record in records {
        // The group stands still until its last message that is hidden comes: all of it waits for the one that failed.
        let waits = record.group.as_ref().and_then(|group| stopped.get(group).copied());
        let seconds = match waits {
            Some(seconds) => Some(seconds),
            None => wait_of(around, record, &handle).await,
        };
        if let Some(seconds) = seconds {
            let wait = Wait { receipt: record.receipt.clone(), seconds };
            undone.push(Undone { id: record.id.clone(), wait });
            stopped.extend(record.group.clone().map(|group| (group, seconds)));
        }
    }
    undone
}

/// How long it waits; `None` if it was done.
async fn wait_of<F>(around: &Around<'_>, record: &Record, handle: impl Fn(Task) -> F) -> Option<u32>
where
    F: Future<Output = Result<(), FlowError>>,
{
    let (function, request_id, message) = (around.function, around.request_id, record.id.as_str());
    let task = match Task::read(&record.body) {
        Ok(task) => task,
        Err(wrong) => {
            // serde repeats what it cannot read, which may be somebody's name: only the place is told.
            tracing::error!(function, request_id, message, column = wrong.column(), "a message is no task");
            return Some(0);
        }
    };
    let tenant = task.tenant().map(tracing::field::display);
    match AssertUnwindSafe(async { handle(task).await }).catch_unwind().await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            let (cause, attempts) = (chain(&error), record.attempts);
            let seconds = wait_seconds(&error, attempts, around.dice);
            match error.verdict() {
                Verdict::Again => tracing::warn!(
                    function,
                    request_id,
                    message,
                    tenant,
                    attempts,
                    seconds,
                    cause,
                    "a task failed and comes again"
                ),
                Verdict::Dead => {
                    tracing::error!(function, request_id, message, tenant, cause, "a task can never succeed");
                }
            }
            Some(seconds)
        }
        Err(_) => {
            tracing::error!(function, request_id, message, tenant, "a task made its function panic");
            Some(0)
        }
    }
}

/// A record without an id cannot be reported by itself: an empty id fails the whole batch, and nothing is lost.
impl From<SqsMessage> for Record {
    fn from(message: SqsMessage) -> Self {
        let is_fifo =
            message.event_source_arn.as_deref().is_some_and(|arn| arn.strip_suffix(".fifo").is_some());
        let group = message.attributes.get("MessageGroupId").filter(|_| is_fifo).cloned();
        let attempts = message.attributes.get("ApproximateReceiveCount").and_then(|told| told.parse().ok());
        Self {
            id: message.message_id.unwrap_or_default(),
            receipt: message.receipt_handle.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
            attempts: attempts.unwrap_or(1),
            group,
        }
    }
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use domain::{ResetId, Timestamp};
    use flows::clock::SystemClock;
    use serde_json::json;
    use std::sync::Mutex;

    fn task(number: u8) -> String {
        let reset = ResetId::new(Timestamp::UNIX_EPOCH, [number; 10]);
        serde_json::to_string(&Task::MailReset { reset }).unwrap()
    }

    /// As a queue brings it: `attempts` times received, and of a group on a FIFO queue.
    fn event(records: &[(&str, String, u32, Option<&str>)]) -> SqsEvent {
        let record = |(id, body, attempts, group): &(&str, String, u32, Option<&str>)| {
            let end = if group.is_some() { ".fifo" } else { "" };
            json!({
                "messageId": id, "receiptHandle": format!("receipt of {id}"), "body": body,
                "attributes": {"ApproximateReceiveCount": attempts.to_string(), "MessageGroupId": group.unwrap_or("g")},
                "messageAttributes": {}, "eventSourceARN": format!("arn:aws:sqs:us-east-1:1:q{end}"),
            })
        };
        serde_json::from_value(json!({"Records": records.iter().map(record).collect::<Vec<_>>()})).unwrap()
    }

    /// Fails for 1, panics for 2, can never do 4, is right for all else.
    async fn handle(told: Task) -> Result<(), FlowError> {
        let told = serde_json::to_string(&told).unwrap();
        assert_ne!(told, task(2), "a panic for 2");
        match told {
            told if told == task(1) => Err(FlowError::unavailable("for now")),
            told if told == task(4) => Err(FlowError::broken("for good")),
            _ => Ok(()),
        }
    }

    /// A queue that remembers what it was told, and may be deaf.
    #[derive(Default)]
    struct Told {
        waits: Mutex<Vec<Wait>>,
        is_deaf: bool,
    }

    #[async_trait]
    impl Waits for Told {
        async fn tell(&self, waits: Vec<Wait>) -> Result<(), FlowError> {
            self.waits.lock().unwrap().extend(waits);
            if self.is_deaf { Err(FlowError::unavailable("no queue")) } else { Ok(()) }
        }
    }

    /// The ids that come again, and the receipts and seconds that the queue was told.
    async fn brought_to(queue: &Told, event: SqsEvent) -> (Vec<String>, Vec<(String, u32)>) {
        let around = Around { function: "notify", request_id: "1", clock: &SystemClock, dice: &SystemDice };
        let response = brought(&around, event, handle, queue).await;
        let failed = response.batch_item_failures.into_iter().map(|failed| failed.item_identifier);
        let waits = queue.waits.lock().unwrap().drain(..).map(|wait| (wait.receipt, wait.seconds)).collect();
        (failed.collect(), waits)
    }

    #[tokio::test]
    async fn only_what_failed_comes_again() {
        let event = event(&[
            ("right", task(0), 1, None),
            ("later", task(1), 1, None),
            ("panics", task(2), 1, None),
            ("no json", "{".to_owned(), 1, None),
            ("no task", r#"{"task":"fly"}"#.to_owned(), 1, None),
            ("never", task(4), 1, None),
            ("right too", task(3), 1, None),
        ]);
        let (failed, waits) = brought_to(&Told::default(), event).await;
        assert_eq!(failed, ["later", "panics", "no json", "no task", "never"]);
        let receipts: Vec<_> = waits.iter().map(|(receipt, _)| receipt.clone()).collect();
        assert_eq!(receipts, failed.iter().map(|id| format!("receipt of {id}")).collect::<Vec<_>>());
        assert!((2..=5).contains(&waits[0].1), "{waits:?}");
        assert!(
            waits[1..].iter().all(|(_, seconds)| *seconds == 0),
            "nothing is to be waited for: {waits:?}"
        );
    }

    #[tokio::test]
    async fn what_fails_again_waits_longer() {
        let event =
            event(&[("first", task(1), 1, None), ("third", task(1), 3, None), ("fifth", task(1), 5, None)]);
        let (_, waits) = brought_to(&Told::default(), event).await;
        let bounds = [2..=5, 62..=125, 1_562..=3_125];
        assert!(waits.iter().zip(bounds).all(|((_, seconds), bound)| bound.contains(seconds)), "{waits:?}");
    }

    #[tokio::test]
    async fn a_queue_that_all_is_done_for_is_told_nothing_and_a_deaf_one_changes_nothing() {
        let queue = Told { is_deaf: true, ..Told::default() };
        assert_eq!(brought_to(&queue, event(&[("right", task(0), 1, None)])).await, (vec![], vec![]));
        let (failed, waits) = brought_to(&queue, event(&[("later", task(1), 1, None)])).await;
        assert_eq!((failed, waits.len()), (vec!["later".to_owned()], 1));
    }

    #[tokio::test]
    async fn in_a_group_nothing_overtakes_what_failed() {
        let event = event(&[
            ("a1", task(1), 2, Some("a")),
            ("a2", task(0), 1, Some("a")),
            ("b1", task(0), 1, Some("b")),
            ("a3", task(4), 1, Some("a")),
        ]);
        let (failed, waits) = brought_to(&Told::default(), event).await;
        assert_eq!(failed, ["a1", "a2", "a3"]);
        assert!(
            (12..=25).contains(&waits[0].1) && waits.iter().all(|(_, wait)| *wait == waits[0].1),
            "{waits:?}"
        );
    }
}

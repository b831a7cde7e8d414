//! A queue function that a log of CloudWatch's calls, too: of that comes a piece, packed.
//!
//! What a log brings is one message, as if a queue had brought it, but for what follows a failure: Lambda itself brings it
//! again, twice.

use std::{io::Read, panic::AssertUnwindSafe, process::ExitCode, sync::Arc};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::Task;
use flate2::read::GzDecoder;
use flows::{FlowError, error::chain};
use futures::FutureExt;
use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde_json::Value;

use crate::{
    env::Env,
    queue::{Around, brought},
    serve::serve,
};

/// CloudWatch packs a few megabytes at most.
const PIECE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// As `serve_queue`.
pub fn serve_queue_and_log<D, F>(
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
            Runtime::new(service_fn(move |event: LambdaEvent<Value>| {
                let (deps, clock, handle) = (deps.clone(), clock.clone(), handle.clone());
                let (dice, waits) = (dice.clone(), waits.clone());
                async move {
                    let handle = |task| handle(deps.clone(), task);
                    let request_id = &event.context.request_id;
                    if is_log(&event.payload) {
                        logged(function, request_id, &event.payload, handle).await?;
                        return Ok(SqsBatchResponse::default());
                    }
                    let around = Around { function, request_id, clock: &*clock, dice: &*dice };
                    // serde repeats what it cannot read, which may be somebody's name.
                    let event: SqsEvent = serde_json::from_value(event.payload)
                        .map_err(|_| "neither a queue's event nor a log's")?;
                    Ok::<_, lambda_runtime::Error>(brought(&around, event, handle, &*waits).await)
                }
            }))
        }
    })
}

fn is_log(event: &Value) -> bool {
    event.get("awslogs").is_some()
}

/// Hands over the piece of a log that an event brings.
pub async fn logged<F>(
    function: &str,
    request_id: &str,
    event: &Value,
    handle: impl Fn(Task) -> F,
) -> Result<(), &'static str>
where
    F: Future<Output = Result<(), FlowError>>,
{
    let task = unpacked(event).and_then(|piece| Task::read(&piece).ok());
    let Some(task) = task else {
        tracing::error!(function, request_id, "a piece of a log cannot be read");
        return Err("a piece of a log cannot be read");
    };
    match AssertUnwindSafe(async { handle(task).await }).catch_unwind().await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            tracing::error!(function, request_id, cause = chain(&error), "a piece of a log was not heard");
            Err("a piece of a log was not heard")
        }
        Err(_) => {
            tracing::error!(function, request_id, "a piece of a log made its function panic");
            Err("a piece of a log made its function panic")
        }
    }
}

fn unpacked(event: &Value) -> Option<String> {
    let packed = STANDARD.decode(event.pointer("/awslogs/data")?.as_str()?).ok()?;
    let mut piece = String::new();
    let read = GzDecoder::new(&packed[..]).take(PIECE_BYTES_MAX).read_to_string(&mut piece).ok()?;
    (read > 0).then_some(piece)
}

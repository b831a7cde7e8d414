//! Timer functions: EventBridge strikes, the function does what is due.

use std::{process::ExitCode, sync::Arc};

use domain::Timestamp;
use flows::FlowError;
use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde_json::Value;

use crate::{env::Env, serve::serve};

/// Serves a timer until the end. What the event says is not read: what is due is decided by the clock.
pub fn serve_timer<D, F>(
    function: &'static str,
    make: impl FnOnce(&Env) -> D,
    tick: impl Fn(Arc<D>, Timestamp) -> F + Clone + Send + 'static,
) -> ExitCode
where
    D: Send + Sync + 'static,
    F: Future<Output = Result<(), FlowError>> + Send + 'static,
{
    serve(function, move |env| {
        let deps = Arc::new(make(env));
        let clock = env.clock();
        move || {
            Runtime::new(service_fn(move |_: LambdaEvent<Value>| {
                let ticking = tick(deps.clone(), clock.now());
                // A failure is told to Lambda, which alarms; the next minute does what this one left.
                async move { ticking.await.map_err(|error| lambda_runtime::Error::from(error.to_string())) }
            }))
        }
    })
}

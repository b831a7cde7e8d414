//! The loop around every function: one thread, one invocation after another, an end without loss.
//!
//! On SIGTERM no new invocation is taken; the one in flight is finished and its answer delivered. Lambda sends the
//! signal only to functions that have an extension; without one, it freezes and then kills between invocations.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use flows::{Clock, clock::SystemClock};
use futures::future::LocalBoxFuture;
use lambda_runtime::{LambdaInvocation, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tower::{Service, layer::layer_fn};

use crate::{
    env::Env,
    log::{self, Outcome},
};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Starts a function: settings first, then invocations until the end. `make` asks for what is needed; what it gives
/// back is called if all of it was there.
pub(crate) fn serve<S, M>(function: &'static str, make: impl FnOnce(&Env) -> M) -> ExitCode
where
    M: FnOnce() -> Runtime<S>,
    S: Service<LambdaInvocation, Response = (), Error = BoxError> + 'static,
    S::Future: 'static,
{
    log::start();
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(threads) = threads else {
        tracing::error!(function, "the start failed: the machine gives no event loop");
        return ExitCode::FAILURE;
    };
    threads.block_on(async {
        let env = Env::read();
        let start = make(&env);
        let problems = env.problems();
        for bad in &problems {
            tracing::error!(function, "the start failed: {bad}");
        }
        if !problems.is_empty() {
            return ExitCode::FAILURE;
        }
        let in_flight = InFlight::default();
        let watched = in_flight.clone();
        let runtime =
            start().layer(layer_fn(move |inner| Watched { function, inner, in_flight: watched.clone() }));
        let ended = until_told(runtime.run(), terminated(), &in_flight).await;
        if let Err(error) = ended {
            tracing::error!(function, "the runtime failed: {error}");
            return ExitCode::FAILURE;
        }
        ExitCode::SUCCESS
    })
}

/// Where there are no signals there is no end by signal.
async fn terminated() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            terminate.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

/// How many invocations have been taken and not answered.
#[derive(Clone, Default)]
pub(crate) struct InFlight(Arc<Inner>);

#[derive(Default)]
struct Inner {
    count: AtomicUsize,
    changed: tokio::sync::Notify,
}

impl InFlight {
    fn enter(&self) -> Guard {
        self.0.count.fetch_add(1, Ordering::SeqCst);
        Guard(self.clone())
    }

    async fn none(&self) {
        while self.0.count.load(Ordering::SeqCst) > 0 {
            self.0.changed.notified().await;
        }
    }
}

struct Guard(InFlight);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.count.fetch_sub(1, Ordering::SeqCst);
        self.0.0.changed.notify_one();
    }
}

/// Runs until the runtime ends by itself, or until told to and nothing is in flight.
async fn until_told<E>(
    run: impl Future<Output = Result<(), E>>,
    told: impl Future<Output = ()>,
    in_flight: &InFlight,
) -> Result<(), E> {
    let told_and_done = async {
        told.await;
        in_flight.none().await;
    };
    tokio::select! {
        ended = run => ended,
        () = told_and_done => Ok(()),
    }
}

/// Around everything that the runtime does for one invocation, the delivery of its answer included.
struct Watched<S> {
    function: &'static str,
    inner: S,
    in_flight: InFlight,
}

impl<S> Service<LambdaInvocation> for Watched<S>
where
    S: Service<LambdaInvocation, Response = (), Error = BoxError>,
    S::Future: 'static,
{
    type Response = ();
    type Error = BoxError;
    type Future = LocalBoxFuture<'static, Result<(), BoxError>>;

    fn poll_ready(&mut self, context: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let (guard, function) = (self.in_flight.enter(), self.function);
        let request_id = invocation.context.request_id.clone();
        let started = SystemClock.now();
        let answering = self.inner.call(invocation);
        Box::pin(async move {
            let answered = answering.await;
            let at = SystemClock.now();
            let duration_ms = at.as_millisecond() - started.as_millisecond();
            log::tell(function, &request_id, Outcome { at, duration_ms, failed: answered.is_err() });
            drop(guard);
            answered
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn an_end_waits_for_what_is_in_flight() {
        let in_flight = InFlight::default();
        let guard = in_flight.enter();
        let (finish, finished) = oneshot::channel::<()>();
        let done = Arc::new(AtomicUsize::new(0));
        let counted = done.clone();
        let run = async move {
            let _ = finished.await;
            counted.fetch_add(1, Ordering::SeqCst);
            drop(guard);
            std::future::pending::<Result<(), BoxError>>().await
        };
        let told = async {};
        let ended = until_told(run, told, &in_flight);
        tokio::pin!(ended);
        assert!(futures::poll!(&mut ended).is_pending(), "told, but one is in flight");
        finish.send(()).unwrap();
        assert!(ended.await.is_ok());
        assert_eq!(done.load(Ordering::SeqCst), 1, "it was finished first");
    }

    #[tokio::test]
    async fn a_runtime_that_fails_is_heard() {
        let in_flight = InFlight::default();
        let failed = until_told(async { Err("gone") }, std::future::pending(), &in_flight);
        assert_eq!(failed.await, Err("gone"));
    }
}

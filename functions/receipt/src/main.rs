//! `receipt` on Lambda, behind its queue and the log of texts.

use receipt::{Deps, handle};

fn main() -> std::process::ExitCode {
    let deps = |env: &runtime::Env| {
        let (store, tasks, keys) = (env.store(), env.tasks(), env.keys());
        Deps { store, tasks, keys, clock: env.clock(), dice: env.dice() }
    };
    runtime::serve_queue_and_log("receipt", deps, |deps, task| async move { handle(&deps, task).await })
}

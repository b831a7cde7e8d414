//! `send` on Lambda, behind its queue.

use send::{Deps, Memory, Pace};

fn main() -> std::process::ExitCode {
    let deps = |env: &runtime::Env| {
        let (store, tasks, carrier, texter) = (env.store(), env.tasks(), env.carrier(), env.texter());
        let (secrets, clock, origin, senders) = (env.secrets(), env.clock(), env.origin(), env.senders());
        let (pace, memory) = (Pace::default(), Memory::default());
        Deps { store, tasks, carrier, texter, secrets, clock, origin, senders, pace, memory }
    };
    runtime::serve_queue("send", deps, |deps, task| async move { send::handle(&deps, task).await })
}

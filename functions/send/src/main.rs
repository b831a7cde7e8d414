//! `send` on Lambda, behind its queue.

use send::{Deps, Memory, Pace};

fn main() -> std::process::ExitCode {
    let deps = |env: &runtime::Env| Deps {
        store: env.store(),
        tasks: env.tasks(),
        carrier: env.carrier(),
        texter: env.texter(),
        secrets: env.secrets(),
        clock: env.clock(),
        origin: env.origin(),
        senders: env.senders(),
        pace: Pace::default(),
        memory: Memory::default(),
    };
    runtime::serve_queue("send", deps, |deps, task| async move { send::handle(&deps, task).await })
}

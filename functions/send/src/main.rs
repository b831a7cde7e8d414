//! `send` on Lambda, behind its queue.

use send::{Deps, Memory, Pace};

fn main() -> std::process::ExitCode {
    let deps = |env: &runtime::Env| {
        let (store, tasks, carriers, keys) = (env.store(), env.tasks(), env.carriers(), env.keys());
        let (secrets, clock, dice, origin) = (env.secrets(), env.clock(), env.dice(), env.origin());
        let pace = Pace::of_account(env.messages_per_second());
        let (installed, memory) = (env.installed(), Memory::default());
        Deps { store, tasks, carriers, keys, secrets, clock, dice, origin, installed, pace, memory }
    };
    runtime::serve_queue("send", deps, |deps, task| async move { send::handle(&deps, task).await })
}

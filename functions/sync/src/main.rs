//! `sync` on Lambda, behind its queue.

use sync::{Deps, Lists};

fn main() -> std::process::ExitCode {
    let deps = |env: &runtime::Env| {
        let (store, tasks, keys, shops) = (env.store(), env.tasks(), env.keys(), env.shops(&env.secrets()));
        let (sockets, clock, dice) = (env.sockets(), env.clock(), env.dice());
        Deps { store, tasks, keys, shops, sockets, clock, dice, lists: Lists::default() }
    };
    runtime::serve_queue("sync", deps, |deps, task| async move { sync::handle(&deps, task).await })
}

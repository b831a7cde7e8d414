//! `ingest` on Lambda, behind its queue.

use ingest::Deps;

fn main() -> std::process::ExitCode {
    let deps = |env: &runtime::Env| {
        let (store, tasks, files, keys) = (env.store(), env.tasks(), env.files(), env.keys());
        let shops = env.shops(&env.secrets());
        Deps { store, tasks, files, keys, shops, clock: env.clock(), dice: env.dice() }
    };
    runtime::serve_queue("ingest", deps, |deps, task| async move { ingest::handle(&deps, task).await })
}

//! `campaign` on Lambda, behind its queue.

use campaign::Deps;

fn main() -> std::process::ExitCode {
    let deps = |env: &runtime::Env| {
        let (store, tasks) = (env.store(), env.tasks());
        Deps { store, tasks, clock: env.clock(), dice: env.dice(), installed: env.installed() }
    };
    runtime::serve_queue("campaign", deps, |deps, task| async move { campaign::handle(&deps, task).await })
}

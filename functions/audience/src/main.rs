//! `audience` on Lambda, behind its queue.

use audience::Deps;

fn main() -> std::process::ExitCode {
    let deps = |env: &runtime::Env| Deps { store: env.store(), tasks: env.tasks(), clock: env.clock() };
    runtime::serve_queue("audience", deps, |deps, task| async move { audience::handle(&deps, task).await })
}

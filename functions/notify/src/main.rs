//! `notify` on Lambda, behind its queue.

use notify::Deps;

fn main() -> std::process::ExitCode {
    let deps = |env: &runtime::Env| {
        let (store, mailer, secrets) = (env.store(), env.mailer(), env.secrets());
        Deps { store, mailer, secrets, clock: env.clock(), origin: env.origin() }
    };
    runtime::serve_queue("notify", deps, |deps, task| async move { notify::handle(&deps, task).await })
}

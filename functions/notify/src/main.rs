//! `notify` on Lambda, behind its queue.

use notify::Deps;

fn main() -> std::process::ExitCode {
    let deps = |env: &runtime::Env| {
        let (store, mailer, secrets) = (env.store(), env.mailer(), env.secrets());
        let (texters, keys, installed) = (env.texters(), env.keys(), env.installed());
        let (clock, dice, origin) = (env.clock(), env.dice(), env.origin());
        Deps { store, mailer, texters, keys, secrets, clock, dice, installed, origin }
    };
    runtime::serve_queue("notify", deps, |deps, task| async move { notify::handle(&deps, task).await })
}

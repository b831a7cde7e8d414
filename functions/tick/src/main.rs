//! `tick` on Lambda, once a minute.

use tick::Deps;

fn main() -> std::process::ExitCode {
    let deps = |env: &runtime::Env| Deps { store: env.store(), tasks: env.tasks(), clock: env.clock() };
    runtime::serve_timer("tick", deps, |deps, now| async move { tick::tick(&deps, now).await })
}

//! `import` on Lambda, behind its queue.

use import::Deps;

fn main() -> std::process::ExitCode {
    let deps = |env: &runtime::Env| {
        let (store, tasks, files, keys) = (env.store(), env.tasks(), env.files(), env.keys());
        let (dead, farewells) = (env.dead_letters(), env.farewells());
        Deps { store, tasks, files, keys, dead, farewells, clock: env.clock(), dice: env.dice() }
    };
    runtime::serve_queue("import", deps, |deps, task| async move { import::handle(&deps, task).await })
}

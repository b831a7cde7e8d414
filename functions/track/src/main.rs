//! `track` on Lambda, behind the gateway, and behind a URL of its own.

use track::{Deps, Memory};

fn main() -> std::process::ExitCode {
    runtime::serve_http("track", |env| {
        let (store, tasks, secrets, clock) = (env.store(), env.tasks(), env.secrets(), env.clock());
        let memory = Memory::default();
        track::router(Deps { store, tasks, secrets, clock, origin: env.origin(), memory })
    })
}

//! `live` on Lambda, behind a WebSocket API of API Gateway.

use live::{Deps, Settings};

fn main() -> std::process::ExitCode {
    let deps = |env: &runtime::Env| {
        let settings = Settings { origin: env.origin(), allowed_origins: env.allowed_origins() };
        let (store, secrets, sockets) = (env.store(), env.secrets(), env.sockets());
        Deps { store, secrets, sockets, clock: env.clock(), settings }
    };
    runtime::serve_socket("live", deps, |deps, event| async move { live::on(&deps, event).await })
}

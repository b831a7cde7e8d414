//! `api` on Lambda, behind API Gateway.

use api::Deps;

fn main() -> std::process::ExitCode {
    runtime::serve_http("api", |env| {
        let (origin, allowed_origins) = (env.origin(), env.allowed_origins());
        let settings = api::Settings { origin, allowed_origins, access_seconds: env.access_seconds() };
        let (store, tasks, files, clock) = (env.store(), env.tasks(), env.files(), env.clock());
        let (keys, secrets, dice) = (env.keys(), env.secrets(), env.dice());
        let (google, shops, asked) = (env.google(&secrets), env.shops(&secrets), api::JustAsked::default());
        api::router(Deps { store, tasks, files, keys, secrets, google, shops, clock, dice, asked, settings })
    })
}

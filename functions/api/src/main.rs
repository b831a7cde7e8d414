//! `api` on Lambda, behind API Gateway.

use api::Deps;

fn main() -> std::process::ExitCode {
    runtime::serve_http("api", |env| {
        let (origin, allowed_origins) = (env.origin(), env.allowed_origins());
        let settings = api::Settings { origin, allowed_origins, access_seconds: env.access_seconds() };
        let (store, tasks, files) = (env.store(), env.tasks(), env.files());
        let (keys, secrets, asked) = (env.keys(), env.secrets(), api::JustAsked::default());
        let (google, shops, clock, dice) = (env.google(&secrets), env.shops(&secrets), env.clock(), env.dice());
        api::router(Deps { store, tasks, files, keys, secrets, google, shops, clock, dice, asked, settings })
    })
}

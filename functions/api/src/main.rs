//! `api` on Lambda, behind API Gateway.

use api::Deps;

fn main() -> std::process::ExitCode {
    runtime::serve_http("api", |env| {
        let (origin, allowed_origins, live_url) = (env.origin(), env.allowed_origins(), env.live_url());
        let (secrets, tasks, files, clock) = (env.secrets(), env.tasks(), env.files(), env.clock());
        let (store, keys, dice, access_seconds) = (env.store(), env.keys(), env.dice(), env.access_seconds());
        let settings = api::Settings { origin, allowed_origins, access_seconds, live_url };
        let (google, shops, asked) = (env.google(&secrets), env.shops(&secrets), api::JustAsked::default());
        api::router(Deps { store, tasks, files, keys, secrets, google, shops, clock, dice, asked, settings })
    })
}

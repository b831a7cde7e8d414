//! `api` on Lambda, behind API Gateway.

use api::{Deps, Settings, router};
fn main() -> std::process::ExitCode {
    runtime::serve_http("api", |env| {
        let (origin, allowed_origins, live_url) = (env.origin(), env.allowed_origins(), env.live_url());
        let (secrets, tasks, files, clock) = (env.secrets(), env.tasks(), env.files(), env.clock());
        let (store, keys, dice, desk) = (env.store(), env.keys(), env.dice(), env.desk());
        let (access_seconds, events_topic) = (env.access_seconds(), env.events_topic());
        let settings = Settings { origin, allowed_origins, live_url, access_seconds, events_topic };
        let (proofs, shops, asked) = (env.proofs(&secrets), env.shops(&secrets), api::JustAsked::default());
        router(Deps { store, tasks, desk, files, keys, secrets, proofs, shops, clock, dice, asked, settings })
    })
}

//! `api` on Lambda, behind API Gateway.

fn main() -> std::process::ExitCode {
    runtime::serve_http("api", |env| {
        let (origin, allowed_origins, access_seconds) =
            (env.origin()?, env.allowed_origins(), env.access_seconds()?);
        let settings = api::Settings { origin, allowed_origins, access_seconds };
        let (store, tasks, keys) = (env.store()?, env.tasks()?, env.keys()?);
        let (secrets, google, clock, dice) = (env.secrets()?, env.google()?, env.clock(), env.dice());
        Ok(api::router(api::Deps { store, tasks, keys, secrets, google, clock, dice, settings }))
    })
}

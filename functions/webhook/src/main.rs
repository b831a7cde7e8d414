//! `webhook` on Lambda, behind the gateway, and behind a URL of its own.

use webhook::Deps;

fn main() -> std::process::ExitCode {
    runtime::serve_http("webhook", |env| {
        let (tasks, files, secrets) = (env.tasks(), env.files(), env.secrets());
        webhook::router(Deps { tasks, files, secrets, clock: env.clock() })
    })
}

//! The whole function `webhook`, from request to answer, with a queue in memory.
//!
//! `door [ROUNDS]` prints a JSON line: the bytes of an order, and medians in microseconds of this thread's CPU of taking it
//! here and at a door as it is usually written, the making of the request included.
//! `door serve SECRET` takes what comes to a port of 127.0.0.1, which it prints, on one thread.

#![expect(
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock, and its figures are far from the ends of any type"
)]

mod by_value;
#[path = "../audience/clock.rs"]
#[expect(dead_code, reason = "the wall is not asked for")]
mod clock;
mod event;
mod memory;

use std::{io, process::ExitCode, sync::Arc};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, Bytes},
    http::Request,
};
use flows::{
    FlowError, SecretBox, Secrets,
    clock::{SystemClock, SystemDice},
    files::Nowhere,
    secrets::ShopifyApp,
};
use memory::Memory;
use tokio::{net::TcpListener, runtime};
use tower::ServiceExt;
use webhook::Deps;

/// Of one measurement: long enough for the clock.
const EVENTS: u32 = 200;
const SECRET: &str = "shpss_a secret that nobody else knows";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        [] => cpu(51),
        ["serve", secret] => serve(secret),
        [rounds] if rounds.parse().is_ok_and(|rounds: usize| rounds > 0) => cpu(rounds.parse().unwrap_or(51)),
        _ => {
            eprintln!("usage: door [ROUNDS] | door serve SECRET");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("door: {error}");
            ExitCode::FAILURE
        }
    }
}

fn one_thread() -> io::Result<runtime::Runtime> {
    runtime::Builder::new_current_thread().enable_all().build()
}

fn cpu(rounds: usize) -> io::Result<()> {
    let body = event::small(event::sample()).to_string();
    let signature = event::signature(SECRET, body.as_bytes());
    let body = Bytes::from(body);
    let runtime = one_thread()?;
    let often = |router: &Router| {
        runtime.block_on(async {
            let mut taken = 0;
            for _ in 0..EVENTS {
                let Ok(answer) = router.clone().oneshot(request(&body, &signature)).await;
                taken += u32::from(answer.status().is_success());
            }
            taken
        })
    };
    let (ours, by_value) = (router(SECRET), by_value::router(SECRET));
    let [ours, by_value] = clock::alternately(rounds, [&mut || often(&ours), &mut || often(&by_value)]);
    if (ours.1, by_value.1) != (EVENTS, EVENTS) {
        return Err(io::Error::other(format!("of {EVENTS} events {} and {} were taken", ours.1, by_value.1)));
    }
    let micros = |spent: &clock::Spent| spent.cpu / f64::from(EVENTS) * 1e6;
    let bytes = body.len();
    println!(r#"{{"bytes":{bytes},"door_us":{:.1},"value_us":{:.1}}}"#, micros(&ours.0), micros(&by_value.0));
    Ok(())
}

fn request(body: &Bytes, signature: &str) -> Request<Body> {
    let mut request = Request::post("/webhooks/shopify");
    for (name, value) in event::ORDER.headers(signature) {
        request = request.header(name, value);
    }
    request.body(Body::from(body.clone())).expect("these are headers")
}

fn serve(secret: &str) -> io::Result<()> {
    one_thread()?.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        println!("{}", listener.local_addr()?.port());
        axum::serve(listener, router(secret)).await
    })
}

/// The function as Lambda has it, but for the queue.
fn router(secret: &str) -> Router {
    let mut secrets =
        Secrets::parse(&Secrets::generate(&SystemDice, "first")).expect("new secrets are sound");
    secrets.shopify =
        Some(ShopifyApp { client_id: "app".to_owned(), secret: secret.to_owned(), old_secret: None });
    let secrets = Arc::new(Known(Arc::new(secrets)));
    let (tasks, files, clock) = (Arc::new(Memory::default()), Arc::new(Nowhere), Arc::new(SystemClock));
    webhook::router(Deps { tasks, files, secrets, clock })
}

struct Known(Arc<Secrets>);

#[async_trait]
impl SecretBox for Known {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        Ok(self.0.clone())
    }
}

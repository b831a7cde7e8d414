//! What signing in costs beyond the hash that it must compute: both in one run, in turn, and their ratio.

#![expect(clippy::disallowed_methods, reason = "a measurement asks the machine for the time")]

use std::time::{Duration, Instant};

use flows::{clock::SystemDice, passwords};
use local::World;
use serde_json::json;

const ROUNDS: usize = 60;
const PASSWORD: &str = "Str0ng!pass";

#[tokio::main]
async fn main() {
    let world = World::new(1).await;
    let person = json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"});
    world.post("/api/auth/signup").json(&person).send().await;
    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    let login = world.post("/api/auth/login").json(&login);
    let hash = passwords::hash(PASSWORD, &SystemDice).await.expect("a hash");

    let (mut hashes, mut logins) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        assert!(passwords::is_right(PASSWORD, Some(&hash)).await.expect("a check"));
        hashes.push(start.elapsed());
        let start = Instant::now();
        assert_eq!(login.send().await.status, 200);
        logins.push(start.elapsed());
    }
    let (hash, login) = (median(hashes), median(logins));
    println!(
        "argon2id, {} KiB, {} passes: {hash:.1?} median of {ROUNDS}",
        passwords::MEMORY_KIB,
        passwords::PASSES
    );
    println!("a login: {login:.1?} median of {ROUNDS}");
    println!("ratio: {:.2} (target: at most 1.30)", login.as_secs_f64() / hash.as_secs_f64());
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

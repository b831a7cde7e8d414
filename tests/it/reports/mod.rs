//! Reports: questions that are kept, and answered as SQL answers them, as JSON, CSV and PDF; shared by links, and mailed
//! again and again (ANA-16, 17).

mod asked;
mod files;
mod kept;
mod links;
mod mailed;
mod promised;

use crate::cast::Person;
use local::{World, world::Answer};
use serde_json::Value;

const PATH: &str = "/api/v1/reports";

/// A report's id.
async fn report(world: &World, owner: &Person, told: &Value) -> String {
    let made = owner.post(world, PATH, told).await;
    assert_eq!(made.status, 201, "{told}: {}", made.text);
    assert_eq!(made.header("location"), format!("{PATH}/{}", made.text_at("/id")));
    made.text_at("/id")
}

async fn run(world: &World, owner: &Person, id: &str, query: &str) -> Answer {
    let answer = owner.get(world, &format!("{PATH}/{id}/run?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    answer
}

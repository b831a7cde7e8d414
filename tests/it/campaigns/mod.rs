//! Campaigns: made, changed while they are drafts, launched once, stopped, and looked at (CMP-01, 03 to 06, 08 to 10, 17).

mod abroad;
mod arms;
mod earned;
mod kept;
mod listed;
pub(crate) mod mailed;
mod moved;
mod people;
mod reached;
mod scheduled;
mod simulated;
mod timed;
mod tried;
mod variants;
mod watched;

use crate::cast::Person;
use local::{World, world::Answer};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/campaigns";

fn sms(name: &str) -> Value {
    json!({"name": name, "channel": "sms", "text": "Hi {{ name }}", "rule": "EVERYONE"})
}

pub(crate) async fn made(world: &World, owner: &Person, told: &Value) -> String {
    let made = owner.post(world, PATH, told).await;
    assert_eq!(made.status, 201, "{told}: {}", made.text);
    assert_eq!(made.header("location"), format!("{PATH}/{}", made.text_at("/id")));
    made.text_at("/id")
}

pub(crate) async fn act(world: &World, person: &Person, id: &str, act: &str) -> Answer {
    person.post(world, &format!("{PATH}/{id}/{act}"), &json!({})).await
}

pub(crate) async fn acted(world: &World, person: &Person, id: &str, name: &str) -> String {
    let answer = act(world, person, id, name).await;
    assert_eq!(answer.status, 200, "{name}: {}", answer.text);
    answer.text_at("/status")
}

async fn shown(world: &World, person: &Person, id: &str) -> Answer {
    let answer = person.get(world, &format!("{PATH}/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

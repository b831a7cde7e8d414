//! In whose name a shop's messages go out, and by whom (DLV-10).

mod bylines;
mod kept;
mod providers;
mod sending;

use crate::cast::Person;
use local::{World, world::Answer};
use serde_json::{Value, json};

const SENDERS: &str = "/api/v1/senders";
const SENDING: &str = "/api/v1/sending";

fn address(identity: &str) -> Value {
    json!({"kind": "address", "identity": identity})
}

async fn added(world: &World, person: &Person, told: &Value) -> Answer {
    let answer = person.post(world, SENDERS, told).await;
    assert_eq!(answer.status, 201, "{told}: {}", answer.text);
    assert_eq!(answer.header("location"), format!("{SENDERS}/{}", answer.text_at("/id")));
    answer
}

async fn checked(world: &World, person: &Person, id: &str) -> Answer {
    person.post(world, &format!("{SENDERS}/{id}/check"), &json!({})).await
}

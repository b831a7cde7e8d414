//! Whoever watches hears what happens as it happens, and nobody else does.

mod opening;
mod port;
mod saying;
mod telling;

use domain::{
    Run, RunId,
    run::{Mode, Part, Resource},
};
use flows::Clock;
use local::{World, world::Watcher};
use serde_json::{Value, json};

use crate::cast::Person;

const PROTOCOLS: &str = "Sec-WebSocket-Protocol";

/// What a page offers that has just asked for a ticket.
async fn offer(world: &World, person: &Person) -> String {
    let made = person.post(world, "/api/v1/live/tickets", &json!({})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    format!("{}, {}", made.text_at("/protocols/0"), made.text_at("/protocols/1"))
}

pub(crate) async fn watching<'a>(world: &'a World, person: &Person) -> Watcher<'a> {
    let offer = offer(world, person).await;
    world.watch(&[(PROTOCOLS, &offer)]).await.unwrap_or_else(|status| panic!("refused with {status}"))
}

/// A run that nobody moves.
async fn run(world: &World, person: &Person, number: u8) -> Run {
    let store = world.store_of(person.tenant.parse().expect("a tenant's id"));
    let now = world.clock.now();
    let id = RunId::new(now, [number; 10]);
    let run = Run::new(id, store.id(), Mode::Full, vec![Part::new(Resource::Orders, None)], now);
    store.commit(vec![store.run_made(&run)]).await.expect("it is a new one");
    run
}

fn about(event: &str, run: &Run) -> Value {
    json!({"event": event, "data": {"sync_run_id": run.id}})
}

/// The names of what was heard.
pub(crate) fn events(heard: &[Value]) -> Vec<&str> {
    heard.iter().filter_map(|message| message["event"].as_str()).collect()
}

/// How much the table holds of sockets, used tickets apart: two items of each.
fn kept(world: &World) -> usize {
    let all = world.table.dump().expect("memory holds");
    all.iter().filter(|item| item.key.pk.contains("SOCKET")).count()
}

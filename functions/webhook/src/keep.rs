//! Keeps an event until somebody understands it: a message in the queue, and a file for a body that no message holds.

use domain::{
    Task,
    event::{EventBody, Received},
    task::TASK_BYTES_MAX,
};
use flows::{FlowError, files::event_kept};
use shopify::webhook::Delivery;

use crate::Deps;

/// What stands in a message beside the body: two ids of 128 letters, a topic of 100, a shop of 77, two times.
const AROUND_BYTES_MAX: usize = 2 * 1024;
const BODY_BYTES_MAX: usize = TASK_BYTES_MAX - AROUND_BYTES_MAX;

/// Kept twice is as good as kept once: whoever applies it finds that it was.
pub(crate) async fn kept(deps: &Deps, delivery: Delivery, body: Vec<u8>) -> Result<(), FlowError> {
    let body = match String::from_utf8(body) {
        Ok(text) if fits(&text)? => EventBody::Text(text),
        Ok(text) => EventBody::File(event_kept(&*deps.files, text.into_bytes()).await?),
        // JSON is text. Whoever understands it says what is wrong with this.
        Err(other) => EventBody::File(event_kept(&*deps.files, other.into_bytes()).await?),
    };
    let Delivery { topic, shop, version, id, event_id, triggered_at } = delivery;
    let (topic, version, received_at) = (topic.to_string(), version.to_string(), deps.clock.now());
    let event =
        Received { shop, topic, version, id, event_id, triggered_at, received_at, is_replayed: false, body };
    deps.tasks.leave(vec![Task::ApplyEvent { event: Box::new(event) }.into()]).await
}

/// As a text within JSON, where a letter may take six bytes (`\u0001`).
fn fits(text: &str) -> Result<bool, FlowError> {
    if text.len() <= BODY_BYTES_MAX / 6 {
        return Ok(true);
    }
    Ok(serde_json::to_string(text).map_err(FlowError::broken)?.len() <= BODY_BYTES_MAX)
}

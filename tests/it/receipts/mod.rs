//! What became of messages: told by providers, believed if it is signed, counted once (DLV-02 to 05, 12 to 14).

mod answers;
mod doors;
mod home;
mod providers;
mod shuffled;
mod suppressed;
mod suppressed_many;

use crate::cast::Person;
use domain::campaign::{Message, MessageId};
use flows::sign::Purpose;
use local::{World, world::Answer};
use receipts::{signature::sign, simulated::SIGNATURE_HEADER};
use serde_json::{Value, json};

/// What vendors of other systems call it.
const DOOR: &str = "/api/vendor/delivery-receipt";

/// Customers who agreed to be written to, and a letter to all of them that has gone out; nothing is told of it yet.
async fn sent(world: &World, owner: &Person, customers: usize) -> (String, Vec<MessageId>) {
    for number in 0..customers {
        let one = json!({"first_name": "Ada", "email": format!("ada{number}@example.com"),
            "email_consent": {"state": "subscribed"}});
        let made = owner.post(world, "/api/v1/customers", &one).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let letter = json!({"name": "Spring", "kind": "newsletter", "rule": "EVERYONE", "subject": "Hi",
        "html": "<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>"});
    let campaign = owner.post(world, "/api/v1/campaigns", &letter).await.text_at("/id");
    let launched = owner.post(world, &format!("/api/v1/campaigns/{campaign}/launch"), &json!({})).await;
    assert_eq!(launched.status, 200, "{}", launched.text);
    world.run_without_vendor().await;
    let messages = world.vendor.entries().into_iter().map(|entry| entry.message.as_str().parse());
    let messages: Vec<MessageId> = messages.collect::<Result<_, _>>().expect("our names");
    assert_eq!(messages.len(), customers, "everybody was written to");
    (campaign, messages)
}

async fn message(world: &World, id: MessageId) -> Message {
    let store = world.store_of(id.tenant);
    store.messages(&[id]).await.expect("memory holds").remove(&id).expect("it is there")
}

/// As a vendor signs it.
async fn told(world: &World, path: &str, body: &Value) -> Answer {
    let key = world.keys.secrets.open().await.expect("they are there").tag(Purpose::VendorReceipts, b"");
    let text = body.to_string();
    let signature = sign(key.as_bytes(), flows::Clock::now(&*world.clock), text.as_bytes());
    let call = world.post(path).raw(&text).header("content-type", "application/json");
    call.header(SIGNATURE_HEADER, &signature).send().await
}

//! The queue's event of `events/`, through Lambda's way in, to the whole function: everybody gets their letter once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(dead_code, reason = "other tests ask for more of it")]
#[path = "sending/faults.rs"]
mod faults;
#[expect(dead_code, reason = "other tests ask for more of it")]
#[path = "sending/shop.rs"]
mod shop;

use domain::{CampaignId, TenantId};
use serde_json::{Value, json};

use shop::{Shop, Told};

const EVENT: &str = include_str!("../../../events/send.json");

#[tokio::test]
async fn the_queues_event_sends_each_letter_once() {
    let event: Value = serde_json::from_str(EVENT).unwrap();
    let task: Value = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
    let tenant: TenantId = task["tenant"].as_str().unwrap().parse().unwrap();
    let campaign: CampaignId = task["campaign"].as_str().unwrap().parse().unwrap();
    let shop = Shop::of(tenant, campaign, &Told { people: 3, ..Told::default() }).await;
    for delivery in ["first", "second"] {
        let event = serde_json::from_str(EVENT).unwrap();
        let handle = |task| send::handle(&shop.deps, task);
        let answer = runtime::taken("send", delivery, &*shop.clock, event, handle).await;
        assert_eq!(serde_json::to_value(answer).unwrap(), json!({"batchItemFailures": []}), "{delivery}");
        assert!((0..3).all(|number| shop.acceptances(number) == 1), "{delivery}");
    }
}

//! The queue's event of `events/`, through Lambda's way in, to the whole function: a letter arrives, however often that is told.

#[expect(dead_code, reason = "other tests ask for more of it")]
mod told;

use domain::{
    CampaignId, TenantId,
    campaign::{Fate, MessageId},
};
use serde_json::{Value, json};

const EVENT: &str = include_str!("../../../events/receipt.json");

#[tokio::test]
async fn the_queues_event_is_kept_with_its_message() {
    let event: Value = serde_json::from_str(EVENT).unwrap();
    let task: Value = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
    let tenant: TenantId = task["tenant"].as_str().unwrap().parse().unwrap();
    let id: MessageId = task["receipts"][0]["message"].as_str().unwrap().parse().unwrap();
    let campaign: CampaignId = id.campaign;
    let shop = told::shop(tenant, campaign, 3).await;
    for delivery in ["first", "second"] {
        let event = serde_json::from_str(EVENT).unwrap();
        let handle = |task| receipt::handle(&shop.deps, task);
        let answer = runtime::taken("receipt", delivery, &*shop.deps.clock, event, handle).await;
        assert_eq!(serde_json::to_value(answer).unwrap(), json!({"batchItemFailures": []}), "{delivery}");
        let fates: Vec<_> = shop.chunk(0).await.messages.iter().map(|message| message.fate).collect();
        assert_eq!(fates, [Fate::Sent, Fate::Delivered, Fate::Sent], "{delivery}");
    }
}

//! The events of `events/`, through Lambda's way in, to the whole function: a letter arrives, however often that is told, and so
//! does a text of which a log tells.

#[expect(dead_code, reason = "other tests ask for more of it")]
mod told;

use domain::{
    CampaignId, TenantId,
    campaign::{Fate, MessageId},
};
use serde_json::{Value, json};

const EVENT: &str = include_str!("../../../events/receipt.json");
const LOG: &str = include_str!("../../../events/receipt-log.json");

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

#[tokio::test]
async fn the_logs_event_is_unpacked_and_its_texts_are_found_by_what_their_provider_calls_them() {
    let (tenant, campaign) = (TenantId::new(told::at(0), [1; 10]), CampaignId::new(told::at(0), [2; 10]));
    let shop = told::shop(tenant, campaign, 3).await;
    let ids = ["34d9b400-c6dd-5444-820d-fbeb0f1f54cf", "1077257a-92f3-5ca3-bc97-6a915b310625"];
    for (id, place) in ids.into_iter().zip([2, 0]) {
        let message = MessageId { tenant, campaign, chunk: 0, place };
        let step = shop.store.text_called(id, &message, told::at(-9)).unwrap();
        shop.store.commit(vec![step]).await.unwrap();
    }
    let event: Value = serde_json::from_str(LOG).unwrap();
    let handle = |task| receipt::handle(&shop.deps, task);
    for delivery in ["first", "second"] {
        runtime::logged("receipt", delivery, &event, handle).await.unwrap();
        let left = shop.left();
        assert!(!format!("{left:?}").contains("+1415"), "no telephone goes into the queue: {left:?}");
        for left in left {
            handle(left.task).await.unwrap();
        }
        let fates: Vec<_> = shop.chunk(0).await.messages.iter().map(|message| message.fate).collect();
        assert_eq!(fates, [Fate::Bounced, Fate::Sent, Fate::Delivered], "{delivery}");
    }
    for wrong in [json!({}), json!({"awslogs": {"data": "!"}}), json!({"awslogs": {"data": "QWRh"}})] {
        assert!(runtime::logged("receipt", "x", &wrong, handle).await.is_err(), "{wrong}");
    }
    assert!(shop.left().iter().all(|left| left.delay_seconds == 0), "nothing comes of what cannot be read");
}

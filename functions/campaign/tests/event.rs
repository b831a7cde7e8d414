//! The queue's event of `events/`, through Lambda's way in, to the whole function: everybody is chosen.

mod made;

use domain::{CampaignId, Task, TenantId, campaign::Act};
use serde_json::{Value, json};

const EVENT: &str = include_str!("../../../events/campaign.json");

#[tokio::test]
async fn the_queues_event_chooses_everybody_once() {
    let event: Value = serde_json::from_str(EVENT).unwrap();
    let task: Value = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
    let tenant: TenantId = task["tenant"].as_str().unwrap().parse().unwrap();
    let id: CampaignId = task["campaign"].as_str().unwrap().parse().unwrap();
    let shop = made::shop(tenant, 3).await;
    shop.has(id, |_| {}).await;
    shop.moves(id, Act::Launch).await;
    for delivery in ["first", "second"] {
        let event = serde_json::from_str(EVENT).unwrap();
        let handle = |task| campaign::handle(&shop.deps, task);
        let answer = runtime::taken("campaign", delivery, &*shop.world, event, handle).await;
        assert_eq!(serde_json::to_value(answer).unwrap(), json!({"batchItemFailures": []}), "{delivery}");
        assert_eq!(shop.campaign(id).await.state.name(), "sending", "{delivery}");
    }
    assert_eq!(shop.store.plan(id).await.unwrap().unwrap().plan.chosen(), 3);
    assert_eq!(shop.world.taken(), [Task::SendLane { tenant, campaign: id, from: 0 }]);
}

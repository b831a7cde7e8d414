//! The ways by which a shop tells: the webhook, with bodies of any size, and the event bus.

use domain::{Queue, ShopDomain, task::TASK_BYTES_MAX};
use local::{World, tasks::Raw};
use serde_json::{Value, json};

use super::{Dice, telling::Told};

/// By which way it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Webhook,
    /// As above, with so much of what nobody reads that its body is a file.
    File,
    Bus,
}

impl By {
    /// Large bodies take long to read.
    pub(super) fn thrown(dice: &mut Dice) -> Self {
        match dice.below(60) {
            0 => Self::File,
            1..20 => Self::Bus,
            _ => Self::Webhook,
        }
    }
}

/// Shopify tries again until it is taken. What a bus brings is in the queue.
pub(super) async fn tell(world: &World, shop: &ShopDomain, (topic, body): &Told, by: By) {
    let mut body = body.clone();
    match by {
        By::Bus => return bridged(world, shop, topic, &body),
        By::File => body["filler"] = json!("x".repeat(TASK_BYTES_MAX)),
        By::Webhook => {}
    }
    let told = world.hook(shop.as_str(), topic, &body).await;
    while told.try_send().await.is_none_or(|answer| answer.status != 200) {}
}

fn bridged(world: &World, shop: &ShopDomain, topic: &str, body: &Value) {
    let now = flows::Clock::now(&*world.clock).to_string();
    let id = format!("{}-{now}", body["id"].as_u64().unwrap_or(body.to_string().len() as u64));
    let metadata = json!({"X-Shopify-Topic": topic, "X-Shopify-Shop-Domain": shop.as_str(), "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": format!("{topic}-{id}"), "X-Shopify-Triggered-At": now});
    let detail = json!({"metadata": metadata, "payload": body});
    let event = json!({"version": "0", "source": "aws.partner/shopify.com/1/regulars",
        "detail-type": "shopifyWebhook", "detail": detail});
    let task = json!({"task": "apply_bridged", "event": event}).to_string();
    let left = Raw { group: shop.as_str().to_owned(), body: task, delay_seconds: 0 };
    world.tasks.leave_raw(Queue::Ingest, vec![left]).expect("memory holds");
}

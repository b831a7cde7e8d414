//! At home the vendor tells by itself what became of a campaign, until all of it is known.

use super::{message, sent};
use crate::{customers::shop, storms::calmed};
use domain::campaign::Fate;
use local::World;
use serde_json::json;

#[tokio::test]
async fn a_campaign_that_went_out_becomes_delivered_by_itself_and_its_counts_say_so() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let (campaign, messages) = sent(&world, &owner, 7).await;
    assert_eq!(message(&world, messages[0]).await.fate, Fate::Sent, "nothing is told yet");
    world.settle().await;
    for path in [format!("/api/v1/campaigns/{campaign}/delivery"), format!("/api/delivery/stats/{campaign}")]
    {
        let delivery = owner.get(&world, &path).await;
        for (pointer, expected) in [
            ("/total_messages", json!(7)),
            ("/delivered", json!(7)),
            ("/failed", json!(0)),
            ("/pending", json!(0)),
            ("/status", json!("completed")),
            ("/delivery_rate_percent", json!(100.0)),
        ] {
            assert_eq!(delivery.at(pointer), expected, "{pointer}: {}", delivery.text);
        }
    }
    let listed = owner.get(&world, &format!("/api/v1/campaigns/{campaign}")).await;
    assert_eq!(listed.at("/counts/delivered"), json!(7), "counted again after its end: {}", listed.text);
    let all = owner.get(&world, "/api/vendor/stats").await;
    assert_eq!((all.at("/total_messages"), all.at("/status_distribution/delivered")), (json!(7), json!(7)));
    assert_eq!(all.at("/success_rate_percent"), json!(100.0));
    assert!(
        all.at("/average_delivery_ms").as_u64().is_some_and(|it| (500..=2_500).contains(&it)),
        "{}",
        all.text
    );
    let day = "startDate=2020-01-01&endDate=2020-02-01";
    let none = owner.get(&world, &format!("/api/vendor/stats?{day}")).await;
    assert_eq!((none.at("/total_messages"), none.at("/success_rate_percent")), (json!(0), json!(null)));
    assert_eq!(owner.get(&world, "/api/vendor/stats?startDate=soon").await.status, 400);
}

#[tokio::test]
async fn what_the_vendor_cannot_tell_for_a_while_is_told_later_and_nothing_is_lost() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let (_, messages) = sent(&world, &owner, 20).await;
    world.faults.storm(300);
    for _ in 0..20 {
        world.storm_through().await;
    }
    calmed(&world).await;
    for id in messages {
        assert_eq!(message(&world, id).await.fate, Fate::Delivered, "{id}");
    }
}

//! Who got as many campaigns as a cap says, by what was written to them.

use std::time::Duration;

use domain::{
    CampaignId,
    campaign::{Act, Cap, Why},
};

use crate::{
    course::{at, id, launched, look, look_at, pass, sent, tenant},
    made::{Shop, shop},
};

#[tokio::test]
async fn of_two_that_are_planned_in_the_same_moment_nobody_gets_more_than_the_cap_says() {
    let shop = shop(tenant(), 60).await;
    let all: Vec<_> = (1..5).map(|number| CampaignId::new(at(), [number; 10])).collect();
    for id in &all {
        shop.has(*id, |campaign| campaign.rules.cap = Some(Cap { messages: 2, days: 7 })).await;
        shop.moves(*id, Act::Launch).await;
    }
    futures::future::join_all(all.iter().map(|id| look_at(&shop, *id))).await;
    let mut chosen = Vec::new();
    for id in all {
        chosen.push(shop.store.plan(id).await.unwrap().unwrap().plan.chosen());
    }
    chosen.sort_unstable();
    assert_eq!(chosen, [0, 0, 60, 60], "each got two of the four");
}

/// How many another campaign leaves out that nobody gets who got one within a week.
async fn capped(shop: &Shop) -> u64 {
    let next = CampaignId::new(at(), [8; 10]);
    shop.has(next, |campaign| campaign.rules.cap = Some(Cap { messages: 1, days: 7 })).await;
    shop.moves(next, Act::Launch).await;
    look_at(shop, next).await;
    let plan = shop.store.plan(next).await.unwrap().unwrap().plan;
    plan.left_out.iter().find(|(why, _)| *why == Why::FrequencyCap).map_or(0, |(_, count)| *count)
}

#[tokio::test]
async fn of_one_that_was_cancelled_those_count_whom_it_wrote_to() {
    let shop = launched(120).await;
    look(&shop).await;
    sent(&shop, 0, 50).await;
    shop.moves(id(), Act::Cancel).await;
    look(&shop).await;
    assert_eq!(capped(&shop).await, 50);
}

#[tokio::test]
async fn of_one_that_goes_on_for_long_those_count_whom_it_wrote_to_within_the_days_or_will() {
    let shop = launched(120).await;
    look(&shop).await;
    sent(&shop, 0, 50).await;
    pass(&shop, Duration::from_hours(8 * 24));
    sent(&shop, 1, 50).await;
    assert_eq!(capped(&shop).await, 70, "the first fifty got it more than a week ago");
}

//! Who got as many campaigns as a cap says, by what was written to them.

use std::time::Duration;

use domain::{
    CampaignId,
    campaign::{Act, Cap, Why},
};

use crate::{
    course::{at, id, launched, look, look_at, pass, sent},
    made::Shop,
};

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

//! A shop whose messages do harm is stopped, whichever of its campaigns they are of.

use std::time::Duration;

use domain::{
    CampaignId,
    campaign::{Act, Chunk, Harm, Heard, State, Tripped, Why},
};

use crate::{
    course::{at, id, launched, look, look_at, pass, sent, sent_of, tenant},
    made::{Shop, shop},
};

async fn bounced(shop: &Shop, id: CampaignId, number: u32, bounces: usize) {
    let now = *shop.world.now.lock().unwrap();
    let held = shop.store.campaign_chunk(id, number).await.unwrap().unwrap();
    let mut chunk = Chunk::clone(&held);
    for place in 0..bounces {
        chunk.hear(place, Heard::Bounced(Why::HardBounce), now);
    }
    let (step, _) = shop.store.chunk_put(id, number, Some(&held), chunk);
    shop.store.commit(vec![step]).await.unwrap();
}

fn other(number: u8) -> CampaignId {
    CampaignId::new(at(), [number; 10])
}

#[tokio::test]
async fn what_comes_back_too_often_is_stopped_with_the_shops_others_and_goes_on_by_hand() {
    let shop = launched(300).await;
    let (other, later) = (CampaignId::new(at(), [8; 10]), CampaignId::new(at(), [9; 10]));
    for id in [other, later] {
        shop.has(id, |_| {}).await;
    }
    shop.moves(other, Act::Launch).await;
    look(&shop).await;
    shop.world.taken();
    sent(&shop, 0, 50).await;
    bounced(&shop, id(), 0, 3).await;
    look(&shop).await;
    assert_eq!(shop.campaign(id()).await.state, State::Sending, "three of fifty say nothing yet");
    bounced(&shop, id(), 0, 12).await;
    look(&shop).await;
    let tripped = Some(Tripped { harm: Harm::HardBounces, harmed: 12, of: 50 });
    assert_eq!(shop.campaign(id()).await.state, State::Paused { is_planned: true, tripped, refused: None });
    assert_eq!(shop.campaign(other).await.state, State::Paused { is_planned: false, tripped, refused: None });
    assert_eq!(shop.campaign(later).await.state, State::Draft);
    let moves = shop.store.campaign_moves(id()).await.unwrap();
    assert_eq!(moves.last().map(|it| it.act.as_str()), Some("stopped"));
    let left = shop.world.taken();
    for campaign in [id(), other] {
        let told = domain::Task::MailCampaign { tenant: shop.store.id(), campaign };
        assert!(left.contains(&told), "whoever launched it is to be told: {left:?}");
    }
    pass(&shop, Duration::from_mins(1));
    shop.moves(id(), Act::Resume).await;
    pass(&shop, Duration::from_mins(1));
    sent(&shop, 1, 50).await;
    bounced(&shop, id(), 1, 3).await;
    look(&shop).await;
    assert_eq!(shop.campaign(id()).await.state, State::Sending, "what was sent before is not counted again");
    bounced(&shop, id(), 1, 12).await;
    look(&shop).await;
    assert_eq!(shop.campaign(id()).await.state, State::Paused { is_planned: true, tripped, refused: None });
}

#[tokio::test]
async fn what_a_small_campaign_showed_at_its_end_stops_the_next_before_its_first_message() {
    let shop = launched(40).await;
    look(&shop).await;
    sent(&shop, 0, 40).await;
    bounced(&shop, id(), 0, 11).await;
    shop.has(other(8), |_| {}).await;
    shop.moves(other(8), Act::Launch).await;
    look(&shop).await;
    assert_eq!(shop.campaign(id()).await.state, State::Sent);
    let tripped = Some(Tripped { harm: Harm::HardBounces, harmed: 11, of: 40 });
    let stopped = State::Paused { is_planned: false, tripped, refused: None };
    assert_eq!(shop.campaign(other(8)).await.state, stopped, "it was under way");
    shop.has(other(9), |_| {}).await;
    shop.moves(other(9), Act::Launch).await;
    look_at(&shop, other(9)).await;
    assert_eq!(shop.campaign(other(9)).await.state, stopped);
    pass(&shop, Duration::from_mins(5));
    shop.moves(other(9), Act::Resume).await;
    look_at(&shop, other(9)).await;
    assert_eq!(shop.campaign(other(9)).await.state, State::Sending, "whoever goes on is judged anew");
    pass(&shop, Duration::from_mins(5));
    look(&shop).await;
    assert_eq!(shop.campaign(other(9)).await.state, State::Sending, "also by what is counted later");
}

#[tokio::test]
async fn many_small_campaigns_are_judged_together_and_after_a_week_no_more() {
    let shop = shop(tenant(), 40).await;
    let run = async |number: u8| {
        shop.has(other(number), |_| {}).await;
        shop.moves(other(number), Act::Launch).await;
        look_at(&shop, other(number)).await;
        if shop.campaign(other(number)).await.state == State::Sending {
            sent_of(&shop, other(number), 0, 40).await;
            bounced(&shop, other(number), 0, 3).await;
            look_at(&shop, other(number)).await;
        }
        shop.campaign(other(number)).await.state.name()
    };
    let mut ends = Vec::new();
    for number in 1..=8 {
        pass(&shop, Duration::from_mins(10));
        ends.push(run(number).await);
    }
    let first = ends.iter().position(|state| *state == "paused");
    assert!(first.is_some_and(|first| (2..6).contains(&first)), "three of forty, again and again: {ends:?}");
    pass(&shop, Duration::from_hours(8 * 24));
    assert_eq!(run(20).await, "sent");
}

#[tokio::test]
async fn whoever_dies_while_stopping_has_not_stopped_the_one_that_showed_it() {
    let mut deaths = 0;
    for told in 0.. {
        let shop = launched(120).await;
        look(&shop).await;
        shop.has(other(8), |_| {}).await;
        shop.moves(other(8), Act::Launch).await;
        sent(&shop, 0, 50).await;
        bounced(&shop, id(), 0, 12).await;
        *shop.world.told.lock().unwrap() = Some(told);
        let task = domain::Task::KeepCampaign { tenant: tenant(), campaign: id() };
        let deps = shop.deps.clone();
        let lived = tokio::spawn(async move { campaign::handle(&deps, task).await }).await.is_ok();
        *shop.world.told.lock().unwrap() = None;
        look(&shop).await;
        for id in [id(), other(8)] {
            assert_eq!(shop.campaign(id).await.state.name(), "paused", "died when it was told {told} times");
        }
        if lived {
            break;
        }
        deaths += 1;
    }
    assert!(deaths >= 3, "{deaths}");
}

//! A campaign that is paused, goes on, or whose shop is gone.

use std::time::Duration;

use domain::{
    TenantStatus,
    campaign::{Act, Chunk, Fate, State, schedule::Each},
};

use crate::course::{at, id, lanes, launched, look, look_at, pass, schedule, sent};

#[tokio::test]
async fn whoever_goes_on_does_so_at_once() {
    let shop = launched(120).await;
    look(&shop).await;
    sent(&shop, 0, 50).await;
    shop.world.taken();
    shop.moves(id(), Act::Pause).await;
    pass(&shop, Duration::from_secs(5));
    shop.moves(id(), Act::Resume).await;
    look(&shop).await;
    assert_eq!(shop.world.taken(), lanes(&[1, 2]), "its lanes have ended while it was paused");
}

#[tokio::test]
async fn while_it_is_paused_what_is_told_is_counted_and_whose_sender_has_died_is_given_up() {
    let shop = launched(60).await;
    look(&shop).await;
    let mut half = Chunk::new(50);
    half.claim(20, *shop.world.now.lock().unwrap());
    let (step, _) = shop.store.chunk_put(id(), 0, None, half);
    shop.store.commit(vec![step]).await.unwrap();
    shop.moves(id(), Act::Pause).await;
    let mut looks = 0;
    while let Some(due_at) = shop.campaign(id()).await.due_at {
        *shop.world.now.lock().unwrap() = due_at;
        look(&shop).await;
        looks += 1;
    }
    let campaign = shop.campaign(id()).await;
    let (_, counts) = campaign.counted.clone().unwrap();
    let fates = [Fate::Unknown, Fate::Claimed, Fate::Planned].map(|fate| counts.at(fate));
    assert_eq!((fates, campaign.state.name()), ([20, 0, 40], "paused"));
    assert!((10..40).contains(&looks), "{looks} in two weeks");
}

#[tokio::test]
async fn of_a_shop_that_is_not_connected_nothing_goes_on_or_begins_by_itself() {
    let shop = launched(60).await;
    look(&shop).await;
    let held = shop.store.tenant().await.unwrap().unwrap();
    let gone = domain::Tenant { status: TenantStatus::Churned, ..domain::Tenant::clone(&held) };
    shop.store.commit(vec![shop.store.tenant_changed(&held, &gone)]).await.unwrap();
    look(&shop).await;
    assert_eq!(
        shop.campaign(id()).await.state,
        State::Paused { is_planned: true, tripped: None, refused: None }
    );
    let moves = shop.store.campaign_moves(id()).await.unwrap();
    assert_eq!(moves.last().map(|it| it.act.as_str()), Some("disconnected"));
    let later = domain::CampaignId::new(at(), [8; 10]);
    shop.has(later, |_| {}).await;
    shop.moves(later, Act::Schedule(schedule(Each::Once))).await;
    pass(&shop, Duration::from_hours(1));
    look_at(&shop, later).await;
    assert_eq!(shop.campaign(later).await.state, State::Draft, "whoever made it is asked");
}

//! What whoever keeps campaigns does in each state, and that it comes to the same however often they look.

use std::time::Duration;

use crate::made::{Shop, shop};
use domain::{
    CampaignId, Sender, SenderId, Standing, Task, TenantId, Timestamp, UserId,
    campaign::{Act, Byline, Care, Chunk, Fate, Heard, Outcome, Schedule, State, Who, Why, schedule::Each},
    segment::RuleText,
    sender::Identity,
};

pub(crate) fn at() -> Timestamp {
    "2026-11-21T06:00:00Z".parse().unwrap()
}

pub(crate) fn tenant() -> TenantId {
    TenantId::new(at(), [1; 10])
}

pub(crate) fn id() -> CampaignId {
    CampaignId::new(at(), [7; 10])
}

pub(crate) fn lanes(from: &[u32]) -> Vec<Task> {
    from.iter().map(|from| Task::SendLane { tenant: tenant(), campaign: id(), from: *from }).collect()
}

pub(crate) async fn launched(customers: u32) -> Shop {
    let shop = shop(tenant(), customers).await;
    shop.has(id(), |_| {}).await;
    shop.moves(id(), Act::Launch).await;
    shop
}

pub(crate) fn pass(shop: &Shop, length: Duration) {
    *shop.world.now.lock().unwrap() += length;
}

pub(crate) async fn look(shop: &Shop) {
    look_at(shop, id()).await;
}

pub(crate) async fn look_at(shop: &Shop, campaign: CampaignId) {
    campaign::handle(&shop.deps, Task::KeepCampaign { tenant: tenant(), campaign }).await.unwrap();
}

/// As those who send do it.
pub(crate) async fn sent(shop: &Shop, number: u32, messages: usize) {
    sent_of(shop, id(), number, messages).await;
}

pub(crate) async fn sent_of(shop: &Shop, id: CampaignId, number: u32, messages: usize) {
    let now = *shop.world.now.lock().unwrap();
    let mut chunk = Chunk::new(messages);
    let claim = chunk.claim(messages, now);
    for place in claim.places {
        chunk.answered(place, claim.at, Outcome::Sent, Care::NeverTwice, now);
    }
    let (step, _) = shop.store.chunk_put(id, number, None, chunk);
    shop.store.commit(vec![step]).await.unwrap();
}

#[tokio::test]
async fn everybody_is_chosen_once_and_the_lanes_are_set_going() {
    let shop = launched(120).await;
    look(&shop).await;
    let campaign = shop.campaign(id()).await;
    assert_eq!((campaign.state.clone(), campaign.turn), (State::Sending, 2));
    assert_eq!(shop.world.taken(), lanes(&[0, 1, 2]), "one for each chunk, as there are fewer than lanes");
    let moves = shop.store.campaign_moves(id()).await.unwrap();
    assert_eq!(moves.iter().map(|it| it.act.as_str()).collect::<Vec<_>>(), ["planned"]);
}

#[tokio::test]
async fn a_lane_that_stands_still_is_set_going_again_and_one_that_goes_is_not() {
    let shop = launched(250).await;
    look(&shop).await;
    shop.world.taken();
    sent(&shop, 0, 50).await;
    look(&shop).await;
    assert_eq!(shop.world.taken(), [], "they were set going a moment ago");
    pass(&shop, Duration::from_secs(100));
    sent(&shop, 1, 50).await;
    pass(&shop, Duration::from_mins(1));
    look(&shop).await;
    assert_eq!(shop.world.taken(), lanes(&[4, 2, 3]), "the first chunk of each that is not over");
    let (_, counts) = shop.campaign(id()).await.counted.clone().unwrap();
    assert_eq!((counts.chosen, counts.at(Fate::Sent), counts.at(Fate::Planned)), (250, 100, 150));
}

#[tokio::test]
async fn it_is_over_when_every_message_is() {
    let shop = launched(60).await;
    look(&shop).await;
    sent(&shop, 0, 50).await;
    look(&shop).await;
    assert_eq!(shop.campaign(id()).await.state, State::Sending);
    sent(&shop, 1, 10).await;
    look(&shop).await;
    let campaign = shop.campaign(id()).await;
    let next = *shop.world.now.lock().unwrap() + domain::campaign::KEPT_EACH;
    assert_eq!((campaign.state.clone(), campaign.due_at), (State::Sent, Some(next)));
    assert_eq!(campaign.counted.clone().unwrap().1.at(Fate::Sent), 60);
    look(&shop).await;
    assert_eq!(shop.campaign(id()).await.turn, campaign.turn);
}

#[tokio::test]
async fn who_waits_when_it_is_cancelled_gets_nothing_and_all_add_up() {
    let shop = launched(120).await;
    look(&shop).await;
    sent(&shop, 0, 50).await;
    let mut half = Chunk::new(50);
    half.claim(20, *shop.world.now.lock().unwrap());
    let (step, _) = shop.store.chunk_put(id(), 1, None, half);
    shop.store.commit(vec![step]).await.unwrap();
    shop.moves(id(), Act::Cancel).await;
    look(&shop).await;
    let campaign = shop.campaign(id()).await;
    let counts = &campaign.counted.as_ref().unwrap().1;
    let fates = [Fate::Sent, Fate::Claimed, Fate::Skipped].map(|fate| counts.at(fate));
    assert_eq!((fates, counts.whys[&Why::Cancelled]), ([50, 20, 50], 50));
    assert!(campaign.due_at.is_some(), "somebody is sending to twenty");
    pass(&shop, Duration::from_mins(2));
    look(&shop).await;
    let campaign = shop.campaign(id()).await;
    let counts = &campaign.counted.as_ref().unwrap().1;
    let fates = [Fate::Sent, Fate::Unknown, Fate::Skipped].map(|fate| counts.at(fate));
    assert_eq!(fates, [50, 20, 50], "nobody knows what became of those");
    // Somebody who sends has seen it as it was before.
    let mut late = Chunk::new(20);
    late.claim(10, *shop.world.now.lock().unwrap());
    let (step, _) = shop.store.chunk_put(id(), 2, None, late);
    shop.store.commit(vec![step]).await.unwrap();
    assert!(campaign.due_at.is_some(), "it is looked at again");
    pass(&shop, Duration::from_hours(1));
    look(&shop).await;
    let campaign = shop.campaign(id()).await;
    let counts = &campaign.counted.as_ref().unwrap().1;
    let fates = [Fate::Planned, Fate::Unknown, Fate::Skipped].map(|fate| counts.at(fate));
    assert_eq!(fates, [0, 30, 40], "whoever has claimed too late is looked at, too");
}

#[tokio::test]
async fn what_cannot_be_sent_fails_with_its_reason() {
    let check = async |customers: u32, audience: Who, expected: &str| {
        let shop = shop(tenant(), customers).await;
        shop.has(id(), |campaign| campaign.audience = audience).await;
        shop.moves(id(), Act::Launch).await;
        look(&shop).await;
        let State::Failed { reason } = shop.campaign(id()).await.state.clone() else { panic!("{expected}") };
        assert!(reason.starts_with(expected), "{reason}");
        let told = Task::MailCampaign { tenant: shop.store.id(), campaign: id() };
        assert_eq!(shop.world.taken(), [told], "whoever launched it is to be told");
    };
    let rule = |text: &str| Who::Rule(RuleText { text: text.to_owned(), hash: String::new() });
    check(3, Who::Segment(domain::SegmentId::new(at(), [9; 10])), "its segment is no more").await;
    check(3, rule("amount_spent >"), "whom it means cannot be asked any more: ").await;
    check(3, rule("rfm_group = 'CHAMPIONS'"), "whom it means cannot be asked any more: ").await;
    check(3, rule("number_of_orders > 5"), "it means nobody").await;
    check(0, rule("EVERYONE"), "it means nobody").await;
    let shop = shop(tenant(), 2).await;
    shop.has(id(), |campaign| campaign.channel = domain::template::Channel::Sms).await;
    shop.moves(id(), Act::Launch).await;
    look(&shop).await;
    let State::Failed { reason } = shop.campaign(id()).await.state.clone() else { panic!() };
    assert_eq!(reason, "of 2 whom it means nobody may be written to");
    let plan = shop.store.plan(id()).await.unwrap().unwrap().plan;
    assert!(plan.left_out.contains(&(Why::NoAddress, 2)), "why is kept: {:?}", plan.left_out);
}

pub(crate) fn schedule(each: Each) -> Schedule {
    Schedule {
        each,
        time: "07:00".parse().unwrap(),
        from: "2026-11-21".parse().unwrap(),
        until: None,
        zone: domain::Zone::UTC,
        is_recipients_time: false,
    }
}

#[tokio::test]
async fn it_begins_at_its_time_and_asks_where_that_has_long_passed() {
    for (late, expected) in [
        (Duration::ZERO, "sending"),
        (Duration::from_hours(23), "sending"),
        (Duration::from_hours(24), "draft"),
    ] {
        let shop = shop(tenant(), 3).await;
        shop.has(id(), |_| {}).await;
        shop.moves(id(), Act::Schedule(schedule(Each::Once))).await;
        pass(&shop, Duration::from_mins(59));
        look(&shop).await;
        assert_eq!(shop.campaign(id()).await.state, State::Scheduled);
        pass(&shop, Duration::from_mins(1) + late);
        look(&shop).await;
        assert_eq!(shop.campaign(id()).await.state.name(), expected, "{late:?} late");
    }
}

#[tokio::test]
async fn one_that_repeats_makes_one_campaign_each_time() {
    let shop = shop(tenant(), 3).await;
    shop.has(id(), |_| {}).await;
    shop.moves(id(), Act::Schedule(schedule(Each::Day))).await;
    for day in 1..=2 {
        pass(&shop, if day == 1 { Duration::from_hours(1) } else { Duration::from_hours(24) });
        for _ in 0..2 {
            look(&shop).await;
        }
        let all = shop.store.campaigns().await.unwrap();
        let made: Vec<_> = all.iter().filter(|it| it.of == Some(id())).collect();
        assert_eq!(made.len(), day);
        assert!(made.iter().all(|it| it.state == State::Planning));
        assert_eq!(shop.world.taken().len(), 1);
    }
    assert_eq!(shop.campaign(id()).await.due_at, Some("2026-11-23T07:00:00Z".parse().unwrap()));
    pass(&shop, Duration::from_hours(48));
    look(&shop).await;
    assert_eq!(shop.store.campaigns().await.unwrap().len(), 3, "monday's news are no news on tuesday");
    assert_eq!(shop.campaign(id()).await.due_at, Some("2026-11-25T07:00:00Z".parse().unwrap()));
    let moves = shop.store.campaign_moves(id()).await.unwrap();
    assert_eq!(moves.last().map(|it| it.act.as_str()), Some("passed over"));
}

#[tokio::test]
async fn what_providers_tell_after_its_end_is_counted_ever_more_rarely_and_then_no_more() {
    let shop = launched(10).await;
    look(&shop).await;
    sent(&shop, 0, 10).await;
    look(&shop).await;
    let held = shop.store.campaign_chunk(id(), 0).await.unwrap().unwrap();
    let mut chunk = Chunk::clone(&held);
    chunk.hear(3, Heard::Delivered, at());
    let (step, _) = shop.store.chunk_put(id(), 0, Some(&held), chunk);
    shop.store.commit(vec![step]).await.unwrap();
    look(&shop).await;
    let delivered = || async { shop.campaign(id()).await.counted.clone().unwrap().1.at(Fate::Delivered) };
    assert_eq!(delivered().await, 0, "it is not due yet");
    let (mut times, mut before) = (0, Duration::ZERO);
    while let Some(due_at) = shop.campaign(id()).await.due_at {
        let wait: Duration = due_at.duration_since(*shop.world.now.lock().unwrap()).try_into().unwrap();
        assert!(wait >= before, "{wait:?} after {before:?}");
        before = wait;
        pass(&shop, wait);
        look(&shop).await;
        times += 1;
    }
    assert_eq!((delivered().await, shop.campaign(id()).await.state.clone()), (1, State::Sent));
    assert!((10..40).contains(&times), "{times} in two weeks");
}

#[tokio::test]
async fn a_receipt_may_come_while_it_is_counted() {
    let shop = launched(10).await;
    look(&shop).await;
    sent(&shop, 0, 10).await;
    let held = shop.store.campaign_chunk(id(), 0).await.unwrap().unwrap();
    let mut chunk = Chunk::clone(&held);
    chunk.hear(3, Heard::Bounced(Why::HardBounce), at());
    let (step, _) = shop.store.chunk_put(id(), 0, Some(&held), chunk);
    shop.store.commit(vec![step]).await.unwrap();
    look(&shop).await;
    let (_, counts) = shop.campaign(id()).await.counted.clone().unwrap();
    assert_eq!((counts.at(Fate::Sent), counts.at(Fate::Bounced), counts.whys[&Why::HardBounce]), (9, 1, 1));
}

#[tokio::test]
async fn whoever_has_lost_their_proof_since_a_campaign_was_scheduled_begins_none_and_is_told_why() {
    let shop = shop(tenant(), 3).await;
    let sender = Sender {
        id: SenderId::new(at(), [8; 10]),
        identity: Identity::Address("news@shop.test".parse().unwrap()),
        name: None,
        standing: Standing::Failed,
        records: Vec::new(),
        created_at: at(),
        created_by: UserId::new(at(), [1; 10]),
        checked_at: None,
    };
    shop.store.commit(vec![shop.store.sender_made(&sender)]).await.unwrap();
    let byline = Some(Byline { sender: sender.id, address: None });
    shop.has(id(), |campaign| campaign.byline = byline).await;
    shop.moves(id(), Act::Launch).await;
    look(&shop).await;
    let State::Failed { reason } = shop.campaign(id()).await.state.clone() else { panic!("it began") };
    assert!(reason.starts_with("its sender, news@shop.test, is failed"), "{reason}");
    assert!(shop.store.plan(id()).await.unwrap().is_none(), "nobody was chosen");
}

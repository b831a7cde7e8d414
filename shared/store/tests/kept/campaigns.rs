//! Campaigns and their work as they are stored. A changed snapshot is a migration.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use columns::{Members, Slot};
use domain::{
    Campaign, CampaignId, CustomerId, SegmentId, TenantId, UserId,
    campaign::{
        Act, Actor, ArmCounts, Care, Chunk, Counts, Decision, Heard, Kind, MessageId, Moved, Outcome, Plan,
        Rules, Trial, Who, Why,
        plan::Part,
        trial::{Metric, REST},
    },
    template::{Channel, Words},
    timeline::{Event, Written},
};
use std::sync::Arc;
use store::{
    CampaignHeard, CampaignTold, Chosen, Lay, MailsWanted, Store, StoreError, TenantStore,
    local::{LocalTable, Units},
};

use crate::instants::at;
use crate::shown::shown;

fn team() -> (Arc<LocalTable>, TenantStore) {
    let table = Arc::new(LocalTable::in_memory());
    let team = Store::new(table.clone()).for_task(TenantId::new(at(0), [1; 10]));
    (table, team)
}

fn spring() -> Campaign {
    let (id, by) = (CampaignId::new(at(0), [3; 10]), UserId::new(at(0), [2; 10]));
    let (name, audience) = ("Spring".parse().unwrap(), Who::Segment(SegmentId::new(at(0), [4; 10])));
    Campaign::draft(id, name, Kind::Newsletter, Channel::Sms, audience, by, at(0))
}

#[tokio::test]
async fn campaigns_are_kept_so() {
    let (table, team) = team();
    let (campaign, words) = (spring(), Words::Sms { text: "Hi {name}".to_owned() });
    team.commit(vec![team.campaign_made(&campaign, std::slice::from_ref(&words))]).await.unwrap();
    let held = team.campaign(campaign.id).await.unwrap().unwrap();
    let launched = held.moved(Act::Launch, at(5)).unwrap();
    let moved = Moved { act: "launched".to_owned(), to: "planning".to_owned(), by: Actor::Us, at: at(5) };
    team.commit(vec![team.campaign_moved(&held, &launched, &moved)]).await.unwrap();
    let late = team.commit(vec![team.campaign_moved(&held, &launched, &moved)]).await;
    assert!(matches!(late, Err(StoreError::Conflict(0))), "{late:?}: of two who launch it one does");

    let again = team.campaign(campaign.id).await.unwrap().unwrap();
    assert_eq!((&*again, team.campaign_words(&again).await.unwrap()), (&launched, Some(vec![words])));
    assert_eq!(team.campaign_moves(campaign.id).await.unwrap(), [moved]);
    assert_eq!(team.campaigns().await.unwrap().len(), 1);
    insta::assert_snapshot!(table.dump().unwrap().iter().map(shown).collect::<Vec<_>>().join("\n"));

    team.commit(vec![team.campaign_ended(&again)]).await.unwrap();
    assert!(table.dump().unwrap().is_empty(), "its words and its moves have ended, too");
}

#[tokio::test]
async fn each_of_the_words_that_it_tries_is_kept_and_goes_with_its_edition() {
    let (table, team) = team();
    let text = |text: &str| Words::Sms { text: text.to_owned() };
    let trial = Trial { shares: vec![30, 30], metric: Metric::Delivered, hours: 4 };
    let campaign = Campaign { rules: Rules { trial: Some(trial), ..Rules::default() }, ..spring() };
    team.commit(vec![team.campaign_made(&campaign, &[text("Hi"), text("Ho")])]).await.unwrap();
    let held = team.campaign(campaign.id).await.unwrap().unwrap();
    assert_eq!(team.campaign_words(&held).await.unwrap(), Some(vec![text("Hi"), text("Ho")]));
    assert_eq!(team.campaign_words_of(&held, 1).await.unwrap(), Some(text("Ho")));
    assert_eq!(team.campaign_words_of(&held, 2).await.unwrap(), None);

    let plain = Campaign { rules: Rules::default(), edition: 2, ..(*held).clone() };
    team.commit(vec![team.campaign_changed(&held, &plain, &[text("Hm")])]).await.unwrap();
    assert_eq!(team.campaign_words(&held).await.unwrap(), None, "of an edition that is no more");
    assert_eq!(table.dump().unwrap().len(), 2, "the campaign and its one text");

    let held = team.campaign(campaign.id).await.unwrap().unwrap();
    let trying = Campaign { edition: 3, rules: campaign.rules, ..(*held).clone() };
    team.commit(vec![team.campaign_changed(&held, &trying, &[text("Hi"), text("Ho")])]).await.unwrap();
    let held = team.campaign(campaign.id).await.unwrap().unwrap();
    let counts = ArmCounts { chosen: 9, sent: 8, delivered: 7, ..ArmCounts::default() };
    let arms = [(0, counts), (1, counts), (REST, counts)];
    let decision = Decision { arm: 1, at: at(9), by: Actor::Us, counts: arms.into() };
    let counted = Counts { arms: arms.into(), ..Counts::waiting(20) };
    let after = Campaign { decided: Some(decision), counted: Some((at(9), counted)), ..(*held).clone() };
    team.commit(vec![team.campaign_kept(&held, &after)]).await.unwrap();
    let held = team.campaign(campaign.id).await.unwrap().unwrap();
    assert_eq!(*held, after);
    team.commit(vec![team.campaign_ended(&held)]).await.unwrap();
    assert!(table.dump().unwrap().is_empty());
}

#[tokio::test]
async fn of_two_plans_one_holds_whole() {
    let (_, team) = team();
    let id = spring().id;
    team.slots_taken(70_000, 0).await.unwrap();
    let slots = |range: std::ops::Range<u32>| range.map(Slot).collect::<Members>();
    let plan = |chosen: u32| {
        let part = |shard, chosen| Part { wave: 0, not_before: None, shard, chosen, micros: None, arm: 0 };
        Plan {
            audience: 90,
            left_out: vec![(Why::NoConsent, 9)],
            parts: vec![part(0, chosen), part(1, 1)],
            ..Plan::default()
        }
    };
    let chosen = |members: Members, left: Members| Chosen {
        waves: [(0, members)].into(),
        left_out: [(Why::NoConsent, left)].into(),
    };
    let (one, other) = (slots(0..80).or(&slots(69_000..69_001)), slots(10..20));
    let first = team.plans_laid().await.unwrap();
    let others = chosen(other, slots(0..9));
    let done = team.lay_plan(id, 7, (&plan(80), &chosen(one.clone(), slots(90..99))), &first).await;
    assert_eq!(done.unwrap(), Lay::Done);
    let late = team.lay_plan(id, 8, (&plan(10), &others), &first).await;
    assert_eq!(late.unwrap(), Lay::TooLate);
    let another = CampaignId::new(at(0), [9; 10]);
    let unseen = team.lay_plan(another, 9, (&plan(10), &others), &first).await;
    assert_eq!(unseen.unwrap(), Lay::Unseen, "it does not know of the first");
    assert_eq!(team.plan(another).await.unwrap(), None);
    let now = team.plans_laid().await.unwrap();
    assert_eq!(team.lay_plan(another, 10, (&plan(10), &others), &now).await.unwrap(), Lay::Done);

    let planned = team.plan(id).await.unwrap().unwrap();
    assert_eq!(planned.plan, plan(80));
    assert_eq!(team.all_chosen(id, &planned).await.unwrap(), one);
    assert_eq!(team.left_out(id, &planned, Why::NoConsent).await.unwrap(), slots(90..99));
    let stretch = planned.plan.stretch(1).unwrap();
    let people = team.people_of(id, &planned, &stretch).await.unwrap();
    assert_eq!(people, (50..80).map(Slot).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_chunk_is_kept_to_the_millisecond_and_each_receipt_costs_one_write_unit() {
    let (table, team) = team();
    let id = spring().id;
    let mut chunk = Chunk::new(50);
    let claim = chunk.claim(50, at(0));
    for place in claim.places {
        let outcome = if place == 3 { Outcome::Failed(Why::Spam) } else { Outcome::Sent };
        chunk.answered(place, claim.at, outcome, Care::NeverTwice, at(1));
    }
    let (step, held) = team.chunk_put(id, 17, None, chunk.clone());
    team.commit(vec![step]).await.unwrap();
    let (twice, _) = team.chunk_put(id, 17, None, chunk.clone());
    assert!(matches!(team.commit(vec![twice]).await, Err(StoreError::Conflict(0))));

    let mut held = held;
    for place in 0..50 {
        chunk.hear(place, Heard::Delivered, at(60 + i64::try_from(place).unwrap()));
        chunk.hear(place, Heard::Opened { by_machine: true }, at(80));
        chunk.hear(place, Heard::Clicked { by_machine: false }, at(90_000));
        let before = table.ledger();
        let (step, next) = team.chunk_put(id, 17, Some(&held), chunk.clone());
        team.commit(vec![step]).await.unwrap();
        assert_eq!(table.ledger().since(&before).writes, Units::whole(1), "at {place}");
        held = next;
    }
    // Of which links is kept for those who followed some; all instants stay as they were.
    for (place, link) in [(3, 5), (3, 9), (4, 15)] {
        chunk.hear(place, Heard::Followed { place: link }, at(95_000));
    }
    let (step, _) = team.chunk_put(id, 17, Some(&held), chunk.clone());
    team.commit(vec![step]).await.unwrap();
    let read = team.campaign_chunk(id, 17).await.unwrap().unwrap();
    assert_eq!((&*read, read.version()), (&chunk, 52));
    assert_eq!(read.messages[3].follows.all().len(), 3);
    let all = team.all_campaign_chunks(id).await.unwrap();
    assert_eq!(
        all.into_iter().map(|(number, held)| (number, held.into_inner())).collect::<Vec<_>>(),
        [(17, chunk.clone())]
    );

    let message = MessageId { tenant: team.id(), campaign: id, chunk: 17, place: 49 };
    let nobody = MessageId { chunk: 18, ..message };
    let messages = team.messages(&[message, nobody]).await.unwrap();
    assert_eq!((messages.get(&message), messages.get(&nobody)), (Some(&chunk.messages[49]), None));
}

#[tokio::test]
async fn a_message_stands_in_the_timeline_at_its_launch_however_often_it_is_noted() {
    let (_, team) = team();
    let customer = CustomerId::Shopify(7001);
    let message = MessageId { tenant: team.id(), campaign: spring().id, chunk: 17, place: 49 };
    let written = Written { message, name: "Spring".to_owned(), channel: Channel::Sms };
    for _ in 0..2 {
        team.commit(vec![team.message_noted(customer, at(5), &written)]).await.unwrap();
    }
    let events = team.events(customer, 10, None).await.unwrap().events;
    assert_eq!(events, [(at(5), Event::Written(written))]);
    team.commit(vec![team.message_unnoted(customer, at(5), message.campaign)]).await.unwrap();
    assert!(team.events(customer, 10, None).await.unwrap().events.is_empty());
}

#[tokio::test]
async fn what_was_told_of_a_campaign_is_kept_so_and_so_is_which_mails_a_member_wants() {
    let (table, team) = team();
    let (id, user) = (spring().id, UserId::new(at(0), [7; 10]));
    assert!(team.mails_wanted(user).await.unwrap().campaigns, "unless they say otherwise");
    let fates = [(domain::campaign::Fate::Delivered, 2), (domain::campaign::Fate::Bounced, 1)].into();
    let counts = Counts { chosen: 3, fates, whys: [(Why::HardBounce, 1)].into(), ..Counts::default() };
    let heard = CampaignHeard {
        asked_for: Some(at(1)),
        not_before: Some(at(6)),
        told: Some(("sending".to_owned(), counts)),
    };
    let (step, _) = team.campaign_heard_changed(id, None, heard.clone(), at(0));
    let told = CampaignTold { told_at: Some(at(9)), ..CampaignTold::default() };
    let (other, _) = team.campaign_told_changed(id, None, told.clone());
    let wanted = team.mails_wanted_put(user, MailsWanted { campaigns: false, ..MailsWanted::default() });
    team.commit(vec![step, other, wanted]).await.unwrap();
    assert_eq!(team.campaign_heard(id).await.unwrap().unwrap().into_inner(), heard);
    assert_eq!(team.campaign_told(id).await.unwrap().unwrap().into_inner(), told);
    assert!(!team.mails_wanted(user).await.unwrap().campaigns);
    let (twice, _) = team.campaign_told_changed(id, None, told);
    assert!(matches!(team.commit(vec![twice]).await, Err(StoreError::Conflict(0))));
    let listed: Vec<_> = table.dump().unwrap().iter().map(shown).collect();
    insta::assert_snapshot!(listed.join("\n"));
}

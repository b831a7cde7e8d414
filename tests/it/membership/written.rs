//! Who did what with which letter: what is told of messages fills a segment, and the shop's day empties it (SEG-02, SEG-08, SEG-09).

use super::{
    PATH, house, members, moves, must_be_as_from_nothing, segment, store_of,
    time::{at, first_minute_after},
};
use crate::links::{letter_to, open, path_in, reader, sent};
use columns::{Dated, Slot};
use domain::{
    Timestamp,
    campaign::{Upshot, Why, Written},
};
use flows::Clock;
use local::World;
use segments::{Outcomes, Told};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};
use store::TenantStore;

type Whom = BTreeMap<(Upshot, Option<bool>, Option<Why>), Vec<(Slot, Option<u32>)>>;

/// Of the messages themselves, past whatever was told of them.
pub(super) async fn outcomes(store: &TenantStore) -> Outcomes {
    let mut outcomes = Outcomes::default();
    for campaign in store.campaigns().await.expect("memory holds") {
        let Some(planned) = store.plan(campaign.id).await.expect("memory holds") else { continue };
        let mut whom = Whom::new();
        for (number, chunk) in store.all_campaign_chunks(campaign.id).await.expect("memory holds") {
            let stretch = planned.plan.stretch(number).expect("a chunk of the plan");
            let slots = store.people_of(campaign.id, &planned, &stretch).await.expect("memory holds");
            for (slot, message) in slots.into_iter().zip(&chunk.messages) {
                for it in message.became() {
                    let second = it.at.map(|at| u32::try_from(at.as_second()).expect("after 1970"));
                    whom.entry((it.outcome, it.by_person, it.why)).or_default().push((slot, second));
                }
            }
        }
        let launched_at = campaign.launched_at.expect("it has a plan");
        for (why, _) in &planned.plan.left_out {
            let left = store.left_out(campaign.id, &planned, *why).await.expect("memory holds");
            let second = u32::try_from(launched_at.as_second()).ok();
            let all = left.iter().map(|slot| (slot, second));
            whom.entry((Upshot::Skipped, None, Some(*why))).or_default().extend(all);
        }
        let (id, channel) = (campaign.id, campaign.channel);
        outcomes.written.push(Written {
            campaign: id,
            channel,
            launched_at: Timestamp::MIN,
            last_at: Timestamp::MAX,
            messages: 1,
            edition: 1,
            print: 0,
        });
        outcomes.told.extend(whom.into_iter().map(|((outcome, by_person, why), whom)| Told {
            campaign: id,
            channel,
            outcome,
            by_person,
            why,
            whom: Arc::new(Dated::of(whom)),
        }));
    }
    outcomes
}

/// Until whoever counts has looked.
async fn heard(world: &World) {
    for _ in 0..6 {
        world.settle().await;
    }
}

#[tokio::test]
async fn whoever_opens_a_letter_joins_and_leaves_when_that_is_long_ago() {
    let world = World::new(1).await;
    let owner = house(&world, "owner").await;
    let store = store_of(&world, &owner);
    let mut people = Vec::new();
    for name in ["Ada", "Beth", "Celia", "Dorothy"] {
        people.push(reader(&world, &owner, name).await);
    }
    let [ada, beth, celia, dorothy] = &people[..] else { panic!("four were made") };
    let spring = sent(&world, &owner, "Spring").await;
    let opened = format!("campaign_events MATCHES (type = 'OPENED', campaign_id = '{spring}', date >= -30d)");
    let by_machines = "campaign_events MATCHES (type = 'OPENED', human = FALSE)";
    let silent = "campaign_events MATCHES (type = 'SENT') AND campaign_events NOT MATCHES (type = 'OPENED')";
    let opened_by = segment(&world, &owner, "Opened", &opened).await;
    let machines = segment(&world, &owner, "Machines", by_machines).await;
    let silent = segment(&world, &owner, "Silent", silent).await;
    world.settle().await;
    let check = async |what: &str, expected: [&[&String]; 3]| {
        for (id, those) in [&opened_by, &machines, &silent].into_iter().zip(expected) {
            let those = those.iter().map(|id| (*id).clone()).collect();
            assert_eq!(members(&store, id).await, those, "{what}");
        }
        must_be_as_from_nothing(&world, &store, world.clock.now(), what).await;
    };
    check("all were written to", [&[], &[], &[ada, beth, celia, dorothy]]).await;

    open(&world, &path_in(&letter_to(&world, "Ada"), "/t/open/")).await;
    open(&world, &path_in(&letter_to(&world, "Celia"), "/t/click/")).await;
    let by_machine = path_in(&letter_to(&world, "Beth"), "/t/open/");
    world.get(&by_machine).header("user-agent", "BarracudaCentral/1.0").send().await;
    heard(&world).await;
    check("two opened it, and a machine one", [&[ada, celia], &[beth], &[dorothy]]).await;
    let preview = owner.post(&world, &format!("{PATH}/preview"), &json!({"rule": opened})).await;
    assert_eq!(preview.at("/total"), json!(2), "{}", preview.text);
    let why = owner.get(&world, &format!("{PATH}/{opened_by}/explain/{ada}")).await;
    assert!(why.text.contains("1 event of a message fits"), "{}", why.text);
    assert!(why.text.contains("2026-10-22T04:00:00Z"), "with that day it is too long ago: {}", why.text);

    // Nothing is told anew where nothing has become of anything.
    let before = store.changes_beside().await.expect("memory holds");
    heard(&world).await;
    assert_eq!(store.changes_beside().await.expect("memory holds"), before);

    let summer = sent(&world, &owner, "Summer").await;
    let mut letters = world.vendor.letters().into_iter();
    let letter = letters.find(|it| it.to.as_str() == "dorothy@example.com").expect("it has come");
    assert!(letter.message.as_str().contains(&summer), "the newest comes first");
    open(&world, &path_in(&letter, "/t/open/")).await;
    heard(&world).await;
    check("another letter is nothing to it", [&[ada, celia], &[beth], &[]]).await;

    let erased = owner.call(&world, "DELETE", &format!("/api/v1/customers/{celia}"), &json!({})).await;
    assert!(erased.status.is_success(), "{}", erased.text);
    world.settle().await;
    check("whoever is erased leaves", [&[ada], &[beth], &[]]).await;

    world.clock.advance_to(at("2026-10-21T23:57:00-04:00").as_millisecond());
    world.storm_through().await;
    check("thirty days ago", [&[ada], &[beth], &[]]).await;
    first_minute_after(&world, "2026-10-22T00:00:00-04:00").await;
    check("a day more", [&[], &[beth], &[]]).await;
    let told = [("segment_left", "Silent"), ("segment_joined", "Opened"), ("segment_left", "Opened")];
    let mut found = moves(&world, &owner, ada).await;
    found[..2].sort_by(|one, other| other.cmp(one));
    assert_eq!(found, told.map(|(kind, name)| (kind.to_owned(), name.to_owned())));
}

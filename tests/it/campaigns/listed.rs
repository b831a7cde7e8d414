//! Lists of campaigns, and all of them together.

use super::{PATH, acted, made, sms};
use crate::{
    cast::Person,
    customers::{shop, told},
};
use domain::{
    Campaign,
    campaign::{CAMPAIGNS_MAX, Counts, Fate},
    template::Words,
};
use local::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

async fn names(world: &World, owner: &Person, query: &str) -> Vec<String> {
    let answer = owner.get(world, &format!("{PATH}?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    let items = answer.at("/items").as_array().cloned().unwrap_or_default();
    assert!(answer.at("/total").as_u64() >= Some(items.len() as u64));
    items.iter().map(|item| item["name"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn the_newest_comes_first_and_filters_leave_out_the_others() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let mail =
        json!({"name": "Été", "type": "NEWSLETTER", "subject": "Hi", "html": "Hi", "rule": "EVERYONE"});
    let reminder = json!({"name": "Basket left", "kind": "reminder", "channel": "sms", "text": "Hi", "rule": "EVERYONE"});
    let mut ids = Vec::new();
    for body in [sms("Spring sale"), mail, reminder, sms("Winter sale")] {
        // Of one millisecond's ids nobody knows the order.
        world.clock.advance_seconds(1);
        ids.push(made(&world, &owner, &body).await);
    }
    acted(&world, &owner, &ids[0], "launch").await;
    acted(&world, &owner, &ids[3], "archive").await;
    for (query, expected) in [
        ("", vec!["Basket left", "Été", "Spring sale"]),
        ("archived=true", vec!["Winter sale"]),
        ("status=draft", vec!["Basket left", "Été"]),
        ("status=DRAFT", vec!["Basket left", "Été"]),
        ("status=ACTIVE", vec!["Spring sale"]),
        ("status=completed", vec![]),
        ("kind=newsletter", vec!["Été"]),
        ("type=PROMOTIONAL", vec!["Spring sale"]),
        ("channel=email", vec!["Été"]),
        ("search=ete", vec!["Été"]),
        ("search=LEFT%20basket", vec!["Basket left"]),
        ("search=sale&archived=true", vec!["Winter sale"]),
    ] {
        assert_eq!(names(&world, &owner, query).await, expected, "{query}");
    }
    let first = owner.get(&world, &format!("{PATH}?limit=2")).await;
    assert_eq!((first.at("/total"), first.text_at("/items/1/name")), (json!(3), "Été".to_owned()));
    // What is made meanwhile is on no later page, and moves none.
    world.clock.advance_seconds(1);
    made(&world, &owner, &sms("Late")).await;
    let rest = owner.get(&world, &format!("{PATH}?limit=2&cursor={}", first.text_at("/next"))).await;
    assert_eq!((rest.text_at("/items/0/name"), rest.at("/next")), ("Spring sale".to_owned(), Value::Null));
    for (query, at) in [
        ("status=gone", "?status"),
        ("kind=spam", "?kind"),
        ("channel=fax", "?channel"),
        ("limit=101", "?limit"),
        ("cursor=x", "?cursor"),
    ] {
        let refused = owner.get(&world, &format!("{PATH}?{query}")).await;
        assert_eq!((refused.status.as_u16(), told(&refused).2), (400, at.to_owned()), "{query}");
    }
    let other = shop(&world, "other").await;
    let theirs = other.get(&world, &format!("{PATH}?cursor={}", first.text_at("/next"))).await;
    assert_eq!(told(&theirs).2, "?cursor", "a cursor is its tenant's");
    assert_eq!(names(&world, &other, "").await, Vec::<String>::new());
}

fn counts(delivered: u64, bounced: u64, failed: u64) -> Counts {
    let fates =
        BTreeMap::from([(Fate::Delivered, delivered), (Fate::Bounced, bounced), (Fate::Failed, failed)]);
    Counts { chosen: delivered + bounced + failed, fates, opened: delivered / 2, ..Counts::default() }
}

#[tokio::test]
async fn totals_are_those_of_the_campaigns_and_lists_read_none_of_their_messages() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let store = world.store_of(owner.tenant.parse().unwrap());
    let empty = owner.get(&world, &format!("{PATH}/stats")).await;
    assert_eq!((empty.at("/total"), empty.at("/delivery_rate_percent")), (json!(0), Value::Null));
    for (name, counted) in [("One", counts(80, 10, 10)), ("Two", counts(10, 0, 5))] {
        world.clock.advance_seconds(1);
        let id = made(&world, &owner, &sms(name)).await;
        acted(&world, &owner, &id, "launch").await;
        let held = store.campaign(id.parse().unwrap()).await.unwrap().unwrap();
        let after = Campaign { counted: Some((held.updated_at, counted)), ..(*held).clone() };
        store.commit(vec![store.campaign_kept(&held, &after)]).await.unwrap();
    }
    made(&world, &owner, &sms("Three")).await;
    let stats = owner.get(&world, &format!("{PATH}/stats")).await;
    for (pointer, expected) in [
        ("/total", json!(3)),
        ("/active", json!(2)),
        ("/by_status", json!({"draft": 1, "planning": 2})),
        ("/messages/chosen", json!(115)),
        ("/messages/delivered", json!(90)),
        ("/messages/bounced", json!(10)),
        ("/messages/failed", json!(15)),
        ("/messages/opened", json!(45)),
        ("/delivery_rate_percent", json!(90.0)),
    ] {
        assert_eq!(stats.at(pointer), expected, "{pointer}");
    }
    let listed = owner.get(&world, &format!("{PATH}?status=planning")).await;
    assert_eq!(
        (listed.at("/items/1/counts/delivered"), listed.at("/items/1/counts/chosen")),
        (json!(80), json!(100))
    );
}

#[tokio::test]
async fn there_are_only_so_many_campaigns_that_are_not_archived() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    let store = world.store_of(owner.tenant.parse().unwrap());
    let first = made(&world, &owner, &sms("First")).await;
    let last = made(&world, &owner, &sms("Last")).await;
    acted(&world, &owner, &last, "archive").await;
    let held = store.campaign(first.parse().unwrap()).await.unwrap().unwrap();
    for number in 1..CAMPAIGNS_MAX {
        let mut dice = [0; 10];
        dice[..8].copy_from_slice(&(number as u64).to_be_bytes());
        let id = domain::CampaignId::new(held.created_at, dice);
        let copy = held.copied(id, held.name.clone(), held.created_by, held.created_at);
        let words = Words::Sms { text: "Hi".to_owned() };
        store.commit(vec![store.campaign_made(&copy, &[words])]).await.unwrap();
    }
    for (path, body) in [
        (PATH.to_owned(), sms("One more")),
        (format!("{PATH}/{first}/duplicate"), json!({})),
        (format!("{PATH}/{last}/unarchive"), json!({})),
    ] {
        let refused = owner.post(&world, &path, &body).await;
        assert_eq!(
            (refused.status.as_u16(), told(&refused).1.as_str()),
            (409, "too_many_campaigns"),
            "{path}"
        );
    }
    acted(&world, &owner, &first, "archive").await;
    acted(&world, &owner, &last, "unarchive").await;
}

//! Of everybody whom a campaign meant it is told what became of their message, or why they got none (DLV-02).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::PATH;
use crate::{
    cast::{PASSWORD, Person, login},
    customers::shop,
    links::launched,
};
use domain::{
    CampaignId,
    campaign::{Heard, Why},
};
use flows::Clock;
use local::{World, world::Answer};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{TenantStore, local::Units};

const AGREED: usize = 130;
const SILENT: usize = 5;
const HOMELESS: usize = 2;

/// A campaign to people of three kinds, that is over; and by its store what came of some messages.
async fn written(world: &World) -> (Person, TenantStore, CampaignId) {
    let owner = shop(world, "owner").await;
    let agreed = (0..AGREED).map(|n| {
        let consent = json!({"state": "subscribed"});
        json!({"name": format!("Ada {n}"), "email": format!("ada{n}@example.com"), "email_consent": consent})
    });
    let silent = (0..SILENT).map(|n| json!({"name": "=1+1", "email": format!("bob{n}@example.com")}));
    let homeless =
        (0..HOMELESS).map(|n| json!({"name": format!("Cyd {n}"), "phone": format!("+1415555010{n}")}));
    let all: Vec<Value> = agreed.chain(silent).chain(homeless).collect();
    let made = owner.post(world, "/api/v1/customers/bulk", &json!({"customers": all})).await;
    assert!(made.status.is_success(), "{}", made.text);
    let id = launched(
        world,
        &owner,
        &json!({"name": "Spring", "kind": "newsletter", "rule": "EVERYONE",
        "subject": "Hi", "html": "<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>"}),
    )
    .await;
    let (store, id) = (world.store_of(owner.tenant.parse().unwrap()), id.parse().unwrap());
    let owner = Person::of(&login(world, &owner.email, PASSWORD).await);
    (owner, store, id)
}

/// As a provider would have told it.
async fn told(world: &World, store: &TenantStore, id: CampaignId, number: u32, all: &[(usize, Heard)]) {
    let held = store.campaign_chunk(id, number).await.unwrap().unwrap();
    let mut after = domain::campaign::Chunk::clone(&held);
    for (place, heard) in all {
        assert!(after.hear(*place, *heard, world.clock.now()));
    }
    let (step, _) = store.chunk_put(id, number, Some(&held), after);
    store.commit(vec![step]).await.unwrap();
}

async fn recounted(world: &World, owner: &Person) -> Person {
    for _ in 0..3 {
        world.tick().await;
        world.settle().await;
    }
    Person::of(&login(world, &owner.email, PASSWORD).await)
}

/// All pages of a list.
async fn all(world: &World, owner: &Person, path: &str, query: &str) -> (Vec<Value>, Answer) {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = owner.get(world, &format!("{path}?limit=40&{query}{cursor}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        items.extend(page.at("/items").as_array().cloned().unwrap_or_default());
        match page.at("/next").as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (items, page),
        }
    }
}

fn by(items: &[Value], member: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item[member].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn everybody_who_was_meant_is_in_one_of_two_lists_and_totals_are_those_of_the_campaign() {
    let world = World::new(1).await;
    let (owner, store, id) = written(&world).await;
    let late = [(0, Heard::Complained), (1, Heard::Opened { by_machine: false }), (2, Heard::Unsubscribed)];
    told(&world, &store, id, 0, &late).await;
    let plan = store.plan(id).await.unwrap().unwrap();
    assert_eq!((plan.plan.chunks(), plan.plan.chosen()), (3, AGREED as u64));
    let owner = recounted(&world, &owner).await;
    let (messages, page) = all(&world, &owner, &format!("{PATH}/{id}/messages"), "").await;
    let (left_out, others) = all(&world, &owner, &format!("/api/campaigns/{id}/exclusions"), "").await;
    assert_eq!((messages.len(), left_out.len()), (AGREED, SILENT + HOMELESS));
    assert_eq!((page.at("/total"), others.at("/total")), (json!(AGREED), json!(SILENT + HOMELESS)));
    let people: BTreeSet<_> =
        messages.iter().chain(&left_out).filter_map(|item| item["customer_id"].as_str()).collect();
    assert_eq!(people.len(), AGREED + SILENT + HOMELESS, "each once");
    let shown = owner.get(&world, &format!("{PATH}/{id}")).await;
    assert_eq!(shown.at("/plan/audience"), json!(people.len()));
    for (state, count) in by(&messages, "state") {
        assert_eq!(shown.at(&format!("/counts/{state}")), json!(count), "{state}");
        let (some, page) =
            all(&world, &owner, &format!("{PATH}/{id}/messages"), &format!("state={state}")).await;
        assert_eq!((some.len() as u64, page.at("/total")), (count, json!(count)), "{state}");
    }
    let expected = BTreeMap::from([("no_consent".to_owned(), 5), ("no_address".to_owned(), 2)]);
    assert_eq!(by(&left_out, "reason"), expected);
    for (reason, count) in expected {
        let path = format!("{PATH}/{id}/exclusions");
        let (some, page) = all(&world, &owner, &path, &format!("reason={reason}")).await;
        assert_eq!((some.len() as u64, page.at("/total")), (count, json!(count)), "{reason}");
        assert!(some.iter().all(|item| item["reason"] == json!(reason) && item["at"].is_string()));
    }
    let of = |member: &str| messages.iter().filter(|item| item[member] == json!(true)).count();
    assert_eq!((of("complained"), of("unsubscribed")), (1, 1));
    assert_eq!(messages.iter().filter(|item| item["opened_at"].is_string()).count(), 1);
}

#[tokio::test]
async fn messages_are_found_by_why_they_did_not_arrive_and_whoever_is_erased_has_no_name() {
    let world = World::new(2).await;
    let (owner, store, id) = written(&world).await;
    // What a provider never said anything of came back.
    let held = store.campaign_chunk(id, 2).await.unwrap().unwrap();
    let mut after = domain::campaign::Chunk::clone(&held);
    for place in [3, 4] {
        let message = &mut after.messages[place];
        (message.fate, message.why) = (domain::campaign::Fate::Bounced, Some(Why::HardBounce));
    }
    let (step, _) = store.chunk_put(id, 2, Some(&held), after);
    store.commit(vec![step]).await.unwrap();
    let owner = recounted(&world, &owner).await;
    let path = format!("{PATH}/{id}/messages");
    for query in ["state=bounced", "reason=hard_bounce", "status=BOUNCED"] {
        let (found, page) = all(&world, &owner, &path, query).await;
        assert_eq!((found.len(), page.at("/total")), (2, json!(2)), "{query}");
    }
    let (found, page) = all(&world, &owner, &path, "state=bounced&reason=hard_bounce").await;
    assert_eq!((found.len(), page.at("/total")), (2, Value::Null), "nobody counts both together");
    let whose = found[0]["customer_id"].as_str().unwrap_or_default().to_owned();
    assert!(found[0]["name"].as_str().is_some_and(|name| name.starts_with("Ada ")), "{found:?}");
    let gone = owner.call(&world, "DELETE", &format!("/api/v1/customers/{whose}"), &json!({})).await;
    assert_eq!(gone.status, 204);
    let (after, _) = all(&world, &owner, &path, "").await;
    let theirs: Vec<_> = after.iter().filter(|item| item["customer_id"] == json!(whose)).collect();
    assert_eq!((theirs.len(), &theirs[0]["name"]), (1, &Value::Null));
    for (query, at) in [
        ("state=gone", "?state"),
        ("reason=x", "?reason"),
        ("limit=0", "?limit"),
        ("cursor=x", "?cursor"),
        ("format=pdf", "?format"),
        ("format=csv&limit=5", "?limit"),
    ] {
        let refused = owner.get(&world, &format!("{path}?{query}")).await;
        assert_eq!(
            (refused.status.as_u16(), crate::customers::told(&refused).2),
            (400, at.to_owned()),
            "{query}"
        );
    }
    let draft = super::made(&world, &owner, &super::sms("Draft")).await;
    for list in ["messages", "exclusions"] {
        let none = owner.get(&world, &format!("{PATH}/{draft}/{list}")).await;
        assert_eq!(
            (none.at("/items"), none.at("/total"), none.at("/next")),
            (json!([]), json!(0), Value::Null)
        );
    }
}

#[tokio::test]
async fn before_the_first_count_nobody_knows_how_many_are_in_a_state() {
    let world = World::new(5).await;
    let (owner, store, id) = written(&world).await;
    let held = store.campaign(id).await.unwrap().unwrap();
    let uncounted = domain::Campaign { counted: None, ..domain::Campaign::clone(&held) };
    store.commit(vec![store.campaign_kept(&held, &uncounted)]).await.unwrap();
    let path = format!("{PATH}/{id}/messages");
    for (query, total) in [
        ("", json!(AGREED)),
        ("state=delivered", Value::Null),
        ("state=failed", Value::Null),
        ("reason=hard_bounce", Value::Null),
        ("state=failed&reason=hard_bounce", Value::Null),
    ] {
        let page = owner.get(&world, &format!("{path}?{query}")).await;
        assert_eq!(
            (page.at("/total"), page.at("/counted_at")),
            (total, Value::Null),
            "{query}: {}",
            page.text
        );
    }
    let draft = super::made(&world, &owner, &super::sms("Draft")).await;
    let none = owner.get(&world, &format!("{PATH}/{draft}/messages?state=sent")).await;
    assert_eq!(none.at("/total"), json!(0), "nobody was chosen: {}", none.text);
    let owner = recounted(&world, &owner).await;
    let page = owner.get(&world, &format!("{path}?state=failed")).await;
    assert!(page.at("/total").is_u64() && page.at("/counted_at").is_string(), "{}", page.text);
}

#[tokio::test]
async fn both_lists_are_files_too_and_a_name_is_no_formula() {
    let world = World::new(3).await;
    let (owner, _, id) = written(&world).await;
    let messages = owner.get(&world, &format!("{PATH}/{id}/messages?format=csv")).await;
    assert!(messages.header("content-type").starts_with("text/csv"), "{}", messages.header("content-type"));
    assert_eq!(messages.text.lines().count(), 1 + AGREED);
    assert!(messages.text.starts_with("customer_id,name,state,reason,"), "{}", messages.text);
    let excluded = owner.get(&world, &format!("{PATH}/{id}/exclusions?format=csv&reason=no_consent")).await;
    assert_eq!(excluded.text.lines().count(), 1 + SILENT);
    assert!(excluded.text.contains("'=1+1") && !excluded.text.contains(",=1+1"), "{}", excluded.text);
    assert!(excluded.header("content-disposition").contains("exclusions.csv"));
}

#[tokio::test]
async fn a_page_reads_the_chunks_that_it_shows_and_no_others() {
    let world = World::new(4).await;
    let (owner, ..) = written(&world).await;
    // As large as a campaign may be: most of its chunks stand beside the page.
    let store = world.store_of(owner.tenant.parse().unwrap());
    let id: CampaignId = owner.get(&world, PATH).await.text_at("/items/0/id").parse().unwrap();
    let chunk = store.campaign_chunk(id, 0).await.unwrap().unwrap();
    for number in 3..300 {
        let (step, _) = store.chunk_put(id, number, None, domain::campaign::Chunk::clone(&chunk));
        store.commit(vec![step]).await.unwrap();
    }
    let path = format!("{PATH}/{id}/messages?limit=20");
    owner.get(&world, &path).await;
    let before = world.table.ledger();
    let page = owner.get(&world, &path).await;
    assert_eq!(page.at("/items").as_array().map(Vec::len), Some(20));
    let reads = world.table.ledger().since(&before).reads;
    assert!(reads <= Units::whole(40), "a page costs {reads} read units");
    let before = world.table.ledger();
    owner.get(&world, &format!("{PATH}/{id}/exclusions?limit=5")).await;
    let reads = world.table.ledger().since(&before).reads;
    assert!(reads <= Units::whole(40), "a page costs {reads} read units");
    // A list, and totals, cost the same whatever their campaigns have sent.
    for path in [PATH.to_owned(), format!("{PATH}/stats"), "/campaignStats".to_owned()] {
        let before = world.table.ledger();
        assert_eq!(owner.get(&world, &path).await.status, 200);
        let reads = world.table.ledger().since(&before).reads;
        assert!(reads <= Units::whole(12), "{path} costs {reads} read units");
    }
}

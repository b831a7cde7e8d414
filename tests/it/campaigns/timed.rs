//! When a segment reads is found in what its people opened, and is not guessed (AI-08, ANA-15).

use crate::{
    cast::{PASSWORD, Person, login},
    customers::{made, shop, told},
    links::launched,
};
use domain::campaign::Heard;
use flows::Clock;
use jiff::{Timestamp, ToSpan, civil::Weekday};
use local::World;
use serde_json::{Value, json};
use store::local::Units;

const ZONE: &str = "America/New_York";
const PATH: &str = "/api/v1/ai/smart-scheduling";

/// The first such hour after now, by the shop's clocks.
fn next(world: &World, weekday: Weekday, hour: i8) -> Timestamp {
    let mut at = world.clock.now().in_tz(ZONE).unwrap();
    while at.weekday() != weekday || at.hour() != hour {
        at = at.checked_add(1.hour()).unwrap();
    }
    at.timestamp()
}

/// A shop whose early ones read on Tuesdays at three, and whose late ones on Fridays at nine; and machines in the night.
async fn read(world: &World, each: usize) -> (Person, String, String) {
    let owner = shop(world, "owner").await;
    let zone = json!({"timezone": ZONE});
    assert_eq!(owner.call(world, "PATCH", "/api/v1/tenants/me", &zone).await.status, 200);
    for number in 0..each * 2 {
        let body = json!({"email": format!("p{number}@example.com"), "email_consent": {"state": "subscribed"},
            "tags": [if number % 2 == 0 { "early" } else { "late" }]});
        made(world, &owner, &body).await;
    }
    let mut segments = Vec::new();
    for tag in ["early", "late"] {
        let rule = json!({"name": tag, "rule": format!("customer_tags CONTAINS '{tag}'")});
        segments.push(owner.post(world, "/api/v1/segments", &rule).await.text_at("/id"));
    }
    let letter = json!({"name": "Spring", "kind": "newsletter", "rule": "EVERYONE", "subject": "Hi",
        "html": "<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>"});
    let id = launched(world, &owner, &letter).await.parse().unwrap();
    let store = world.store_of(owner.tenant.parse().unwrap());
    let (night, early, late) =
        (next(world, Weekday::Monday, 3), next(world, Weekday::Tuesday, 15), next(world, Weekday::Friday, 9));
    let mut number = 0;
    for chunk in 0.. {
        let Some(held) = store.campaign_chunk(id, chunk).await.unwrap() else { break };
        let mut after = domain::campaign::Chunk::clone(&held);
        for place in 0..after.messages.len() {
            let at = if number % 2 == 0 { early } else { late };
            after.hear(place, Heard::Opened { by_machine: true }, night);
            after.hear(place, Heard::Clicked { by_machine: true }, night);
            after.hear(place, Heard::Opened { by_machine: false }, at);
            after.hear(
                place,
                Heard::Clicked { by_machine: false },
                at + jiff::SignedDuration::from_hours(20),
            );
            number += 1;
        }
        let (step, _) = store.chunk_put(id, chunk, Some(&held), after);
        store.commit(vec![step]).await.unwrap();
    }
    world.settle().await;
    let owner = Person::of(&login(world, &owner.email, PASSWORD).await);
    (owner, segments.remove(0), segments.remove(0))
}

#[tokio::test]
async fn each_segment_has_its_own_hour_and_machines_have_none() {
    let world = World::new(1).await;
    let (owner, early, late) = read(&world, 55).await;
    for path in
        [PATH, "/api/ai/smart-scheduling", "/api/ai/scheduling-suggestions", "/scheduling-suggestions"]
    {
        let told = owner.post(&world, path, &json!({"segmentId": early})).await;
        assert_eq!(told.status, 200, "{}", told.text);
        let found = (told.text_at("/verdict"), told.text_at("/best_day"), told.text_at("/best_time"));
        assert_eq!(
            found,
            ("found".to_owned(), "tuesday".to_owned(), "15:00".to_owned()),
            "{path}: {}",
            told.text
        );
        assert_eq!(told.at("/based_on/messages"), json!(55), "{}", told.text);
        assert_eq!(told.at("/based_on/read"), json!(55));
        assert_eq!(told.at("/expected_engagement_rate_percent"), json!(100.0));
        assert_eq!(told.text_at("/timezone"), ZONE);
    }
    let other = owner.post(&world, PATH, &json!({"segment_id": late, "campaignType": "newsletter"})).await;
    assert_eq!(
        (other.text_at("/best_day"), other.text_at("/best_time")),
        ("friday".to_owned(), "09:00".to_owned())
    );
    let all = owner.post(&world, PATH, &json!({})).await;
    assert_eq!(
        (all.at("/based_on/read"), all.at("/alternatives").as_array().map(Vec::len)),
        (json!(110), Some(1))
    );
    let none = owner.post(&world, PATH, &json!({"campaign_type": "reminder"})).await;
    assert_eq!(
        (none.text_at("/verdict"), none.at("/based_on/campaigns")),
        ("not_enough_data".to_owned(), json!(0))
    );
    for (body, status) in [(json!({"campaign_type": "spam"}), 400), (json!({"segment_id": "x"}), 404)] {
        let refused = owner.post(&world, PATH, &body).await;
        assert_eq!(refused.status.as_u16(), status, "{:?}", told(&refused));
    }
}

#[tokio::test]
async fn little_is_said_to_be_little() {
    let world = World::new(2).await;
    let (owner, early, _) = read(&world, 49).await;
    let told = owner.post(&world, PATH, &json!({"segment_id": early})).await;
    assert_eq!((told.text_at("/verdict"), told.at("/best_day")), ("not_enough_data".to_owned(), Value::Null));
    assert_eq!((told.at("/based_on/read"), told.at("/based_on/read_at_least")), (json!(49), json!(50)));
    assert!(told.text_at("/reasoning").contains("not enough data"), "{}", told.text);
    assert_eq!(told.at("/expected_engagement_rate_percent"), Value::Null);
}

#[tokio::test]
async fn only_the_chunks_are_read_in_which_somebody_of_the_segment_is() {
    let world = World::new(3).await;
    let (owner, ..) = read(&world, 160).await;
    let list = owner.post(&world, "/api/v1/segments", &json!({"name": "One", "kind": "static"})).await;
    let list = if list.status == 201 { list.text_at("/id") } else { panic!("{}", list.text) };
    let one = owner.get(&world, "/api/v1/customers?limit=1").await.text_at("/items/0/id");
    let put =
        owner.post(&world, &format!("/api/v1/segments/{list}/members"), &json!({"customers": [one]})).await;
    assert_eq!(put.status, 200, "{}", put.text);
    let cost = async |body: Value| {
        let before = world.table.ledger();
        assert_eq!(owner.post(&world, PATH, &body).await.status, 200);
        world.table.ledger().since(&before).reads
    };
    let (some, all) = (cost(json!({"segment_id": list})).await, cost(json!({})).await);
    assert!(some <= Units::whole(20), "one of 320 costs {some} read units");
    assert!(all <= Units::whole(40), "all of 320 cost {all} read units");
}

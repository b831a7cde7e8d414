//! What is done by itself is told: scores and segments each night, the count of calls each month, each once (JOB-01).

use super::scored::{RUNS, items, next_night, shop_of, shown};
use crate::{
    cast::Person,
    customers::{made, told},
    membership::{house, segment},
};
use domain::Queue;
use flows::Clock;
use local::World;
use serde_json::{Value, json};

const CUSTOMERS: [(&str, &[(i64, i64)]); 3] = [("Ada", &[(29, 100)]), ("Bob", &[(30, 20)]), ("Cid", &[])];

async fn runs(world: &World, owner: &Person, query: &str) -> Vec<Value> {
    items(&shown(world, owner, &format!("{RUNS}?{query}")).await)
}

/// The clock looks whether all is settled ten minutes after it has asked.
async fn a_quarter(world: &World) {
    for _ in 0..15 {
        world.settle().await;
    }
}

#[tokio::test]
async fn each_night_all_segments_are_settled_once_and_it_is_told() {
    let world = World::new(1).await;
    let owner = shop_of(&world, "owner", &CUSTOMERS).await;
    let other = shop_of(&world, "other", &CUSTOMERS).await;
    segment(&world, &owner, "Lately", "last_order_date >= -30d").await;
    segment(&world, &owner, "Never", "number_of_orders = 0").await;
    a_quarter(&world).await;
    assert_eq!(runs(&world, &owner, "job=segments").await, [] as [Value; 0], "no day has begun");
    let midnight = next_night(&world).await;
    a_quarter(&world).await;
    let done = runs(&world, &owner, "job=segments").await;
    assert_eq!(done.len(), 1, "{done:?}");
    let shown_of =
        |run: &Value, names: &[&str]| names.iter().map(|name| run[*name].clone()).collect::<Vec<_>>();
    assert_eq!(
        shown_of(&done[0], &["cause", "outcome", "wanted_at"]),
        [json!("night"), json!("completed"), json!(midnight)]
    );
    // With this day Bob's order is 31 days old.
    let counts = ["segments", "shards", "members_before", "members_after"];
    assert_eq!(shown_of(&done[0], &counts), [json!(2), json!(1), json!(3), json!(2)], "{done:?}");
    let ended: domain::Timestamp =
        done[0]["ended_at"].as_str().unwrap_or_default().parse().expect("an instant");
    assert!(ended >= midnight && ended < midnight + jiff::SignedDuration::from_mins(2), "{ended}");
    assert_eq!(runs(&world, &other, "job=segments").await, [] as [Value; 0], "it has none");
    assert_eq!(runs(&world, &other, "job=scores").await.len(), 1);
    for night in 2..5 {
        next_night(&world).await;
        a_quarter(&world).await;
        assert_eq!(runs(&world, &owner, "job=segments").await.len(), night, "once each night");
    }
    // Page by page it is the same, in one order.
    let all = runs(&world, &owner, "").await;
    let jobs: Vec<_> = all.iter().map(|run| run["job"].as_str().unwrap_or_default()).collect();
    assert_eq!(jobs, ["scores", "segments"].repeat(4));
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = shown(&world, &owner, &format!("{RUNS}?limit=3{next}")).await;
        seen.extend(items(&page));
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(seen, all);
    let elsewhere = owner.get(&world, &format!("{RUNS}?job=scores&limit=3{next}")).await;
    assert_eq!(told(&elsewhere).1, "not_a_cursor", "of another list");
}

#[tokio::test]
async fn a_night_whose_messages_are_lost_is_told_when_it_is_done() {
    let world = World::new(2).await;
    let owner = shop_of(&world, "owner", &CUSTOMERS).await;
    segment(&world, &owner, "Lately", "last_order_date >= -30d").await;
    a_quarter(&world).await;
    let zone: domain::Zone = "America/New_York".parse().expect("a zone");
    let midnight = zone.next_day(world.clock.now());
    world.clock.advance_to(midnight.as_millisecond());
    for _ in 0..15 {
        world.tick().await;
        for message in world.tasks.take(Queue::Audience).expect("memory holds") {
            world.tasks.done(Queue::Audience, &message).expect("memory holds");
        }
    }
    assert_eq!(runs(&world, &owner, "").await, [] as [Value; 0], "nobody has done it");
    a_quarter(&world).await;
    a_quarter(&world).await;
    let done = runs(&world, &owner, "job=segments").await;
    assert_eq!((done.len(), &done[0]["wanted_at"]), (1, &json!(midnight)), "{done:?}");
    assert_eq!((&done[0]["members_before"], &done[0]["members_after"]), (&json!(2), &json!(1)));
    next_night(&world).await;
    a_quarter(&world).await;
    assert_eq!(runs(&world, &owner, "job=segments").await.len(), 2);
}

#[tokio::test]
async fn each_month_calls_are_counted_anew_and_it_is_told() {
    let world = World::new(3).await;
    let owner = house(&world, "owner").await;
    assert_eq!(runs(&world, &owner, "job=calls").await, [] as [Value; 0]);
    made(&world, &owner, &json!({"name": "Ada"})).await;
    let limits = async || shown(&world, &owner, "/api/v1/tenants/me").await["limits"]["monthly_used"].clone();
    let used = limits().await;
    assert!(used.as_i64() > Some(2), "{used}");
    let october: domain::Timestamp = "2026-10-01T00:00:00Z".parse().expect("an instant");
    world.clock.advance_to(october.as_millisecond());
    assert_eq!(limits().await, json!(1), "this very call");
    let over = runs(&world, &owner, "job=calls").await;
    let expected = json!({"job": "calls", "cause": "month", "outcome": "completed", "wanted_at": october, "ended_at": october, "calls": used});
    assert_eq!(over, [expected]);
    let december: domain::Timestamp = "2026-12-01T01:00:00Z".parse().expect("an instant");
    world.clock.advance_to(december.as_millisecond());
    let over = runs(&world, &owner, "job=calls&limit=2").await;
    let calls: Vec<_> = over.iter().map(|run| (&run["wanted_at"], &run["calls"])).collect();
    let (first, second) = (json!("2026-12-01T00:00:00Z"), json!("2026-11-01T00:00:00Z"));
    assert_eq!(calls, [(&first, &Value::Null), (&second, &json!(2))], "nobody called in November");
    let wrong = owner.get(&world, &format!("{RUNS}?job=mails")).await;
    assert_eq!(told(&wrong).2, "?job", "{}", wrong.text);
}

//! Scores are worked out once for each shop with each of its days, whatever becomes of messages, and it is told what was done (JOB-01).

use super::scored::{RECALCULATE, RUNS, items, next_night, recalculated, shop_of, shop_of_regulars, shown};
use crate::{
    cast::{Person, set_status},
    membership::store_of,
};
use domain::{Queue, Task, TenantStatus, Timestamp};
use flows::Clock;
use local::World;
use serde_json::{Value, json};

const ADA: [(&str, &[(i64, i64)]); 1] = [("Ada", &[(10, 100)])];

async fn runs(world: &World, owner: &Person) -> Vec<Value> {
    items(&shown(world, owner, RUNS).await)
}

fn causes(runs: &[Value]) -> Vec<(&str, u64)> {
    let of = |run: &'_ Value| run["edition"].as_u64().unwrap_or_default();
    runs.iter().map(|run| (run["cause"].as_str().unwrap_or_default(), of(run))).collect()
}

async fn deliver(world: &World, owner: &Person) {
    let task = Task::ScoreShop { tenant: owner.tenant.parse().expect("a tenant's id") };
    let body = serde_json::to_string(&task).expect("a task has a form");
    world.deliver(Queue::Audience, &body).await.expect("it is done");
}

#[tokio::test]
async fn each_shop_has_its_night_once_and_says_so() {
    let world = World::new(1).await;
    let (owner, other) = (shop_of(&world, "owner", &ADA).await, shop_of(&world, "other", &ADA).await);
    let zone = json!({"timezone": "Asia/Tokyo"});
    // From now on its days begin in Tokyo, the next one, too.
    assert_eq!(other.call(&world, "PATCH", "/api/v1/tenants/me", &zone).await.status, 200);
    assert_eq!(runs(&world, &owner).await, [] as [Value; 0], "not before");
    let midnight = json!(next_night(&world).await);
    for (person, midnight) in [(&owner, &midnight), (&other, &json!("2026-09-21T15:00:00Z"))] {
        let done = runs(&world, person).await;
        assert_eq!(causes(&done), [("night", 1)], "{done:?}");
        assert_eq!(done[0]["wanted_at"], *midnight, "{done:?}");
        assert_eq!((&done[0]["customers"], &done[0]["fitted"]), (&json!(1), &json!(false)));
        assert_eq!(done[0]["silence"]["code"], "few_customers", "{done:?}");
    }
    let tokyo: Timestamp = "2026-09-23T00:00:00+09:00".parse().expect("an instant");
    world.clock.advance_to(tokyo.as_millisecond());
    world.settle().await;
    assert_eq!(causes(&runs(&world, &other).await), [("night", 2), ("night", 1)], "the newest first");
    assert_eq!(causes(&runs(&world, &owner).await), [("night", 1)], "in New York it is the 22nd still");
    let asked = json!({"rule": "rfm_group = 'NEW'"});
    let preview = owner.post(&world, "/api/v1/segments/preview", &asked).await;
    assert_eq!(preview.text_at("/completeness/scores_as_of"), "2026-09-21", "{}", preview.text);
    for night in 2..5 {
        next_night(&world).await;
        assert_eq!(runs(&world, &owner).await.len(), night, "once each night");
    }
    let page = shown(&world, &owner, &format!("{RUNS}?limit=3")).await;
    let rest = format!("{RUNS}?limit=3&cursor={}", page["next"].as_str().unwrap_or_default());
    assert_eq!(
        (items(&page).len(), causes(&items(&shown(&world, &owner, &rest).await))),
        (3, vec![("night", 1)])
    );
}

#[tokio::test]
async fn a_message_may_come_twice_or_too_early_and_one_that_is_lost_comes_again() {
    let world = World::new(2).await;
    let owner = shop_of(&world, "owner", &ADA).await;
    deliver(&world, &owner).await;
    assert_eq!(runs(&world, &owner).await, [] as [Value; 0], "it is not wanted yet");
    let zone: domain::Zone = "America/New_York".parse().expect("a zone");
    world.clock.advance_to(zone.next_day(world.clock.now()).as_millisecond());
    world.tick().await;
    let asked = world.tasks.take(Queue::Audience).expect("memory holds");
    assert_eq!(asked.len(), 1, "the clock asks in the first minute");
    for message in asked {
        world.tasks.done(Queue::Audience, &message).expect("memory holds");
    }
    for _ in 0..9 {
        world.tick().await;
    }
    assert_eq!(runs(&world, &owner).await, [] as [Value; 0], "it was lost");
    world.tick().await;
    world.settle().await;
    assert_eq!(causes(&runs(&world, &owner).await), [("night", 1)]);
    let before = shown(&world, &owner, "/api/v1/analytics/rfm").await;
    for _ in 0..2 {
        deliver(&world, &owner).await;
    }
    assert_eq!(causes(&runs(&world, &owner).await), [("night", 1)]);
    assert_eq!(shown(&world, &owner, "/api/v1/analytics/rfm").await, before);
}

#[tokio::test]
async fn whoever_asks_at_once_has_it_done_once() {
    let world = World::new(3).await;
    let owner = shop_of(&world, "owner", &ADA).await;
    for _ in 0..3 {
        let asked = owner.post(&world, RECALCULATE, &json!({})).await;
        assert_eq!(asked.status, 202, "{}", asked.text);
    }
    world.settle().await;
    assert_eq!(causes(&runs(&world, &owner).await), [("hand", 1)]);
    let again = owner.post(&world, "/api/v1/analytics/churn/calculate", &json!({})).await;
    assert_eq!((again.status.as_u16(), again.at("/made_at").is_string()), (202, true), "{}", again.text);
    world.settle().await;
    assert_eq!(causes(&runs(&world, &owner).await), [("hand", 2), ("hand", 1)]);
    next_night(&world).await;
    assert_eq!(runs(&world, &owner).await.len(), 3, "the night comes nevertheless");
}

#[tokio::test]
async fn a_shop_that_is_closed_is_left_alone_until_it_is_open() {
    let world = World::new(4).await;
    let owner = shop_of(&world, "owner", &ADA).await;
    set_status(&world, &owner.tenant, TenantStatus::Suspended).await;
    next_night(&world).await;
    let store = store_of(&world, &owner);
    let scores = async || store.scores().await.expect("memory holds").expect("it has begun");
    assert_eq!((scores().await.scoring.edition, scores().await.nightly.is_none()), (0, true));
    set_status(&world, &owner.tenant, TenantStatus::Active).await;
    next_night(&world).await;
    assert_eq!(scores().await.scoring.edition, 1);
}

#[tokio::test]
async fn a_shop_of_regulars_is_fitted_and_told_how_well() {
    let world = World::new(5).await;
    let owner = shop_of_regulars(&world, "owner").await;
    let before = shown(&world, &owner, "/api/v1/analytics/churn").await;
    assert_eq!(before["fit"]["silence"]["code"], "not_worked_out_yet", "{before}");
    assert_eq!((&before["fit"]["basis"], &before["customers"]), (&json!("habit"), &json!(170)));
    next_night(&world).await;
    let done = runs(&world, &owner).await;
    assert_eq!((&done[0]["fitted"], &done[0]["customers"]), (&json!(true), &json!(170)), "{done:?}");
    let fit = &shown(&world, &owner, "/api/v1/analytics/churn").await["fit"];
    assert_eq!(
        (&fit["basis"], &fit["silence"], &fit["as_of"]),
        (&json!("model"), &json!(null), &json!("2026-09-21"))
    );
    assert!(["mbg_nbd", "pareto_nbd"].iter().any(|model| fit["staying"]["model"] == *model), "{fit}");
    let test = &fit["back_test"];
    assert_eq!((&test["days"], &fit["back_test_silence"]), (&json!(90), &json!(null)), "{fit}");
    let of = |name: &str| test[name].as_f64().unwrap_or_default();
    assert!(of("came") > 50.0 && (of("expected") / of("came") - 1.0).abs() < 0.5, "{test}");
    // By hand, with the same customers, it comes to the same.
    let twice = shown(&world, &owner, "/api/v1/analytics/value").await;
    recalculated(&world, &owner).await;
    assert_eq!(shown(&world, &owner, "/api/v1/analytics/value").await["predicted"], twice["predicted"]);
}

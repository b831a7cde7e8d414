//! When a campaign is to begin: it is said when that is, and nothing is scheduled for a time that has passed.

use super::{PATH, acted, made, shown, sms};
use crate::{
    cast::Person,
    customers::{shop, told},
};
use local::World;
use serde_json::{Value, json};

async fn in_berlin(world: &World) -> Person {
    let owner = shop(world, "owner").await;
    let zone = owner.call(world, "PATCH", "/api/v1/tenants/me", &json!({"timezone": "Europe/Berlin"})).await;
    assert_eq!(zone.status, 200, "{}", zone.text);
    owner
}

#[tokio::test]
async fn a_campaign_is_scheduled_by_the_shops_clocks_or_by_its_customers() {
    // It is Monday, 21 September 2026, 16:13 in Berlin.
    let world = World::new(1).await;
    let owner = in_berlin(&world).await;
    let id = made(&world, &owner, &sms("Sale")).await;
    let path = format!("{PATH}/{id}/schedule");
    for (body, next) in [
        (json!({"at": "2026-09-21T16:14"}), "2026-09-21T14:14:00Z"),
        (json!({"at": "2026-11-27T09:00"}), "2026-11-27T08:00:00Z"),
        (json!({"scheduledAt": "2026-09-21T14:14:20Z"}), "2026-09-21T14:14:20Z"),
        (json!({"at": "2026-09-23T09:00", "clocks": "recipient"}), "2026-09-22T19:00:00Z"),
        (json!({"frequency": "daily", "time": "09:00"}), "2026-09-22T07:00:00Z"),
        (json!({"frequency": "DAILY", "time": "18:00"}), "2026-09-21T16:00:00Z"),
        (
            json!({"frequency": "weekly", "time": "18:00", "weekdays": ["friday", "Wednesday"]}),
            "2026-09-23T16:00:00Z",
        ),
        (json!({"frequency": "weekly", "time": "09:00"}), "2026-09-28T07:00:00Z"),
        (json!({"frequency": "monthly", "time": "09:00", "day": 31}), "2026-09-30T07:00:00Z"),
        (json!({"frequency": "monthly", "time": "09:00", "startDate": "2026-10-05"}), "2026-10-05T07:00:00Z"),
        (
            json!({"frequency": "daily", "time": "09:00", "from": "2026-10-24", "until": "2026-10-26"}),
            "2026-10-24T07:00:00Z",
        ),
    ] {
        let scheduled = owner.post(&world, &path, &body).await;
        assert_eq!(scheduled.status, 200, "{body}: {}", scheduled.text);
        assert_eq!(
            (scheduled.text_at("/status"), scheduled.text_at("/next_at")),
            ("scheduled".to_owned(), next.to_owned()),
            "{body}"
        );
    }
    let campaign = shown(&world, &owner, &id).await;
    assert_eq!(
        campaign.at("/schedule"),
        json!({"frequency": "daily", "time": "09:00:00", "from": "2026-10-24", "until": "2026-10-26", "weekdays": [],
            "day": null, "clocks": "shop", "zone": "Europe/Berlin"})
    );
    assert_eq!(acted(&world, &owner, &id, "unschedule").await, "draft");
    let draft = shown(&world, &owner, &id).await;
    assert_eq!((draft.at("/schedule"), draft.at("/next_at")), (Value::Null, Value::Null));
}

#[tokio::test]
async fn a_time_that_has_passed_or_is_none_is_refused_with_its_place() {
    let world = World::new(2).await;
    let owner = in_berlin(&world).await;
    let id = made(&world, &owner, &sms("Sale")).await;
    let path = format!("{PATH}/{id}/schedule");
    for (body, code, at) in [
        (json!({}), "missing_member", "/at"),
        (json!({"at": "2026-09-21T16:13"}), "passed", "/at"),
        (json!({"at": "2026-09-21T14:13:20Z"}), "passed", "/at"),
        (json!({"at": "2026-09-22T04:00", "clocks": "recipient"}), "passed", "/at"),
        (json!({"at": "2026-09-22"}), "invalid", "/at"),
        (json!({"at": "tomorrow"}), "invalid", "/at"),
        (json!({"at": "2026-09-23T09:00:00Z", "clocks": "recipient"}), "invalid", "/at"),
        (json!({"at": "2029-01-01T09:00"}), "out_of_range", "/at"),
        (json!({"at": "2026-11-27T09:00", "time": "09:00"}), "not_of_once", "/time"),
        (json!({"frequency": "hourly"}), "invalid", "/frequency"),
        (json!({"frequency": "daily"}), "missing_member", "/time"),
        (json!({"frequency": "daily", "time": "25:00"}), "invalid", "/time"),
        (json!({"frequency": "daily", "time": "09:00", "at": "2026-11-27T09:00"}), "not_of_repeated", "/at"),
        (json!({"frequency": "daily", "time": "09:00", "day": 3}), "not_of_this", "/day"),
        (json!({"frequency": "daily", "time": "09:00", "from": "2026-02-30"}), "invalid", "/from"),
        (json!({"frequency": "daily", "time": "09:00", "from": "2029-01-01"}), "out_of_range", "/from"),
        (json!({"frequency": "daily", "time": "09:00", "until": "2026-09-21"}), "passed", "/until"),
        (json!({"frequency": "daily", "time": "09:00", "until": "2026-09-20"}), "out_of_range", "/until"),
        (json!({"frequency": "weekly", "time": "09:00", "weekdays": []}), "empty", "/weekdays"),
        (
            json!({"frequency": "weekly", "time": "09:00", "weekdays": ["monday", "Monday"]}),
            "twice",
            "/weekdays/1",
        ),
        (json!({"frequency": "weekly", "time": "09:00", "weekdays": ["payday"]}), "invalid", "/weekdays/0"),
        (json!({"frequency": "monthly", "time": "09:00", "day": 32}), "out_of_range", "/day"),
        (json!({"at": "2026-11-27T09:00", "clocks": "mine"}), "invalid", "/clocks"),
    ] {
        let refused = owner.post(&world, &path, &body).await;
        assert_eq!(told(&refused), (400, code.to_owned(), at.to_owned()), "{body}: {}", refused.text);
    }
    let passed = owner.post(&world, &path, &json!({"at": "2026-09-21T16:13"})).await;
    assert_eq!(
        passed.text_at("/errors/0/detail"),
        "its date has passed: tell a later one, or launch it now",
        "and what is to be done"
    );
    assert_eq!(shown(&world, &owner, &id).await.text_at("/status"), "draft");
}

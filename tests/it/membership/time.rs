//! Time alone changes who is in a segment: with the shop's day, and within it with the hour (SEG-09).

use super::{count, house, members, moves, must_be_as_from_nothing, segment, store_of};
use crate::{cast::Person, customers::made, orders::ordered};
use domain::{Queue, Timestamp};
use flows::Clock;
use jiff::SignedDuration;
use local::World;
use serde_json::json;

const TEN_MINUTES: SignedDuration = SignedDuration::from_mins(10);

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Somebody who bought at that instant.
async fn buyer(world: &World, owner: &Person, name: &str, placed_at: &str) -> String {
    let id = made(world, owner, &json!({"name": name})).await;
    let body = json!({"customer_id": id, "total": "10", "placed_at": placed_at, "status": "paid"});
    ordered(world, owner, &body).await;
    id
}

/// The clock strikes for the first time after that instant, and what it leaves is done.
pub(super) async fn first_minute_after(world: &World, midnight: &str) {
    world.clock.advance_to(at(midnight).as_millisecond());
    world.storm_through().await;
    world.storm_through().await;
    assert!(world.clock.now() < at(midnight) + SignedDuration::from_mins(3), "nothing waits for its time");
}

#[tokio::test]
async fn a_day_of_the_shops_turns_a_rule_in_its_first_minute() {
    let world = World::new(1).await;
    let owner = house(&world, "owner").await;
    let store = store_of(&world, &owner);
    let ada = buyer(&world, &owner, "Ada", "2026-08-21T23:59:59-04:00").await;
    let bob = buyer(&world, &owner, "Bob", "2026-08-22T00:00:00-04:00").await;
    let recent = segment(&world, &owner, "Recent", "last_order_date >= -30d").await;
    let lapsed = segment(&world, &owner, "Lapsed", &format!("segment NOT MATCHES (id = '{recent}')")).await;
    world.settle().await;
    assert!(world.clock.now() < at("2026-09-22T00:00:00-04:00"), "it is still the 21st");
    assert_eq!(members(&store, &recent).await, [bob.clone()].into());
    assert_eq!(members(&store, &lapsed).await, [ada.clone()].into());
    world.clock.advance_to(at("2026-09-21T23:57:00-04:00").as_millisecond());
    world.storm_through().await;
    assert_eq!(members(&store, &recent).await, [bob.clone()].into(), "not before");
    first_minute_after(&world, "2026-09-22T00:00:00-04:00").await;
    assert_eq!(members(&store, &recent).await, [].into());
    assert_eq!(members(&store, &lapsed).await, [ada, bob.clone()].into());
    let told = [("segment_left", "Recent"), ("segment_joined", "Lapsed")];
    assert_eq!(
        moves(&world, &owner, &bob).await,
        told.map(|(kind, name)| (kind.to_owned(), name.to_owned()))
    );
    must_be_as_from_nothing(&world, &store, world.clock.now(), "after midnight").await;
}

#[tokio::test]
async fn days_of_23_and_25_hours_turn_a_rule_when_they_begin() {
    for (day, midnight, until) in [
        ("2026-11-01", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"),
        ("2027-03-14", "2027-03-14T00:00:00-05:00", "2027-03-15T00:00:00-04:00"),
    ] {
        let world = World::new(2).await;
        let owner = house(&world, "owner").await;
        let store = store_of(&world, &owner);
        let birthday = &format!("1990-{}", &day[5..]);
        let ada = made(&world, &owner, &json!({"name": "Ada", "birthday": birthday})).await;
        let today = segment(&world, &owner, "Today", "anniversary(birthday) = today").await;
        world.settle().await;
        world.clock.advance_to((at(midnight) - TEN_MINUTES).as_millisecond());
        world.storm_through().await;
        assert_eq!(members(&store, &today).await, [].into(), "{day}");
        first_minute_after(&world, midnight).await;
        assert_eq!(members(&store, &today).await, [ada.clone()].into(), "{day}");
        world.clock.advance_to((at(until) - TEN_MINUTES).as_millisecond());
        world.storm_through().await;
        assert_eq!(members(&store, &today).await, [ada].into(), "{day}");
        first_minute_after(&world, until).await;
        assert_eq!(members(&store, &today).await, [].into(), "{day}");
    }
}

#[tokio::test]
async fn hours_turn_a_rule_with_each_full_hour() {
    let world = World::new(3).await;
    let owner = house(&world, "owner").await;
    let store = store_of(&world, &owner);
    let ada = buyer(&world, &owner, "Ada", "2026-09-21T09:30:00-04:00").await;
    let id = segment(&world, &owner, "Just now", "last_order_date >= -2h").await;
    world.settle().await;
    assert_eq!(members(&store, &id).await, [ada.clone()].into());
    first_minute_after(&world, "2026-09-21T11:00:00-04:00").await;
    assert_eq!(members(&store, &id).await, [ada].into());
    first_minute_after(&world, "2026-09-21T12:00:00-04:00").await;
    assert_eq!(members(&store, &id).await, [].into());
    assert_eq!(count(&world, &owner, &id).await, 0);
}

#[tokio::test]
async fn another_time_zone_is_other_days() {
    let world = World::new(4).await;
    let owner = house(&world, "owner").await;
    let store = store_of(&world, &owner);
    let ada = buyer(&world, &owner, "Ada", "2026-09-20T23:30:00-04:00").await;
    let id = segment(&world, &owner, "Today", "last_order_date = today").await;
    world.settle().await;
    assert_eq!(members(&store, &id).await, [].into(), "that was yesterday in New York");
    let zone = json!({"timezone": "Europe/Berlin"});
    assert_eq!(owner.call(&world, "PATCH", "/api/v1/tenants/me", &zone).await.status, 200);
    world.settle().await;
    assert_eq!(members(&store, &id).await, [ada].into(), "and is today in Berlin");
}

#[tokio::test]
async fn with_another_time_zone_days_begin_at_its_midnight_even_if_nobody_heard_of_it() {
    let world = World::new(6).await;
    let owner = house(&world, "owner").await;
    let store = store_of(&world, &owner);
    let ada = buyer(&world, &owner, "Ada", "2026-09-21T09:30:00-04:00").await;
    let id = segment(&world, &owner, "Today", "last_order_date = today").await;
    world.settle().await;
    // The clock has looked, and waits for New York's midnight.
    for _ in 0..3 {
        world.storm_through().await;
    }
    let zone = json!({"timezone": "Asia/Tokyo"});
    assert_eq!(owner.call(&world, "PATCH", "/api/v1/tenants/me", &zone).await.status, 200);
    for message in world.tasks.take(Queue::Audience).expect("memory holds") {
        world.tasks.done(Queue::Audience, &message).expect("memory holds");
    }
    let midnight = at("2026-09-22T00:00:00+09:00");
    let scores =
        async || store.scores().await.expect("memory holds").expect("it has customers").scoring.clone();
    assert_eq!(scores().await.wanted_at, midnight);
    for _ in 0..3 {
        world.storm_through().await;
    }
    let settling = store.settling().await.expect("memory holds").expect("there is a segment");
    let (unsettled, _) = store
        .unsettled(&settling, &"Asia/Tokyo".parse().expect("a zone"), world.clock.now())
        .await
        .expect("memory holds");
    assert!(unsettled.is_empty(), "the clock has seen to it: {unsettled:?}");
    assert_eq!((settling.day_at, scores().await.edition), (Some(midnight), 0));
    assert_eq!(members(&store, &id).await, [ada].into(), "in Tokyo it is the 21st still");
    first_minute_after(&world, "2026-09-22T00:00:00+09:00").await;
    assert_eq!(members(&store, &id).await, [].into());
    assert_eq!(scores().await.edition, 1, "the night's scores are of this night, too");
}

#[tokio::test]
async fn what_nobody_was_told_of_is_settled_with_the_day() {
    let world = World::new(5).await;
    let owner = house(&world, "owner").await;
    let store = store_of(&world, &owner);
    let ada = made(&world, &owner, &json!({"name": "Ada"})).await;
    let id = segment(&world, &owner, "Tagged", "customer_tags CONTAINS 'x'").await;
    world.settle().await;
    // The change is stored, and the message is lost.
    let path = format!("/api/v1/customers/{ada}");
    assert_eq!(owner.call(&world, "PATCH", &path, &json!({"tags": ["x"]})).await.status, 200);
    let lost = world.tasks.take(Queue::Audience).expect("memory holds");
    assert_eq!(lost.len(), 1);
    for message in lost {
        world.tasks.done(Queue::Audience, &message).expect("memory holds");
    }
    world.settle().await;
    assert_eq!(members(&store, &id).await, [].into());
    first_minute_after(&world, "2026-09-22T00:00:00-04:00").await;
    assert_eq!(members(&store, &id).await, [ada].into());
    // Of an edit the clock asks within minutes.
    let edit = json!({"rule": "customer_tags NOT CONTAINS 'x'"});
    let path = format!("/api/v1/segments/{id}");
    assert_eq!(owner.call(&world, "PATCH", &path, &edit).await.status, 200);
    for message in world.tasks.take(Queue::Audience).expect("memory holds") {
        world.tasks.done(Queue::Audience, &message).expect("memory holds");
    }
    for _ in 0..3 {
        world.storm_through().await;
    }
    assert_eq!(members(&store, &id).await, [].into());
}

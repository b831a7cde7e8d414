//! A merchant sees up to when everything stands here, and what became of the events of each kind.

use domain::{
    Queue, Run, RunId, Syncing,
    run::{Mode, Part, PartState, Resource, RunState, Tally},
};
use flows::Clock;
use jiff::SignedDuration;
use local::{World, faults::halt::failing, shopify::DOMAIN};
use serde_json::{Value, json};

use crate::{
    cast::{PASSWORD, Person, login},
    connecting::{browser, connect},
    shop_events::{Shop, customer_body, order_body},
    shop_readings::Shop as Connected,
};

const HEALTH: &str = "/api/v1/tenants/me/shop/health";

fn of_topic(health: &Value, topic: &str) -> Value {
    let topics = health["topics"].as_array().expect("a list");
    topics.iter().find(|told| told["topic"] == topic).cloned().unwrap_or_default()
}

#[tokio::test]
async fn each_kind_of_event_is_counted_by_what_it_came_to() {
    let world = World::new(1).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let empty = shop.owner.get(&world, HEALTH).await.json();
    assert_eq!((&empty["topics"], &empty["complete_until"]), (&json!([]), &json!(null)));

    let told = customer_body(7, "2026-09-01T10:00:00Z", &json!({"note": "first"}));
    let newer = customer_body(7, "2026-09-03T10:00:00Z", &json!({"note": "second"}));
    let late = customer_body(7, "2026-09-02T10:00:00Z", &json!({"note": "between"}));
    shop.tell(&world, "customers/update", &told).await;
    // The very same delivery, four times.
    let again = world.hook(&shop.domain, "customers/update", &newer).await;
    for _ in 0..4 {
        assert_eq!(again.clone().send().await.status, 200);
    }
    world.settle().await;
    shop.tell(&world, "customers/update", &late).await;
    let unkept = order_body(1, 7, "2026-09-03T10:00:00Z", &json!({"currency": "XXX"}));
    shop.tell(&world, "orders/create", &unkept).await;
    world.clock.advance_seconds(90);

    let health = shop.owner.get(&world, HEALTH).await.json();
    let customers = of_topic(&health, "customers/update");
    let count = |name: &str| customers[name].as_u64().unwrap_or_default();
    assert_eq!((count("events"), count("applied"), count("late_refused")), (3, 2, 1), "{health}");
    assert_eq!((count("duplicates_dropped"), count("known"), count("failed")), (3, 0, 0), "{health}");
    assert!(customers["last_event_age"].as_i64().is_some_and(|age| age >= 90), "{customers}");
    assert_eq!(of_topic(&health, "orders/create")["refused"], 1, "{health}");
}

#[tokio::test]
async fn what_was_our_own_trouble_is_no_duplicate_of_the_shops() {
    let world = World::new(6).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let duplicates = async || {
        let health = shop.owner.get(&world, HEALTH).await.json();
        let of = |topic| of_topic(&health, topic)["duplicates_dropped"].as_u64();
        (of("customers/update"), of("orders/create"))
    };
    let told = customer_body(7, "2026-09-01T10:00:00Z", &json!({})).to_string();
    let event = json!({"shop": shop.domain, "topic": "customers/update", "version": "2026-10", "id": "w1",
        "received_at": world.clock.now(), "body": {"text": told}});
    let task = json!({"task": "apply_event", "event": event}).to_string();
    let noted = async || {
        let (mut all, _) = shop.store(&world).events_noted(1, None).await.expect("memory holds");
        all.pop().map(|noted| (noted.attempts, noted.outcome.name()))
    };
    for tries in 1..=2 {
        let (tried, has_failed) = failing(2, world.deliver(Queue::Ingest, &task)).await;
        assert!(tried.is_err() && has_failed, "{tried:?}");
        assert_eq!(noted().await, Some((tries, "failed")));
    }
    world.deliver(Queue::Ingest, &task).await.expect("nothing stands in the way");
    assert_eq!(noted().await, Some((3, "applied")));
    assert_eq!(duplicates().await, (Some(0), None));
    world.deliver(Queue::Ingest, &task).await.expect("it changes nothing");
    assert_eq!(duplicates().await, (Some(1), None));

    // A merchant takes up what could not be kept.
    let refused = order_body(1, 7, "2026-09-03T10:00:00Z", &json!({"currency": "XXX"}));
    world.clock.advance_seconds(1);
    shop.tell(&world, "orders/create", &refused).await;
    let path = "/api/v1/tenants/me/webhooks";
    let id = shop.owner.get(&world, &format!("{path}?limit=1")).await.text_at("/items/0/id");
    for _ in 0..2 {
        let replayed = shop.owner.post(&world, &format!("{path}/{id}/replay"), &json!({})).await;
        assert_eq!(replayed.status, 202, "{}", replayed.text);
        world.settle().await;
    }
    assert_eq!(duplicates().await, (Some(1), Some(0)));
}

#[tokio::test]
async fn an_event_that_only_names_what_has_changed_told_nothing_that_was_known() {
    let world = World::new(4).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let scopes =
        json!({"id": 1, "previous": [], "current": ["read_orders"], "updated_at": "2026-09-01T10:00:00Z"});
    shop.tell(&world, "app/scopes_update", &scopes).await;
    let health = shop.owner.get(&world, HEALTH).await.json();
    let told = of_topic(&health, "app/scopes_update");
    assert_eq!(
        (&told["events"], &told["known"], &told["asked_for"]),
        (&json!(1), &json!(0), &json!(1)),
        "{health}"
    );
}

#[tokio::test]
async fn what_is_older_than_a_day_is_not_counted_and_how_long_it_is_silent_is_told_all_the_same() {
    let world = World::new(2).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let health = async || {
        let owner = Person::of(&login(&world, "nordlicht@example.com", PASSWORD).await);
        owner.get(&world, HEALTH).await.json()
    };
    shop.tell(&world, "products/delete", &json!({"id": 5})).await;
    shop.tell(&world, "customers/update", &customer_body(7, "2026-09-01T10:00:00Z", &json!({}))).await;
    assert_eq!(of_topic(&health().await, "customers/update")["events"], 1);
    world.clock.advance_seconds(24 * 3_600 + 60);
    shop.tell(&world, "products/delete", &json!({"id": 6})).await;
    let is_silent_for = |told: &Value, days: i64| {
        let age = told["last_event_age"].as_i64().expect("its age is told");
        (days * 24 * 3_600..(days + 1) * 24 * 3_600).contains(&age)
    };
    let told = health().await;
    let (customers, products) = (of_topic(&told, "customers/update"), of_topic(&told, "products/delete"));
    assert_eq!((&customers["events"], &products["events"]), (&json!(0), &json!(1)), "{told}");
    assert!(is_silent_for(&customers, 1) && is_silent_for(&products, 0), "{told}");
    // The log itself has forgotten them by then.
    world.clock.advance_seconds(30 * 24 * 3_600);
    let told = health().await;
    let (customers, products) = (of_topic(&told, "customers/update"), of_topic(&told, "products/delete"));
    assert_eq!((&customers["events"], &products["events"]), (&json!(0), &json!(0)), "{told}");
    assert!(is_silent_for(&customers, 31) && is_silent_for(&products, 30), "{told}");
}

#[tokio::test]
async fn what_the_law_lets_people_ask_and_what_nobody_understands_are_no_signs_of_life() {
    let world = World::new(8).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    shop.tell(&world, "weather/update", &json!({"id": 5})).await;
    let asked =
        json!({"shop_id": 1, "shop_domain": shop.domain, "customer": {"id": 7}, "orders_to_redact": []});
    shop.tell(&world, "customers/redact", &asked).await;
    let heard = async || shop.store(&world).topics_heard().await.expect("memory holds");
    assert_eq!(heard().await, [].into());
    // Nor does a header that nobody signed make it known from days to come.
    let now = world.clock.now();
    assert!(now < "2026-09-22T00:00:00Z".parse().unwrap(), "of then the event says that it is");
    shop.bring(&world, "products/delete", &json!({"id": 5})).await;
    assert!(heard().await.values().eq([&now]));
}

#[tokio::test]
async fn gaps_are_what_runs_found_and_everything_stands_here_up_to_the_oldest_watermark() {
    let world = World::new(3).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let store = shop.store(&world);
    let now = world.clock.now();
    let before = |minutes: i64| now - SignedDuration::from_mins(minutes);
    let part = |of, missed| Part {
        tally: Tally { updated: missed, missed, ..Tally::default() },
        state: PartState::Done,
        ..Part::new(of, None)
    };
    let parts = vec![part(Resource::Customers, 2), part(Resource::Orders, 3), part(Resource::Deletions, 1)];
    let id = RunId::new(before(30), [1; 10]);
    let mut run = Run::new(id, store.id(), Mode::Reconciliation, parts, before(30));
    run.miss(["order s1".to_owned()]);
    let run = run.ended(RunState::Completed, before(29));
    let ids = [Resource::Customers, Resource::Orders];
    let mut syncing = Syncing { watermarks: ids.map(|of| (of, before(30))).into(), ..Syncing::default() };
    let held = store.syncing().await.expect("memory holds");
    let steps = vec![store.run_made(&run), store.syncing_changed(held.as_ref(), &syncing)];
    store.commit(steps).await.expect("nobody else");

    let health = shop.owner.get(&world, HEALTH).await.json();
    let gaps = json!({"customers": 2, "orders": 3, "products": 0, "deletions": 1, "checkouts": 0, "first": ["order s1"]});
    assert_eq!((&health["gaps"], &health["complete_until"]), (&gaps, &json!(null)), "products never came");

    syncing.watermarks.insert(Resource::Products, before(50));
    let held = store.syncing().await.expect("memory holds");
    store.commit(vec![store.syncing_changed(held.as_ref(), &syncing)]).await.expect("nobody else");
    let health = shop.owner.get(&world, HEALTH).await;
    assert_eq!(health.text_at("/complete_until"), before(50).to_string(), "{}", health.text);
}

#[tokio::test]
async fn since_when_orders_are_here_does_not_move_when_a_shop_is_connected_again() {
    let shop = Connected::connected(5).await;
    let since = async |owner: &Person| owner.get(&shop.world, HEALTH).await.text_at("/orders_since");
    let first = since(&shop.owner).await;
    assert!(first.parse::<domain::Timestamp>().is_ok(), "{first}");
    for (days, stays) in [(5, true), (50, true), (70, false)] {
        let owner = Person::of(&login(&shop.world, &shop.owner.email, PASSWORD).await);
        let ended = owner.post(&shop.world, "/api/v1/tenants/me/shop/disconnect", &json!({})).await;
        assert_eq!(ended.status, 200, "{}", ended.text);
        shop.world.clock.advance_seconds(days * 24 * 3_600);
        let owner = Person::of(&login(&shop.world, &shop.owner.email, PASSWORD).await);
        connect(&browser(&shop.world, &owner).await, DOMAIN).await;
        shop.world.settle().await;
        let now = since(&owner).await;
        // Of a shop that was away for longer than it shows us orders, some were never seen.
        assert_eq!(now == first, stays, "after {days} days: {now}");
    }
}

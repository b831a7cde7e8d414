//! The first sync: it begins by itself, brings everything, and says how far it is (SYN-01, 03, 04, 05).

use crate::cast::sign_up;
use local::World;
use serde_json::{Value, json};
use store::local::Units;

use super::{House, step};

#[tokio::test]
async fn a_shop_that_is_connected_is_brought_here_by_itself() {
    let world = World::new(1).await;
    let house = House::connected(&world, 1_100).await;
    let before = world.table.ledger();
    let (mut seen, mut shown_at) = (Vec::new(), None);
    while step(&world).await {
        if let [progress] = house.active(&world).await.as_slice() {
            let total = house.owner.get(&world, "/api/v1/customers?limit=1").await.at("/total");
            if total != json!(0) && shown_at.is_none() {
                shown_at = Some(progress["progress"].as_u64().unwrap());
            }
            seen.push(progress.clone());
        }
    }
    let spent = world.table.ledger().since(&before);
    let job = house.jobs(&world).await[0].clone();
    assert_eq!(job["status"], json!("completed"), "{job}");
    house.equals_the_books(&world).await;

    // It never goes back, says how much there is, and names what it is at.
    let percents: Vec<u64> = seen.iter().map(|told| told["progress"].as_u64().unwrap()).collect();
    assert!(percents.is_sorted() && percents.iter().all(|percent| *percent < 100), "{percents:?}");
    assert_eq!((percents[0], &job["progress_percent"]), (0, &json!(100)));
    let steps: Vec<&str> = seen.iter().map(|told| told["step"].as_str().unwrap()).collect();
    for named in ["Fetching customers…", "Syncing customers (250/1100)…", "Syncing customers (1000/1100)…"]
    {
        assert!(steps.contains(&named), "{named}: {steps:?}");
    }
    assert!(
        ["Fetching orders…", "Fetching products…", "Updating customer statistics…"]
            .iter()
            .all(|step| steps.contains(step))
    );
    // People show as soon as all of them are there, and not with the last order.
    assert!(shown_at.unwrap() < 95, "{shown_at:?}");
    let (customers, products) =
        house.shop.books(|books| (books.customers().count(), books.products().count()));
    let processed = job["records_processed"].as_u64().unwrap();
    assert_eq!((&job["total_records"], &job["records_failed"]), (&json!(processed), &json!(0)));
    let orders = processed - (customers + products) as u64;
    assert!(customers == 1_100 && orders > 100, "{orders}");
    assert!(job["duration_ms"].as_i64().unwrap() >= 0 && job["completed_at"].is_string(), "{job}");

    // What it cost: laid down customers, and orders each with their customer in one commit.
    let most = Units::whole(6 * 1_100 + 14 * orders + 500);
    assert!(spent.writes <= most, "{} of {most} for {orders} orders", spent.writes);
}

#[tokio::test]
async fn what_is_asked_for_is_brought_and_one_sync_at_a_time() {
    let world = World::new(2).await;
    let house = House::synced(&world, 5).await;
    let post = async |body: Value| house.owner.post(&world, "/api/v1/tenants/me/sync", &body).await;
    for (wrong, at) in [
        (json!({"resource": "checkouts"}), "/resource"),
        (json!({"mode": "nightly"}), "/mode"),
        (json!({"force": true}), "/force"),
    ] {
        let refused = post(wrong.clone()).await;
        assert_eq!(
            (refused.status.as_u16(), refused.text_at("/errors/0/pointer")),
            (400, at.to_owned()),
            "{wrong}"
        );
    }
    let begun = post(json!({"resource": "customers", "mode": "full"})).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    let id = begun.text_at("/sync_run_id");
    assert_eq!((begun.at("/resource"), begun.at("/mode")), (json!("customers"), json!("full")));
    let first = house.progress(&world, &id).await;
    assert_eq!((&first["status"], &first["step"]), (&json!("pending"), &json!("Initializing…")));
    assert_eq!(house.active(&world).await, [first]);

    // Ten at once: none of them begins a second one, and each names the first.
    let others = futures::future::join_all((0..10).map(|_| post(json!({"mode": "incremental"})))).await;
    for other in others {
        assert_eq!((other.status.as_u16(), other.text_at("/code").as_str()), (409, "sync_running"));
        assert!(other.text_at("/detail").contains(&id), "{}", other.text);
    }
    world.settle().await;
    let done = house.progress(&world, &id).await;
    assert_eq!(
        (&done["status"], &done["progress"], &done["step"]),
        (&json!("completed"), &json!(100), &json!("Completed"))
    );
    assert_eq!((&done["records_processed"], &done["records_unchanged"]), (&json!(5), &json!(5)));
    assert_eq!(done["resource_type"], json!("customers"));
    assert_eq!(house.active(&world).await, Vec::<Value>::new());
    let again = house.owner.post(&world, &format!("/api/v1/tenants/me/sync/{id}/retry"), &json!({})).await;
    assert_eq!((again.status.as_u16(), again.text_at("/code").as_str()), (409, "sync_not_failed"));
    let tenant = house.owner.get(&world, "/api/v1/tenants/me").await;
    assert_eq!(tenant.at("/last_sync_at"), done["finished_at"], "{}", tenant.text);

    // A day later it is forgotten; another tenant never saw it.
    let bob = sign_up(&world, "bob").await;
    let path = format!("/api/v1/tenants/me/sync/{id}/status");
    assert_eq!(bob.get(&world, &path).await.status, 404);
    let none = bob.post(&world, "/api/v1/tenants/me/sync", &json!({})).await;
    assert_eq!((none.status.as_u16(), none.text_at("/code").as_str()), (409, "not_connected"));
    world.clock.advance_seconds(24 * 3_600 + 60);
    assert_eq!(house.owner.get(&world, &path).await.status, 404);
}

#[tokio::test]
async fn one_kind_of_thing_is_synced_by_its_own_path() {
    let world = World::new(5).await;
    let house = House::synced(&world, 5).await;
    for (path, resource, mode) in [
        ("/api/v1/tenants/me/sync/customers", "customers", "incremental"),
        ("/sync/orders", "orders", "full"),
        ("/sync/products", "products", "full"),
        ("/sync/start", "all", "full"),
    ] {
        let body = if mode == "full" { json!({}) } else { json!({"mode": mode}) };
        let begun = house.owner.post(&world, path, &body).await;
        assert_eq!(
            (begun.status.as_u16(), begun.text_at("/resource"), begun.text_at("/mode")),
            (202, resource.to_owned(), mode.to_owned()),
            "{path}: {}",
            begun.text
        );
        world.settle().await;
        assert_eq!(house.jobs(&world).await[0]["resource_type"], json!(resource));
        assert_eq!(house.jobs(&world).await[0]["status"], json!("completed"));
    }
    for path in ["/sync/everything", "/api/v1/tenants/me/sync/status"] {
        assert_eq!(house.owner.post(&world, path, &json!({})).await.status, 404, "{path}");
    }
    let twice = house.owner.post(&world, "/sync/orders", &json!({"resource": "customers"})).await;
    assert_eq!((twice.status.as_u16(), twice.text_at("/errors/0/pointer")), (400, "/resource".to_owned()));
}

#[tokio::test]
async fn the_last_ten_syncs_are_told_newest_first() {
    let world = World::new(3).await;
    let house = House::synced(&world, 3).await;
    for resource in ["orders", "products"].repeat(6) {
        house.sync(&world, &json!({"resource": resource, "mode": "incremental"})).await;
    }
    let jobs = house.jobs(&world).await;
    assert_eq!(jobs.len(), 10);
    let begun: Vec<&str> = jobs.iter().map(|job| job["created_at"].as_str().unwrap()).collect();
    assert!(begun.is_sorted_by(|one, next| one > next), "{begun:?}");
    assert!(jobs.iter().all(|job| job["error"].is_null() && job["mode"] != json!("full")), "{jobs:?}");
}

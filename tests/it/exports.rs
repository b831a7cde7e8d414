//! Files of any size to take away: asked for like a list, written by a job, and linked for an hour (CUS-13, ORD-09, JOB-05).

use crate::{
    cast::{PASSWORD, Person, join, login, sign_up},
    customers::{made, shop},
};
use local::{World, world::Answer};
use serde_json::{Value, json};

/// The job, once it has ended.
async fn ended(world: &World, person: &Person, path: &str) -> Answer {
    let begun = person.post(world, path, &json!({})).await;
    assert_eq!((begun.status.as_u16(), begun.text_at("/state").as_str()), (202, "queued"), "{}", begun.text);
    world.settle().await;
    person.get(world, begun.header("location")).await
}

pub(crate) async fn peopled(world: &World, owner: &Person, count: u32) {
    for first in (0..count).step_by(1_000) {
        let row = |number: u32| {
            json!({"email": format!("p{number}@example.com"), "first_name": "=cmd", "tags": [if number.is_multiple_of(3) { "vip" } else { "new" }],
                "note": "n".repeat(4_000)})
        };
        let rows: Vec<Value> = (first..count.min(first + 1_000)).map(row).collect();
        let stored = owner.post(world, "/api/v1/customers/bulk", &json!({"customers": rows})).await;
        assert_eq!(stored.at("/failed"), json!(0), "{}", stored.text.chars().take(500).collect::<String>());
    }
}

#[tokio::test]
async fn a_file_of_several_parts_holds_everybody_and_can_be_brought_elsewhere() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    peopled(&world, &owner, 1_500).await;
    let all = ended(&world, &owner, "/api/v1/exports/customers").await;
    assert_eq!(
        (all.text_at("/state").as_str(), all.at("/rows"), all.at("/percent")),
        ("done", json!(1_500), json!(100)),
        "{}",
        all.text
    );
    let file = world.get(&all.text_at("/file_url")).send().await;
    assert!(file.text.len() > 6_000_000, "more than one part");
    assert_eq!(file.text.lines().count(), 1_501);
    assert!(file.text.contains(",'=cmd,") && !file.text.contains(",=cmd"), "formulas are texts");
    assert!(
        file.header("content-disposition").contains("customers-2026-"),
        "{}",
        file.header("content-disposition")
    );
    let filtered = ended(&world, &owner, "/api/v1/exports/customers?tag=vip&search=p30@").await;
    let listed = owner.get(&world, "/api/v1/customers?tag=vip&search=p30@").await;
    assert_eq!(filtered.at("/rows"), listed.at("/total"));

    // The link ends, and a new one is made for who asks again.
    world.clock.advance_seconds(3_700);
    assert_eq!(world.get(&all.text_at("/file_url")).send().await.status, 403);
    let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
    let again = owner.get(&world, &format!("/api/v1/jobs/{}", all.text_at("/id"))).await;
    assert_eq!(world.get(&again.text_at("/file_url")).send().await.text.len(), file.text.len());

    // Another shop brings the file, and has the same people.
    let other = sign_up(&world, "other").await;
    let told = json!({"of": "customers", "bytes": file.text.len(), "attributes": true});
    let begun = other.post(&world, "/api/v1/imports", &told).await;
    assert_eq!(world.put(&begun.text_at("/upload/url"), &file.text).send().await.status, 200);
    other.post(&world, &format!("/api/v1/imports/{}/start", begun.text_at("/id")), &json!({})).await;
    world.settle().await;
    let job = other.get(&world, &format!("/api/v1/jobs/{}", begun.text_at("/id"))).await;
    assert_eq!((job.at("/created"), job.at("/failed")), (json!(1_500), json!(0)), "{}", job.text);
    let theirs = other.get(&world, "/api/v1/customers?tag=vip&search=p30@").await;
    assert_eq!(theirs.at("/total"), listed.at("/total"));
    assert_eq!(theirs.text_at("/items/0/first_name"), "=cmd");
}

#[tokio::test]
async fn orders_a_viewer_and_nobody() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let viewer = join(&world, &owner, "viewer", "viewer").await;
    let nobody = ended(&world, &viewer, "/api/v1/exports/customers").await;
    let file = world.get(&nobody.text_at("/file_url")).send().await;
    assert_eq!(
        (file.text.lines().count(), nobody.at("/rows")),
        (1, json!(0)),
        "a header alone: {}",
        file.text
    );
    let ada = made(&world, &owner, &json!({"email": "ada@example.com"})).await;
    for total in ["5.00", "7.00", "9.00"] {
        let order = json!({"customer_id": ada, "total": total});
        assert_eq!(owner.post(&world, "/api/v1/orders", &order).await.status, 201);
    }
    let orders = ended(&world, &viewer, "/api/v1/exports/orders?min_amount=6").await;
    assert_eq!(
        (orders.text_at("/state").as_str(), orders.at("/rows")),
        ("done", json!(2)),
        "{}",
        orders.text
    );
    let file = world.get(&orders.text_at("/file_url")).send().await;
    assert_eq!(file.text.lines().count(), 3, "{}", file.text);
    for nobodys in ["01M3250V000000000000000001", "x"] {
        let asked = format!("exports/orders?customer_id={nobodys}");
        let later = viewer.post(&world, &format!("/api/v1/{asked}"), &json!({})).await;
        let at_once =
            viewer.get(&world, &format!("/api/v1/data/{}", asked.replace("exports", "export"))).await;
        for answer in [later, at_once] {
            assert_eq!((answer.status.as_u16(), answer.text_at("/code").as_str()), (404, "not_found"));
        }
    }
    for refused in ["/api/v1/exports/orders?min_amount=x", "/api/v1/exports/customers?vip=1"] {
        assert_eq!(viewer.post(&world, refused, &json!({})).await.status, 400, "{refused}");
    }
}

#[tokio::test]
async fn whoever_dies_at_it_leaves_it_to_the_next() {
    let mut faults = 0;
    for seed in 3..9 {
        let world = World::new(seed).await;
        let owner = shop(&world, "owner").await;
        peopled(&world, &owner, 300).await;
        let begun = owner.post(&world, "/api/v1/exports/customers?search=example", &json!({})).await;
        let job: domain::JobId = begun.text_at("/id").parse().expect("an id");
        let store = world.store_of(owner.tenant.parse().expect("an id"));
        world.faults.storm(60);
        for _ in 0..1_000 {
            world.storm_through().await;
            if !store.job(job).await.expect("memory holds").expect("it is there").is_open() {
                break;
            }
        }
        world.faults.calm();
        faults += world.faults.happened().values().sum::<u32>();
        let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
        let done = owner.get(&world, &format!("/api/v1/jobs/{job}")).await;
        assert_eq!(
            (done.text_at("/state").as_str(), done.at("/rows")),
            ("done", json!(300)),
            "{seed}: {}",
            done.text
        );
        let file = world.get(&done.text_at("/file_url")).send().await;
        let mut emails: Vec<_> =
            file.text.lines().filter_map(|line| line.split(',').find(|cell| cell.contains('@'))).collect();
        emails.sort_unstable();
        emails.dedup();
        assert_eq!(emails.len(), 300, "{seed}");
    }
    assert!(faults > 10, "{faults} faults are no storm");
}

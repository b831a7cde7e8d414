//! Jobs that end before their work is done: cancelled, or because their file is another by now.

use crate::{
    cast::Person,
    customers::{made, shop},
    exports::peopled,
    imports::{counts, people, started},
};
use domain::Queue;
use local::{World, faults::halt, world::Answer};
use serde_json::json;
use store::local::{Ledger, Units};

/// Delivers the job's message; where it comes to the table for the `at`-th time, somebody cancels it. With what was read
/// by then.
async fn cancelled(world: &World, owner: &Person, path: &str, at: u32) -> Option<(Answer, Ledger)> {
    let taken = world.tasks.take(Queue::Import).expect("memory holds");
    let [message] = taken.as_slice() else { panic!("one message: {taken:?}") };
    let cancel = async {
        let answer = owner.post(world, &format!("{path}/cancel"), &json!({})).await;
        // What the API has asked for is lost.
        for asked in world.tasks.take(Queue::Audience).expect("memory holds") {
            world.tasks.done(Queue::Audience, &asked).expect("memory holds");
        }
        (answer, world.table.ledger())
    };
    let done = halt::overtaken(world.deliver(Queue::Import, &message.body), at, cancel).await;
    world.tasks.done(Queue::Import, message).expect("memory holds");
    let (delivered, (answer, ledger)) = done?;
    delivered.expect("a job that was cancelled is no failure");
    assert!(answer.status == 200 || answer.text_at("/code") == "job_ended", "{}", answer.text);
    Some((answer, ledger))
}

fn stored(world: &World) -> usize {
    world.table.dump().expect("memory holds").iter().filter(|item| item.key.sk == "PROFILE").count()
}

#[tokio::test]
async fn a_cancelled_import_stores_no_more_and_whom_it_has_stored_is_in_lists() {
    // A quarter of a megabyte is counted together: here, thousands of rows.
    let short: String = (0..5_000).map(|number| format!("s{number}@example.com\n")).collect();
    let long: String =
        (0..70).map(|number| format!("l{number}@example.com,{}\n", "n".repeat(70_000))).collect();
    for file in [format!("email\n{short}"), format!("email,filler\n{}{long}", short.replace('\n', ",\n"))] {
        let world = World::new(1).await;
        let owner = shop(&world, "owner").await;
        let path = started(&world, &owner, json!({"of": "customers"}), &file).await;
        let (answer, _) = cancelled(&world, &owner, &path, 1_500).await.expect("it is not done by then");
        assert_eq!(answer.text_at("/state"), "cancelled");
        let stored = stored(&world);
        assert!((1..=1_000).contains(&stored), "{stored} rows are stored, though nobody wants them");
        world.settle().await;
        assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(stored));
        assert_eq!(owner.get(&world, &path).await.text_at("/state"), "cancelled");
    }
}

#[tokio::test]
async fn a_cancelled_export_reads_no_more() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    peopled(&world, &owner, 1_500).await;
    world.settle().await;
    let mut tried = 0;
    for at in 0.. {
        let begun = owner.post(&world, "/api/v1/exports/customers", &json!({})).await;
        let cancelled = cancelled(&world, &owner, begun.header("location"), at).await;
        let Some((answer, before)) = cancelled else { break };
        let read = world.table.ledger().since(&before).reads;
        // Each of 1,500 takes two units; they are read 500 at a time.
        assert!(read < Units::whole(1_600), "{read} read units at access {at}: {}", answer.text);
        tried += u32::from(answer.status == 200);
    }
    assert!(tried > 5, "{tried}");
}

#[tokio::test]
async fn a_file_that_is_replaced_after_the_start_is_not_read() {
    let (first, second) = (people(60, 10_000), people(60, 10_000).replace("@example.com", "@example.org"));
    // Before anybody has begun, and in the middle of it.
    for at in [None, Some(40)] {
        let world = World::new(3).await;
        let owner = shop(&world, "owner").await;
        let told = json!({"of": "customers", "bytes": first.len()});
        let begun = owner.post(&world, "/api/v1/imports", &told).await;
        let bring = async |file: &str| {
            let brought = world.put(&begun.text_at("/upload/url"), file).send().await;
            assert_eq!(brought.status, 200, "{}", brought.text);
        };
        bring(&second).await;
        bring(&first).await;
        let id = begun.text_at("/id");
        let start = owner.post(&world, &format!("/api/v1/imports/{id}/start"), &json!({})).await;
        assert_eq!(start.status, 202, "until then another may be brought: {}", start.text);
        if let Some(at) = at {
            let taken = world.tasks.take(Queue::Import).expect("memory holds");
            let delivered = world.deliver(Queue::Import, &taken[0].body);
            let done = halt::overtaken(delivered, at, bring(&second)).await.expect("it is not done by then");
            done.0.expect("the job says what is wrong");
            world.tasks.done(Queue::Import, &taken[0]).expect("memory holds");
        } else {
            bring(&second).await;
        }
        world.settle().await;
        let job = owner.get(&world, &format!("/api/v1/jobs/{id}")).await;
        assert_eq!(job.text_at("/state"), "failed", "{}", job.text);
        assert!(job.text_at("/why").contains("another file was brought"), "{}", job.text);
        let of = async |word: &str| {
            owner.get(&world, &format!("/api/v1/customers?search={word}")).await.at("/total")
        };
        assert_eq!(of("example.org").await, json!(0));
        let [_, created, ..] = counts(&job);
        assert_eq!(of("example.com").await, json!(created), "what was stored by then stays");
        assert_eq!(created > 0, at.is_some());
    }
}

/// Rows of an order with one line each; a filler makes a stretch of few.
fn order(name: &str, titles: &[&str], filler: usize) -> String {
    let row = |title: &&str| format!("{name},ada@example.com,2026-01-31,{title},5,{}\n", "x".repeat(filler));
    titles.iter().map(row).collect()
}

const ORDERS: &str = "name,email,placed_at,line_title,line_price,filler\n";

#[tokio::test]
async fn an_order_whose_rows_stand_far_apart_is_told_so_and_no_other() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    made(&world, &owner, &json!({"email": "ada@example.com"})).await;
    let before = format!("{ORDERS}{}", order("#before", &["Tea"], 0));
    let path = started(&world, &owner, json!({"of": "orders"}), &before).await;
    world.settle().await;
    assert_eq!(counts(&owner.get(&world, &path).await)[1], 1);
    let id = owner.get(&world, "/api/v1/orders").await.text_at("/items/0/id");

    let between: String = (0..10).map(|number| order(&format!("#{number}"), &["Cup"], 60_000)).collect();
    let torn = order("#torn", &["Tea"], 0) + &between + &order("#torn", &["Pot"], 0);
    let file = format!("{ORDERS}{}{torn}", order("#before", &["Tea", "Pot"], 0));
    let path = started(&world, &owner, json!({"of": "orders"}), &file).await;
    world.clock.advance_seconds(1);
    let edited = owner.call(&world, "PATCH", &format!("/api/v1/orders/{id}"), &json!({"note": "gift"})).await;
    assert_eq!(edited.status, 200, "{}", edited.text);
    world.settle().await;
    let done = owner.get(&world, &path).await;
    assert_eq!(done.text_at("/state"), "done", "{}", done.text);
    let [rows, created, updated, unchanged, failed] = counts(&done);
    assert_eq!([rows, created, updated, unchanged, failed], [14, 11, 0, 1, 1], "{}", done.text);
    assert_eq!(done.at("/failures/0/row"), json!(14), "{}", done.text);
    assert!(done.text_at("/failures/0/message").contains("must follow each other"), "{}", done.text);
}

#[tokio::test]
async fn an_order_that_was_changed_before_its_stretch_is_done_again_is_not_taken_for_torn() {
    let mut tried = 0;
    for at in 0.. {
        let world = World::new(5).await;
        let owner = shop(&world, "owner").await;
        made(&world, &owner, &json!({"email": "ada@example.com"})).await;
        let file = format!("{ORDERS}{}{}", order("#1", &["Tea", "Pot"], 0), order("#2", &["Cup"], 0));
        let path = started(&world, &owner, json!({"of": "orders"}), &file).await;
        let taken = world.tasks.take(Queue::Import).expect("memory holds");
        let (_, has_failed) = halt::failing(at, world.deliver(Queue::Import, &taken[0].body)).await;
        if !has_failed {
            break;
        }
        world.clock.advance_seconds(1);
        let listed = owner.get(&world, "/api/v1/orders").await;
        for item in listed.at("/items").as_array().expect("a list") {
            tried += 1;
            let id = item["id"].as_str().expect("an id");
            let told = json!({"lines": [{"title": "Tea", "price": "5"}]});
            let edited = owner.call(&world, "PATCH", &format!("/api/v1/orders/{id}"), &told).await;
            assert_eq!(edited.status, 200, "{}", edited.text);
        }
        let again = world.deliver(Queue::Import, &taken[0].body).await;
        again.expect("it is done");
        world.tasks.done(Queue::Import, &taken[0]).expect("memory holds");
        world.settle().await;
        let done = owner.get(&world, &path).await;
        let [rows, .., failed] = counts(&done);
        assert_eq!((done.text_at("/state").as_str(), rows, failed), ("done", 3, 0), "{at}: {}", done.text);
    }
    assert!(tried > 2, "{tried}");
}

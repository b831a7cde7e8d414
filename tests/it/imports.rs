//! Files of any size: brought past us, read by a job, stored once whatever happens to whoever reads them (ING-06, 08).

use crate::{
    cast::{PASSWORD, Person, join, login},
    customers::{made, shop},
    files::brought,
};
use domain::Queue;
use local::{World, faults::halt::failing, world::Answer};
use serde_json::{Value, json};

/// Asks for an import, brings the file, and starts it. Answers the job's path.
pub(crate) async fn started(world: &World, owner: &Person, told: Value, file: &str) -> String {
    let mut told = told;
    told["bytes"] = json!(file.len());
    let begun = owner.post(world, "/api/v1/imports", &told).await;
    assert_eq!(begun.status, 201, "{}", begun.text);
    assert_eq!(begun.text_at("/state"), "waiting");
    let brought = world.put(&begun.text_at("/upload/url"), file).send().await;
    assert_eq!(brought.status, 200, "{}", brought.text);
    let id = begun.text_at("/id");
    let start = owner.post(world, &format!("/api/v1/imports/{id}/start"), &json!({})).await;
    assert_eq!((start.status.as_u16(), start.text_at("/state").as_str()), (202, "queued"), "{}", start.text);
    format!("/api/v1/jobs/{id}")
}

pub(crate) fn counts(job: &Answer) -> [u64; 5] {
    ["rows", "created", "updated", "unchanged", "failed"]
        .map(|name| job.at(&format!("/{name}")).as_u64().expect("a count"))
}

/// Rows that are long enough for a large file of few.
pub(crate) fn people(count: usize, filler: usize) -> String {
    let mut file = "email,first_name,phone,filler\n".to_owned();
    for number in 0..count {
        let phone = if number % 3 == 0 { format!("+1415555{:04}", number % 10_000) } else { String::new() };
        file += &format!("p{number}@example.com,P{number},{phone},{}\n", "n".repeat(filler));
    }
    file
}

#[tokio::test]
async fn a_file_is_brought_and_its_job_tells_what_became_of_it() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    made(&world, &owner, &json!({"email": "known@example.com"})).await;
    let file = "email,name,birthday\nada@example.com,Ada,\nknown@example.com,Known,\nnobody,Jo,31-12-2025\n\
                =cmd@example.com,\"=1+1\",1990-01-01\nada@example.com,Ada,\n";
    let path = started(&world, &owner, json!({"of": "customers", "file": "people.csv"}), file).await;
    world.settle().await;
    let done = owner.get(&world, &path).await;
    assert_eq!(
        (done.text_at("/state").as_str(), done.at("/percent"), done.text_at("/file").as_str()),
        ("done", json!(100), "people.csv"),
        "{}",
        done.text
    );
    assert_eq!(counts(&done), [5, 2, 1, 1, 1], "{}", done.text);
    assert_eq!(done.at("/failures").as_array().map(Vec::len), Some(2), "one for each cell: {}", done.text);
    assert_eq!(done.at("/failures/0/row"), json!(3));
    let failed = world.get(&done.text_at("/failed_rows_url")).send().await;
    assert!(failed.header("content-disposition").contains("customers-not-stored.csv"));
    let lines: Vec<_> = failed.text.lines().collect();
    assert_eq!(lines.len(), 2, "{}", failed.text);
    assert_eq!(lines[0], "email,name,birthday,why_not_stored");
    assert!(lines[1].starts_with("nobody,Jo,31-12-2025,") && lines[1].contains("email"), "{}", failed.text);

    // Mended and brought again, only what was wrong changes anything.
    let mended = failed.text.replace("nobody", "jo@example.com").replace("31-12-2025", "2000-12-31");
    let told = json!({"of": "customers", "attributes": true});
    let again = started(&world, &owner, told, &mended).await;
    world.settle().await;
    let again = owner.get(&world, &again).await;
    assert_eq!(counts(&again), [1, 1, 0, 0, 0], "{}", again.text);
    let jo = owner.get(&world, "/api/v1/customers?search=jo@example.com").await;
    let jo = owner.get(&world, &format!("/api/v1/customers/{}", jo.text_at("/items/0/id"))).await;
    assert_eq!(
        (jo.text_at("/birthday").as_str(), jo.at("/attributes")),
        ("2000-12-31", json!({})),
        "{}",
        jo.text
    );
    let listed = owner.get(&world, "/api/v1/jobs").await;
    assert_eq!(listed.at("/items").as_array().map(Vec::len), Some(2));
    assert_eq!(listed.at("/items/0/id"), again.at("/id"), "newest first");
}

#[tokio::test]
async fn a_large_file_is_shown_whole_when_it_is_done_and_changes_nothing_the_second_time() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    made(&world, &owner, &json!({"email": "p7@example.com", "total_spent": "5.00"})).await;
    let file = people(1_500, 3_000);
    let path = started(&world, &owner, json!({"of": "customers"}), &file).await;
    let mut seen = vec![0];
    while owner.get(&world, &path).await.text_at("/state") != "done" {
        world.storm_through().await;
        seen.push(owner.get(&world, &path).await.at("/percent").as_u64().expect("a number"));
    }
    assert!(seen.is_sorted(), "{seen:?}");
    let done = owner.get(&world, &path).await;
    assert_eq!(counts(&done), [1_500, 1_499, 1, 0, 0], "{}", done.text);
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(1_500));
    let known = owner.get(&world, "/api/v1/customers?search=p7@example.com").await;
    assert_eq!(known.text_at("/items/0/total_spent"), "5.00");
    let one = owner.get(&world, "/api/v1/customers?search=p1499@example.com").await;
    let path = format!("/api/v1/customers/{}", one.text_at("/items/0/id"));
    let changed = owner.call(&world, "PATCH", &path, &json!({"tags": ["vip"]})).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let tagged = owner.get(&world, "/api/v1/customers?tag=vip").await;
    assert_eq!(tagged.at("/total"), json!(1), "{}", tagged.text);

    let again = started(&world, &owner, json!({"of": "customers"}), &file).await;
    world.settle().await;
    assert_eq!(counts(&owner.get(&world, &again).await), [1_500, 0, 0, 1_500, 0]);
}

#[tokio::test]
async fn whoever_dies_at_it_leaves_nothing_lost_and_nothing_double() {
    let mut faults = 0;
    for (seed, filler) in (3..9).flat_map(|seed| [(seed, 0), (seed + 10, 70_000)]) {
        let world = World::new(seed).await;
        let owner = shop(&world, "owner").await;
        let file = people(70, filler);
        let path = started(&world, &owner, json!({"of": "customers"}), &file).await;
        let job: domain::JobId = path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
        let store = world.store_of(owner.tenant.parse().expect("an id"));
        world.faults.storm(8);
        for _ in 0..1_000 {
            world.storm_through().await;
            if !store.job(job).await.expect("memory holds").expect("it is there").is_open() {
                break;
            }
        }
        world.faults.calm();
        faults += world.faults.happened().values().sum::<u32>();
        let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
        let done = owner.get(&world, &path).await;
        assert_eq!(done.text_at("/state"), "done", "{}", done.text);
        let [rows, created, updated, unchanged, failed] = counts(&done);
        assert_eq!(
            (rows, created, updated + unchanged, failed),
            (70, 70, 0, 0),
            "seed {seed}: {}",
            done.text
        );
        let listed = owner.get(&world, "/api/v1/customers?limit=100").await;
        assert_eq!(listed.at("/total"), json!(70));
        let items = listed.at("/items");
        let mut emails: Vec<_> =
            items.as_array().expect("a list").iter().map(|one| one["email"].to_string()).collect();
        emails.sort();
        emails.dedup();
        assert_eq!(emails.len(), 70, "seed {seed}");
    }
    assert!(faults > 30, "{faults} faults are no storm");
}

#[tokio::test]
async fn what_cannot_be_imported_says_why() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    let viewer = join(&world, &owner, "viewer", "viewer").await;
    for (told, at) in [
        (json!({"of": "people", "bytes": 5}), "/of"),
        (json!({"of": "customers", "bytes": 0}), "/bytes"),
        (json!({"of": "customers", "bytes": 3_000_000_000_u64}), "/bytes"),
        (json!({"of": "customers", "bytes": 5, "phone_country": "XX"}), "/phone_country"),
        (json!({"of": "customers", "bytes": 5, "attest": ""}), "/attest"),
    ] {
        let refused = owner.post(&world, "/api/v1/imports", &told).await;
        assert_eq!((refused.status.as_u16(), refused.text_at("/errors/0/pointer").as_str()), (400, at));
    }
    let told = json!({"of": "customers", "bytes": 5});
    assert_eq!(viewer.post(&world, "/api/v1/imports", &told).await.status, 403);

    let begun = owner.post(&world, "/api/v1/imports", &told).await;
    let start = format!("/api/v1/imports/{}/start", begun.text_at("/id"));
    let early = owner.post(&world, &start, &json!({})).await;
    assert_eq!((early.status.as_u16(), early.text_at("/code").as_str()), (409, "not_brought"));
    let job = format!("/api/v1/jobs/{}", begun.text_at("/id"));
    let shown = viewer.get(&world, &job).await;
    assert!(shown.status == 200 && shown.at("/upload") == Value::Null, "no link for who may not bring files");
    assert_eq!(owner.post(&world, &format!("{job}/cancel"), &json!({})).await.text_at("/state"), "cancelled");
    assert_eq!(owner.post(&world, &format!("{job}/cancel"), &json!({})).await.text_at("/code"), "job_ended");
    assert_eq!(owner.get(&world, "/api/v1/jobs/x").await.status, 404);

    for (file, why) in [
        ("name\nAda\n", "email or phone"),
        ("email\n", "no rows"),
        ("\u{0}\u{1}PK", "text"),
        ("email,mail\na@example.com,b@example.com\n", "two columns"),
    ] {
        let path = started(&world, &owner, json!({"of": "customers"}), file).await;
        world.settle().await;
        let failed = owner.get(&world, &path).await;
        assert_eq!(failed.text_at("/state"), "failed", "{}", failed.text);
        assert!(failed.text_at("/why").contains(why), "{}", failed.text);
    }
    // Word for word what a request says.
    let twins = "email,a-b,a b\na@example.com,1,2\n";
    let path = started(&world, &owner, json!({"of": "customers", "attributes": true}), twins).await;
    world.settle().await;
    let failed = owner.get(&world, &path).await;
    let at_once = brought(&world, &owner, "/api/v1/data/import/customers?attributes=true", twins).await;
    assert_eq!(at_once.text_at("/code"), "bad_header");
    assert_eq!(failed.text_at("/why"), at_once.text_at("/detail"), "{}", failed.text);
    let nameless = format!("walk_in,total,date\n{}", "yes,5.00,2026-01-31\n".repeat(60_000));
    let path = started(&world, &owner, json!({"of": "orders"}), &nameless).await;
    world.settle().await;
    assert!(
        owner.get(&world, &path).await.text_at("/why").contains("names each order"),
        "else equal ones are lost"
    );
    let dry = json!({"of": "customers", "dry_run": true});
    let path = started(&world, &owner, dry, "email\nada@example.com\nx\n").await;
    world.settle().await;
    assert_eq!(counts(&owner.get(&world, &path).await), [2, 1, 0, 0, 1]);
    assert_eq!(
        owner.get(&world, "/api/v1/customers").await.at("/total"),
        json!(0),
        "a dry run stores nothing"
    );
}

#[tokio::test]
async fn a_job_whose_message_is_lost_is_asked_for_again() {
    let world = World::new(6).await;
    let owner = shop(&world, "owner").await;
    let path = started(&world, &owner, json!({"of": "customers"}), "email\nada@example.com\n").await;
    for taken in world.tasks.take(Queue::Import).expect("memory holds") {
        world.tasks.done(Queue::Import, &taken).expect("memory holds");
    }
    world.settle().await;
    assert_eq!(owner.get(&world, &path).await.text_at("/state"), "queued");
    world.clock.advance_seconds(domain::job::STALLED_SECONDS);
    world.settle().await;
    let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
    assert_eq!(owner.get(&world, &path).await.text_at("/state"), "done");
}

#[tokio::test]
async fn orders_come_in_files_of_any_size_whatever_their_rows_are_cut_into() {
    let world = World::new(7).await;
    let owner = shop(&world, "owner").await;
    made(&world, &owner, &json!({"email": "ada@example.com"})).await;
    // Two megabytes, so that an order lies across the end of a stretch.
    let mut file = "order,email,placed_at,line_title,line_quantity,line_price,filler\n".to_owned();
    for number in 0..40 {
        let email = if number == 7 { "nobody@example.com" } else { "ada@example.com" };
        for line in 0..10 {
            file += &format!("#{number},{email},2026-01-02,Tea {line},1,1.00,{}\n", "x".repeat(5_000));
        }
    }
    for (time, expected) in [[40, 39, 0, 0, 1], [40, 0, 0, 39, 1]].into_iter().enumerate() {
        let path = started(&world, &owner, json!({"of": "orders"}), &file).await;
        world.settle().await;
        let done = owner.get(&world, &path).await;
        let [_, created, updated, unchanged, failed] = counts(&done);
        assert_eq!([40, created, updated, unchanged, failed], expected, "{time}: {}", done.text);
        assert_eq!(done.at("/rows"), json!(400));
        let failed = world.get(&done.text_at("/failed_rows_url")).send().await;
        assert_eq!(failed.text.lines().count(), 11, "all rows of the order");
    }
    let ada = owner.get(&world, "/api/v1/customers?search=ada").await;
    assert_eq!(
        (ada.text_at("/items/0/total_spent").as_str(), ada.at("/items/0/orders_count")),
        ("390.00", json!(39)),
        "{}",
        ada.text
    );
}

#[tokio::test]
async fn whoever_was_stored_is_in_lists_also_when_the_job_is_cancelled_or_dies() {
    for at in [30, 60, 90] {
        let world = World::new(8).await;
        let owner = shop(&world, "owner").await;
        let file = people(70, 70_000);
        let path = started(&world, &owner, json!({"of": "customers"}), &file).await;
        let taken = world.tasks.take(Queue::Import).expect("memory holds");
        let [message] = taken.as_slice() else { panic!("one message: {taken:?}") };
        let (done, has_failed) = failing(at, world.deliver(Queue::Import, &message.body)).await;
        assert!(has_failed && done.is_err(), "{at}: {done:?}");
        let cancelled = owner.post(&world, &format!("{path}/cancel"), &json!({})).await;
        assert_eq!(cancelled.text_at("/state"), "cancelled", "{}", cancelled.text);
        // What the API has asked for is lost; the job's own message comes again.
        for asked in world.tasks.take(Queue::Audience).expect("memory holds") {
            world.tasks.done(Queue::Audience, &asked).expect("memory holds");
        }
        world
            .deliver(Queue::Import, &message.body)
            .await
            .expect("there is nothing left to do but to show them");
        world.tasks.done(Queue::Import, message).expect("memory holds");
        world.settle().await;
        let stored = world.table.dump().expect("memory holds");
        let stored = stored.iter().filter(|item| item.key.sk == "PROFILE").count();
        assert!(stored > 0, "{at}");
        assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(stored), "{at}");
        let start = format!("{}/start", path.replace("/jobs/", "/imports/"));
        assert_eq!(owner.post(&world, &start, &json!({})).await.text_at("/code"), "job_ended");
    }
}

#[tokio::test]
async fn who_was_erased_before_a_stretch_is_done_again_stays_so_and_keeps_no_address() {
    for filler in [0, 70_000] {
        let mut tried = 0;
        for at in 30..50 {
            let world = World::new(9).await;
            let owner = shop(&world, "owner").await;
            let path = started(&world, &owner, json!({"of": "customers"}), &people(70, filler)).await;
            let taken = world.tasks.take(Queue::Import).expect("memory holds");
            let (done, _) = failing(at, world.deliver(Queue::Import, &taken[0].body)).await;
            assert!(done.is_err(), "{at}");
            // The last who is there, if the stretch that has failed stored them.
            let stored = world.table.dump().expect("memory holds");
            let profiles = stored.iter().filter(|item| item.key.sk == "PROFILE");
            let job = path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
            let counted = world.store_of(owner.tenant.parse().expect("an id")).job(job).await;
            let counted = counted.expect("memory holds").expect("it is there").progress.created;
            let Some(profile) = profiles.skip(usize::try_from(counted).expect("few")).last() else {
                continue;
            };
            tried += 1;
            let id = profile.key.pk.rsplit('#').next().expect("an id").to_owned();
            let one = owner.get(&world, &format!("/api/v1/customers/{id}")).await;
            let erased = owner.call(&world, "DELETE", &format!("/api/v1/customers/{id}"), &json!({})).await;
            assert_eq!(erased.status, 204, "{}", erased.text);
            world.deliver(Queue::Import, &taken[0].body).await.expect("the rest is stored");
            world.tasks.done(Queue::Import, &taken[0]).expect("memory holds");
            world.settle().await;
            let done = owner.get(&world, &path).await;
            let [rows, created, _, _, failed] = counts(&done);
            assert_eq!((rows, created, failed), (70, 69, 1), "{filler} {at}: {}", done.text);
            assert!(done.text_at("/failures/0/message").contains("has just been deleted"), "{}", done.text);
            let email = one.text_at("/email");
            let free = owner.post(&world, "/api/v1/customers", &json!({"email": email})).await;
            assert_eq!(free.status, 201, "{filler} {at}: {}", free.text);
        }
        assert!(tried > 2, "{filler}");
    }
}

//! Who is in a segment, as a list and as a file, and in which segments somebody is (SEG-06).

use super::{PATH, house, list, segment};
use crate::customers::{made, shop, told};
use local::{World, world::Answer};
use serde_json::{Value, json};

const PEOPLE: [(&str, &str, u32); 5] =
    [("Ada", "250", 3), ("Bob", "90.50", 1), ("Cyd", "10", 2), ("Dan", "250", 5), ("Eve", "0", 0)];

fn names(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let items = answer.at("/items").as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item["name"].as_str().unwrap_or("-")).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn members_are_sorted_searched_filtered_and_paged() {
    let world = World::new(1).await;
    let owner = house(&world, "owner").await;
    for (name, spent, orders) in PEOPLE {
        let email = format!("{}@example.com", name.to_lowercase());
        let body = json!({"name": name, "email": email, "total_spent": spent, "orders_count": orders});
        made(&world, &owner, &body).await;
        world.clock.advance_seconds(60);
    }
    let id = segment(&world, &owner, "Buyers", "number_of_orders > 0").await;
    let path = format!("{PATH}/{id}/members");
    let before = owner.get(&world, &path).await;
    assert_eq!((before.at("/total"), before.at("/settled_at")), (json!(0), json!(null)), "{}", before.text);
    world.settle().await;
    for (query, expected) in [
        ("", "Dan Cyd Bob Ada"),
        ("order=asc", "Ada Bob Cyd Dan"),
        ("sort=name&order=asc", "Ada Bob Cyd Dan"),
        ("sortBy=totalSpent&sortOrder=desc", "Dan Ada Bob Cyd"),
        ("sort=orders_count", "Dan Ada Cyd Bob"),
        ("search=bob", "Bob"),
        ("search=eve", ""),
        ("min_spent=90&sort=orders_count&order=asc", "Bob Ada Dan"),
        ("limit=2&page=2", "Bob Ada"),
    ] {
        assert_eq!(names(&owner.get(&world, &format!("{path}?{query}")).await), expected, "{query}");
    }
    let all = owner.get(&world, &path).await;
    assert_eq!((all.at("/total"), all.text_at("/items/0/total_spent")), (json!(4), "250.00".to_owned()));
    assert!(all.at("/settled_at").is_string(), "{}", all.text);

    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = owner.get(&world, &format!("{path}?sort=total_spent&limit=1{cursor}")).await;
        seen.push(names(&page));
        let Some(next) = page.at("/next").as_str().map(str::to_owned) else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ["Dan", "Ada", "Bob", "Cyd"]);

    // Both at once, and as a question about all customers.
    let rich = segment(&world, &owner, "Rich", "amount_spent > 200").await;
    world.settle().await;
    assert_eq!(names(&owner.get(&world, &format!("{path}?segment={rich}")).await), "Dan Ada");
    assert_eq!(names(&owner.get(&world, &format!("/api/v1/customers?segment={rich}")).await), "Dan Ada");
}

#[tokio::test]
async fn whoever_asks_wrongly_is_told_so() {
    let world = World::new(2).await;
    let owner = house(&world, "owner").await;
    made(&world, &owner, &json!({"name": "Ada"})).await;
    made(&world, &owner, &json!({"name": "Bob"})).await;
    let (one, two) = (segment(&world, &owner, "One", "EVERYONE").await, list(&world, &owner, "Two").await);
    world.settle().await;
    let path = format!("{PATH}/{one}/members");
    for (query, at) in [
        ("limit=0", "?limit"),
        ("limit=1000000", "?limit"),
        ("cursor=x", "?cursor"),
        ("sort=size", "?sort"),
        ("order=up", "?order"),
        ("page=0", "?page"),
        ("segment=x", "?segment"),
    ] {
        let answer = owner.get(&world, &format!("{path}?{query}")).await;
        assert_eq!((answer.status.as_u16(), told(&answer).2.as_str()), (400, at), "{query}: {}", answer.text);
    }
    // A cursor is of its list alone.
    let next = owner.get(&world, &format!("{path}?limit=1")).await.text_at("/next");
    for other in [format!("{PATH}/{two}/members"), "/api/v1/customers".to_owned()] {
        let answer = owner.get(&world, &format!("{other}?cursor={next}")).await;
        assert_eq!(told(&answer), (400, "not_a_cursor".to_owned(), "?cursor".to_owned()), "{other}");
    }
    let empty = owner.get(&world, &format!("{PATH}/{two}/members")).await;
    assert_eq!(
        (empty.at("/items"), empty.at("/total"), empty.at("/next")),
        (json!([]), json!(0), json!(null))
    );

    let other = shop(&world, "other").await;
    let theirs = segment(&world, &other, "Theirs", "EVERYONE").await;
    for path in [
        format!("{PATH}/{theirs}/members"),
        format!("{PATH}/none/members"),
        format!("/api/v1/customers?segment={theirs}"),
        format!("{PATH}/{one}/members?segment={theirs}"),
        format!("/api/v1/data/export/customers?segment={theirs}"),
    ] {
        let answer = owner.get(&world, &path).await;
        assert_eq!((answer.status.as_u16(), told(&answer).1.as_str()), (404, "not_found"), "{path}");
    }
    let begun = owner.post(&world, &format!("/api/v1/exports/customers?segment={theirs}"), &json!({})).await;
    assert_eq!(begun.status, 404, "{}", begun.text);
}

#[tokio::test]
async fn members_are_taken_away_in_a_file() {
    let world = World::new(3).await;
    let owner = house(&world, "owner").await;
    for (name, tags) in [("Ada", json!(["vip"])), ("Bob", json!([])), ("Cyd", json!(["vip"]))] {
        made(&world, &owner, &json!({"name": name, "tags": tags})).await;
        world.clock.advance_seconds(60);
    }
    let id = segment(&world, &owner, "Friends", "customer_tags CONTAINS 'vip'").await;
    world.settle().await;
    let query = format!("segment={id}&sort=name&order=asc");
    let begun = owner.post(&world, &format!("/api/v1/exports/customers?{query}"), &json!({})).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    world.settle().await;
    let job = owner.get(&world, begun.header("location")).await;
    assert_eq!((job.text_at("/state").as_str(), job.at("/rows")), ("done", json!(2)), "{}", job.text);
    let file = world.get(&job.text_at("/file_url")).send().await.text;
    let at_once = owner.get(&world, &format!("/api/v1/data/export/customers?{query}")).await.text;
    assert_eq!(file, at_once, "by a job or at once");
    let first_words = |line: &str| line.contains("Ada") || line.contains("Cyd");
    assert_eq!((file.lines().count(), file.lines().skip(1).all(first_words)), (3, true), "{file}");
    let jobs = owner.get(&world, "/api/v1/jobs").await;
    assert_eq!(jobs.at("/items/0/id"), json!(job.text_at("/id")), "{}", jobs.text);

    // Of a segment that is gone by the time the file is made there is none, and it is told.
    let begun = owner.post(&world, &format!("/api/v1/exports/customers?{query}"), &json!({})).await;
    assert_eq!(owner.call(&world, "DELETE", &format!("{PATH}/{id}"), &Value::Null).await.status, 204);
    world.settle().await;
    let job = owner.get(&world, begun.header("location")).await;
    let why = "the segment whose customers were asked for was deleted";
    assert_eq!(
        (job.text_at("/state").as_str(), job.text_at("/why").as_str()),
        ("failed", why),
        "{}",
        job.text
    );
}

#[tokio::test]
async fn a_customers_segments_are_listed() {
    let world = World::new(4).await;
    let owner = house(&world, "owner").await;
    let ada = made(&world, &owner, &json!({"name": "Ada", "tags": ["vip"]})).await;
    let bob = made(&world, &owner, &json!({"name": "Bob"})).await;
    let vip = segment(&world, &owner, "VIP", "customer_tags CONTAINS 'vip'").await;
    world.clock.advance_seconds(1);
    let all = segment(&world, &owner, "All", "EVERYONE").await;
    world.clock.advance_seconds(1);
    let friends = list(&world, &owner, "Friends").await;
    let put = json!({"customers": [ada]});
    assert_eq!(owner.post(&world, &format!("{PATH}/{friends}/members"), &put).await.status, 200);
    world.settle().await;
    let told = owner.get(&world, &format!("/api/v1/customers/{ada}/segments")).await;
    let items: Vec<_> = told.at("/items").as_array().cloned().unwrap_or_default();
    let shown: Vec<_> = items.iter().map(|item| (item["id"].clone(), item["kind"].clone())).collect();
    let expected = [(&vip, "dynamic"), (&all, "dynamic"), (&friends, "static")];
    assert_eq!(shown, expected.map(|(id, kind)| (json!(id), json!(kind))), "{}", told.text);
    assert!(items.iter().all(|item| item["settled_at"].is_string() && item["state"] == "active"));
    let alias = owner.get(&world, &format!("/api/v1/segments/customer/{bob}")).await;
    assert_eq!((alias.at("/total"), alias.at("/items/0/name")), (json!(1), json!("All")), "{}", alias.text);

    // Edited, it is told that it is being found anew.
    let rule = json!({"rule": "customer_tags CONTAINS 'other'"});
    assert_eq!(owner.call(&world, "PATCH", &format!("{PATH}/{vip}"), &rule).await.status, 200);
    let told = owner.get(&world, &format!("/api/v1/customers/{ada}/segments")).await;
    assert_eq!((told.at("/total"), told.at("/items/0/settled_at")), (json!(3), json!(null)));
    world.settle().await;
    let told = owner.get(&world, &format!("/api/v1/customers/{ada}/segments?limit=1")).await;
    assert_eq!((told.at("/total"), told.at("/items/0/name")), (json!(2), json!("All")));
    let next = told.text_at("/next");
    let rest = owner.get(&world, &format!("/api/v1/customers/{ada}/segments?limit=1&cursor={next}")).await;
    assert_eq!((rest.at("/items/0/name"), rest.at("/next")), (json!("Friends"), json!(null)));
    let wrong = owner.get(&world, &format!("/api/v1/customers/{bob}/segments?cursor={next}")).await;
    assert_eq!(wrong.status, 400, "a cursor is of one customer: {}", wrong.text);

    let other = shop(&world, "other").await;
    for path in [format!("/api/v1/customers/{ada}/segments"), format!("/api/v1/segments/customer/{ada}")] {
        assert_eq!(other.get(&world, &path).await.status, 404, "{path}");
    }
}

//! Many customers in one request (CUS-05).

use crate::{
    cast::Person,
    customers::{made, shop},
};
use local::{World, faults::halt, world::Answer};
use serde_json::{Value, json};

async fn bulk(world: &World, owner: &Person, rows: &[Value]) -> Answer {
    owner.post(world, "/api/v1/customers/bulk", &json!({"customers": rows})).await
}

fn counts(answer: &Answer) -> Value {
    json!([answer.at("/created"), answer.at("/updated"), answer.at("/skipped"), answer.at("/failed")])
}

#[tokio::test]
async fn five_thousand_rows_are_stored_whatever_is_wrong_with_some() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let known =
        made(&world, &owner, &json!({"email": "known@example.com", "name": "Known", "total_spent": 5})).await;
    let mut rows: Vec<Value> = (0..5_000)
        .map(|n| json!({"name": format!("Jo Number{n}"), "email": format!("jo{n}@example.com"), "tags": ["imported"], "total_spent": n}))
        .collect();
    for n in 0..9 {
        rows[100 + n] = json!({"email": format!("JO{n}@example.com")});
    }
    rows[200] = json!({"email": "known@example.com"});
    rows[300] = json!({"email": "not an address"});
    rows[301] = json!({"email": "a@example.com", "total_spent": "1.234"});
    rows[302] = json!({"email": "b@example.com", "id": "x"});
    rows[303] = json!({"name": "without an address"});
    rows[304] = json!("no row");
    let first = bulk(&world, &owner, &rows).await;
    assert_eq!(first.status, 200, "{}", &first.text[..first.text.len().min(500)]);
    assert_eq!(counts(&first), json!([4_985, 0, 10, 5]));
    let results = first.at("/results").as_array().cloned().unwrap_or_default();
    assert_eq!(results.len(), 5_000);
    assert!(
        (1..).zip(&results).all(|(row, result)| result["row"] == row),
        "one for each row, in their order"
    );
    assert_eq!((&results[200]["outcome"], &results[200]["id"]), (&json!("skipped"), &json!(known)));
    assert_eq!((&results[100]["outcome"], &results[100]["id"]), (&json!("skipped"), &results[0]["id"]));
    let wrong = |row: usize| {
        (results[row]["errors"][0]["pointer"].clone(), results[row]["errors"][0]["code"].clone())
    };
    assert_eq!(wrong(300), (json!("/email"), json!("invalid")));
    assert_eq!(wrong(301), (json!("/total_spent"), json!("invalid")));
    assert_eq!(wrong(302), (json!("/id"), json!("unknown_member")));
    assert_eq!(wrong(303), (json!(""), json!("no_address")));
    assert_eq!(wrong(304), (json!(""), json!("wrong_type")));
    let total = owner.get(&world, "/api/v1/customers?tag=imported").await;
    assert_eq!(total.at("/total"), json!(4_985), "what was right is stored");
    let kept = owner.get(&world, &format!("/api/v1/customers/{known}")).await;
    assert_eq!(
        (kept.text_at("/first_name").as_str(), kept.text_at("/total_spent").as_str()),
        ("Known", "5.00")
    );

    let again = bulk(&world, &owner, &rows).await;
    assert_eq!(counts(&again), json!([0, 0, 4_995, 5]), "the same again changes nothing");
    world.settle().await;
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(4_986));
    let top = owner.get(&world, "/api/v1/customers?sort=total_spent&limit=1").await;
    assert_eq!(top.text_at("/items/0/email"), "jo4999@example.com", "folded rows are the same rows");
}

#[tokio::test]
async fn rows_are_bounded_and_a_kept_answer_is_given_again() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    for body in
        [json!({}), json!({"customers": []}), json!({"customers": "x"}), json!({"customers": [], "x": 1})]
    {
        assert_eq!(owner.post(&world, "/api/v1/customers/bulk", &body).await.status, 400, "{body}");
    }
    let many: Vec<Value> = (0..5_001).map(|_| json!({})).collect();
    assert_eq!(bulk(&world, &owner, &many).await.text_at("/errors/0/pointer"), "/customers");
    let huge = json!({"customers": [{"email": "a@example.com", "note": "x".repeat(5 * 1024 * 1024)}]});
    assert_eq!(owner.post(&world, "/api/v1/customers/bulk", &huge).await.status, 413);

    let rows = json!({"customers": [{"email": "a@example.com"}, {"email": "b@example.com"}, {"phone": "+14155552671", "email": "a@example.com"}]});
    let call =
        world.post("/api/customers/bulk").bearer(&owner.access).header("idempotency-key", "b1").json(&rows);
    let (first, second) = (call.send().await, call.send().await);
    assert_eq!(counts(&first), json!([2, 0, 1, 0]), "{}", first.text);
    assert_eq!((&first.text, second.header("idempotent-replayed")), (&second.text, "true"));
    let twins = futures::future::join_all((0..4).map(|_| bulk(&world, &owner, &many[..1]))).await;
    assert!(twins.iter().all(|answer| counts(answer) == json!([0, 0, 0, 1])));
    let same: Vec<Value> = (0..20).map(|n| json!({"email": format!("t{n}@example.com")})).collect();
    let twins = futures::future::join_all((0..4).map(|_| bulk(&world, &owner, &same))).await;
    let made: i64 = twins.iter().filter_map(|answer| answer.at("/created").as_i64()).sum();
    assert_eq!(made, 20, "of requests at once each row is stored by one");
    assert_eq!(owner.get(&world, "/api/v1/customers").await.at("/total"), json!(22));
}

#[tokio::test]
async fn rows_for_which_time_does_not_suffice_say_so() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    let rows: Vec<Value> = (0..100).map(|n| json!({"email": format!("jo{n}@example.com")})).collect();
    let late = async { world.clock.advance_seconds(11) };
    // Where it looks whose the addresses are: before any row.
    let slow = halt::overtaken(bulk(&world, &owner, &rows), 4, late).await;
    let (answer, ()) = slow.expect("it asks the table that often");
    assert_eq!(counts(&answer), json!([0, 0, 0, 100]), "{}", answer.text);
    assert_eq!(answer.text_at("/results/99/errors/0/code"), "not_reached");
    assert_eq!(counts(&bulk(&world, &owner, &rows).await), json!([100, 0, 0, 0]), "and once more is all");
}

#[tokio::test]
async fn whatever_dies_on_the_way_a_customer_is_whole_or_is_not() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    world.faults.storm(150);
    let insist = async |method: &str, path: &str, key: &str, body: &Value| {
        let call = world.call(method, path).bearer(&owner.access).header("idempotency-key", key).json(body);
        for _ in 0..200 {
            match call.try_send().await {
                Some(answer) if answer.status.is_success() => return answer,
                Some(answer) => assert!([500, 503, 409].contains(&answer.status.as_u16()), "{}", answer.text),
                None => {}
            }
        }
        panic!("{method} {path} {key} is never done")
    };
    let mut ids = Vec::new();
    for n in 0..30 {
        let body =
            json!({"email": format!("jo{n}@example.com"), "phone": format!("+1415555{:04}", 2_600 + n)});
        ids.push(insist("POST", "/api/v1/customers", &format!("made{n}"), &body).await.text_at("/id"));
    }
    for (n, id) in ids.iter().enumerate() {
        let body = json!({"email": format!("new{n}@example.com"), "total_spent": n});
        insist("PATCH", &format!("/api/v1/customers/{id}"), &format!("changed{n}"), &body).await;
    }
    let rows: Vec<Value> = (20..60).map(|n| json!({"email": format!("new{n}@example.com")})).collect();
    insist("POST", "/api/v1/customers/bulk", "bulk", &json!({"customers": rows})).await;
    world.faults.calm();
    world.settle().await;
    let list = owner.get(&world, "/api/v1/customers?limit=100&sort=email&order=asc").await;
    assert_eq!(list.at("/total"), json!(60), "nobody is lost, and nobody is there twice");
    for item in list.at("/items").as_array().into_iter().flatten() {
        let shown = owner
            .get(&world, &format!("/api/v1/customers/{}", item["id"].as_str().unwrap_or_default()))
            .await;
        assert_eq!((&item["email"], &item["total_spent"]), (&shown.at("/email"), &shown.at("/total_spent")));
    }
    // What was given up is free.
    for n in 0..30 {
        made(&world, &owner, &json!({"email": format!("jo{n}@example.com")})).await;
    }
}

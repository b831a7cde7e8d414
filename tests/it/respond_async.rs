//! Requests that are not waited for: the same in the end as those that are, whoever dies meanwhile (ING-09).

use crate::{
    cast::{PASSWORD, Person, login},
    customers::{made, shop},
};
use flows::DeadLetters;
use local::{World, world::Answer};
use serde_json::{Value, json};

/// Customers and orders, each twice with other words, as other systems send them.
fn requests() -> Vec<(&'static str, Value)> {
    let mut all = Vec::new();
    for number in 0..12 {
        let email = format!("p{number}@example.com");
        all.push(("/api/v1/customers", json!({"email": email, "first_name": format!("P{number}"), "tags": ["a,b", "=c"], "total_spent": "3.00",
            "email_consent": {"state": "subscribed", "level": "confirmed_opt_in", "at": "2026-01-02T03:04:05Z"},
            "attributes": {"size": 7}, "addresses": [{"city": "Ulm", "country": "DE"}, {"city": "Bonn"}]})));
        all.push(("/api/v1/orders", json!({"email": email, "name": format!("#{number}"), "status": "partially_refunded", "refunded": "1.00",
            "lines": [{"title": "Tea", "price": "5.00", "quantity": 2}, {"title": "Cup", "price": "1.50"}], "shipping": "2.00"})));
    }
    all.push((
        "/api/v1/orders",
        json!({"email": "guest@example.com", "total": "8.00", "note": "by the door"}),
    ));
    all.push(("/api/v1/orders", json!({"walk_in": true, "total": "4.00", "test": true})));
    all
}

async fn send(world: &World, person: &Person, number: usize, is_async: bool) -> Option<Answer> {
    let (path, body) = &requests()[number];
    let key = format!("request{number}");
    let call = world.post(path).bearer(&person.access).header("idempotency-key", &key).json(body);
    let call = if is_async { call.header("prefer", "wait=5, Respond-Async") } else { call };
    call.try_send().await
}

/// All that lists show, without what is of the moment.
async fn shown(world: &World, owner: &Person) -> Vec<Value> {
    let owner = Person::of(&login(world, &owner.email, PASSWORD).await);
    let mut seen = Vec::new();
    for path in ["/api/v1/customers?limit=100", "/api/v1/orders?limit=100"] {
        let items = owner.get(world, path).await.at("/items");
        for item in items.as_array().expect("a list") {
            let one = format!(
                "{}/{}",
                path.split('?').next().unwrap_or_default(),
                item["id"].as_str().unwrap_or_default()
            );
            let mut one = owner.get(world, &one).await.json();
            scrub(&mut one);
            seen.push(one);
        }
    }
    seen.sort_by_key(Value::to_string);
    seen
}

fn scrub(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for name in [
                "id",
                "customer_id",
                "created_at",
                "updated_at",
                "placed_at",
                "first_order_at",
                "last_order_at",
            ] {
                members.remove(name);
            }
            members.values_mut().for_each(scrub);
        }
        Value::Array(items) => items.iter_mut().for_each(scrub),
        _ => {}
    }
}

#[tokio::test]
async fn what_is_not_waited_for_ends_as_what_is() {
    let calm = World::new(1).await;
    let calm_owner = shop(&calm, "owner").await;
    for number in 0..requests().len() {
        let answer = send(&calm, &calm_owner, number, false).await.expect("nobody dies");
        assert_eq!(answer.status, 201, "{}", answer.text);
    }
    let expected = shown(&calm, &calm_owner).await;
    assert!(expected.len() > 25);
    let mut faults = 0;
    for seed in 2..5 {
        let world = World::new(seed).await;
        let owner = shop(&world, "owner").await;
        // Customers first: an order that overtakes its customer is a guest's.
        for path in ["/api/v1/customers", "/api/v1/orders"] {
            let person = Person::of(&login(&world, &owner.email, PASSWORD).await);
            world.faults.storm(8);
            let numbers = requests().into_iter().enumerate().filter(|(_, (of, _))| *of == path);
            for (number, _) in numbers {
                for _ in 0..200 {
                    match send(&world, &person, number, true).await {
                        Some(answer) if answer.status == 202 => break,
                        Some(answer) => {
                            assert!([409, 503].contains(&answer.status.as_u16()), "{}", answer.text);
                        }
                        None => {}
                    }
                }
            }
            for _ in 0..100 {
                world.storm_through().await;
            }
            world.faults.calm();
            for queue in domain::Queue::ALL {
                for letter in world.tasks.dead(queue).expect("memory holds") {
                    world.tasks.replay(queue, &letter.id).await.expect("memory holds");
                }
            }
            world.settle().await;
        }
        faults += world.faults.happened().values().sum::<u32>();
        assert_eq!(shown(&world, &owner).await, expected, "seed {seed}");
    }
    assert!(faults > 20, "{faults} faults are no storm");
}

#[tokio::test]
async fn what_is_wrong_is_told_at_once_or_by_the_job() {
    let world = World::new(9).await;
    let owner = shop(&world, "owner").await;
    let ask = async |path: &str, body: Value| {
        world.post(path).bearer(&owner.access).header("prefer", "respond-async").json(&body).send().await
    };
    assert_eq!(ask("/api/v1/customers", json!({"email": "x"})).await.status, 400);
    assert_eq!(ask("/api/v1/customers", json!({"first_name": "Ada"})).await.text_at("/code"), "invalid");
    assert_eq!(ask("/api/v1/orders", json!({"total": "1.00"})).await.status, 400);
    made(&world, &owner, &json!({"email": "ada@example.com", "total_spent": "5.00"})).await;
    let known = ask(
        "/api/v1/customers",
        json!({"email": "ada@example.com", "first_name": "Ada", "total_spent": "9.00"}),
    )
    .await;
    let unknown =
        ask("/api/v1/orders", json!({"customer_email": "nobody@example.com", "total": "1.00"})).await;
    world.settle().await;
    let known = owner.get(&world, known.header("location")).await;
    assert_eq!(
        (known.text_at("/state").as_str(), known.at("/updated")),
        ("done", json!(1)),
        "{}",
        known.text
    );
    let ada = owner.get(&world, "/api/v1/customers?search=ada").await;
    assert_eq!(
        (ada.text_at("/items/0/first_name").as_str(), ada.text_at("/items/0/total_spent").as_str()),
        ("Ada", "5.00")
    );
    let unknown = owner.get(&world, unknown.header("location")).await;
    assert_eq!(
        (unknown.at("/failed"), unknown.at("/failures/0/row")),
        (json!(1), json!(1)),
        "{}",
        unknown.text
    );
}

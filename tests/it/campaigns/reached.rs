//! Nobody gets more campaigns than they should, and everybody at their own hour (CMP-06, 16).

use super::{PATH, act, acted, made, shown};
use crate::{
    cast::{PASSWORD, Person, login},
    customers::{made as customer, shop},
};
use local::World;
use serde_json::{Value, json};

fn letter(name: &str, rules: &Value) -> Value {
    let mut told =
        json!({"name": name, "kind": "newsletter", "rule": "EVERYONE", "subject": "Hi", "html": "<p>Hi</p>"});
    let told_members = told.as_object_mut().expect("an object");
    told_members.extend(rules.as_object().cloned().unwrap_or_default());
    told
}

async fn mailed(world: &World, owner: &Person, name: &str, country: Option<&str>) {
    let mut body = json!({"first_name": name, "email": format!("{name}@example.com"), "email_consent": {"state": "subscribed"}});
    if let Some(country) = country {
        body["addresses"] = json!([{"country": country, "city": "There"}]);
    }
    customer(world, owner, &body).await;
}

fn capped(told: &Value) -> u64 {
    let all = told.as_array().cloned().unwrap_or_default();
    all.iter().find(|it| it["reason"] == "frequency_cap").and_then(|it| it["count"].as_u64()).unwrap_or(0)
}

#[tokio::test]
async fn whoever_got_as_many_campaigns_as_the_cap_says_gets_this_one_when_days_have_passed() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    for name in ["ada", "bo"] {
        mailed(&world, &owner, name, None).await;
    }
    let cap = json!({"cap": {"messages": 1, "days": 7}});
    let first = made(&world, &owner, &letter("One", &json!({}))).await;
    let told = json!({"name": "Order", "kind": "transactional", "rule": "EVERYONE", "subject": "Hi", "html": "<p>Hi</p>"});
    let order = made(&world, &owner, &told).await;
    let second = made(&world, &owner, &letter("Two", &cap)).await;
    acted(&world, &owner, &order, "launch").await;
    world.settle().await;
    let preview = act(&world, &owner, &second, "preview").await;
    assert_eq!(
        (capped(&preview.at("/left_out")), preview.at("/chosen")),
        (0, json!(2)),
        "what they did is no campaign"
    );
    acted(&world, &owner, &first, "launch").await;
    world.settle().await;
    mailed(&world, &owner, "cy", None).await;
    world.settle().await;
    let preview = act(&world, &owner, &second, "preview").await;
    assert_eq!((capped(&preview.at("/left_out")), preview.at("/chosen")), (2, json!(1)), "{}", preview.text);
    let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
    acted(&world, &owner, &second, "launch").await;
    world.settle().await;
    let planned = shown(&world, &owner, &second).await;
    assert_eq!((capped(&planned.at("/plan/left_out")), planned.at("/plan/chosen")), (2, json!(1)));
    let third = made(&world, &owner, &letter("Three", &json!({"cap": {"messages": 2, "days": 7}}))).await;
    assert_eq!(
        act(&world, &owner, &third, "preview").await.at("/chosen"),
        json!(3),
        "of two nobody got both"
    );
    world.clock.advance_seconds(8 * 24 * 3600);
    let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
    let again = made(&world, &owner, &letter("Four", &cap)).await;
    assert_eq!(act(&world, &owner, &again, "preview").await.at("/chosen"), json!(3));
}

#[tokio::test]
async fn by_their_own_clocks_everybody_gets_it_at_nine_where_they_are() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    for (name, country) in [("ada", Some("DE")), ("bo", Some("JP")), ("cy", Some("US")), ("di", None)] {
        mailed(&world, &owner, name, country).await;
    }
    let id = made(&world, &owner, &letter("Spring", &json!({}))).await;
    let at = json!({"at": "2026-09-23T09:00", "clocks": "recipient"});
    let path = format!("{PATH}/{id}/schedule");
    assert_eq!(owner.post(&world, &path, &at).await.status, 200);
    let preview = act(&world, &owner, &id, "preview").await;
    assert_eq!(preview.text_at("/begins_at"), "2026-09-22T19:00:00Z");
    let waves = json!([
        {"not_before": "2026-09-23T00:00:00Z", "count": 1},
        {"not_before": "2026-09-23T07:00:00Z", "count": 1},
        {"not_before": "2026-09-23T09:00:00Z", "count": 1},
        {"not_before": "2026-09-23T19:00:00Z", "count": 1},
    ]);
    assert_eq!(
        preview.at("/waves"),
        waves,
        "Tokyo, Berlin, the shop's own, and Honolulu, the last of the States"
    );
    // 2026-09-22T19:00:30Z.
    world.clock.advance_to(1_790_103_630_000);
    world.settle().await;
    let asked: std::collections::BTreeMap<_, _> =
        world.vendor.entries().into_iter().map(|entry| (entry.message, entry.at.to_string())).collect();
    let mut hours: Vec<String> = asked.into_values().map(|at| at[..13].to_owned()).collect();
    hours.sort();
    assert_eq!(hours, ["2026-09-23T00", "2026-09-23T07", "2026-09-23T09", "2026-09-23T19"]);
}

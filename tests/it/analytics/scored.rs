//! Shops whose customers have scores: one of few that are counted by hand, and one of regulars that a model can learn from.

use crate::{cast::Person, files::brought, membership::house};
use domain::Timestamp;
use flows::Clock;
use jiff::{SignedDuration, ToSpan, civil::Date};
use local::World;
use serde_json::{Value, json};
use std::fmt::Write;

pub(crate) const RECALCULATE: &str = "/api/v1/analytics/rfm/recalculate";
pub(crate) const RUNS: &str = "/api/v1/analytics/runs";

/// A day of the shop's, so many days ago: the world begins on 21 September.
fn day(days_ago: i64) -> Date {
    Date::constant(2026, 9, 21).checked_sub(days_ago.days()).expect("a day")
}

/// Customers by name, each with what they bought: so many days ago, for so much.
pub(crate) async fn shop_of(world: &World, name: &str, customers: &[(&str, &[(i64, i64)])]) -> Person {
    let owner = house(world, name).await;
    told(world, &owner, customers).await;
    owner
}

/// These are the shop's from now on.
async fn told(world: &World, owner: &Person, customers: &[(&str, &[(i64, i64)])]) {
    let (mut people, mut orders) =
        ("email,first_name\n".to_owned(), "order_id,email,total,placed_at,status\n".to_owned());
    let mut number = 0;
    for (name, bought) in customers {
        let email = format!("{}@example.com", name.to_lowercase());
        writeln!(people, "{email},{name}").expect("memory holds");
        for (days_ago, total) in *bought {
            number += 1;
            writeln!(orders, "O{number},{email},{total},{},paid", day(*days_ago)).expect("memory holds");
        }
    }
    bring(world, owner, "customers", &people).await;
    if number > 0 {
        bring(world, owner, "orders", &orders).await;
    }
    world.settle().await;
}

async fn bring(world: &World, owner: &Person, of: &str, file: &str) {
    let told = brought(world, owner, &format!("/api/v1/data/import/{of}"), file).await;
    assert_eq!(told.status, 200, "{}", &told.text[..told.text.len().min(500)]);
}

/// 130 who come back, and 40 who have not: each at a pace of their own, and some stay away for good.
pub(crate) fn regulars() -> Vec<(String, Vec<(i64, i64)>)> {
    let mut state = 7_u64;
    let mut chance = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 33).expect("31 bits") + 1) / 2_147_483_649.0
    };
    let mut regulars = Vec::new();
    for number in 0..170 {
        let (first, pace) = (60.0 + 600.0 * chance(), 8.0 + 60.0 * chance());
        let means = 15.0 + 150.0 * chance() * chance();
        let mut bought = vec![first];
        let mut at = first;
        if number >= 40 {
            loop {
                at += pace * chance().ln();
                // Whoever is a regular has come back at least once.
                let is_over = at < 0.0 || (bought.len() > 1 && chance() < 0.1);
                if is_over && bought.len() > 1 {
                    break;
                }
                bought.push(at.max(0.0));
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "days and dollars")]
        let orders =
            bought.into_iter().map(|days| (days as i64, (means * (0.4 + 1.2 * chance())) as i64)).collect();
        regulars.push((format!("R{number}"), orders));
    }
    regulars
}

pub(crate) async fn shop_of_regulars(world: &World, name: &str) -> Person {
    let owner = house(world, name).await;
    regulars_told(world, &owner).await;
    owner
}

pub(crate) async fn regulars_told(world: &World, owner: &Person) {
    let regulars = regulars();
    let all: Vec<(&str, &[(i64, i64)])> =
        regulars.iter().map(|(name, bought)| (name.as_str(), bought.as_slice())).collect();
    told(world, owner, &all).await;
}

/// Somebody wants it worked out, and it is.
pub(crate) async fn recalculated(world: &World, owner: &Person) {
    let asked = owner.post(world, RECALCULATE, &json!({})).await;
    assert_eq!((asked.status.as_u16(), asked.text_at("/state").as_str()), (202, "wanted"), "{}", asked.text);
    world.settle().await;
}

/// The shop's next day begins, and what the clock then leaves is done.
pub(crate) async fn next_night(world: &World) -> Timestamp {
    let zone: domain::Zone = "America/New_York".parse().expect("a zone");
    let midnight = zone.next_day(world.clock.now());
    world.clock.advance_to(midnight.as_millisecond());
    world.settle().await;
    assert!(world.clock.now() < midnight + SignedDuration::from_mins(15), "it was done soon");
    midnight
}

pub(crate) async fn shown(world: &World, owner: &Person, path: &str) -> Value {
    let shown = owner.get(world, path).await;
    assert_eq!(shown.status, 200, "{path}: {}", shown.text);
    shown.json()
}

pub(crate) fn items(list: &Value) -> Vec<Value> {
    list["items"].as_array().cloned().unwrap_or_default()
}

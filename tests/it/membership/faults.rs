//! Whoever settles dies, fails or hears nothing at any call of any port: it ends the same, and each move is told once.

use super::{house, members, moves, must_be_as_from_nothing, segment, store_of};
use crate::{cast::Person, customers::made};
use domain::Zone;
use flows::Clock;
use local::{
    World,
    faults::halt::{Moment, at_every_port, dying, failing, hearing_nothing},
};
use serde_json::{Value, json};

/// What is to be settled.
#[derive(Debug, Clone, Copy)]
enum Cause {
    Change,
    Edit,
    Day,
}

/// Works once, with that at that call. Says whether it came.
async fn worked(world: &World, fate: usize, place: u32) -> bool {
    let work = world.storm_through();
    let ((), is_hit) = match fate {
        0 => at_every_port(dying(place, Moment::BeforeTheCall, work)).await,
        1 => at_every_port(failing(place, work)).await,
        _ => at_every_port(hearing_nothing(place, work)).await,
    };
    is_hit
}

async fn patched(world: &World, owner: &Person, path: &str, body: &Value) {
    let answer = owner.call(world, "PATCH", path, body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
}

async fn at_any_call(cause: Cause) {
    for fate in 0..3 {
        let world = World::new(7).await;
        let owner = house(&world, "owner").await;
        let store = store_of(&world, &owner);
        let mut ids = Vec::new();
        for name in ["Ada", "Bob", "Zoe"] {
            let body = json!({"name": name, "birthday": "1990-09-21", "tags": ["a"]});
            ids.push(made(&world, &owner, &body).await);
        }
        let rule = "customer_tags CONTAINS 'a' AND anniversary(birthday) IS NOT NULL";
        let own = segment(&world, &owner, "Own", rule).await;
        let naming = segment(&world, &owner, "Naming", &format!("segment NOT MATCHES (id = '{own}')")).await;
        world.settle().await;
        let mut flips = 0;
        for place in 0.. {
            let what = format!("{cause:?}, fate {fate} at {place}");
            match cause {
                Cause::Change => {
                    let tags = if place % 2 == 0 { json!(["b"]) } else { json!(["a"]) };
                    patched(&world, &owner, &format!("/api/v1/customers/{}", ids[0]), &json!({"tags": tags}))
                        .await;
                    flips += 1;
                }
                Cause::Edit => {
                    let tag = if place % 2 == 0 { "b" } else { "a" };
                    let rule = json!({"rule": format!("customer_tags CONTAINS '{tag}'")});
                    patched(&world, &owner, &format!("/api/v1/segments/{own}"), &rule).await;
                }
                Cause::Day => {
                    let day = world.clock.now();
                    let zone: Zone = "America/New_York".parse().expect("a zone");
                    // Every other day it is somebody's.
                    let date = zone.next_day(day).to_zoned(zone.time_zone().clone()).date();
                    let rule = json!({"rule": if place % 2 == 0 { "anniversary(birthday) = today".to_owned() } else { format!("last_order_date IS NULL AND customer_added_date >= {date}") }});
                    patched(&world, &owner, &format!("/api/v1/segments/{own}"), &rule).await;
                    world.settle().await;
                    world.clock.advance_to(zone.next_day(day).as_millisecond());
                }
            }
            let is_hit = worked(&world, fate, place).await;
            for _ in 0..2 {
                world.settle().await;
            }
            must_be_as_from_nothing(&world, &store, world.clock.now(), &what).await;
            assert!(members(&store, &own).await.is_disjoint(&members(&store, &naming).await), "{what}");
            if matches!(cause, Cause::Change) {
                let told = moves(&world, &owner, &ids[0]).await;
                let told = told.iter().filter(|(_, name)| name == "Own").count();
                assert_eq!(told, flips, "{what}: each move is told once");
            }
            if !is_hit {
                // Of whoever hears nothing only calls count that change something.
                assert!(place > if fate == 2 { 1 } else { 5 }, "{what}: there are calls");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_change_is_settled_whoever_dies_over_it() {
    Box::pin(at_any_call(Cause::Change)).await;
}

#[tokio::test]
async fn an_edit_is_settled_whoever_dies_over_it() {
    Box::pin(at_any_call(Cause::Edit)).await;
}

#[tokio::test]
async fn a_day_is_settled_whoever_dies_over_it() {
    Box::pin(at_any_call(Cause::Day)).await;
}

//! What is asked on a socket, and how it is answered.

use super::{about, events, kept, offer, run, watching};
use crate::cast::{set_status, sign_up};
use domain::{RunState, TenantStatus, socket::RUNS_MAX};
use flows::{Clock, progress::SyncProgress};
use local::World;
use serde_json::{Value, json};

#[tokio::test]
async fn who_says_hello_is_told_until_when_and_what_is_under_way() {
    let world = World::new(1).await;
    let ada = sign_up(&world, "ada").await;
    let mut watcher = watching(&world, &ada).await;
    assert_eq!(watcher.hear(), Vec::<Value>::new(), "nothing comes unasked");
    let heard = watcher.say(&json!({"event": "hello"})).await;
    assert_eq!(events(&heard), ["hello", "sync:active"]);
    assert_eq!(heard[1]["data"], json!([]));
    let ends_at: domain::Timestamp =
        heard[0]["data"]["ends_at"].as_str().expect("a time").parse().expect("a time");
    assert_eq!(ends_at.as_second() - world.clock.now().as_second(), 7_200);
    assert_eq!(watcher.say(&json!({"event": "ping"})).await, [json!({"event": "pong", "data": null})]);
}

#[tokio::test]
async fn who_asks_for_a_run_is_told_how_it_stands_at_once() {
    let world = World::new(2).await;
    let ada = sign_up(&world, "ada").await;
    let run = run(&world, &ada, 1).await;
    let progress = json!({"event": "sync:progress", "data": SyncProgress::of(&run)});
    let mut watcher = watching(&world, &ada).await;
    assert_eq!(watcher.say(&about("sync:status", &run)).await, std::slice::from_ref(&progress));
    assert_eq!(watcher.say(&about("sync:subscribe", &run)).await, std::slice::from_ref(&progress));
    assert_eq!(watcher.say(&about("sync:subscribe", &run)).await, [progress]);
    let let_go = json!({"event": "sync:unsubscribed", "data": {"sync_run_id": run.id}});
    for _ in 0..2 {
        assert_eq!(watcher.say(&about("sync:unsubscribe", &run)).await, std::slice::from_ref(&let_go));
    }
}

#[tokio::test]
async fn a_run_that_is_anothers_or_forgotten_or_unknown_is_not_there() {
    let world = World::new(3).await;
    let (ada, bob) = (sign_up(&world, "ada").await, sign_up(&world, "bob").await);
    let (mine, theirs) = (run(&world, &ada, 1).await, run(&world, &bob, 2).await);
    let unknown = run(&world, &sign_up(&world, "eve").await, 3).await;
    let mut watcher = watching(&world, &ada).await;
    for word in ["sync:subscribe", "sync:status"] {
        for other in [&theirs, &unknown] {
            let not_there = json!({"sync_run_id": other.id, "error": "no such sync run"});
            let expected = json!({"event": "sync:error", "data": not_there});
            assert_eq!(watcher.say(&about(word, other)).await, [expected], "{word}");
        }
        let heard = watcher.say(&json!({"event": word, "data": "no id at all"})).await;
        assert_eq!(heard[0]["data"]["sync_run_id"], "no id at all");
        assert_eq!(events(&heard), ["sync:error"]);
    }
    let store = world.store_of(ada.tenant.parse().expect("a tenant's id"));
    let held = store.run(mine.id).await.expect("memory holds").expect("it is there");
    let ended = mine.clone().ended(RunState::Completed, world.clock.now());
    store.commit(vec![store.run_changed(&held, &ended)]).await.expect("nobody else changes it");
    world.clock.advance_seconds(24 * 3_600);
    let mut watcher = watching(&world, &crate::cast::Person::of(&again(&world, &ada.email).await)).await;
    assert_eq!(events(&watcher.say(&about("sync:status", &mine)).await), ["sync:error"]);
}

async fn again(world: &World, email: &str) -> local::world::Answer {
    crate::cast::login(world, email, crate::cast::PASSWORD).await
}

#[tokio::test]
async fn what_cannot_be_understood_is_told_and_the_socket_stays() {
    let world = World::new(4).await;
    let ada = sign_up(&world, "ada").await;
    let mut watcher = watching(&world, &ada).await;
    for (said, code) in [
        ("hello", "not_a_message"),
        (r#"{"event": "dance"}"#, "unknown_event"),
        (r#"{"event": "sync:subscribe"}"#, "missing_run"),
    ] {
        let heard = watcher.say_as_is(said).await;
        assert_eq!(events(&heard), ["error"], "{said}");
        assert_eq!(heard[0]["data"]["code"], code, "{heard:?}");
        assert!(heard[0]["data"]["message"].as_str().is_some_and(|told| told.len() > 20), "{heard:?}");
    }
    assert_eq!(events(&watcher.say(&json!({"event": "ping"})).await), ["pong"]);
}

#[tokio::test]
async fn a_socket_hears_of_so_many_runs() {
    let world = World::new(5).await;
    let ada = sign_up(&world, "ada").await;
    world.set_plan(&ada.tenant, domain::Plan::Own).await;
    let mut watcher = watching(&world, &ada).await;
    let mut last = Vec::new();
    for number in 0..=RUNS_MAX {
        let run = run(&world, &ada, u8::try_from(number).expect("few")).await;
        last = watcher.say(&about("sync:subscribe", &run)).await;
    }
    assert_eq!(last[0]["data"]["code"], "too_many_runs", "{last:?}");
}

#[tokio::test]
async fn what_is_said_counts_as_a_call() {
    let world = World::new(6).await;
    let ada = sign_up(&world, "ada").await;
    let mut watcher = watching(&world, &ada).await;
    let mut refused = None;
    for _ in 0..1_000 {
        let heard = watcher.say(&json!({"event": "ping"})).await;
        if events(&heard) == ["error"] {
            refused = Some(heard[0]["data"]["code"].clone());
            break;
        }
    }
    assert_eq!(refused, Some(json!("RATE_LIMIT_EXCEEDED")));
    world.clock.advance_seconds(60);
    assert_eq!(events(&watcher.say(&json!({"event": "ping"})).await), ["pong"], "later it is fine");
}

#[tokio::test]
async fn who_may_not_watch_any_more_is_told_so_and_let_go() {
    let world = World::new(7).await;
    let ada = sign_up(&world, "ada").await;
    for what in ["signed out", "suspended", "over", "unknown"] {
        let person = crate::cast::Person::of(&again(&world, &ada.email).await);
        let mut watcher = watching(&world, &person).await;
        match what {
            "signed out" => drop(person.post(&world, "/api/auth/logout", &json!({})).await),
            "suspended" => set_status(&world, &ada.tenant, TenantStatus::Suspended).await,
            "over" => world.clock.advance_seconds(7_200),
            _ => {
                let gone = flows::SocketEvent::Gone { socket: watcher.socket.clone() };
                world.product.live(gone).await.expect("memory holds");
            }
        }
        let heard = watcher.say(&json!({"event": "hello"})).await;
        assert_eq!(events(&heard), ["error"], "{what}");
        let code = if what == "suspended" { "tenant_suspended" } else { "unauthenticated" };
        assert_eq!(heard[0]["data"]["code"], code, "{what}");
        assert!(watcher.is_over() && kept(&world) == 0, "{what}");
        set_status(&world, &ada.tenant, TenantStatus::Active).await;
    }
}

#[tokio::test]
async fn a_storm_leaves_no_socket_that_hears_what_is_not_its_own() {
    for seed in 0..40 {
        let world = World::new(seed).await;
        let ada = sign_up(&world, "ada").await;
        let run = run(&world, &ada, 1).await;
        let offer = offer(&world, &ada).await;
        world.faults.storm(150);
        if let Ok(mut watcher) = world.watch(&[(super::PROTOCOLS, &offer)]).await {
            for word in ["sync:subscribe", "sync:unsubscribe", "sync:subscribe"] {
                watcher.say(&about(word, &run)).await;
            }
            world.faults.calm();
            let heard = watcher.say(&about("sync:subscribe", &run)).await;
            assert_eq!(events(&heard).last(), Some(&"sync:progress"), "seed {seed}: {heard:?}");
            watcher.leave().await;
            assert_eq!(kept(&world), 0, "seed {seed}");
        }
        world.faults.calm();
        // Of a socket whose opening was refused after it was written down, the gateway says nothing: it ends by itself.
        world.clock.advance_seconds(7_201);
        world.settle().await;
        assert_eq!(kept(&world), 0, "seed {seed}");
    }
}

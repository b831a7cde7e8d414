//! Syncs that begin by themselves: every ten minutes, at night, once each (SYN-07, JOB-04).

use domain::Task;
use flows::Tasks;
use local::World;
use serde_json::json;

use super::House;

#[tokio::test]
async fn every_ten_minutes_it_is_asked_what_has_changed_and_once_a_night_everything_of_the_day() {
    let world = World::new(1).await;
    let house = House::synced(&world, 4).await;
    let begun = flows::Clock::now(&*world.clock);
    house.wait(&world, 65).await;
    let jobs = house.jobs(&world).await;
    let by_clock: Vec<_> = jobs.iter().filter(|job| job["mode"] == json!("incremental")).collect();
    assert_eq!(by_clock.len(), 6, "{jobs:?}");
    assert!(by_clock.iter().all(|job| job["status"] == json!("completed")), "{jobs:?}");
    // From 14:13 by Greenwich to the end of the next night in Berlin.
    while flows::Clock::now(&*world.clock).duration_since(begun).as_hours() < 16 {
        world.clock.advance_seconds(300);
        house.wait(&world, 1).await;
    }
    let runs = house.store(&world).runs(200).await.unwrap();
    let of = |mode| runs.iter().filter(|run| run.mode == mode).count();
    let nights: Vec<_> = runs.iter().filter(|run| run.mode == domain::run::Mode::Reconciliation).collect();
    assert_eq!((of(domain::run::Mode::Full), nights.len()), (1, 1));
    let berlin = nights[0].created_at.in_tz("Europe/Berlin").unwrap();
    assert!((1..5).contains(&berlin.hour()), "{berlin}");
    assert!(runs.iter().all(|run| run.percent() == 100), "{runs:?}");
}

#[tokio::test]
async fn of_two_clocks_one_begins_and_two_messages_do_a_step_once() {
    let world = World::new(2).await;
    let house = House::synced(&world, 4).await;
    world.clock.advance_seconds(600);
    let now = flows::Clock::now(&*world.clock);
    let deps = tick::Deps {
        store: store::Store::new(world.ports.table.clone()),
        tasks: world.ports.tasks.clone(),
        clock: world.clock.clone(),
    };
    let ticks = futures::future::join_all((0..5).map(|_| tick::tick(&deps, now))).await;
    assert!(ticks.iter().all(Result::is_ok), "{ticks:?}");
    let store = house.store(&world);
    let open = store.open_run().await.unwrap().unwrap();
    assert_eq!(store.runs(10).await.unwrap().len(), 2, "the first sync and this");
    // Its message comes five times, and once more when all is over.
    let message = Task::DoRun { tenant: store.id(), run: open.id, step: 0 };
    world.tasks.leave(vec![message.clone().into(); 4]).await.unwrap();
    let told = serde_json::to_string(&message).unwrap();
    let at_once = (0..5).map(|_| world.deliver(domain::Queue::Sync, &told));
    assert!(futures::future::join_all(at_once).await.iter().all(Result::is_ok));
    assert_eq!(store.run(open.id).await.unwrap().unwrap().step, 1, "a step is done once");
    world.settle().await;
    let ended = store.run(open.id).await.unwrap().unwrap();
    assert_eq!(ended.percent(), 100);
    world.deliver(domain::Queue::Sync, &told).await.unwrap();
    assert_eq!(store.run(open.id).await.unwrap().unwrap().into_inner(), ended.into_inner());
}

#[tokio::test]
async fn a_message_that_is_lost_is_left_again() {
    let world = World::new(3).await;
    let house = House::connected(&world, 4).await;
    for lost in [0, 1, 3] {
        for _ in 0..lost {
            assert!(super::step(&world).await);
        }
        for taken in world.tasks.take(domain::Queue::Sync).unwrap() {
            world.tasks.done(domain::Queue::Sync, &taken).unwrap();
        }
        for _ in 0..6 {
            world.tick().await;
        }
    }
    world.settle().await;
    assert_eq!(house.jobs(&world).await.last().unwrap()["status"], json!("completed"));
    house.equals_the_books(&world).await;
}

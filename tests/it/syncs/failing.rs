//! What Shopify refuses, delays or loses (SYN-05, SYN-06, JOB-02).

use domain::{
    Connection, ConnectionState, Queue, Run, RunId, RunState, Task,
    run::{Mode, Part, Resource},
};
use local::{
    World,
    shopify::{Denied, Door, Fault},
};
use serde_json::{Value, json};

use super::{House, step};

/// The run that the connection began, when it has come to its end.
async fn ended(world: &World, house: &House) -> Value {
    for _ in 0..1_000 {
        if !step(world).await {
            return house.jobs(world).await[0].clone();
        }
    }
    panic!("it does not come to its end");
}

#[tokio::test]
async fn a_shop_that_asks_us_to_wait_or_fails_for_a_while_is_brought_all_the_same() {
    let world = World::new(1).await;
    let house = House::connected(&world, 30).await;
    let faults = [
        Fault::Status(500),
        Fault::TooMany { retry_after_seconds: 2_000 },
        Fault::Status(503),
        Fault::Cut,
        Fault::Broken,
        Fault::Status(502),
        Fault::TooMany { retry_after_seconds: 1 },
    ];
    let begun = flows::Clock::now(&*world.clock);
    house.shop.switch(|switches| switches.next.extend(faults.map(|fault| (Door::Graphql, fault))));
    let (mut faults_left, mut waits) = (faults.len(), Vec::new());
    while step(&world).await {
        let left = house.shop.switches().next.len();
        if left < faults_left {
            faults_left = left;
            waits.push(flows::Clock::now(&*world.clock));
        }
        // An empty bucket is Shopify's word, too.
        if faults_left == 0 && waits.len() == faults.len() {
            house.shop.drain();
            waits.push(flows::Clock::now(&*world.clock));
        }
    }
    let job = &house.jobs(&world).await[0];
    assert_eq!(job["status"], json!("completed"), "{job}");
    assert_eq!(faults_left, 0);
    house.equals_the_books(&world).await;
    // 2,000 seconds are waited for, although no message is delayed by more than 900.
    let third = waits[2].duration_since(waits[1]).as_secs();
    assert!((2_000..2_100).contains(&third), "{third}");
    assert!(waits[0] >= begun);
    let run = house.run(&world, job["id"].as_str().unwrap()).await;
    assert_eq!((run.attempts, run.tally().rows()), (0, job["records_processed"].as_u64().unwrap()));
}

#[tokio::test]
async fn what_fails_again_and_again_ends_failed_with_its_counts_and_can_be_tried_again() {
    let world = World::new(2).await;
    let house = House::connected(&world, 30).await;
    // The shop is counted, and its customers are read.
    assert!(step(&world).await && step(&world).await);
    house.shop.switch(|switches| switches.faults_per_mille = 1_000);
    let begun = flows::Clock::now(&*world.clock);
    let job = ended(&world, &house).await;
    assert_eq!((&job["status"], &job["records_processed"]), (&json!("failed"), &json!(30)), "{job}");
    assert!(job["error"].as_str().unwrap().contains("12 times in a row"), "{job}");
    assert!(job["progress_percent"].as_u64().unwrap() < 100);
    let minutes = flows::Clock::now(&*world.clock).duration_since(begun).as_mins();
    assert!((40..120).contains(&minutes), "{minutes}");
    let syncing = house.store(&world).syncing().await.unwrap().unwrap();
    assert!(syncing.watermarks.is_empty() && syncing.open.is_none(), "{syncing:?}");

    house.shop.switch(|switches| switches.faults_per_mille = 0);
    let id = job["id"].as_str().unwrap();
    let retry = house.owner.post(&world, &format!("/api/v1/tenants/me/sync/{id}/retry"), &json!({})).await;
    assert_eq!((retry.status.as_u16(), retry.at("/mode")), (202, json!("full")), "{}", retry.text);
    world.settle().await;
    let again = house.progress(&world, &retry.text_at("/sync_run_id")).await;
    assert_eq!((&again["status"], &again["resource_type"]), (&json!("completed"), &json!("all")), "{again}");
    assert_eq!(again["records_unchanged"].as_u64().map(|rows| rows >= 30), Some(true), "{again}");
    house.equals_the_books(&world).await;
}

#[tokio::test]
async fn what_is_denied_fails_and_everything_else_is_brought() {
    let world = World::new(3).await;
    let house = House::connected(&world, 20).await;
    house.shop.switch(|switches| switches.denied = Denied::Customers);
    let job = ended(&world, &house).await;
    assert_eq!(job["status"], json!("failed"), "{job}");
    let why = job["error"].as_str().unwrap();
    assert!(why.contains("customers: Shopify denies"), "{why}");
    let products = house.owner.get(&world, "/api/v1/products?limit=1").await.at("/total");
    assert_ne!(products, json!(0), "the other parts went on");
    let syncing = house.store(&world).syncing().await.unwrap().unwrap();
    assert!(syncing.watermarks.is_empty() && syncing.synced_at.is_none(), "{syncing:?}");
    // Nobody was made of what was not told, and what the shop gives later is all there.
    house.shop.switch(|switches| switches.denied = Denied::Nothing);
    house.sync(&world, &json!({})).await;
    house.equals_the_books(&world).await;
}

#[tokio::test]
async fn who_is_let_in_no_more_stops_and_says_why() {
    for (place, state) in
        [ConnectionState::NeedsReauth, ConnectionState::Disconnected, ConnectionState::Uninstalled]
            .into_iter()
            .enumerate()
    {
        let world = World::new(4 + place as u64).await;
        let house = House::connected(&world, 10).await;
        assert!(step(&world).await);
        let store = house.store(&world);
        let held = store.connection().await.unwrap().unwrap();
        let now = flows::Clock::now(&*world.clock);
        let over = Connection::clone(&held).ended(state, now);
        store.commit(vec![store.connection_changed(&held, &over)]).await.unwrap();
        let id = store.open_run().await.unwrap().unwrap().id;
        while step(&world).await {}
        let run = house.run(&world, &id.to_string()).await;
        let RunState::Failed { why } = &run.state else { panic!("{run:?}") };
        assert!(why.contains(state.name()), "{why}");
        // Nobody asks again until the shop is connected again.
        world.clock.advance_seconds(3_600);
        house.wait(&world, 20).await;
        assert_eq!(store.syncing().await.unwrap().unwrap().next_at, None);
        assert_eq!(store.runs(10).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_kept_is_named_and_costs_nobody_else() {
    let world = World::new(9).await;
    let house = House::connected(&world, 10).await;
    // Counted in another currency than the shop's by now: no price and no order can be kept, and every customer can.
    let store = house.store(&world);
    let tenant = store.tenant().await.unwrap().unwrap();
    let other = domain::Tenant { currency: "USD".parse().unwrap(), ..(*tenant).clone() };
    store.commit(vec![store.tenant_changed(&tenant, &other)]).await.unwrap();
    let job = ended(&world, &house).await;
    assert_eq!(job["status"], json!("completed"), "{job}");
    let told = house.progress(&world, job["id"].as_str().unwrap()).await;
    let failed = told["failed"].as_array().unwrap();
    assert!(!failed.is_empty() && failed.len() <= 50, "{told}");
    let is_an_amount = |row: &Value| {
        let record = row["record"].as_str().unwrap();
        record.starts_with("order s") || record.starts_with("checkout ")
    };
    assert!(failed.iter().all(is_an_amount), "{told}");
    assert!(failed[0]["error"].as_str().unwrap().contains("currency"), "{told}");
    assert!(told["records_failed"].as_u64().unwrap() >= failed.len() as u64);
    assert_eq!(house.owner.get(&world, "/api/v1/customers?limit=1").await.at("/total"), json!(10));
}

#[tokio::test]
async fn a_sync_that_fails_by_our_fault_leaves_a_message_that_nobody_gets_done() {
    let world = World::new(9).await;
    let house = House::synced(&world, 5).await;
    let (store, now) = (house.store(&world), flows::Clock::now(&*world.clock));
    for (why, is_ours) in
        [("something went wrong on our side; we have been told", true), ("orders: denied", false)]
    {
        let parts = vec![Part::new(Resource::Orders, None)];
        let run = Run::new(RunId::new(now, [u8::from(is_ours); 10]), store.id(), Mode::Full, parts, now);
        let run = run.ended(RunState::Failed { why: why.to_owned() }, now);
        store.commit(vec![store.run_made(&run)]).await.unwrap();
        let task = Task::DoRun { tenant: store.id(), run: run.id, step: 0 };
        let message = serde_json::to_string(&task).unwrap();
        // However often it comes: a queue takes it away once somebody says that it is done.
        for _ in 0..2 {
            let done = world.deliver(Queue::Sync, &message).await;
            assert_eq!(done.is_err(), is_ours, "{why}: {done:?}");
        }
    }
}

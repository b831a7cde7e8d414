//! A sync that comes no further is over in the end, and asks for no more than it is given (SYN-05, SYN-06).

use domain::run::Resource;
use flows::Clock;
use local::{
    World,
    shopify::{Door, Fault},
};
use serde_json::json;

use super::{House, step};

#[tokio::test]
async fn who_is_only_asked_to_wait_gives_up_after_two_hours_and_can_try_again() {
    for (seed, faults) in [
        (1, vec![Fault::TooMany { retry_after_seconds: 600 }]),
        // Between two failures it is asked to wait: so they are never many in a row.
        (2, vec![Fault::TooMany { retry_after_seconds: 900 }, Fault::Status(503)]),
    ] {
        let world = World::new(seed).await;
        let house = House::connected(&world, 30).await;
        // The shop is counted, and its customers are read.
        assert!(step(&world).await && step(&world).await);
        let begun = world.clock.now();
        let mut faults = faults.into_iter().cycle();
        loop {
            let next = faults.next().unwrap();
            house.shop.switch(|switches| switches.next = [(Door::Graphql, next)].into());
            if !step(&world).await {
                break;
            }
        }
        let job = &house.jobs(&world).await[0];
        assert_eq!((&job["status"], &job["records_processed"]), (&json!("failed"), &json!(30)), "{job}");
        assert!(job["error"].as_str().unwrap().contains("asked us to wait for 2 hours"), "{job}");
        let minutes = world.clock.now().duration_since(begun).as_mins();
        assert!((120..150).contains(&minutes), "{minutes}");

        house.shop.switch(|switches| switches.next.clear());
        let path = format!("/api/v1/tenants/me/sync/{}/retry", job["id"].as_str().unwrap());
        let retry = house.owner.post(&world, &path, &json!({})).await;
        assert_eq!(retry.status, 202, "{}", retry.text);
        world.settle().await;
        let again = house.progress(&world, &retry.text_at("/sync_run_id")).await;
        assert_eq!(again["status"], json!("completed"), "{again}");
        house.equals_the_books(&world).await;
    }
}

#[tokio::test]
async fn who_comes_further_now_and_then_is_waited_for() {
    let world = World::new(3).await;
    let house = House::connected(&world, 700).await;
    let (begun, mut asked, mut is_answered) = (world.clock.now(), house.shop.asked(), true);
    while step(&world).await {
        if house.shop.asked() == asked {
            continue;
        }
        // Of two questions one is answered.
        (asked, is_answered) = (house.shop.asked(), !is_answered);
        if !is_answered {
            let wait = (Door::Graphql, Fault::TooMany { retry_after_seconds: 3_000 });
            house.shop.switch(|switches| switches.next.push_back(wait));
        }
    }
    assert_eq!(house.jobs(&world).await[0]["status"], json!("completed"));
    assert!(world.clock.now().duration_since(begun).as_hours() >= 3, "{}", world.clock.now());
}

#[tokio::test]
async fn a_page_that_costs_too_much_is_halved_until_it_is_answered() {
    let world = World::new(4).await;
    let house = House::connected(&world, 200).await;
    house.shop.switch(|switches| switches.cost_max = Some(150));
    while step(&world).await {}
    let job = &house.jobs(&world).await[0];
    assert_eq!((&job["status"], &job["records_failed"]), (&json!("completed"), &json!(0)), "{job}");
    house.equals_the_books(&world).await;
    let run = house.run(&world, job["id"].as_str().unwrap()).await;
    let rows = |of| run.parts.iter().find(|part| part.of == of).unwrap().page_rows;
    assert_eq!(
        [Resource::Customers, Resource::Orders, Resource::Products].map(rows),
        [None, Some(31), Some(125)],
        "of each as many as can be had"
    );
}

#[tokio::test]
async fn what_cannot_be_asked_for_even_a_row_at_a_time_fails_and_says_so() {
    let world = World::new(5).await;
    let house = House::connected(&world, 3).await;
    house.shop.switch(|switches| switches.cost_max = Some(8));
    while step(&world).await {}
    let job = &house.jobs(&world).await[0];
    assert_eq!((&job["status"], &job["records_processed"]), (&json!("failed"), &json!(3)), "{job}");
    let why = job["error"].as_str().unwrap();
    assert!(why.starts_with("orders: a single row costs more") && why.contains("products: "), "{why}");
}

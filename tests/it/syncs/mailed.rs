//! The owners are mailed that a sync has failed: once, however often it fails from then on, until it has worked again (DLV-11).

use domain::{Syncing, run::FailureUntold};
use local::{World, shopify::Denied};
use serde_json::json;

use super::House;
use crate::{
    campaigns::mailed::unsent,
    cast::{PASSWORD, Person, join, login},
    texted::{texted, texts},
};

/// The mails about syncs that came to somebody.
fn mails(world: &World, to: &Person) -> Vec<(String, String)> {
    let all = world.outbox.to(&to.email).into_iter();
    all.filter(|mail| mail.about.starts_with("sync:")).map(|mail| (mail.subject, mail.text)).collect()
}

/// A shop of which Shopify denies a part, so that every run fails.
async fn failing(world: &World) -> House {
    let house = House::connected(world, 10).await;
    house.shop.switch(|switches| switches.denied = Denied::Customers);
    world.settle().await;
    assert_eq!(house.jobs(world).await[0]["status"], json!("failed"));
    house
}

async fn sync(world: &World, house: &House, denied: Denied, status: &str) {
    house.shop.switch(|switches| switches.denied = denied);
    let told = house.sync(world, &json!({})).await;
    assert_eq!(told["status"], json!(status), "{told}");
    world.settle().await;
}

#[tokio::test]
async fn the_owner_is_told_of_the_first_failure_of_some_in_a_row() {
    let world = World::new(1).await;
    let house = failing(&world).await;
    let told = mails(&world, &house.owner);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].0.ends_with("could not be brought up to date"), "{told:?}");
    for part in ["customers: Shopify denies", "tried again by itself", "/connect"] {
        assert!(told[0].1.contains(part), "{part} in {}", told[0].1);
    }
    sync(&world, &house, Denied::Customers, "failed").await;
    house.wait(&world, 60).await;
    assert_eq!(mails(&world, &house.owner).len(), 1, "not with each");
    sync(&world, &house, Denied::Nothing, "completed").await;
    assert_eq!(mails(&world, &house.owner).len(), 1);
    sync(&world, &house, Denied::Customers, "failed").await;
    assert_eq!(mails(&world, &house.owner).len(), 2, "it had worked again in between");
}

#[tokio::test]
async fn whoever_does_not_want_such_mail_gets_none_nor_does_who_is_no_owner() {
    let world = World::new(2).await;
    let house = House::connected(&world, 10).await;
    house.shop.switch(|switches| switches.denied = Denied::Customers);
    let owner = Person::of(&login(&world, &house.owner.email, PASSWORD).await);
    let path = "/api/v1/members/me/notifications";
    assert_eq!(owner.get(&world, path).await.at("/syncs"), json!(true), "unless told otherwise");
    let off = owner.call(&world, "PATCH", path, &json!({"syncs": false})).await;
    assert_eq!(
        (off.status.as_u16(), off.at("/syncs"), off.at("/campaigns")),
        (200, json!(false), json!(true)),
        "{}",
        off.text
    );
    let admin = join(&world, &owner, "mara", "admin").await;
    world.settle().await;
    assert_eq!(house.jobs(&world).await[0]["status"], json!("failed"));
    house.wait(&world, 30).await;
    assert_eq!((mails(&world, &owner), mails(&world, &admin)), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn an_owner_who_wants_texts_gets_one_of_the_first_failure_as_well() {
    let world = World::new(4).await;
    let house = House::connected(&world, 10).await;
    let owner = Person::of(&login(&world, &house.owner.email, PASSWORD).await);
    texted(&world, &owner, "+14155552671").await;
    sync(&world, &house, Denied::Customers, "failed").await;
    sync(&world, &house, Denied::Customers, "failed").await;
    let told: Vec<_> = texts(&world, "+14155552671");
    assert!(
        told.len() == 2 && told[0].contains("could not be brought up to date"),
        "the code, and this: {told:?}"
    );
    assert_eq!(mails(&world, &house.owner).len(), 1);
}

#[tokio::test]
async fn a_message_that_was_lost_is_left_again_with_the_next_run() {
    let world = World::new(3).await;
    let house = failing(&world).await;
    let store = house.store(&world);
    let held = store.syncing().await.expect("memory holds").expect("a shop");
    assert_eq!((held.untold, held.failures), (None, 1));
    let run = store.runs(1).await.expect("memory holds")[0].id;
    let untold = Some(FailureUntold { run, claimed_until: None });
    let lost = Syncing { untold, ..Syncing::clone(&held) };
    let unsent = unsent(&store, &format!("{run}.failed"), &house.owner).await;
    store.commit(vec![store.syncing_changed(Some(&held), &lost), unsent]).await.expect("nobody else");
    world.settle().await;
    assert_eq!(mails(&world, &house.owner).len(), 1);
    world.clock.advance_to(held.next_at.expect("the clock asks").as_millisecond());
    world.tick().await;
    world.settle().await;
    assert_eq!(mails(&world, &house.owner).len(), 2);
    assert_eq!(store.syncing().await.expect("memory holds").expect("a shop").untold, None);
}

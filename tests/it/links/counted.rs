//! Who opened a mail and followed its links is kept with the message: people apart from machines, and each once (DLV-09).

use super::{BROWSER, letter_to, open, path_in, post, reader, sent, visit};
use crate::{
    cast::{PASSWORD, Person, login},
    customers::shop,
};
use async_trait::async_trait;
use axum::{body::Body, http::Request};
use domain::campaign::{Mark, Marks, Message, MessageId};
use flows::{FlowError, Left, Letter, Tasks};
use local::{World, world::ORIGIN};
use serde_json::json;
use std::sync::Arc;
use store::Store;
use tower::ServiceExt;

/// A queue that takes nothing.
struct Deaf;

#[async_trait]
impl Tasks for Deaf {
    async fn leave(&self, _: Vec<Left>) -> Result<(), FlowError> {
        Err(FlowError::unavailable("nobody is there"))
    }
}

async fn written(world: &World) -> (Person, String, Letter) {
    let owner = shop(world, "owner").await;
    reader(world, &owner, "Ada").await;
    let campaign = sent(world, &owner, "Spring").await;
    let letter = letter_to(world, "Ada");
    (owner, campaign, letter)
}

async fn kept(world: &World, letter: &Letter) -> Message {
    let id: MessageId = letter.message.as_str().parse().expect("our name");
    world.settle().await;
    let found = world.store_of(id.tenant).messages(&[id]).await.expect("memory holds");
    found.get(&id).cloned().expect("it was sent")
}

#[tokio::test]
async fn whoever_opens_a_mail_and_follows_a_link_is_seen_once() {
    let world = World::new(1).await;
    let (owner, campaign, letter) = written(&world).await;
    let before = kept(&world, &letter).await;
    assert_eq!((before.opened_at, before.clicked_at), (None, None));
    let opened_at = flows::Clock::now(&*world.clock);
    for path in [path_in(&letter, "/t/open/"), path_in(&letter, "/t/click/")] {
        for _ in 0..3 {
            assert!(open(&world, &path).await.status.as_u16() < 400);
        }
    }
    world.clock.advance_seconds(600);
    open(&world, &path_in(&letter, "/t/open/")).await;
    let after = kept(&world, &letter).await;
    assert_eq!((after.opened_at, after.clicked_at), (Some(opened_at), Some(opened_at)));
    assert!(!after.marks.has(Mark::OpenedByMachine) && !after.marks.has(Mark::ClickedByMachine));
    for _ in 0..3 {
        world.settle().await;
    }
    // Theirs has ended by now.
    let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
    let counts = owner.get(&world, &format!("/api/v1/campaigns/{campaign}")).await;
    assert_eq!(
        (counts.at("/counts/opened"), counts.at("/counts/clicked")),
        (json!(1), json!(1)),
        "{}",
        counts.text
    );
}

#[tokio::test]
async fn machines_are_told_from_people_and_who_only_asks_is_not_counted() {
    let world = World::new(2).await;
    let (_, _, letter) = written(&world).await;
    let (open, click) = (path_in(&letter, "/t/open/"), path_in(&letter, "/t/click/"));
    for path in [&open, &click] {
        let head = visit(&world, "HEAD", path).send().await;
        assert!(head.status.as_u16() < 400 && head.bytes.is_empty());
    }
    let untouched = kept(&world, &letter).await;
    assert_eq!((untouched.opened_at, untouched.clicked_at, untouched.marks), (None, None, Marks::default()));
    for path in [&open, &click] {
        world.get(path).header("user-agent", "BarracudaCentral/1.0").send().await;
        world.get(path).header("user-agent", BROWSER).header("sec-purpose", "prefetch").send().await;
    }
    let by_machines = kept(&world, &letter).await;
    assert_eq!((by_machines.opened_at, by_machines.clicked_at), (None, None), "nobody has read it");
    assert!(by_machines.marks.has(Mark::OpenedByMachine) && by_machines.marks.has(Mark::ClickedByMachine));
}

#[tokio::test]
async fn who_leaves_is_counted_with_the_message_and_their_address_stays_off_the_list() {
    let world = World::new(3).await;
    let (owner, _, letter) = written(&world).await;
    post(&world, &path_in(&letter, "/t/unsubscribe/"), "").await;
    assert!(kept(&world, &letter).await.marks.has(Mark::Unsubscribed));
    let body = json!({"name": "Your order", "kind": "transactional", "rule": "EVERYONE", "subject": "Hi", "html": "<p>Hi</p>"});
    super::launched(&world, &owner, &body).await;
    assert_eq!(super::letters_to(&world, "Ada"), 2, "what they ordered is told all the same");
}

#[tokio::test]
async fn whoever_follows_a_link_comes_there_also_if_nobody_counts() {
    let world = World::new(4).await;
    let (_, _, letter) = written(&world).await;
    let router = track::router(track::Deps {
        store: Store::new(world.ports.table.clone()),
        tasks: Arc::new(Deaf),
        secrets: world.ports.secrets.clone(),
        clock: world.ports.clock.clone(),
        origin: ORIGIN.to_owned(),
        memory: track::Memory::default(),
    });
    for (part, status) in [("/t/click/", 302), ("/t/open/", 200)] {
        let request = Request::get(path_in(&letter, part)).header("user-agent", BROWSER);
        let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), status, "{part}");
    }
    let message = kept(&world, &letter).await;
    assert_eq!((message.opened_at, message.clicked_at), (None, None), "and it is told in the log");
}

//! What somebody says to us is told to their shop, after they have their answer; and an older word of the shop's takes nothing
//! back.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::{launched, post};
use crate::{
    cast::{PASSWORD, Person, login},
    syncs::House,
};
use async_trait::async_trait;
use domain::{ConsentState, CustomerId, timeline::Channel};
use flows::{
    Clock, FlowError, Left, Tasks,
    wishes::{self, Kept, Wish},
};
use local::{
    World,
    shopify::{Door, Fault, books::records},
    world::ORIGIN,
};
use serde_json::json;

/// A queue that takes nothing.
struct Deaf;

#[async_trait]
impl Tasks for Deaf {
    async fn leave(&self, _: Vec<Left>) -> Result<(), FlowError> {
        Err(FlowError::unavailable("nobody is there"))
    }
}

/// Somebody of a shop's who got a letter, and their way out.
struct Told {
    house: House,
    owner: Person,
    number: u64,
    path: String,
}

async fn written(world: &World) -> Told {
    let house = House::synced(world, 20).await;
    let owner = Person::of(&login(world, &house.owner.email, PASSWORD).await);
    let body = json!({"name": "Spring", "kind": "newsletter", "rule": "EVERYONE", "subject": "Hi",
        "html": "<a href=\"{{ unsubscribe_url }}\">No more</a>"});
    launched(world, &owner, &body).await;
    let letter = world.vendor.letters().remove(0);
    let path = letter.unsubscribe.unwrap().url.strip_prefix(ORIGIN).unwrap().to_owned();
    let number = house.shop.books(|books| {
        let mut all = books.customers();
        let found = all.find(|customer| customer.email.as_deref() == Some(letter.to.as_str()));
        found.expect("one of the shop's").id
    });
    Told { house, owner, number, path }
}

impl Told {
    fn in_the_shop(&self) -> records::ConsentState {
        self.house
            .shop
            .books(|books| books.customer(self.number).expect("they are there").email_consent.state)
    }

    async fn here(&self, world: &World) -> (ConsentState, String) {
        let held = self.house.store(world).customer(CustomerId::Shopify(self.number)).await.unwrap().unwrap();
        let consent = held.email_consent.clone().unwrap();
        (consent.state, consent.method.unwrap_or_default())
    }
}

#[tokio::test]
async fn who_leaves_here_has_left_in_the_shop() {
    let world = World::new(1).await;
    let told = written(&world).await;
    assert_eq!(told.in_the_shop(), records::ConsentState::Subscribed);
    assert_eq!(post(&world, &told.path, "").await.status, 200);
    assert_eq!(told.here(&world).await.0, ConsentState::Unsubscribed, "before anybody asks the shop");
    world.settle().await;
    assert_eq!(told.in_the_shop(), records::ConsentState::Unsubscribed);
    // The shop tells us of it in turn, and a sync brings what it has: it is what we know.
    world.hear().await;
    world.settle().await;
    let shown = told.owner.get(&world, &format!("/api/v1/customers/s{}", told.number)).await;
    assert_eq!(shown.at("/email_consent/source"), json!("person"), "{}", shown.text);
    let store = told.house.store(&world);
    let untold = store.untold(CustomerId::Shopify(told.number), Channel::Email);
    assert!(untold.await.unwrap().is_none(), "nothing is left to be told");
}

#[tokio::test]
async fn a_shop_that_does_not_answer_is_told_later() {
    let world = World::new(2).await;
    let told = written(&world).await;
    told.house.shop.switch(|switches| {
        switches.next.extend([(Door::Graphql, Fault::Status(503)), (Door::Graphql, Fault::Cut)]);
        switches.next.push_back((Door::Graphql, Fault::TooMany { retry_after_seconds: 2 }));
    });
    assert_eq!(post(&world, &told.path, "").await.status, 200);
    for _ in 0..30 {
        world.settle().await;
    }
    assert_eq!(told.in_the_shop(), records::ConsentState::Unsubscribed);
    assert_eq!(told.here(&world).await.0, ConsentState::Unsubscribed);
}

#[tokio::test]
async fn a_lost_message_is_asked_for_again_by_the_clock() {
    let world = World::new(3).await;
    let told = written(&world).await;
    let (store, customer) = (told.house.store(&world), CustomerId::Shopify(told.number));
    let wish = Wish::of(Channel::Email, false, "by a link".to_owned());
    let now = world.clock.now();
    let kept = wishes::kept((&store, &Deaf), customer, &wish, now).await;
    assert!(matches!(kept, Ok(Kept::Changed(_))), "it is kept all the same: {kept:?}");
    world.settle().await;
    assert_eq!(told.in_the_shop(), records::ConsentState::Subscribed, "nobody has asked");
    world.clock.advance_seconds(3_600);
    world.settle().await;
    assert_eq!(told.in_the_shop(), records::ConsentState::Unsubscribed);
}

#[tokio::test]
async fn a_shop_that_does_not_let_us_keeps_its_word_and_ours_holds_and_says_so() {
    let world = World::new(4).await;
    let told = written(&world).await;
    told.house.shop.regrant(&["read_customers", "read_orders", "read_products", "read_locations"]);
    assert_eq!(post(&world, &told.path, "").await.status, 200);
    world.settle().await;
    assert_eq!(told.in_the_shop(), records::ConsentState::Subscribed);
    let (state, method) = told.here(&world).await;
    assert_eq!(state, ConsentState::Unsubscribed);
    assert!(method.contains("Spring") && method.contains("the shop was not told"), "{method}");
    let timeline = told.owner.get(&world, &format!("/api/v1/customers/s{}/timeline", told.number)).await.text;
    assert!(timeline.contains("the shop was not told"), "{timeline}");
}

//! A process that dies, fails or hears nothing at any call that a sync makes: it comes to the same end (SYN-06).

use domain::{ProductId, run::Mode};
use local::{
    World,
    faults::halt::{Moment, at_every_port, dying, failing, hearing_nothing},
};

use serde_json::json;

use super::{House, books::record_equals_the_books};
use crate::storms::{
    bare::Bare,
    calmed,
    syncing::{Way, missed},
    work,
};

/// A world with so many shops looks at all of them each minute.
const SHOPS: u64 = 20;

/// Of a thousand calls so many go wrong.
const PER_MILLE: u32 = 30;

/// What happens at a call.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Dies,
    Fails,
    HearsNothing,
}

/// Works once, with that at that call. Says whether it came.
async fn worked(world: &World, fate: Fate, place: u32) -> bool {
    let work = work(world, 1);
    let ((), is_hit) = match fate {
        // Just before a call is just after the one before it.
        Fate::Dies => at_every_port(dying(place, Moment::BeforeTheCall, work)).await,
        Fate::Fails => at_every_port(failing(place, work)).await,
        Fate::HearsNothing => at_every_port(hearing_nothing(place, work)).await,
    };
    is_hit
}

/// A shop whose next run is about to begin, how many there were, and what is gone from it since.
struct Next {
    bare: Bare,
    runs: usize,
    gone: Option<u64>,
    made: Option<u64>,
}

impl Next {
    async fn of(world: &World, way: Way, number: u64) -> Self {
        let bare = Bare::connected(world, number).await;
        let mut next = Self { bare, runs: 0, gone: None, made: None };
        if way.mode() != Mode::Full {
            next.bare.begin(world, Mode::Full).await;
            world.settle().await;
            next.runs = 1;
        }
        next
    }

    async fn begin(&mut self, world: &World, way: Way) {
        if way.mode() != Mode::Full {
            let (gone, made) = missed(world, &self.bare, self.made);
            (self.gone, self.made) = (gone, Some(made));
        }
        self.bare.begin(world, way.mode()).await;
        self.runs += 1;
    }

    async fn must_have_come_to_its_end(&self, world: &World, way: Way, what: &str) {
        self.bare.let_end(world).await;
        self.bare.must_be_done(self.runs, what).await;
        record_equals_the_books(world, &self.bare.store, &self.bare.shop).await;
        if let Some(gone) = self.gone.filter(|_| way == Way::Night) {
            let held = self.bare.store.product(ProductId::Shopify(gone)).await.expect("memory holds");
            assert!(held.is_none(), "{what}");
        }
    }
}

async fn at_any_call(way: Way, fate: Fate) {
    let mut world = way.world(1).await;
    let mut next: Option<Next> = None;
    for place in 0.. {
        let number = u64::from(place);
        if number % SHOPS == SHOPS - 1 {
            world = way.world(number).await;
            next = None;
        }
        // A first sync needs a shop of its own, later ones find what has changed since.
        let mut this = match next.take().filter(|_| way.mode() != Mode::Full) {
            Some(next) => next,
            None => Next::of(&world, way, number).await,
        };
        this.begin(&world, way).await;
        let is_hit = worked(&world, fate, place).await;
        this.must_have_come_to_its_end(&world, way, &format!("{way:?} {fate:?} at {place}")).await;
        if !is_hit {
            println!("{way:?} {fate:?}: {place} calls");
            assert!(place > if matches!(fate, Fate::HearsNothing) { 20 } else { 60 }, "{place}");
            return;
        }
        next = Some(this);
    }
}

/// Lists and all.
#[tokio::test]
async fn under_faults_of_every_kind_a_whole_shop_is_brought_and_shown() {
    for seed in 0..2 {
        let world = World::new(seed).await;
        let house = House::connected(&world, 12).await;
        world.faults.storm(PER_MILLE);
        for _ in 0..40 {
            world.storm_through().await;
        }
        calmed(&world).await;
        // Storms can be longer than patience: whatever failed is tried again.
        house.sync(&world, &json!({})).await;
        house.equals_the_books(&world).await;
        assert!(!world.faults.happened().is_empty());
    }
}

#[tokio::test]
async fn whoever_dies_in_a_first_sync_is_followed_by_somebody_who_comes_to_the_same_end() {
    Box::pin(at_any_call(Way::Pages, Fate::Dies)).await;
}

#[tokio::test]
async fn what_fails_in_a_first_sync_is_tried_again() {
    Box::pin(at_any_call(Way::Pages, Fate::Fails)).await;
}

#[tokio::test]
async fn what_a_first_sync_does_not_hear_of_is_done_once() {
    Box::pin(at_any_call(Way::Pages, Fate::HearsNothing)).await;
}

#[tokio::test]
async fn whoever_dies_in_a_sync_by_files_is_followed_by_somebody_who_comes_to_the_same_end() {
    Box::pin(at_any_call(Way::Files, Fate::Dies)).await;
}

#[tokio::test]
async fn what_fails_in_a_sync_by_files_is_tried_again() {
    Box::pin(at_any_call(Way::Files, Fate::Fails)).await;
}

#[tokio::test]
async fn what_a_sync_by_files_does_not_hear_of_is_done_once() {
    Box::pin(at_any_call(Way::Files, Fate::HearsNothing)).await;
}

#[tokio::test]
async fn whoever_dies_in_a_later_sync_is_followed_by_somebody_who_comes_to_the_same_end() {
    Box::pin(at_any_call(Way::Changes, Fate::Dies)).await;
}

#[tokio::test]
async fn what_fails_in_a_later_sync_is_tried_again() {
    Box::pin(at_any_call(Way::Changes, Fate::Fails)).await;
}

#[tokio::test]
async fn what_a_later_sync_does_not_hear_of_is_done_once() {
    Box::pin(at_any_call(Way::Changes, Fate::HearsNothing)).await;
}

#[tokio::test]
async fn whoever_dies_in_a_sync_at_night_is_followed_by_somebody_who_comes_to_the_same_end() {
    Box::pin(at_any_call(Way::Night, Fate::Dies)).await;
}

#[tokio::test]
async fn what_fails_in_a_sync_at_night_is_tried_again() {
    Box::pin(at_any_call(Way::Night, Fate::Fails)).await;
}

#[tokio::test]
async fn what_a_sync_at_night_does_not_hear_of_is_done_once() {
    Box::pin(at_any_call(Way::Night, Fate::HearsNothing)).await;
}

//! Whole runs of a sync in a storm, of every mode: by pages, by files, of what has changed, and of what webhooks missed. Each
//! comes to its end, at the latest when it is asked for again, and then all is as in the shop's books.

use domain::{ProductId, RunState, run::Mode};
use local::{World, shopify::books::Telling};

use super::{
    Dice,
    bare::{Bare, newcomer},
    calmed, seeds, work,
};
use crate::syncs::books::record_equals_the_books;

pub(super) const SEEDS: u64 = 200;
const PER_MILLE: u32 = 30;
/// Of a thousand questions to Shopify.
const REFUSED_PER_MILLE: u32 = 60;

/// How a run brings what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Pages,
    Files,
    Changes,
    Night,
}

impl Way {
    pub(crate) const ALL: [Self; 4] = [Self::Pages, Self::Files, Self::Changes, Self::Night];

    pub(crate) fn mode(self) -> Mode {
        match self {
            Self::Pages | Self::Files => Mode::Full,
            Self::Changes => Mode::Incremental,
            Self::Night => Mode::Reconciliation,
        }
    }

    /// A world in which a first sync is done so.
    pub(crate) async fn world(self, seed: u64) -> World {
        let mut world = World::new(seed).await;
        if self == Self::Files {
            world.product = world.product.clone().that_reads_files_from(1);
        }
        world
    }
}

/// Much happens of which no webhook tells. Answers a product that is no more.
pub(crate) fn missed(world: &World, bare: &Bare, former: Option<u64>) -> (Option<u64>, u64) {
    world.clock.advance_seconds(900);
    bare.shop.switch(|switches| switches.lost_per_mille = 1_000);
    let name = flows::Clock::now(&*world.clock).as_second().to_string();
    let told = Telling { note: Some(name.clone()), ..Telling::default() };
    bare.shop.change(bare.anybody(), told).expect("they are there");
    let new = bare.shop.join(newcomer(&format!("new{name}"))).expect("everybody may join");
    bare.buy(Some(new));
    if let Some(former) = former {
        bare.shop.delete_product(former).expect("it is there");
    }
    (former, bare.shop.add_product(&name, 500).expect("it is new"))
}

async fn storms(way: Way) {
    let place = Way::ALL.iter().position(|one| *one == way).expect("one of them") as u64;
    let mut world = way.world(place).await;
    let (mut tried, mut happened, mut replayed, mut again) = (0, 0, 0, 0);
    for seed in seeds(SEEDS, (place, 4)) {
        if tried % 10 == 9 {
            happened += world.faults.happened().values().sum::<u32>();
            world = way.world(seed).await;
        }
        tried += 1;
        let mut dice = Dice::of(seed);
        let bare = Bare::connected(&world, seed).await;
        let mut gone = None;
        if way.mode() != Mode::Full {
            bare.begin(&world, Mode::Full).await;
            world.settle().await;
            let (_, made) = missed(&world, &bare, None);
            bare.begin(&world, Mode::Incremental).await;
            world.settle().await;
            (gone, _) = missed(&world, &bare, Some(made));
        }
        for _ in 0..dice.below(3) {
            bare.buy(Some(bare.anybody()));
        }
        bare.begin(&world, way.mode()).await;
        world.faults.storm_by(seed, PER_MILLE);
        bare.shop.switch(|switches| switches.faults_per_mille = REFUSED_PER_MILLE);
        for _ in 0..40 {
            work(&world, 1).await;
            if bare.store.open_run().await.expect("memory holds").is_none() {
                break;
            }
        }
        bare.shop.switch(|switches| switches.faults_per_mille = 0);
        replayed += calmed(&world).await;
        bare.let_end(&world).await;
        let last = bare.store.runs(1).await.expect("memory holds").pop().expect("one was begun");
        match last.state {
            RunState::Completed => {}
            // A storm can be longer than patience: somebody presses the button.
            RunState::Failed { ref why } if why.contains("12 times in a row") => {
                again += 1;
                bare.begin(&world, way.mode()).await;
                bare.let_end(&world).await;
                let last = bare.store.runs(1).await.expect("memory holds").pop().expect("one was begun");
                assert_eq!(last.state, RunState::Completed, "seed {seed}");
            }
            other => panic!("seed {seed}: {other:?}"),
        }
        record_equals_the_books(&world, &bare.store, &bare.shop).await;
        if way == Way::Night {
            let gone = ProductId::Shopify(gone.expect("one was deleted"));
            assert!(bare.store.product(gone).await.expect("memory holds").is_none(), "seed {seed}");
        }
        bare.rest().await;
    }
    happened += world.faults.happened().values().sum::<u32>();
    println!(
        "{way:?}: {tried} runs, {happened} faults, {replayed} dead letters replayed, {again} begun again"
    );
    assert!(u64::from(happened) > tried * 3, "there was a storm: {happened} of {tried}");
}

#[tokio::test]
async fn a_first_sync_by_pages_in_a_storm_ends_as_in_the_books() {
    storms(Way::Pages).await;
}

#[tokio::test]
async fn a_first_sync_by_files_in_a_storm_ends_as_in_the_books() {
    storms(Way::Files).await;
}

#[tokio::test]
async fn a_sync_of_changes_in_a_storm_ends_as_in_the_books() {
    storms(Way::Changes).await;
}

#[tokio::test]
async fn a_sync_at_night_in_a_storm_ends_as_in_the_books() {
    storms(Way::Night).await;
}

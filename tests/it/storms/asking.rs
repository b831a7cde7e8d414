//! What a shop tells and is asked for, in a storm: people act in the demo shop, its webhooks come twice and in any order,
//! and what they leave out is read, while every port and Shopify itself fail. In the end all is as in the shop's books.

use domain::{Queue, run::Mode};
use local::{
    World,
    pump::pump_queue,
    shopify::{
        Door, Fault,
        books::{Back, Channel, Newcomer, Telling, records},
    },
};

use super::{
    Dice,
    bare::{Bare, newcomer},
    calmed, seeds, work,
};
use crate::syncs::{Post, books::record_equals_the_books};

pub(super) const SEEDS: u64 = 80;
const PER_MILLE: u32 = 40;
/// Of a thousand questions to Shopify.
const REFUSED_PER_MILLE: u32 = 250;
const AT_ONCE: usize = 4;

/// Somebody new, and an order of theirs.
struct Guest {
    customer: u64,
    order: u64,
}

impl Guest {
    fn comes(world: &World, bare: &Bare, name: &str) -> Self {
        let (state, level) = (records::ConsentState::Subscribed, Some(records::OptInLevel::SingleOptIn));
        let email_consent =
            Some(records::Consent { state, level, at: Some(flows::Clock::now(&*world.clock)) });
        let newcomer = Newcomer { email_consent, ..newcomer(name) };
        let customer = bare.shop.join(newcomer).expect("everybody may join");
        Self { customer, order: bare.buy(Some(customer)) }
    }

    /// What cannot be done in the shop is not done.
    fn acts(&self, world: &World, bare: &Bare, dice: &mut Dice) {
        let (shop, now) = (&bare.shop, flows::Clock::now(&*world.clock));
        let _ = match dice.below(12) {
            0 => {
                shop.change(self.customer, Telling { note: Some(format!("at {now}")), ..Telling::default() })
            }
            1 => shop.tag(self.customer, &["tea", "coffee"]),
            2 => shop.untag(self.customer, &["vip", "tea"]),
            3 => {
                let (level, at) = (Some(records::OptInLevel::SingleOptIn), Some(now));
                let consent = records::Consent { state: records::ConsentState::Subscribed, level, at };
                shop.consent(self.customer, Channel::Email, consent)
            }
            4 => shop.refund(self.order, &Back { lines: Vec::new(), amount: 50 }).map(drop),
            5 => shop.cancel(self.order),
            6 => shop.edit(self.order, &[], &[]),
            7 => shop.add_product(&format!("At {now}"), 500).map(drop),
            8 => {
                bare.buy(Some(self.customer));
                Ok(())
            }
            9 => shop.delete_order(self.order),
            // Nobody is told that what they agreed to is gone.
            10 => {
                let email = Some(format!("{}.{}@example.com", self.customer, now.as_second()));
                shop.change(self.customer, Telling { email, ..Telling::default() })
            }
            _ => shop.fulfil(self.order),
        };
    }
}

async fn storms(lot: u64, lots: u64) {
    let (mut world, mut bare) = begun(lot).await;
    let (mut tried, mut happened, mut asked) = (0, 0, 0);
    for seed in seeds(SEEDS, (lot, lots)) {
        // Each look at the books is at all of them.
        if tried % 16 == 15 {
            happened += world.faults.happened().values().sum::<u32>();
            asked += bare.shop.asked();
            (world, bare) = begun(seed).await;
        }
        tried += 1;
        let mut dice = Dice::of(seed);
        world.faults.storm_by(seed, PER_MILLE);
        bare.shop.switch(|switches| {
            (switches.copies, switches.is_shuffled) = (u32::from(seed % 2 == 0), true);
            switches.faults_per_mille = REFUSED_PER_MILLE;
            // For a while nothing at all is answered.
            let cut = std::iter::repeat_n((Door::Graphql, Fault::Cut), dice.below(16));
            switches.next.extend(cut);
        });
        let comes = |name: &str| Guest::comes(&world, &bare, &format!("{name}{seed}"));
        let (one, other) = (comes("one"), comes("two"));
        world.clock.advance_seconds(1);
        for _ in 0..4 {
            let who = if dice.below(3) == 0 { &other } else { &one };
            who.acts(&world, &bare, &mut dice);
            // What happens within one second is settled by what comes last, until the next sync.
            world.clock.advance_seconds(1 + i64::try_from(dice.below(8)).expect("few"));
            if dice.below(2) == 0 {
                world.shopify.tick(&Post(&world)).await;
                pump_queue(&world.tasks, &world.product, Queue::Ingest, AT_ONCE).await.expect("memory holds");
            }
        }
        work(&world, AT_ONCE).await;
        bare.shop.switch(|switches| {
            switches.faults_per_mille = 0;
            switches.next.clear();
        });
        calmed(&world).await;
        while let Some(next) = bare.shop.next_delivery_at() {
            world.clock.advance_to(next.as_millisecond());
            calmed(&world).await;
        }
        record_equals_the_books(&world, &bare.store, &bare.shop).await;
    }
    happened += world.faults.happened().values().sum::<u32>();
    asked += bare.shop.asked();
    println!("{tried} histories, {happened} faults, {asked} questions");
    assert!(
        u64::from(happened) > tried * 5 && asked > tried * 2,
        "there was a storm: {happened}, {asked} of {tried}"
    );
}

/// A shop that is here already.
async fn begun(seed: u64) -> (World, Bare) {
    let world = World::new(seed).await;
    let bare = Bare::connected(&world, 1).await;
    bare.begin(&world, Mode::Full).await;
    world.settle().await;
    bare.must_be_done(1, "calm").await;
    (world, bare)
}

#[tokio::test]
async fn what_is_read_of_a_shop_in_a_storm_ends_as_in_its_books() {
    storms(0, 2).await;
}

#[tokio::test]
async fn what_is_read_of_another_shop_in_a_storm_ends_as_in_its_books() {
    storms(1, 2).await;
}

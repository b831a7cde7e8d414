//! Tokens that are renewed in a storm: several ask at once whose token has ended, while the table, the way to Shopify and
//! Shopify itself fail. The shop stays connected, unless it has really let go of us: where a token that lives is refused, or
//! the shop says so.

use std::sync::Arc;

use domain::{ConnectionState, Queue, connection::UnreachedReason};
use flows::{FlowError, Shops, Unanswered, seal::Seals};
use futures::future::join_all;
use local::{
    World,
    faults::{
        crash,
        halt::{Moment, at_every_port, dying, failing, hearing_nothing, overtaken},
    },
    pump::pump_queue,
    web::Loopback,
};
use serde_json::json;
use shopify::graph::ShopInfo;
use store::TenantStore;

use super::{Dice, bare::Bare, seeds};

pub(super) const SEEDS: u64 = 160;
const PER_MILLE: u32 = 100;
/// Of a thousand calls at Shopify's doors.
const REFUSED_PER_MILLE: u32 = 200;
const HOUR: i64 = 3_600;

/// Which shop answers.
async fn ask(world: &World, store: &TenantStore) -> Result<String, Unanswered> {
    Box::pin(ask_by(world, &world.ports.shops(), store)).await
}

async fn ask_by(world: &World, shops: &Shops, store: &TenantStore) -> Result<String, Unanswered> {
    let seals = Seals::new(world.ports.keys.clone(), world.ports.dice.clone());
    let answered = Box::pin(shops.ask((store, &seals), &ShopInfo {})).await?;
    Ok(answered.it.domain.to_string())
}

async fn state(bare: &Bare) -> ConnectionState {
    bare.store.connection().await.expect("memory holds").expect("it was connected").state
}

/// Asked once more by somebody for whom nothing goes wrong.
async fn must_answer(world: &World, bare: &Bare, what: &str) {
    // Whoever claimed it and told nothing is waited for so long.
    world.clock.advance_seconds(30);
    let answered = ask(world, &bare.store).await;
    assert_eq!(answered.as_deref().ok(), Some(bare.shop.domain()), "{what}: {answered:?}");
    assert_eq!(state(bare).await, ConnectionState::Connected, "{what}");
}

async fn storms(lot: u64, lots: u64) {
    let world = World::new(lot).await;
    let (mut tried, mut answered, mut let_go, mut closed) = (0_u64, 0_u64, 0_u64, 0_u64);
    for seed in seeds(SEEDS, (lot, lots)) {
        let mut dice = Dice::of(seed);
        let bare = Bare::connected(&world, seed).await;
        let store = world.store_with_faults_of(bare.store.id());
        // One in ten merchants removes the app meanwhile, and nobody tells us.
        let ends_in = (dice.below(10) == 0).then(|| (dice.below(3), usize::from(let_go % 2 == 1)));
        let mut is_over = false;
        world.faults.storm_by(seed, PER_MILLE);
        bare.shop.switch(|switches| switches.faults_per_mille = REFUSED_PER_MILLE);
        for round in 0..3 {
            world.clock.advance_seconds(HOUR);
            for turn in 0..4 {
                // When their tokens have ended, or while they live.
                if ends_in == Some((round, turn)) {
                    bare.shop.uninstall();
                    is_over = true;
                }
                let at_once = 1 + dice.below(3);
                let asked = join_all((0..at_once).map(|_| crash::watched(ask(&world, &store)))).await;
                for told in asked.into_iter().flatten() {
                    match told {
                        Ok(domain) => {
                            assert_eq!(
                                (domain.as_str(), is_over),
                                (bare.shop.domain(), false),
                                "seed {seed}"
                            );
                            answered += 1;
                        }
                        Err(Unanswered::Failed(FlowError::Unavailable(_))) => {}
                        Err(Unanswered::Refused(refused)) => {
                            assert!(refused.why.passes() || is_over, "seed {seed}: {refused:?}");
                        }
                        Err(Unanswered::Closed(_)) => assert!(is_over, "seed {seed}: {round}"),
                        Err(other) => panic!("seed {seed}: {other:?}"),
                    }
                }
                world.clock.advance_seconds(i64::try_from(dice.below(40)).expect("few"));
            }
        }
        world.faults.calm();
        bare.shop.switch(|switches| switches.faults_per_mille = 0);
        if ends_in.is_some() {
            world.clock.advance_seconds(HOUR);
            let connection =
                async || bare.store.connection().await.expect("memory holds").expect("it was connected");
            match ask(&world, &bare.store).await {
                Err(Unanswered::Closed(_)) => closed += 1,
                // Of a token that had ended by then nobody can tell whether the app is gone, or our secret is wrong.
                Err(Unanswered::Failed(FlowError::Unavailable(_))) => {
                    let why = connection().await.unreached.map(|unreached| unreached.why);
                    assert_eq!(why, Some(UnreachedReason::AppUnknown), "seed {seed}");
                    let domain = bare.shop.domain();
                    let event = json!({"id": 1, "myshopify_domain": domain});
                    let told = world.hook(domain, "app/uninstalled", &event).await.send().await;
                    assert_eq!(told.status, 200, "{}", told.text);
                    while pump_queue(&world.tasks, &world.product, Queue::Ingest, 1)
                        .await
                        .expect("memory holds")
                        > 0
                    {}
                }
                other => panic!("seed {seed}: {other:?}"),
            }
            let connection = connection().await;
            assert_eq!((connection.is_open(), &connection.tokens), (false, &None), "seed {seed}");
            let_go += 1;
        } else {
            must_answer(&world, &bare, &format!("seed {seed}")).await;
            world.clock.advance_seconds(HOUR);
            must_answer(&world, &bare, &format!("seed {seed}, an hour later")).await;
        }
        tried += 1;
    }
    let happened: u32 = world.faults.happened().values().sum();
    println!("{tried} shops, {happened} faults, {answered} answers, {let_go} let go, {closed} at once");
    let is_whole = let_go > closed;
    assert!(u64::from(happened) > tried * 5 && answered > tried && is_whole, "there was a storm");
}

#[tokio::test]
async fn a_shop_whose_tokens_are_renewed_in_a_storm_stays_connected() {
    storms(0, 2).await;
}

#[tokio::test]
async fn another_shop_whose_tokens_are_renewed_in_a_storm_stays_connected() {
    storms(1, 2).await;
}

#[tokio::test]
async fn whoever_dies_or_hears_nothing_at_any_port_of_a_renewal_costs_nothing() {
    let world = World::new(1).await;
    let bare = Bare::connected(&world, 1).await;
    let store = world.store_with_faults_of(bare.store.id());
    for place in 0.. {
        let mut was_there = false;
        for way in 0..4 {
            world.clock.advance_seconds(HOUR);
            let process = || crash::watched(ask(&world, &store));
            let (_, is_hit) = match way {
                0 => at_every_port(dying(place, Moment::BeforeTheCall, process())).await,
                1 => at_every_port(dying(place, Moment::AfterTheCall, process())).await,
                2 => at_every_port(failing(place, process())).await,
                _ => at_every_port(hearing_nothing(place, process())).await,
            };
            was_there |= is_hit;
            must_answer(&world, &bare, &format!("{way} at {place}")).await;
        }
        if !was_there {
            assert!(place >= 8, "{place}");
            break;
        }
    }
}

#[tokio::test]
async fn who_is_held_up_at_any_port_while_another_renews_is_answered_too() {
    let world = World::new(2).await;
    let bare = Bare::connected(&world, 1).await;
    let store = world.store_with_faults_of(bare.store.id());
    for place in 0.. {
        world.clock.advance_seconds(HOUR);
        // For so long that the others no longer wait for them.
        let meanwhile = async {
            world.clock.advance_seconds(31);
            ask(&world, &store).await
        };
        let Some((slow, fast)) = at_every_port(overtaken(ask(&world, &store), place, meanwhile)).await else {
            assert!(place >= 8, "{place}");
            break;
        };
        for (who, answer) in [("slow", slow), ("fast", fast)] {
            assert_eq!(answer.as_deref().ok(), Some(bare.shop.domain()), "{who} at {place}: {answer:?}");
        }
        must_answer(&world, &bare, &format!("at {place}")).await;
    }
}

#[tokio::test]
async fn who_was_held_up_spends_nothing_that_another_has_spent() {
    let world = World::new(3).await;
    let bare = Bare::connected(&world, 1).await;
    let store = world.store_with_faults_of(bare.store.id());
    // A question that is under way ends by itself before the others may follow.
    let held_up = Shops { web: Arc::new(Loopback::new()), ..world.ports.shops() };
    for place in 0.. {
        for end in 0.. {
            world.clock.advance_seconds(HOUR);
            let meanwhile = async {
                world.clock.advance_seconds(31);
                let other = crash::watched(ask(&world, &store));
                at_every_port(dying(end, Moment::AfterTheCall, other)).await.1
            };
            let slow = ask_by(&world, &held_up, &store);
            let Some((slow, has_died)) = at_every_port(overtaken(slow, place, meanwhile)).await else {
                assert!(place >= 5 && end == 0, "{place}");
                return;
            };
            let is_answered = slow.as_deref().ok() == Some(bare.shop.domain());
            let is_later = matches!(slow, Err(Unanswered::Failed(FlowError::Unavailable(_))));
            assert!(is_answered || is_later, "at {place}, death at {end}: {slow:?}");
            must_answer(&world, &bare, &format!("at {place}, death at {end}")).await;
            if !has_died {
                break;
            }
        }
    }
}

//! A process that dies in the middle of a sync, at places all along: it comes to the same end (SYN-06).

use std::{sync::Arc, time::Duration};

use domain::{
    Connection, Member, Plan, Role, Tenant, TenantId, TenantStatus, UserId,
    run::{Mode, RunState},
};
use flows::{Clock, Tasks, Web, seal::Seals, shops, syncs, web::Ask};
use local::{
    World,
    demo::Wish,
    faults::halt::{Moment, dying, failing},
    shopify::{DOMAIN, Shop},
    web::Loopback,
    world::ORIGIN,
};
use serde_json::json;
use shopify::oauth::{Access, Callback, Question, TokenAsk, Tokens};
use store::{Store, TenantStore};

use super::{House, books::record_equals_the_books};

/// A shop of one customer, let in by its merchant, whose first sync was just begun: made past the doors, as a hundred
/// merchants who sign in take longer than what is tried here.
struct Bare {
    store: TenantStore,
    shop: Arc<Shop>,
}

/// A world for each place takes a second: of so many places in a row one is tried.
const EACH: usize = 4;

async fn let_in(world: &World) -> Tokens {
    let ports = world.ports.shops();
    let app = ports.app().await.expect("it is there").expect("it is there");
    let (shop, scopes, back) =
        (DOMAIN.parse().expect("it is there"), shops::scopes(), format!("{ORIGIN}/auth/callback"));
    let question = Question {
        shop: &shop,
        scopes: &scopes,
        redirect_uri: &back,
        state: "state",
        access: Access::Offline,
    };
    let pressed = question.url(&app, &ports.origin).replace("authorize", "install");
    let told = Loopback::new().ask(Ask::new(pressed, Duration::from_mins(1))).await.expect("it is there");
    let query = told.header("location").and_then(|to| to.split_once('?')).expect("it is there").1.to_owned();
    let callback = Callback::read(&query, &app, world.clock.now()).expect("it is there");
    ports
        .grant(&shop, &TokenAsk::code(&app, &callback.code))
        .await
        .expect("it is there")
        .expect("it is there")
}

impl Bare {
    async fn connected(world: &World) -> Self {
        let shop = world.shopify.open(DOMAIN, Wish { customers: 1, seed: 7 }).expect("it is there");
        let now = world.clock.now();
        let (id, user) = (TenantId::new(now, [1; 10]), UserId::new(now, [1; 10]));
        let owner = Member {
            tenant: id,
            user,
            email: "owner@example.com".parse().expect("it is there"),
            name: "Ada".parse().expect("it is there"),
            role: Role::Owner,
            since: now,
        };
        let team = Tenant {
            id,
            name: "Nordlicht".parse().expect("it is there"),
            shop: Some(DOMAIN.parse().expect("it is there")),
            status: TenantStatus::Active,
            plan: Plan::Own,
            owners: 1,
            members: 1,
            currency: "EUR".parse().expect("it is there"),
            currency_changes: 0,
            zone: "Europe/Berlin".parse().expect("it is there"),
            created_at: now,
        };
        let store = world.store_of(id);
        store.commit(vec![Store::tenant_made(&team, &owner)]).await.expect("it is there");
        let tokens = let_in(world).await;
        let seals = Seals::new(world.ports.keys.clone(), world.ports.dice.clone());
        let kept = shops::sealed(&store, &seals, &tokens).await.expect("it is there");
        let connection = Connection::begun(
            DOMAIN.parse().expect("it is there"),
            tokens.scopes.to_string(),
            kept,
            user,
            now,
        );
        let Ok(begun) = syncs::begun_by_connecting(&store, None, &team.zone, now) else {
            panic!("nothing is under way yet");
        };
        let task = begun.task();
        let mut steps = vec![store.connection_made(&connection)];
        steps.extend(begun.steps);
        store.commit(steps).await.expect("it is there");
        world.tasks.leave(vec![task.into()]).await.expect("it is there");
        Self { store, shop }
    }

    async fn has_come_to_its_end(&self, world: &World, what: &str) {
        world.settle().await;
        let runs = self.store.runs(10).await.expect("it is there");
        assert!(runs.iter().all(|run| run.state == RunState::Completed), "{what}: {runs:#?}");
        assert_eq!(runs.iter().filter(|run| run.mode == Mode::Full).count(), 1, "{what}: {runs:#?}");
        let rows = runs.last().expect("it is there").tally().rows();
        let (customers, products) = record_equals_the_books(world, &self.store, &self.shop).await;
        assert!(rows >= (customers + products) as u64, "{what}: {rows}");
    }
}

#[tokio::test]
async fn whoever_dies_at_the_table_is_followed_by_somebody_who_comes_to_the_same_end() {
    for place in (0..).step_by(EACH) {
        let world = World::new(u64::from(place)).await;
        let bare = Bare::connected(&world).await;
        // Just before a call is just after the one before it.
        let ((), has_died) = dying(place, Moment::BeforeTheCall, world.storm_through()).await;
        bare.has_come_to_its_end(&world, &format!("death at {place}")).await;
        if !has_died {
            assert!(place > 40, "{place}");
            break;
        }
    }
}

#[tokio::test]
async fn a_table_that_fails_once_is_asked_again() {
    for place in (2..).step_by(EACH) {
        let world = World::new(u64::from(place)).await;
        let bare = Bare::connected(&world).await;
        let ((), has_failed) = failing(place, world.storm_through()).await;
        bare.has_come_to_its_end(&world, &format!("failure at {place}")).await;
        if !has_failed {
            assert!(place > 40, "{place}");
            break;
        }
    }
}

#[tokio::test]
async fn under_faults_of_every_kind_a_sync_comes_to_its_end() {
    for seed in 0..4 {
        let world = World::new(seed).await;
        let house = House::connected(&world, 12).await;
        world.faults.storm(5);
        for _ in 0..40 {
            world.storm_through().await;
        }
        world.faults.calm();
        world.settle().await;
        // Storms can be longer than patience: whatever failed is tried again.
        house.sync(&world, &json!({})).await;
        house.equals_the_books(&world).await;
        assert!(!world.faults.happened().is_empty());
    }
}

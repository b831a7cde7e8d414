//! Tenants whose shops have let us in, made past the doors: hundreds of merchants who sign in take longer than what is tried.

use std::{sync::Arc, time::Duration};

use domain::{
    Connection, Member, Plan, Role, RunId, ShopDomain, Syncing, Tenant, TenantId, TenantStatus, UserId,
    run::{Mode, Resource, RunState},
};
use flows::{Clock, Tasks, Web, seal::Seals, shops, syncs, web::Ask};
use local::{
    World,
    demo::Wish,
    shopify::{
        Shop,
        books::{Back, Basket, Newcomer},
    },
    web::Loopback,
    world::ORIGIN,
};
use shopify::oauth::{Access, Callback, Question, TokenAsk, Tokens};
use store::{Store, TenantStore};

use super::work;

/// So often the clock asks for one run at most.
const ASKED_MAX: usize = 20;

/// One of them.
pub(crate) struct Bare {
    pub(crate) store: TenantStore,
    pub(crate) shop: Arc<Shop>,
}

impl Bare {
    /// The world's tenant of that number. Nobody has begun a sync.
    pub(crate) async fn connected(world: &World, number: u64) -> Self {
        let domain = domain_of(number);
        let shop = small(world, &domain);
        let store = tenant(world, number, &domain).await;
        let tokens = let_in(world, &domain).await;
        let seals = Seals::new(world.ports.keys.clone(), world.ports.dice.clone());
        let kept = shops::sealed(&store, &seals, &tokens).await.expect("there is a key");
        let by = UserId::new(world.clock.now(), bytes(number));
        let connection =
            Connection::begun(domain.clone(), tokens.scopes.to_string(), kept, by, world.clock.now());
        let steps = vec![store.connection_made(&connection), store.shop_taken(&domain, None)];
        store.commit(steps).await.expect("nobody else connects it");
        Self { store, shop }
    }

    /// A run is begun, and its message left.
    pub(crate) async fn begin(&self, world: &World, mode: Mode) {
        let held = self.store.syncing().await.expect("memory holds");
        let now = world.clock.now();
        let id = RunId::of_clock(self.store.id(), now);
        let begun = syncs::begun(&self.store, held.as_ref(), (&Resource::ALL, mode), id, now);
        let task = begun.task();
        self.store.commit(begun.steps.into()).await.expect("none is under way");
        world.tasks.leave(vec![task.into()]).await.expect("memory holds");
    }

    /// Works until no run is under way: one of which the message was lost is asked for by the clock.
    pub(crate) async fn let_end(&self, world: &World) {
        for _ in 0..ASKED_MAX {
            work(world, 1).await;
            let Some(run) = self.store.open_run().await.expect("memory holds") else {
                world.settle().await;
                return;
            };
            world.clock.advance_to(run.due_at.as_millisecond());
            world.tick().await;
        }
        panic!("nobody goes on with the run");
    }

    /// The runs that there were, oldest first: none has failed, and none is under way.
    pub(crate) async fn must_be_done(&self, runs: usize, what: &str) {
        let all = self.store.runs(100).await.expect("memory holds");
        assert!(all.iter().all(|run| run.state == RunState::Completed), "{what}: {all:#?}");
        assert_eq!(all.len(), runs, "{what}: {all:#?}");
    }

    /// The clock asks it for nothing any more.
    pub(crate) async fn rest(&self) {
        if let Some(held) = self.store.syncing().await.expect("memory holds") {
            let rested = Syncing::clone(&held).stopped();
            self.store
                .commit(vec![self.store.syncing_changed(Some(&held), &rested)])
                .await
                .expect("it is calm");
        }
    }

    /// Somebody buys something.
    pub(crate) fn buy(&self, customer: Option<u64>) -> u64 {
        let variant = self.shop.books(|books| books.products().next().map(|product| product.variants[0].id));
        let lines = vec![(variant.expect("it sells something"), 2)];
        self.shop.buy(&Basket { customer, lines, ..Basket::default() }).expect("it is sold")
    }

    pub(crate) fn anybody(&self) -> u64 {
        self.shop.books(|books| books.customers().next().map(|customer| customer.id)).expect("they are there")
    }
}

pub(crate) fn domain_of(number: u64) -> ShopDomain {
    format!("shop-{number}.myshopify.com").parse().expect("a shop")
}

pub(crate) fn newcomer(name: &str) -> Newcomer {
    let email = Some(format!("{name}@example.com"));
    Newcomer { first_name: Some(name.to_owned()), email, tags: vec!["vip".to_owned()], ..Newcomer::default() }
}

/// Two customers of whom one has bought and got something back, an order of nobody's, one product.
fn small(world: &World, domain: &ShopDomain) -> Arc<Shop> {
    let shop = world.shopify.open(domain.as_str(), Wish { customers: 0, seed: 7 }).expect("memory holds");
    let products: Vec<u64> = shop.books(|books| books.products().map(|product| product.id).collect());
    for product in &products[1..] {
        shop.delete_product(*product).expect("it is there");
    }
    let bare = |customer| {
        let variant = shop.books(|books| books.products().next().map(|product| product.variants[0].id));
        let lines = vec![(variant.expect("it is left"), 1)];
        shop.buy(&Basket { customer, lines, ..Basket::default() }).expect("it is sold")
    };
    // No look at what is gone goes so far back.
    world.clock.advance_seconds(2 * 3_600);
    let nora = shop.join(newcomer("nora")).expect("everybody may join");
    shop.join(newcomer("olga")).expect("everybody may join");
    let order = bare(Some(nora));
    shop.refund(order, &Back { lines: Vec::new(), amount: 100 }).expect("it goes back");
    bare(None);
    shop
}

pub(crate) async fn tenant(world: &World, number: u64, shop: &ShopDomain) -> TenantStore {
    let now = world.clock.now();
    let (id, user) = (TenantId::new(now, bytes(number)), UserId::new(now, bytes(number)));
    let owner = Member {
        tenant: id,
        user,
        email: "owner@example.com".parse().expect("a mail address"),
        name: "Ada".parse().expect("a name"),
        role: Role::Owner,
        since: now,
    };
    let team = Tenant {
        id,
        name: "Nordlicht".parse().expect("a name"),
        shop: Some(shop.clone()),
        status: TenantStatus::Active,
        plan: Plan::Own,
        owners: 1,
        members: 1,
        currency: "EUR".parse().expect("a currency"),
        currency_changes: 0,
        zone: "Europe/Berlin".parse().expect("a zone"),
        created_at: now,
    };
    let store = world.store_of(id);
    store.commit(vec![Store::tenant_made(&team, &owner)]).await.expect("it is new");
    store
}

fn bytes(number: u64) -> [u8; 10] {
    let mut bytes = [1; 10];
    bytes[2..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// The merchant presses Install.
async fn let_in(world: &World, domain: &ShopDomain) -> Tokens {
    let ports = world.ports.shops();
    let app = ports.app().await.expect("memory holds").expect("a world has an app");
    let (scopes, back) = (shops::scopes(), format!("{ORIGIN}/auth/callback"));
    let question = Question {
        shop: domain,
        scopes: &scopes,
        redirect_uri: &back,
        state: "state",
        access: Access::Offline,
    };
    let pressed = question.url(&app, &ports.origin).replace("authorize", "install");
    let told = Loopback::new().ask(Ask::new(pressed, Duration::from_mins(1))).await.expect("it answers");
    let query =
        told.header("location").and_then(|to| to.split_once('?')).expect("we are sent back").1.to_owned();
    let callback = Callback::read(&query, &app, world.clock.now()).expect("it is Shopify's");
    let granted = ports.grant(domain, &TokenAsk::code(&app, &callback.code)).await;
    granted.expect("it answers").expect("the code is good")
}

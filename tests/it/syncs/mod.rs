//! A connected shop is brought here, and kept so (SYN-01 to 07, JOB-02, JOB-04): what is here is compared with the shop's
//! own books.

mod all_orders;
mod baskets;
pub(crate) mod books;
mod bulk;
mod clock;
mod counted;
mod deaths;
mod facts;
mod failing;
mod first;
mod goods;
mod later;
mod long;
mod mailed;
mod metafields;
mod patience;
mod watched;

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Plan, Queue, Run, RunId, RunState, run::Mode};
use local::{
    World,
    demo::Wish,
    shopify::{
        Courier, DOMAIN, Parcel, Shop,
        books::{Basket, Telling},
    },
};
use serde_json::{Value, json};

use crate::{
    cast::{Person, sign_up},
    connecting::{browser, connect},
};

/// A merchant with a shop, which they have just connected: its first sync is about to begin.
pub(super) struct House {
    pub(super) owner: Person,
    pub(super) shop: Arc<Shop>,
}

impl House {
    pub(super) async fn connected(world: &World, customers: u32) -> Self {
        let mut owner = sign_up(world, "ada").await;
        world.set_plan(&owner.tenant, Plan::Own).await;
        // A key, which does not end while hours go by.
        let scopes = ["account:read", "customers:read", "customers:manage", "orders:read", "orders:manage"];
        let key = owner.post(world, "/api/v1/api-keys", &json!({"name": "key", "scopes": scopes})).await;
        owner.access = key.text_at("/key");
        let shop = world.shopify.open(DOMAIN, Wish { customers, seed: 7 }).expect("memory holds");
        let house = Self { owner, shop };
        house.connect(world).await;
        house
    }

    pub(super) async fn connect(&self, world: &World) {
        let back = connect(&browser(world, &self.owner).await, DOMAIN).await;
        assert_eq!(back.header("location"), "/app", "{}", back.text);
    }

    /// And its first sync is done.
    pub(super) async fn synced(world: &World, customers: u32) -> Self {
        let house = Self::connected(world, customers).await;
        world.settle().await;
        let job = &house.jobs(world).await[0];
        assert_eq!((&job["status"], &job["mode"]), (&json!("completed"), &json!("full")), "{job}");
        house
    }

    pub(super) fn store(&self, world: &World) -> store::TenantStore {
        world.store_of(self.owner.tenant.parse().expect("a tenant"))
    }

    /// Newest first.
    pub(super) async fn jobs(&self, world: &World) -> Vec<Value> {
        let told = self.owner.get(world, "/api/v1/tenants/me/sync-status").await;
        told.at("/recent_jobs").as_array().cloned().unwrap_or_default()
    }

    /// Asks for one and lets it come to its end.
    pub(super) async fn sync(&self, world: &World, asked: &Value) -> Value {
        let begun = self.owner.post(world, "/api/v1/tenants/me/sync", asked).await;
        assert_eq!(begun.status, 202, "{}", begun.text);
        world.settle().await;
        self.progress(world, &begun.text_at("/sync_run_id")).await
    }

    pub(super) async fn progress(&self, world: &World, id: &str) -> Value {
        let told = self.owner.get(world, &format!("/api/v1/tenants/me/sync/{id}/status")).await;
        assert_eq!(told.status, 200, "{}", told.text);
        told.json()
    }

    pub(super) async fn active(&self, world: &World) -> Vec<Value> {
        let told = self.owner.get(world, "/api/v1/tenants/me/sync/active").await.json();
        told.as_array().cloned().unwrap_or_default()
    }

    /// The clock goes on by so many minutes, and everything that is due is done.
    pub(super) async fn wait(&self, world: &World, minutes: u32) {
        for _ in 0..minutes {
            world.settle().await;
        }
    }

    /// Of all that the shop knows, in the order in which they came.
    pub(super) fn anybody(&self, place: usize) -> u64 {
        self.shop
            .books(|books| books.customers().nth(place).map(|customer| customer.id))
            .expect("they are there")
    }

    /// One of the first thing that it sells.
    pub(super) fn lines(&self) -> Vec<(u64, u32)> {
        let variant = self.shop.books(|books| books.products().next().map(|product| product.variants[0].id));
        vec![(variant.expect("it sells something"), 1)]
    }

    pub(super) fn buy(&self, customer: Option<u64>) -> u64 {
        let basket = Basket { customer, lines: self.lines(), ..Basket::default() };
        self.shop.buy(&basket).expect("it is sold")
    }

    pub(super) async fn run(&self, world: &World, id: &str) -> Run {
        let run = self.store(world).run(id.parse().expect("an id")).await.expect("memory holds");
        run.expect("it is there").into_inner()
    }
}

pub(super) fn renamed(name: &str) -> Telling {
    Telling { first_name: Some(name.to_owned()), ..Telling::default() }
}

/// One message of a run, when its time has come. `false`: none waits.
pub(super) async fn step(world: &World) -> bool {
    let Some(next) = world.tasks.next_visible_at(Queue::Sync).expect("memory holds") else { return false };
    world.clock.advance_to(next);
    for taken in world.tasks.take(Queue::Sync).expect("memory holds") {
        world.deliver(Queue::Sync, &taken.body).await.unwrap_or_else(|error| panic!("{error:?}"));
        world.tasks.done(Queue::Sync, &taken).expect("memory holds");
    }
    true
}

/// To the world's own doors.
pub(crate) struct Post<'a>(pub(crate) &'a World);

#[async_trait]
impl Courier for Post<'_> {
    async fn bring(&self, parcel: &Parcel) -> Result<u16, String> {
        let path = parcel.uri.strip_prefix(local::world::ORIGIN).unwrap_or(&parcel.uri).to_owned();
        let body = String::from_utf8_lossy(&parcel.body).into_owned();
        let call = self.0.post(&path).raw(&body);
        let call = parcel.headers.iter().fold(call, |call, (name, value)| call.header(name, value));
        let answer = call.try_send().await.ok_or("whoever was asked has died")?;
        Ok(answer.status.as_u16())
    }
}

/// To nobody.
pub(super) struct Nowhere;

#[async_trait]
impl Courier for Nowhere {
    async fn bring(&self, _: &Parcel) -> Result<u16, String> {
        Ok(200)
    }
}

/// The id of a sync that has failed.
pub(crate) async fn failed_sync(world: &World, owner: &Person) -> String {
    let (its, now) =
        (world.store_of(owner.tenant.parse().expect("a tenant")), flows::Clock::now(&*world.clock));
    let id = RunId::of_clock(its.id(), now);
    let parts = domain::Syncing::default().parts(&domain::run::Resource::ALL, Mode::Full, now);
    let why = "Shopify denies customers".to_owned();
    let run = Run::new(id, its.id(), Mode::Full, parts, now).ended(RunState::Failed { why }, now);
    its.commit(vec![its.run_made(&run)]).await.expect("memory holds");
    id.to_string()
}

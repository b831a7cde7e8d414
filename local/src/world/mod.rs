//! A product in memory, with the only clock and the only dice: what end-to-end tests act on.

mod call;
mod hook;
mod log;
mod time;
mod watcher;

use axum::extract::ConnectInfo;
use domain::{Plan, Queue, Tenant, TenantId};
use flows::{Desk, Dice, FlowError, Mailer, Proofs, Tasks, Web, shops::Origin};
use jiff::Timestamp;
use std::{net::SocketAddr, sync::Arc};
use store::{
    RawKey, Store, Table, TenantStore,
    local::LocalTable,
    table::{Add, Count},
};
use vendors::{
    Google,
    simulated::{Habits, Simulated, SimulatedIdentities},
};

pub use call::{Answer, Browser, Call};
pub use log::Log;
pub use time::{HandClock, SeededDice};
pub use watcher::Watcher;

use crate::{
    faults::{self, Faults, crash},
    files::LocalFiles,
    google::Stub,
    keys::Keys,
    live::Hub,
    outbox::Outbox,
    product::{Ports, Product},
    providers::{Around, Providers},
    pump::pump,
    shopify::{AppSettings, Shopify, Within},
    tasks::LocalTasks,
    telling,
    web::Loopback,
};

/// Where the world's people think the product is.
pub const ORIGIN: &str = "https://crm.test";
/// Who minds the queues, once they have shown that the address is theirs.
pub const OPERATOR: &str = "operator@example.com";
/// Where their files are.
const FILES: &str = "https://files.test";
/// Where their sockets are opened.
const LIVE: &str = "wss://crm.test/live";

/// More rounds than any settled world needs.
const ROUNDS_MAX: usize = 10_000;

pub struct World {
    pub clock: Arc<HandClock>,
    pub table: Arc<LocalTable>,
    pub tasks: Arc<LocalTasks>,
    pub outbox: Arc<Outbox>,
    /// Who takes messages to customers: all of them, unless it is told of a trouble.
    pub vendor: Arc<Simulated>,
    /// Whom it believes that they are who they say: everybody, unless it is told otherwise.
    pub identities: Arc<SimulatedIdentities>,
    pub files: Arc<LocalFiles>,
    /// What stands for the gateway of those who watch.
    pub hub: Arc<Hub>,
    pub faults: Arc<Faults>,
    /// What stands for Google, on a loopback port.
    pub google: Stub,
    /// What stands for Shopify, on another.
    pub shopify: Shopify,
    /// As functions have them, faults and all.
    pub ports: Ports,
    pub keys: Keys,

    pub product: Product,
}

impl World {
    /// The same seed makes the same world.
    ///
    /// # Panics
    /// If the machine has no loopback port left.
    pub async fn new(seed: u64) -> Self {
        Self::of(seed, AppSettings::at_home(&[ORIGIN]), None, Providers::default()).await
    }

    /// One in which something stands for `SendGrid` and Twilio.
    ///
    /// # Panics
    /// If the machine has no loopback port left.
    pub async fn with_providers(seed: u64, providers: Providers) -> Self {
        Self::of(seed, AppSettings::at_home(&[ORIGIN]), None, providers).await
    }

    /// One in which the app's configuration names no topics, so that each shop is asked.
    ///
    /// # Panics
    /// If the machine has no loopback port left.
    pub async fn that_asks_each_shop(seed: u64) -> Self {
        let app = AppSettings::at_home(&[ORIGIN]).with_compliance_alone();
        Self::of(seed, app, Some(ORIGIN.to_owned()), Providers::default()).await
    }

    async fn of(seed: u64, app: AppSettings, told_at: Option<String>, providers: Providers) -> Self {
        let clock = Arc::new(HandClock::at(Timestamp::from_second(1_790_000_000).expect("a time in 2026")));
        let dice: Arc<dyn Dice> = Arc::new(SeededDice::new(seed));
        let table = Arc::new(LocalTable::in_memory());
        let tasks = Arc::new(LocalTasks::in_memory(clock.clone(), dice.clone()));
        let outbox = Arc::new(Outbox::in_memory(clock.clone()));
        let habits = Habits { seed, success_per_mille: 1_000, ..Habits::default() };
        let vendor = Arc::new(Simulated::in_memory(habits, clock.clone()));
        let keys = Keys::new(&dice);
        let files =
            LocalFiles::in_memory(FILES.to_owned(), keys.secrets.clone(), clock.clone(), dice.clone());
        let files = Arc::new(files);
        let hub = Arc::new(Hub::new(dice.clone()));
        let google = stub(clock.clone(), dice.clone()).await;
        let (shopify, shops) = shops(app, clock.clone(), dice.clone()).await;
        let web: Arc<dyn Web> = Arc::new(Loopback::new());
        let identities = Arc::new(SimulatedIdentities::default());
        let (carriers, registrars) = providers.ports(Around {
            web: web.clone(),
            clock: clock.clone(),
            origin: ORIGIN.to_owned(),
            outbox: outbox.clone(),
            vendor: vendor.clone(),
            identities: identities.clone(),
        });
        let ports = Ports {
            table: table.clone() as Arc<dyn Table>,
            tasks: tasks.clone() as Arc<dyn Tasks>,
            desk: Desk {
                operators: vec![OPERATOR.parse().expect("a mail address")],
                depths: tasks.clone(),
                dead_letters: tasks.clone(),
            },
            mailer: outbox.clone() as Arc<dyn Mailer>,
            carriers,
            farewells: identities.clone(),
            secrets: keys.secrets.clone(),
            keys: keys.wrap.clone(),
            files: files.clone(),
            sockets: hub.clone(),
            proofs: Proofs {
                google: Arc::new(Google::new(google.endpoints(), keys.secrets.clone(), web.clone())),
                registrars,
            },
            web,
            shops: Origin::Beneath(shops),
            told_at,
            clock: clock.clone(),
            dice: dice.clone(),
        };
        let faults = Faults::new(seed);
        let ports = faults::around(&ports, &faults);
        let settings = api::Settings {
            origin: ORIGIN.to_owned(),
            allowed_origins: Vec::new(),
            access_seconds: 900,
            live_url: LIVE.to_owned(),
            events_topic: None,
        };
        let product = Product::new(&ports, settings);
        Self {
            clock,
            table,
            tasks,
            outbox,
            vendor,
            identities,
            files,
            hub,
            faults,
            google,
            shopify,
            ports,
            keys,
            product,
        }
    }

    /// A request of nobody in particular, to be filled in and sent.
    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        Call::new(self, method, path)
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        self.call("GET", path)
    }

    pub fn post(&self, path: &str) -> Call<'_> {
        self.call("POST", path)
    }

    /// Brings a file by its link, as a browser does. `get` takes one by its link.
    pub fn put(&self, link: &str, file: &str) -> Call<'_> {
        self.call("PUT", link).header("content-length", &file.len().to_string()).raw(file)
    }

    /// A browser without cookies, at our own pages.
    pub fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// Sends it from that address. `None`: the process died and the connection with it.
    pub(crate) async fn send(&self, request: axum::extract::Request, from: SocketAddr) -> Option<Answer> {
        let mut request = request;
        request.extensions_mut().insert(ConnectInfo(from));
        let is_link = request.uri().to_string().starts_with(FILES);
        let path = request.uri().path().to_owned();
        let router = match path {
            _ if is_link => self.files.router(),
            path if webhook::leads_here(&path) => self.product.webhook.clone(),
            path if track::leads_here(&path) => self.product.track.clone(),
            _ => self.product.api.clone(),
        };
        let answering = async { Answer::read(tower::ServiceExt::oneshot(router, request).await).await };
        crash::watched(answering).await
    }

    /// A message comes to its function out of turn: a delivery that the queue knows nothing of.
    pub async fn deliver(&self, queue: Queue, body: &str) -> Result<(), FlowError> {
        Box::pin(self.product.handle(queue, body)).await
    }

    /// One minute passes, and the clock strikes.
    pub async fn tick(&self) {
        self.clock.advance_seconds(60);
        if crash::watched(self.product.tick(self.clock_now())).await.is_some_and(|ticked| ticked.is_err()) {
            tracing::warn!("a tick failed; the next one does what it left");
        }
        // DynamoDB and S3 let go by themselves what has expired.
        self.table.sweep(self.clock_now().as_second()).expect("memory can be swept");
        self.files.sweep().expect("memory can be swept");
    }

    /// The shops' webhooks that are due come to their door: answers how many there were.
    pub async fn hear(&self) -> usize {
        self.shopify.tick(&Within(self.product.webhook.clone())).await
    }

    /// What the vendor has to tell by now of messages comes to its door: answers how many receipts were listened to.
    ///
    /// # Panics
    /// If the secrets cannot be opened.
    pub async fn hear_vendor(&self) -> usize {
        let web = telling::Within(self.product.api.clone());
        let told = telling::tell(&self.vendor, &web, ORIGIN, &*self.keys.secrets).await;
        told.expect("the world's secrets are there")
    }

    /// Lets everything that is under way end: queues run dry, what is due is done.
    ///
    /// # Panics
    /// If something is left that nobody will ever do: a dead letter, or work without end.
    pub async fn settle(&self) {
        for _ in 0..ROUNDS_MAX {
            self.run_dry().await;
            self.tick().await;
            if self.is_dry() {
                let dead = self.dead_letters();
                assert!(dead.is_empty(), "these ended as dead letters: {dead:#?}");
                return;
            }
        }
        panic!("the world does not settle: {:?}", Queue::ALL.map(|queue| self.tasks.counted(queue)));
    }

    /// Lets the queues run dry, while the vendor keeps to itself what became of messages.
    ///
    /// # Panics
    /// If there is work without end.
    pub async fn run_without_vendor(&self) {
        for _ in 0..ROUNDS_MAX {
            if pump(&self.tasks, &self.product).await.expect("memory holds") > 0 {
                continue;
            }
            let Some(next) = self.next_task_at() else { return };
            self.clock.advance_to(next);
        }
        panic!("the queues do not run dry");
    }

    /// Lets what is under way go on, faults and all, for as long as there is something to do.
    pub async fn storm_through(&self) {
        self.run_dry().await;
        self.tick().await;
    }

    /// Pumps until nothing is visible or hidden, moving the clock to what waits for its time.
    async fn run_dry(&self) {
        for _ in 0..ROUNDS_MAX {
            if pump(&self.tasks, &self.product).await.expect("memory holds") > 0
                || self.hear_vendor().await > 0
            {
                continue;
            }
            let told = self.vendor.next_at().map(domain::Timestamp::as_millisecond);
            let Some(next) = self.next_task_at().into_iter().chain(told).min() else { return };
            self.clock.advance_to(next);
        }
    }

    fn next_task_at(&self) -> Option<i64> {
        let next = |queue| self.tasks.next_visible_at(queue).expect("memory holds");
        Queue::ALL.into_iter().filter_map(next).min()
    }

    fn is_dry(&self) -> bool {
        let depth = |queue| self.tasks.counted(queue).expect("memory holds");
        self.vendor.next_at().is_none()
            && Queue::ALL
                .into_iter()
                .map(depth)
                .all(|depth| depth.waiting + depth.active + depth.delayed == 0)
    }

    /// The bodies of all dead letters, with the reason.
    pub fn dead_letters(&self) -> Vec<(String, Option<String>)> {
        let listed = |queue| self.tasks.dead(queue).expect("memory holds");
        let all = Queue::ALL.into_iter().flat_map(listed);
        all.map(|letter| (letter.body, letter.why)).collect()
    }

    /// A tenant's data, read from the table as somebody does who holds nothing of them.
    pub fn store_of(&self, tenant: TenantId) -> TenantStore {
        Store::new(self.table.clone()).for_task(tenant)
    }

    /// As functions read them, faults and all.
    pub fn store_with_faults_of(&self, tenant: TenantId) -> TenantStore {
        Store::new(self.ports.table.clone()).for_task(tenant)
    }

    /// A merchant's plan is changed by us, not by them: there is no route for it.
    ///
    /// # Panics
    /// If there is no such tenant.
    pub async fn set_plan(&self, tenant: &str, plan: Plan) {
        let store = Store::new(self.table.clone()).for_task(tenant.parse().expect("a tenant's id"));
        let held = store.tenant().await.expect("memory holds").expect("the tenant is there");
        let changed = Tenant { plan, ..(*held).clone() };
        store.commit(vec![store.tenant_changed(&held, &changed)]).await.expect("nobody else changes it");
    }

    /// As if the tenant had made so many calls this month.
    ///
    /// # Panics
    /// If there is no such tenant.
    pub async fn set_calls(&self, tenant: &str, calls: i64) {
        let day = self.clock_now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let counter = format!("calls_{:04}_{:02}", day.year(), day.month());
        let key = RawKey::new(format!("T#{tenant}#R#api"), "RATE");
        let add = Add { key, counts: vec![Count { counter, by: calls, within: None }], expires_at: None };
        self.table.add(add).await.expect("memory holds");
    }

    fn clock_now(&self) -> Timestamp {
        flows::Clock::now(&*self.clock)
    }
}

async fn stub(clock: Arc<HandClock>, dice: Arc<dyn Dice>) -> Stub {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let address = listener.local_addr().expect("a bound listener has an address");
    let stub = Stub::at(&format!("http://{address}"), clock, dice);
    let router = stub.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    stub
}

/// With no shop yet, and where its shops are.
async fn shops(app: AppSettings, clock: Arc<HandClock>, dice: Arc<dyn Dice>) -> (Shopify, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let address = listener.local_addr().expect("a bound listener has an address");
    let base = format!("http://{address}");
    let shopify = Shopify::at(&base, app, clock, dice);
    let router = shopify.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (shopify, base)
}

//! The product as a process: real clock, real dice, one port, one folder; an end without loss.

use anyhow::{Context as _, bail};
use domain::Queue;
use flows::{
    Clock, Desk, Dice, Proofs, Web,
    clock::{SystemClock, SystemDice},
    shops::Origin,
};
use std::{fs, net::SocketAddr, os::unix::fs::DirBuilderExt as _, path::PathBuf, sync::Arc, time::Duration};
use store::local::LocalTable;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::{mpsc, watch},
};
use tracing::Level;
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};
use vendors::{
    Google,
    simulated::{Habits, Simulated, SimulatedIdentities},
};

use crate::{
    demo::{self, Made, Wish},
    doors::{self, Behind},
    files::LocalFiles,
    google::Stub,
    keys::Keys,
    live::{self, Door, Hub, Limits},
    outbox::Outbox,
    product::{Ports, Product},
    providers::{Around, Providers},
    pump::pump_queue,
    shopify::{self, AppSettings, Shopify},
    tasks::LocalTasks,
    telling,
    web::Loopback,
};

/// How long requests in flight have to finish, once the end was asked for: a client that never sends the rest of
/// its request must not hold the process.
const GRACE: Duration = Duration::from_secs(5);

/// Threads more than there are cores: table and queues each hold one up while the disk writes.
const WAITING: usize = 2;

/// As many messages of a queue are done side by side.
const AT_ONCE: usize = 10;

/// How long a queue rests at most when there was nothing to do: what waits for its time does not say when that is.
const REST: Duration = Duration::from_millis(100);

#[derive(Debug, Clone)]
pub struct Options {
    /// 0: one that is free.
    pub port: u16,
    pub data: PathBuf,
    pub is_fresh: bool,
    /// What the demo shop is to be, if this is the first start.
    pub wish: Wish,
    /// How many customers the shop at Shopify has, if this is the first start.
    pub shop_customers: u32,
    /// What stands for `SendGrid` and Twilio.
    pub providers: Providers,
}

/// What is seen on the first start.
pub const WISH: Wish = Wish { customers: 2_000, seed: 1 };

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 8_787,
            data: ".regulars".into(),
            is_fresh: false,
            wish: WISH,
            shop_customers: WISH.customers,
            providers: Providers::default(),
        }
    }
}

/// Runs until Ctrl-C or SIGTERM. Requests in flight have a few seconds to finish; what is in the queues stays there.
pub fn serve(options: &Options) -> anyhow::Result<()> {
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false).compact();
    let ours =
        ["request", "api", "ingest", "sync", "track", "webhook", "local"].map(|target| (target, Level::INFO));
    let filter = Targets::new().with_default(Level::WARN).with_targets(ours);
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    threads.worker_threads(cores + WAITING).enable_all().build()?.block_on(run(options))
}

async fn run(options: &Options) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", options.port)).await;
    let listener =
        listener.with_context(|| format!("port {} is taken; choose another with --port", options.port))?;
    let port = listener.local_addr()?.port();
    let origin = format!("http://127.0.0.1:{port}");
    let house = House::open(options, &origin, format!("http://localhost:{port}"))?;
    let team =
        demo::people(&house.product, &house.behind, &options.data).await.context("the demo's people")?;
    let (wish, data) = (options.wish, &options.data);
    let made = demo::shop(&house.product, (&house.ports, &house.behind.table), &team, wish, data).await;
    let made = made.context("the demo shop")?;
    let people = team.people;
    // Before anybody can know that we are there: from here on, an end is an orderly one.
    let ended = ended()?;
    welcome(&origin, &people, made, options);

    let (stop, stopped) = watch::channel(false);
    let mut working = tokio::task::JoinSet::new();
    for queue in Queue::ALL {
        working.spawn(house.pump(queue, stopped.clone()));
    }
    working.spawn(house.keep_time(stopped.clone()));
    working.spawn(house.tell(stopped.clone()));
    working.spawn(house.tell_of_messages(stopped));
    let (end, mut ending) = watch::channel(false);
    let (open, mut all_gone) = mpsc::channel(1);
    let live = live::router(house.door(ending.clone(), open));
    let (webhook, track) = (house.product.webhook.clone(), house.product.track.clone());
    let ways = doors::Ways { webhook, track, live };
    let doors = doors::all(house.product.api.clone(), ways, house.behind.with(people));
    let serving = axum::serve(listener, doors.into_make_service_with_connect_info::<SocketAddr>());
    let serving = serving.with_graceful_shutdown(async move {
        ended.await;
        end.send_replace(true);
    });
    let too_late = async {
        let _ = ending.wait_for(|is_ending| *is_ending).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = serving.into_future() => served?,
        () = too_late => tracing::warn!("a request that did not finish was cut off"),
    }
    // Whoever watches has been told to go.
    let _ = tokio::time::timeout(GRACE, all_gone.recv()).await;
    stop.send_replace(true);
    while let Some(ended) = working.join_next().await {
        ended?;
    }
    println!("\nStopped. Everything is kept in {}.", options.data.display());
    Ok(())
}

fn welcome(origin: &str, people: &[demo::Person], made: Option<Made>, options: &Options) {
    println!("\nRegulars is at {origin}\n");
    println!("  what is where     {origin}/");
    println!("  API, to try       {origin}/api/docs");
    println!("  the mail sent     {origin}/dev/outbox");
    println!("  connect a shop    {origin}/connect, such as {}", shopify::DOMAIN);
    println!("  write to people   {origin}/campaigns/new");
    match made {
        Some(shop) if shop.customers > 0 => {
            println!("\nSign in to the demo shop of {} customers:", shop.customers);
        }
        _ => println!("\nSign in:"),
    }
    for person in people {
        println!("  {:<9} {:<22} {}", person.role, person.email, person.password);
    }
    println!("\nEverything is kept in {}. Ctrl-C stops.\n", options.data.display());
}

/// Ctrl-C, or what `kill` sends.
fn ended() -> anyhow::Result<impl Future<Output = ()>> {
    let (mut interrupted, mut terminated) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Everything that the process holds.
struct House {
    product: Product,
    behind: Behind,
    ports: Ports,
    hub: Arc<Hub>,
    vendor: Arc<Simulated>,
}

impl House {
    /// `alias` is the other name that a browser may have for the same place.
    fn open(options: &Options, origin: &str, alias: String) -> anyhow::Result<Self> {
        let data = &options.data;
        // Mail with its links, and the table: nobody else's on this machine.
        let folder = fs::DirBuilder::new().recursive(true).mode(0o700).create(data);
        folder.with_context(|| format!("the folder {} cannot be made", data.display()))?;
        let lock = fs::File::create(data.join("lock"))?;
        if lock.try_lock().is_err() {
            bail!(
                "another process works on {}; stop it, or choose another folder with --data",
                data.display()
            );
        }
        if options.is_fresh {
            for name in
                ["table.redb", "tasks.redb", "outbox.jsonl", "keys.json", "demo.json", "shop.json", "vendor"]
            {
                let _ = fs::remove_file(data.join(name));
            }
            let _ = fs::remove_dir_all(data.join("files"));
            let _ = fs::remove_dir_all(data.join("shopify"));
        }
        let (clock, dice): (Arc<dyn Clock>, Arc<dyn Dice>) = (Arc::new(SystemClock), Arc::new(SystemDice));
        let table = Arc::new(LocalTable::open(&data.join("table.redb"))?);
        let tasks = Arc::new(LocalTasks::open(&data.join("tasks.redb"), clock.clone(), dice.clone())?);
        let outbox = Arc::new(Outbox::open(&data.join("outbox.jsonl"), clock.clone())?);
        let keys = Keys::open(&data.join("keys.json"), &dice)?;
        let (folder, url) = (data.join("files"), format!("{origin}/dev/files"));
        let files = LocalFiles::open(&folder, url, keys.secrets.clone(), clock.clone(), dice.clone())?;
        let files = Arc::new(files);
        let stub = Stub::at(&format!("{origin}/dev/google"), clock.clone(), dice.clone());
        let settings = AppSettings::at_home(&[origin, &alias]);
        let shops = (format!("{origin}/shopify"), data.join("shopify"));
        let shopify = Shopify::in_folder(&shops.0, settings, (clock.clone(), dice.clone()), &shops.1)?;
        let wish = Wish { customers: options.shop_customers, seed: options.wish.seed };
        let shop = shopify.open(shopify::DOMAIN, wish)?;
        for (name, of) in shopify::DEFINED {
            shop.define(name, of, true);
        }
        let web: Arc<dyn Web> = Arc::new(Loopback::new());
        let hub = Arc::new(Hub::new(dice.clone()));
        let vendor = Arc::new(Simulated::open(&data.join("vendor"), Habits::default(), clock.clone())?);
        let identities = Arc::new(SimulatedIdentities::default());
        let (carriers, registrars) = options.providers.ports(Around {
            web: web.clone(),
            clock: clock.clone(),
            origin: origin.to_owned(),
            outbox: outbox.clone(),
            vendor: vendor.clone(),
            identities: identities.clone(),
        });
        let ports = Ports {
            table: table.clone(),
            tasks: tasks.clone(),
            desk: Desk {
                operators: vec![demo::OWNER.parse()?],
                depths: tasks.clone(),
                dead_letters: tasks.clone(),
            },
            mailer: outbox.clone(),
            carriers,
            farewells: identities,
            secrets: keys.secrets.clone(),
            keys: keys.wrap,
            files: files.clone(),
            sockets: hub.clone(),
            proofs: Proofs {
                google: Arc::new(Google::new(stub.endpoints(), keys.secrets, web.clone())),
                registrars,
            },
            web,
            shops: Origin::Beneath(shops.0),
            told_at: None,
            clock: clock.clone(),
            dice,
        };
        let settings = api::Settings {
            origin: origin.to_owned(),
            allowed_origins: vec![alias],
            access_seconds: 900,
            live_url: format!("{}{}", origin.replacen("http", "ws", 1), live::PATH),
            events_topic: None,
        };
        let product = Product::new(&ports, settings);
        let behind = Behind {
            origin: origin.to_owned(),
            table,
            tasks,
            outbox,
            files,
            google: stub,
            shopify,
            clock,
            people: Arc::default(),
            lock: Arc::new(lock),
        };
        Ok(Self { product, behind, ports, hub, vendor })
    }

    fn door(&self, ending: watch::Receiver<bool>, open: mpsc::Sender<()>) -> Door {
        let (product, hub) = (self.product.clone(), self.hub.clone());
        Door { product, hub, limits: Limits::GATEWAY, ending, open }
    }

    /// What the shop at Shopify has to tell, until told to stop.
    fn tell(&self, mut stopped: watch::Receiver<bool>) -> impl Future<Output = ()> + Send + 'static {
        let shopify = self.behind.shopify.clone();
        async move {
            let web = shopify::Web::new();
            while !*stopped.borrow() {
                if shopify.tick(&web).await == 0 {
                    let _ = tokio::time::timeout(REST, stopped.changed()).await;
                }
            }
        }
    }

    /// What the vendor has to tell of messages, until told to stop.
    fn tell_of_messages(
        &self,
        mut stopped: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (vendor, ports, origin) = (self.vendor.clone(), self.ports.clone(), self.behind.origin.clone());
        async move {
            while !*stopped.borrow() {
                match telling::tell(&vendor, &*ports.web, &origin, &*ports.secrets).await {
                    Ok(0) => {}
                    Ok(_) => continue,
                    Err(error) => tracing::warn!("the vendor cannot tell: {error}"),
                }
                let _ = tokio::time::timeout(REST, stopped.changed()).await;
            }
        }
    }

    /// One queue, until told to stop: between two messages, never within one. None keeps another waiting.
    fn pump(
        &self,
        queue: Queue,
        mut stopped: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (product, behind) = (self.product.clone(), self.behind.clone());
        async move {
            let mut left = behind.tasks.left();
            while !*stopped.borrow() {
                left.mark_unchanged();
                match pump_queue(&behind.tasks, &product, queue, AT_ONCE).await {
                    Ok(0) => {}
                    Ok(_) => continue,
                    Err(error) => tracing::error!("the queues cannot be read: {error}"),
                }
                tokio::select! {
                    _ = left.changed() => {}
                    _ = tokio::time::timeout(REST, stopped.changed()) => {}
                }
            }
        }
    }

    /// Each minute: what is due is done, and what has expired goes.
    fn keep_time(&self, mut stopped: watch::Receiver<bool>) -> impl Future<Output = ()> + Send + 'static {
        let (product, behind) = (self.product.clone(), self.behind.clone());
        async move {
            let mut last_minute = 0;
            while !*stopped.borrow() {
                let now = behind.clock.now();
                if now.as_second() / 60 != last_minute {
                    last_minute = now.as_second() / 60;
                    if let Err(error) = product.tick(now).await {
                        tracing::warn!("a tick failed, the next one does what it left: {error}");
                    }
                    if let Err(error) = behind.table.sweep(now.as_second()) {
                        tracing::warn!("expired items were not swept: {error}");
                    }
                    if let Err(error) = behind.files.sweep() {
                        tracing::warn!("old files were not swept: {error}");
                    }
                }
                let _ = tokio::time::timeout(REST, stopped.changed()).await;
            }
        }
    }
}

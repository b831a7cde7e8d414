//! All functions, given what they may touch. The doors are the ones that Lambda knocks at.

use axum::Router;
use domain::{
    Queue, Task, TextFrom,
    sending::{MailProvider, TextProvider},
};
use flows::{
    Carriers, Clock, Desk, Dice, Farewells, Files, FlowError, Installed, KeyWrap, Mailer, Proofs, SecretBox,
    Shops, SocketEvent, Sockets, Tasks, Web, carrying::Senders, shops::Origin,
};
use jiff::Timestamp;
use std::sync::Arc;
use store::{Store, Table};

/// What stands for the world outside.
#[derive(Clone)]
pub struct Ports {
    pub table: Arc<dyn Table>,
    pub tasks: Arc<dyn Tasks>,
    pub desk: Desk,
    pub mailer: Arc<dyn Mailer>,
    /// Who takes messages to customers.
    pub carriers: Arc<dyn Carriers>,
    /// Who is told that a shop writes in a name no more.
    pub farewells: Arc<dyn Farewells>,
    pub secrets: Arc<dyn SecretBox>,
    pub keys: Arc<dyn KeyWrap>,
    pub files: Arc<dyn Files>,
    pub sockets: Arc<dyn Sockets>,
    pub proofs: Proofs,
    pub web: Arc<dyn Web>,
    /// Where shops are.
    pub shops: Origin,
    /// Where each shop is asked to tell us; see `Shops`.
    pub told_at: Option<String>,
    pub clock: Arc<dyn Clock>,
    pub dice: Arc<dyn Dice>,
}

impl Ports {
    pub fn shops(&self) -> Shops {
        Shops {
            web: self.web.clone(),
            secrets: self.secrets.clone(),
            clock: self.clock.clone(),
            dice: self.dice.clone(),
            origin: self.shops.clone(),
            told_at: self.told_at.clone(),
        }
    }
}

#[derive(Clone)]
pub struct Product {
    pub api: Router,
    /// Where shops tell us.
    pub webhook: Router,
    /// Where links in messages lead.
    pub track: Router,
    audience: audience::Deps,
    campaign: campaign::Deps,
    import: import::Deps,
    ingest: ingest::Deps,
    live: live::Deps,
    notify: notify::Deps,
    receipt: receipt::Deps,
    send: send::Deps,
    sync: sync::Deps,
    tick: tick::Deps,
}

impl Product {
    pub fn new(ports: &Ports, settings: api::Settings) -> Self {
        let store = Store::new(ports.table.clone());
        let audience =
            audience::Deps { store: store.clone(), tasks: ports.tasks.clone(), clock: ports.clock.clone() };
        let campaign = campaign::Deps {
            store: store.clone(),
            tasks: ports.tasks.clone(),
            clock: ports.clock.clone(),
            dice: ports.dice.clone(),
            installed: ports.proofs.registrars.installed().clone(),
        };
        let notify = noticing(ports, &settings, store.clone());
        let receipt = receipt::Deps {
            store: store.clone(),
            tasks: ports.tasks.clone(),
            keys: ports.keys.clone(),
            clock: ports.clock.clone(),
            dice: ports.dice.clone(),
        };
        let send = sending(ports, &settings, store.clone());
        let import = import::Deps {
            store: store.clone(),
            tasks: ports.tasks.clone(),
            files: ports.files.clone(),
            keys: ports.keys.clone(),
            dead: ports.desk.dead_letters.clone(),
            farewells: ports.farewells.clone(),
            clock: ports.clock.clone(),
            dice: ports.dice.clone(),
        };
        let ingest = ingest::Deps {
            store: store.clone(),
            tasks: ports.tasks.clone(),
            files: ports.files.clone(),
            keys: ports.keys.clone(),
            shops: ports.shops(),
            clock: ports.clock.clone(),
            dice: ports.dice.clone(),
        };
        let webhook = webhook::router(webhook::Deps {
            tasks: ports.tasks.clone(),
            files: ports.files.clone(),
            secrets: ports.secrets.clone(),
            clock: ports.clock.clone(),
        });
        let live = watching(ports, &settings, store.clone());
        let sync = sync::Deps {
            store: store.clone(),
            tasks: ports.tasks.clone(),
            keys: ports.keys.clone(),
            shops: ports.shops(),
            clock: ports.clock.clone(),
            dice: ports.dice.clone(),
            sockets: ports.sockets.clone(),
            lists: sync::Lists::default(),
        };
        let track = track::router(track::Deps {
            store: store.clone(),
            tasks: ports.tasks.clone(),
            secrets: ports.secrets.clone(),
            clock: ports.clock.clone(),
            origin: settings.origin.clone(),
            memory: track::Memory::default(),
        });
        let tick =
            tick::Deps { store: store.clone(), tasks: ports.tasks.clone(), clock: ports.clock.clone() };
        let api = api::router(api::Deps {
            store,
            tasks: ports.tasks.clone(),
            desk: ports.desk.clone(),
            files: ports.files.clone(),
            keys: ports.keys.clone(),
            secrets: ports.secrets.clone(),
            proofs: ports.proofs.clone(),
            shops: ports.shops(),
            clock: ports.clock.clone(),
            dice: ports.dice.clone(),
            asked: api::JustAsked::default(),
            settings,
        });
        Self {
            api,
            webhook,
            track,
            audience,
            campaign,
            import,
            ingest,
            live,
            notify,
            receipt,
            send,
            sync,
            tick,
        }
    }

    /// As it is, but that a sync of so many rows asks for a file.
    #[must_use]
    pub fn that_reads_files_from(mut self, rows: u64) -> Self {
        self.sync.lists.bulk_from = rows;
        self
    }

    /// As it is, but that it takes lists to end after so many rows.
    #[must_use]
    pub fn that_reads_lists_of(mut self, rows: u64) -> Self {
        self.sync.lists.rows_max = rows;
        self
    }

    /// The queue function's door. What nobody understands is a dead letter.
    pub async fn handle(&self, queue: Queue, body: &str) -> Result<(), FlowError> {
        // serde repeats what it cannot read, which may be somebody's name: only the place is told.
        let task = Task::read(body).map_err(|wrong| {
            FlowError::invalid(
                "message",
                "unknown_shape",
                format!("is no task, at column {}", wrong.column()),
            )
        })?;
        match queue {
            Queue::Audience => audience::handle(&self.audience, task).await,
            Queue::Campaign => Box::pin(campaign::handle(&self.campaign, task)).await,
            Queue::Import => import::handle(&self.import, task).await,
            Queue::Ingest => ingest::handle(&self.ingest, task).await,
            Queue::Notify => notify::handle(&self.notify, task).await,
            Queue::Receipt => receipt::handle(&self.receipt, task).await,
            Queue::Send => send::handle(&self.send, task).await,
            Queue::Sync => sync::handle(&self.sync, task).await,
        }
    }

    /// The sockets' door.
    pub async fn live(&self, event: SocketEvent) -> Result<(), FlowError> {
        live::on(&self.live, event).await
    }

    /// The timer's door.
    pub async fn tick(&self, now: Timestamp) -> Result<(), FlowError> {
        tick::tick(&self.tick, now).await
    }
}

/// Whom there is at home. Messages that nobody ever gets may go out in a name that is nobody's.
pub fn installed() -> Installed {
    let letters = "shop@regulars.test".parse().expect("an address");
    let texts = TextFrom::Name("Regulars".parse().expect("a sender's name"));
    Installed {
        mail: vec![MailProvider::Simulated, MailProvider::Sendgrid],
        text: vec![TextProvider::Simulated, TextProvider::Twilio],
        lent: Some(Senders { letters, texts }),
    }
}

fn noticing(ports: &Ports, settings: &api::Settings, store: Store) -> notify::Deps {
    notify::Deps {
        store,
        mailer: ports.mailer.clone(),
        texters: ports.carriers.clone(),
        keys: ports.keys.clone(),
        secrets: ports.secrets.clone(),
        clock: ports.clock.clone(),
        dice: ports.dice.clone(),
        installed: ports.proofs.registrars.installed().clone(),
        origin: settings.origin.clone(),
    }
}

fn sending(ports: &Ports, settings: &api::Settings, store: Store) -> send::Deps {
    send::Deps {
        store,
        tasks: ports.tasks.clone(),
        carriers: ports.carriers.clone(),
        keys: ports.keys.clone(),
        secrets: ports.secrets.clone(),
        clock: ports.clock.clone(),
        dice: ports.dice.clone(),
        origin: settings.origin.clone(),
        installed: ports.proofs.registrars.installed().clone(),
        // A vendor at home is as fast as anybody.
        pace: send::Pace { account: 1_000, tenant: 1_000 },
        memory: send::Memory::default(),
    }
}

fn watching(ports: &Ports, settings: &api::Settings, store: Store) -> live::Deps {
    live::Deps {
        store,
        secrets: ports.secrets.clone(),
        sockets: ports.sockets.clone(),
        clock: ports.clock.clone(),
        settings: live::Settings {
            origin: settings.origin.clone(),
            allowed_origins: settings.allowed_origins.clone(),
        },
    }
}

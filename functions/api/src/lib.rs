//! The merchant's REST API and the way in: sign-up, sign-in, teams, keys.
//!
//! A handler takes apart what came, asks the store, asks the domain, saves, tells. What every request has in
//! common (its id, its limits, its log line, the form of its errors) is in `edge`.

mod abroad;
mod aliases;
mod analytics;
mod api_keys;
mod audience;
mod auth;
mod away;
mod campaigns;
mod cursor;
mod customers;
mod docs;
mod edge;
mod error;
mod files;
mod health;
mod input;
mod invitations;
mod jobs;
mod live;
mod members;
mod notifications;
mod once;
mod orders;
mod pages;
mod privacy;
mod products;
mod queues;
mod receipts;
mod record;
mod reports;
mod routes;
mod segments;
mod senders;
mod sending;
mod shop;
mod suppressions;
mod syncs;
mod telephone;
mod templates;
mod tenants;
mod webhooks;
mod who;

use std::sync::Arc;

use axum::Router;
use columns::ShardNumber;
use domain::{Task, Timestamp};
use flows::{
    Clock, Desk, Dice, Files, FlowError, KeyWrap, Proofs, SecretBox, Secrets, Shops, Tasks, seal::Seals,
};
use store::{Store, TenantStore};

pub use audience::JustAsked;
pub use routes::openapi;

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub tasks: Arc<dyn Tasks>,
    pub desk: Desk,
    pub files: Arc<dyn Files>,
    pub keys: Arc<dyn KeyWrap>,
    pub secrets: Arc<dyn SecretBox>,
    pub proofs: Proofs,
    pub shops: Shops,
    pub clock: Arc<dyn Clock>,
    pub dice: Arc<dyn Dice>,
    /// What readers of the audience have just asked for, and what they were told.
    pub asked: JustAsked,
    pub settings: Settings,
}

/// How this installation is set up; nothing secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach us, without a slash at the end: `https://crm.example.com`.
    pub origin: String,
    /// Further origins whose pages may call the API with cookies.
    pub allowed_origins: Vec<String>,
    /// How long an access token lives; at most 900.
    pub access_seconds: u32,
    /// Where sockets are opened: `wss://…`.
    pub live_url: String,
    /// The topic of SNS whose word about letters is believed over HTTP; none unless told.
    pub events_topic: Option<String>,
}

/// The function's door: everything that it answers.
pub fn router(deps: Deps) -> Router {
    let deps = Arc::new(deps);
    edge::around(routes::all(&deps), deps)
}

/// What handlers share.
type App = Arc<Deps>;

impl Deps {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Ten random bytes: what an id needs.
    fn roll(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.dice.fill(&mut bytes);
        bytes
    }

    fn seals(&self) -> Seals {
        Seals::new(self.keys.clone(), self.dice.clone())
    }

    /// Asks for a piece of work that is also due by the clock: if the message is lost, `tick` asks again.
    async fn nudge(&self, task: Task) {
        if let Err(error) = self.tasks.leave(vec![task.into()]).await {
            tracing::warn!(function = "api", "a task was not left, the clock will leave it: {error}");
        }
    }

    /// Rows of the audience have changed there: who is in segments is to be settled, and what has changed folded.
    async fn keep(&self, store: &TenantStore, shards: &[ShardNumber]) {
        for shard in shards {
            self.nudge(Task::KeepShard { tenant: store.id(), shard: shard.0 }).await;
        }
    }

    async fn open_secrets(&self) -> Result<Arc<Secrets>, FlowError> {
        self.secrets.open().await
    }
}

impl Settings {
    /// Whether pages from there may call us with cookies.
    fn trusts(&self, origin: &str) -> bool {
        flows::identify::trusts(&self.origin, &self.allowed_origins, origin)
    }
}

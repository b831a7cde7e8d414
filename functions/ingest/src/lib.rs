//! Understands each event that `webhook` kept, and does what it says.
//!
//! Events come twice, late and in any order. Each is applied by key and version: the newer word counts, and what is gone
//! stays gone, so that any order of the same events ends the same. What cannot be kept as it was told is refused with a
//! reason that the merchant finds, and is no dead letter: our words would not be wiser the next time. What it leaves out is
//! asked of the shop: see `again`.
//!
//! It looks after the connections, too, so that shops go on telling.

mod again;
mod apply;
mod carts;
mod consents;
mod customers;
mod forgotten;
mod note;
mod orders;
mod privacy;
mod shop;
mod tending;

use std::sync::Arc;

use domain::{
    Task,
    customer::ChangedBy,
    event::{EventBody, Outcome, Received},
};
use flows::{
    Clock, Dice, Files, FlowError, KeyWrap, Shops, Tasks, files::FileName, keeping, record::Record,
    seal::Seals,
};
use shopify::{Reading, Topic, payload, webhook::Bridged};
use store::{CountsIn, Held, ShopOwner, Store, TenantStore};

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub tasks: Arc<dyn Tasks>,
    pub files: Arc<dyn Files>,
    pub keys: Arc<dyn KeyWrap>,
    pub shops: Shops,
    pub clock: Arc<dyn Clock>,
    pub dice: Arc<dyn Dice>,
}

impl Deps {
    fn roll(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.dice.fill(&mut bytes);
        bytes
    }
}

/// What `webhook` takes at most.
const BODY_BYTES_MAX: usize = 6 * 1024 * 1024;

pub async fn handle(deps: &Deps, task: Task) -> Result<(), FlowError> {
    let event = match task {
        Task::ApplyEvent { event } => *event,
        Task::ApplyBridged { event } => bridged(deps, &event.0.to_string())?,
        Task::ReadAgain { tenant, thing, at, event } => {
            return again::read(deps, again::Again { tenant, thing, at, event }).await;
        }
        Task::SettleCart { tenant, token } => return carts::due(deps, tenant, &token).await,
        Task::TellConsent { tenant, customer, channel } => {
            return consents::due(deps, tenant, customer, channel).await;
        }
        Task::TendShop { tenant } => return tending::tended(deps, &deps.store.for_task(tenant)).await,
        other => return Err(FlowError::broken(format!("not for this queue: {}", other.queue()))),
    };
    let owner = deps.store.shop_owner(&event.shop).await?;
    // What the law lets people ask is heard also after the merchant has gone, and by all who had the shop before.
    let is_heard = |owner: &Held<ShopOwner>| !owner.has_left || privacy::is_asked(&event.topic);
    let Some(owner) = owner.filter(is_heard) else {
        tracing::info!(topic = event.topic, "an event of a shop that is nobody's, or not any more");
        // Nobody would find it who looks for somebody's traces.
        return match event.body {
            EventBody::File(digest) => deps.files.remove(FileName::Event(digest)).await,
            EventBody::Text(_) => Ok(()),
        };
    };
    let former = owner.former.iter().copied().filter(|_| privacy::is_asked(&event.topic));
    let mut all = Ok(());
    for tenant in former.chain([owner.tenant]) {
        let store = deps.store.for_task(tenant);
        let applied = Box::pin(applied(deps, &store, &owner, &event)).await;
        note::noted(deps, &store, &event, &applied).await?;
        note::heard(deps, &store, &event).await;
        all = all.and(applied.map(drop));
    }
    all
}

/// The bus is known to be Shopify's by the rule that brings its events: see `template.yaml`.
fn bridged(deps: &Deps, event: &str) -> Result<Received, FlowError> {
    let wrong = |why: &dyn std::fmt::Display| FlowError::invalid("event", "unknown_shape", why.to_string());
    let Bridged { delivery, body } = Bridged::read(event.as_bytes()).map_err(|bad| wrong(&bad))?;
    let body = String::from_utf8(body).map_err(|_| wrong(&"is no text"))?;
    Ok(Received {
        shop: delivery.shop,
        topic: delivery.topic.to_string(),
        version: delivery.version.to_string(),
        id: delivery.id,
        event_id: delivery.event_id,
        triggered_at: delivery.triggered_at,
        received_at: deps.clock.now(),
        is_replayed: false,
        body: EventBody::Text(body),
    })
}

/// What one event is applied with.
struct Hands<'a> {
    store: &'a TenantStore,
    owner: &'a Held<ShopOwner>,
    tasks: &'a dyn Tasks,
    event: &'a Received,
    seals: &'a Seals,
    record: Record<'a>,
    reading: Reading<'a>,
}

async fn applied(
    deps: &Deps,
    store: &TenantStore,
    owner: &Held<ShopOwner>,
    event: &Received,
) -> Result<Outcome, FlowError> {
    let topic: Topic = match event.topic.parse() {
        Ok(topic) => topic,
        Err(bad) => return Ok(refused(&bad)),
    };
    let body = match &event.body {
        EventBody::Text(text) => text.clone().into_bytes(),
        EventBody::File(digest) => match deps.files.read(FileName::Event(*digest), 0, BODY_BYTES_MAX).await {
            // As old as files become, or it spoke of somebody who is forgotten.
            Err(FlowError::NotFound(_)) => return Ok(refused(&"its body is not kept any more")),
            read => read?,
        },
    };
    let change = match payload::read(&topic, &body) {
        Ok(change) => change,
        Err(bad) => return Ok(refused(&bad)),
    };
    if change.shop().is_some_and(|shop| shop != event.shop) {
        return Ok(refused(&"it is another shop's word than the headers say"));
    }
    let Some(counts_in) = store.counts_in().await? else {
        return Err(FlowError::broken("a shop of a tenant that is not there"));
    };
    let seals = Seals::new(deps.keys.clone(), deps.dice.clone());
    let record = record_of(deps, store, &seals, counts_in);
    let reading = Reading { currency: counts_in.currency, country: None };
    let hands = Hands { store, owner, tasks: &*deps.tasks, event, seals: &seals, record, reading };
    let done = Box::pin(apply::applied(&hands, change)).await?;
    keeping::asked_or_told(&*deps.tasks, store.id(), done.shards.iter().copied()).await;
    again::wanted(deps, store.id(), event, &done.again).await?;
    Ok(done.outcome())
}

fn record_of<'a>(
    deps: &'a Deps,
    store: &'a TenantStore,
    seals: &'a Seals,
    counts_in: CountsIn,
) -> Record<'a> {
    let (clock, dice, currency_changes) = (&*deps.clock, &*deps.dice, counts_in.currency_changes);
    Record { store, seals, clock, dice, by: ChangedBy::Shopify, currency_changes }
}

fn refused(why: &dyn std::fmt::Display) -> Outcome {
    Outcome::Refused { why: why.to_string() }
}

//! Brings here what a shop has: a step of a run for each message, most of them a page.
//!
//! A step reads, applies, and counts what became of it in the one commit that moves the run on; then the message of the
//! next step is left, after as long as Shopify asks us to wait. A message of an earlier step finds that and does nothing,
//! so that a chain never becomes two. What a step applied comes again if it dies before the commit, and changes nothing the
//! second time. A message that is lost is found missing by the clock.
//!
//! Who watches is told from here, too, how many are in segments and how campaigns fare: it takes a queue that lets a message wait.

mod asked;
mod bulk;
mod ending;
mod metafields;
mod pages;
mod rows;
mod steps;
mod waiting;

use std::sync::Arc;

use domain::{Run, RunState, Task, Tenant, Timestamp, customer::ChangedBy};
use flows::{
    Clock, Dice, FlowError, KeyWrap, Shops, Sockets, Tasks, Verdict, climbing, counting, error::OURS,
    record::Record, seal::Seals,
};
use shopify::Reading;
use store::{Held, Store, TenantStore};

use steps::Next;

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub tasks: Arc<dyn Tasks>,
    pub keys: Arc<dyn KeyWrap>,
    pub shops: Shops,
    /// Who watches is told.
    pub sockets: Arc<dyn Sockets>,
    pub clock: Arc<dyn Clock>,
    pub dice: Arc<dyn Dice>,
    pub lists: Lists,
}

/// When a list is too long to be read page by page.
#[derive(Debug, Clone, Copy)]
pub struct Lists {
    /// For so many rows Shopify is asked for a file.
    pub bulk_from: u64,
    /// Shopify ends a list after so many rows, whether or not they are all.
    pub rows_max: u64,
}

impl Default for Lists {
    /// Forty pages: below, pages are faster than waiting for a file. The end of a list is Shopify's word.
    fn default() -> Self {
        Self { bulk_from: 10_000, rows_max: 25_000 }
    }
}

/// What a step is done with.
struct Hands<'a> {
    deps: &'a Deps,
    store: &'a TenantStore,
    seals: &'a Seals,
    record: Record<'a>,
    reading: Reading<'a>,
    /// When the run began.
    began_at: Timestamp,
}

pub async fn handle(deps: &Deps, task: Task) -> Result<(), FlowError> {
    if let Task::TellCounts { tenant } = task {
        return counting::tell(&deps.store.for_task(tenant), &*deps.sockets, deps.clock.now()).await;
    }
    if let Task::TellCampaign { tenant, campaign } = task {
        let (store, now) = (deps.store.for_task(tenant), deps.clock.now());
        return climbing::tell(&store, &*deps.tasks, &*deps.sockets, campaign, now).await;
    }
    let Task::DoRun { tenant, run, step } = task else {
        return Err(FlowError::broken(format!("not for this queue: {}", task.queue())));
    };
    let store = deps.store.for_task(tenant);
    let Some(held) = store.run(run).await? else { return Ok(()) };
    if !held.is_open() && held.step == step + 1 {
        // Whoever did the last step may have died before anybody was told of the end, or was not heard.
        ending::tell_end(deps, &store, &held).await?;
        // Of this message a dead letter is to become: by it we are told.
        return if ending::is_ours(&held) {
            Err(FlowError::broken("a sync that has failed by our fault"))
        } else {
            Ok(())
        };
    }
    if !held.is_open() || held.step != step {
        return Ok(());
    }
    let early = held.resumes_at().duration_since(deps.clock.now());
    if early.is_positive() && !held.waits_for_file() {
        return waiting::left(deps, &held, early).await;
    }
    let Some(tenant) = store.tenant().await? else {
        return Err(FlowError::broken("a run of a tenant that is not there"));
    };
    let seals = Seals::new(deps.keys.clone(), deps.dice.clone());
    let hands = Hands::of(deps, (&store, &seals), &tenant, held.created_at);
    match Box::pin(steps::next(&hands, &held)).await {
        Ok(next) => hands.save(&held, next).await,
        Err(error) if error.verdict() == Verdict::Dead => {
            let state = RunState::Failed { why: OURS.to_owned() };
            hands.save(&held, Next::Over(Run::clone(&held), state)).await?;
            Err(error)
        }
        Err(error) => hands.save(&held, waiting::again(deps, &held, &error)).await,
    }
}

impl<'a> Hands<'a> {
    fn of(
        deps: &'a Deps,
        (store, seals): (&'a TenantStore, &'a Seals),
        tenant: &Held<Tenant>,
        began_at: Timestamp,
    ) -> Self {
        let record = Record {
            store,
            seals,
            clock: &*deps.clock,
            dice: &*deps.dice,
            by: ChangedBy::Shopify,
            currency_changes: tenant.currency_changes,
        };
        let reading = Reading { currency: tenant.currency, country: None };
        Self { deps, store, seals, record, reading, began_at }
    }
}

//! A run of a sync is begun: by a merchant, by the first connection, or by the clock. One is open at a time.

use domain::{
    Run, RunId, Syncing, Task, Timestamp, Zone,
    run::{Mode, Resource},
};
use store::{Held, Step, TenantStore};

/// A run that will have begun with a commit of the steps. Then somebody leaves its task; if nobody does, the clock will.
pub struct Begun {
    pub run: Run,
    /// `Conflict` if another was begun since.
    pub steps: [Step; 2],
}

impl Begun {
    pub fn task(&self) -> Task {
        task(&self.run)
    }
}

/// The run's next step.
pub fn task(run: &Run) -> Task {
    Task::DoRun { tenant: run.tenant, run: run.id, step: run.step }
}

/// `held`: what is known of the tenant's runs, of which none is open.
pub fn begun(
    store: &TenantStore,
    held: Option<&Held<Syncing>>,
    (resources, mode): (&[Resource], Mode),
    id: RunId,
    now: Timestamp,
) -> Begun {
    let syncing = held.map_or_else(Syncing::default, |held| Syncing::clone(held));
    made(store, held, syncing, (resources, mode), id, now)
}

/// What the clock, or a shop that was just connected, asks for.
pub fn begun_by_clock(store: &TenantStore, held: &Held<Syncing>, zone: &Zone, now: Timestamp) -> Begun {
    let mode = held.mode_due(zone, now);
    let id = RunId::of_clock(store.id(), now);
    made(store, Some(held), Syncing::clone(held), (held.resources_due(), mode), id, now)
}

/// The shop is connected, just now or again: everything is brought, or what has changed meanwhile. `Err`: a run is under
/// way, and the clock asks for the next one as soon as it can.
pub fn begun_by_connecting(
    store: &TenantStore,
    held: Option<&Held<Syncing>>,
    zone: &Zone,
    now: Timestamp,
) -> Result<Begun, Step> {
    let syncing = held.map_or_else(Syncing::default, |held| Syncing::clone(held)).connected(now);
    if syncing.open.is_some() {
        return Err(store.syncing_changed(held, &syncing));
    }
    let mode = syncing.mode_due(zone, now);
    let id = RunId::of_clock(store.id(), now);
    Ok(made(store, held, syncing, (&Resource::ALL, mode), id, now))
}

fn made(
    store: &TenantStore,
    held: Option<&Held<Syncing>>,
    syncing: Syncing,
    (resources, mode): (&[Resource], Mode),
    id: RunId,
    now: Timestamp,
) -> Begun {
    let run = Run::new(id, store.id(), mode, syncing.parts(resources, mode, now), now);
    let syncing = syncing.begun(&run, now);
    let steps = [store.syncing_changed(held, &syncing), store.run_made(&run)];
    Begun { run, steps }
}

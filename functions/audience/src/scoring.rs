//! Works out where a shop's fifths end and what its customers will do, when that is wanted: with each day of the shop's.
//!
//! What is found is one item, committed with what was done. Whoever finds that it is not wanted, or wanted no more, has
//! nothing to do: so a message may come twice, too early, or late.

use columns::Family;
use domain::{
    Tenant, Timestamp,
    days::number_of,
    scoring::{Scoring, ScoringRun},
    settlement::Settling,
};
use insight::Nightly;
use segments::{Bought, buyers};
use std::sync::Arc;
use store::{Held, Scores, StoreError, TenantStore};

use crate::Deps;

/// Overtaken by somebody else, it is begun anew so often before the message comes again.
const TRIES: usize = 4;

/// Where nothing was there: a shop that has customers is one whose scores are worked out, from its next day on.
pub(crate) async fn begun(deps: &Deps, store: &TenantStore) -> Result<(), StoreError> {
    let Some(team) = open(store).await? else { return Ok(()) };
    let scoring = Scoring::begun(&team.zone, deps.clock.now());
    let step = store.scores_changed(None, &Scores { scoring, nightly: None });
    match store.commit(vec![step]).await {
        // Somebody else has begun it.
        Err(StoreError::Conflict(_)) => Ok(()),
        done => done,
    }
}

pub(crate) async fn scored(deps: &Deps, store: &TenantStore) -> Result<(), StoreError> {
    let mut tried = 0;
    loop {
        tried += 1;
        match tried_once(deps, store).await {
            Err(StoreError::Conflict(_)) if tried < TRIES => {}
            done => return done,
        }
    }
}

async fn tried_once(deps: &Deps, store: &TenantStore) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let Some(held) = store.scores().await?.filter(|held| held.scoring.is_wanted(now)) else { return Ok(()) };
    let Some(team) = open(store).await? else {
        let Some(team) = store.tenant().await? else { return Ok(()) };
        let passed =
            Scores { scoring: held.scoring.clone().passed(&team.zone, now), nightly: held.nightly.clone() };
        return store.commit(vec![store.scores_changed(Some(&held), &passed)]).await;
    };
    let nightly = worked_out(store, &team, now).await?;
    let scoring = held.scoring.clone().made(&team.zone, now);
    let silence =
        nightly.outlook.as_ref().err().map(|silence| (silence.code().to_owned(), silence.to_string()));
    let run = ScoringRun {
        wanted_at: held.scoring.wanted_at,
        cause: held.scoring.cause,
        ended_at: now,
        edition: scoring.edition,
        customers: nightly.cuts.customers,
        silence,
    };
    let scores = Scores { scoring, nightly: Some(Arc::new(nightly)) };
    let mut steps = vec![store.scores_changed(Some(&held), &scores), store.scoring_ran(&run)];
    // Whoever is in segments by what was found before is asked again, by the clock.
    if let Some(settling) = store.settling().await? {
        steps.push(store.settling_changed(&settling, &Settling::clone(&settling).rescored(now)));
    }
    store.commit(steps).await
}

async fn open(store: &TenantStore) -> Result<Option<Held<Tenant>>, StoreError> {
    Ok(store.tenant().await?.filter(|team| team.status.is_open()))
}

async fn worked_out(store: &TenantStore, team: &Tenant, now: Timestamp) -> Result<Nightly, StoreError> {
    let view = store.audience(&[Family::Orders]).await?.view;
    let broken = |wrong| StoreError::Broken(format!("an audience was not read far enough: {wrong}"));
    let bought = Bought::of(&view, &team.zone).map_err(broken)?;
    let buyers = buyers(&view, &team.zone).map_err(broken)?;
    drop(view);
    let today = number_of(team.zone.day_of(now));
    let customers = bought.iter().map(|(slot, orders)| (slot.0, orders));
    Ok(Nightly::of(today, buyers.into_iter().map(|(_, buyer)| buyer), customers))
}

//! The shop itself: what it is called, where its days begin, what it counts in, and what we may do there: where all of its
//! orders are shown by now, they are brought. Where its days begin at other moments, all of the audience is asked anew.

use columns::ShardNumber;
use domain::{Connection, Syncing, Tenant, upkeep::Upkeep};
use flows::{FlowError, Unanswered, choosing, rezoned};
use shopify::graph::{ShopInfo, ShopSeen};
use store::{Step, StoreError};

use super::{Asking, Read};
use crate::apply::Done;

/// As often as others change the tenant at the same moment.
const TRIES: usize = 8;

pub(super) async fn read(asking: &Asking<'_>) -> Result<Read, Unanswered> {
    let seen = asking.ask(&ShopInfo {}).await?;
    for _ in 0..TRIES {
        let Planned { steps, is_other_currency, is_other_zone } = planned(asking, &seen).await?;
        let is_changed = !steps.is_empty();
        match asking.store.commit(steps).await {
            Ok(()) if is_other_currency => {
                return Ok(Read::Not("the shop counts in another currency than what is kept of it".into()));
            }
            Ok(()) => {
                let slots = if is_other_zone { asking.store.slots().await? } else { 0 };
                let shards = ShardNumber::of_first(slots).collect();
                return Ok(Read::Done(Done { is_changed, shards, ..Done::default() }));
            }
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(FlowError::from(StoreError::Conflict(0)).into())
}

/// What makes the tenant and its connection as the shop is.
struct Planned {
    steps: Vec<Step>,
    /// It stays another than the shop's.
    is_other_currency: bool,
    is_other_zone: bool,
}

async fn planned(asking: &Asking<'_>, seen: &ShopSeen) -> Result<Planned, FlowError> {
    let store = asking.store;
    let mut steps = Vec::new();
    let Some(held) = store.tenant().await? else { return Err(FlowError::NotFound("tenant")) };
    let tenant = Tenant {
        // What is no name for us leaves the one that there is.
        name: seen.name.parse().unwrap_or_else(|_| held.name.clone()),
        zone: seen.zone.clone().unwrap_or_else(|| held.zone.clone()),
        ..(*held).clone()
    };
    let is_other_zone = tenant.zone != held.zone;
    if is_other_zone {
        steps.extend(rezoned(store, &tenant.zone, asking.now).await?);
    }
    let other = seen.currency.filter(|currency| *currency != held.currency);
    let chosen = match other {
        Some(currency) => choosing(store).await?.map(|counting| (currency, counting)),
        None => None,
    };
    match chosen {
        Some((currency, counting)) => {
            let currency_changes = held.currency_changes + 1;
            let tenant = Tenant { currency, currency_changes, ..tenant };
            steps.push(store.currency_chosen(&held, &tenant, counting));
        }
        None if tenant != *held => steps.push(store.tenant_changed(&held, &tenant)),
        None => {}
    }
    if let Some(held) = store.connection().await?.filter(|held| held.is_open()) {
        let connection = Connection { scopes: seen.scopes.to_string(), ..(*held).clone() };
        if connection != *held {
            steps.push(store.connection_changed(&held, &connection));
            // What it may tell us is another thing by now; the clock has it looked after within a minute.
            if let Some(held) = store.upkeep().await? {
                steps.push(store.upkeep_changed(&held, &Upkeep::clone(&held).hurried(asking.now)));
            }
        }
        // The clock brings them, within a minute.
        if let Some(held) = store.syncing().await? {
            let shown = Syncing::clone(&held).shown(connection.shows_all_orders(), asking.now);
            if shown != *held {
                steps.push(store.syncing_changed(Some(&held), &shown));
            }
        }
    }
    Ok(Planned { steps, is_other_currency: other.is_some() && chosen.is_none(), is_other_zone })
}

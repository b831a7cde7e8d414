//! A shop becomes a tenant's: the directory, the connection and the tenant in one commit.

use domain::{Connection, SealedTokens, Task, Tenant, TenantStatus, UserId, upkeep::Upkeep};
use flows::{choosing, identify::must_be_served, rezoned, syncs};
use shopify::graph::ShopSeen;
use store::{Held, Step, StoreError, TenantStore};

use super::InTheWay;
use crate::{App, error::Problem};

/// As often as others change the tenant at the same moment.
pub(super) const TRIES: usize = 8;

/// A merchant has let us in.
pub(super) struct Connecting {
    pub(super) kept: SealedTokens,
    pub(super) scopes: String,
    pub(super) seen: ShopSeen,
    pub(super) user: UserId,
    /// The state, which is good for once.
    pub(super) used: Step,
    /// Of a connection of that version, or of none (0), the tokens were asked for: whoever connects meanwhile ends them, or has
    /// none that are good.
    pub(super) since: u64,
}

pub(super) enum Ended {
    Connected,
    /// The state was used meanwhile.
    Used,
    /// Somebody else has connected the shop meanwhile: whose tokens are good knows who tries theirs, or asks for others.
    Overtaken,
    InTheWay(InTheWay),
}

/// None is older than any.
pub(super) fn version(held: Option<&Held<Connection>>) -> u64 {
    held.map_or(0, Held::version)
}

impl Connecting {
    /// The same shop again, also after it was disconnected or the app removed, is the same tenant's. Who was suspended
    /// connects nothing.
    pub(super) async fn done(&self, deps: &App, store: &TenantStore) -> Result<Ended, Problem> {
        let (shop, now) = (self.seen.domain.clone(), deps.now());
        for _ in 0..TRIES {
            let owner = deps.store.shop_owner(&shop).await?;
            if owner.as_ref().is_some_and(|owner| owner.is_another_than(store.id())) {
                return Ok(Ended::InTheWay(InTheWay::StoreTaken));
            }
            let tenant = store.tenant().await?.ok_or_else(|| flows::FlowError::NotFound("tenant"))?;
            must_be_served(tenant.status)?;
            if tenant.shop.as_ref().is_some_and(|other| *other != shop) {
                return Ok(Ended::InTheWay(InTheWay::AlreadyConnected));
            }
            let currency = self.seen.currency.unwrap_or(tenant.currency);
            let is_chosen = currency != tenant.currency;
            let counting = if is_chosen { choosing(store).await? } else { None };
            if is_chosen && counting.is_none() {
                return Ok(Ended::InTheWay(InTheWay::CurrencyDiffers));
            }
            let held = store.connection().await?;
            if self.since != version(held.as_ref()) {
                return Ok(Ended::Overtaken);
            }
            let connection =
                Connection::begun(shop.clone(), self.scopes.clone(), self.kept.clone(), self.user, now);
            let tied = Tenant {
                shop: Some(shop.clone()),
                // What is no name for us leaves the one that there is.
                name: self.seen.name.parse().unwrap_or_else(|_| tenant.name.clone()),
                status: TenantStatus::Active,
                currency,
                currency_changes: tenant.currency_changes + u32::from(is_chosen),
                zone: self.seen.zone.clone().unwrap_or_else(|| tenant.zone.clone()),
                ..Tenant::clone(&tenant)
            };
            let syncing = store.syncing().await?;
            let begun = syncs::begun_by_connecting(store, syncing.as_ref(), &tied.zone, deps.now());
            let mut steps = vec![
                self.used.clone(),
                match counting {
                    Some(counting) => store.currency_chosen(&tenant, &tied, counting),
                    None => store.tenant_changed(&tenant, &tied),
                },
                match &held {
                    Some(held) => store.connection_changed(held, &connection),
                    None => store.connection_made(&connection),
                },
                store.shop_taken(&shop, owner.as_ref()),
                store.upkeep_begun(&Upkeep::begun(now), now),
            ];
            // In the same commit: a shop that is connected is brought here.
            let task = match begun {
                Ok(begun) => {
                    let task = begun.task();
                    steps.extend(begun.steps);
                    Some(task)
                }
                Err(later) => {
                    steps.push(later);
                    None
                }
            };
            // Whatever is here already has other days now; the clock has all of it asked anew.
            if tied.zone != tenant.zone {
                steps.extend(rezoned(store, &tied.zone, now).await?);
            }
            match store.commit(steps).await {
                Ok(()) => {
                    deps.nudge(Task::TendShop { tenant: store.id() }).await;
                    if let Some(task) = task {
                        deps.nudge(task).await;
                    }
                    return Ok(Ended::Connected);
                }
                Err(StoreError::Conflict(0)) => return Ok(Ended::Used),
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict(1).into())
    }
}

//! The demo shop comes to be: at the first start, once, and from where it was left if that start was cut off.
//!
//! What is to be made is decided once and kept beside the table; it follows from seed, size and instant. So whoever
//! comes again writes the same, many writes in one commit, and a commit that was done before stands against itself.
//! Until the last of it is there nobody else is let in.

#[cfg(test)]
mod tests;

use anyhow::{Context as _, ensure};
use columns::{ShardNumber, Slot};
use domain::{Plan, Tenant, TenantId, Timestamp, customer::ChangedBy};
use flows::{record::Record, seal::Seals};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{fs, path::Path};
use store::{Products, Step, Store, StoreError, TenantStore, local::LocalTable};

use super::{
    people::Team,
    shop::{CURRENCY, NAME, Shop, ZONE},
};
use crate::{
    keys::keep_whole,
    product::{Ports, Product},
};

/// Writes in one commit: as many as the table takes.
const AT_ONCE: usize = 100;
/// Of products fewer: their tags are counted beside them.
const PRODUCTS_AT_ONCE: usize = 80;
/// Ids in one item of a shard's directory.
const NAMED_AT_ONCE: usize = 4_096;
/// After so many customers it is said how far it is.
const SAID_EACH: u32 = 50_000;

/// What the demo shop is to be, if there is none yet.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub customers: u32,
    pub seed: u64,
}

/// What the demo shop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    tenant: TenantId,
    pub customers: u32,
    seed: u64,
    /// Its present: everything lies before.
    at: Timestamp,
    is_whole: bool,
}

/// The shop, there as a whole. `None`: somebody has used this tenant without one, and shall not find one in it.
pub async fn shop(
    product: &Product,
    (ports, table): (&Ports, &LocalTable),
    team: &Team,
    wish: Wish,
    data: &Path,
) -> anyhow::Result<Option<Made>> {
    let store = Store::new(ports.table.clone()).for_task(team.tenant);
    own(&store).await?;
    let path = data.join("shop.json");
    let begun = begun(&path)?.filter(|made| made.tenant == team.tenant);
    let made = match begun {
        Some(made) if made.is_whole => return Ok(Some(made)),
        Some(made) => made,
        None if is_used(&store).await? => return Ok(None),
        None => {
            let at = Timestamp::from_second(ports.clock.now().as_second())?;
            let Wish { customers, seed } = wish;
            let made = Made { tenant: team.tenant, customers, seed, at, is_whole: false };
            kept(&path, &made)?;
            made
        }
    };
    team.settle(product, &json!({"name": NAME, "currency": CURRENCY, "timezone": ZONE})).await?;
    if made.customers > 0 {
        let shop = Shop::new(made.seed, made.customers, made.at);
        println!("Making the demo shop: {} customers, {} orders.", made.customers, shop.orders_count());
        let seals = Seals::new(ports.keys.clone(), ports.dice.clone());
        let (clock, dice, by) = (&*ports.clock, &*ports.dice, ChangedBy::Import);
        let tenant = store.tenant().await?.context("the demo's people have no shop")?;
        let currency_changes = tenant.currency_changes;
        let record = Record { store: &store, seals: &seals, clock, dice, by, currency_changes };
        let said = |count: u32| println!("  {count} customers are there");
        let maker = Maker { store: &store, record, shop: &shop };
        // What a loss of power takes, the next start does again.
        table.hurry();
        maker.make(made.customers, said).await?;
        table.rested()?;
    }
    let made = Made { is_whole: true, ..made };
    kept(&path, &made)?;
    Ok(Some(made))
}

/// Whoever tries things out at home, or measures them, is not held up by what a plan sells.
async fn own(store: &TenantStore) -> anyhow::Result<()> {
    let held = store.tenant().await?.context("the demo's people have no shop")?;
    if held.plan != Plan::Own {
        let tenant = Tenant { plan: Plan::Own, ..Tenant::clone(&held) };
        store.commit(vec![store.tenant_changed(&held, &tenant)]).await?;
    }
    Ok(())
}

fn begun(path: &Path) -> anyhow::Result<Option<Made>> {
    if !path.exists() {
        return Ok(None);
    }
    let told = fs::read_to_string(path)?;
    serde_json::from_str(&told).map(Some).with_context(|| format!("{} is not ours", path.display()))
}

fn kept(path: &Path, made: &Made) -> anyhow::Result<()> {
    Ok(keep_whole(path, &serde_json::to_string_pretty(made)?)?)
}

async fn is_used(store: &TenantStore) -> anyhow::Result<bool> {
    Ok(store.slots().await? > 0 || store.products(0).await? == Products::TooMany)
}

/// Whoever writes a shop down.
struct Maker<'a> {
    store: &'a TenantStore,
    record: Record<'a>,
    shop: &'a Shop,
}

impl Maker<'_> {
    /// `said` hears how many customers are there, now and then.
    async fn make(&self, customers: u32, said: impl Fn(u32)) -> anyhow::Result<()> {
        let products = self.shop.products().map(|product| self.store.product_told(None, product));
        self.done(products.collect(), PRODUCTS_AT_ONCE).await?;
        self.name(customers).await?;
        let mut steps = Vec::new();
        for number in 0..customers {
            let (customer, orders) = self.shop.customer(number);
            let more = self.record.laying_down(&customer, &orders).await?;
            if steps.len() + more.len() > AT_ONCE {
                self.done(std::mem::take(&mut steps), AT_ONCE).await?;
            }
            steps.extend(more);
            if (number + 1) % SAID_EACH == 0 {
                said(number + 1);
            }
        }
        self.done(steps, AT_ONCE).await?;
        for shard in ShardNumber::of_first(customers) {
            self.store.shard_rebuilt(shard).await?;
        }
        Ok(())
    }

    /// Everybody's slot is their number: nobody else has taken one.
    async fn name(&self, customers: u32) -> anyhow::Result<()> {
        let missing = customers.saturating_sub(self.store.slots().await?);
        if missing > 0 {
            let first = self.store.slots_taken(missing, self.record.currency_changes).await?;
            ensure!(first.0 + missing == customers, "somebody else came into the shop while it was made");
        }
        for (first, ids) in (0..).step_by(NAMED_AT_ONCE).zip(self.shop.ids().chunks(NAMED_AT_ONCE)) {
            let ids: Vec<_> = ids.iter().copied().map(Some).collect();
            self.store.commit(vec![self.store.slots_named_step(Slot(first), &ids)]).await?;
        }
        Ok(())
    }

    /// What was done before stands against itself.
    async fn done(&self, steps: Vec<Step>, most: usize) -> anyhow::Result<()> {
        let mut steps = steps;
        while !steps.is_empty() {
            let rest = steps.split_off(steps.len().min(most));
            match self.store.commit(steps).await {
                Ok(()) | Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
            steps = rest;
        }
        Ok(())
    }
}

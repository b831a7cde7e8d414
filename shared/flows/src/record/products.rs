//! Products told, changed, deleted: newer wins, and what was deleted stays so against older words.

use domain::{
    Product, ProductId, Thing, Timestamp,
    product::{Kept, PRODUCT_BYTES_MAX, VARIANTS_MAX, Variant},
};
use std::collections::BTreeSet;
use store::{Held, Step};

use super::{Plan, Record};
use crate::FlowError;

impl Record<'_> {
    /// The product as the shop has it. A word older than what is kept changes nothing: then the outcome is what is
    /// kept, or nothing where it was deleted. `is_last`: the shop was asked for it, or nobody knows it but who tells it.
    pub async fn product_told(
        &self,
        told: &Product,
        is_last: bool,
    ) -> Result<Plan<Option<Product>>, FlowError> {
        let held = self.store.product_kept(told.id).await?;
        if let Some(held) = held.as_ref().filter(|held| !held.gives_way_to(told.updated_at)) {
            return Ok(Plan::late(product_in(held)));
        }
        match held.as_deref().and_then(product_in) {
            Some(before) if before == *told => return Ok(Plan::nothing(Some(before))),
            Some(before) if before.updated_at == told.updated_at && !is_last => {
                return Ok(Plan::nothing(Some(before)).undecided([Thing::Product(told.id)]));
            }
            _ => {}
        }
        let steps = self.product_put(held.as_ref(), told).await?;
        Ok(Plan::of(steps, Some(told.clone()), &[]))
    }

    /// The same of a word that leaves out variants: those that are here stay, and the same word told whole before does.
    pub async fn product_told_in_part(&self, told: &Product) -> Result<Plan<Option<Product>>, FlowError> {
        let held = self.store.product_kept(told.id).await?;
        let Some(before) = held.as_deref().and_then(product_in) else {
            return self.product_told(told, false).await;
        };
        if before.updated_at == told.updated_at {
            return Ok(Plan::nothing(Some(before)));
        }
        let mut whole = told.clone();
        let is_left_out = |kept: &Variant| told.variants.iter().all(|variant| variant.id != kept.id);
        whole.variants.extend(before.variants.into_iter().filter(is_left_out));
        if whole.bytes() > PRODUCT_BYTES_MAX || whole.variants.len() > VARIANTS_MAX {
            return self.product_told(told, false).await;
        }
        self.product_told(&whole, false).await
    }

    /// The product after somebody told something of it here.
    pub async fn product_changed(
        &self,
        id: ProductId,
        told: impl Fn(&mut Product) -> Result<(), FlowError>,
    ) -> Result<Plan<Product>, FlowError> {
        let (held, before) = self.product(id).await?;
        let mut product = before.clone();
        told(&mut product)?;
        if product == before {
            return Ok(Plan::nothing(product));
        }
        let updated_at = before.updated_at.max(self.now());
        let product = Product { id, created_at: before.created_at, updated_at, ..product };
        Ok(Plan::of(self.product_put(Some(&held), &product).await?, product, &[]))
    }

    pub async fn product_ended(&self, id: ProductId) -> Result<Plan<()>, FlowError> {
        let (held, before) = self.product(id).await?;
        let at = before.updated_at.max(self.now());
        Ok(Plan::of(self.product_end(Some(&held), id, at).await?, (), &[]))
    }

    /// The shop has deleted it: from now on no word of before brings it back. Telling again changes nothing.
    pub async fn product_gone(&self, id: ProductId) -> Result<Plan<()>, FlowError> {
        let held = self.store.product_kept(id).await?;
        let at = match held.as_deref() {
            Some(Kept::Gone(_)) => return Ok(Plan::nothing(())),
            Some(Kept::Product(product)) => product.updated_at.max(self.now()),
            None => self.now(),
        };
        Ok(Plan::of(self.product_end(held.as_ref(), id, at).await?, (), &[]))
    }

    async fn product_end(
        &self,
        held: Option<&Held<Kept>>,
        id: ProductId,
        at: Timestamp,
    ) -> Result<Vec<Step>, FlowError> {
        let mut steps = vec![self.store.product_ended(held, id, at)];
        steps.extend(self.retagged(held, &BTreeSet::new()).await?);
        Ok(steps)
    }

    /// Who has bought what is tagged so is asked anew, by the clock: in one commit with the product, so that no look that was
    /// taken before is the last. Of many products in a row the first changes when that is; the others find it so.
    async fn retagged(
        &self,
        held: Option<&Held<Kept>>,
        tags: &BTreeSet<String>,
    ) -> Result<Option<Step>, FlowError> {
        if held.map_or(tags.is_empty(), |held| held.tags() == tags) {
            return Ok(None);
        }
        let settling = self.store.settling().await?.filter(|settling| settling.asks_beside);
        Ok(settling.map(|settling| self.store.settling_told(&settling, self.now())))
    }

    /// Prices are kept in the currency that they were told in. Once there is a customer it is final, and nothing is counted.
    async fn product_put(
        &self,
        held: Option<&Held<Kept>>,
        product: &Product,
    ) -> Result<Vec<Step>, FlowError> {
        let counting = self.store.counting().await?;
        self.counts_in(counting.currency_changes())?;
        let mut steps = vec![self.store.product_told(held, product)];
        if !counting.is_final() {
            steps.push(self.store.price_counted(counting));
        }
        steps.extend(self.retagged(held, &product.tags).await?);
        Ok(steps)
    }

    async fn product(&self, id: ProductId) -> Result<(Held<Kept>, Product), FlowError> {
        let held = self.store.product_kept(id).await?.ok_or(FlowError::NotFound("product"))?;
        let product = product_in(&held).ok_or(FlowError::NotFound("product"))?;
        Ok((held, product))
    }
}

fn product_in(held: &Kept) -> Option<Product> {
    match held {
        Kept::Product(product) => Some((**product).clone()),
        Kept::Gone(_) => None,
    }
}

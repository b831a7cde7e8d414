//! Products told, changed, deleted: newer wins, and what was deleted stays so against older words.

use domain::{Product, ProductId, product::Kept};
use store::Held;

use super::{Plan, Record};
use crate::FlowError;

impl Record<'_> {
    /// The product as the shop has it. A word older than what is kept changes nothing: then the outcome is what is
    /// kept, or nothing where it was deleted.
    pub async fn product_told(&self, told: &Product) -> Result<Plan<Option<Product>>, FlowError> {
        let held = self.store.product_kept(told.id).await?;
        if let Some(held) = held.as_ref().filter(|held| !held.gives_way_to(told.updated_at)) {
            return Ok(Plan::nothing(product_in(held)));
        }
        let step = self.store.product_told(held.as_ref(), told);
        Ok(Plan::of(vec![step], Some(told.clone()), &[]))
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
        Ok(Plan::of(vec![self.store.product_told(Some(&held), &product)], product, &[]))
    }

    pub async fn product_ended(&self, id: ProductId) -> Result<Plan<()>, FlowError> {
        let (held, before) = self.product(id).await?;
        let at = before.updated_at.max(self.now());
        Ok(Plan::of(vec![self.store.product_ended(&held, id, at)], (), &[]))
    }

    async fn product(&self, id: ProductId) -> Result<(Held<Kept>, Product), FlowError> {
        let held = self.store.product_kept(id).await?.ok_or(FlowError::NotFound("product"))?;
        let product = product_in(&held).ok_or(FlowError::NotFound("product"))?;
        Ok((held, product))
    }
}

fn product_in(held: &Held<Kept>) -> Option<Product> {
    match &**held {
        Kept::Product(product) => Some((**product).clone()),
        Kept::Gone(_) => None,
    }
}

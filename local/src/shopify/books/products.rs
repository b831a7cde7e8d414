//! Acts on products.

use jiff::Timestamp;

use super::{
    Books, Entry,
    acts::{Did, Done, Refused},
    records::{Product, Subject},
};

impl Books {
    pub(crate) fn change_product(
        &mut self,
        product: u64,
        now: Timestamp,
        change: impl FnOnce(&mut Product),
    ) -> Done<()> {
        let mut held = self.product(product).cloned().ok_or(Refused("there is no such product"))?;
        change(&mut held);
        held.updated_at = now;
        self.write(Entry::Product(Box::new(held)));
        Ok(((), vec![Did::ProductChanged(product)]))
    }

    pub(crate) fn delete_product(&mut self, product: u64, now: Timestamp) -> Done<()> {
        self.product(product).ok_or(Refused("there is no such product"))?;
        self.destroy(Subject::Product, product, now);
        Ok(((), vec![Did::ProductDeleted(product)]))
    }
}

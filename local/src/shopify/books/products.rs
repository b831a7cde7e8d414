//! Acts on products.

use jiff::Timestamp;

use super::{
    Books, Entry,
    acts::{Did, Done, Refused},
    model::{VARIANTS_MAX, variant_id},
    records::{Product, ProductStatus, Subject, Variant},
};
use crate::shopify::ids::{Kind, id, number};

impl Books {
    /// Of one variant, at that price in cents.
    pub(crate) fn add_product(&mut self, title: &str, price: i64, now: Timestamp) -> (u64, Vec<Did>) {
        let place = self.products_ever;
        let id = id(Kind::Product, place);
        let variant = Variant {
            id: variant_id(place, 0),
            title: "Default Title".to_owned(),
            sku: None,
            price,
            inventory: 0,
        };
        self.write(Entry::Product(Box::new(Product {
            id,
            title: title.to_owned(),
            handle: title.to_lowercase().replace(' ', "-"),
            vendor: crate::demo::shop::NAME.to_owned(),
            kind: String::new(),
            status: ProductStatus::Active,
            tags: Vec::new(),
            image: None,
            variants: vec![variant],
            created_at: now,
            updated_at: now,
        })));
        (id, vec![Did::ProductMade(id)])
    }

    /// So many more, at that price in cents. `Err`: nothing has more than 2,048.
    pub(crate) fn add_variants(
        &mut self,
        product: u64,
        (count, price): (u64, i64),
        now: Timestamp,
    ) -> Done<()> {
        let first = self.product(product).map_or(0, |held| held.variants.len() as u64);
        if first + count > VARIANTS_MAX {
            return Err(Refused("a product has at most 2,048 variants"));
        }
        let place = number(Kind::Product, product).ok_or(Refused("there is no such product"))?;
        self.change_product(product, now, |held| {
            held.variants.extend((first..first + count).map(|which| Variant {
                id: variant_id(place, which),
                title: format!("Variant {}", which + 1),
                sku: None,
                price,
                inventory: 0,
            }));
        })
    }

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

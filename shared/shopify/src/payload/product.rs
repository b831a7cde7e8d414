//! Products in webhooks.

use domain::{ProductId, Timestamp};
use serde::{Deserialize, de::IgnoredAny};

use crate::told::{Amount, Id, ProductSaid, ProductTold, Reading, Tags, Unkept, VariantSaid};

/// `products/create` and `products/update`.
#[derive(Debug, Clone, Deserialize)]
pub struct Product {
    id: Id,
    title: Option<String>,
    handle: Option<String>,
    status: Option<String>,
    vendor: Option<String>,
    #[serde(rename = "product_type")]
    kind: Option<String>,
    tags: Option<Tags>,
    image: Option<Image>,
    variants: Option<Vec<Variant>>,
    /// All of them, where the list above is cut.
    variant_gids: Option<Vec<IgnoredAny>>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Deserialize)]
struct Image {
    src: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Variant {
    id: Id,
    title: Option<String>,
    sku: Option<String>,
    price: Option<Amount>,
    inventory_quantity: Option<i64>,
}

impl Product {
    pub fn id(&self) -> ProductId {
        ProductId::Shopify(self.id.0)
    }

    pub fn told(self, reading: &Reading<'_>) -> Result<ProductTold, Unkept> {
        let variants = self.variants.unwrap_or_default();
        ProductSaid {
            id: self.id,
            title: self.title,
            handle: self.handle,
            status: self.status,
            vendor: self.vendor,
            kind: self.kind,
            tags: self.tags,
            image_url: self.image.and_then(|image| image.src),
            lacks_variants: self.variant_gids.is_some_and(|all| all.len() > variants.len()),
            variants: variants.into_iter().map(Variant::said).collect(),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
        .told(reading)
    }
}

impl Variant {
    fn said(self) -> VariantSaid {
        VariantSaid {
            id: self.id,
            title: self.title,
            sku: self.sku,
            price: self.price,
            inventory: self.inventory_quantity,
        }
    }
}

//! A product as callers see it.

use domain::{
    Currency, Product, ProductId, Timestamp, VariantId,
    product::{ProductStatus, Variant},
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(crate) struct ProductView {
    #[serde(flatten)]
    pub(super) product: ProductBrief,
    variants: Vec<VariantView>,
}

/// A product in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProductBrief {
    #[schema(value_type = String)]
    id: ProductId,
    title: String,
    handle: Option<String>,
    /// `active`, `draft`, `archived` or `unlisted`.
    #[schema(value_type = String)]
    status: ProductStatus,
    vendor: Option<String>,
    product_type: Option<String>,
    tags: Vec<String>,
    image_url: Option<String>,
    variants_count: usize,
    /// Of the cheapest variant; `null` without variants.
    min_price: Option<String>,
    max_price: Option<String>,
    /// Of all variants that are counted; `null` where none is.
    inventory: Option<i64>,
    #[schema(value_type = String)]
    currency: Currency,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct VariantView {
    #[schema(value_type = String)]
    id: VariantId,
    title: String,
    sku: Option<String>,
    price: String,
    inventory: Option<i64>,
}

impl ProductView {
    pub(super) fn of(product: &Product, currency: Currency) -> Self {
        let variants = product.variants.iter().map(|variant| VariantView::of(variant, currency)).collect();
        Self { product: ProductBrief::of(product.clone(), currency), variants }
    }
}

impl ProductBrief {
    pub(super) fn of(product: Product, currency: Currency) -> Self {
        let prices = product.prices();
        Self {
            id: product.id,
            variants_count: product.variants.len(),
            min_price: prices.map(|(least, _)| least.show(currency)),
            max_price: prices.map(|(_, most)| most.show(currency)),
            inventory: product.inventory(),
            title: product.title,
            handle: product.handle,
            status: product.status,
            vendor: product.vendor,
            product_type: product.kind,
            tags: product.tags.into_iter().collect(),
            image_url: product.image_url,
            currency,
            created_at: product.created_at,
            updated_at: product.updated_at,
        }
    }
}

impl VariantView {
    fn of(variant: &Variant, currency: Currency) -> Self {
        Self {
            id: variant.id,
            title: variant.title.clone(),
            sku: variant.sku.clone(),
            price: variant.price.show(currency),
            inventory: variant.inventory,
        }
    }
}

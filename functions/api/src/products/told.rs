//! What a caller tells of a product, and what becomes of the product by it.

use std::collections::BTreeSet;

use domain::{
    Minor, Product, ProductId, Timestamp, VariantId,
    bill::not_negative,
    fields,
    product::{self, BadProduct, PRODUCT_BYTES_MAX, ProductStatus, VARIANTS_MAX, Variant},
};
use flows::FlowError;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    customers::told::{Scene, tags},
    error::Problem,
    input::{Faults, Part, Written},
};

/// What is told. In a `PATCH`, `null` clears, and what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProductTold {
    /// Of a new product, and of a whole one, it must be told.
    title: Option<String>,
    /// Its name in the shop's addresses: `earl-grey`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    handle: Part<String>,
    /// `active` unless told, `draft`, `archived` or `unlisted`.
    status: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    vendor: Part<String>,
    #[serde(default, alias = "productType", alias = "type")]
    #[schema(value_type = Option<String>)]
    product_type: Part<String>,
    /// At most 250, compared without case.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    tags: Part<Vec<String>>,
    /// `https://…`
    #[serde(default, alias = "imageUrl", alias = "image")]
    #[schema(value_type = Option<String>)]
    image_url: Part<String>,
    /// In the order in which they are to be shown; no two of one title.
    #[serde(default)]
    #[schema(value_type = Option<Vec<VariantTold>>)]
    variants: Part<Vec<VariantTold>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VariantTold {
    /// Unless told, that of the variant of this title, or a new one.
    id: Option<String>,
    /// `Default` unless told: of what comes in one kind only.
    title: Option<String>,
    sku: Option<String>,
    /// In the tenant's currency: "12.30".
    #[schema(value_type = String)]
    price: Written,
    /// How many there are; left out where nobody counts.
    #[serde(alias = "inventory_quantity", alias = "inventoryQuantity")]
    inventory: Option<i64>,
}

const DEFAULT_TITLE: &str = "Default";

/// What was told, understood.
pub(super) struct Told {
    title: Option<String>,
    handle: Part<String>,
    status: Option<ProductStatus>,
    vendor: Part<String>,
    kind: Part<String>,
    tags: Part<Vec<String>>,
    image_url: Part<String>,
    variants: Part<Vec<Named>>,
}

/// A variant whose id may be found by its title.
#[derive(Clone)]
struct Named {
    id: Option<VariantId>,
    /// If there is no other.
    new: VariantId,
    variant: Variant,
}

impl ProductTold {
    /// Everything that is wrong, or what it says. `new`: ids for variants that have none.
    pub(super) fn understood(self, scene: Scene<'_>, new: impl Fn() -> VariantId) -> Result<Told, Problem> {
        let mut faults = Faults::default();
        let it = &mut faults;
        let told = Told {
            title: it.maybe("/title", self.title, |title| product::title(&title)),
            handle: it.part("/handle", self.handle, |handle| product::handle(&handle)),
            status: it.maybe("/status", self.status, |status| status.parse()),
            vendor: it.part("/vendor", self.vendor, |vendor| product::title(&vendor)),
            kind: it.part("/product_type", self.product_type, |kind| product::title(&kind)),
            tags: self.tags.map(|told| tags(it, told)),
            image_url: it.part("/image_url", self.image_url, |url| product::image_url(&url)),
            variants: self.variants.map(|told| variants(it, told, scene, new)),
        };
        faults.none(Some(told))
    }
}

fn variants(
    faults: &mut Faults,
    told: Vec<VariantTold>,
    scene: Scene<'_>,
    new: impl Fn() -> VariantId,
) -> Vec<Named> {
    if told.len() > VARIANTS_MAX {
        faults.add("/variants", "too_many", BadProduct::Variants.to_string());
        return Vec::new();
    }
    let price = |told: &str| {
        let price = Minor::parse(told, scene.currency).map_err(|wrong| wrong.to_string())?;
        not_negative(price).map_err(|wrong| wrong.to_string())
    };
    let mut all = Vec::new();
    for (row, told) in told.into_iter().enumerate() {
        let at = |what: &str| format!("/variants/{row}/{what}");
        let id = faults.maybe(&at("id"), told.id, |id| id.parse::<VariantId>());
        let title = told.title.as_deref().unwrap_or(DEFAULT_TITLE);
        let title = faults.take(&at("title"), product::title(title));
        let sku = faults.maybe(&at("sku"), told.sku, |sku| product::sku(&sku));
        let price = faults.take(&at("price"), price(&told.price.0));
        let inventory = faults.maybe(&at("inventory"), told.inventory, product::inventory);
        if let Some((title, price)) = title.zip(price) {
            let new = new();
            let variant = Variant { id: id.unwrap_or(new), title, sku, price, inventory };
            all.push(Named { id, new, variant });
        }
    }
    all
}

impl Told {
    /// As a whole: what is left out is cleared, and the status stays.
    pub(super) fn whole(self) -> Result<Self, FlowError> {
        self.must_have_a_title()?;
        Ok(Self {
            handle: self.handle.or_cleared(),
            vendor: self.vendor.or_cleared(),
            kind: self.kind.or_cleared(),
            tags: self.tags.or_cleared(),
            image_url: self.image_url.or_cleared(),
            variants: self.variants.or_cleared(),
            ..self
        })
    }

    fn must_have_a_title(&self) -> Result<(), FlowError> {
        let missing = || FlowError::invalid("/title", "missing_member", "must be told");
        self.title.as_ref().map(drop).ok_or_else(missing)
    }

    pub(super) fn product(&self, id: ProductId, now: Timestamp) -> Result<Product, FlowError> {
        self.must_have_a_title()?;
        let mut product = Product {
            id,
            title: String::new(),
            handle: None,
            status: ProductStatus::Active,
            vendor: None,
            kind: None,
            tags: BTreeSet::new(),
            image_url: None,
            variants: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        self.apply(&mut product)?;
        Ok(product)
    }

    pub(super) fn apply(&self, product: &mut Product) -> Result<(), FlowError> {
        if let Some(title) = &self.title {
            product.title.clone_from(title);
        }
        product.status = self.status.unwrap_or(product.status);
        self.handle.apply(&mut product.handle);
        self.vendor.apply(&mut product.vendor);
        self.kind.apply(&mut product.kind);
        self.image_url.apply(&mut product.image_url);
        match &self.tags {
            Part::Left => {}
            Part::Cleared => product.tags.clear(),
            Part::Told(told) => {
                let tags = fields::tags(&product.tags, told.iter().cloned());
                product.tags =
                    tags.map_err(|wrong| FlowError::invalid("/tags", "invalid", wrong.to_string()))?;
            }
        }
        match &self.variants {
            Part::Left => {}
            Part::Cleared => product.variants.clear(),
            Part::Told(told) => product.variants = named(told, &product.variants),
        }
        if let Some((row, what)) = product::told_twice(&product.variants) {
            let at = format!("/variants/{row}/{what}");
            return Err(FlowError::invalid(at, "invalid", BadProduct::Twice.to_string()));
        }
        if product.bytes() > PRODUCT_BYTES_MAX {
            let most = PRODUCT_BYTES_MAX / 1024;
            let sentence = format!("is too much for one product: all that is told may be {most} KB together");
            return Err(FlowError::invalid("", "too_large", sentence));
        }
        Ok(())
    }
}

/// Who tells a title again without an id means the variant that has it.
fn named(told: &[Named], held: &[Variant]) -> Vec<Variant> {
    let known = product::ids_by_title(held);
    let told = told.iter().map(|told| {
        let found = || known.get(&told.variant.title.to_lowercase()).copied();
        Variant { id: told.id.or_else(found).unwrap_or(told.new), ..told.variant.clone() }
    });
    told.collect()
}

//! Products, page by page or one by its id with all of its variants.

use domain::{ProductId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Ask, Data, InParts, PageInfo, Refusal,
    stretch::{Connection, Page, Stretch},
};
use crate::told::{Amount, Id, ProductSaid, ProductTold, Reading, Tags, Unkept, VariantSaid};

/// As they were changed.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct ProductsPage(pub Stretch);

/// `None`: there is no product of that id.
#[derive(Debug, Clone, Serialize)]
pub struct ProductById {
    id: String,
    after: Option<String>,
}

impl ProductById {
    /// By Shopify's number.
    pub fn new(number: u64) -> Self {
        Self { id: Id(number).gid("Product"), after: None }
    }
}

impl Ask for ProductById {
    const DOCUMENT: &'static str = include_str!("../../queries/product_by_id.graphql");
    type Answer = Option<ProductNode>;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        struct Root {
            product: Option<ProductNode>,
        }
        Ok(data.of::<Root>()?.product)
    }
}

impl Ask for ProductsPage {
    const DOCUMENT: &'static str = include_str!("../../queries/products_page.graphql");
    type Answer = Page<ProductNode>;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        struct Root {
            products: Connection<ProductNode>,
        }
        Ok(data.of::<Root>()?.products.page())
    }
}

/// A product as GraphQL gives it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductNode {
    id: Id,
    title: Option<String>,
    handle: Option<String>,
    vendor: Option<String>,
    #[serde(rename = "productType")]
    kind: Option<String>,
    status: Option<String>,
    tags: Option<Tags>,
    created_at: Option<Timestamp>,
    updated_at: Timestamp,
    featured_media: Option<Media>,
    variants: Variants,
}

#[derive(Debug, Clone, Deserialize)]
struct Media {
    preview: Option<Preview>,
}

#[derive(Debug, Clone, Deserialize)]
struct Preview {
    image: Option<Image>,
}

#[derive(Debug, Clone, Deserialize)]
struct Image {
    url: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Variants {
    nodes: Vec<Variant>,
    page_info: PageInfo,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Variant {
    id: Id,
    title: Option<String>,
    sku: Option<String>,
    price: Option<Amount>,
    inventory_quantity: Option<i64>,
}

impl ProductNode {
    pub fn id(&self) -> ProductId {
        ProductId::Shopify(self.id.0)
    }

    /// The watermark of a sync is the greatest of these.
    pub fn updated_at(&self) -> Timestamp {
        self.updated_at
    }

    pub fn told(self, reading: &Reading<'_>) -> Result<ProductTold, Unkept> {
        let image = self.featured_media.and_then(|media| media.preview).and_then(|preview| preview.image);
        ProductSaid {
            id: self.id,
            title: self.title,
            handle: self.handle,
            status: self.status,
            vendor: self.vendor,
            kind: self.kind,
            tags: self.tags,
            image_url: image.and_then(|image| image.url),
            lacks_variants: self.variants.page_info.next().is_some(),
            variants: self.variants.nodes.into_iter().map(Variant::said).collect(),
            created_at: self.created_at,
            updated_at: Some(self.updated_at),
        }
        .told(reading)
    }
}

/// A product has at most 2,048 variants.
impl InParts for ProductNode {
    type More = ProductById;
    /// The same product, with those of its variants that are behind the cursor.
    type Rest = Self;
    const QUESTIONS_MAX: usize = 12;

    fn more(&self) -> Option<ProductById> {
        let after = self.variants.page_info.clone().next()?;
        Some(ProductById { id: self.id.gid("Product"), after: Some(after) })
    }

    fn take(&mut self, rest: Self) {
        self.variants.nodes.extend(rest.variants.nodes);
        self.variants.page_info = rest.variants.page_info;
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

//! A product as Shopify has it.

use std::collections::BTreeSet;

use domain::{
    Product, ProductId, Timestamp, VariantId, fields,
    product::{self, PRODUCT_BYTES_MAX, ProductStatus, TITLE_CHARS_MAX, VARIANTS_MAX, Variant},
};

use super::{Amount, Id, PassedOver, Reader, Reading, Tags, Unkept};

const UNNAMED: &str = "Product";

/// What is told of a product: all of it, as `flows::record` takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductTold {
    pub product: Product,
    /// There are variants that were not told.
    pub lacks_variants: bool,
    pub passed_over: Vec<PassedOver>,
}

/// As it stands in JSON, whichever form that has. Prices are in the shop's currency.
#[derive(Debug, Clone)]
pub(crate) struct ProductSaid {
    pub(crate) id: Id,
    pub(crate) title: Option<String>,
    pub(crate) handle: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) vendor: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) tags: Option<Tags>,
    pub(crate) image_url: Option<String>,
    pub(crate) variants: Vec<VariantSaid>,
    pub(crate) lacks_variants: bool,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) updated_at: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub(crate) struct VariantSaid {
    pub(crate) id: Id,
    pub(crate) title: Option<String>,
    pub(crate) sku: Option<String>,
    pub(crate) price: Option<Amount>,
    pub(crate) inventory: Option<i64>,
}

impl ProductSaid {
    pub(crate) fn told(self, reading: &Reading<'_>) -> Result<ProductTold, Unkept> {
        let mut reader = Reader::new(reading);
        let it = &mut reader;
        let updated_at = self.updated_at.ok_or_else(|| Unkept::of("updated_at", "is missing"))?;
        let title = self.title.and_then(|title| it.line("title", &title, TITLE_CHARS_MAX));
        let status = self.status.as_deref().unwrap_or("active").parse();
        // What we do not understand is not on sale.
        let status = it.take("status", status).unwrap_or(ProductStatus::Draft);
        let mut line =
            |what, text: Option<String>| text.and_then(|text| it.line(what, &text, fields::PLACE_CHARS_MAX));
        let (vendor, kind) = (line("vendor", self.vendor), line("kind", self.kind));
        let handle = self.handle.filter(|handle| !handle.is_empty());
        let handle = handle.and_then(|handle| it.take("handle", product::handle(&handle)));
        let image_url = self.image_url.and_then(|url| it.take("image_url", product::image_url(&url)));
        let tags = it.tags(self.tags.map(|tags| tags.0).unwrap_or_default());
        let tags = fields::tags(&BTreeSet::new(), tags).map_err(|why| Unkept::of("tags", why))?;
        let mut product = Product {
            id: ProductId::Shopify(self.id.0),
            title: title.unwrap_or_else(|| UNNAMED.to_owned()),
            handle,
            status,
            vendor,
            kind,
            tags,
            image_url,
            variants: variants(self.variants, it)?,
            created_at: self.created_at.unwrap_or(updated_at),
            updated_at,
        };
        if product.bytes() > PRODUCT_BYTES_MAX {
            it.pass_over("variants", "are more than may be kept of one product");
            while product.bytes() > PRODUCT_BYTES_MAX && product.variants.pop().is_some() {}
        }
        Ok(ProductTold { product, lacks_variants: self.lacks_variants, passed_over: reader.passed_over() })
    }
}

/// No two have one title: a second one is told apart by its number.
fn variants(said: Vec<VariantSaid>, it: &mut Reader<'_>) -> Result<Vec<Variant>, Unkept> {
    let mut variants: Vec<Variant> = Vec::new();
    let (mut ids, mut titles) = (BTreeSet::new(), BTreeSet::new());
    for variant in said {
        let id = VariantId::Shopify(variant.id.0);
        if variants.len() == VARIANTS_MAX || !ids.insert(id) {
            it.pass_over("variants", "beyond what may be kept, or told twice, were passed over");
            continue;
        }
        let title = variant.title.and_then(|title| it.line("variant.title", &title, TITLE_CHARS_MAX - 22));
        let title = title.unwrap_or_else(|| "Default Title".to_owned());
        let title = if titles.insert(title.to_lowercase()) { title } else { format!("{title} {id}") };
        titles.insert(title.to_lowercase());
        let price = variant.price.ok_or_else(|| Unkept::of("variant.price", "is missing"))?;
        let sku = variant.sku.and_then(|sku| it.line("variant.sku", &sku, product::SKU_CHARS_MAX));
        let inventory =
            variant.inventory.and_then(|count| it.take("variant.inventory", product::inventory(count)));
        variants.push(Variant { id, title, sku, price: it.price("variant.price", &price)?, inventory });
    }
    Ok(variants)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told::reader::tests::{EUROS, reading};

    fn variant(id: u64, title: &str) -> VariantSaid {
        let price = Some(Amount("19.9".into()));
        VariantSaid { id: Id(id), title: Some(title.into()), sku: None, price, inventory: Some(3) }
    }

    fn said(variants: Vec<VariantSaid>) -> ProductSaid {
        ProductSaid {
            id: Id(7),
            title: Some("Tea".into()),
            handle: Some("tea".into()),
            status: Some("ACTIVE".into()),
            vendor: Some(String::new()),
            kind: None,
            tags: Some(Tags(vec!["Green".into(), "green".into()])),
            image_url: None,
            variants,
            lacks_variants: false,
            created_at: None,
            updated_at: Some(Timestamp::UNIX_EPOCH),
        }
    }

    #[test]
    fn no_two_variants_are_called_the_same() {
        let variants =
            vec![variant(1, "Small"), variant(2, "small"), variant(2, "Large"), variant(3, "small s2")];
        let told = said(variants).told(&reading(EUROS)).unwrap();
        let titles: Vec<_> = told.product.variants.iter().map(|variant| variant.title.as_str()).collect();
        assert_eq!(titles, ["Small", "small s2", "small s2 s3"]);
        assert_eq!(product::told_twice(&told.product.variants), None);
        assert_eq!(told.product.variants[0].price.get(), 1_990);
        assert_eq!(told.product.tags.len(), 1);
        assert_eq!(told.passed_over.len(), 1);
    }

    #[test]
    fn one_bad_field_does_not_cost_a_product() {
        let wrong = ProductSaid {
            status: Some("SOON".into()),
            handle: Some("Not A Handle".into()),
            image_url: Some("javascript:alert(1)".into()),
            title: None,
            ..said(vec![VariantSaid { inventory: Some(i64::MAX), ..variant(1, "") }])
        };
        let told = wrong.told(&reading(EUROS)).unwrap();
        let noted: Vec<_> = told.passed_over.iter().map(|it| it.what).collect();
        assert_eq!(noted, ["status", "handle", "image_url", "variant.inventory"]);
        assert_eq!(told.product.status, ProductStatus::Draft);
        assert_eq!(
            (told.product.title.as_str(), told.product.variants[0].title.as_str()),
            ("Product", "Default Title")
        );
        let priceless = said(vec![VariantSaid { price: None, ..variant(1, "Small") }]);
        assert_eq!(priceless.told(&reading(EUROS)).unwrap_err().what, "variant.price");
        assert_eq!(
            ProductSaid { updated_at: None, ..said(vec![]) }.told(&reading(EUROS)).unwrap_err().what,
            "updated_at"
        );
    }

    #[test]
    fn a_product_of_any_size_is_kept_as_far_as_it_may_be() {
        let many = (1..=3_000).map(|id| variant(id, &format!("{id} {}", "x".repeat(100)))).collect();
        let told = said(many).told(&reading(EUROS)).unwrap();
        assert!(told.product.bytes() <= PRODUCT_BYTES_MAX && told.product.variants.len() > 500);
        assert!(!told.passed_over.is_empty());
    }
}

//! A product: what a shop sells, in its variants.
//!
//! Newer wins by `updated_at`, whatever comes when. One that was deleted stays as the instant of its end, so that an
//! older word cannot bring it back.

use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};

use crate::{Minor, ProductId, Timestamp, VariantId, fields};

pub const TITLE_CHARS_MAX: usize = 255;
pub const HANDLE_CHARS_MAX: usize = 255;
pub const SKU_CHARS_MAX: usize = 255;
pub const URL_BYTES_MAX: usize = 2_048;
/// As many as Shopify knows.
pub const VARIANTS_MAX: usize = 2_048;
/// What may be told of one product in all: its item and the answer that is kept with it hold 400 KB, with every name.
pub const PRODUCT_BYTES_MAX: usize = 128 * 1024;
/// Things of one kind in stock, or owed, either way.
pub const INVENTORY_MAX: i64 = 1_000_000_000;

/// Of more products than this, or with more tags on them in all, rules do not ask what they are tagged with: they are read
/// whole, and their tags held.
pub const TAGGED_MAX: usize = 20_000;
pub const TAGS_MAX: usize = 500_000;

/// Prices are in the shop's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub id: ProductId,
    pub title: String,
    /// Its name in the shop's addresses: "earl-grey".
    pub handle: Option<String>,
    pub status: ProductStatus,
    pub vendor: Option<String>,
    /// What kind of thing it is, in the shop's words.
    pub kind: Option<String>,
    /// Compared without case; kept as first told.
    pub tags: BTreeSet<String>,
    pub image_url: Option<String>,
    /// In the shop's order; no two of one title.
    pub variants: Vec<Variant>,
    pub created_at: Timestamp,
    /// When the shop last changed it.
    pub updated_at: Timestamp,
}

/// What is put into the basket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    pub id: VariantId,
    pub title: String,
    pub sku: Option<String>,
    pub price: Minor,
    /// `None`: nobody counts. Less than nothing: sold before it was there.
    pub inventory: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductStatus {
    Active,
    Draft,
    Archived,
    /// On sale for whoever knows its address.
    Unlisted,
}

/// What is kept under a product's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    Product(Box<Product>),
    /// It was deleted then.
    Gone(Timestamp),
}

/// Why a product cannot be so. The end of a sentence that begins with the member's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadProduct {
    #[error("is not one of active, draft, archived, unlisted")]
    Status,
    #[error("must be 1 to {HANDLE_CHARS_MAX} small letters, digits and hyphens, as in an address")]
    Handle,
    #[error("is not an address of a picture: https://… of at most {URL_BYTES_MAX} bytes is expected")]
    Url,
    #[error("may hold at most {VARIANTS_MAX}")]
    Variants,
    #[error("is told of two variants")]
    Twice,
    #[error("must be a whole number, at most {INVENTORY_MAX} either way")]
    Inventory,
}

impl Kept {
    /// What it is tagged with: what was deleted is tagged with nothing.
    pub fn tags(&self) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        match self {
            Self::Product(product) => &product.tags,
            Self::Gone(_) => &NONE,
        }
    }

    /// Whether a word of that instant may count. Newer wins; of two equally new words see `Beside`, and never one about what
    /// was deleted at that instant.
    pub fn gives_way_to(&self, at: Timestamp) -> bool {
        match self {
            Self::Product(product) => product.updated_at <= at,
            Self::Gone(gone_at) => *gone_at < at,
        }
    }
}

impl Product {
    /// The least and the most that a variant costs.
    pub fn prices(&self) -> Option<(Minor, Minor)> {
        let prices = || self.variants.iter().map(|variant| variant.price);
        prices().min().zip(prices().max())
    }

    /// What is there of all variants that are counted. `None`: nobody counts any.
    pub fn inventory(&self) -> Option<i64> {
        let counted = self.variants.iter().filter_map(|variant| variant.inventory);
        counted.fold(None, |sum: Option<i64>, more| Some(sum.unwrap_or(0).saturating_add(more)))
    }

    /// About what all that is told of it takes when it is kept: each member's name counts as a few bytes.
    pub fn bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, |text| text.len() + 8);
        let variant =
            |variant: &Variant| variant.title.len() + variant.sku.as_ref().map_or(0, String::len) + 64;
        let texts = [&self.handle, &self.vendor, &self.kind, &self.image_url];
        self.title.len()
            + texts.into_iter().map(text).sum::<usize>()
            + self.tags.iter().map(|tag| tag.len() + 4).sum::<usize>()
            + self.variants.iter().map(variant).sum::<usize>()
    }
}

impl ProductStatus {
    pub const ALL: [Self; 4] = [Self::Active, Self::Draft, Self::Archived, Self::Unlisted];

    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Draft => "draft",
            Self::Archived => "archived",
            Self::Unlisted => "unlisted",
        }
    }
}

impl FromStr for ProductStatus {
    type Err = BadProduct;

    /// In whichever case: Shopify's GraphQL shouts.
    fn from_str(text: &str) -> Result<Self, BadProduct> {
        let word = text.trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|status| status.name() == word).ok_or(BadProduct::Status)
    }
}

/// A name as addresses have it. Letters may be of any alphabet.
pub fn handle(text: &str) -> Result<String, BadProduct> {
    let text = text.trim();
    let is_plain = text.chars().all(|letter| {
        (letter.is_alphanumeric() && !letter.is_uppercase()) || matches!(letter, '-' | '_' | '.')
    });
    let fits = (1..=HANDLE_CHARS_MAX).contains(&text.chars().count());
    if is_plain && fits { Ok(text.to_owned()) } else { Err(BadProduct::Handle) }
}

/// Where its picture is: over TLS, and nothing that a page could take for more than an address.
pub fn image_url(text: &str) -> Result<String, BadProduct> {
    let text = text.trim();
    let host = text.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    let has_host = host.is_some_and(|host| {
        !host.is_empty() && host.chars().all(|letter| letter.is_alphanumeric() || ".-:".contains(letter))
    });
    let is_plain = !text.chars().any(|letter| {
        letter.is_whitespace() || letter.is_control() || matches!(letter, '"' | '\'' | '<' | '>' | '\\' | '`')
    });
    if has_host && is_plain && text.len() <= URL_BYTES_MAX {
        Ok(text.to_owned())
    } else {
        Err(BadProduct::Url)
    }
}

pub fn title(text: &str) -> Result<String, fields::BadField> {
    fields::line(text, TITLE_CHARS_MAX)
}

pub fn sku(text: &str) -> Result<String, fields::BadField> {
    fields::line(text, SKU_CHARS_MAX)
}

pub fn inventory(count: i64) -> Result<i64, BadProduct> {
    if (-INVENTORY_MAX..=INVENTORY_MAX).contains(&count) { Ok(count) } else { Err(BadProduct::Inventory) }
}

/// Where in the list something is told of two: their place, and what of them.
pub fn told_twice(variants: &[Variant]) -> Option<(usize, &'static str)> {
    let (mut ids, mut titles) = (BTreeSet::new(), BTreeSet::new());
    variants.iter().enumerate().find_map(|(place, variant)| {
        if !ids.insert(variant.id) {
            return Some((place, "id"));
        }
        (!titles.insert(variant.title.to_lowercase())).then_some((place, "title"))
    })
}

/// The ids of variants by their titles, so that who tells them again without ids means the same ones.
pub fn ids_by_title(variants: &[Variant]) -> BTreeMap<String, VariantId> {
    variants.iter().map(|variant| (variant.title.to_lowercase(), variant.id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn variant(number: u64, title: &str, price: i64, inventory: Option<i64>) -> Variant {
        let price = Minor::new(price).unwrap();
        Variant { id: VariantId::Shopify(number), title: title.to_owned(), sku: None, price, inventory }
    }

    fn product(variants: Vec<Variant>) -> Product {
        Product {
            id: ProductId::Shopify(7),
            title: "Tea".to_owned(),
            handle: None,
            status: ProductStatus::Active,
            vendor: None,
            kind: None,
            tags: BTreeSet::new(),
            image_url: None,
            variants,
            created_at: at(0),
            updated_at: at(5),
        }
    }

    #[test]
    fn newer_wins_and_what_is_gone_does_not_come_back_by_an_older_word() {
        let check = |kept: &Kept, second: i64, expected: bool| {
            assert_eq!(kept.gives_way_to(at(second)), expected, "{kept:?} to {second}");
        };
        let kept = Kept::Product(Box::new(product(Vec::new())));
        check(&kept, 4, false);
        check(&kept, 5, true);
        check(&kept, 6, true);
        check(&Kept::Gone(at(5)), 4, false);
        check(&Kept::Gone(at(5)), 5, false);
        check(&Kept::Gone(at(5)), 6, true);
    }

    #[test]
    fn prices_and_stock_are_those_of_the_variants() {
        assert_eq!((product(Vec::new()).prices(), product(Vec::new()).inventory()), (None, None));
        let two = product(vec![variant(1, "S", 900, None), variant(2, "L", 500, Some(-3))]);
        let (least, most) = two.prices().unwrap();
        assert_eq!((least.get(), most.get(), two.inventory()), (500, 900, Some(-3)));
        let full = product(vec![variant(1, "S", 1, Some(i64::MAX)), variant(2, "L", 1, Some(2))]);
        assert_eq!(full.inventory(), Some(i64::MAX));
    }

    #[test]
    fn no_two_variants_are_one() {
        let check = |variants: &[Variant], expected| assert_eq!(told_twice(variants), expected);
        check(&[variant(1, "S", 1, None), variant(2, "L", 1, None)], None);
        check(&[variant(1, "S", 1, None), variant(1, "L", 1, None)], Some((1, "id")));
        check(&[variant(1, "S", 1, None), variant(2, "s", 1, None)], Some((1, "title")));
        assert_eq!(ids_by_title(&[variant(1, "S", 1, None)])["s"], VariantId::Shopify(1));
    }

    #[test]
    fn words_are_read_as_shops_write_them() {
        assert_eq!("ACTIVE".parse(), Ok(ProductStatus::Active));
        assert_eq!("sold".parse::<ProductStatus>(), Err(BadProduct::Status));
        for right in ["earl-grey", "tee-größe-3", "çay_1.5", "緑茶"] {
            assert_eq!(handle(right).as_deref(), Ok(right));
        }
        for wrong in ["", "Earl", "earl grey", "a/b", "a?b", "a#b", &"a".repeat(256)] {
            assert_eq!(handle(wrong), Err(BadProduct::Handle), "{wrong:?}");
        }
        for right in ["https://cdn.example.com/a.jpg?v=1", "https://localhost:8787/x"] {
            assert_eq!(image_url(right).as_deref(), Ok(right));
        }
        let long = format!("https://example.com/{}", "a".repeat(URL_BYTES_MAX));
        for wrong in [
            "",
            "http://example.com/a",
            "https://",
            "https:///a",
            "javascript:alert(1)",
            "https://a b/c",
            "https://a/\"onerror",
            &long,
        ] {
            assert_eq!(image_url(wrong), Err(BadProduct::Url), "{wrong:?}");
        }
        assert_eq!(inventory(INVENTORY_MAX + 1), Err(BadProduct::Inventory));
    }

    #[test]
    fn all_that_is_told_has_a_weight() {
        let text = "x".repeat(1_000);
        let check = |told: fn(&mut Product, String)| {
            let mut product = product(Vec::new());
            let before = product.bytes();
            told(&mut product, text.clone());
            assert!((1_000..1_100).contains(&(product.bytes() - before)), "{}", product.bytes());
        };
        check(|product, text| product.title += &text);
        check(|product, text| product.vendor = Some(text));
        check(|product, text| product.tags = [text].into());
        check(|product, text| product.variants = vec![variant(1, &text, 1, None)]);
        check(|product, text| {
            product.variants = vec![Variant { sku: Some(text), ..variant(1, "", 1, None) }];
        });
    }
}

//! Which products a list is of, and in which order.

use std::cmp::Ordering;

use columns::fold;
use domain::{Product, product::ProductStatus};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::{
    customers::filter::{one_of, told},
    error::Problem,
    input::Faults,
};

const SEARCH_WORDS_MAX: usize = 10;
const SEARCH_CHARS_MAX: usize = 200;

/// What a list may be asked. What is told empty is not told.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProductsAsked {
    /// How many at most: 1 to 100, 20 unless told.
    pub(super) limit: Option<usize>,
    /// The `next` of the page before.
    pub(super) cursor: Option<String>,
    /// For callers who count pages, from 1 on; `cursor` is better, and goes further.
    pub(super) page: Option<usize>,
    /// Words, each of which is somewhere in title, vendor, type, tags or SKUs; case and accents do not matter.
    #[serde(alias = "q")]
    search: Option<String>,
    /// `active`, `draft`, `archived` or `unlisted`.
    status: Option<String>,
    /// In full; case and accents do not matter.
    vendor: Option<String>,
    #[serde(alias = "productType", alias = "type")]
    product_type: Option<String>,
    tag: Option<String>,
    /// `created_at` unless told, `updated_at`, `title`, `price` (of the cheapest variant) or `inventory`.
    #[serde(alias = "sortBy")]
    sort: Option<String>,
    /// `desc` unless told, or `asc`. What has no value comes last either way.
    #[serde(alias = "sortOrder")]
    order: Option<String>,
}

/// A list's question, understood. Texts are folded.
#[derive(Debug)]
pub(super) struct Question {
    words: Vec<String>,
    status: Option<ProductStatus>,
    vendor: Option<String>,
    kind: Option<String>,
    tag: Option<String>,
    pub(super) by: By,
    pub(super) backward: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Created,
    Updated,
    Title,
    Price,
    Inventory,
}

const SORTS: [(&str, &[&str], By); 5] = [
    ("created_at", &["createdAt"], By::Created),
    ("updated_at", &["updatedAt"], By::Updated),
    ("title", &["name"], By::Title),
    ("price", &[], By::Price),
    ("inventory", &["inventory_quantity", "inventoryQuantity"], By::Inventory),
];

/// By what a product is put in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Rank {
    Number(i64),
    Text(String),
}

/// Where a product stands in a list. No two products share a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Standing {
    rank: Option<Rank>,
    id: String,
}

impl ProductsAsked {
    pub(super) fn understood(&self) -> Result<Question, Problem> {
        let mut faults = Faults::default();
        let it = &mut faults;
        let words = it.maybe("?search", told(self.search.as_ref()), searched);
        let status = it.maybe("?status", told(self.status.as_ref()), str::parse);
        let by = it.take("?sort", sorted(told(self.sort.as_ref())));
        let order = told(self.order.as_ref()).unwrap_or("desc").to_ascii_lowercase();
        let backward = it.take("?order", one_of(&order, &["asc", "desc"])).map(|order| order == "desc");
        let (by, backward) = faults.none(by.zip(backward))?;
        let folded = |asked: &Option<String>| told(asked.as_ref()).map(fold);
        Ok(Question {
            words: words.unwrap_or_default(),
            status,
            vendor: folded(&self.vendor),
            kind: folded(&self.product_type),
            tag: folded(&self.tag),
            by,
            backward,
        })
    }
}

fn searched(search: &str) -> Result<Vec<String>, String> {
    let words: Vec<String> = search.split_whitespace().map(fold).collect();
    if words.len() > SEARCH_WORDS_MAX || search.chars().count() > SEARCH_CHARS_MAX {
        return Err(format!("may have at most {SEARCH_WORDS_MAX} words and {SEARCH_CHARS_MAX} letters"));
    }
    Ok(words)
}

fn sorted(told: Option<&str>) -> Result<By, String> {
    let told = told.unwrap_or("created_at");
    let found = SORTS.iter().find(|(name, others, _)| *name == told || others.contains(&told));
    let names = || SORTS.map(|(name, ..)| name).join(", ");
    found.map(|(.., by)| *by).ok_or_else(|| format!("is not one of {}", names()))
}

impl Question {
    pub(super) fn takes(&self, product: &Product) -> bool {
        let is = |asked: &Option<String>, held: Option<&String>| {
            asked.as_ref().is_none_or(|asked| held.is_some_and(|held| fold(held) == *asked))
        };
        self.status.is_none_or(|status| status == product.status)
            && is(&self.vendor, product.vendor.as_ref())
            && is(&self.kind, product.kind.as_ref())
            && (self.tag.is_none() || product.tags.iter().any(|tag| is(&self.tag, Some(tag))))
            && self.is_found(product)
    }

    /// Each word is somewhere in what names the product.
    fn is_found(&self, product: &Product) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let skus = product.variants.iter().filter_map(|variant| variant.sku.as_ref());
        let texts = [Some(&product.title), product.vendor.as_ref(), product.kind.as_ref()];
        let texts = texts.into_iter().flatten().chain(&product.tags).chain(skus);
        let texts: Vec<String> = texts.map(|text| fold(text)).collect();
        self.words.iter().all(|word| texts.iter().any(|text| text.contains(word.as_str())))
    }

    pub(super) fn standing(&self, product: &Product) -> Standing {
        let rank = match self.by {
            By::Created => Some(Rank::Number(product.created_at.as_millisecond())),
            By::Updated => Some(Rank::Number(product.updated_at.as_millisecond())),
            By::Title => Some(Rank::Text(fold(&product.title))),
            By::Price => product.prices().map(|(least, _)| Rank::Number(least.get())),
            By::Inventory => product.inventory().map(Rank::Number),
        };
        Standing { rank, id: product.id.to_string() }
    }

    pub(super) fn order(&self, one: &Standing, other: &Standing) -> Ordering {
        let turned = |order: Ordering| if self.backward { order.reverse() } else { order };
        let absent = one.rank.is_none().cmp(&other.rank.is_none());
        absent.then_with(|| turned(one.rank.cmp(&other.rank).then_with(|| one.id.cmp(&other.id))))
    }
}

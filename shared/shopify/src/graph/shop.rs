//! The shop itself: who it is, what we may do there, how much there is of it, and what it has defined of its own.

use std::collections::BTreeMap;

use domain::{Currency, Timestamp, Zone, own::AttributeKind};
use serde::{Deserialize, Serialize};

use super::{Ask, Data, Refusal};
use crate::{
    ShopDomain,
    oauth::Scopes,
    told::{Id, metafield_kind, metafield_name},
};

#[derive(Debug, Clone, Copy, Serialize)]
pub struct ShopInfo {}

/// What a connection needs to know of its shop.
#[derive(Debug, Clone, PartialEq)]
pub struct ShopSeen {
    /// Shopify's number of it.
    pub number: u64,
    pub name: String,
    pub domain: ShopDomain,
    /// `None`: one that we cannot count in.
    pub currency: Option<Currency>,
    pub zone: Option<Zone>,
    /// Two letters: for telephone numbers that do not say their own.
    pub country: Option<String>,
    pub created_at: Option<Timestamp>,
    pub scopes: Scopes,
}

/// Whoever wants to know them all tells no filters.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Counts {
    customers: Option<String>,
    orders: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopCounts {
    pub customers: Count,
    pub orders: Count,
    pub products: Count,
    /// What it has defined of its own for its customers and pinned, by `facts.birth_date`, and can be compared.
    pub metafields: BTreeMap<String, AttributeKind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub count: u64,
    /// Else there are so many at least.
    pub is_exact: bool,
}

impl Counts {
    /// Of customers and orders that were changed within that time, and of all products.
    pub fn updated(window: &super::Window) -> Self {
        let query = window.query("updated_at");
        Self { customers: query.clone(), orders: query }
    }
}

impl Ask for ShopInfo {
    const DOCUMENT: &'static str = include_str!("../../queries/shop.graphql");
    type Answer = ShopSeen;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Root {
            shop: Shop,
            current_app_installation: Installation,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Shop {
            id: Id,
            name: String,
            myshopify_domain: ShopDomain,
            currency_code: String,
            iana_timezone: String,
            created_at: Option<Timestamp>,
            #[serde(rename = "shopAddress")]
            address: Option<Address>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Address {
            country_code_v2: Option<String>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Installation {
            access_scopes: Vec<Scope>,
        }
        #[derive(Deserialize)]
        struct Scope {
            handle: String,
        }
        let Root { shop, current_app_installation: installation } = data.of()?;
        Ok(ShopSeen {
            number: shop.id.0,
            name: shop.name,
            domain: shop.myshopify_domain,
            currency: shop.currency_code.parse().ok(),
            zone: shop.iana_timezone.parse().ok(),
            country: shop.address.and_then(|address| address.country_code_v2),
            created_at: shop.created_at,
            scopes: installation.access_scopes.into_iter().map(|scope| scope.handle).collect(),
        })
    }
}

impl Ask for Counts {
    const DOCUMENT: &'static str = include_str!("../../queries/counts.graphql");
    type Answer = ShopCounts;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        struct Root {
            #[serde(rename = "customersCount")]
            customers: Told,
            #[serde(rename = "ordersCount")]
            orders: Told,
            #[serde(rename = "productsCount")]
            products: Told,
            #[serde(rename = "metafieldDefinitions")]
            metafields: Definitions,
        }
        #[derive(Deserialize)]
        struct Definitions {
            nodes: Vec<Definition>,
        }
        #[derive(Deserialize)]
        struct Definition {
            namespace: String,
            key: String,
            #[serde(rename = "type")]
            of: Type,
        }
        #[derive(Deserialize)]
        struct Type {
            name: String,
        }
        #[derive(Deserialize)]
        struct Told {
            count: u64,
            precision: String,
        }
        let count = |told: Told| Count { count: told.count, is_exact: told.precision == "EXACT" };
        let root: Root = data.of()?;
        let defined = root.metafields.nodes.into_iter().filter_map(|Definition { namespace, key, of }| {
            metafield_name(&namespace, &key)?;
            Some((format!("{namespace}.{key}"), metafield_kind(&of.name)?))
        });
        Ok(ShopCounts {
            customers: count(root.customers),
            orders: count(root.orders),
            products: count(root.products),
            metafields: defined.collect(),
        })
    }
}

//! What can be asked of a product.

use serde_json::json;

use super::{
    Ask, Worth,
    object::{Answer, Arguments, Connection, Thing, leaf, list, object, told, unknown},
    query::number,
};
use crate::{
    demo::shop::CURRENCY,
    shopify::{
        books::records::{Product, ProductStatus, Variant, loud, quiet},
        ids::{Kind, gid, id},
        words::{decimal, money, utc},
    },
};

pub(super) fn field<'a>(
    ask: &'a Ask<'_>,
    product: &Product,
    field: &str,
    arguments: &Arguments<'a>,
) -> Answer<'a> {
    let is_on_sale = product.status == ProductStatus::Active;
    Ok(match field {
        "id" => leaf(gid(Kind::Product, product.id)),
        "legacyResourceId" => number(product.id),
        "title" => leaf(product.title.clone()),
        "handle" => leaf(product.handle.clone()),
        "vendor" => leaf(product.vendor.clone()),
        "productType" => leaf(product.kind.clone()),
        "status" => leaf(loud(product.status)),
        "tags" => list(product.tags.clone().into_iter().map(leaf)),
        "totalInventory" => leaf(product.variants.iter().map(|variant| variant.inventory).sum::<i64>()),
        "isGiftCard" => leaf(false),
        "createdAt" => leaf(utc(product.created_at)),
        "updatedAt" => leaf(utc(product.updated_at)),
        "publishedAt" => leaf(is_on_sale.then(|| utc(product.created_at))),
        "onlineStoreUrl" => {
            leaf(is_on_sale.then(|| format!("https://{}/products/{}", ask.front.domain, product.handle)))
        }
        "priceRangeV2" => {
            let prices = product.variants.iter().map(|variant| variant.price);
            let price = |cents: Option<i64>| json!({"amount": decimal(cents.unwrap_or_default()), "currencyCode": CURRENCY});
            let (least, most) = (price(prices.clone().min()), price(prices.max()));
            told(ask, "ProductPriceRangeV2", json!({"minVariantPrice": least, "maxVariantPrice": most}))
        }
        "featuredMedia" => match &product.image {
            None => leaf(serde_json::Value::Null),
            Some(url) => {
                let preview = json!({"image": {"url": url, "altText": product.title}});
                told(ask, "MediaImage", json!({"preview": preview}))
            }
        },
        "category" => {
            let id = gid(Kind::TaxonomyCategory, id(Kind::TaxonomyCategory, 0));
            told(
                ask,
                "TaxonomyCategory",
                json!({"id": id, "fullName": "Food, Beverages & Tobacco > Beverages"}),
            )
        }
        "variants" => {
            let part = ask.part_within(arguments)?;
            let rows = (0..).zip(&product.variants).map(|(place, one)| ((place, one.id), variant(one)));
            object(ask, Thing::Connection(Connection::new("ProductVariant", part.of_rows(rows))))
        }
        _ => return Err(unknown()),
    })
}

pub(super) fn variant(variant: &Variant) -> Thing {
    Thing::Told(
        "ProductVariant",
        json!({
            "id": gid(Kind::ProductVariant, variant.id),
            "title": variant.title,
            "sku": variant.sku,
            "price": money(variant.price),
            "inventoryQuantity": variant.inventory,
        }),
    )
}

/// What a search can ask of it. `None`: there is no such field.
pub(super) fn worth(product: &Product, field: &str) -> Option<Worth> {
    Some(match field {
        "title" | "default" => Worth::Words(vec![product.title.clone()]),
        "status" => Worth::Words(vec![quiet(product.status)]),
        "vendor" => Worth::Words(vec![product.vendor.clone()]),
        "product_type" => Worth::Words(vec![product.kind.clone()]),
        "handle" => Worth::Words(vec![product.handle.clone()]),
        "tag" => Worth::Words(product.tags.clone()),
        _ => return None,
    })
}

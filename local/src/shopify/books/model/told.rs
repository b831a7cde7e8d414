//! People and products in the forms of a shop's books.

use domain::{ConsentLevel, customer::CustomerKind, product as generated};
use jiff::Timestamp;

use crate::shopify::{
    books::{
        metafields,
        records::{Address, Consent, ConsentState, Customer, OptInLevel, Product, ProductStatus, Variant},
    },
    ids::{Kind, id, number},
};

/// As many as Shopify knows.
pub(in crate::shopify::books) const VARIANTS_MAX: u64 = 2_048;

pub(super) fn customer(number: u32, told: &domain::Customer) -> Customer {
    let number = u64::from(number);
    let address = told.addresses.first().map(|address| Address {
        id: id(Kind::MailingAddress, number),
        company: address.company.clone(),
        address1: address.line1.clone(),
        address2: address.line2.clone(),
        city: address.city.clone(),
        province: address.region.clone(),
        zip: address.postcode.clone(),
        country: address.country.clone(),
        phone: None,
    });
    Customer {
        id: id(Kind::Customer, number),
        first_name: told.first_name.clone(),
        last_name: told.last_name.clone(),
        email: told.email.as_ref().map(ToString::to_string),
        phone: told.phone.as_ref().map(ToString::to_string),
        is_enabled: told.kind == CustomerKind::Person && number % 4 == 0,
        locale: told.language.clone().unwrap_or_else(|| "de".to_owned()),
        note: told.note.clone(),
        tags: told.tags.iter().cloned().collect(),
        address,
        metafields: metafields::thought_up(number, told.birthday),
        email_consent: consent(told.email_consent.as_ref()),
        sms_consent: consent(told.sms_consent.as_ref()),
        orders: 0,
        spent: 0,
        last_order: None,
        created_at: told.created_at,
        updated_at: told.updated_at,
    }
}

fn consent(told: Option<&domain::Consent>) -> Consent {
    let Some(told) = told else { return Consent::NEVER };
    let state = match told.state {
        domain::ConsentState::NotSubscribed => ConsentState::NotSubscribed,
        domain::ConsentState::Subscribed => ConsentState::Subscribed,
        domain::ConsentState::Pending => ConsentState::Pending,
        domain::ConsentState::Unsubscribed => ConsentState::Unsubscribed,
        domain::ConsentState::Invalid => ConsentState::Invalid,
        domain::ConsentState::Redacted => ConsentState::Redacted,
    };
    let level = match told.level {
        ConsentLevel::SingleOptIn => OptInLevel::SingleOptIn,
        ConsentLevel::ConfirmedOptIn => OptInLevel::ConfirmedOptIn,
        ConsentLevel::Unknown => OptInLevel::Unknown,
    };
    Consent { state, level: Some(level), at: Timestamp::from_second(told.at.as_second()).ok() }
}

pub(in crate::shopify::books) fn variant_id(product: u64, which: u64) -> u64 {
    id(Kind::ProductVariant, product * VARIANTS_MAX + which)
}

/// The product of a variant of that id.
pub(in crate::shopify::books) fn product_of(variant: u64) -> Option<u64> {
    Some(id(Kind::Product, number(Kind::ProductVariant, variant)? / VARIANTS_MAX))
}

pub(super) fn product(place: u64, told: &domain::Product) -> Product {
    let variants = (0..).zip(&told.variants).map(|(which, variant)| Variant {
        id: variant_id(place, which),
        title: variant.title.clone(),
        sku: variant.sku.as_ref().map(ToString::to_string),
        price: variant.price.get(),
        inventory: variant.inventory.unwrap_or_default(),
    });
    Product {
        id: id(Kind::Product, place),
        title: told.title.clone(),
        handle: told.handle.clone().unwrap_or_default(),
        vendor: told.vendor.clone().unwrap_or_default(),
        kind: told.kind.clone().unwrap_or_default(),
        status: match told.status {
            generated::ProductStatus::Active | generated::ProductStatus::Unlisted => ProductStatus::Active,
            generated::ProductStatus::Draft => ProductStatus::Draft,
            generated::ProductStatus::Archived => ProductStatus::Archived,
        },
        tags: told.tags.iter().cloned().collect(),
        image: told.image_url.clone(),
        variants: variants.collect(),
        created_at: told.created_at,
        updated_at: told.updated_at,
    }
}

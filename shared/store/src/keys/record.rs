//! The keys of the record: customers and all that is theirs, baskets, addresses, products.

use domain::{CartName, CustomerId, OrderId, ProductId, TenantId, Thing, Timestamp, timeline::Channel};
use std::fmt::Display;

use super::{millis, spread, tenant_partition};
use crate::table::RawKey;

/// The partition of a customer and all that is theirs.
pub(crate) fn customer_partition(tenant: TenantId, customer: CustomerId) -> String {
    format!("T#{tenant}#C#{customer}")
}

pub(crate) const PROFILE: &str = "PROFILE";

pub(crate) fn customer(tenant: TenantId, customer: CustomerId) -> RawKey {
    RawKey::new(customer_partition(tenant, customer), PROFILE)
}

/// Among no events: it is no part of what happened.
pub(crate) fn untold(tenant: TenantId, customer: CustomerId, channel: Channel) -> RawKey {
    RawKey::new(customer_partition(tenant, customer), format!("UNTOLD#{}", channel.name()))
}

/// What happened with a customer, in the order of time.
pub(crate) const EVENTS: &str = "E#";

/// Orders stand to the second: that is what the audience knows of them.
pub(crate) fn order(tenant: TenantId, customer: CustomerId, second: i64, number: u32) -> RawKey {
    let millis = second.max(0).saturating_mul(1_000);
    RawKey::new(customer_partition(tenant, customer), format!("{EVENTS}{millis:015}#O#{number:010}"))
}

/// `kind` is one letter, and tells how to read the record.
pub(crate) fn event(
    tenant: TenantId,
    customer: CustomerId,
    at: Timestamp,
    kind: char,
    what: impl Display,
) -> RawKey {
    let sk = format!("{EVENTS}{}#{kind}#{what}", millis(at));
    RawKey::new(customer_partition(tenant, customer), sk)
}

/// Where something that is no event would stand among them: a small letter sorts after all kinds.
pub(crate) fn beside_events(at: Timestamp, what: &str) -> String {
    format!("{EVENTS}{}#z#{what}", millis(at))
}

pub(crate) fn order_place(tenant: TenantId, order: OrderId) -> RawKey {
    RawKey::new(format!("T#{tenant}#O#{order}"), "AT")
}

/// One list of all that are deleted: their places are found by nothing else.
pub(crate) fn deleted_orders(tenant: TenantId) -> String {
    format!("T#{tenant}#G")
}

pub(crate) fn deleted_order(tenant: TenantId, order: OrderId) -> RawKey {
    RawKey::new(deleted_orders(tenant), order.to_string())
}

/// One list, in which a person's baskets are found, too.
pub(crate) fn carts(tenant: TenantId) -> String {
    format!("T#{tenant}#B")
}

/// The token is letters, digits, `-` and `_`.
pub(crate) fn cart(tenant: TenantId, token: &str) -> RawKey {
    RawKey::new(carts(tenant), token)
}

/// One list, apart from the baskets': whoever looks through those meets none of these.
pub(crate) fn cart_names(tenant: TenantId) -> String {
    format!("T#{tenant}#N")
}

pub(crate) fn cart_name(tenant: TenantId, name: &CartName) -> RawKey {
    RawKey::new(cart_names(tenant), name.to_string())
}

pub(crate) fn readings(tenant: TenantId) -> String {
    format!("T#{tenant}#X")
}

pub(crate) fn reading(tenant: TenantId, thing: Thing) -> RawKey {
    RawKey::new(readings(tenant), thing.to_string())
}

/// Beside the kinds of addresses: whose it was has been forgotten.
pub(crate) const GONE: &str = "GONE";

pub(crate) fn address(tenant: TenantId, digest: &str, kind: &str) -> RawKey {
    RawKey::new(format!("T#{tenant}#E#{digest}"), kind)
}

/// One list of all addresses that are nobody's any more: they are found by nothing else.
pub(crate) fn forgotten_addresses(tenant: TenantId) -> String {
    format!("T#{tenant}#F")
}

pub(crate) fn forgotten_address(tenant: TenantId, digest: &str) -> RawKey {
    RawKey::new(forgotten_addresses(tenant), digest)
}

/// A name in another system stands with its customer, too: it is found by nothing else.
pub(crate) const NAMES: &str = "CALLED#";

pub(crate) fn name(tenant: TenantId, customer: CustomerId, digest: &str) -> RawKey {
    RawKey::new(customer_partition(tenant, customer), format!("{NAMES}{digest}"))
}

/// How many partitions the list of addresses that are not written to is spread over.
pub(crate) const SUPPRESSION_PARTITIONS: u8 = 16;

pub(crate) fn suppressions(tenant: TenantId, partition: u8) -> String {
    format!("T#{tenant}#U#{partition}")
}

pub(crate) fn suppression_partition_of(digest: &str) -> u8 {
    spread(digest) % SUPPRESSION_PARTITIONS
}

/// The digest is letters, digits, `-` and `_`.
pub(crate) fn suppression(tenant: TenantId, digest: &str) -> RawKey {
    RawKey::new(suppressions(tenant, suppression_partition_of(digest)), digest)
}

/// How many partitions the products of a tenant are spread over: a list reads them side by side.
pub(crate) const PRODUCT_PARTITIONS: u8 = 16;

pub(crate) fn product_partition(tenant: TenantId, partition: u8) -> String {
    format!("T#{tenant}#P#{partition}")
}

pub(crate) fn product(tenant: TenantId, product: ProductId) -> RawKey {
    let sk = product.to_string();
    RawKey::new(product_partition(tenant, spread(&sk) % PRODUCT_PARTITIONS), sk)
}

pub(crate) const TAG_CHANGES: &str = "TAGS#";

/// Of as many items as there are partitions of products, so that whoever changes several seldom meets another.
pub(crate) fn tag_changes(tenant: TenantId, product: ProductId) -> RawKey {
    let partition = spread(&product.to_string()) % PRODUCT_PARTITIONS;
    RawKey::new(tenant_partition(tenant), format!("{TAG_CHANGES}{partition}"))
}

//! Metafields: what is defined, and what a customer has of it.

use serde_json::json;

use super::{
    Ask,
    object::{Answer, Arguments, Connection, Thing, object},
    paging::{PAGE_MAX, Part},
};
use crate::shopify::{
    books::{
        Row,
        metafields::{Definition, Metafield},
        records::Customer,
    },
    ids::{Kind, gid, id},
    words::utc,
};

/// Those of a customer whose names are asked for, or all.
pub(super) fn of<'a>(ask: &'a Ask<'_>, customer: &Customer, arguments: &Arguments<'a>) -> Answer<'a> {
    let part = ask.part_within(arguments)?;
    let keys = arguments.texts("keys");
    let is_asked = |name: &str| keys.is_empty() || keys.iter().any(|key| key == name);
    let rows = (0..).zip(&customer.metafields).filter(|(_, (name, _))| is_asked(name));
    let rows = rows.map(|(place, (name, it))| (row(place), told(customer, place, (name, it))));
    Ok(object(ask, Thing::Connection(Connection::new("Metafield", part.of_rows(rows)))))
}

pub(super) fn definitions<'a>(ask: &'a Ask<'_>, arguments: &Arguments<'a>) -> Answer<'a> {
    let part = Part::of(arguments, PAGE_MAX)?;
    let state = ask.state.borrow();
    let is_asked = |definition: &Definition| match arguments.text("pinnedStatus") {
        _ if arguments.text("ownerType") != Some("CUSTOMER") => false,
        Some("PINNED") => definition.is_pinned,
        Some("UNPINNED") => !definition.is_pinned,
        _ => true,
    };
    let rows = (0..).zip(state.books.definitions()).filter(|(_, (_, definition))| is_asked(definition));
    let rows = rows.map(|(place, (name, definition))| (row(place), defined(place, name, definition)));
    let page = part.of_rows(rows);
    Ok(object(ask, Thing::Connection(Connection::new("MetafieldDefinition", page))))
}

fn row(place: u64) -> Row {
    (0, place)
}

fn told(customer: &Customer, place: u64, (name, it): (&str, &Metafield)) -> Thing {
    let (namespace, key) = name.split_once('.').unwrap_or(("", name));
    let number = customer.id.wrapping_mul(64).wrapping_add(place);
    Thing::Told(
        "Metafield",
        json!({
            "id": format!("gid://shopify/Metafield/{number}"),
            "namespace": namespace,
            "key": key,
            "type": it.of,
            "value": it.value,
            "createdAt": utc(customer.created_at),
            "updatedAt": utc(customer.updated_at),
        }),
    )
}

fn defined(place: u64, name: &str, definition: &Definition) -> Thing {
    let (namespace, key) = name.split_once('.').unwrap_or(("", name));
    let category = definition.of.split('_').next().unwrap_or_default().to_uppercase();
    Thing::Told(
        "MetafieldDefinition",
        json!({
            "id": gid(Kind::MetafieldDefinition, id(Kind::MetafieldDefinition, place)),
            "namespace": namespace,
            "key": key,
            "name": key.replace('_', " "),
            "ownerType": "CUSTOMER",
            "pinnedPosition": definition.is_pinned.then_some(place),
            "type": {"name": definition.of, "category": category},
        }),
    )
}

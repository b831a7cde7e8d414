//! Items and keys as DynamoDB's attributes, and back. The names beside the body are `store::table::RESERVED`.

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;
use store::{
    Item, RawKey, StoreError,
    table::{Body, Position},
};

pub(super) type Attributes = HashMap<String, AttributeValue>;

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(super) fn number(value: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

pub(super) fn from_key(key: &RawKey) -> Attributes {
    Attributes::from([("pk".to_owned(), text(&key.pk)), ("sk".to_owned(), text(&key.sk))])
}

pub(super) fn from_position(position: &Position) -> Attributes {
    let mut attributes = from_key(&position.key);
    place(&mut attributes, position.index.as_ref());
    attributes
}

pub(super) fn from_item(item: &Item) -> Attributes {
    let mut attributes: Attributes = item.body.clone().into();
    attributes.extend(from_key(&item.key));
    place(&mut attributes, item.index.as_ref());
    attributes.insert("version".to_owned(), number(item.version));
    if let Some(at) = item.expires_at {
        attributes.insert("expires_at".to_owned(), number(at));
    }
    attributes
}

pub(super) fn to_item(mut attributes: Attributes) -> Result<Item, StoreError> {
    let Position { key, index } = take_position(&mut attributes)?;
    let version = take_number(&mut attributes, "version")?.ok_or_else(|| broken("version"))?;
    let expires_at = take_number(&mut attributes, "expires_at")?;
    Ok(Item { key, index, version, expires_at, body: Body::from(attributes) })
}

pub(super) fn to_position(mut attributes: Attributes) -> Result<Position, StoreError> {
    take_position(&mut attributes)
}

/// What a counter says; absent is 0, and what is no whole number of 64 bits is `None`.
pub(super) fn counter(attributes: &Attributes, name: &str) -> Option<i64> {
    match attributes.get(name) {
        None => Some(0),
        Some(AttributeValue::N(number)) => number.parse().ok(),
        Some(_) => None,
    }
}

fn place(attributes: &mut Attributes, index: Option<&RawKey>) {
    if let Some(index) = index {
        attributes.insert("gsi1pk".to_owned(), text(&index.pk));
        attributes.insert("gsi1sk".to_owned(), text(&index.sk));
    }
}

fn take_position(attributes: &mut Attributes) -> Result<Position, StoreError> {
    let pk = take_text(attributes, "pk")?.ok_or_else(|| broken("pk"))?;
    let sk = take_text(attributes, "sk")?.ok_or_else(|| broken("sk"))?;
    let index = match (take_text(attributes, "gsi1pk")?, take_text(attributes, "gsi1sk")?) {
        (Some(pk), Some(sk)) => Some(RawKey { pk, sk }),
        (None, None) => None,
        _ => return Err(broken("gsi1pk")),
    };
    Ok(Position { key: RawKey { pk, sk }, index })
}

fn take_text(attributes: &mut Attributes, name: &str) -> Result<Option<String>, StoreError> {
    match attributes.remove(name) {
        None => Ok(None),
        Some(AttributeValue::S(text)) => Ok(Some(text)),
        Some(_) => Err(broken(name)),
    }
}

fn take_number<N: std::str::FromStr>(
    attributes: &mut Attributes,
    name: &str,
) -> Result<Option<N>, StoreError> {
    match attributes.remove(name) {
        None => Ok(None),
        Some(AttributeValue::N(number)) => number.parse().map(Some).map_err(|_| broken(name)),
        Some(_) => Err(broken(name)),
    }
}

fn broken(name: &str) -> StoreError {
    StoreError::Broken(format!("its `{name}` is missing or of the wrong type"))
}

//! An item as bytes: a form byte, then tags, lengths and values. Attributes stand in the order of their names,
//! so that equal items are equal bytes.
//!
//! Bytes of a form that we do not know, or that were cut off or bent, are `Broken`, never a guess.

use serde_dynamo::AttributeValue as Value;
use std::collections::HashMap;

use crate::table::{Item, RawKey, StoreError};

const FORM: u8 = 1;

pub(super) fn encode(item: &Item) -> Vec<u8> {
    let mut out = vec![FORM];
    out.extend(item.version.to_be_bytes());
    option(&mut out, item.expires_at.as_ref(), |out, at| out.extend(at.to_be_bytes()));
    option(&mut out, item.index.as_ref(), |out, index| {
        bytes(out, index.pk.as_bytes());
        bytes(out, index.sk.as_bytes());
    });
    map(&mut out, item.body.iter());
    out
}

fn option<T>(out: &mut Vec<u8>, value: Option<&T>, write: impl FnOnce(&mut Vec<u8>, &T)) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        write(out, value);
    }
}

/// No length of ours passes 32 bits: an item has at most 400 KB.
fn length(out: &mut Vec<u8>, length: usize) {
    out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
}

fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    length(out, value.len());
    out.extend(value);
}

fn map<'a>(out: &mut Vec<u8>, entries: impl Iterator<Item = (&'a String, &'a Value)>) {
    let mut entries: Vec<_> = entries.collect();
    entries.sort_by_key(|(name, _)| *name);
    length(out, entries.len());
    for (name, value) in entries {
        bytes(out, name.as_bytes());
        attribute(out, value);
    }
}

fn list<T>(out: &mut Vec<u8>, values: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    length(out, values.len());
    for value in values {
        write(out, value);
    }
}

fn attribute(out: &mut Vec<u8>, value: &Value) {
    let texts =
        |out: &mut Vec<u8>, texts: &[String]| list(out, texts, |out, text| bytes(out, text.as_bytes()));
    match value {
        Value::Null(_) => out.push(0),
        Value::Bool(value) => out.extend([1, u8::from(*value)]),
        Value::N(number) => {
            out.push(2);
            bytes(out, number.as_bytes());
        }
        Value::S(text) => {
            out.push(3);
            bytes(out, text.as_bytes());
        }
        Value::B(value) => {
            out.push(4);
            bytes(out, value);
        }
        Value::L(values) => {
            out.push(5);
            list(out, values, attribute);
        }
        Value::M(values) => {
            out.push(6);
            map(out, values.iter());
        }
        Value::Ss(values) => {
            out.push(7);
            texts(out, values);
        }
        Value::Ns(values) => {
            out.push(8);
            texts(out, values);
        }
        Value::Bs(values) => {
            out.push(9);
            list(out, values, |out, value| bytes(out, value));
        }
    }
}

pub(super) fn decode(key: RawKey, stored: &[u8]) -> Result<Item, StoreError> {
    let mut input = Input(stored);
    let item = input.item(key).filter(|_| input.0.is_empty());
    item.ok_or_else(|| StoreError::Broken("an item's bytes are of an unknown form or damaged".to_owned()))
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn item(&mut self, key: RawKey) -> Option<Item> {
        if self.take::<1>()? != [FORM] {
            return None;
        }
        let version = u64::from_be_bytes(self.take()?);
        let expires_at = if self.flag()? { Some(i64::from_be_bytes(self.take()?)) } else { None };
        let index = if self.flag()? { Some(RawKey { pk: self.text()?, sk: self.text()? }) } else { None };
        let body = self.map(0)?.into();
        Some(Item { key, index, version, expires_at, body })
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn flag(&mut self) -> Option<bool> {
        match self.take::<1>()? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }

    /// A length is never believed before the bytes are seen: damage must not reserve memory.
    fn length(&mut self) -> Option<usize> {
        let length = usize::try_from(u32::from_be_bytes(self.take()?)).ok()?;
        (length <= self.0.len()).then_some(length)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.length()?;
        (0..length).map(|_| read(self)).collect()
    }

    fn map(&mut self, depth: usize) -> Option<HashMap<String, Value>> {
        let length = self.length()?;
        (0..length).map(|_| Some((self.text()?, self.attribute(depth + 1)?))).collect()
    }

    fn attribute(&mut self, depth: usize) -> Option<Value> {
        if depth > super::limits::DEPTH_MAX {
            return None;
        }
        Some(match self.take::<1>()? {
            [0] => Value::Null(true),
            [1] => Value::Bool(self.flag()?),
            [2] => Value::N(self.text()?),
            [3] => Value::S(self.text()?),
            [4] => Value::B(self.bytes()?.to_vec()),
            [5] => Value::L(self.list(|input| input.attribute(depth + 1))?),
            [6] => Value::M(self.map(depth)?),
            [7] => Value::Ss(self.list(Self::text)?),
            [8] => Value::Ns(self.list(Self::text)?),
            [9] => Value::Bs(self.list(|input| input.bytes().map(<[u8]>::to_vec))?),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null(true)),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(|number| Value::N(number.to_string())),
            ".*".prop_map(Value::S),
            any::<Vec<u8>>().prop_map(Value::B),
            prop::collection::vec(".*", 1..4).prop_map(Value::Ss),
            prop::collection::vec(any::<i64>().prop_map(|number| number.to_string()), 1..4)
                .prop_map(Value::Ns),
            prop::collection::vec(any::<Vec<u8>>(), 1..4).prop_map(Value::Bs),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::L),
                prop::collection::hash_map(".*", inner, 0..4).prop_map(Value::M),
            ]
        })
    }

    prop_compose! {
        fn item()(
            version in any::<u64>(),
            expires_at in any::<Option<i64>>(),
            index in any::<Option<(String, String)>>(),
            body in prop::collection::hash_map(".*", value(), 0..5),
        ) -> Item {
            let index = index.map(|(pk, sk)| RawKey { pk, sk });
            Item { key: RawKey::new("p", "s"), index, version, expires_at, body: body.into() }
        }
    }

    #[test]
    fn an_unknown_form_and_bytes_left_over_are_broken() {
        let item = Item {
            key: RawKey::new("p", "s"),
            index: None,
            version: 1,
            expires_at: None,
            body: HashMap::from([("flag".to_owned(), Value::Bool(true))]).into(),
        };
        let stored = encode(&item);
        assert_eq!(decode(item.key.clone(), &stored).unwrap(), item);
        let mut newer = stored.clone();
        newer[0] = FORM + 1;
        assert!(matches!(decode(item.key.clone(), &newer), Err(StoreError::Broken(_))));
        let longer = [stored, vec![0]].concat();
        assert!(matches!(decode(item.key, &longer), Err(StoreError::Broken(_))));
    }

    proptest! {
        #[test]
        fn an_item_comes_back_as_it_was(item in item()) {
            let stored = encode(&item);
            prop_assert_eq!(decode(item.key.clone(), &stored).unwrap(), item);
        }

        #[test]
        fn damage_is_told_or_read_and_never_a_panic(item in item(), place in any::<prop::sample::Index>(), bit in 0_u32..8) {
            let stored = encode(&item);
            let at = place.index(stored.len());
            prop_assert!(decode(item.key.clone(), &stored[..at]).is_err(), "cut off at {}", at);
            let mut bent = stored;
            bent[at] ^= 1_u8 << bit;
            let _ = decode(item.key, &bent);
        }
    }
}

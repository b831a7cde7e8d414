//! Metafields: what a shop has defined of its own for its customers, by Shopify's types.

use std::collections::BTreeMap;

use domain::{
    customer::AttributeValue,
    fields,
    own::{AttributeKind, METAFIELDS},
};
use jiff::{Timestamp, civil, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{Amount, Reader};

/// Of one customer's: beside them there is room for all else that is told of somebody.
const BYTES_MAX: usize = 16 * 1024;
/// Of a list's items whose type is one of texts.
const LIST: &str = "list.";

/// One as GraphQL gives it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct MetafieldSaid {
    pub(crate) namespace: String,
    pub(crate) key: String,
    /// Shopify's word for what it holds: `number_integer`.
    #[serde(rename = "type")]
    pub(crate) of: String,
    /// Whatever it holds, as a text.
    pub(crate) value: String,
}

/// What rules find in a metafield of that type of Shopify's. `None`: nothing that one could be compared with another by, such
/// as JSON, or a length in any unit.
pub fn metafield_kind(of: &str) -> Option<AttributeKind> {
    if let Some(items) = of.strip_prefix(LIST) {
        let is_plain = is_text(items) || matches!(items, "number_integer" | "number_decimal" | "date");
        return is_plain.then_some(AttributeKind::List);
    }
    Some(match of {
        "number_integer" | "number_decimal" | "rating" | "money" => AttributeKind::Number,
        "boolean" => AttributeKind::Yes,
        "date" | "date_time" => AttributeKind::Day,
        of if is_text(of) => AttributeKind::Text,
        _ => return None,
    })
}

/// By what it refers to something it is known, too: by an id.
fn is_text(of: &str) -> bool {
    matches!(of, "single_line_text_field" | "multi_line_text_field" | "url" | "color" | "id")
        || of.ends_with("_reference")
}

/// How rules and the record call it. `None`: neither could.
pub fn metafield_name(namespace: &str, key: &str) -> Option<String> {
    let is_plain = |part: &str| {
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        (1..=255).contains(&part.len()) && part.bytes().all(letters)
    };
    (is_plain(namespace) && is_plain(key)).then(|| format!("{METAFIELDS}{namespace}.{key}"))
}

/// What can be kept of them, by the names of attributes.
pub(super) fn told(said: Vec<MetafieldSaid>, it: &mut Reader<'_>) -> BTreeMap<String, AttributeValue> {
    let (mut all, mut bytes) = (BTreeMap::new(), 0);
    for one in said {
        let Some(name) = metafield_name(&one.namespace, &one.key) else { continue };
        let Some(value) = one.value(it) else { continue };
        bytes += name.len() + one.value.len();
        if bytes > BYTES_MAX {
            it.pass_over("metafields", "beyond what may be kept were passed over");
            break;
        }
        all.insert(name, value);
    }
    all
}

impl MetafieldSaid {
    fn value(&self, it: &mut Reader<'_>) -> Option<AttributeValue> {
        let read = match metafield_kind(&self.of)? {
            AttributeKind::Text => {
                return it
                    .text("metafield", &self.value, fields::ATTRIBUTE_CHARS_MAX)
                    .map(AttributeValue::Text);
            }
            AttributeKind::Number => self.number(),
            AttributeKind::Yes => self
                .value
                .parse()
                .map(AttributeValue::Yes)
                .map_err(|_| "is neither true nor false".to_owned()),
            AttributeKind::Day => {
                self.day().map(AttributeValue::Day).ok_or_else(|| fields::BadField::Day.to_string())
            }
            AttributeKind::List => self.list(),
        };
        it.take("metafield", read)
    }

    fn number(&self) -> Result<AttributeValue, String> {
        #[derive(Deserialize)]
        struct Rating {
            value: Amount,
        }
        #[derive(Deserialize)]
        struct Money {
            amount: Amount,
        }
        let within = match &*self.of {
            "rating" => serde_json::from_str::<Rating>(&self.value).map(|it| it.value.0),
            "money" => serde_json::from_str::<Money>(&self.value).map(|it| it.amount.0),
            _ => Ok(self.value.clone()),
        };
        let digits = within.map_err(|_| fields::BadField::Number.to_string())?;
        fields::attribute_number(&digits).map_err(|bad| bad.to_string())
    }

    /// A moment counts as the day that it is on by UTC, as Shopify writes it.
    fn day(&self) -> Option<civil::Date> {
        let moment = || self.value.parse::<Timestamp>().ok().map(|at| at.to_zoned(TimeZone::UTC).date());
        let plain = || self.value.parse::<civil::DateTime>().ok().map(civil::DateTime::date);
        if self.of == "date" { self.value.parse().ok() } else { moment().or_else(plain) }
    }

    fn list(&self) -> Result<AttributeValue, String> {
        let wrong = || "is not a list of texts or numbers".to_owned();
        let items: Vec<&RawValue> = serde_json::from_str(&self.value).map_err(|_| wrong())?;
        let item = |raw: &RawValue| match serde_json::from_str(raw.get()) {
            Ok(Value::String(text)) => Ok(text),
            Ok(Value::Number(_)) => Ok(raw.get().to_owned()),
            _ => Err(wrong()),
        };
        let items = items.into_iter().map(item).collect::<Result<Vec<_>, _>>()?;
        fields::attribute_words(items).map_err(|bad| bad.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told::reader::tests::{EUROS, reading};

    fn read(of: &str, value: &str) -> (Option<AttributeValue>, usize) {
        let (namespace, key) = ("facts".to_owned(), "one".to_owned());
        let said = MetafieldSaid { namespace, key, of: of.to_owned(), value: value.to_owned() };
        let reading = reading(EUROS);
        let mut it = Reader::new(&reading);
        let all = told(vec![said], &mut it);
        (all.into_values().next(), it.passed_over().len())
    }

    #[test]
    fn a_metafield_is_what_its_type_says() {
        let check = |of: &str, value: &str, expected: AttributeValue| {
            assert_eq!(read(of, value), (Some(expected.clone()), 0), "{of} {value}");
            assert_eq!(metafield_kind(of), Some(expected.kind()), "{of}");
        };
        let text = |text: &str| AttributeValue::Text(text.to_owned());
        let list =
            |words: &[&str]| AttributeValue::List(words.iter().map(|word| (*word).to_owned()).collect());
        let day = AttributeValue::Day(civil::date(2026, 2, 3));
        check("single_line_text_field", " dark ", text("dark"));
        check("multi_line_text_field", "dark\nand strong", text("dark\nand strong"));
        check("url", "https://shop.example/a", text("https://shop.example/a"));
        check("product_reference", "gid://shopify/Product/7", text("gid://shopify/Product/7"));
        check("number_integer", "-3", AttributeValue::Number(-3_000_000));
        check("number_decimal", "1.5", AttributeValue::Number(1_500_000));
        check(
            "rating",
            r#"{"scale_min":"1.0","scale_max":"5.0","value":"3.5"}"#,
            AttributeValue::Number(3_500_000),
        );
        check("money", r#"{"amount":5.99,"currency_code":"CAD"}"#, AttributeValue::Number(5_990_000));
        check("boolean", "true", AttributeValue::Yes(true));
        check("date", "2026-02-03", day.clone());
        check("date_time", "2026-02-03T23:30:00", day.clone());
        check("date_time", "2026-02-04T00:30:00+01:00", day);
        check("list.single_line_text_field", r#"["b","a"]"#, list(&["a", "b"]));
        check("list.number_decimal", "[1.5,2]", list(&["1.5", "2"]));
    }

    #[test]
    fn what_cannot_be_compared_is_not_kept_and_what_is_wrong_is_noted() {
        for of in [
            "json",
            "rich_text_field",
            "dimension",
            "weight",
            "list.dimension",
            "list.json",
            "list.list.url",
            "",
        ] {
            assert_eq!((metafield_kind(of), read(of, "1")), (None, (None, 0)), "{of}");
        }
        for (of, value) in [
            ("number_integer", "three"),
            ("number_decimal", "0.0000001"),
            ("rating", "3"),
            ("money", r#"{"currency_code":"CAD"}"#),
            ("boolean", "yes"),
            ("date", "2026-02-30"),
            ("date_time", "noon"),
            ("list.url", "a"),
            ("list.url", "[{}]"),
        ] {
            assert_eq!(read(of, value), (None, 1), "{of} {value}");
        }
        let (cut, noted) = read("multi_line_text_field", &"x".repeat(fields::ATTRIBUTE_CHARS_MAX + 1));
        let whole = AttributeValue::Text("x".repeat(fields::ATTRIBUTE_CHARS_MAX));
        assert_eq!((cut, noted), (Some(whole), 1));
    }

    #[test]
    fn names_are_those_that_rules_can_say() {
        assert_eq!(
            metafield_name("app--7--a", "birth-date").as_deref(),
            Some("metafields.app--7--a.birth-date")
        );
        for (namespace, key) in [("", "a"), ("a", ""), ("a.b", "c"), ("a", "b c"), ("größe", "a")] {
            assert_eq!(metafield_name(namespace, key), None, "{namespace} {key}");
        }
    }

    #[test]
    fn there_is_room_for_so_many() {
        let said = |number: usize| MetafieldSaid {
            namespace: "facts".to_owned(),
            key: format!("n{number}"),
            of: "single_line_text_field".to_owned(),
            value: "x".repeat(1_000),
        };
        let reading = reading(EUROS);
        let mut it = Reader::new(&reading);
        let all = told((0..50).map(said).collect(), &mut it);
        assert_eq!((all.len(), it.passed_over().len()), (16, 1));
    }
}

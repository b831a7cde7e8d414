//! Cells that hold more than one value: JSON, as the API tells and takes it.

use std::collections::BTreeMap;

use domain::{
    customer::{Address, AttributeValue},
    fields,
};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

pub(crate) fn show_words<'a>(words: impl IntoIterator<Item = &'a String>) -> String {
    words.into_iter().map(String::as_str).collect::<Value>().to_string()
}

pub(crate) fn words(cell: &str) -> Result<Vec<String>, String> {
    serde_json::from_str(cell).map_err(|_| "is not a list of texts in JSON".to_owned())
}

pub(crate) fn show_attributes<'a>(
    attributes: impl IntoIterator<Item = (&'a String, &'a AttributeValue)>,
) -> String {
    let shown = attributes.into_iter().map(|(name, value)| {
        let value = match value {
            AttributeValue::Text(text) => Value::from(text.as_str()).to_string(),
            // In digits, never through a float.
            AttributeValue::Number(millionths) => fields::show_number(*millionths),
            AttributeValue::Yes(yes) => yes.to_string(),
            AttributeValue::Day(day) => json!({"day": day.to_string()}).to_string(),
            AttributeValue::List(words) => show_words(words),
        };
        format!("{}:{value}", Value::from(name.as_str()))
    });
    format!("{{{}}}", shown.collect::<Vec<_>>().join(","))
}

pub(crate) fn attributes(cell: &str) -> Result<BTreeMap<String, AttributeValue>, String> {
    let told: BTreeMap<String, &RawValue> =
        serde_json::from_str(cell).map_err(|_| "is not an object in JSON".to_owned())?;
    let all = told.into_iter().map(|(name, value)| {
        let wrong = |wrong: String| format!("holds {name}, which {wrong}");
        let known = fields::attribute_name(&name).map_err(|bad| wrong(bad.to_string()))?;
        Ok((known, attribute(value.get()).map_err(wrong)?))
    });
    all.collect()
}

fn attribute(told: &str) -> Result<AttributeValue, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Day {
        day: String,
    }
    let bad = |wrong: fields::BadField| wrong.to_string();
    if let Ok(text) = serde_json::from_str::<String>(told) {
        return fields::attribute_text(&text).map_err(bad);
    }
    if let Ok(yes) = serde_json::from_str(told) {
        return Ok(AttributeValue::Yes(yes));
    }
    match told.as_bytes().first() {
        Some(b'{') => {
            let Day { day } = serde_json::from_str(told).map_err(|_| bad(fields::BadField::Day))?;
            fields::day(&day).map(AttributeValue::Day).map_err(bad)
        }
        Some(b'[') => fields::attribute_words(words(told)?).map_err(bad),
        _ => fields::attribute_number(told).map_err(bad),
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AddressTold {
    company: Option<String>,
    line1: Option<String>,
    line2: Option<String>,
    city: Option<String>,
    region: Option<String>,
    postcode: Option<String>,
    country: Option<String>,
}

pub(crate) fn show_addresses(addresses: &[Address]) -> String {
    let shown = addresses.iter().map(|address| {
        let parts = [
            ("company", &address.company),
            ("line1", &address.line1),
            ("line2", &address.line2),
            ("city", &address.city),
            ("region", &address.region),
            ("postcode", &address.postcode),
            ("country", &address.country),
        ];
        let told = parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), part.clone()?.into())));
        Value::Object(told.collect())
    });
    Value::Array(shown.collect()).to_string()
}

pub(crate) fn addresses(cell: &str) -> Result<Vec<Address>, String> {
    let told: Vec<AddressTold> =
        serde_json::from_str(cell).map_err(|_| "is not a list of addresses in JSON".to_owned())?;
    let all = told.into_iter().enumerate().map(|(place, told)| {
        let wrong = |what: &str, wrong: fields::BadField| {
            format!("holds address {}, whose {what} {wrong}", place + 1)
        };
        let line = |what: &str, told: Option<String>| {
            told.map(|told| fields::place(&told)).transpose().map_err(|bad| wrong(what, bad))
        };
        let postcode = told.postcode.map(|told| fields::postcode(&told)).transpose();
        let country = told.country.map(|told| fields::country(&told)).transpose();
        fields::address(Address {
            company: line("company", told.company)?,
            line1: line("line1", told.line1)?,
            line2: line("line2", told.line2)?,
            city: line("city", told.city)?,
            region: line("region", told.region)?,
            postcode: postcode.map_err(|bad| wrong("postcode", bad))?,
            country: country.map_err(|bad| wrong("country", bad))?,
            point: None,
        })
        .map_err(|bad| wrong("whole", bad))
    });
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_in_a_cell_of_many_values_is_told() {
        let check = |cell: &str, expected: &str| {
            assert_eq!(attributes(cell).unwrap_err(), expected, "{cell}");
        };
        check("x", "is not an object in JSON");
        check(
            "{\"Shoe\": 1}",
            "holds Shoe, which is not a name of an attribute: 1 to 64 small letters, digits and underscores are expected",
        );
        check(
            "{\"shoe\": 1e3}",
            "holds shoe, which is not a number: digits and at most one point with 6 digits behind it are expected, below a trillion",
        );
        check(
            "{\"since\": {\"day\": \"2025-02-30\"}}",
            "holds since, which is not a day: one like 1990-12-31 is expected",
        );
        check(
            "{\"x\": null}",
            "holds x, which is not a number: digits and at most one point with 6 digits behind it are expected, below a trillion",
        );
        assert!(words("{}").is_err());
        assert_eq!(
            addresses("[{\"country\": \"Atlantis\"}]").unwrap_err(),
            "holds address 1, whose country is not a country: two letters of ISO 3166 are expected, US for one"
        );
        assert!(addresses("[{}]").is_err());
    }
}

//! What a shop writes down of its customers beyond what every shop does, and what it has defined of that.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::{Books, Entry, Refused};

/// What a metafield holds: Shopify's word for its type, and the value as a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metafield {
    pub of: String,
    pub value: String,
}

/// That every customer may have one of that name and type. Segments know those that are pinned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    pub of: String,
    pub is_pinned: bool,
}

/// Those of somebody who was thought up, each of whom says less or more of themselves.
pub(super) fn thought_up(number: u64, birthday: Option<jiff::civil::Date>) -> BTreeMap<String, Metafield> {
    let metafield =
        |name: &str, of: &str, value: String| (name.to_owned(), Metafield { of: of.to_owned(), value });
    let mut all = BTreeMap::new();
    all.extend(birthday.map(|day| metafield("facts.birth_date", "date", day.to_string())));
    if !number.is_multiple_of(5) {
        let roast = ["light", "medium", "dark"][usize::try_from(number % 3).unwrap_or_default()];
        all.extend([metafield("taste.roast", "single_line_text_field", roast.to_owned())]);
        all.extend([metafield("taste.cups_a_day", "number_integer", (number % 7).to_string())]);
    }
    // What some app holds for itself.
    all.extend([metafield("loyalty.ledger", "json", format!("{{\"points\":{number}}}"))]);
    all
}

impl Books {
    /// By namespace and key.
    pub fn definitions(&self) -> &BTreeMap<String, Definition> {
        &self.definitions
    }

    pub(crate) fn define(&mut self, name: &str, of: &str, is_pinned: bool) {
        let definition = Definition { of: of.to_owned(), is_pinned };
        self.write(Entry::Defined(name.to_owned(), definition));
    }

    /// Nobody is told, and the day on which the customer was last changed stays.
    pub(crate) fn note(&mut self, customer: u64, name: &str, value: Option<&str>) -> Result<(), Refused> {
        let mut customer = self.known_customer(customer)?;
        let definition = self.definitions.get(name).ok_or(Refused("there is no such metafield"))?;
        match value {
            Some(value) => {
                let metafield = Metafield { of: definition.of.clone(), value: value.to_owned() };
                customer.metafields.insert(name.to_owned(), metafield);
            }
            None => {
                customer.metafields.remove(name);
            }
        }
        self.put_customer(customer);
        Ok(())
    }
}

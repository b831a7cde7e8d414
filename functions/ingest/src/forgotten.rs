//! Whether an event speaks of somebody who has been forgotten: then nothing of it is kept.

use std::collections::BTreeSet;

use domain::{
    CustomerId, EmailAddress, Phone, Timestamp,
    customer::{ChangedBy, CustomerKind},
    privacy::Asks,
};
use flows::{FlowError, privacy::Person, record::Record, seal::Seals};
use serde_json::Value;
use store::TenantStore;

use crate::Deps;

/// Among so many of the newest are those that were asked within the last days.
const REQUESTS_MAX: u32 = 100;

/// What can be whom an event is about, wherever it says so.
#[derive(Default)]
struct Told {
    ids: BTreeSet<CustomerId>,
    emails: BTreeSet<EmailAddress>,
    phones: BTreeSet<Phone>,
}

pub(crate) async fn is_told_of(deps: &Deps, store: &TenantStore, body: &str) -> Result<bool, FlowError> {
    let seals = Seals::new(deps.keys.clone(), deps.dice.clone());
    if is_by_request(store, &seals, body).await? {
        return Ok(true);
    }
    let Ok(body) = serde_json::from_str::<Value>(body) else { return Ok(false) };
    let mut told = Told::default();
    told.gather(None, &body);
    let people = store.customers(&told.ids.into_iter().collect::<Vec<_>>()).await?;
    if people.iter().any(|customer| customer.kind == CustomerKind::Erased) {
        return Ok(true);
    }
    let (clock, dice) = (&*deps.clock, &*deps.dice);
    let record = Record { store, seals: &seals, clock, dice, by: ChangedBy::Shopify, currency_changes: 0 };
    let mut digests = BTreeSet::new();
    for email in &told.emails {
        digests.extend(record.digests(Some(email), None).await?);
    }
    for phone in &told.phones {
        digests.extend(record.digests(None, Some(phone)).await?);
    }
    // Whenever that was: an event that cannot be applied is no word that is needed.
    record.is_forgotten(&digests, Timestamp::UNIX_EPOCH).await
}

/// As long as it is known whom a request is about they are recognised as whoever searches their traces does: by orders, and by numbers
/// that do not say their country, too.
async fn is_by_request(store: &TenantStore, seals: &Seals, body: &str) -> Result<bool, FlowError> {
    let (newest, _) = store.requests(REQUESTS_MAX, None).await?;
    for request in newest.iter().filter(|request| request.asks == Asks::Erasure) {
        let Some(sealed) = request.about.as_deref() else { continue };
        let mut person = Person::opened(store, seals, sealed).await?;
        person.ids.extend(request.customer);
        if person.marks().are_in(body.as_bytes()) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Told {
    fn gather(&mut self, name: Option<&str>, value: &Value) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| self.gather(Some(name), value)),
            Value::Array(all) => all.iter().for_each(|value| self.gather(name, value)),
            // An order's own number is nobody's: who is looked for under it is not there.
            Value::Number(number) if name.is_some_and(|name| name == "id" || name == "customer_id") => {
                self.ids.extend(number.as_u64().map(CustomerId::Shopify));
            }
            Value::String(text) => {
                self.emails.extend(text.parse::<EmailAddress>().ok());
                self.phones.extend(Phone::parse(text, None).ok());
                let number = text.rsplit_once("gid://shopify/Customer/").map_or(text.as_str(), |(_, id)| id);
                if number != text || name.is_some_and(|name| name.ends_with("id")) {
                    self.ids.extend(number.parse().ok().map(CustomerId::Shopify));
                }
            }
            _ => {}
        }
    }
}

//! What a caller tells of a customer, and what becomes of the customer by it.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Consent, ConsentLevel, ConsentSource, ConsentState, Currency, Customer, EmailAddress, Minor, Phone,
    Timestamp, Zone,
    customer::{Address, AttributeValue, CUSTOMER_BYTES_MAX},
    fields,
};
use flows::{FlowError, identify::Caller};
use jiff::civil::Date;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};
use utoipa::ToSchema;

use crate::{
    error::Problem,
    input::{self, Faults, Written},
};

const ORDERS_MAX: i64 = 1_000_000_000;

/// What is told. In a `PATCH`, `null` clears, and what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomerTold {
    /// The whole name, in place of its two parts.
    name: Option<String>,
    #[serde(default, alias = "firstName", deserialize_with = "input::told")]
    #[schema(value_type = Option<String>)]
    first_name: Option<Option<String>>,
    #[serde(default, alias = "lastName", deserialize_with = "input::told")]
    #[schema(value_type = Option<String>)]
    last_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "input::told")]
    #[schema(value_type = Option<String>)]
    email: Option<Option<String>>,
    /// As people write it; kept as E.164.
    #[serde(default, deserialize_with = "input::told")]
    #[schema(value_type = Option<String>)]
    phone: Option<Option<String>>,
    /// The country of a phone number that does not say its own; unless told, that of the first address.
    phone_country: Option<String>,
    /// At most 20.
    #[serde(default, deserialize_with = "input::told")]
    #[schema(value_type = Option<Vec<AddressTold>>)]
    addresses: Option<Option<Vec<AddressTold>>>,
    /// At most 250, compared without case.
    #[serde(default, deserialize_with = "input::told")]
    #[schema(value_type = Option<Vec<String>>)]
    tags: Option<Option<Vec<String>>>,
    /// A tag of BCP 47: `en`, `pt-BR`.
    #[serde(default, deserialize_with = "input::told")]
    #[schema(value_type = Option<String>)]
    language: Option<Option<String>>,
    #[serde(default, deserialize_with = "input::told")]
    #[schema(value_type = Option<String>, format = Date)]
    birthday: Option<Option<String>>,
    #[serde(default, deserialize_with = "input::told")]
    #[schema(value_type = Option<String>)]
    note: Option<Option<String>>,
    /// The shop's own columns: text, number, yes or no, list of texts, `{"day": "2026-01-31"}`, `{"number": "12.5"}`;
    /// `null` takes one away. At most 100.
    #[serde(default, deserialize_with = "input::told")]
    #[schema(value_type = Option<Object>)]
    attributes: Option<Option<BTreeMap<String, Box<RawValue>>>>,
    /// The newer word counts; of two equally new ones the withdrawal. What is left out stays.
    email_consent: Option<ConsentTold>,
    sms_consent: Option<ConsentTold>,
    /// What the count is to be; orders move it from there.
    #[serde(alias = "visitCount", alias = "total_visits", alias = "ordersCount")]
    #[schema(value_type = Option<i64>)]
    orders_count: Option<Written>,
    /// As `orders_count`, in the tenant's currency.
    #[serde(alias = "totalSpending", alias = "total_spend", alias = "totalSpent")]
    #[schema(value_type = Option<String>)]
    total_spent: Option<Written>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressTold {
    company: Option<String>,
    line1: Option<String>,
    line2: Option<String>,
    city: Option<String>,
    region: Option<String>,
    postcode: Option<String>,
    /// Two letters of ISO 3166.
    country: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentTold {
    /// `not_subscribed`, `subscribed`, `pending`, `unsubscribed` or `invalid`.
    state: String,
    /// `single_opt_in`, `confirmed_opt_in` or `unknown`.
    level: Option<String>,
    /// `merchant` unless told, or `person`.
    source: Option<String>,
    /// What was agreed to, and where.
    method: Option<String>,
    /// When; now unless told.
    at: Option<String>,
}

/// Where and when it is told.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) currency: Currency,
    pub(crate) zone: &'a Zone,
    pub(crate) now: Timestamp,
}

impl<'a> Scene<'a> {
    pub(crate) fn of(caller: &'a Caller, now: Timestamp) -> Self {
        Self { currency: caller.tenant.currency, zone: &caller.tenant.zone, now }
    }
}

/// Not told; told to be nothing; told.
type Part<T> = Option<Option<T>>;

/// What was told, understood.
#[derive(Debug, Default)]
pub(crate) struct Told {
    first_name: Part<String>,
    last_name: Part<String>,
    pub(crate) email: Part<EmailAddress>,
    pub(crate) phone: Part<Phone>,
    addresses: Part<Vec<Address>>,
    tags: Part<Vec<String>>,
    language: Part<String>,
    birthday: Part<Date>,
    note: Part<String>,
    attributes: Part<BTreeMap<String, Option<AttributeValue>>>,
    email_consent: Option<Consent>,
    sms_consent: Option<Consent>,
    orders: Option<i64>,
    spent: Option<Minor>,
}

fn part<T, U, E: std::fmt::Display>(
    faults: &mut Faults,
    at: &str,
    told: Part<T>,
    parse: impl FnOnce(T) -> Result<U, E>,
) -> Part<U> {
    match told? {
        None => Some(None),
        Some(told) => faults.take(at, parse(told)).map(Some),
    }
}

impl CustomerTold {
    /// Everything that is wrong, or what it says.
    pub(crate) fn understood(self, scene: Scene<'_>) -> Result<Told, Problem> {
        let mut faults = Faults::default();
        let it = &mut faults;
        let mut told = Told {
            first_name: part(it, "/first_name", self.first_name, |name| fields::name(&name)),
            last_name: part(it, "/last_name", self.last_name, |name| fields::name(&name)),
            email: part(it, "/email", self.email, |email| email.parse()),
            language: part(it, "/language", self.language, |language| fields::language(&language)),
            birthday: part(it, "/birthday", self.birthday, |day| {
                fields::birthday(&day, scene.now.to_zoned(scene.zone.time_zone().clone()).date())
            }),
            note: part(it, "/note", self.note, |note| fields::note(&note)),
            addresses: self.addresses.map(|told| told.map(|told| addresses(it, told))),
            tags: self.tags.map(|told| told.map(|told| tags(it, told))),
            attributes: self.attributes.map(|told| told.map(|told| attributes(it, told))),
            email_consent: consent(it, "/email_consent", self.email_consent, scene),
            sms_consent: consent(it, "/sms_consent", self.sms_consent, scene),
            orders: it.maybe("/orders_count", self.orders_count, |told| count(&told.0)),
            spent: it.maybe("/total_spent", self.total_spent, |told| spent(&told.0, scene.currency)),
            phone: None,
        };
        if let Some(name) = self.name {
            if told.first_name.is_some() || told.last_name.is_some() {
                it.add("/name", "invalid", "is told twice: either whole or in its parts");
            } else if let Some((first, last)) = it.take("/name", fields::whole_name(&name)) {
                (told.first_name, told.last_name) = (Some(Some(first)), Some(last));
            }
        }
        let stated = it.maybe("/phone_country", self.phone_country, |country| fields::country(&country));
        let home = told.addresses.iter().flatten().flatten().find_map(|address| address.country.clone());
        let country = stated.or(home);
        told.phone = part(it, "/phone", self.phone, |phone| Phone::parse(&phone, country.as_deref()));
        faults.none(Some(told))
    }
}

fn addresses(faults: &mut Faults, told: Vec<AddressTold>) -> Vec<Address> {
    if told.len() > fields::ADDRESSES_MAX {
        faults.add("/addresses", "too_many", format!("may hold at most {}", fields::ADDRESSES_MAX));
        return Vec::new();
    }
    let mut all = Vec::new();
    for (row, told) in told.into_iter().enumerate() {
        let mut read =
            |what: &str, told: Option<String>, parse: fn(&str) -> Result<String, fields::BadField>| {
                faults.maybe(&format!("/addresses/{row}/{what}"), told, |told| parse(&told))
            };
        let address = Address {
            company: read("company", told.company, fields::place),
            line1: read("line1", told.line1, fields::place),
            line2: read("line2", told.line2, fields::place),
            city: read("city", told.city, fields::place),
            region: read("region", told.region, fields::place),
            postcode: read("postcode", told.postcode, fields::postcode),
            country: read("country", told.country, fields::country),
        };
        if faults.is_empty() {
            all.extend(faults.take(&format!("/addresses/{row}"), fields::address(address)));
        }
    }
    all
}

fn tags(faults: &mut Faults, told: Vec<String>) -> Vec<String> {
    let mut all = Vec::new();
    for (row, tag) in told.into_iter().enumerate() {
        all.extend(faults.take(&format!("/tags/{row}"), fields::tag(&tag)));
    }
    faults.take("/tags", fields::tags(&BTreeSet::new(), all.iter().cloned()));
    all
}

fn attributes(
    faults: &mut Faults,
    told: BTreeMap<String, Box<RawValue>>,
) -> BTreeMap<String, Option<AttributeValue>> {
    let mut all = BTreeMap::new();
    for (name, raw) in told {
        let at = format!("/attributes/{}", input::escaped(&name));
        if let Some(name) = faults.take(&at, fields::attribute_name(&name))
            && let Some(value) = faults.take(&at, attribute(&raw))
        {
            all.insert(name, value);
        }
    }
    all
}

/// `None`: it is to go.
fn attribute(raw: &RawValue) -> Result<Option<AttributeValue>, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "snake_case")]
    enum Named {
        Day(String),
        Number(Written),
    }
    fn read<T: DeserializeOwned>(raw: &RawValue) -> Result<T, String> {
        let expected =
            "a text, a number, true or false, a list of texts, {\"day\": …} or {\"number\": …} is expected";
        serde_json::from_str(raw.get()).map_err(|_| expected.to_owned())
    }
    let value = match raw.get().as_bytes().first() {
        Some(b'n') => return Ok(None),
        Some(b't') => Ok(AttributeValue::Yes(true)),
        Some(b'f') => Ok(AttributeValue::Yes(false)),
        Some(b'"') => fields::attribute_text(&read::<String>(raw)?),
        Some(b'[') => fields::attribute_words(read::<Vec<String>>(raw)?),
        Some(b'{') => match read(raw)? {
            Named::Day(day) => fields::day(&day).map(AttributeValue::Day),
            Named::Number(number) => fields::attribute_number(&number.0),
        },
        _ => fields::attribute_number(raw.get()),
    };
    value.map(Some).map_err(|wrong| wrong.to_string())
}

fn consent(faults: &mut Faults, at: &str, told: Option<ConsentTold>, scene: Scene<'_>) -> Option<Consent> {
    let told = told?;
    let states = ["not_subscribed", "subscribed", "pending", "unsubscribed", "invalid"];
    let levels = ["single_opt_in", "confirmed_opt_in", "unknown"];
    let state: Option<ConsentState> = faults.take(&format!("{at}/state"), word(&told.state, &states));
    let level: Option<ConsentLevel> =
        faults.maybe(&format!("{at}/level"), told.level, |told| word(&told, &levels));
    let source: Option<ConsentSource> =
        faults.maybe(&format!("{at}/source"), told.source, |told| word(&told, &["merchant", "person"]));
    let method = faults.maybe(&format!("{at}/method"), told.method, |told| fields::method(&told));
    let when = faults.maybe(&format!("{at}/at"), told.at, |told| {
        fields::instant(&told, scene.zone)
            .and_then(|at| if at > scene.now { Err(fields::BadField::Future) } else { Ok(at) })
    });
    Some(Consent {
        state: state?,
        level: level.unwrap_or(ConsentLevel::Unknown),
        source: source.unwrap_or(ConsentSource::Merchant),
        method,
        at: when.unwrap_or(scene.now),
    })
}

/// One of these words, in whichever case.
pub(super) fn word<T: DeserializeOwned>(told: &str, known: &[&str]) -> Result<T, String> {
    let told = told.trim().to_ascii_lowercase();
    let parsed = known.contains(&told.as_str()).then(|| serde_json::from_value(Value::String(told)).ok());
    parsed.flatten().ok_or_else(|| format!("is not one of {}", known.join(", ")))
}

fn count(told: &str) -> Result<i64, String> {
    let count = told.parse().ok().filter(|count| (0..=ORDERS_MAX).contains(count));
    count.ok_or_else(|| format!("is not a count: a whole number from 0 to {ORDERS_MAX} is expected"))
}

fn spent(told: &str, currency: Currency) -> Result<Minor, String> {
    let amount = Minor::parse(told, currency).map_err(|wrong| wrong.to_string())?;
    if amount < Minor::ZERO { Err("is less than nothing".to_owned()) } else { Ok(amount) }
}

impl Told {
    /// With nothing left out: what was not told is told to be nothing. Consents and totals are no words about somebody
    /// that could be taken back by silence: they stay.
    #[must_use]
    pub(crate) fn whole(self) -> Self {
        fn or_nothing<T>(part: Part<T>) -> Part<T> {
            Some(part.flatten())
        }
        // A new map in the place of the old one, not merged into it.
        let attributes = self.attributes.flatten().unwrap_or_default();
        Self {
            first_name: or_nothing(self.first_name),
            last_name: or_nothing(self.last_name),
            email: or_nothing(self.email),
            phone: or_nothing(self.phone),
            addresses: or_nothing(self.addresses),
            tags: or_nothing(self.tags),
            language: or_nothing(self.language),
            birthday: or_nothing(self.birthday),
            note: or_nothing(self.note),
            attributes: Some(Some(attributes)),
            ..self
        }
    }

    /// By these somebody can be told from another.
    pub(crate) fn must_name_somebody(&self) -> Result<(), FlowError> {
        let is_told = |name: &Part<String>| matches!(name, Some(Some(_)));
        let named = is_told(&self.first_name) || is_told(&self.last_name) || self.has_address();
        let sentence = "tell a name, a mail address or a telephone number";
        if named { Ok(()) } else { Err(FlowError::invalid("", "nobody", sentence)) }
    }

    pub(crate) fn has_address(&self) -> bool {
        matches!(self.email, Some(Some(_))) || matches!(self.phone, Some(Some(_)))
    }

    /// The customer as told.
    pub(crate) fn apply(&self, customer: &mut Customer, attributes: Attributes) -> Result<(), FlowError> {
        fn set<T: Clone>(field: &mut Option<T>, told: &Part<T>) {
            if let Some(told) = told {
                field.clone_from(told);
            }
        }
        set(&mut customer.first_name, &self.first_name);
        set(&mut customer.last_name, &self.last_name);
        set(&mut customer.email, &self.email);
        set(&mut customer.phone, &self.phone);
        set(&mut customer.language, &self.language);
        set(&mut customer.birthday, &self.birthday);
        set(&mut customer.note, &self.note);
        if let Some(told) = &self.addresses {
            customer.addresses = told.clone().unwrap_or_default();
        }
        if let Some(told) = &self.tags {
            let told = told.clone().unwrap_or_default();
            customer.tags = fields::tags(&customer.tags, told).map_err(|wrong| at("/tags", &wrong))?;
        }
        if let Some(told) = &self.attributes {
            if told.is_none() || attributes == Attributes::Replaced {
                customer.attributes.clear();
            }
            for (name, value) in told.iter().flatten() {
                match value {
                    Some(value) => customer.attributes.insert(name.clone(), value.clone()),
                    None => customer.attributes.remove(name),
                };
            }
            if customer.attributes.len() > fields::ATTRIBUTES_MAX {
                return Err(at("/attributes", &fields::BadField::TooMany(fields::ATTRIBUTES_MAX)));
            }
        }
        for (held, told) in [
            (&mut customer.email_consent, &self.email_consent),
            (&mut customer.sms_consent, &self.sms_consent),
        ] {
            if let Some(told) = told {
                *held = Some(Consent::told(held.as_ref(), told.clone()));
            }
        }
        *customer = customer
            .clone()
            .with_totals(self.orders, self.spent)
            .map_err(|wrong| FlowError::invalid("/total_spent", "invalid", wrong.to_string()))?;
        if customer.bytes() > CUSTOMER_BYTES_MAX {
            let most = CUSTOMER_BYTES_MAX / 1024;
            let sentence =
                format!("is too much for one customer: all that is told may be {most} KB together");
            return Err(FlowError::invalid("", "too_large", sentence));
        }
        Ok(())
    }
}

/// What becomes of attributes that are not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attributes {
    Kept,
    Replaced,
}

fn at(place: &str, wrong: &fields::BadField) -> FlowError {
    FlowError::invalid(place, "invalid", wrong.to_string())
}

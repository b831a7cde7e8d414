//! What a caller tells of a customer, and what becomes of the customer by it.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Consent, ConsentLevel, ConsentSource, ConsentState, Currency, EmailAddress, Minor, Phone, Point,
    Timestamp, Zone,
    customer::{Address, AttributeValue},
    fields,
};
use flows::identify::Caller;
use jiff::civil::Date;
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::{Value, value::RawValue};
use utoipa::ToSchema;

use crate::{
    error::Problem,
    input::{self, Faults, Part, Written},
};

const ORDERS_MAX: i64 = 1_000_000_000;

/// What is told. In a `PATCH`, `null` clears, and what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomerTold {
    /// The whole name, in place of its two parts.
    name: Option<String>,
    #[serde(default, alias = "firstName")]
    #[schema(value_type = Option<String>)]
    first_name: Part<String>,
    #[serde(default, alias = "lastName")]
    #[schema(value_type = Option<String>)]
    last_name: Part<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    email: Part<String>,
    /// As people write it; kept as E.164.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    phone: Part<String>,
    /// The country of a phone number that does not say its own; unless told, that of the first address.
    phone_country: Option<String>,
    /// At most 20.
    #[serde(default)]
    #[schema(value_type = Option<Vec<AddressTold>>)]
    addresses: Part<Vec<AddressTold>>,
    /// At most 250, compared without case.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    tags: Part<Vec<String>>,
    /// A tag of BCP 47: `en`, `pt-BR`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    language: Part<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    birthday: Part<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    note: Part<String>,
    /// The shop's own columns: text, number, yes or no, list of texts, `{"day": "2026-01-31"}`, `{"number": "12.5"}`;
    /// `null` takes one away. At most 100.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    attributes: Part<BTreeMap<String, Box<RawValue>>>,
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
    /// Taken from other systems' requests and not kept: orders tell it.
    #[serde(default, rename = "last_order_at", alias = "lastOrderAt")]
    #[schema(value_type = Option<String>)]
    _last_order_at: IgnoredAny,
    /// Taken from other systems' requests and not kept: customers have no status here.
    #[serde(default, rename = "status")]
    #[schema(value_type = Option<String>)]
    _status: IgnoredAny,
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
    /// Where it lies, in degrees: north and east are positive. Without, an address that is there already stays where it is.
    latitude: Option<f64>,
    longitude: Option<f64>,
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

/// What was told, understood.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(super) at: Timestamp,
    pub(super) first_name: Part<String>,
    pub(super) last_name: Part<String>,
    pub(super) email: Part<EmailAddress>,
    pub(super) phone: Part<Phone>,
    pub(super) addresses: Part<Vec<Address>>,
    pub(super) tags: Part<Vec<String>>,
    pub(super) language: Part<String>,
    pub(super) birthday: Part<Date>,
    pub(super) note: Part<String>,
    pub(super) attributes: Part<BTreeMap<String, Option<AttributeValue>>>,
    pub(super) email_consent: Option<Consent>,
    pub(super) sms_consent: Option<Consent>,
    pub(super) orders: Option<i64>,
    pub(super) spent: Option<Minor>,
}

impl CustomerTold {
    /// Everything that is wrong, or what it says.
    pub(crate) fn understood(self, scene: Scene<'_>) -> Result<Told, Problem> {
        let mut faults = Faults::default();
        let it = &mut faults;
        let mut told = Told {
            at: scene.now,
            first_name: it.part("/first_name", self.first_name, |name| fields::name(&name)),
            last_name: it.part("/last_name", self.last_name, |name| fields::name(&name)),
            email: it.part("/email", self.email, |email| email.parse()),
            language: it.part("/language", self.language, |language| fields::language(&language)),
            birthday: it.part("/birthday", self.birthday, |day| {
                fields::birthday(&day, scene.now.to_zoned(scene.zone.time_zone().clone()).date())
            }),
            note: it.part("/note", self.note, |note| fields::note(&note)),
            addresses: self.addresses.map(|told| addresses(it, told)),
            tags: self.tags.map(|told| tags(it, told)),
            attributes: self.attributes.map(|told| attributes(it, told)),
            email_consent: consent(it, "/email_consent", self.email_consent, scene),
            sms_consent: consent(it, "/sms_consent", self.sms_consent, scene),
            orders: it.maybe("/orders_count", self.orders_count, |told| count(&told.0)),
            spent: it.maybe("/total_spent", self.total_spent, |told| spent(&told.0, scene.currency)),
            phone: Part::Left,
        };
        if let Some(name) = self.name {
            if told.first_name != Part::Left || told.last_name != Part::Left {
                it.add("/name", "invalid", "is told twice: either whole or in its parts");
            } else if let Some((first, last)) = it.take("/name", fields::whole_name(&name)) {
                told.first_name = Part::Told(first);
                told.last_name = last.map_or(Part::Cleared, Part::Told);
            }
        }
        let stated = it.maybe("/phone_country", self.phone_country, |country| fields::country(&country));
        let home = told.addresses.told().into_iter().flatten().find_map(|address| address.country.clone());
        let country = stated.or(home);
        told.phone = it.part("/phone", self.phone, |phone| Phone::parse(&phone, country.as_deref()));
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
            point: None,
        };
        let point = match (told.latitude, told.longitude) {
            (None, None) => None,
            (latitude, longitude) => {
                let point = latitude.zip(longitude).and_then(|(north, east)| Point::of_degrees(north, east));
                if point.is_none() {
                    let sentence =
                        "needs a latitude from -90 to 90 and a longitude from -180 to 180, not both 0";
                    faults.add(&format!("/addresses/{row}/latitude"), "invalid", sentence);
                }
                point
            }
        };
        if faults.is_empty() {
            let address = faults.take(&format!("/addresses/{row}"), fields::address(address));
            all.extend(address.map(|address| Address { point, ..address }));
        }
    }
    all
}

pub(crate) fn tags(faults: &mut Faults, told: Vec<String>) -> Vec<String> {
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

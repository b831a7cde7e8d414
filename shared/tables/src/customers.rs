//! Rows that speak of customers: ours, Shopify's export, other systems' files.
//!
//! An empty cell says nothing: it clears nothing. Totals count only for somebody who is new, so that a file that comes
//! twice changes nothing. A grant of consent beats no withdrawal unless it says that it is newer.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Consent, ConsentLevel, ConsentSource, ConsentState, Customer, EmailAddress, Phone,
    customer::{Address, AttributeValue, Opening},
    fields,
};
use jiff::civil::Date;

use crate::{
    CellFault, Columns, HeaderFault, Reading, SheetRow,
    cells::{Cells, instant, not_negative},
    header::{Known, plain},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Id,
    Kind,
    Name,
    FirstName,
    LastName,
    Email,
    Phone,
    Company,
    Line1,
    Line2,
    City,
    Region,
    Postcode,
    Country,
    Tags,
    Language,
    Birthday,
    Note,
    EmailConsent,
    EmailConsentAt,
    SmsConsent,
    SmsConsentAt,
    Orders,
    Spent,
}

const KNOWN: [Known<Field>; 24] = [
    (Field::Id, "id", &["customer_id", "customer_external_id", "external_id"]),
    (Field::Kind, "kind", &[]),
    (Field::Name, "name", &["full_name", "customer_name"]),
    (Field::FirstName, "first_name", &["given_name", "forename"]),
    (Field::LastName, "last_name", &["family_name", "surname"]),
    (Field::Email, "email", &["e-mail", "email_address", "mail", "customer_email"]),
    (Field::Phone, "phone", &["phone_number", "telephone", "mobile", "customer_phone"]),
    (Field::Company, "company", &["default_address_company"]),
    (Field::Line1, "line1", &["default_address_address1", "address1", "address", "street"]),
    (Field::Line2, "line2", &["default_address_address2", "address2"]),
    (Field::City, "city", &["default_address_city", "location", "town"]),
    (Field::Region, "region", &["default_address_province_code", "province_code", "state", "province"]),
    (Field::Postcode, "postcode", &["default_address_zip", "zip", "zip_code", "postal_code"]),
    (Field::Country, "country", &["default_address_country_code", "country_code"]),
    (Field::Tags, "tags", &[]),
    (Field::Language, "language", &["locale"]),
    (Field::Birthday, "birthday", &["birth_date", "date_of_birth"]),
    (Field::Note, "note", &["notes"]),
    (Field::EmailConsent, "email_consent", &["accepts_email_marketing", "accepts_marketing"]),
    (Field::EmailConsentAt, "email_consent_at", &[]),
    (Field::SmsConsent, "sms_consent", &["accepts_sms_marketing"]),
    (Field::SmsConsentAt, "sms_consent_at", &[]),
    (Field::Orders, "orders_count", &["total_orders", "visit_count", "total_visits", "visits"]),
    (Field::Spent, "total_spent", &["total_spend", "total_spending"]),
];

/// A file to begin with.
pub const SAMPLE: &str = "\
id,first_name,last_name,email,phone,line1,line2,city,region,postcode,country,tags,language,email_consent,email_consent_at,note
CUST001,Ada,Lovelace,ada@example.com,+14155552671,1 Main St,Flat 2,San Francisco,CA,94103,US,\"vip, tea\",en,yes,2026-01-31T09:30:00Z,
CUST002,José,Ramírez,jose@example.com,,Calle Mayor 1,,Madrid,M,28013,ES,,es,no,2026-02-01T10:00:00Z,\"likes a call, not a mail\"
CUST003,Jo,,jo@example.com,+442079460958,,,,,,GB,new,en,,,
";

/// What another system calls somebody.
pub const CALLED_CHARS_MAX: usize = 64;
const ORDERS_MAX: i64 = 1_000_000_000;

/// The columns of a file of customers, one of which must say how somebody is reached.
pub fn columns(header: &[String]) -> Result<Columns<Field>, HeaderFault> {
    let columns = Columns::of(header, &KNOWN)?;
    if columns.has(Field::Email) || columns.has(Field::Phone) {
        return Ok(columns);
    }
    Err(columns.missing(&KNOWN, "email or phone", &[Field::Email, Field::Phone]))
}

/// Columns that we do not know, with what may have been meant.
pub fn unknown(columns: &Columns<Field>) -> Vec<(String, Option<&'static str>)> {
    columns.unknown(&KNOWN)
}

/// What a row says of somebody.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CustomerRow {
    pub row: u64,
    /// What the file calls them: our id, or another system's.
    pub called: Option<String>,
    /// Known only from an order's address.
    pub is_guest: bool,
    pub email: Option<EmailAddress>,
    pub phone: Option<Phone>,
    first_name: Option<String>,
    last_name: Option<String>,
    address: Address,
    tags: Vec<String>,
    language: Option<String>,
    birthday: Option<Date>,
    note: Option<String>,
    attributes: BTreeMap<String, AttributeValue>,
    email_consent: Option<Word>,
    sms_consent: Option<Word>,
    opening: Opening,
}

/// What a file says about consent.
#[derive(Debug, Clone, PartialEq)]
struct Word {
    consent: Consent,
    /// It says when.
    is_dated: bool,
}

/// What the row says, or everything that is wrong with it.
pub fn read(
    columns: &Columns<Field>,
    row: &SheetRow,
    reading: &Reading<'_>,
) -> Result<CustomerRow, Vec<CellFault>> {
    let mut cells = Cells::of(columns, row);
    let it = &mut cells;
    if let Some(wrong) = row.wrong {
        it.whole(&wrong.to_string());
        return Err(cells.faults);
    }
    let mut told = CustomerRow {
        row: row.number,
        called: it.take(Field::Id, |cell| fields::line(cell.trim_start_matches('\''), CALLED_CHARS_MAX)),
        is_guest: it.take(Field::Kind, kind) == Some("guest"),
        email: it.take(Field::Email, str::parse),
        first_name: it.take(Field::FirstName, fields::name),
        last_name: it.take(Field::LastName, fields::name),
        address: Address {
            company: it.take(Field::Company, fields::place),
            line1: it.take(Field::Line1, fields::place),
            line2: it.take(Field::Line2, fields::place),
            city: it.take(Field::City, fields::place),
            region: it.take(Field::Region, fields::place),
            postcode: it.take(Field::Postcode, fields::postcode),
            country: it.take(Field::Country, fields::country),
        },
        tags: it.take(Field::Tags, tags).unwrap_or_default(),
        language: it.take(Field::Language, fields::language),
        birthday: it.take(Field::Birthday, |cell| {
            fields::birthday(cell, reading.now.to_zoned(reading.zone.time_zone().clone()).date())
        }),
        note: it.take(Field::Note, fields::note),
        email_consent: consent(it, (Field::EmailConsent, Field::EmailConsentAt), reading),
        sms_consent: consent(it, (Field::SmsConsent, Field::SmsConsentAt), reading),
        opening: Opening {
            orders: it.take(Field::Orders, count).unwrap_or_default(),
            spent: it.take(Field::Spent, |cell| not_negative(cell, reading.currency)).unwrap_or_default(),
        },
        phone: None,
        attributes: BTreeMap::new(),
    };
    if let Some((first, last)) = it.take(Field::Name, fields::whole_name)
        && told.first_name.is_none()
        && told.last_name.is_none()
    {
        (told.first_name, told.last_name) = (Some(first), last);
    }
    let country = told.address.country.clone().or_else(|| reading.country.clone());
    told.phone = it.take(Field::Phone, |cell| Phone::parse(cell, country.as_deref()));
    if reading.keeps_unknown {
        told.attributes = attributes(it);
    }
    if it.faults.is_empty() && told.email.is_none() && told.phone.is_none() {
        it.whole("has neither a mail address nor a telephone number");
    }
    if cells.faults.is_empty() { Ok(told) } else { Err(cells.faults) }
}

fn kind(cell: &str) -> Result<&'static str, &'static str> {
    ["person", "guest"].into_iter().find(|kind| *kind == plain(cell)).ok_or("is not one of person and guest")
}

fn tags(cell: &str) -> Result<Vec<String>, fields::BadField> {
    let tags = cell.split([',', ';']).map(str::trim).filter(|tag| !tag.is_empty());
    let tags: Vec<_> = tags.map(fields::tag).collect::<Result<_, _>>()?;
    fields::tags(&BTreeSet::new(), tags.iter().cloned())?;
    Ok(tags)
}

fn count(cell: &str) -> Result<i64, String> {
    let count = cell.parse().ok().filter(|count| (0..=ORDERS_MAX).contains(count));
    count.ok_or_else(|| format!("is not a count: a whole number from 0 to {ORDERS_MAX} is expected"))
}

fn consent(cells: &mut Cells<'_, Field>, (field, at): (Field, Field), reading: &Reading<'_>) -> Option<Word> {
    let state = cells.take(field, state);
    let told_at = cells.take(at, |cell| {
        let at = instant(cell, reading.zone)?;
        if at > reading.now { Err(fields::BadField::Future) } else { Ok(at) }
    });
    let source = match reading.attested {
        Some(_) => ConsentSource::AttestedImport,
        None => ConsentSource::Import,
    };
    let consent = Consent {
        state: state?,
        level: ConsentLevel::Unknown,
        source,
        method: reading.attested.clone(),
        at: told_at.unwrap_or(reading.now),
    };
    Some(Word { consent, is_dated: told_at.is_some() })
}

fn state(cell: &str) -> Result<ConsentState, &'static str> {
    match plain(cell).as_str() {
        "yes" | "true" | "1" | "y" | "subscribed" => Ok(ConsentState::Subscribed),
        "no" | "false" | "0" | "n" | "notsubscribed" => Ok(ConsentState::NotSubscribed),
        "pending" => Ok(ConsentState::Pending),
        "unsubscribed" => Ok(ConsentState::Unsubscribed),
        "invalid" => Ok(ConsentState::Invalid),
        _ => Err("is not one of yes, no, subscribed, not_subscribed, pending, unsubscribed, invalid"),
    }
}

/// Each value has the type of its form; a number that would not be shown as it is written stays a text.
fn attributes(cells: &mut Cells<'_, Field>) -> BTreeMap<String, AttributeValue> {
    let mut all = BTreeMap::new();
    let columns = cells.columns;
    let unknown = columns.fields.iter().enumerate().filter(|(_, field)| field.is_none());
    for (place, _) in unknown {
        let name: String = columns.names[place]
            .to_lowercase()
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' })
            .collect();
        let Ok(name) = fields::attribute_name(name.trim_matches('_')) else { continue };
        let value = cells.take_at(place, |cell| {
            if let Ok(day) = fields::day(cell) {
                return Ok(AttributeValue::Day(day));
            }
            match fields::attribute_number(cell) {
                Ok(AttributeValue::Number(number)) if fields::show_number(number) == cell => {
                    Ok(AttributeValue::Number(number))
                }
                _ if cell.eq_ignore_ascii_case("true") => Ok(AttributeValue::Yes(true)),
                _ if cell.eq_ignore_ascii_case("false") => Ok(AttributeValue::Yes(false)),
                _ => fields::attribute_text(cell),
            }
        });
        all.extend(value.map(|value| (name, value)));
    }
    all
}

impl CustomerRow {
    /// What was bought before there were orders here: for somebody who is new.
    pub fn opening(&self) -> Opening {
        self.opening
    }

    /// Tells a customer all but their totals. Told twice, it changes nothing the second time.
    pub fn tell(&self, customer: &mut Customer) -> Result<(), fields::BadField> {
        fn set<T: Clone>(field: &mut Option<T>, told: Option<&T>) {
            if told.is_some() {
                *field = told.cloned();
            }
        }
        set(&mut customer.first_name, self.first_name.as_ref());
        set(&mut customer.last_name, self.last_name.as_ref());
        set(&mut customer.email, self.email.as_ref());
        set(&mut customer.phone, self.phone.as_ref());
        set(&mut customer.language, self.language.as_ref());
        set(&mut customer.birthday, self.birthday.as_ref());
        set(&mut customer.note, self.note.as_ref());
        if self.address != Address::default() {
            let mut first = customer.addresses.first().cloned().unwrap_or_default();
            set(&mut first.company, self.address.company.as_ref());
            set(&mut first.line1, self.address.line1.as_ref());
            set(&mut first.line2, self.address.line2.as_ref());
            set(&mut first.city, self.address.city.as_ref());
            set(&mut first.region, self.address.region.as_ref());
            set(&mut first.postcode, self.address.postcode.as_ref());
            set(&mut first.country, self.address.country.as_ref());
            match customer.addresses.first_mut() {
                Some(held) => *held = first,
                None => customer.addresses.push(first),
            }
        }
        let tags = customer.tags.iter().chain(&self.tags).cloned().collect::<Vec<_>>();
        customer.tags = fields::tags(&customer.tags, tags)?;
        customer.attributes.extend(self.attributes.clone());
        if customer.attributes.len() > fields::ATTRIBUTES_MAX {
            return Err(fields::BadField::TooMany(fields::ATTRIBUTES_MAX));
        }
        customer.email_consent = heard(customer.email_consent.take(), self.email_consent.as_ref());
        customer.sms_consent = heard(customer.sms_consent.take(), self.sms_consent.as_ref());
        Ok(())
    }
}

/// What holds after a file's word. One without a date says nothing new of what is held, brings nobody back who went,
/// and its "no" takes nothing away: it may only be older than the yes.
fn heard(held: Option<Consent>, word: Option<&Word>) -> Option<Consent> {
    let Some(word) = word else { return held };
    let Some(held) = held else { return Some(Consent::told(None, word.consent.clone())) };
    let went =
        matches!(held.state, ConsentState::Unsubscribed | ConsentState::Invalid | ConsentState::Redacted);
    let is_said = held.state == word.consent.state
        || !word.is_dated && (went || word.consent.state == ConsentState::NotSubscribed);
    Some(if is_said { held } else { Consent::told(Some(&held), word.consent.clone()) })
}

#[cfg(test)]
mod tests;

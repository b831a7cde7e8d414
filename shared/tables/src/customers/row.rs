//! What a row says of somebody, and what becomes of a customer by it.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Currency, Customer, EmailAddress, Minor, Phone, Timestamp,
    customer::{Address, AttributeValue, Opening},
    fields, own,
};
use jiff::civil::Date;

use super::{CALLED_CHARS_MAX, Field, consent};
use crate::{
    CellFault, Columns, HeaderFault, REASON_COLUMN, Reading, SheetRow,
    cells::{Cells, instant, not_negative, ours},
    header::plain,
    json,
};

const ORDERS_MAX: i64 = 1_000_000_000;

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
    more_addresses: Option<Vec<Address>>,
    email_consent: Option<consent::Word>,
    sms_consent: Option<consent::Word>,
    opening: Opening,
    created_at: Option<Timestamp>,
    /// When the file says it.
    told_at: Timestamp,
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
            point: None,
        },
        tags: it.take(Field::Tags, tags).unwrap_or_default(),
        language: it.take(Field::Language, fields::language),
        birthday: it.take(Field::Birthday, |cell| {
            fields::birthday(cell, reading.now.to_zoned(reading.zone.time_zone().clone()).date())
        }),
        note: it.take(Field::Note, fields::note),
        email_consent: consent::read(it, &consent::EMAIL, reading),
        sms_consent: consent::read(it, &consent::SMS, reading),
        more_addresses: it.take(Field::MoreAddresses, json::addresses),
        opening: opening(it, reading.currency),
        created_at: it.take(Field::CreatedAt, |cell| {
            let at = instant(cell, reading.zone)?;
            if at > reading.now { Err(fields::BadField::Future) } else { Ok(at) }
        }),
        phone: None,
        told_at: reading.now,
        attributes: it.take(Field::Attributes, json::attributes).unwrap_or_default(),
    };
    it.take(Field::Currency, |cell| ours(cell, reading.currency));
    if let Some((first, last)) = it.take(Field::Name, fields::whole_name)
        && told.first_name.is_none()
        && told.last_name.is_none()
    {
        (told.first_name, told.last_name) = (Some(first), last);
    }
    let country = told.address.country.clone().or_else(|| reading.country.clone());
    told.phone = it.take(Field::Phone, |cell| Phone::parse(cell, country.as_deref()));
    if reading.keeps_unknown {
        told.attributes.extend(attributes(it));
    }
    if it.faults.is_empty() && told.email.is_none() && told.phone.is_none() {
        it.whole("has neither a mail address nor a telephone number");
    }
    if cells.faults.is_empty() { Ok(told) } else { Err(cells.faults) }
}

fn kind(cell: &str) -> Result<&'static str, &'static str> {
    ["person", "guest"].into_iter().find(|kind| *kind == plain(cell)).ok_or("is not one of person and guest")
}

fn tags(cell: &str) -> Result<Vec<String>, String> {
    let all = if cell.starts_with('[') {
        json::words(cell)?
    } else {
        cell.split([',', ';']).map(|tag| tag.trim().to_owned()).collect()
    };
    let tags = all.iter().filter(|tag| !tag.is_empty()).map(|tag| fields::tag(tag));
    let tags: Vec<_> = tags.collect::<Result<_, _>>().map_err(|bad| bad.to_string())?;
    fields::tags(&BTreeSet::new(), tags.iter().cloned()).map_err(|bad| bad.to_string())?;
    Ok(tags)
}

fn count(cell: &str) -> Result<i64, String> {
    let count = cell.parse().ok().filter(|count| (0..=ORDERS_MAX).contains(count));
    count.ok_or_else(|| format!("is not a count: a whole number from 0 to {ORDERS_MAX} is expected"))
}

/// What was bought before there were orders here. A file that tells it apart from the totals means nothing by these.
fn opening(it: &mut Cells<'_, Field>, currency: Currency) -> Opening {
    if it.columns.has(Field::OpeningOrders) || it.columns.has(Field::OpeningSpent) {
        let orders = |cell: &str| {
            let orders = cell.parse().ok().filter(|orders| (-ORDERS_MAX..=ORDERS_MAX).contains(orders));
            orders.ok_or("is not a whole number")
        };
        return Opening {
            orders: it.take(Field::OpeningOrders, orders).unwrap_or_default(),
            spent: it.take(Field::OpeningSpent, |cell| Minor::parse(cell, currency)).unwrap_or_default(),
        };
    }
    Opening {
        orders: it.take(Field::Orders, count).unwrap_or_default(),
        spent: it.take(Field::Spent, |cell| not_negative(cell, currency)).unwrap_or_default(),
    }
}

/// Where the columns stand that can become attributes.
fn kept(columns: &Columns<Field>) -> impl Iterator<Item = usize> {
    let unknown = columns.fields.iter().enumerate().filter(|(_, field)| field.is_none());
    unknown.map(|(place, _)| place).filter(|place| columns.names[*place] != REASON_COLUMN)
}

/// What a column is called as an attribute.
fn attribute_name(column: &str) -> Option<String> {
    let ours = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let name: String = column.to_lowercase().chars().map(ours).collect();
    fields::attribute_name(name.trim_matches('_')).ok()
}

/// Of two columns that would become one attribute, what one says would be lost.
pub fn kept_apart(header: &[String]) -> Result<(), HeaderFault> {
    let columns = &super::columns(header)?;
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    for place in kept(columns) {
        let first = attribute_name(&columns.names[place]).and_then(|name| all.insert(name, place));
        if let Some(first) = first {
            let [first, second] = [first, place].map(|place| columns.names[place].clone());
            return Err(HeaderFault::OneAttribute(first, second));
        }
    }
    Ok(())
}

/// Each value has the type of its form; a number that would not be shown as it is written stays a text.
fn attributes(cells: &mut Cells<'_, Field>) -> BTreeMap<String, AttributeValue> {
    let mut all = BTreeMap::new();
    let columns = cells.columns;
    for place in kept(columns) {
        let Some(name) = attribute_name(&columns.names[place]) else { continue };
        if all.contains_key(&name) {
            cells.take_at(place, |_| Err::<(), _>("would become the same attribute as another column"));
            continue;
        }
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

    /// Since when they have been a customer, as far as the file knows: for somebody who is new.
    pub fn created_at(&self) -> Option<Timestamp> {
        self.created_at
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
        let had = (customer.email.clone(), customer.phone.clone());
        set(&mut customer.email, self.email.as_ref());
        set(&mut customer.phone, self.phone.as_ref());
        customer.readdressed(&had, self.told_at);
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
            let first = Address { point: None, ..first }.located_as(&customer.addresses);
            match customer.addresses.first_mut() {
                Some(held) => *held = first,
                None => customer.addresses.push(first),
            }
        }
        if let Some(more) = &self.more_addresses {
            let held = customer.addresses.clone();
            customer.addresses.truncate(1);
            customer.addresses.extend(more.iter().map(|address| address.clone().located_as(&held)));
            if customer.addresses.len() > fields::ADDRESSES_MAX {
                return Err(fields::BadField::TooMany(fields::ADDRESSES_MAX));
            }
        }
        let tags = customer.tags.iter().chain(&self.tags).cloned().collect::<Vec<_>>();
        customer.tags = fields::tags(&customer.tags, tags)?;
        customer.attributes.extend(self.attributes.clone());
        if own::brought(&customer.attributes).count() > fields::ATTRIBUTES_MAX {
            return Err(fields::BadField::TooMany(fields::ATTRIBUTES_MAX));
        }
        customer.email_consent = consent::heard(customer.email_consent.take(), self.email_consent.as_ref());
        customer.sms_consent = consent::heard(customer.sms_consent.take(), self.sms_consent.as_ref());
        Ok(())
    }
}

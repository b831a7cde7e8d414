//! Rows that speak of customers: ours, Shopify's export, other systems' files.
//!
//! An empty cell says nothing: it clears nothing. Totals count only for somebody who is new, so that a file that comes
//! twice changes nothing. A grant of consent beats no withdrawal unless it says that it is newer.

mod consent;
mod row;
mod written;

use crate::{Columns, HeaderFault, header::Known};

pub use row::{CustomerRow, kept_apart, read};
pub use written::{header, write};

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
    MoreAddresses,
    Tags,
    Language,
    Birthday,
    Note,
    Attributes,
    EmailConsent,
    EmailConsentAt,
    EmailConsentLevel,
    EmailConsentSource,
    EmailConsentMethod,
    SmsConsent,
    SmsConsentAt,
    SmsConsentLevel,
    SmsConsentSource,
    SmsConsentMethod,
    Orders,
    Spent,
    OpeningOrders,
    OpeningSpent,
    Currency,
    /// This and `LastOrderAt` and `UpdatedAt` are for whoever looks at the file: nothing is brought by them.
    FirstOrderAt,
    LastOrderAt,
    CreatedAt,
    UpdatedAt,
}

const KNOWN: [Known<Field>; 39] = [
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
    (Field::MoreAddresses, "more_addresses", &[]),
    (Field::Tags, "tags", &[]),
    (Field::Language, "language", &["locale"]),
    (Field::Birthday, "birthday", &["birth_date", "date_of_birth"]),
    (Field::Note, "note", &["notes"]),
    (Field::Attributes, "attributes", &[]),
    (Field::EmailConsent, "email_consent", &["accepts_email_marketing", "accepts_marketing"]),
    (Field::EmailConsentAt, "email_consent_at", &[]),
    (Field::EmailConsentLevel, "email_consent_level", &[]),
    (Field::EmailConsentSource, "email_consent_source", &[]),
    (Field::EmailConsentMethod, "email_consent_method", &[]),
    (Field::SmsConsent, "sms_consent", &["accepts_sms_marketing"]),
    (Field::SmsConsentAt, "sms_consent_at", &[]),
    (Field::SmsConsentLevel, "sms_consent_level", &[]),
    (Field::SmsConsentSource, "sms_consent_source", &[]),
    (Field::SmsConsentMethod, "sms_consent_method", &[]),
    (Field::Orders, "orders_count", &["total_orders", "visit_count", "total_visits", "visits"]),
    (Field::Spent, "total_spent", &["total_spend", "total_spending"]),
    (Field::OpeningOrders, "opening_orders", &[]),
    (Field::OpeningSpent, "opening_spent", &[]),
    (Field::Currency, "currency", &[]),
    (Field::FirstOrderAt, "first_order_at", &["first_order_date"]),
    (Field::LastOrderAt, "last_order_at", &["last_order_date"]),
    (Field::CreatedAt, "created_at", &["added_at", "registration_date", "signup_date"]),
    (Field::UpdatedAt, "updated_at", &[]),
];

/// A file to begin with.
pub const SAMPLE: &str = "\
id,first_name,last_name,email,phone,line1,line2,city,region,postcode,country,tags,language,email_consent,email_consent_at,note
CUST001,Ada,Lovelace,ada@example.com,+14155552671,1 Main St,Flat 2,San Francisco,CA,94103,US,\"vip, tea\",en,yes,2026-01-31T09:30:00Z,
CUST002,José,Ramírez,jose@example.com,,Calle Mayor 1,,Madrid,M,28013,ES,,es,no,2026-02-01T10:00:00Z,\"likes a call, not a mail\"
CUST003,Jo,,jo@example.com,+442079460958,,,,,,GB,new,en,,,
";

/// What another system calls somebody.
const CALLED_CHARS_MAX: usize = 64;

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

#[cfg(test)]
mod tests;

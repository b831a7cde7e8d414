//! Customers as rows that can be brought again, here or elsewhere, without loss.

use domain::{
    Currency, Customer, EmailAddress, Minor, Phone,
    customer::{Address, CustomerKind},
    own,
};

use super::{KNOWN, consent};
use crate::{json, line};

/// The first row: the names of our columns, but for `name`, which its two parts tell.
pub fn header() -> String {
    let mut out = String::new();
    line::write(KNOWN.iter().map(|(_, name, _)| *name).filter(|name| *name != "name"), &mut out);
    out
}

/// Totals are told as they are, and beside them what of them no order here has made: that alone is brought.
pub fn write(customer: &Customer, currency: Currency, out: &mut String) {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let at = |at: Option<domain::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let first = customer.addresses.first().cloned().unwrap_or_default();
    let Address { company, line1, line2, city, region, postcode, country, point: _ } = &first;
    let is_plain = |tag: &String| !tag.contains([',', ';']) && !tag.starts_with('[');
    let tags = if customer.tags.iter().all(is_plain) {
        customer.tags.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
    } else {
        json::show_words(&customer.tags)
    };
    let more = customer.addresses.get(1..).filter(|more| !more.is_empty());
    let brought: Vec<_> = own::brought(&customer.attributes).collect();
    let spent = Minor::new(customer.totals.spent).map(|spent| spent.show(currency));
    let kind = if customer.kind == CustomerKind::Guest { "guest" } else { "person" };
    let mut cells = vec![
        customer.id.to_string(),
        kind.to_owned(),
        text(&customer.first_name),
        text(&customer.last_name),
        customer.email.as_ref().map(EmailAddress::as_str).unwrap_or_default().to_owned(),
        customer.phone.as_ref().map(Phone::as_str).unwrap_or_default().to_owned(),
    ];
    cells.extend([company, line1, line2, city, region, postcode, country].map(text));
    cells.extend([
        more.map(json::show_addresses).unwrap_or_default(),
        tags,
        text(&customer.language),
        customer.birthday.map(|day| day.to_string()).unwrap_or_default(),
        text(&customer.note),
        if brought.is_empty() { String::new() } else { json::show_attributes(brought) },
    ]);
    cells.extend(consent::show(customer.email_consent.as_ref()));
    cells.extend(consent::show(customer.sms_consent.as_ref()));
    cells.extend([
        customer.totals.orders.to_string(),
        spent.unwrap_or_default(),
        customer.opening.orders.to_string(),
        customer.opening.spent.show(currency),
        currency.to_string(),
        at(customer.totals.first_order_at),
        at(customer.totals.last_order_at),
        customer.created_at.to_string(),
        customer.updated_at.to_string(),
    ]);
    line::write(cells.iter().map(String::as_str), out);
}

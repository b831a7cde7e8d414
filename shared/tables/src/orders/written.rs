//! Orders as rows that can be brought again, here or elsewhere, without loss: one for each line.

use domain::{
    Currency, Customer, EmailAddress, Order, Phone,
    order::{OrderLine, OrderStatus},
};

use super::Field;
use crate::line;

/// In the order in which they are written. Those of an order stand in its first row, those of a line in each.
const COLUMNS: [(Field, &str); 25] = [
    (Field::Id, "id"),
    (Field::Name, "name"),
    (Field::Customer, "customer_id"),
    (Field::Email, "email"),
    (Field::Phone, "phone"),
    (Field::WalkIn, "walk_in"),
    (Field::Status, "status"),
    (Field::CancelledAt, "cancelled_at"),
    (Field::Test, "test"),
    (Field::Currency, "currency"),
    (Field::PlacedAt, "placed_at"),
    (Field::LineProduct, "line_product"),
    (Field::LineVariant, "line_variant"),
    (Field::LineTitle, "line_title"),
    (Field::LineQuantity, "line_quantity"),
    (Field::LinePrice, "line_price"),
    (Field::Subtotal, "subtotal"),
    (Field::Discounts, "discounts"),
    (Field::Taxes, "taxes"),
    (Field::TaxesIncluded, "taxes_included"),
    (Field::Shipping, "shipping"),
    (Field::Total, "total"),
    (Field::Refunded, "refunded"),
    (Field::Note, "note"),
    (Field::UpdatedAt, "updated_at"),
];

/// The first row.
pub fn header() -> String {
    let mut out = String::new();
    line::write(COLUMNS.iter().map(|(_, name)| *name), &mut out);
    out
}

/// Whoever is gone bought it as somebody who left no address.
pub fn write(order: &Order, customer: &Customer, currency: Currency, out: &mut String) {
    let is_known = !customer.is_gone() && !customer.id.is_walk_in();
    let known = Some(customer).filter(|_| is_known);
    let first = order.lines.first();
    let cells = COLUMNS.map(|(field, _)| {
        of_line(field, first, currency).unwrap_or_else(|| of_order(field, order, known, currency))
    });
    line::write(cells.iter().map(String::as_str), out);
    for further in order.lines.iter().skip(1) {
        let cells = COLUMNS.map(|(field, _)| match field {
            Field::Id => order.id.to_string(),
            field => of_line(field, Some(further), currency).unwrap_or_default(),
        });
        line::write(cells.iter().map(String::as_str), out);
    }
}

/// `None`: it is no column of lines.
fn of_line(field: Field, line: Option<&OrderLine>, currency: Currency) -> Option<String> {
    let of = |show: fn(&OrderLine) -> Option<String>| Some(line.and_then(show).unwrap_or_default());
    match field {
        Field::LineProduct => of(|line| line.product.clone()),
        Field::LineVariant => of(|line| line.variant.clone()),
        Field::LineTitle => of(|line| Some(line.title.clone())),
        Field::LineQuantity => of(|line| Some(line.quantity.to_string())),
        Field::LinePrice => Some(line.map(|line| line.price.show(currency)).unwrap_or_default()),
        _ => None,
    }
}

fn of_order(field: Field, order: &Order, customer: Option<&Customer>, currency: Currency) -> String {
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    match field {
        Field::Id => order.id.to_string(),
        Field::Name => order.name.clone().unwrap_or_default(),
        Field::Customer => customer.map(|customer| customer.id.to_string()).unwrap_or_default(),
        Field::Email => {
            let email = customer.and_then(|customer| customer.email.as_ref());
            email.map(EmailAddress::as_str).unwrap_or_default().to_owned()
        }
        Field::Phone => {
            let phone = customer.and_then(|customer| customer.phone.as_ref());
            phone.map(Phone::as_str).unwrap_or_default().to_owned()
        }
        Field::WalkIn => yes(customer.is_none()),
        Field::Status => status(order.status).to_owned(),
        Field::CancelledAt => order.cancelled_at.map(|at| at.to_string()).unwrap_or_default(),
        Field::Test => yes(order.is_test),
        Field::Currency => currency.to_string(),
        Field::PlacedAt => order.placed_at.to_string(),
        Field::Subtotal => order.subtotal().map(|subtotal| subtotal.show(currency)).unwrap_or_default(),
        Field::Discounts => order.discounts.show(currency),
        Field::Taxes => order.taxes.show(currency),
        Field::TaxesIncluded => yes(order.taxes_included()),
        Field::Shipping => order.shipping.show(currency),
        Field::Total => order.total.show(currency),
        Field::Refunded => order.refunded.show(currency),
        Field::Note => order.note.clone().unwrap_or_default(),
        Field::UpdatedAt => order.updated_at.to_string(),
        // Told by others.
        Field::FinancialStatus
        | Field::Items
        | Field::LineProduct
        | Field::LineVariant
        | Field::LineTitle
        | Field::LineQuantity
        | Field::LinePrice => String::new(),
    }
}

fn status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Pending => "pending",
        OrderStatus::Authorized => "authorized",
        OrderStatus::PartiallyPaid => "partially_paid",
        OrderStatus::Paid => "paid",
        OrderStatus::PartiallyRefunded => "partially_refunded",
        OrderStatus::Refunded => "refunded",
        OrderStatus::Voided => "voided",
    }
}

//! Rows that speak of orders: ours, Shopify's export, other systems' files.
//!
//! Rows that follow each other and name the same order are its lines. An order comes with the name that the file gives it, so
//! that a file that comes twice brings nothing twice.

mod row;
mod written;

use crate::{CellFault, Columns, HeaderFault, Place, RowFault, Sheet, SheetRow, header::Known};
use domain::bill::{LINES_MAX, ORDER_BYTES_MAX};

pub use row::{Buyer, OrderKey, OrderRow, read};
pub use written::{header, write};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Id,
    Name,
    Customer,
    Email,
    Phone,
    WalkIn,
    Status,
    /// Shopify's word: by its column its files are known.
    FinancialStatus,
    CancelledAt,
    Test,
    Currency,
    Discounts,
    Subtotal,
    Shipping,
    Taxes,
    TaxesIncluded,
    Total,
    Refunded,
    Note,
    Items,
    PlacedAt,
    /// For whoever looks at the file: nothing is brought by it.
    UpdatedAt,
    LineProduct,
    LineVariant,
    LineTitle,
    LineQuantity,
    LinePrice,
}

/// A file to begin with, of the customers in `customers::SAMPLE`.
pub const SAMPLE: &str = "\
id,name,customer_id,email,status,placed_at,line_title,line_variant,line_quantity,line_price,discounts,shipping,taxes,total,refunded,note
ORDER001,#1001,CUST001,ada@example.com,paid,2026-02-01T10:00:00Z,Green tea,TEA-1,2,10.00,2.00,4.00,0.00,27.00,0.00,gift
ORDER001,,,,,,Cup,CUP-1,1,5.00,,,,,,
ORDER002,#1002,CUST002,jose@example.com,partially_refunded,2026-02-03,Teapot,POT-1,1,30.00,0.00,0.00,0.00,30.00,5.00,
ORDER003,#1003,CUST003,jo@example.com,pending,2026-02-05,,,,,0.00,0.00,0.00,12.00,0.00,
";

const KNOWN: [Known<Field>; 27] = [
    (Field::Id, "id", &["order_id", "order_external_id", "external_id"]),
    (Field::Name, "name", &["order_name", "order_number", "order"]),
    (Field::Customer, "customer_id", &["customer", "customer_identifier", "customer_external_id"]),
    (Field::Email, "email", &["customer_email", "e-mail", "email_address", "mail"]),
    (Field::Phone, "phone", &["customer_phone", "phone_number"]),
    (Field::WalkIn, "walk_in", &[]),
    (Field::Status, "status", &["order_status", "payment_status"]),
    (Field::FinancialStatus, "financial_status", &[]),
    (Field::CancelledAt, "cancelled_at", &["canceled_at"]),
    (Field::Test, "test", &["is_test"]),
    (Field::Currency, "currency", &[]),
    (Field::Discounts, "discounts", &["discount_amount", "discount", "total_discounts"]),
    (Field::Subtotal, "subtotal", &["subtotal_price"]),
    (Field::Shipping, "shipping", &["shipping_amount"]),
    (Field::Taxes, "taxes", &["tax", "total_tax"]),
    (Field::TaxesIncluded, "taxes_included", &[]),
    (Field::Total, "total", &["amount", "order_amount", "total_amount", "total_price", "order_total"]),
    (Field::Refunded, "refunded", &["refunded_amount", "total_refunded"]),
    (Field::Note, "note", &["notes"]),
    (Field::Items, "items", &["items_description", "description", "products"]),
    (Field::PlacedAt, "placed_at", &["created_at", "order_date", "ordered_at", "processed_at", "date"]),
    (Field::UpdatedAt, "updated_at", &[]),
    (Field::LineProduct, "line_product", &["product_id", "lineitem_product"]),
    (Field::LineVariant, "line_variant", &["variant_id", "lineitem_sku", "sku"]),
    (Field::LineTitle, "line_title", &["lineitem_name", "product_name", "item_name"]),
    (Field::LineQuantity, "line_quantity", &["lineitem_quantity", "quantity", "qty"]),
    (Field::LinePrice, "line_price", &["lineitem_price", "price", "unit_price"]),
];

/// What a file must say, in one of these columns.
const NEEDED: [(&str, &[Field]); 3] = [
    ("email, phone or customer_id", &[Field::Customer, Field::Email, Field::Phone, Field::WalkIn]),
    ("total", &[Field::Total, Field::LinePrice]),
    ("placed_at", &[Field::PlacedAt]),
];

/// The columns of a file of orders.
pub fn columns(header: &[String]) -> Result<Columns<Field>, HeaderFault> {
    let columns = Columns::of(header, &KNOWN)?;
    for (sentence, fields) in NEEDED {
        if !fields.iter().any(|field| columns.has(*field)) {
            return Err(columns.missing(&KNOWN, sentence, fields));
        }
    }
    if has_lines(&columns) && !columns.has(Field::LineTitle) {
        return Err(columns.missing(&KNOWN, "line_title", &[Field::LineTitle]));
    }
    if columns.has(Field::LineTitle) && !columns.has(Field::LinePrice) {
        return Err(columns.missing(&KNOWN, "line_price", &[Field::LinePrice]));
    }
    Ok(columns)
}

/// Columns that we do not know, with what may have been meant.
pub fn unknown(columns: &Columns<Field>) -> Vec<(String, Option<&'static str>)> {
    columns.unknown(&KNOWN)
}

/// Whether each order has a name in the file, by which it is known when it comes again. Without one, orders are told apart by
/// all that is said of them: see `OrderKey::Said`.
pub fn names_orders(columns: &Columns<Field>) -> bool {
    columns.has(Field::Id) || columns.has(Field::Name)
}

fn has_lines(columns: &Columns<Field>) -> bool {
    [Field::LineProduct, Field::LineVariant, Field::LineTitle, Field::LineQuantity, Field::LinePrice]
        .into_iter()
        .any(|field| columns.has(field))
}

fn is_shopifys(columns: &Columns<Field>) -> bool {
    columns.has(Field::FinancialStatus)
}

/// Gathers the rows of one order after the other.
pub struct Gatherer<'a> {
    columns: &'a Columns<Field>,
    held: Vec<SheetRow>,
    bytes: usize,
}

impl<'a> Gatherer<'a> {
    pub fn new(columns: &'a Columns<Field>) -> Self {
        Self { columns, held: Vec::new(), bytes: 0 }
    }

    /// The rows of the order before, if this row is not one of them.
    pub fn add(&mut self, mut row: SheetRow) -> Option<Vec<SheetRow>> {
        let belongs = self.held.first().is_some_and(|first| self.are_one(first, &row));
        let whole = if belongs { None } else { self.rest() };
        self.bytes += row.cells.iter().map(String::len).sum::<usize>();
        // Of an order without end no more is held than tells that it has none.
        if self.bytes > 4 * ORDER_BYTES_MAX && !self.held.is_empty() {
            row = SheetRow { cells: Vec::new(), wrong: Some(RowFault::TooLong), ..row };
        }
        if self.held.len() <= LINES_MAX {
            self.held.push(row);
        }
        whole
    }

    /// The rows of the last order: behind them the file, or what is wanted of it, ends.
    pub fn rest(&mut self) -> Option<Vec<SheetRow>> {
        self.bytes = 0;
        Some(std::mem::take(&mut self.held)).filter(|rows| !rows.is_empty())
    }

    /// Where to begin again once everything is stored that was given out so far.
    pub fn place(&self, sheet: &Sheet) -> Place {
        self.held.first().map_or_else(|| sheet.place(), SheetRow::place)
    }

    fn are_one(&self, first: &SheetRow, row: &SheetRow) -> bool {
        if first.wrong.is_some() || row.wrong.is_some() || !has_lines(self.columns) {
            return false;
        }
        let same = |field: Field| {
            let place = self.columns.fields.iter().position(|known| *known == Some(field));
            let (first, row) = place.map_or(("", ""), |place| (&*first.cells[place], &*row.cells[place]));
            (!row.is_empty()).then_some(first == row)
        };
        same(Field::Id).or_else(|| same(Field::Name)).unwrap_or(false)
    }
}

/// Rows that cannot be read at all.
fn ruined(rows: &[SheetRow]) -> Vec<CellFault> {
    let wrong = rows.iter().filter_map(|row| Some((row.number, row.wrong?)));
    wrong.map(|(row, wrong)| CellFault { row, column: None, message: wrong.to_string() }).collect()
}

#[cfg(test)]
mod tests;

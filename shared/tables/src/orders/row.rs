//! What the rows of one order say, and what becomes of an order by them.

use domain::{
    CustomerId, EmailAddress, Minor, Order, OrderId, Phone, Timestamp,
    bill::{
        BadOrder, Bill, LINES_MAX, ORDER_BYTES_MAX, ORDER_NAME_CHARS_MAX, PRODUCT_CHARS_MAX, Payment,
        PaymentTold, QUANTITY_MAX, StatusWord, TITLE_CHARS_MAX, placed,
    },
    fields,
    order::{OrderLine, OrderStatus},
};

use super::{Field, is_shopifys, ruined};
use crate::{
    CellFault, Columns, Reading, SheetRow,
    cells::{Cells, instant, not_negative, ours, yes},
};

/// What was paid beyond the lines of a file that does not tell for what: a tip, a duty.
const OTHER: &str = "Not itemised";
const MISSING: &str = "is missing";

/// By what an order is known when it comes again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderKey {
    Id(OrderId),
    /// As the file calls it.
    Called(String),
    /// All that is said of it, apart from how it is paid. Of equal ones, each is another order.
    Said(String),
}

/// Whose the order is, by whatever is known here; the first of these that is somebody's counts. Nothing at all: they
/// left no address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buyer {
    pub id: Option<CustomerId>,
    /// What another system calls them.
    pub called: Option<String>,
    pub email: Option<EmailAddress>,
    pub phone: Option<Phone>,
}

/// What a file says of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    /// The first of its rows.
    pub row: u64,
    pub key: OrderKey,
    pub buyer: Buyer,
    name: Option<String>,
    status: Option<StatusWord>,
    refunded: Option<Minor>,
    cancelled_at: Option<Timestamp>,
    /// By all these words.
    payment: Payment,
    is_test: bool,
    lines: Vec<OrderLine>,
    discounts: Minor,
    taxes: Minor,
    shipping: Minor,
    total: Minor,
    note: Option<String>,
    placed_at: Timestamp,
}

/// What the rows of one order say, or everything that is wrong with them. `rows` are as the `Gatherer` gives them.
pub fn read(
    columns: &Columns<Field>,
    rows: &[SheetRow],
    reading: &Reading<'_>,
) -> Result<OrderRow, Vec<CellFault>> {
    let ruined = ruined(rows);
    let Some(first) = rows.first().filter(|_| ruined.is_empty()) else { return Err(ruined) };
    let mut cells = Cells::of(columns, first);
    let it = &mut cells;
    let buyer = buyer(it, reading);
    let money = |cell: &str| not_negative(cell, reading.currency);
    let status = [Field::Status, Field::FinancialStatus];
    let status = status.into_iter().find_map(|field| it.take(field, StatusWord::parse));
    let refunded = it.take(Field::Refunded, money);
    let cancelled_at = it.take(Field::CancelledAt, |cell| {
        let at = instant(cell, reading.zone)?;
        if at > reading.now { Err(fields::BadField::Future) } else { Ok(at) }
    });
    it.take(Field::Currency, |cell| ours(cell, reading.currency));
    if it.text(Field::PlacedAt).is_none() {
        it.wrong(Field::PlacedAt, "placed_at", &MISSING);
    }
    let placed_at = it.take(Field::PlacedAt, |cell| {
        let at = instant(cell, reading.zone).map_err(|wrong| wrong.to_string())?;
        placed(at, reading.now).map_err(|wrong| wrong.to_string())
    });
    let name = it.take(Field::Name, |cell| fields::line(cell, ORDER_NAME_CHARS_MAX));
    let items = it.take(Field::Items, fields::note);
    let note = it.take(Field::Note, fields::note).or(items);
    let is_test = it.take(Field::Test, yes).unwrap_or(false);
    let told = Amounts {
        discounts: it.take(Field::Discounts, money).unwrap_or_default(),
        taxes: it.take(Field::Taxes, money).unwrap_or_default(),
        shipping: it.take(Field::Shipping, money).unwrap_or_default(),
        subtotal: it.take(Field::Subtotal, money),
        total: it.take(Field::Total, money),
        taxes_included: it.take(Field::TaxesIncluded, yes),
    };
    let key = key(it, is_shopifys(columns));
    let mut faults = std::mem::take(&mut it.faults);
    let mut lines = Vec::new();
    for row in rows {
        let mut cells = Cells::of(columns, row);
        lines.extend(line(&mut cells, reading, is_shopifys(columns)));
        faults.extend(cells.faults);
    }
    it.faults = faults;
    if rows.len() > LINES_MAX {
        it.whole(&format!("the order has more than {LINES_MAX} lines"));
    }
    let Some(placed_at) = placed_at.filter(|_| it.faults.is_empty()) else { return Err(cells.faults) };

    let billed =
        if is_shopifys(columns) { told.reconciled(lines, reading) } else { told.billed(lines, reading) };
    let (lines, discounts, total) = billed.map_err(|wrong| {
        it.wrong(Field::Total, "total", &wrong);
        std::mem::take(&mut it.faults)
    })?;
    let words = PaymentTold { status, cancelled: cancelled_at.map(|_| true), refunded };
    let payment = Payment::first(&words, total, reading.now).map_err(|wrong| {
        it.wrong(Field::Refunded, "refunded", &wrong);
        std::mem::take(&mut it.faults)
    })?;
    let mut told = OrderRow {
        row: first.number,
        key: OrderKey::Said(String::new()),
        buyer,
        name,
        status,
        refunded,
        cancelled_at,
        payment,
        is_test,
        lines,
        discounts,
        taxes: told.taxes,
        shipping: told.shipping,
        total,
        note,
        placed_at,
    };
    told.key = key.unwrap_or_else(|| OrderKey::Said(told.said()));
    if told.order(OrderId::Shopify(1), reading.now).bytes() > ORDER_BYTES_MAX {
        it.whole(&format!(
            "the order is too much: all that is told may be {} KB together",
            ORDER_BYTES_MAX / 1024
        ));
        return Err(cells.faults);
    }
    Ok(told)
}

fn buyer(it: &mut Cells<'_, Field>, reading: &Reading<'_>) -> Buyer {
    let named = it.text(Field::Customer).map(|cell| cell.trim_start_matches('\''));
    let is_email = named.is_some_and(|named| named.contains('@'));
    let email = it.take(Field::Email, str::parse);
    let buyer = Buyer {
        id: named.and_then(|named| named.parse().ok()),
        called: named.filter(|_| !is_email).map(str::to_owned),
        email: if is_email { it.take(Field::Customer, str::parse) } else { email },
        phone: it.take(Field::Phone, |cell| Phone::parse(cell, reading.country.as_deref())),
    };
    let is_walk_in = it.take(Field::WalkIn, yes).unwrap_or(false);
    // At a till of Shopify's most leave no address.
    let may_be_nobody = is_walk_in || is_shopifys(it.columns);
    if buyer == Buyer::default() && it.faults.is_empty() && !may_be_nobody {
        it.whole("does not say whose the order is");
    }
    if is_walk_in { Buyer::default() } else { buyer }
}

fn key(it: &Cells<'_, Field>, is_shopifys: bool) -> Option<OrderKey> {
    if let Some(id) = it.text(Field::Id).map(|cell| cell.trim_start_matches('\'')) {
        let shopifys = id.parse().ok().filter(|id| is_shopifys && *id > 0).map(OrderId::Shopify);
        let known = shopifys.or_else(|| id.parse().ok());
        return Some(known.map_or_else(|| OrderKey::Called(format!("id {id}")), OrderKey::Id));
    }
    it.text(Field::Name).map(|name| OrderKey::Called(format!("name {name}")))
}

fn line(it: &mut Cells<'_, Field>, reading: &Reading<'_>, is_shopifys: bool) -> Option<OrderLine> {
    let id = |cell: &str| fields::line(cell, PRODUCT_CHARS_MAX);
    // What was taken out of an order stays in Shopify's file.
    if is_shopifys && it.text(Field::LineQuantity) == Some("0") {
        return None;
    }
    let (product, variant) = (it.take(Field::LineProduct, id), it.take(Field::LineVariant, id));
    let quantity = it.take(Field::LineQuantity, |cell| {
        cell.parse().ok().filter(|count| (1..=QUANTITY_MAX).contains(count)).ok_or(BadOrder::Quantity)
    });
    let title = it.take(Field::LineTitle, |cell| fields::line(cell, TITLE_CHARS_MAX));
    let price = it.take(Field::LinePrice, |cell| not_negative(cell, reading.currency));
    let told =
        [Field::LineProduct, Field::LineVariant, Field::LineQuantity, Field::LineTitle, Field::LinePrice];
    if told.into_iter().all(|field| it.text(field).is_none()) {
        return None;
    }
    for (needed, name) in [(Field::LineTitle, "line_title"), (Field::LinePrice, "line_price")] {
        if it.text(needed).is_none() {
            it.wrong(needed, name, &MISSING);
        }
    }
    Some(OrderLine { product, variant, title: title?, quantity: quantity.unwrap_or(1), price: price? })
}

/// What is told of an order's money.
struct Amounts {
    discounts: Minor,
    taxes: Minor,
    shipping: Minor,
    subtotal: Option<Minor>,
    total: Option<Minor>,
    taxes_included: Option<bool>,
}

/// Lines, discounts, total.
type Billed = (Vec<OrderLine>, Minor, Minor);

impl Amounts {
    fn sum(
        &self,
        lines: &[OrderLine],
        discounts: Minor,
        taxes_included: bool,
        reading: &Reading<'_>,
    ) -> Result<Minor, BadOrder> {
        let bill = Bill {
            lines,
            discounts,
            taxes: self.taxes,
            shipping: self.shipping,
            taxes_included,
            total: None,
        };
        bill.total(reading.currency)
    }

    /// They must add up, with the taxes or without them.
    fn billed(&self, lines: Vec<OrderLine>, reading: &Reading<'_>) -> Result<Billed, BadOrder> {
        let with = |taxes_included: bool| {
            let bill = Bill {
                lines: &lines,
                discounts: self.discounts,
                taxes: self.taxes,
                shipping: self.shipping,
                taxes_included,
                total: self.total,
            };
            bill.total(reading.currency)
        };
        let total = match self.taxes_included {
            Some(included) => with(included)?,
            None => with(false).or_else(|wrong| with(true).map_err(|_| wrong))?,
        };
        Ok((lines, self.discounts, total))
    }

    /// Shopify's total counts. What its file does not say of how it came about is kept as what it is: a line of its own, or a
    /// discount.
    fn reconciled(&self, mut lines: Vec<OrderLine>, reading: &Reading<'_>) -> Result<Billed, BadOrder> {
        let total = self.total.ok_or(BadOrder::NoTotal)?;
        if lines.is_empty() {
            return Ok((lines, self.discounts, total));
        }
        let none = Amounts { taxes: Minor::ZERO, shipping: Minor::ZERO, ..*self };
        let whole = none.sum(&lines, Minor::ZERO, true, reading)?;
        let off = self.subtotal.and_then(|subtotal| Minor::new(whole.get() - subtotal.get()).ok());
        for discounts in [Some(self.discounts), off.filter(|off| *off >= Minor::ZERO)].into_iter().flatten() {
            for included in [false, true] {
                if self.sum(&lines, discounts, included, reading) == Ok(total) {
                    return Ok((lines, discounts, total));
                }
            }
        }
        let rest = total.get() - whole.get() - self.taxes.get() - self.shipping.get();
        let (beyond, discounts) = (rest.saturating_add(self.discounts.get()), self.discounts);
        if beyond < 0 {
            return Ok((lines, Minor::new(-rest).map_err(|_| BadOrder::TooLarge)?, total));
        }
        let price = Minor::new(beyond).map_err(|_| BadOrder::TooLarge)?;
        lines.push(OrderLine { product: None, variant: None, title: OTHER.to_owned(), quantity: 1, price });
        Ok((lines, discounts, total))
    }
}

impl OrderRow {
    /// A new order, of nobody's yet.
    pub fn order(&self, id: OrderId, now: Timestamp) -> Order {
        Order {
            id,
            customer: CustomerId::walk_in(id),
            number: 0,
            name: self.name.clone(),
            status: self.payment.status,
            cancelled_at: self.payment.cancelled_at.map(|at| self.cancelled_at.unwrap_or(at)),
            is_test: self.is_test,
            app: None,
            location: None,
            lines: self.lines.clone(),
            discounts: self.discounts,
            taxes: self.taxes,
            shipping: self.shipping,
            total: self.total,
            refunded: self.payment.refunded,
            note: self.note.clone(),
            placed_at: self.placed_at,
            updated_at: now,
        }
    }

    /// Tells an order that is there already what has become of it: paid, refunded, cancelled. A file may be old, so it
    /// leads an order only onward; told twice, it changes nothing the second time.
    pub fn tell(&self, order: &mut Order, now: Timestamp) -> Result<(), BadOrder> {
        let held = order.payment();
        let told = PaymentTold {
            status: self.status.filter(|word| is_onward(&held, *word)),
            cancelled: (held.cancelled_at.is_some() || self.cancelled_at.is_some()).then_some(true),
            refunded: self.refunded.filter(|refunded| *refunded > held.refunded),
        };
        if told.status.is_none()
            && told.refunded.is_none()
            && told.cancelled.is_some() == held.cancelled_at.is_some()
        {
            return Ok(());
        }
        let next = held.after(&told, order.total, now)?;
        let cancelled_at =
            held.cancelled_at.or_else(|| next.cancelled_at.map(|at| self.cancelled_at.unwrap_or(at)));
        order.status = next.status;
        order.refunded = next.refunded;
        order.cancelled_at = cancelled_at;
        order.updated_at = order.updated_at.max(now);
        Ok(())
    }

    /// Whether it has a line that the order does not have.
    pub fn has_more_lines(&self, order: &Order) -> bool {
        self.lines.iter().any(|line| !order.lines.contains(line))
    }

    /// All that is said of it, apart from how it is paid.
    fn said(&self) -> String {
        let Buyer { id, called, email, phone } = &self.buyer;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let mut said = vec![
            self.placed_at.to_string(),
            self.total.get().to_string(),
            self.discounts.get().to_string(),
            self.taxes.get().to_string(),
            self.shipping.get().to_string(),
            u8::from(self.is_test).to_string(),
            id.map(|id| id.to_string()).unwrap_or_default(),
            text(called.as_deref()),
            text(email.as_ref().map(EmailAddress::as_str)),
            text(phone.as_ref().map(Phone::as_str)),
            text(self.note.as_deref()),
        ];
        for line in &self.lines {
            said.extend([text(line.product.as_deref()), text(line.variant.as_deref()), line.title.clone()]);
            said.extend([line.quantity.to_string(), line.price.get().to_string()]);
        }
        // No field holds this letter.
        said.join("\u{1f}")
    }
}

fn is_onward(held: &Payment, word: StatusWord) -> bool {
    let far = |status: OrderStatus| match status {
        OrderStatus::Pending => 0,
        OrderStatus::Authorized => 1,
        OrderStatus::PartiallyPaid => 2,
        OrderStatus::Paid => 3,
        OrderStatus::PartiallyRefunded => 4,
        OrderStatus::Refunded => 5,
        // Money that was never taken: nothing becomes of it.
        OrderStatus::Voided => 6,
    };
    match word {
        StatusWord::Cancelled => held.cancelled_at.is_none(),
        StatusWord::Is(OrderStatus::Voided) => far(held.status) < 2,
        StatusWord::Is(status) => far(status) > far(held.status),
    }
}

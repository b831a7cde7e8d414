//! What a caller tells of an order, and what becomes of the order by it.

use domain::{
    CustomerId, EmailAddress, Minor, Order, Phone, Timestamp,
    bill::{
        BadOrder, Bill, LINES_MAX, ORDER_BYTES_MAX, ORDER_NAME_CHARS_MAX, PRODUCT_CHARS_MAX, Payment,
        PaymentTold, QUANTITY_MAX, StatusWord, TITLE_CHARS_MAX, not_negative, placed,
    },
    fields,
    order::OrderLine,
};
use flows::{FlowError, record::Whose};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    customers::told::Scene,
    error::Problem,
    input::{Faults, Part, Written},
};

/// What is told. In a `PATCH`, `null` clears, and what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderTold {
    /// Whose it is. Of a new order exactly one is told: this, addresses, `customer_email` or `walk_in`.
    #[serde(alias = "customerId")]
    customer_id: Option<String>,
    /// Whoever has this address; if nobody has, they become a guest.
    email: Option<String>,
    phone: Option<String>,
    /// The country of a phone number that does not say its own.
    phone_country: Option<String>,
    /// Whoever has this address; nobody's is refused.
    #[serde(alias = "customerEmail")]
    customer_email: Option<String>,
    /// They left no address.
    walk_in: Option<bool>,
    /// What you call it: "#1001".
    #[serde(default, alias = "order_number", alias = "orderNumber")]
    #[schema(value_type = Option<String>)]
    name: Part<Written>,
    /// `paid` unless told, `pending`, `authorized`, `partially_paid`, `partially_refunded`, `refunded`, `voided` or
    /// `cancelled`.
    #[serde(alias = "order_status", alias = "orderStatus")]
    status: Option<String>,
    cancelled: Option<bool>,
    /// An order to try something out: it never counts.
    test: Option<bool>,
    /// At most 500.
    #[serde(default, alias = "items", alias = "line_items", alias = "lineItems")]
    #[schema(value_type = Option<Vec<LineTold>>)]
    lines: Part<Vec<LineTold>>,
    /// In the tenant's currency: "12.30".
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    discounts: Part<Written>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    taxes: Part<Written>,
    /// The lines' prices hold the taxes.
    taxes_included: Option<bool>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    shipping: Part<Written>,
    /// What lines, discounts, taxes and shipping add up to; needed where there are no lines.
    #[serde(alias = "amount", alias = "order_amount", alias = "orderAmount", alias = "totalAmount")]
    #[schema(value_type = Option<String>)]
    total: Option<Written>,
    /// What was paid back; the status follows.
    #[schema(value_type = Option<String>)]
    refunded: Option<Written>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    note: Part<String>,
    /// An instant, or a day of the shop's; now unless told. Kept to the second.
    #[serde(alias = "orderDate", alias = "order_date", alias = "placedAt")]
    placed_at: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineTold {
    #[serde(alias = "product_id", alias = "productId")]
    product: Option<String>,
    #[serde(alias = "variant_id", alias = "variantId")]
    variant: Option<String>,
    #[serde(alias = "name", alias = "productName", alias = "product_name")]
    title: String,
    /// 1 unless told.
    #[serde(alias = "qty")]
    quantity: Option<u32>,
    /// Of one.
    #[schema(value_type = String)]
    price: Written,
}

/// What was told, understood.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) whose: Option<Whose>,
    name: Part<String>,
    payment: PaymentTold,
    test: Option<bool>,
    lines: Part<Vec<OrderLine>>,
    discounts: Part<Minor>,
    taxes: Part<Minor>,
    taxes_included: Option<bool>,
    shipping: Part<Minor>,
    total: Option<Minor>,
    note: Part<String>,
    placed_at: Option<Timestamp>,
}

impl OrderTold {
    /// Everything that is wrong, or what it says.
    pub(super) fn understood(self, scene: Scene<'_>) -> Result<Told, Problem> {
        let mut faults = Faults::default();
        let it = &mut faults;
        let money = |told: Written| {
            let amount = Minor::parse(&told.0, scene.currency).map_err(|wrong| wrong.to_string())?;
            not_negative(amount).map_err(|wrong| wrong.to_string())
        };
        let payment = PaymentTold {
            status: it.maybe("/status", self.status, |word| StatusWord::parse(&word)),
            cancelled: self.cancelled,
            refunded: it.maybe("/refunded", self.refunded, money),
        };
        let placed_at = it.maybe("/placed_at", self.placed_at, |told| {
            let at = fields::instant(&told, scene.zone).map_err(|wrong| wrong.to_string())?;
            placed(at, scene.now).map_err(|wrong| wrong.to_string())
        });
        let whose = whose(
            it,
            self.customer_id,
            self.email,
            (self.phone, self.phone_country),
            self.customer_email,
            self.walk_in,
        );
        let told = Told {
            whose,
            name: it.part("/name", self.name, |name| fields::line(&name.0, ORDER_NAME_CHARS_MAX)),
            payment,
            test: self.test,
            lines: self.lines.map(|told| lines(it, told, money)),
            discounts: it.part("/discounts", self.discounts, money),
            taxes: it.part("/taxes", self.taxes, money),
            taxes_included: self.taxes_included,
            shipping: it.part("/shipping", self.shipping, money),
            total: it.maybe("/total", self.total, money),
            note: it.part("/note", self.note, |note| fields::note(&note)),
            placed_at,
        };
        faults.none(Some(told))
    }
}

fn whose(
    faults: &mut Faults,
    id: Option<String>,
    email: Option<String>,
    (phone, country): (Option<String>, Option<String>),
    known: Option<String>,
    walk_in: Option<bool>,
) -> Option<Whose> {
    let ways = [id.is_some(), email.is_some() || phone.is_some(), known.is_some(), walk_in == Some(true)];
    if ways.into_iter().filter(|way| *way).count() > 1 {
        let sentence = "is told twice: by one of customer_id, email and phone, customer_email, walk_in";
        faults.add("/customer_id", "invalid", sentence);
        return None;
    }
    if let Some(id) = id {
        // Whatever is no id is nobody's.
        let id = id.parse::<CustomerId>();
        return Some(id.map_or(Whose::Customer(CustomerId::Shopify(0)), Whose::Customer));
    }
    if let Some(known) = known {
        return faults.take("/customer_email", known.parse()).map(Whose::Known);
    }
    if walk_in == Some(true) {
        return Some(Whose::Nobody);
    }
    let country = faults.maybe("/phone_country", country, |country| fields::country(&country));
    let email: Option<EmailAddress> = faults.maybe("/email", email, |email| email.parse());
    let phone = faults.maybe("/phone", phone, |phone| Phone::parse(&phone, country.as_deref()));
    (email.is_some() || phone.is_some()).then_some(Whose::Address { email, phone })
}

fn lines(
    faults: &mut Faults,
    told: Vec<LineTold>,
    money: impl Fn(Written) -> Result<Minor, String>,
) -> Vec<OrderLine> {
    if told.len() > LINES_MAX {
        faults.add("/lines", "too_many", BadOrder::Lines.to_string());
        return Vec::new();
    }
    let mut all = Vec::new();
    for (row, told) in told.into_iter().enumerate() {
        let at = |what: &str| format!("/lines/{row}/{what}");
        let id = |told: String| fields::line(&told, PRODUCT_CHARS_MAX);
        let (product, variant) =
            (faults.maybe(&at("product"), told.product, id), faults.maybe(&at("variant"), told.variant, id));
        let title = faults.take(&at("title"), fields::line(&told.title, TITLE_CHARS_MAX));
        let quantity = told.quantity.unwrap_or(1);
        let fits =
            if (1..=QUANTITY_MAX).contains(&quantity) { Ok(quantity) } else { Err(BadOrder::Quantity) };
        let quantity = faults.take(&at("quantity"), fits);
        let price = faults.take(&at("price"), money(told.price));
        if let (Some(title), Some(quantity), Some(price)) = (title, quantity, price) {
            all.push(OrderLine { product, variant, title, quantity, price });
        }
    }
    all
}

impl Told {
    /// As a whole: what is left out is cleared. How it is paid, when it was placed and whether it is a test stay.
    pub(super) fn whole(self) -> Self {
        Self {
            name: self.name.or_cleared(),
            lines: self.lines.or_cleared(),
            discounts: self.discounts.or_cleared(),
            taxes: self.taxes.or_cleared(),
            taxes_included: Some(self.taxes_included.unwrap_or(false)),
            shipping: self.shipping.or_cleared(),
            note: self.note.or_cleared(),
            ..self
        }
    }

    /// A new order; whose it is, is found when it is stored.
    pub(super) fn order(&self, id: domain::OrderId, scene: Scene<'_>) -> Result<Order, FlowError> {
        let now = Timestamp::from_second(scene.now.as_second()).unwrap_or(scene.now);
        let mut order = Order {
            id,
            customer: CustomerId::walk_in(id),
            number: 0,
            name: None,
            status: Payment::SOLD.status,
            cancelled_at: None,
            is_test: false,
            app: None,
            location: None,
            lines: Vec::new(),
            discounts: Minor::ZERO,
            taxes: Minor::ZERO,
            shipping: Minor::ZERO,
            total: Minor::ZERO,
            refunded: Minor::ZERO,
            note: None,
            placed_at: now,
            updated_at: scene.now,
        };
        self.described(&mut order, scene, true)?;
        let payment =
            Payment::first(&self.payment, order.total, scene.now).map_err(|wrong| at_payment(&wrong))?;
        paid(&mut order, payment);
        Ok(order)
    }

    pub(super) fn apply(&self, order: &mut Order, scene: Scene<'_>) -> Result<(), FlowError> {
        if let Some(Whose::Customer(id)) = &self.whose
            && *id != order.customer
        {
            let sentence =
                "it is another customer's order: `POST …/move` gives it to somebody else".to_owned();
            return Err(FlowError::Conflict { code: "another_customer", sentence });
        }
        let before = order.clone();
        self.described(order, scene, false)?;
        if self.payment != PaymentTold::default() || order.total != before.total {
            let payment = before.payment().after(&self.payment, order.total, scene.now);
            paid(order, payment.map_err(|wrong| at_payment(&wrong))?);
        }
        if *order != before {
            order.updated_at = order.updated_at.max(scene.now);
        }
        Ok(())
    }

    fn described(&self, order: &mut Order, scene: Scene<'_>, is_new: bool) -> Result<(), FlowError> {
        let included = self.taxes_included.unwrap_or_else(|| order.taxes_included());
        self.name.apply(&mut order.name);
        self.note.apply(&mut order.note);
        order.is_test = self.test.unwrap_or(order.is_test);
        order.placed_at = self.placed_at.unwrap_or(order.placed_at);
        let amounts = [
            (&mut order.discounts, &self.discounts),
            (&mut order.taxes, &self.taxes),
            (&mut order.shipping, &self.shipping),
        ];
        let mut is_billed =
            is_new || self.lines != Part::Left || self.total.is_some() || self.taxes_included.is_some();
        for (held, told) in amounts {
            is_billed |= *told != Part::Left;
            match told {
                Part::Left => {}
                Part::Cleared => *held = Minor::ZERO,
                Part::Told(amount) => *held = *amount,
            }
        }
        if self.lines != Part::Left {
            order.lines = self.lines.told().cloned().unwrap_or_default();
        }
        if is_billed {
            let bill = Bill {
                lines: &order.lines,
                discounts: order.discounts,
                taxes: order.taxes,
                shipping: order.shipping,
                taxes_included: included,
                total: self.total,
            };
            order.total = bill
                .total(scene.currency)
                .map_err(|wrong| FlowError::invalid("/total", "invalid", wrong.to_string()))?;
        }
        if order.bytes() > ORDER_BYTES_MAX {
            let most = ORDER_BYTES_MAX / 1024;
            let sentence = format!("is too much for one order: all that is told may be {most} KB together");
            return Err(FlowError::invalid("", "too_large", sentence));
        }
        Ok(())
    }
}

fn paid(order: &mut Order, payment: Payment) {
    order.status = payment.status;
    order.cancelled_at = payment.cancelled_at;
    order.refunded = payment.refunded;
}

fn at_payment(wrong: &BadOrder) -> FlowError {
    FlowError::invalid("/refunded", "invalid", wrong.to_string())
}

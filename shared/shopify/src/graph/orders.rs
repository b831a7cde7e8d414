//! Orders, page by page or one by its id, and the lines of one that has many.

use domain::{OrderId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Ask, Data, InParts, PageInfo, Refusal,
    stretch::{Connection, Page, Stretch},
};
use crate::told::{Amount, Id, LineSaid, OrderSaid, OrderTold, Reading, RefundedSaid, Told, Unkept};

/// As they were changed.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct OrdersPage(pub Stretch);

/// `None`: there is no order of that id, or we may not see it any more.
#[derive(Debug, Clone, Serialize)]
pub struct OrderById {
    id: String,
}

/// The lines behind those that came with an order.
#[derive(Debug, Clone, Serialize)]
pub struct OrderLines {
    id: String,
    first: u16,
    after: Option<String>,
}

impl OrderById {
    /// By Shopify's number.
    pub fn new(number: u64) -> Self {
        Self { id: Id(number).gid("Order") }
    }
}

impl OrderLines {
    pub fn behind(number: u64, cursor: String) -> Self {
        Self { id: Id(number).gid("Order"), first: 250, after: Some(cursor) }
    }
}

impl Ask for OrdersPage {
    const DOCUMENT: &'static str = include_str!("../../queries/orders_page.graphql");
    type Answer = Page<OrderNode>;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        struct Root {
            orders: Connection<OrderNode>,
        }
        Ok(data.of::<Root>()?.orders.page())
    }
}

impl Ask for OrderById {
    const DOCUMENT: &'static str = include_str!("../../queries/order_by_id.graphql");
    type Answer = Option<OrderNode>;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        struct Root {
            order: Option<OrderNode>,
        }
        Ok(data.of::<Root>()?.order)
    }
}

impl Ask for OrderLines {
    const DOCUMENT: &'static str = include_str!("../../queries/order_line_items_page.graphql");
    /// `None`: there is no such order any more.
    type Answer = Option<Page<LineNode>>;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        struct Root {
            order: Option<Order>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Order {
            line_items: Connection<LineNode>,
        }
        Ok(data.of::<Root>()?.order.map(|order| order.line_items.page()))
    }
}

/// An order as GraphQL gives it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderNode {
    id: Id,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    test: bool,
    #[serde(default)]
    note: Told<String>,
    created_at: Option<Timestamp>,
    processed_at: Option<Timestamp>,
    updated_at: Timestamp,
    cancelled_at: Option<Timestamp>,
    display_financial_status: Option<String>,
    customer: Option<Named>,
    app: Option<Named>,
    retail_location: Option<Named>,
    total_price_set: Bag,
    current_total_price_set: Bag,
    total_discounts_set: Option<Bag>,
    total_tax_set: Option<Bag>,
    total_shipping_price_set: Option<Bag>,
    total_refunded_set: Bag,
    /// In a bulk operation's file they stand on lines of their own.
    #[serde(default)]
    line_items: Lines,
}

/// Whose it is is personal.
impl std::fmt::Debug for OrderNode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OrderNode({})", self.id.0)
    }
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bag {
    pub(crate) shop_money: Money,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Money {
    pub(crate) amount: Amount,
    pub(crate) currency_code: String,
}

#[derive(Clone, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Lines {
    nodes: Vec<LineNode>,
    page_info: Option<PageInfo>,
}

/// A line of an order's.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineNode {
    title: Option<String>,
    variant_title: Option<String>,
    quantity: i64,
    product: Option<Named>,
    variant: Option<Named>,
    original_unit_price_set: Bag,
}

#[derive(Debug, Clone, Deserialize)]
struct Named {
    id: Id,
}

impl std::fmt::Debug for Bag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.shop_money.amount.0, self.shop_money.currency_code)
    }
}

impl OrderNode {
    pub fn id(&self) -> OrderId {
        OrderId::Shopify(self.id.0)
    }

    pub(crate) fn number(&self) -> u64 {
        self.id.0
    }

    /// The watermark of a sync is the greatest of these.
    pub fn updated_at(&self) -> Timestamp {
        self.updated_at
    }

    pub fn told(self, reading: &Reading<'_>) -> Result<OrderTold, Unkept> {
        let amount = |bag: Bag| bag.shop_money.amount;
        OrderSaid {
            id: self.id,
            name: self.name,
            is_test: self.test,
            app: self.app.map(|app| app.id),
            location: self.retail_location.map(|place| place.id),
            status: self.display_financial_status,
            cancelled_at: self.cancelled_at,
            placed_at: self.processed_at.or(self.created_at),
            updated_at: Some(self.updated_at),
            currency: Some(self.total_price_set.shop_money.currency_code.clone()),
            total: Some(amount(self.total_price_set)),
            current_total: Some(amount(self.current_total_price_set)),
            discounts: self.total_discounts_set.map(amount),
            taxes: self.total_tax_set.map(amount),
            shipping: self.total_shipping_price_set.map(amount),
            refunded: RefundedSaid::Amounts(vec![amount(self.total_refunded_set)]),
            lines: self.line_items.nodes.into_iter().map(LineNode::said).collect(),
            note: self.note,
            buyer_id: self.customer.map(|customer| customer.id),
            customer: None,
            email: self.email,
            phone: self.phone,
            checkout_token: None,
            cart_token: None,
        }
        .told(reading)
    }
}

/// An order has at most 500 lines.
impl InParts for OrderNode {
    type More = OrderLines;
    type Rest = Page<LineNode>;
    const QUESTIONS_MAX: usize = 8;

    fn more(&self) -> Option<OrderLines> {
        let cursor = self.line_items.page_info.clone()?.next()?;
        Some(OrderLines::behind(self.id.0, cursor))
    }

    fn take(&mut self, rest: Page<LineNode>) {
        self.line_items.nodes.extend(rest.nodes);
        self.line_items.page_info = rest.next.map(PageInfo::goes_on);
    }
}

impl LineNode {
    fn said(self) -> LineSaid {
        LineSaid {
            product: self.product.map(|it| it.id),
            variant: self.variant.map(|it| it.id),
            title: self.title,
            variant_title: self.variant_title,
            quantity: self.quantity,
            price: Some(self.original_unit_price_set.shop_money.amount),
        }
    }
}

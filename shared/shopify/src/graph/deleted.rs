//! What was deleted: webhooks may have missed it, and whoever looks for changes does not see what is gone.

use domain::{CustomerId, OrderId, ProductId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Ask, Data, Refusal, Window,
    stretch::{Connection, Page, Stretch},
};
use crate::told::Id;

/// As it happened. Shopify remembers a year.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct DeletedPage(Stretch);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// `None`: it is of no kind that we keep.
    pub what: Option<Gone>,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    Customer(CustomerId),
    Order(OrderId),
    Product(ProductId),
}

impl DeletedPage {
    pub fn within(window: &Window, first: u16, after: Option<String>) -> Self {
        let within = window.query("created_at").map(|query| format!(" AND {query}")).unwrap_or_default();
        Self(Stretch::matching(format!("action:'destroy'{within}"), first, after))
    }
}

impl Ask for DeletedPage {
    const DOCUMENT: &'static str = include_str!("../../queries/deleted_events.graphql");
    type Answer = Page<Deleted>;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        struct Root {
            events: Option<Connection<Event>>,
        }
        let Some(events) = data.of::<Root>()?.events else {
            return Err(Refusal::Unreadable("events".to_owned()));
        };
        let page = events.page();
        let told = |event: Event| Deleted { at: event.created_at, what: event.deleted() };
        let nodes = page.nodes.into_iter().map(told).collect();
        Ok(Page { nodes, next: page.next })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    action: String,
    created_at: Timestamp,
    subject_id: Option<String>,
    subject_type: Option<String>,
}

impl Event {
    /// Events of other kinds may come, too, and subjects that have no number.
    fn deleted(self) -> Option<Gone> {
        if self.action != "destroy" {
            return None;
        }
        let number = Id::parse(&self.subject_id?)?.0;
        match self.subject_type?.as_str() {
            "CUSTOMER" => Some(Gone::Customer(CustomerId::Shopify(number))),
            "ORDER" => Some(Gone::Order(OrderId::Shopify(number))),
            "PRODUCT" => Some(Gone::Product(ProductId::Shopify(number))),
            _ => None,
        }
    }
}

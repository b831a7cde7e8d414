//! Checkouts that nobody has completed, page by page.

use domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Ask, Bag, Data, Refusal, Window,
    stretch::{Connection, Page, Stretch},
};
use crate::told::{CheckoutSaid, CheckoutTold, Id, Reading, Unkept};

/// As they were begun.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct CheckoutsPage(Stretch);

impl CheckoutsPage {
    /// Those that were begun within that time. No list of Shopify's has them in the order in which they changed.
    pub fn begun(window: &Window, first: u16, after: Option<String>) -> Self {
        let all = Stretch::all(first, after.clone());
        Self(window.query("created_at").map_or(all, |query| Stretch::matching(query, first, after)))
    }
}

impl Ask for CheckoutsPage {
    const DOCUMENT: &'static str = include_str!("../../queries/abandoned_checkouts_page.graphql");
    type Answer = Page<CheckoutNode>;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Root {
            abandoned_checkouts: Connection<CheckoutNode>,
        }
        Ok(data.of::<Root>()?.abandoned_checkouts.page())
    }
}

/// A checkout as GraphQL gives it: without lines that say what they cost.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckoutNode {
    id: Id,
    abandoned_checkout_url: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    completed_at: Option<Timestamp>,
    customer: Option<Customer>,
    total_price_set: Bag,
}

/// Whoever has its address can go on with it.
impl std::fmt::Debug for CheckoutNode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CheckoutNode({})", self.created_at)
    }
}

#[derive(Clone, Deserialize)]
struct Customer {
    id: Id,
}

impl CheckoutNode {
    pub fn id(&self) -> Id {
        self.id
    }

    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    pub fn updated_at(&self) -> Timestamp {
        self.updated_at
    }

    /// Its name is the token in its address: GraphQL's own id is in no order, and of webhooks in those of deletions.
    pub fn told(self, reading: &Reading<'_>) -> Result<CheckoutTold, Unkept> {
        let money = self.total_price_set.shop_money;
        CheckoutSaid {
            token: token(&self.abandoned_checkout_url).to_owned(),
            id: Some(self.id),
            cart_token: None,
            customer: self.customer.map(|customer| customer.id),
            email: None,
            phone: None,
            created_at: Some(self.created_at),
            updated_at: Some(self.updated_at),
            completed_at: self.completed_at,
            url: Some(self.abandoned_checkout_url),
            total: Some(money.amount),
            currency: Some(money.currency_code),
            lines: Vec::new(),
        }
        .told(reading)
    }
}

/// Of `https://…/checkouts/<token>/recover?key=…`, or `…/checkouts/ac/<token>/recover…`.
fn token(url: &str) -> &str {
    let behind = url.split_once("/checkouts/").map_or("", |(_, behind)| behind);
    let mut parts = behind.split(['/', '?', '#']);
    match parts.next() {
        Some("ac" | "cn" | "co") => parts.next().unwrap_or_default(),
        first => first.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkouts_token_is_in_its_address() {
        let check = |url: &str, expected: &str| assert_eq!(token(url), expected, "{url}");
        check("https://checkout.local/548380009/checkouts/123123123/recover?key=x", "123123123");
        check("https://a.myshopify.com/548380009/checkouts/ac/hWN2xyz/recover?key=x&locale=en", "hWN2xyz");
        check("https://a.myshopify.com/cart", "");
    }
}

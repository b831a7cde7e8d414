//! What is here, compared with the shop's own books.

use std::collections::BTreeMap;

use domain::{Customer, CustomerId, Order, OrderId, ProductId, customer::CustomerKind};
use local::{
    World,
    shopify::{Shop, books::records},
};
use store::TenantStore;

use super::House;

/// What an app without leave for more may see of a shop's orders.
const VISIBLE_SECONDS: i64 = 60 * 86_400;

impl House {
    /// Every customer, order and product is here as the shop has it, once, and nothing else; and lists show them.
    pub(super) async fn equals_the_books(&self, world: &World) {
        let store = self.store(world);
        let (customers, products) = record_equals_the_books(world, &store, &self.shop).await;
        // Those of the shop, and whoever bought as a guest.
        let listed = self.owner.get(world, "/api/v1/customers?limit=1").await;
        assert_eq!(
            listed.at("/total"),
            serde_json::json!(customers + guests(&store).await),
            "{}",
            listed.text
        );
        let sold = self.owner.get(world, "/api/v1/products?limit=1").await;
        assert_eq!(sold.at("/total"), serde_json::json!(products), "{}", sold.text);
    }
}

/// The same of the record alone: how many customers and products there are.
pub(crate) async fn record_equals_the_books(
    world: &World,
    store: &TenantStore,
    shop: &Shop,
) -> (usize, usize) {
    let (customers, orders, products) = shop.books(|books| {
        (
            books.customers().collect::<Vec<_>>(),
            books.orders().collect::<Vec<_>>(),
            books.products().cloned().collect::<Vec<_>>(),
        )
    });
    let bought = bought(world, store, &orders).await;
    let connected_at = store.connection().await.expect("memory holds").expect("it is connected").connected_at;
    for theirs in &customers {
        let ours = store.customer(CustomerId::Shopify(theirs.id)).await.expect("memory holds");
        let ours = ours.unwrap_or_else(|| panic!("customer {} is not here", theirs.id));
        same_customer(&ours, theirs);
        // Who may have bought something that is not shown has what the shop counts, less what is shown and is no sale.
        let is_new = theirs.created_at.as_second() >= connected_at.as_second() - VISIBLE_SECONDS;
        let ours_alone = bought.get(&theirs.id).copied().unwrap_or_default();
        let shown_since = connected_at.as_second() - VISIBLE_SECONDS;
        let is_shown = |at: i64| at >= shown_since;
        let shown = orders.iter().filter(|order| order.customer == Some(theirs.id) && !order.test);
        let shown = shown.filter(|order| is_shown(order.created_at.as_second())).count();
        let count = |count: usize| i64::try_from(count).expect("few");
        let unseen = i64::try_from(theirs.orders).expect("few") - count(shown);
        let shops = (unseen + ours_alone.0, theirs.spent);
        let expected = if is_new { ours_alone } else { shops };
        assert_eq!((ours.totals.orders, ours.totals.spent), expected, "customer {}", theirs.id);
    }
    for theirs in &products {
        let ours = store.product(ProductId::Shopify(theirs.id)).await.expect("memory holds");
        let ours = ours.unwrap_or_else(|| panic!("product {} is not here", theirs.id));
        assert_eq!((&ours.title, ours.variants.len()), (&theirs.title, theirs.variants.len()));
    }
    (customers.len(), products.len())
}

/// What customers have bought of what can be seen: how many orders count, and what they are worth.
async fn bought(world: &World, store: &TenantStore, orders: &[records::Order]) -> BTreeMap<u64, (i64, i64)> {
    let now = flows::Clock::now(&*world.clock).as_second();
    let mut bought: BTreeMap<u64, (i64, i64)> = BTreeMap::new();
    for theirs in orders {
        let ours = store.order(OrderId::Shopify(theirs.id)).await.expect("memory holds");
        let is_visible = now - theirs.created_at.as_second() <= VISIBLE_SECONDS;
        let Some(ours) = ours else {
            assert!(!is_visible, "order {} is not here", theirs.name);
            continue;
        };
        same_order(&ours, theirs);
        if let Some(customer) = theirs.customer {
            assert_eq!(ours.customer, CustomerId::Shopify(customer), "{}", theirs.name);
            let sum = bought.entry(customer).or_default();
            let part = ours.contribution();
            *sum = (sum.0 + part.orders, sum.1 + part.spent);
        }
    }
    bought
}

async fn guests(store: &TenantStore) -> usize {
    let slots = store.slots().await.expect("memory holds");
    let mut guests = 0;
    for shard in 0..=columns::Slot(slots).shard().0 {
        for (_, id) in store.directory(columns::ShardNumber(shard)).await.expect("memory holds") {
            let held = store.customer(id).await.expect("memory holds");
            guests += usize::from(held.is_some_and(|held| held.kind == CustomerKind::Guest));
        }
    }
    guests
}

fn same_customer(ours: &Customer, theirs: &records::Customer) {
    let email = ours.email.as_ref().map(|email| email.as_str().to_owned());
    assert_eq!(email, theirs.email.as_ref().map(|email| email.to_lowercase()), "{}", theirs.id);
    assert_eq!(ours.phone.as_ref().map(|phone| phone.as_str().to_owned()), theirs.phone, "{}", theirs.id);
    assert_eq!((&ours.first_name, &ours.last_name), (&theirs.first_name, &theirs.last_name));
    let tags: Vec<_> = ours.tags.iter().cloned().collect();
    let mut told = theirs.tags.clone();
    told.sort();
    assert_eq!(tags, told, "{}", theirs.id);
    let consent = ours.email_consent.as_ref().map(|consent| format!("{:?}", consent.state));
    let said = theirs.email_consent;
    assert_eq!(consent, said.at.map(|_| format!("{:?}", said.state)), "{}", theirs.id);
    assert_eq!(ours.kind, CustomerKind::Person);
}

fn same_order(ours: &Order, theirs: &records::Order) {
    assert_eq!(ours.name.as_deref(), Some(theirs.name.as_str()));
    assert_eq!(ours.refunded.get(), theirs.refunded(), "{}", theirs.name);
    assert_eq!(ours.updated_at, theirs.updated_at, "{}", theirs.name);
    if ours.counts() {
        assert_eq!(ours.contribution().spent, theirs.net(), "{}", theirs.name);
    }
    assert_eq!(ours.quantity(), theirs.quantity(), "{}", theirs.name);
}

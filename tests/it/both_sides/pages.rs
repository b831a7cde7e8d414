//! Everything that a shop holds, page by page and by bulk files, against its own books.

use super::{Sides, reading};
use domain::{CustomerId, OrderId, ProductId};
use local::shopify::{Courier, Parcel, books::records::Financial};
use shopify::{
    bulk::{Item, Lines},
    graph::{
        BulkRun, BulkState, BulkStatus, CheckoutsPage, Counts, CustomersPage, InParts, OrderNode, OrdersPage,
        ProductsPage, Stretch, Window,
    },
    oauth::Tokens,
    told::{CustomerTold, OrderTold},
};
use std::collections::BTreeMap;

pub(super) async fn customers(sides: &Sides, tokens: &Tokens) -> BTreeMap<CustomerId, CustomerTold> {
    let (mut all, mut after) = (BTreeMap::new(), None);
    loop {
        let page = sides.told(tokens, &CustomersPage::of(Stretch::all(40, after), Vec::new())).await;
        all.extend(page.nodes.into_iter().map(|node| (node.id(), node.told(&reading()))));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// With all of its lines.
pub(super) async fn whole(sides: &Sides, tokens: &Tokens, mut node: OrderNode) -> OrderTold {
    while let Some(more) = node.more() {
        node.take(sides.told(tokens, &more).await.expect("the order is there"));
    }
    node.told(&reading()).expect("it can be kept")
}

async fn orders(sides: &Sides, tokens: &Tokens) -> BTreeMap<OrderId, OrderTold> {
    let (mut all, mut after) = (BTreeMap::new(), None);
    loop {
        let page = sides.told(tokens, &OrdersPage(Stretch::all(40, after))).await;
        for node in page.nodes {
            all.insert(node.id(), whole(sides, tokens, node).await);
        }
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

struct Nowhere;

#[async_trait::async_trait]
impl Courier for Nowhere {
    async fn bring(&self, _: &Parcel) -> Result<u16, String> {
        Ok(200)
    }
}

/// The whole file, which is fetched in pieces.
async fn bulk(sides: &Sides, tokens: &Tokens, run: &BulkRun) -> Vec<Item> {
    let begun = sides.told(tokens, run).await;
    let status = BulkStatus { id: begun.id };
    let done = loop {
        sides.shopify.tick(&Nowhere).await;
        let seen = sides.told(tokens, &status).await.expect("it is remembered");
        if seen.status.is_over() {
            break seen;
        }
    };
    assert_eq!(done.status, BulkState::Completed);
    let Some(url) = done.url else { return Vec::new() };
    let file = sides.send("GET", &url, None, Vec::new()).await.body;
    assert_eq!(done.file_size, Some(file.len() as u64));
    let mut lines = Lines::from(0);
    let mut all: Vec<_> = file.chunks(1_000).flat_map(|piece| lines.feed(piece)).collect();
    all.extend(lines.end());
    all.into_iter().collect::<Result<_, _>>().expect("every line is understood")
}

#[tokio::test]
async fn every_customer_is_told_as_the_shop_has_them() {
    let sides = Sides::of(90);
    let tokens = sides.connected().await;
    let told = customers(&sides, &tokens).await;
    let books: Vec<_> = sides.shop.books(|books| books.customers().collect());
    assert_eq!(told.len(), books.len());
    for theirs in books {
        let ours = &told[&CustomerId::Shopify(theirs.id)];
        let email = ours.email.as_ref().value().map(|email| email.as_str().to_owned());
        assert_eq!(email, theirs.email.map(|email| email.to_lowercase()), "{}", theirs.id);
        let phone = ours.phone.as_ref().value().map(|phone| phone.as_str().to_owned());
        assert_eq!(phone, theirs.phone, "{}", theirs.id);
        assert_eq!(ours.first_name.as_ref().value(), theirs.first_name.as_ref());
        assert_eq!(ours.tags.as_ref().value(), Some(&theirs.tags));
        assert_eq!(ours.updated_at, Some(theirs.updated_at));
        assert_eq!(ours.orders, i64::try_from(theirs.orders).ok());
        assert_eq!(ours.spent.map(domain::Minor::get), Some(theirs.spent));
        let consent = ours.email_consent.as_ref().value().map(|consent| format!("{:?}", consent.state));
        let said = theirs.email_consent;
        assert_eq!(consent, said.at.map(|_| format!("{:?}", said.state)), "{}", theirs.id);
        assert_eq!(ours.passed_over, [], "{}", theirs.id);
        assert!(!ours.must_be_read_again());
    }
}

#[tokio::test]
async fn every_order_is_told_as_the_shop_has_it() {
    let sides = Sides::of(90);
    let tokens = sides.connected().await;
    let told = orders(&sides, &tokens).await;
    let books: Vec<_> = sides.shop.books(|books| books.orders().collect());
    assert_eq!(told.len(), books.len());
    for theirs in books {
        let OrderTold { order, passed_over, .. } = &told[&OrderId::Shopify(theirs.id)];
        assert_eq!(passed_over, &[], "{}", theirs.name);
        assert_eq!(order.name.as_deref(), Some(theirs.name.as_str()));
        assert_eq!(
            (order.total.get(), order.refunded.get()),
            (theirs.total(), theirs.refunded()),
            "{}",
            theirs.name
        );
        assert_eq!((order.placed_at, order.updated_at), (theirs.created_at, theirs.updated_at));
        assert_eq!(order.lines.len(), theirs.lines.len(), "{}", theirs.name);
        assert_eq!(order.quantity(), theirs.quantity());
        let counts = matches!(theirs.financial, Financial::Paid | Financial::PartiallyRefunded);
        assert_eq!(
            order.counts(),
            counts && !theirs.test && theirs.cancelled_at.is_none(),
            "{}",
            theirs.name
        );
        if order.counts() {
            assert_eq!(order.contribution().spent, theirs.net(), "{}", theirs.name);
        }
    }
}

#[tokio::test]
async fn products_checkouts_and_counts_are_the_shops() {
    let sides = Sides::of(90);
    let tokens = sides.connected().await;
    let page = sides.told(&tokens, &ProductsPage(Stretch::all(250, None))).await;
    let told: BTreeMap<_, _> = page
        .nodes
        .into_iter()
        .map(|node| (node.id(), node.told(&reading()).expect("it can be kept")))
        .collect();
    let books: Vec<_> = sides.shop.books(|books| books.products().cloned().collect());
    assert_eq!(told.len(), books.len());
    for theirs in &books {
        let ours = &told[&ProductId::Shopify(theirs.id)];
        assert_eq!((&ours.product.title, ours.lacks_variants), (&theirs.title, false));
        let prices: Vec<_> = ours.product.variants.iter().map(|variant| variant.price.get()).collect();
        assert_eq!(prices, theirs.variants.iter().map(|variant| variant.price).collect::<Vec<_>>());
        assert_eq!(ours.passed_over, []);
    }
    let counts = sides.told(&tokens, &Counts::default()).await;
    let (customers, orders) = sides.shop.books(|books| (books.customers().count(), books.orders().count()));
    let counted = [counts.customers, counts.orders, counts.products].map(|count| count.count);
    assert_eq!(counted, [customers, orders, books.len()].map(|count| count as u64));

    let page = sides.told(&tokens, &CheckoutsPage::begun(&Window::default(), 250, None)).await;
    let open = sides.shop.books(|books| {
        let open = books.checkouts().filter(|checkout| checkout.completed_at.is_none());
        open.map(|checkout| checkout.token.clone()).collect::<std::collections::BTreeSet<_>>()
    });
    let told = page.nodes.into_iter().map(|node| node.told(&reading()).expect("it can be kept"));
    let told: std::collections::BTreeSet<_> =
        told.filter(|checkout| checkout.completed_at.is_none()).map(|checkout| checkout.token).collect();
    assert_eq!(told, open);
}

#[tokio::test]
async fn a_bulk_file_tells_the_same_as_pages() {
    let sides = Sides::of(90);
    let tokens = sides.connected().await;
    let (customers, orders) = (customers(&sides, &tokens).await, orders(&sides, &tokens).await);
    let mut seen = 0;
    for item in bulk(&sides, &tokens, &BulkRun::customers(&Window::default(), &[])).await {
        let Item::Customer(node) = item else { panic!("a customer") };
        assert_eq!(customers.get(&node.id()), Some(&node.clone().told(&reading())));
        seen += 1;
    }
    assert_eq!(seen, customers.len());
    for item in bulk(&sides, &tokens, &BulkRun::orders(&Window::default())).await {
        let Item::Order(node) = item else { panic!("an order") };
        assert_eq!(orders.get(&node.id()), Some(&node.clone().told(&reading()).expect("it can be kept")));
        seen += 1;
    }
    assert_eq!(seen, customers.len() + orders.len());
    let later = Window { since: Some(sides.now()), before: None };
    assert!(bulk(&sides, &tokens, &BulkRun::orders(&later)).await.is_empty());
}

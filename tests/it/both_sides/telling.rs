//! Webhooks of everything that can happen in a shop: proven, understood, and the same as what a page tells.

use super::{Sides, pages, reading};
use domain::{CustomerId, OrderId, ProductId, Timestamp};
use local::shopify::{
    Courier, Parcel,
    books::{
        Back, Basket, Channel, Newcomer, Telling,
        records::{Consent, ConsentState},
    },
};
use shopify::{
    Topic,
    graph::{CustomerById, DeletedPage, EmailConsent, Gone, OrderById, Window},
    oauth::Tokens,
    payload::{self, Change},
    told::Told,
    webhook::{self, Delivery},
};
use std::sync::Mutex;

/// Holds whatever is sent.
#[derive(Default)]
struct Held(Mutex<Vec<Parcel>>);

#[async_trait::async_trait]
impl Courier for Held {
    async fn bring(&self, parcel: &Parcel) -> Result<u16, String> {
        self.0.lock().expect("nobody fell over").push(parcel.clone());
        Ok(200)
    }
}

/// All that was sent since the last time, in the order of its being sent.
async fn sent(sides: &Sides) -> Vec<(Delivery, Change)> {
    let held = Held::default();
    while sides.shopify.tick(&held).await > 0 {
        sides.clock.advance_seconds(1);
    }
    let parcels = std::mem::take(&mut *held.0.lock().expect("nobody fell over"));
    let mut all = Vec::new();
    for parcel in parcels {
        let header = |name: &str| {
            parcel.headers.iter().find(|(told, _)| *told == name).map(|(_, value)| value.as_str())
        };
        let delivery =
            webhook::verified("POST", header, &parcel.body, &sides.app).expect("Shopify signed it");
        assert_eq!(delivery.shop, sides.domain());
        let mut altered = parcel.body.to_vec();
        altered.push(b' ');
        assert_eq!(
            webhook::verified("POST", header, &altered, &sides.app),
            Err(webhook::Refused::BadSignature)
        );
        let change = payload::read(&delivery.topic, &parcel.body).expect("it is understood");
        assert!(change.shop().is_none_or(|shop| shop == delivery.shop));
        all.push((delivery, change));
    }
    all
}

fn topics(all: &[(Delivery, Change)]) -> Vec<&Topic> {
    all.iter().map(|(delivery, _)| &delivery.topic).collect()
}

/// The last word about an order is what a page tells of it.
async fn agree(sides: &Sides, tokens: &Tokens, order: u64) {
    let all = sent(sides).await;
    let last = all.into_iter().rev().find_map(|(_, change)| match change {
        Change::Order(it) if it.id() == OrderId::Shopify(order) => Some(it),
        _ => None,
    });
    let by_webhook = last.expect("the order was told").told(&reading()).expect("it can be kept");
    let node = sides.told(tokens, &OrderById::new(order)).await.expect("the order is there");
    let by_page = pages::whole(sides, tokens, node).await;
    assert_eq!(by_webhook.order, by_page.order);
    assert_eq!(by_webhook.buyer, by_page.buyer);
    assert!(!by_webhook.must_be_read_again);
    assert_eq!((by_webhook.passed_over, by_page.passed_over), (Vec::new(), Vec::new()));
    let theirs = sides.shop.books(|books| books.order(order)).expect("it is in the books");
    assert_eq!(by_page.order.refunded.get(), theirs.refunded());
    if by_page.order.counts() {
        assert_eq!(by_page.order.contribution().spent, theirs.net());
    }
}

#[tokio::test]
async fn what_becomes_of_an_order_is_told_the_same_by_webhooks_and_pages() {
    let sides = Sides::of(30);
    let tokens = sides.connected().await;
    let customer = sides.shop.books(|books| books.customers().next()).expect("somebody").id;
    let variants: Vec<u64> = sides.shop.books(|books| {
        books
            .products()
            .flat_map(|product| product.variants.iter().map(|variant| variant.id))
            .take(3)
            .collect()
    });
    let lines = vec![(variants[0], 3), (variants[1], 1)];
    let basket = Basket { customer: Some(customer), lines, discount: 150, ..Basket::default() };
    let shop = &sides.shop;
    let bought = |basket: &Basket| {
        sides.clock.advance_seconds(60);
        shop.buy(basket).expect("it is sold")
    };
    let line = |order: u64| shop.books(|books| books.order(order)).expect("it is there").lines[0].id;

    let order = bought(&basket);
    agree(&sides, &tokens, order).await;
    sides.clock.advance_seconds(60);
    shop.refund(order, &Back { lines: vec![(line(order), 1)], amount: 0 }).expect("it goes back");
    agree(&sides, &tokens, order).await;
    shop.refund(order, &Back::default()).expect("all of it goes back");
    agree(&sides, &tokens, order).await;

    let order = bought(&basket);
    shop.refund(order, &Back { lines: Vec::new(), amount: 100 }).expect("for nothing in particular");
    agree(&sides, &tokens, order).await;

    let order = bought(&Basket { is_unpaid: true, ..basket.clone() });
    agree(&sides, &tokens, order).await;
    shop.edit(order, &[(variants[2], 2)], &[(line(order), 1)]).expect("it is edited");
    sides.clock.advance_seconds(60);
    shop.pay(order).expect("it is paid");
    agree(&sides, &tokens, order).await;
    shop.refund(order, &Back { lines: vec![(line(order), 1)], amount: 0 }).expect("it goes back");
    agree(&sides, &tokens, order).await;

    let order = bought(&basket);
    shop.fulfil(order).expect("it is sent");
    shop.cancel(order).expect("it is cancelled");
    agree(&sides, &tokens, order).await;

    let order = bought(&Basket { customer: None, is_test: true, ..basket.clone() });
    agree(&sides, &tokens, order).await;
    shop.delete_order(order).expect("it is deleted");
    let all = sent(&sides).await;
    assert!(
        all.iter()
            .any(|(_, change)| matches!(change, Change::OrderDeleted(OrderId::Shopify(id)) if *id == order))
    );
}

#[tokio::test]
async fn what_becomes_of_a_customer_is_told() {
    let sides = Sides::of(30);
    let tokens = sides.connected().await;
    sent(&sides).await;
    let shop = &sides.shop;
    let told = Newcomer {
        first_name: Some("Ada".into()),
        email: Some("ada@example.com".into()),
        ..Newcomer::default()
    };
    let ada = shop.join(told).expect("she joins");
    let all = sent(&sides).await;
    let joined = all.into_iter().find_map(|(_, change)| match change {
        Change::Customer(it) => Some(it.told(&reading())),
        _ => None,
    });
    let joined = joined.expect("she was told");
    assert_eq!((joined.id, &joined.first_name), (CustomerId::Shopify(ada), &Told::Is("Ada".to_owned())));
    assert!(joined.must_be_read_again(), "webhooks leave out tags, totals and consents");

    sides.clock.advance_seconds(60);
    shop.change(ada, Telling { note: Some("tea".into()), ..Telling::default() }).expect("she changes");
    shop.tag(ada, &["vip"]).expect("she is tagged");
    shop.untag(ada, &["vip"]).expect("she is not");
    let agreed = Consent { state: ConsentState::Subscribed, level: None, at: Some(sides.now()) };
    shop.consent(ada, Channel::Email, agreed).expect("she agrees");
    let all = sent(&sides).await;
    for topic in [
        Topic::CustomersUpdate,
        Topic::CustomerTagsAdded,
        Topic::CustomerTagsRemoved,
        Topic::CustomersEmailConsent,
    ] {
        assert!(topics(&all).contains(&&topic), "{topic}");
    }
    let consent = all.into_iter().find_map(|(_, change)| match change {
        Change::Consent(it) => it.told(&reading()).ok(),
        _ => None,
    });
    let (consent, passed_over) = consent.expect("it was told");
    assert_eq!((consent.customer, passed_over.len()), (CustomerId::Shopify(ada), 0));
    let mut consent = consent.consent.expect("a word");
    assert_eq!(consent.state, domain::ConsentState::Subscribed);

    // Of another address she has said nothing, and no event tells so.
    shop.change(ada, Telling { email: Some("ada@example.org".into()), ..Telling::default() })
        .expect("she moves");
    assert!(!topics(&sent(&sides).await).contains(&&Topic::CustomersEmailConsent));
    let asked = sides
        .told(&tokens, &CustomerById::new(ada, Vec::new()))
        .await
        .expect("she is there")
        .told(&reading());
    assert_eq!(asked.email_consent, Told::Nothing);

    // And back: she withdraws on one of our pages.
    (consent.state, consent.at) = (domain::ConsentState::Unsubscribed, whole(sides.now()));
    sides.told(&tokens, &EmailConsent::of(ada, &consent).expect("Shopify takes it")).await;
    let held = shop.books(|books| books.customer(ada)).expect("she is there").email_consent;
    assert_eq!((held.state, held.at), (ConsentState::Unsubscribed, Some(consent.at)));

    let other = shop.books(|books| books.customers().map(|it| it.id).find(|id| *id != ada)).expect("another");
    sides.clock.advance_seconds(60);
    let since = sides.now();
    shop.merge(other, ada).expect("they are one");
    let all = sent(&sides).await;
    let merged = all.iter().find_map(|(_, change)| match change {
        Change::CustomersMerged(merged) => Some(merged),
        _ => None,
    });
    let merged = merged.expect("it was told");
    assert!(merged.is_done());
    assert_eq!((merged.kept(), merged.deleted()), (CustomerId::Shopify(other), CustomerId::Shopify(ada)));

    shop.request_data(other);
    shop.redact(other).expect("she is redacted");
    let product = shop.books(|books| books.products().next().map(|product| product.id)).expect("a product");
    shop.rename_product(product, "Tea of the day").expect("it is renamed");
    shop.delete_product(product).expect("it is deleted");
    let all = sent(&sides).await;
    for topic in
        [Topic::CustomersDataRequest, Topic::CustomersRedact, Topic::ProductsUpdate, Topic::ProductsDelete]
    {
        assert!(topics(&all).contains(&&topic), "{topic}");
    }
    let window = Window { since: Some(since), before: None };
    let deleted = sides.told(&tokens, &DeletedPage::within(&window, 250, None)).await;
    let gone: Vec<_> = deleted.nodes.iter().filter_map(|deleted| deleted.what).collect();
    assert!(gone.contains(&Gone::Customer(CustomerId::Shopify(ada))), "{gone:?}");
    assert!(gone.contains(&Gone::Product(ProductId::Shopify(product))), "{gone:?}");

    shop.regrant(&["read_customers"]);
    shop.uninstall();
    shop.redact_shop();
    let all = sent(&sides).await;
    for topic in [Topic::AppScopesUpdate, Topic::AppUninstalled, Topic::ShopRedact] {
        assert!(topics(&all).contains(&&topic), "{topic}");
    }
}

/// Shopify knows no finer instants.
fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).expect("an instant")
}

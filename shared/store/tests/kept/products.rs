//! Products as the table keeps them: what a list of them costs, where it ends, and two words at the same moment.

use domain::{
    Minor, Product, ProductId, TenantId, VariantId,
    product::{Kept, ProductStatus, Variant},
};
use std::{collections::BTreeSet, sync::Arc};
use store::{
    Products, Store, StoreError, TenantStore,
    local::{LocalTable, Units},
};

use crate::instants::at;

/// About a kilobyte, as products of shops have it.
pub(crate) fn product(number: u64) -> Product {
    let variant = |place: u64| Variant {
        id: VariantId::Shopify(number * 10 + place),
        title: format!("Size {place}"),
        sku: Some(format!("SKU-{number}-{place}")),
        price: Minor::new(1_999).expect("an amount"),
        inventory: Some(12),
    };
    Product {
        id: ProductId::Shopify(number),
        title: format!("Product number {number}"),
        handle: Some(format!("product-number-{number}")),
        status: ProductStatus::Active,
        vendor: Some("Somebody & Sons".to_owned()),
        kind: Some("Shirts".to_owned()),
        tags: BTreeSet::from(["cotton".to_owned(), "summer".to_owned()]),
        image_url: Some(format!("https://cdn.example.com/{number}.jpg")),
        variants: (0..8).map(variant).collect(),
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn shop() -> (Arc<LocalTable>, TenantStore) {
    let table = Arc::new(LocalTable::in_memory());
    let store = Store::new(table.clone()).for_task(TenantId::new(at(0), [1; 10]));
    (table, store)
}

async fn told(store: &TenantStore, numbers: std::ops::Range<u64>) {
    for some in numbers.collect::<Vec<_>>().chunks(50) {
        let steps = some.iter().map(|number| store.product_told(None, &product(*number))).collect();
        store.commit(steps).await.expect("none of them is there yet");
    }
}

#[tokio::test]
async fn a_list_reads_each_product_once_and_little_more() {
    let (table, store) = shop();
    let cost = async |expected: usize| {
        let before = table.ledger();
        let Products::All(all) = store.products(20_000).await.expect("it reads") else { panic!("so few") };
        let distinct: BTreeSet<_> = all.iter().map(|product| product.id).collect();
        assert_eq!((all.len(), distinct.len()), (expected, expected));
        table.ledger().since(&before).reads
    };
    assert_eq!(cost(0).await, Units::whole(16), "an empty shop costs its partitions");
    told(&store, 1..1_001).await;
    let reads = cost(1_000).await;
    assert!(reads > Units::whole(100), "they are products of about a kilobyte: {reads}");
    assert!(reads <= Units::whole(300), "a thousand products cost {reads}");
}

#[tokio::test]
async fn a_list_ends_where_it_was_told_to() {
    let (table, store) = shop();
    told(&store, 1..301).await;
    assert!(matches!(store.products(300).await.expect("it reads"), Products::All(all) if all.len() == 300));
    assert_eq!(store.products(299).await.expect("it reads"), Products::TooMany);
    let gone = store.product_kept(ProductId::Shopify(1)).await.expect("it reads").expect("it is there");
    store
        .commit(vec![store.product_ended(Some(&gone), ProductId::Shopify(1), at(1))])
        .await
        .expect("nobody else");
    assert!(matches!(store.products(299).await.expect("it reads"), Products::All(all) if all.len() == 299));

    told(&store, 301..2_001).await;
    let before = table.ledger();
    assert_eq!(store.products(0).await.expect("it reads"), Products::TooMany);
    let reads = table.ledger().since(&before).reads;
    assert!(reads <= Units::whole(17), "whether there are any is told by one of each partition: {reads}");
}

#[tokio::test]
async fn of_two_words_at_the_same_moment_one_is_against_the_other() {
    let (_, store) = shop();
    told(&store, 1..2).await;
    let first = store.product_told(None, &product(1));
    assert!(matches!(store.commit(vec![first]).await, Err(StoreError::Conflict(0))), "it is there already");
    let held = store.product_kept(ProductId::Shopify(1)).await.expect("it reads").expect("it is there");
    let ended = store.product_ended(Some(&held), ProductId::Shopify(1), at(1));
    store.commit(vec![ended]).await.expect("nothing came in between");
    let late = store.product_told(Some(&held), &product(1));
    assert!(matches!(store.commit(vec![late]).await, Err(StoreError::Conflict(0))), "it was deleted since");
    let kept = store.product_kept(ProductId::Shopify(1)).await.expect("it reads").expect("its end is there");
    assert_eq!(*kept, Kept::Gone(at(1)));
    assert_eq!(store.product(ProductId::Shopify(1)).await.expect("it reads"), None);
}

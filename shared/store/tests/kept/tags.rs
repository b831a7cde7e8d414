//! What products are tagged with: read once for each change, never older than its count, and no more than is looked through.

use columns::Like;
use domain::{
    Product, ProductId,
    product::{TAGGED_MAX, TAGS_MAX},
};
use store::{TenantStore, local::Units};

use crate::{
    instants::at,
    products::{product, shop},
};

/// Tags of one product.
const EACH: usize = 20_000;

fn tagged(number: u64, tags: &[&str]) -> Product {
    Product { tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), ..product(number) }
}

async fn tell(store: &TenantStore, product: &Product) {
    let held = store.product_kept(product.id).await.expect("it reads");
    store.commit(vec![store.product_told(held.as_ref(), product)]).await.expect("nobody else tells");
}

/// How often they have changed, and which bear it.
async fn bearing(store: &TenantStore, tag: &str) -> (u64, Vec<String>) {
    let (changes, all) = store.tagged().await.expect("it reads");
    let ids = all.expect("they are few").like(&Like::Is([tag.into()].into()));
    (changes, ids.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn who_bears_a_tag_follows_every_change_of_tags_and_is_read_for_nothing_else() {
    let (table, store) = shop();
    let check = async |tag: &str, changes: u64, expected: &[&str]| {
        let expected = expected.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(bearing(&store, tag).await, (changes, expected), "{tag}");
    };
    check("summer", 0, &[]).await;
    // Many in one commit, of whom some stand beside each other.
    let many: Vec<_> = (1..=40).map(|number| store.product_told(None, &product(number))).collect();
    store.commit(many).await.expect("none is there yet");
    assert_eq!(bearing(&store, "summer").await.1.len(), 40);
    check("sale", 40, &[]).await;
    tell(&store, &tagged(7, &["Sale"])).await;
    check("sale", 41, &["s7"]).await;
    tell(&store, &Product { title: "Another".to_owned(), ..tagged(7, &["Sale"]) }).await;
    let before = table.ledger();
    check("sale", 41, &["s7"]).await;
    let asked = table.ledger().since(&before).reads;
    assert!(asked <= Units::whole(2), "nothing was read of the products: {asked}");
    tell(&store, &tagged(8, &["SALE"])).await;
    check("sale", 42, &["s7", "s8"]).await;
    let held = store.product_kept(ProductId::Shopify(7)).await.expect("it reads");
    store
        .commit(vec![store.product_ended(held.as_ref(), ProductId::Shopify(7), at(1))])
        .await
        .expect("it ends");
    check("sale", 43, &["s8"]).await;
    // One that bears none comes and goes unseen.
    tell(&store, &tagged(50, &[])).await;
    let held = store.product_kept(ProductId::Shopify(50)).await.expect("it reads");
    store
        .commit(vec![store.product_ended(held.as_ref(), ProductId::Shopify(50), at(1))])
        .await
        .expect("it ends");
    check("sale", 43, &["s8"]).await;
}

#[tokio::test]
async fn more_tags_than_are_looked_through_are_not() {
    assert_eq!((TAGGED_MAX, TAGS_MAX), (20_000, 500_000), "callers are told so: `segments::TOO_MANY_TAGS`");
    let (_, store) = shop();
    let tags: Vec<String> = (0..EACH).map(|tag| tag.to_string()).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    for number in 1..=(TAGS_MAX / EACH) as u64 {
        tell(&store, &tagged(number, &tags)).await;
    }
    assert_eq!(bearing(&store, "7").await.1.len(), TAGS_MAX / EACH);
    tell(&store, &tagged(99, &["one more"])).await;
    assert_eq!(store.tagged().await.expect("it reads").1, None);
    tell(&store, &tagged(99, &[])).await;
    assert!(store.tagged().await.expect("it reads").1.is_some());
}

//! Products come with all of their variants, of which a page holds the first alone (SYN-03).

use domain::ProductId;
use local::World;
use serde_json::json;

use super::House;

/// A product of so many variants, of which no webhook is told.
fn product(house: &House, variants: u64) -> u64 {
    let product = house.shop.add_product("Postcard", 150).expect("anything may be sold");
    house.shop.add_variants(product, variants - 1, 150).expect("it is there");
    product
}

async fn variants(world: &World, house: &House, product: u64) -> usize {
    let kept = house.store(world).product(ProductId::Shopify(product)).await.expect("memory holds");
    kept.map_or(0, |product| product.variants.len())
}

#[tokio::test]
async fn a_product_has_all_of_its_variants_however_often_it_is_synced() {
    let world = World::new(1).await;
    let house = House::synced(&world, 5).await;
    let (many, most) = (product(&house, 60), product(&house, 700));
    for mode in ["incremental", "full", "incremental"] {
        world.clock.advance_seconds(300);
        let done = house.sync(&world, &json!({"resource": "products", "mode": mode})).await;
        assert_eq!((&done["status"], &done["records_failed"]), (&json!("completed"), &json!(0)), "{done}");
        assert_eq!((variants(&world, &house, many).await, variants(&world, &house, most).await), (60, 700));
    }
    house.equals_the_books(&world).await;
    // A part of it came by a webhook of the same instant, and the rest never did.
    let store = house.store(&world);
    let kept = store.product_kept(ProductId::Shopify(many)).await.unwrap().unwrap();
    let domain::product::Kept::Product(mut part) = kept.clone().into_inner() else { panic!("it is there") };
    part.variants.truncate(30);
    store.commit(vec![store.product_told(Some(&kept), &part)]).await.unwrap();
    house.sync(&world, &json!({"resource": "products", "mode": "full"})).await;
    assert_eq!(variants(&world, &house, many).await, 60);
}

#[tokio::test]
async fn a_page_of_long_products_is_done_within_any_bucket() {
    let world = World::new(2).await;
    let house = House::synced(&world, 3).await;
    for _ in 0..150 {
        product(&house, 60);
    }
    world.clock.advance_seconds(600);
    let before = house.shop.asked();
    let done = house.sync(&world, &json!({"resource": "products", "mode": "incremental"})).await;
    assert_eq!((&done["status"], &done["records_failed"]), (&json!("completed"), &json!(0)), "{done}");
    house.equals_the_books(&world).await;
    // One for each, a page for each time that the bucket was empty, and the question then.
    let asked = house.shop.asked() - before;
    assert!((152..200).contains(&asked), "{asked}");
}

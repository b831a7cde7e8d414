//! Who bought what is tagged so: tags are the product's, and change without anybody's orders (SEG-02, SEG-08).

use super::{PATH, members, moves, must_be_as_from_nothing, segment};
use crate::shop_events::{Shop, order_body};
use columns::ShardNumber;
use domain::{
    Product, ProductId, Task,
    product::{ProductStatus, TAGS_MAX},
    settlement::Settling,
};
use flows::Clock;
use local::{World, faults::halt::overtaken};
use serde_json::{Value, json};
use store::{
    Held, Store, TenantStore,
    local::{Ledger, Units},
};

const SALE: &str = "products_purchased MATCHES (tag = 'sale')";

fn product(id: u64, minute: u32, tags: &str) -> Value {
    json!({"id": id, "title": format!("Tea {id}"), "status": "active", "tags": tags, "created_at": "2026-09-01T00:00:00Z",
        "updated_at": format!("2026-09-01T00:{minute:02}:00Z"), "variants": [{"id": id, "title": "One", "price": "1.00"}],
        "variant_gids": [{"id": id}]})
}

/// Two products, each bought by one customer: 7 has the first and 8 the second.
async fn sold(world: &World) -> Shop {
    let mut shop = Shop::connected(world, "owner").await;
    // A session ends before all of it is settled.
    let scopes = ["customers:read", "customers:manage", "orders:read", "orders:manage"];
    let key = shop.owner.post(world, "/api/v1/api-keys", &json!({"name": "k", "scopes": scopes})).await;
    shop.owner.access = key.text_at("/key");
    for (id, tags) in [(1, "Green, Summer"), (2, "")] {
        shop.tell(world, "products/create", &product(id, 0, tags)).await;
        let line = json!({"line_items": [{"id": 1, "title": "Tea", "quantity": 2, "price": "12.50", "product_id": id}]});
        shop.tell(world, "orders/create", &order_body(id, id + 6, "2026-09-01T10:00:00Z", &line)).await;
    }
    shop
}

async fn total(world: &World, shop: &Shop, rule: &str) -> Value {
    let told = shop.owner.post(world, &format!("{PATH}/preview"), &json!({"rule": rule})).await;
    assert_eq!(told.status, 200, "{}", told.text);
    told.at("/total")
}

/// By hand.
async fn retagged(world: &World, shop: &Shop, product: &str, tag: &str) {
    let path = format!("/api/v1/products/{product}");
    world.clock.advance_seconds(1);
    let changed = shop.owner.call(world, "PATCH", &path, &json!({"tags": [tag]})).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
}

async fn settling(store: &TenantStore) -> Held<Settling> {
    store.settling().await.expect("memory holds").expect("there is a segment")
}

/// The clock is to look, and there is nothing to settle.
async fn due(world: &World, store: &TenantStore) {
    let held = settling(store).await;
    let asked = Settling::clone(&held).rescored(world.clock.now());
    store.commit(vec![store.settling_changed(&held, &asked)]).await.expect("nobody else asks");
}

fn told(moves: &[(&str, &str)]) -> Vec<(String, String)> {
    moves.iter().map(|(kind, name)| ((*kind).to_owned(), (*name).to_owned())).collect()
}

#[tokio::test]
async fn who_bought_a_product_joins_as_it_is_tagged_and_leaves_as_it_is_not() {
    let world = World::new(1).await;
    let shop = sold(&world).await;
    let (owner, store) = (&shop.owner, shop.store(&world));
    let sale = segment(&world, owner, "Sale", SALE).await;
    let others = segment(&world, owner, "Others", &format!("segment NOT MATCHES (id = '{sale}')")).await;
    world.settle().await;
    assert_eq!(members(&store, &sale).await, [].into());
    assert_eq!(total(&world, &shop, SALE).await, json!(0));
    let [ada, bob] = ["s7", "s8"].map(str::to_owned);
    let check = async |what: &str, those: &[&String]| {
        let those = those.iter().map(|id| (*id).clone()).collect();
        assert_eq!(members(&store, &sale).await, those, "{what}");
        must_be_as_from_nothing(&world, &store, world.clock.now(), what).await;
    };

    let before = store.tag_changes().await.expect("memory holds");
    shop.tell(&world, "products/update", &product(1, 1, "Green, SALE")).await;
    assert_eq!(store.tag_changes().await.expect("memory holds"), before + 1);
    check("one is tagged", &[&ada]).await;
    assert_eq!(members(&store, &others).await, [bob.clone()].into(), "whoever names it is asked after it");
    shop.tell(&world, "products/update", &product(2, 1, "presale")).await;
    check("another tag is nothing to it", &[&ada]).await;
    shop.tell(&world, "products/update", &product(2, 2, "sale, presale")).await;
    check("both are", &[&ada, &bob]).await;
    assert_eq!(total(&world, &shop, SALE).await, json!(2));
    shop.tell(&world, "products/update", &product(1, 2, "Green")).await;
    check("the first is no more", &[&bob]).await;
    shop.tell(&world, "products/delete", &json!({"id": 2})).await;
    check("what is deleted bears nothing", &[]).await;
    assert_eq!(total(&world, &shop, "products_purchased MATCHES (tag IS NULL)").await, json!(1));
    let (joined, left) = ("segment_joined", "segment_left");
    let expected =
        [(joined, "Others"), (joined, "Sale"), (left, "Others"), (left, "Sale"), (joined, "Others")];
    let ada_moves = moves(&world, owner, &ada).await;
    assert_eq!(ada_moves.len(), expected[1..].len(), "nobody joins by a segment that is made: {ada_moves:?}");
    assert_eq!(ada_moves, told(&expected[1..]));
}

/// What a preview finds follows the products, whatever is held of them; and what did not change is not read again.
#[tokio::test]
async fn what_products_are_tagged_with_is_read_once_for_each_change() {
    let world = World::new(2).await;
    let shop = sold(&world).await;
    let reads = async || {
        let before = world.table.ledger();
        let found = total(&world, &shop, "products_purchased MATCHES (tag = 'summer')").await;
        (found, world.table.ledger().since(&before).reads)
    };
    // Whatever else is read is held by now.
    assert_eq!(total(&world, &shop, "products_purchased MATCHES (id = 1)").await, json!(1));
    let (found, cold) = reads().await;
    assert_eq!(found, json!(1));
    let (_, warm) = reads().await;
    assert!(warm < cold, "{warm} after {cold}");
    // No webhook: here, by hand.
    let path = "/api/v1/products/s2";
    world.clock.advance_seconds(1);
    let changed = shop.owner.call(&world, "PATCH", path, &json!({"tags": ["Summer"]})).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(reads().await.0, json!(2));
    world.clock.advance_seconds(1);
    assert_eq!(shop.owner.call(&world, "DELETE", path, &json!({})).await.status, 204);
    assert_eq!(reads().await.0, json!(1));
}

#[tokio::test]
async fn of_more_tags_than_are_looked_through_nothing_is_asked_and_who_is_in_stays() {
    const EACH: usize = 10_000;
    let world = World::new(3).await;
    let shop = sold(&world).await;
    let (owner, store) = (&shop.owner, shop.store(&world));
    let summer = segment(&world, owner, "Summer", "products_purchased MATCHES (tag = 'summer')").await;
    world.settle().await;
    assert_eq!(members(&store, &summer).await, ["s7".to_owned()].into());
    let now = world.clock.now();
    for number in 0..=TAGS_MAX / EACH {
        let product = Product {
            id: ProductId::Shopify(1_000 + number as u64),
            title: "Tea".to_owned(),
            handle: None,
            status: ProductStatus::Active,
            vendor: None,
            kind: None,
            tags: (0..EACH).map(|tag| format!("{tag}")).collect(),
            image_url: None,
            variants: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        store.commit(vec![store.product_told(None, &product)]).await.expect("it is new");
    }
    let refused = owner.post(&world, &format!("{PATH}/preview"), &json!({"rule": SALE})).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert!(refused.text.contains("products_purchased.tag cannot be asked: the shop has more than 20,000 products, or more than 500,000 tags"), "{}", refused.text);
    shop.tell(&world, "products/update", &product(1, 1, "winter")).await;
    assert_eq!(members(&store, &summer).await, ["s7".to_owned()].into(), "nobody leaves for that");
    let shown = owner.get(&world, &format!("{PATH}/{summer}")).await;
    assert_eq!(shown.text_at("/state"), "silent", "{}", shown.text);
    assert!(shown.text_at("/errors/0/detail").contains("500,000 tags"), "{}", shown.text);
    let named = format!("segment MATCHES (id = '{summer}')");
    assert_eq!(total(&world, &shop, &named).await, json!(1), "whoever names it finds it as it is kept");

    // As soon as there are fewer, it goes on.
    for id in [1_000, 1_001].map(ProductId::Shopify) {
        let kept = store.product_kept(id).await.expect("memory holds");
        let gone = store.product_ended(kept.as_ref(), id, world.clock.now());
        store.commit(vec![gone]).await.expect("nobody else tells of it");
    }
    shop.tell(&world, "products/update", &product(2, 1, "SUMMER")).await;
    assert_eq!(members(&store, &summer).await, ["s8".to_owned()].into());
    assert_eq!(owner.get(&world, &format!("{PATH}/{summer}")).await.text_at("/state"), "active");
}

#[tokio::test]
async fn tags_that_change_while_the_clock_looks_have_it_look_again() {
    let world = World::new(4).await;
    let shop = sold(&world).await;
    let store = shop.store(&world);
    segment(&world, &shop.owner, "Sale", SALE).await;
    world.settle().await;
    for is_clock_slow in [true, false] {
        for place in 0.. {
            let tag = if place % 2 == 0 { "sale" } else { "winter" };
            let what = format!("{tag}, the clock is slow: {is_clock_slow}, held up at {place}");
            due(&world, &store).await;
            let (clock, product) = (world.tick(), retagged(&world, &shop, "s1", tag));
            let both = if is_clock_slow {
                overtaken(clock, place, product).await
            } else {
                overtaken(product, place, clock).await
            };
            for _ in 0..2 {
                world.settle().await;
            }
            must_be_as_from_nothing(&world, &store, world.clock.now(), &what).await;
            if both.is_none() {
                assert!(place > 5, "{what}: there are calls");
                break;
            }
        }
    }
}

#[tokio::test]
async fn of_many_products_that_are_tagged_the_first_has_the_clock_look() {
    let world = World::new(5).await;
    let shop = sold(&world).await;
    let store = shop.store(&world);
    segment(&world, &shop.owner, "Sale", SALE).await;
    world.settle().await;
    world.tick().await;
    let version = async || settling(&store).await.version();
    let before = version().await;
    for (product, tag) in [("s1", "sale"), ("s2", "sale"), ("s1", "winter"), ("s2", "summer")] {
        retagged(&world, &shop, product, tag).await;
        assert_eq!(version().await, before + 1, "{product} is tagged {tag}: nobody waits for it");
    }
}

#[tokio::test]
async fn a_tag_that_changes_while_the_first_segment_names_it_is_found_by_the_look() {
    let world = World::new(6).await;
    let shop = sold(&world).await;
    let store = shop.store(&world);
    for place in 0.. {
        let tag = if place % 2 == 0 { "sale" } else { "winter" };
        let made = async {
            let made = segment(&world, &shop.owner, "Sale", SALE).await;
            world.run_without_vendor().await;
            made
        };
        let Some(((), made)) = overtaken(retagged(&world, &shop, "s1", tag), place, made).await else {
            assert!(place > 5, "held up at {place}: there are calls");
            return;
        };
        // The look is due with the second tick.
        for _ in 0..2 {
            world.settle().await;
        }
        must_be_as_from_nothing(&world, &store, world.clock.now(), &format!("held up at {place}")).await;
        let ended = shop.owner.call(&world, "DELETE", &format!("{PATH}/{made}"), &json!({})).await;
        assert_eq!(ended.status, 204, "{}", ended.text);
        world.settle().await;
    }
}

/// What it costs to keep the shard after that, for whoever holds nothing of it.
async fn kept(world: &World, shop: &Shop) -> Ledger {
    let deps = audience::Deps {
        store: Store::new(world.table.clone()),
        tasks: world.tasks.clone(),
        clock: world.clock.clone(),
    };
    let before = world.table.ledger();
    let task = Task::KeepShard { tenant: shop.store(world).id(), shard: 0 };
    audience::handle(&deps, task).await.expect("it is kept");
    world.table.ledger().since(&before)
}

#[tokio::test]
async fn a_tag_that_no_segment_names_has_nobody_asked() {
    let world = World::new(7).await;
    let shop = sold(&world).await;
    segment(&world, &shop.owner, "Sale", SALE).await;
    world.settle().await;
    // No changed rows, which are asked each time.
    shop.store(&world).shard_rebuilt(ShardNumber(0)).await.expect("memory holds");
    kept(&world, &shop).await;
    retagged(&world, &shop, "s1", "winter").await;
    let by_another = kept(&world, &shop).await;
    retagged(&world, &shop, "s1", "sale").await;
    let by_its_own = kept(&world, &shop).await;
    assert_eq!(by_another.writes, Units::whole(1), "as of which tags it is settled");
    assert_eq!(by_another.reads, Units::whole(25), "no orders are read: {by_another:?}, {by_its_own:?}");
}

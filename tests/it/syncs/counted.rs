//! Of whom we are not shown all orders, the shop's own count is known; what becomes of the orders that we are shown moves it
//! once, whichever of the two is heard of first.

use domain::{CustomerId, OrderId};
use local::World;
use serde_json::json;

use super::{House, books::record_equals_the_books};

/// Somebody with an order that is not shown.
fn somebody(world: &World, house: &House) -> u64 {
    let now = flows::Clock::now(&*world.clock).as_second();
    let is_old = |at: i64| now - at > 90 * 86_400;
    let mut of = house.shop.books(|books| {
        books
            .orders()
            .filter(|order| is_old(order.created_at.as_second()))
            .map(|order| order.customer)
            .collect::<Vec<_>>()
    });
    of.sort();
    of.into_iter().flatten().next().expect("an old shop")
}

async fn completed(world: &World, house: &House, mode: &str) {
    world.clock.advance_seconds(900);
    let done = house.sync(world, &json!({"mode": mode})).await;
    assert_eq!((&done["status"], &done["records_failed"]), (&json!("completed"), &json!(0)), "{done}");
}

#[tokio::test]
async fn an_order_that_was_deleted_unheard_is_not_taken_off_twice() {
    let world = World::new(1).await;
    let house = House::synced(&world, 60).await;
    let who = somebody(&world, &house);
    let mut gone = Vec::new();
    for _ in 0..6 {
        world.clock.advance_seconds(1);
        gone.push(house.buy(Some(who)));
    }
    completed(&world, &house, "incremental").await;
    house.equals_the_books(&world).await;
    for (number, order) in gone.iter().enumerate() {
        world.clock.advance_seconds(1);
        house.shop.delete_order(*order).unwrap();
        if number == 2 {
            // Nobody looks for what is gone: the shop's count is lower by three, the orders are here.
            completed(&world, &house, "incremental").await;
            assert!(house.store(&world).order(OrderId::Shopify(gone[0])).await.unwrap().is_some());
        }
    }
    completed(&world, &house, "reconciliation").await;
    house.equals_the_books(&world).await;
    completed(&world, &house, "full").await;
    house.equals_the_books(&world).await;
}

#[tokio::test]
async fn an_order_that_is_no_sale_any_more_is_not_one_that_we_are_not_shown() {
    let world = World::new(2).await;
    let house = House::synced(&world, 60).await;
    let who = somebody(&world, &house);
    let orders = [(); 3].map(|()| {
        world.clock.advance_seconds(1);
        house.buy(Some(who))
    });
    completed(&world, &house, "incremental").await;
    house.shop.cancel(orders[0]).unwrap();
    for mode in ["incremental", "reconciliation", "full"] {
        completed(&world, &house, mode).await;
        house.equals_the_books(&world).await;
    }
}

#[tokio::test]
async fn what_was_bought_elsewhere_counts_beside_what_the_shop_counts() {
    let world = World::new(3).await;
    let house = House::synced(&world, 60).await;
    let who = somebody(&world, &house);
    let id = CustomerId::Shopify(who).to_string();
    let orders = async || {
        let customer = house.owner.get(&world, &format!("/api/v1/customers/{id}")).await;
        customer.at("/orders_count").as_i64().expect("a number")
    };
    let before = orders().await;
    let at_the_market = json!({"customer_id": id, "total": "5.00"});
    let bought = house.owner.post(&world, "/api/v1/orders", &at_the_market).await;
    assert_eq!(bought.status, 201, "{}", bought.text);
    house.buy(Some(who));
    for mode in ["incremental", "full"] {
        completed(&world, &house, mode).await;
        assert_eq!(orders().await, before + 2, "{mode}");
    }
}

#[tokio::test]
async fn orders_that_change_hands_unheard_are_counted_once() {
    let world = World::new(4).await;
    let house = House::synced(&world, 60).await;
    let kept = somebody(&world, &house);
    let gone = house.shop.books(|books| {
        let mut others = books.orders().filter_map(|order| order.customer).filter(|other| *other != kept);
        others.next().expect("several have bought")
    });
    for _ in 0..2 {
        world.clock.advance_seconds(1);
        house.buy(Some(gone));
    }
    completed(&world, &house, "incremental").await;
    house.equals_the_books(&world).await;
    // The shop counts them for whom it has kept, and nobody has told us of the two.
    house.shop.merge(kept, gone).unwrap();
    // That the other is nobody any more is told by no list.
    for mode in ["incremental", "reconciliation", "full"] {
        completed(&world, &house, mode).await;
        record_equals_the_books(&world, &house.store(&world), &house.shop).await;
    }
}

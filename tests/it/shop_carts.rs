//! Baskets that people leave behind are told of after a quiet hour, and no longer once they are paid for (EVT-01).

use domain::{CustomerId, customer::CustomerKind};
use flows::Clock;
use local::{World, shopify::books::Basket};
use serde_json::{Value, json};

use crate::{
    cast::{PASSWORD, Person, login},
    shop_events::{self, order_body},
    shop_readings::Shop,
};

const HOUR: i64 = 3_600;

struct Told {
    is_left: bool,
    entries: Vec<Value>,
    listed: Value,
    /// Of how many a rule says that they left something of late.
    dated: Value,
}

async fn told(shop: &Shop, id: u64) -> Told {
    // They sign in again: hours have passed.
    let owner = Person::of(&login(&shop.world, &shop.owner.email, PASSWORD).await);
    let path = format!("/api/v1/customers/s{id}");
    let shown = owner.get(&shop.world, &path).await;
    let timeline = owner.get(&shop.world, &format!("{path}/timeline?limit=100")).await;
    let all = timeline.at("/items").as_array().cloned().unwrap_or_default();
    let entries = all.into_iter().filter(|entry| entry["type"] == "cart_abandoned").collect();
    let listed = owner.get(&shop.world, "/api/v1/customers?has_abandoned_cart=true").await.at("/total");
    let rule = json!({"rule": "abandoned_checkout_date >= yesterday"});
    let dated = owner.post(&shop.world, "/api/v1/segments/preview", &rule).await.at("/total");
    Told { is_left: shown.at("/flags/has_abandoned_cart") == json!(true), entries, listed, dated }
}

/// Two hours pass, and what is due is done.
async fn two_hours(shop: &Shop) {
    shop.world.clock.advance_seconds(2 * HOUR);
    shop.heard().await;
    shop.heard().await;
}

#[tokio::test]
async fn a_basket_is_left_behind_after_a_quiet_hour_and_not_before() {
    let shop = Shop::connected(1).await;
    let id = shop.join("nora");
    let variants = shop.variants(2);
    let checkout = shop.theirs.begin(Some(id), &[(variants[0], 1)]).expect("it is begun");
    shop.heard().await;
    shop.world.clock.advance_seconds(HOUR / 2);
    shop.theirs.rethink(checkout, &[(variants[1], 2)]).expect("it is open");
    shop.heard().await;
    shop.world.clock.advance_seconds(HOUR / 2 + 60);
    shop.heard().await;
    let early = told(&shop, id).await;
    assert!(
        !early.is_left && early.entries.is_empty() && early.listed == json!(0),
        "they went on within the hour"
    );

    two_hours(&shop).await;
    let basket = shop.theirs.books(|books| books.checkouts().find(|one| one.id == checkout).cloned());
    let basket = basket.expect("it is in the books");
    let late = told(&shop, id).await;
    assert!(late.is_left && late.listed == json!(1));
    assert_eq!((early.dated, &late.dated), (json!(0), &json!(1)));
    assert_eq!(late.entries.len(), 1, "{:?}", late.entries);
    let total = format!("{}.{:02}", basket.total() / 100, basket.total() % 100);
    assert_eq!(late.entries[0]["total"], json!(total));
    let url = late.entries[0]["recovery_url"].as_str().unwrap_or_default();
    assert!(url.contains(&basket.token), "{url}");
    two_hours(&shop).await;
    assert_eq!(told(&shop, id).await.entries.len(), 1, "it is told once");
}

#[tokio::test]
async fn who_pays_after_all_has_left_nothing_behind() {
    let shop = Shop::connected(2).await;
    let (nora, olga) = (shop.join("nora"), shop.join("olga"));
    let lines = vec![(shop.variants(1)[0], 1)];
    let mut tokens = Vec::new();
    for id in [nora, olga] {
        let checkout = shop.theirs.begin(Some(id), &lines).expect("it is begun");
        let token = shop
            .theirs
            .books(|books| books.checkouts().find(|one| one.id == checkout).map(|one| one.token.clone()));
        tokens.extend(token);
    }
    shop.heard().await;
    two_hours(&shop).await;
    assert!(told(&shop, nora).await.is_left && told(&shop, olga).await.is_left);

    // The one goes on with the basket and pays later, the other buys something else.
    let paid = Basket {
        customer: Some(nora),
        lines: lines.clone(),
        is_unpaid: true,
        checkout: tokens.first().cloned(),
        ..Basket::default()
    };
    shop.theirs.buy(&paid).expect("it is sold");
    shop.theirs.buy(&Basket { customer: Some(olga), lines, ..Basket::default() }).expect("it is sold");
    shop.heard().await;
    shop.heard().await;
    let (nora, olga) = (told(&shop, nora).await, told(&shop, olga).await);
    assert!(!nora.is_left && nora.entries.is_empty(), "it is paid for: {:?}", nora.entries);
    assert!(!olga.is_left && olga.entries.len() == 1, "it was left behind: {:?}", olga.entries);
    assert_eq!(olga.listed, json!(0));
    assert_eq!(olga.dated, json!(0), "they have bought since");
}

pub(crate) fn checkout_body(token: &str, customer: u64, updated_at: &str, total: &str) -> Value {
    json!({"token": token, "cart_token": format!("c-{token}"), "created_at": "2026-09-01T10:00:00Z", "updated_at": updated_at,
        "completed_at": null, "customer": {"id": customer}, "email": format!("ada{customer}@example.com"),
        "currency": "USD", "total_price": total, "line_items": [],
        "abandoned_checkout_url": format!("https://nordlicht.myshopify.com/1/checkouts/{token}/recover?key=k")})
}

/// What must be the same in the end.
async fn state(world: &World, shop: &shop_events::Shop, id: u64) -> String {
    let customer = shop.customer(world, id).await;
    let its = shop.store(world);
    let events = its.events(CustomerId::Shopify(id), 100, None).await.expect("memory holds");
    let carts = events.keys.iter().filter(|key| key.contains("#B#")).count();
    let is_left = customer.has_left_cart();
    format!("{is_left} {carts} {:?} {}", customer.kind, customer.totals.orders)
}

#[tokio::test]
async fn what_is_told_of_a_basket_in_any_order_ends_the_same() {
    let world = World::new(3).await;
    let shop = shop_events::Shop::connected(&world, "nordlicht").await;
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let mut number = 0;
    for (last, expected) in [
        ("orders/create", "false 0 Person 1"),
        // It names the cart alone.
        ("orders/paid", "false 0 Person 1"),
        ("checkouts/update", "false 0 Person 0"),
        ("checkouts/delete", "false 0 Person 0"),
        ("customers/delete", "false 0 Erased 0"),
        ("customers/update", "true 1 Person 0"),
    ] {
        for order in orders {
            number += 1;
            let id = 7_000 + number;
            let token = format!("token-{number}");
            let body = match last {
                "orders/create" => {
                    order_body(id, id, "2026-09-01T15:00:00Z", &json!({"checkout_token": token}))
                }
                "orders/paid" => {
                    let more = json!({"checkout_token": null, "cart_token": format!("c-{token}")});
                    order_body(id, id, "2026-09-01T15:00:00Z", &more)
                }
                "checkouts/update" => {
                    let mut body = checkout_body(&token, id, "2026-09-01T10:20:00Z", "7.00");
                    body["completed_at"] = json!("2026-09-01T10:20:00Z");
                    body
                }
                "checkouts/delete" => json!({"id": 1, "cart_token": format!("c-{token}")}),
                "customers/delete" => json!({"id": id}),
                _ => shop_events::customer_body(id, "2026-09-01T10:20:00Z", &json!({})),
            };
            let events = [
                ("checkouts/create", checkout_body(&token, id, "2026-09-01T10:00:00Z", "5.00")),
                ("checkouts/update", checkout_body(&token, id, "2026-09-01T10:10:00Z", "6.00")),
                (last, body),
            ];
            for place in order.into_iter().flat_map(|place| [place, place]).chain(order) {
                let (topic, body) = &events[place];
                shop.bring(&world, topic, body).await;
            }
            world.settle().await;
            world.settle().await;
            assert_eq!(state(&world, &shop, id).await, expected, "{last} {order:?}");
        }
    }
}

#[tokio::test]
async fn a_basket_that_the_shop_forgets_was_not_left_behind() {
    let shop = Shop::connected(6).await;
    let lines = vec![(shop.variants(1)[0], 1)];
    let (nora, olga) = (shop.join("nora"), shop.join("olga"));
    let checkout = shop.theirs.begin(Some(nora), &lines).expect("it is begun");
    shop.heard().await;
    two_hours(&shop).await;
    // Of this one the webhook is lost: the next whole sync finds it, and knows no cart of it.
    shop.theirs.switch(|it| it.lost_per_mille = 1_000);
    let unheard = shop.theirs.begin(Some(olga), &lines).expect("it is begun");
    shop.heard().await;
    shop.theirs.switch(|it| it.lost_per_mille = 0);
    shop.world.clock.advance_seconds(31 * HOUR);
    shop.heard().await;
    shop.heard().await;
    for (id, checkout) in [(nora, checkout), (olga, unheard)] {
        assert!(told(&shop, id).await.is_left, "customer {id}");
        shop.theirs.forget(checkout).expect("it is there");
        shop.heard().await;
        let now = told(&shop, id).await;
        assert!(!now.is_left && now.entries.is_empty(), "{:?}", now.entries);
    }
}

#[tokio::test]
async fn of_one_cart_what_was_begun_later_stays_and_what_was_before_is_gone_in_any_order() {
    let world = World::new(7).await;
    let shop = shop_events::Shop::connected(&world, "nordlicht").await;
    for (id, turn) in (9_000..).zip([[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]) {
        let of_cart = |token: &str, begun_at: &str| {
            let mut body = checkout_body(token, id, begun_at, "5.00");
            body["created_at"] = json!(begun_at);
            body["cart_token"] = json!(format!("cart-{id}"));
            body
        };
        // An order that names the cart alone, and when it was placed.
        let more = json!({"checkout_token": null, "cart_token": format!("cart-{id}")});
        let events = [
            ("checkouts/create", of_cart(&format!("first-{id}"), "2026-09-01T09:00:00Z")),
            ("checkouts/create", of_cart(&format!("later-{id}"), "2026-09-02T09:00:00Z")),
            ("orders/create", order_body(id, id, "2026-09-01T10:00:00Z", &more)),
        ];
        for place in turn {
            shop.bring(&world, events[place].0, &events[place].1).await;
        }
        world.settle().await;
        world.settle().await;
        assert_eq!(state(&world, &shop, id).await, "true 1 Person 1", "{turn:?}");
        let its = shop.store(&world);
        let cart = async |which: &str| {
            let cart = its.cart(&format!("{which}-{id}")).await.expect("memory holds");
            cart.is_some_and(|cart| cart.has_ended())
        };
        assert!(cart("first").await && !cart("later").await, "{turn:?}");
    }
}

#[tokio::test]
async fn of_a_checkout_no_name_and_no_address_is_kept() {
    let world = World::new(4).await;
    let shop = shop_events::Shop::connected(&world, "nordlicht").await;
    shop.bring(
        &world,
        "customers/create",
        &shop_events::customer_body(7, "2026-09-01T09:00:00Z", &json!({})),
    )
    .await;
    let mut body = checkout_body("token-7", 7, "2026-09-01T10:00:00Z", "5.00");
    body["customer"] = Value::Null;
    body["shipping_address"] = json!({"name": "Ada Lovelace", "address1": "St James's Square"});
    shop.bring(&world, "checkouts/create", &body).await;
    world.settle().await;
    assert!(shop.customer(&world, 7).await.has_left_cart(), "their address names them");
    let kept = world.table.dump().expect("memory holds");
    let carts: Vec<_> = kept.iter().filter(|item| format!("{:?}", item.key).contains("token-7")).collect();
    assert_eq!(carts.len(), 3, "the basket, its name, and what is told of it");
    for item in carts {
        let told = format!("{item:?}");
        for word in ["ada7@", "Lovelace", "Square", "recover"] {
            assert!(!told.contains(word), "{word}: {told}");
        }
        assert!(item.key.sk != "CART" || item.expires_at.is_some());
    }
    assert_eq!(shop.customer(&world, 7).await.kind, CustomerKind::Person);
}

#[tokio::test]
async fn a_basket_is_paid_for_also_where_its_order_was_known_before() {
    let world = World::new(5).await;
    let shop = shop_events::Shop::connected(&world, "nordlicht").await;
    let turns: [&[usize]; 13] = [
        &[0, 1, 2],
        &[0, 2, 1],
        &[1, 0, 2],
        &[1, 2, 0],
        &[2, 0, 1],
        &[2, 1, 0],
        &[0, 3, 1, 2],
        &[1, 0, 3, 2],
        &[3, 1, 2, 0],
        &[3, 2, 0, 1],
        &[0, 1, 4],
        &[1, 0, 4],
        &[1, 4, 0],
    ];
    for (id, turn) in (8_000_u64..).zip(turns) {
        let token = format!("token-{id}");
        let placed = |updated_at: &str, more: Value| {
            let mut body = order_body(id, id, updated_at, &more);
            body["processed_at"] = json!("2026-09-01T15:00:00Z");
            body
        };
        let events = [
            // As a sync has it: whoever is asked for an order does not tell the checkout.
            ("orders/updated", placed("2026-09-01T15:00:00Z", json!({}))),
            ("checkouts/create", checkout_body(&token, id, "2026-09-01T14:00:00Z", "5.00")),
            ("orders/create", placed("2026-09-01T15:00:00Z", json!({"checkout_token": token}))),
            ("orders/delete", json!({"id": id})),
            // The first word is lost.
            ("orders/paid", placed("2026-09-03T15:00:00Z", json!({"checkout_token": token}))),
        ];
        for &place in turn {
            let (topic, body) = &events[place];
            shop.bring(&world, topic, body).await;
        }
        world.settle().await;
        world.settle().await;
        let orders = u8::from(!turn.contains(&3));
        assert_eq!(state(&world, &shop, id).await, format!("false 0 Person {orders}"), "{turn:?}");
    }
}

#[tokio::test]
async fn a_basket_of_somebody_who_has_become_another_is_the_others_and_comes_to_rest() {
    let world = World::new(8).await;
    let shop = shop_events::Shop::connected(&world, "nordlicht").await;
    let merged = |from: u64, into: u64| {
        json!({"admin_graphql_api_customer_kept_id": format!("gid://shopify/Customer/{into}"), "status": "completed",
            "admin_graphql_api_customer_deleted_id": format!("gid://shopify/Customer/{from}")})
    };
    // Nobody has left it behind yet when the two become one.
    let events = |id: u64| {
        let told = |total: &str, minutes: i64| {
            let at = world.clock.now() + jiff::SignedDuration::from_mins(minutes);
            checkout_body(&format!("token-{id}"), id, &at.to_string(), total)
        };
        [
            ("checkouts/create", told("5.00", 0)),
            ("customers/merge", merged(id, id + 1)),
            ("checkouts/update", told("6.00", 10)),
        ]
    };
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    // All at once, or each settled before the next.
    for (id, (order, is_slow)) in
        (6_000..).step_by(10).zip(orders.iter().flat_map(|it| [(it, false), (it, true)]))
    {
        let events = events(id);
        for &place in order {
            let (topic, body) = &events[place];
            shop.bring(&world, topic, body).await;
            if is_slow {
                world.settle().await;
            }
        }
        world.clock.advance_seconds(2 * HOUR);
        for _ in 0..3 {
            world.tick().await;
            world.settle().await;
        }
        let mut noted = 0;
        for whose in [id, id + 1] {
            let whose = CustomerId::Shopify(whose);
            let events = shop.store(&world).events(whose, 100, None).await.expect("memory holds");
            noted += events.keys.iter().filter(|key| key.contains("#B#")).count();
        }
        let is_left = shop.customer(&world, id + 1).await.has_left_cart();
        assert_eq!((is_left, noted), (true, 1), "{order:?} slow: {is_slow}");
        let cart =
            shop.store(&world).cart(&format!("token-{id}")).await.expect("memory holds").expect("it is kept");
        world.tick().await;
        world.settle().await;
        let later =
            shop.store(&world).cart(&format!("token-{id}")).await.expect("memory holds").expect("it is kept");
        assert_eq!(
            (later.version(), later.due_at(world.clock.now())),
            (cart.version(), None),
            "nothing is to be done"
        );
    }
}

//! Who is about to be lost and what customers are worth: as computed beside, from the same orders (ANA-04, 05, 19).

use super::scored::{items, next_night, recalculated, regulars, shop_of, shop_of_regulars, shown};
use crate::{cast::Person, customers::told, membership::segment};
use insight::{AHEAD_DAYS, Nightly, Order, rfm::Buyer};
use local::World;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/analytics/churn";
const VALUE: &str = "/api/v1/analytics/value";
/// 21 September 2026, the last day that the first night knows.
const AS_OF: i32 = 20_717;

/// What the night must find, from what the shop was told.
fn beside() -> (Nightly, Vec<(String, Vec<Order>)>) {
    let order = |(days_ago, dollars): &(i64, i64)| {
        let days_ago = i32::try_from(*days_ago).expect("two years");
        Order { day: AS_OF - days_ago, net: dollars * 100 }
    };
    let customers = regulars().into_iter();
    let customers: Vec<(String, Vec<Order>)> =
        customers.map(|(name, bought)| (name, bought.iter().map(order).collect())).collect();
    let buyer = |orders: &[Order]| Buyer {
        last_day: orders.iter().map(|order| order.day).max().expect("an order"),
        orders: u32::try_from(orders.len()).expect("few"),
        spent: orders.iter().map(|order| order.net).sum(),
    };
    let buyers: Vec<Buyer> = customers.iter().map(|(_, orders)| buyer(orders)).collect();
    let numbered = (0..).zip(&customers).map(|(number, (_, orders))| (number, orders.as_slice()));
    (Nightly::of(AS_OF + 1, buyers, numbered.collect::<Vec<_>>().into_iter()), customers)
}

async fn all_at_risk(world: &World, owner: &Person, query: &str) -> Vec<Value> {
    let (mut all, mut next) = (Vec::new(), String::new());
    loop {
        let page = shown(world, owner, &format!("{PATH}/high-risk?limit=50{query}{next}")).await;
        all.extend(items(&page));
        let Some(cursor) = page["next"].as_str() else {
            assert_eq!(page["total"], json!(all.len()), "all of them, each once");
            return all;
        };
        next = format!("&cursor={cursor}");
    }
}

fn number(view: &Value, pointer: &str) -> f64 {
    view.pointer(pointer).and_then(Value::as_f64).unwrap_or(f64::NAN)
}

fn dollars(view: &Value, pointer: &str) -> f64 {
    view.pointer(pointer).and_then(Value::as_str).and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
}

#[tokio::test]
async fn what_is_told_of_regulars_is_what_their_orders_say() {
    let world = World::new(1).await;
    let owner = shop_of_regulars(&world, "owner").await;
    next_night(&world).await;
    let (night, customers) = beside();
    let all = all_at_risk(&world, &owner, "&threshold=0").await;
    assert_eq!(all.len(), customers.len());
    let lost: Vec<f64> = all.iter().map(|view| number(view, "/churn_probability")).collect();
    assert!(lost.is_sorted_by(|one, next| one >= next), "the most likely lost first: {lost:?}");
    let (mut predicted, mut levels) = (0.0, [0_u64; 4]);
    for (name, orders) in &customers {
        let view = all.iter().find(|view| view["name"] == json!(name)).expect("everybody is there");
        let stand = night.stand(orders).expect("they have ordered");
        let expected = night.expect(&stand).expect("it is fitted");
        let probability = 1.0 - expected.alive;
        assert!(
            (number(view, "/churn_probability") - probability).abs() < 6e-4,
            "{name} {probability}: {view}"
        );
        assert!((number(view, "/expected_orders/value") - expected.orders).abs() < 6e-3, "{name}: {view}");
        let value = expected.orders * expected.order_value.expect("amounts are fitted");
        predicted += value;
        assert!(
            (dollars(view, "/expected_value/value") * 100.0 - value).abs() < 1.0,
            "{name} {value}: {view}"
        );
        for of in ["/alive", "/expected_orders"] {
            let [low, is, high] = ["low", "value", "high"].map(|name| number(view, &format!("{of}/{name}")));
            assert!(low <= is && is <= high, "{name} {of}: {view}");
        }
        assert!(dollars(view, "/expected_value/low") <= dollars(view, "/expected_value/high"), "{view}");
        let level = [0.3, 0.6, 0.8].iter().filter(|bound| probability >= **bound).count();
        levels[level] += 1;
        assert_eq!(view["risk_level"], ["LOW", "MEDIUM", "HIGH", "CRITICAL"][level], "{name} {probability}");
        assert_eq!(view["next_order"].is_null(), expected.alive < 0.5, "{name}: {view}");
        assert_eq!(view["days_since_last_order"], json!(stand.history.days_since_last()), "{name}");
        assert!(!view["recommendation"].as_str().unwrap_or_default().is_empty());
        assert!(number(view, "/factors/recency_impact") >= 0.0 && view["factors"]["rfm_group"].is_string());
        let latest = orders.iter().map(|order| order.day).max().unwrap_or(0);
        assert_eq!(u32::try_from(AS_OF - latest), Ok(stand.history.days_since_last()));
    }
    let counted = shown(&world, &owner, PATH).await;
    let told: Vec<_> = (0..4).map(|at| counted["levels"][at]["customers"].as_u64().unwrap_or(999)).collect();
    assert_eq!(told, levels);
    assert!(
        levels.iter().filter(|count| **count > 0).count() > 2,
        "there is something to tell apart: {levels:?}"
    );
    let sum: f64 = (0..4).map(|at| number(&counted, &format!("/levels/{at}/percentage"))).sum();
    assert!((sum - 100.0).abs() < 1e-9, "{sum}");

    let value = shown(&world, &owner, VALUE).await;
    assert!((dollars(&value, "/predicted") * 100.0 - predicted).abs() < 2.0, "{predicted} {value}");
    let spent: i64 = customers.iter().flat_map(|(_, orders)| orders).map(|order| order.net / 100).sum();
    assert_eq!((&value["historic"], &value["buyers"]), (&json!(format!("{spent}.00")), &json!(170)));
    let cohorts = items(&shown(&world, &owner, &format!("{VALUE}/cohorts")).await);
    let (historic, later): (f64, f64) = cohorts
        .iter()
        .map(|cohort| (dollars(cohort, "/historic"), dollars(cohort, "/predicted")))
        .fold((0.0, 0.0), |(one, other), (historic, predicted)| (one + historic, other + predicted));
    assert!((dollars(&value, "/historic") - historic).abs() < 0.01, "{historic}");
    assert!((dollars(&value, "/predicted") - later).abs() < 0.01 * 40.0, "to the cent of each: {later}");
    assert!(dollars(&value, "/predicted") > AHEAD_DAYS, "{value}");

    let high = all_at_risk(&world, &owner, "").await;
    assert_eq!(high.len() as u64, levels[2] + levels[3], "from 0.6 on");
    let worth = all_at_risk(&world, &owner, "&high_value_only=true").await;
    assert!(
        worth.len() < high.len() && worth.iter().all(|view| number(view, "/factors/monetary_impact") == 0.0)
    );
}

#[tokio::test]
async fn one_customer_is_told_as_in_the_list_and_nothing_is_written() {
    let world = World::new(2).await;
    let owner = shop_of_regulars(&world, "owner").await;
    recalculated(&world, &owner).await;
    let all = all_at_risk(&world, &owner, "&threshold=0").await;
    let rate = |key: &str| key.contains("#R#");
    let stored = || {
        let all = world.table.dump().expect("memory holds").into_iter();
        all.filter(|item| !rate(&item.key.pk)).collect::<Vec<_>>()
    };
    let before = stored();
    for view in [&all[0], &all[60], &all[169]] {
        let id = view["customer_id"].as_str().unwrap_or_default();
        for path in [format!("{PATH}/customers/{id}"), format!("{PATH}/predict/{id}")] {
            assert_eq!(shown(&world, &owner, &path).await["prediction"], *view, "{path}");
        }
        let value = shown(&world, &owner, &format!("{VALUE}/customers/{id}")).await;
        assert_eq!((&value["prediction"], &value["historic"]), (view, &view["total_spent"]));
    }
    shown(&world, &owner, PATH).await;
    assert!(stored() == before, "asking writes nothing");
    let stranger = shop_of(&world, "stranger", &[("Kim", &[])]).await;
    let id = all[0]["customer_id"].as_str().unwrap_or_default();
    for path in [format!("{PATH}/customers/{id}"), format!("{VALUE}/customers/{id}")] {
        assert_eq!(stranger.get(&world, &path).await.status, 404, "{path}");
    }
    assert_eq!(shown(&world, &stranger, PATH).await["customers"], json!(0));
}

#[tokio::test]
async fn where_too_little_is_known_habit_tells_and_it_is_said_why() {
    let world = World::new(3).await;
    // Every ten days until 5, 20 and 50 days ago; and somebody who has come once, to whom the shop's ten days apply.
    let customers: [(&str, &[(i64, i64)]); 5] = [
        ("Ada", &[(25, 10), (15, 10), (5, 10)]),
        ("Bob", &[(40, 10), (30, 10), (20, 10)]),
        ("Cid", &[(70, 10), (60, 10), (50, 10)]),
        ("Dan", &[(26, 10)]),
        ("Eve", &[]),
    ];
    let owner = shop_of(&world, "owner", &customers).await;
    next_night(&world).await;
    let all = shown(&world, &owner, PATH).await;
    let counts: Vec<_> = (0..4).map(|at| all["levels"][at]["customers"].clone()).collect();
    assert_eq!(counts, [1, 1, 1, 1].map(Value::from), "0.5, 2, 2.6 and 5 times their time: {all}");
    assert_eq!(
        (&all["fit"]["basis"], &all["fit"]["silence"]["code"]),
        (&json!("habit"), &json!("few_customers"))
    );
    let sentence = all["fit"]["silence"]["detail"].as_str().unwrap_or_default();
    assert!(sentence.starts_with("4 customers have ordered, and fewer than 100"), "{sentence}");
    let high = all_at_risk(&world, &owner, "").await;
    let names: Vec<_> = high.iter().map(|view| view["name"].clone()).collect();
    assert_eq!(names, ["Cid", "Dan"].map(Value::from), "the most overdue first");
    for absent in ["churn_probability", "alive", "expected_orders", "expected_value", "next_order"] {
        assert_eq!(high[0][absent], json!(null), "{absent}");
    }
    assert_eq!(high[0]["days_overdue"], json!(40.0));
    let value = shown(&world, &owner, VALUE).await;
    let told = ["historic", "predicted", "total", "expected_orders"].map(|name| value[name].clone());
    assert_eq!(told, [json!("100.00"), json!(null), json!(null), json!(null)]);
    let eve = items(&shown(&world, &owner, "/api/v1/customers?search=eve").await);
    let id = eve[0]["id"].as_str().unwrap_or_default();
    assert_eq!(shown(&world, &owner, &format!("{PATH}/customers/{id}")).await["prediction"], json!(null));
    for (query, at) in [("threshold=1.5", "?threshold"), ("limit=0", "?limit"), ("cursor=x", "?cursor")] {
        assert_eq!(told_at(&owner.get(&world, &format!("{PATH}/high-risk?{query}")).await), at, "{query}");
    }
}

fn told_at(answer: &local::world::Answer) -> String {
    told(answer).2
}

#[tokio::test]
async fn a_segment_is_worth_what_its_members_are() {
    let world = World::new(4).await;
    let owner = shop_of_regulars(&world, "owner").await;
    recalculated(&world, &owner).await;
    let id = segment(&world, &owner, "Lost", "churn_probability >= 0.6").await;
    world.settle().await;
    let high = all_at_risk(&world, &owner, "").await;
    let value = shown(&world, &owner, &format!("{VALUE}/segments/{id}")).await;
    assert_eq!(value["customers"], json!(high.len()));
    let sum: f64 = high.iter().map(|view| dollars(view, "/expected_value/value")).sum();
    assert!((dollars(&value, "/predicted") - sum).abs() < 0.01 * 170.0, "{sum}: {value}");
    let stranger = shop_of(&world, "stranger", &[("Kim", &[])]).await;
    assert_eq!(stranger.get(&world, &format!("{VALUE}/segments/{id}")).await.status, 404);
}

//! What cannot be asked is refused with its place, a shop without anything has figures of nothing, and nobody sees another's.

use crate::customers::{made, shop, told};
use local::World;
use serde_json::json;

const PATHS: [&str; 8] = [
    "/api/v1/analytics/dashboard",
    "/api/v1/analytics/revenue",
    "/api/v1/analytics/revenue/trend",
    "/api/v1/analytics/customers/top",
    "/api/v1/analytics/products/top",
    "/api/v1/analytics/geography",
    "/api/v1/analytics/cohorts",
    "/api/v1/analytics/customers",
];

#[tokio::test]
async fn what_is_no_time_is_refused_with_its_place() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    for path in &PATHS[..6] {
        for (query, code, at) in [
            ("since=2026-09-31", "invalid", "?since"),
            ("since=2026-09-20&until=2026-09-19", "out_of_range", "?until"),
            ("since=2026-09-22", "out_of_range", "?until"),
            ("since=2010-01-01", "out_of_range", "?since"),
            ("since=-9999-01-01&until=-9998-01-01", "invalid", "?since"),
            ("until=soon", "invalid", "?until"),
        ] {
            let refused = owner.get(&world, &format!("{path}?{query}")).await;
            assert_eq!(
                told(&refused),
                (400, code.to_owned(), at.to_owned()),
                "{path}?{query}: {}",
                refused.text
            );
        }
        let refused = owner.get(&world, &format!("{path}?sinse=2026-01-01")).await;
        assert_eq!(refused.status, 400, "{path}");
    }
    for (path, query, code, at) in [
        ("dashboard", "timeframe=0d", "invalid", "?timeframe"),
        ("dashboard", "timeframe=fortnight", "invalid", "?timeframe"),
        ("dashboard", "timeframe=7d&since=2026-01-01", "invalid", "?timeframe"),
        ("revenue", "timeframe=99999999999d", "invalid", "?timeframe"),
        ("revenue/trend", "days=0", "out_of_range", "?days"),
        ("revenue/trend", "days=367", "out_of_range", "?days"),
        ("revenue/trend", "days=7&since=2026-01-01", "invalid", "?days"),
        ("revenue/trend", "by=hour", "invalid", "?by"),
        ("customers/top", "limit=101", "out_of_range", "?limit"),
        ("customers/top", "limit=0", "out_of_range", "?limit"),
        ("customers/top", "metric=luck", "invalid", "?metric"),
        ("products/top", "metric=orders", "invalid", "?metric"),
        ("geography", "by=planet", "invalid", "?by"),
        ("cohorts", "months=0", "out_of_range", "?months"),
        ("cohorts", "months=121", "out_of_range", "?months"),
        ("cohorts", "until=2026-13", "invalid", "?until"),
        ("cohorts", "until=1970-01", "invalid", "?until"),
    ] {
        let refused = owner.get(&world, &format!("/api/v1/analytics/{path}?{query}")).await;
        assert_eq!(told(&refused), (400, code.to_owned(), at.to_owned()), "{path}?{query}: {}", refused.text);
    }
}

#[tokio::test]
async fn an_empty_shop_has_figures_of_nothing() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let get = async |path: &str| {
        let answer = owner.get(&world, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer
    };
    for path in PATHS {
        get(path).await;
    }
    let dashboard = get(PATHS[0]).await;
    assert_eq!(dashboard.at("/summary/revenue"), json!({"value": "0.00", "before": "0.00", "growth": null}));
    assert_eq!(dashboard.at("/summary/average_order_value"), json!(null));
    assert_eq!(dashboard.at("/trend").as_array().map(Vec::len), Some(30), "each day once");
    assert_eq!(dashboard.at("/top_customers"), json!([]));
    let cohorts = get(PATHS[6]).await;
    assert_eq!(cohorts.at("/cohorts/0/cells/0/retention"), json!(null), "of nobody there is no share");
    let stats = get("/api/v1/tenants/me/stats").await;
    assert_eq!((stats.at("/customers"), stats.at("/total_revenue")), (json!(0), json!(0.0)));
}

#[tokio::test]
async fn another_tenants_customer_has_no_figures_here() {
    let world = World::new(3).await;
    let (owner, other) = (shop(&world, "owner").await, shop(&world, "other").await);
    let theirs = made(&world, &other, &json!({"name": "Ada"})).await;
    let path = format!("/api/v1/customers/{theirs}/analytics");
    assert_eq!(owner.get(&world, &path).await.status, 404);
    assert_eq!(other.get(&world, &path).await.at("/total_orders"), json!(0));
}

#[tokio::test]
async fn a_key_sees_what_its_scopes_say() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    let key = json!({"name": "orders", "scopes": ["orders:read"]});
    let key = owner.post(&world, "/api/v1/api-keys", &key).await.text_at("/key");
    for (path, status) in [
        ("revenue", 200),
        ("revenue/trend", 200),
        ("revenue/summary", 200),
        ("products/top", 200),
        ("cohorts", 200),
        ("dashboard", 403),
        ("customers", 403),
        ("customers/top", 403),
        ("geography", 403),
    ] {
        let answer = world.get(&format!("/api/v1/analytics/{path}")).bearer(&key).send().await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
    }
}

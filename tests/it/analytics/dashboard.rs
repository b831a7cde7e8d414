//! The dashboard, figures of customers and of the shop are what SQL makes of the same shop (ANA-08, 09, 11, 18, TEN-05, CUS-10).

use super::{
    revenue::{BESIDE, beside_before},
    sql::{Books, row, rows},
};
use crate::orders::ordered;
use serde_json::{Value, json};

const RANGES: [(&str, &str, &str); 6] = [
    ("timeframe=7d", "2027-03-08", "2027-03-14"),
    ("timeframe=30d", "2027-02-13", "2027-03-14"),
    ("timeframe=90d", "2026-12-15", "2027-03-14"),
    ("timeframe=1y", "2026-03-15", "2027-03-14"),
    ("since=2026-10-31&until=2026-11-30", "2026-10-31", "2026-11-30"),
    ("since=2025-03-09&until=2025-03-09", "2025-03-09", "2025-03-09"),
];

#[tokio::test]
async fn every_card_is_what_sql_says_of_the_time() {
    let books = Books::new().await;
    for (query, first, last) in RANGES {
        for path in ["/api/v1/analytics/dashboard", "/api/analytics/dashboard"] {
            let told = books.get(&format!("{path}?{query}")).await;
            let summary = &told["summary"];
            assert_eq!(row(summary, &BESIDE), beside_before(&books, first, last), "{path} {query}");
            assert_eq!(summary["total_customers"], books.ask_one("SELECT count(*) FROM customers")[0]);
            let days = format!("(julianday('{last}') - julianday('{first}') + 1)");
            let came = books.ask_one(&format!(
                "SELECT (SELECT count(*) FROM came WHERE day BETWEEN '{first}' AND '{last}'),
                 (SELECT count(*) FROM came WHERE day BETWEEN date('{first}', '-' || {days} || ' days') AND date('{first}', '-1 day'))"
            ));
            assert_eq!(row(&summary["new_customers"], &["value", "before"]), came, "{query}");
            let trend: i64 =
                rows(&told["trend"], &["revenue"]).iter().filter_map(|row| row[0].as_i64()).sum();
            assert_eq!(json!(trend), row(summary, &["revenue/value"])[0], "{query}");
            let within = format!("placed WHERE NOT test AND day BETWEEN '{first}' AND '{last}'");
            for status in told["orders_by_status"].as_array().expect("a list") {
                let name = status["status"].as_str().unwrap_or_default();
                let which = if name == "cancelled" {
                    "cancelled".to_owned()
                } else {
                    format!("NOT cancelled AND status = '{name}'")
                };
                let expected = books
                    .ask_one(&format!("SELECT count(*), coalesce(sum(total), 0) FROM {within} AND {which}"));
                assert_eq!(row(status, &["orders", "total"]), expected, "{query} {name}");
            }
            assert_eq!(told["orders_by_status"].as_array().map(Vec::len), Some(8), "each status once");
            let top = books.ask(&format!(
                "SELECT customer, count(*), sum(net) FROM sold WHERE customer IN (SELECT id FROM customers)
                 AND day BETWEEN '{first}' AND '{last}' GROUP BY 1
                 ORDER BY 3 DESC, (SELECT rowid FROM customers WHERE id = customer) LIMIT 5"
            ));
            assert_eq!(rows(&told["top_customers"], &["customer/id", "orders", "revenue"]), top, "{query}");
            let newest = books.ask(&format!("SELECT at FROM {within} ORDER BY 1 DESC LIMIT 5"));
            let shown = rows(&told["recent_activity"]["orders"], &["placed_at"]);
            let second = |row: &Vec<Value>| {
                let at = row[0].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok());
                vec![json!(at.map(jiff::Timestamp::as_second))]
            };
            assert_eq!(shown.iter().map(second).collect::<Vec<_>>(), newest, "{query}");
        }
    }
}

#[tokio::test]
async fn what_is_ordered_is_in_the_next_answer_and_nobody_elses() {
    let books = Books::new().await;
    let path = "/api/v1/analytics/dashboard?timeframe=7d";
    let before = books.get(path).await;
    assert_eq!(books.get(path).await["summary"], before["summary"], "asked again");
    let now = json!({"walk_in": true, "total": "1.00", "status": "paid"});
    let order = ordered(&books.world, &books.owner, &now).await.text_at("/id");
    let orders = |told: &Value| told["summary"]["orders"]["value"].as_u64().expect("a number");
    let after = books.get(path).await;
    assert_eq!(orders(&after), orders(&before) + 1);
    let gone = books.owner.call(&books.world, "DELETE", &format!("/api/v1/orders/{order}"), &json!({})).await;
    assert_eq!(gone.status, 204);
    assert_eq!(books.get(path).await["summary"], before["summary"], "and gone again");
    let other = crate::customers::shop(&books.world, "other").await;
    let theirs = other.get(&books.world, path).await.json();
    assert_eq!((orders(&theirs), &theirs["summary"]["total_customers"]), (0, &json!(0)));
}

#[tokio::test]
async fn what_customers_are_to_the_shop_is_what_sql_counts() {
    let books = Books::new().await;
    for path in ["/api/v1/analytics/customers", "/api/analytics/customers"] {
        let told = books.get(path).await;
        let tiers = [
            ("vip", 1_000_000, i64::MAX),
            ("premium", 500_000, 999_999),
            ("regular", 100_000, 499_999),
            ("new", i64::MIN, 99_999),
        ];
        let mut expected = Vec::new();
        for (tier, least, most) in tiers {
            let counted = books.ask_one(&format!(
                "SELECT count(*), coalesce(sum(spent), 0) FROM totals WHERE spent BETWEEN {least} AND {most}"
            ));
            expected.push([vec![json!(tier)], counted].concat());
        }
        assert_eq!(rows(&told["tiers"], &["tier", "customers", "total_spent"]), expected);
        let mut expected = Vec::new();
        for (level, least, most) in
            [("platinum", 20, 999), ("gold", 10, 19), ("silver", 5, 9), ("bronze", 0, 4)]
        {
            let counted = books.ask_one(&format!(
                "SELECT count(*), coalesce(sum(orders), 0) FROM totals WHERE orders BETWEEN {least} AND {most}"
            ));
            expected.push([vec![json!(level)], counted].concat());
        }
        assert_eq!(rows(&told["loyalty"], &["level", "customers", "orders"]), expected);
        let growth = books.ask(
            "WITH RECURSIVE months(month) AS
                (SELECT '2026-04-01' UNION ALL SELECT date(month, '+1 month') FROM months WHERE month < '2027-03-01')
             SELECT substr(month, 1, 7), (SELECT count(*) FROM came WHERE substr(day, 1, 7) = substr(month, 1, 7)),
                (SELECT count(*) FROM came WHERE substr(day, 1, 7) <= substr(month, 1, 7)) FROM months",
        );
        assert_eq!(rows(&told["growth"], &["month", "new_customers", "customers"]), growth);
        let november = growth.iter().find(|month| month[0] == json!("2026-11")).expect("it is there");
        assert!(november[1].as_u64() >= Some(20), "the last evening of November is November's: {november:?}");
    }
}

#[tokio::test]
async fn the_shop_in_numbers_is_what_sql_counts() {
    let books = Books::new().await;
    for title in ["Tea", "Pot"] {
        let made = books.owner.post(&books.world, "/api/v1/products", &json!({"title": title})).await;
        assert_eq!(made.status, 201);
        if title == "Pot" {
            let path = format!("/api/v1/products/{}", made.text_at("/id"));
            assert_eq!(books.owner.call(&books.world, "DELETE", &path, &json!({})).await.status, 204);
        }
    }
    let segment = json!({"name": "All", "rule": "EVERYONE"});
    assert_eq!(books.owner.post(&books.world, "/api/v1/segments", &segment).await.status, 201);
    let told = books.get("/api/v1/tenants/me/stats").await;
    let expected = books.ask_one(
        "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM orders WHERE NOT test), 1, 1,
         (SELECT count(*) FROM placed WHERE NOT test AND day BETWEEN '2027-02-13' AND '2027-03-14'),
         (SELECT sum(net) / 100.0 FROM sold)",
    );
    let members = ["customers", "orders", "products", "segments", "orders_last_30_days", "total_revenue"];
    assert_eq!(row(&told, &members), expected);
    assert!(members.iter().all(|member| told[member].is_number()), "{told}");
}

#[tokio::test]
async fn a_customers_figures_are_what_sql_says_of_them() {
    let books = Books::new().await;
    for id in &books.customers {
        let expected = books.ask_one(&format!(
            "SELECT orders, spent, CASE orders WHEN 0 THEN NULL ELSE (2 * spent + orders) / (2 * orders) END, days,
                CASE WHEN orders >= 20 THEN 'platinum' WHEN orders >= 10 THEN 'gold' WHEN orders >= 5 THEN 'silver' ELSE 'bronze' END,
                CASE WHEN spent >= 1000000 THEN 'vip' WHEN spent >= 500000 THEN 'premium' WHEN spent >= 100000 THEN 'regular' ELSE 'new' END,
                min(spent / 10000.0, 40) + min(2 * orders, 30) + coalesce(max(30 - days / 10.0, 0), 0)
             FROM totals, (SELECT CAST(julianday('2027-03-14') - julianday(max(day)) AS INTEGER) AS days FROM sold WHERE customer = '{id}')
             WHERE id = '{id}'"
        ));
        let (score, expected) = expected.split_last().expect("seven columns");
        let members = [
            "total_orders",
            "total_spent",
            "average_order_value",
            "days_since_last_order",
            "loyalty",
            "tier",
        ];
        for path in ["/api/v1/customers", "/api/customers"] {
            let told = books.get(&format!("{path}/{id}/analytics")).await;
            assert_eq!(row(&told, &members), expected, "{told}");
            let both = [&told["loyalty_score"], score].map(|score| score.as_f64().unwrap_or(f64::NAN));
            assert!((both[0] - both[1]).abs() < 0.006, "to the hundredth: {both:?}");
        }
    }
}

//! Revenue, products and places are what SQL makes of the same orders (ANA-07, 09, 10, 13, 14).

use super::sql::{Books, row, rows};
use serde_json::{Value, json};

/// Queries beside the days that they mean.
const RANGES: [(&str, &str, &str); 7] = [
    ("timeframe=7d", "2027-03-08", "2027-03-14"),
    ("timeframe=30d", "2027-02-13", "2027-03-14"),
    ("timeframe=90d", "2026-12-15", "2027-03-14"),
    ("timeframe=1y", "2026-03-15", "2027-03-14"),
    ("timeframe=365d", "2026-03-15", "2027-03-14"),
    ("since=2026-03-08&until=2026-03-08", "2026-03-08", "2026-03-08"),
    ("startDate=2026-10-31&endDate=2026-11-02", "2026-10-31", "2026-11-02"),
];

/// An average as it is shown: to the nearest cent.
const AVERAGE: &str = "CASE count(*) WHEN 0 THEN NULL ELSE (2 * sum(net) + count(*)) / (2 * count(*)) END";

fn days(first: &str, last: &str) -> String {
    format!(
        "WITH RECURSIVE days(day) AS (SELECT '{first}' UNION ALL SELECT date(day, '+1 day') FROM days WHERE day < '{last}')"
    )
}

#[tokio::test]
async fn the_trend_is_what_sql_says_of_each_day() {
    let books = Books::new().await;
    let check = async |query: &str, first: &str, last: &str, from: &str| {
        let told = books.get(&format!("/api/v1/analytics/revenue/trend?{query}")).await;
        let expected = books.ask(&format!(
            "{} SELECT min(days.day), max(days.day), count(id),
                count(DISTINCT CASE WHEN customer IN (SELECT id FROM customers) THEN customer END), coalesce(sum(net), 0)
             FROM days LEFT JOIN sold USING (day) GROUP BY {from} ORDER BY 1",
            days(first, last)
        ));
        assert_eq!(
            rows(&told["items"], &["date", "until", "orders", "customers", "revenue"]),
            expected,
            "{query}"
        );
        assert_eq!((&told["currency"], &told["timezone"]), (&json!("USD"), &json!("America/New_York")));
        assert_eq!(told["as_of"].as_str().map(|at| &at[..10]), Some("2027-03-15"), "as of this call");
    };
    check("", "2027-02-13", "2027-03-14", "days.day").await;
    check("days=1", "2027-03-14", "2027-03-14", "days.day").await;
    check("days=366", "2026-03-14", "2027-03-14", "days.day").await;
    check("since=2026-02-27&until=2026-03-10", "2026-02-27", "2026-03-10", "days.day").await;
    check("since=2024-12-01&by=month", "2024-12-01", "2027-03-14", "substr(days.day, 1, 7)").await;
    let week = "date(days.day, 'weekday 0', '-6 days')";
    check("since=2026-10-15&until=2026-12-16&by=week", "2026-10-15", "2026-12-16", week).await;
}

#[tokio::test]
async fn sums_by_now_are_what_sql_says() {
    let books = Books::new().await;
    let told = books.get("/api/v1/analytics/revenue/summary").await;
    for (name, first) in
        [("today", "2027-03-14"), ("week", "2027-03-08"), ("month", "2027-02-13"), ("all_time", "1970-01-01")]
    {
        let until = if name == "all_time" { "9999-12-31" } else { "2027-03-14" };
        let expected = books.ask_one(&format!(
            "SELECT count(*), coalesce(sum(net), 0), {AVERAGE} FROM sold WHERE day BETWEEN '{first}' AND '{until}'"
        ));
        assert_eq!(row(&told[name], &["orders", "revenue", "average_order_value"]), expected, "{name}");
    }
}

/// Orders, revenue, customers and those before, with how much that is more.
pub(super) fn beside_before(books: &Books, first: &str, last: &str) -> Vec<Value> {
    let within = |first: &str, last: &str| format!("sold WHERE day BETWEEN {first} AND {last}");
    let days = format!("(julianday('{last}') - julianday('{first}') + 1)");
    let before =
        within(&format!("date('{first}', '-' || {days} || ' days')"), &format!("date('{first}', '-1 day')"));
    let now = within(&format!("'{first}'"), &format!("'{last}'"));
    let known = "count(DISTINCT CASE WHEN customer IN (SELECT id FROM customers) THEN customer END)";
    let three =
        |from: &str| format!("SELECT count(*) AS o, coalesce(sum(net), 0) AS r, {known} AS c FROM {from}");
    let grown =
        |of: &str| format!("CASE WHEN b.{of} > 0 THEN round(1.0 * (n.{of} - b.{of}) / b.{of}, 4) END");
    let members: Vec<String> =
        ["r", "o", "c"].iter().map(|of| format!("n.{of}, b.{of}, {}", grown(of))).collect();
    books.ask_one(&format!("SELECT {} FROM ({}) n, ({}) b", members.join(", "), three(&now), three(&before)))
}

pub(super) const BESIDE: [&str; 9] = [
    "revenue/value",
    "revenue/before",
    "revenue/growth",
    "orders/value",
    "orders/before",
    "orders/growth",
    "customers/value",
    "customers/before",
    "customers/growth",
];

#[tokio::test]
async fn a_time_stands_beside_the_time_before_as_sql_has_it() {
    let books = Books::new().await;
    let mut grown = 0;
    for (query, first, last) in RANGES {
        for path in ["/api/v1/analytics/revenue", "/api/analytics/revenue"] {
            let told = books.get(&format!("{path}?{query}")).await;
            let expected = beside_before(&books, first, last);
            assert_eq!(row(&told["metrics"], &BESIDE), expected, "{path} {query}");
            grown += u32::from(!told["metrics"]["revenue"]["growth"].is_null());
            let products = books.ask(&format!("{} LIMIT 5", products("revenue", first, last)));
            assert_eq!(rows(&told["top_products"], &PRODUCT), products, "{path} {query}");
        }
        let told = books.get(&format!("/api/v1/analytics/revenue?{query}")).await;
        assert_eq!(row(&told["range"], &["since", "until"]), [json!(first), json!(last)], "{query}");
        let sum: i64 = rows(&told["timeline"], &["revenue"]).iter().filter_map(|row| row[0].as_i64()).sum();
        assert_eq!(json!(sum), row(&told["metrics"], &["revenue/value"])[0], "a timeline adds up: {query}");
        assert_eq!(rows(&told["segments"], &TIER), tiers(&books, first, last), "{query}");
    }
    assert!(grown >= 6, "something was sold before: {grown}");
}

const TIER: [&str; 4] = ["segment", "customers", "orders", "revenue"];

/// By what they have spent in all; nobody's last.
fn tiers(books: &Books, first: &str, last: &str) -> Vec<Vec<Value>> {
    let tier = |name: &str, whose: &str| {
        let counted = books.ask_one(&format!(
            "SELECT count(DISTINCT totals.id), count(*), coalesce(sum(net), 0) FROM sold LEFT JOIN totals ON totals.id = customer
             WHERE day BETWEEN '{first}' AND '{last}' AND {whose}"
        ));
        [vec![json!(name)], counted].concat()
    };
    vec![
        tier("vip", "spent >= 1000000"),
        tier("premium", "spent BETWEEN 500000 AND 999999"),
        tier("regular", "spent BETWEEN 100000 AND 499999"),
        tier("new", "spent < 100000"),
        tier("nobody", "spent IS NULL"),
    ]
}

const PRODUCT: [&str; 5] = ["product", "title", "orders", "units", "revenue"];

fn products(metric: &str, first: &str, last: &str) -> String {
    let other = if metric == "revenue" { "units" } else { "revenue" };
    format!(
        "SELECT product, 'A ' || product, count(DISTINCT of), sum(quantity) AS units, sum(quantity * price) AS revenue
         FROM lines JOIN sold ON of = id WHERE product IS NOT NULL AND day BETWEEN '{first}' AND '{last}'
         GROUP BY 1 ORDER BY {metric} DESC, {other} DESC, 1"
    )
}

#[tokio::test]
async fn products_are_found_in_lines_of_orders() {
    let books = Books::new().await;
    for metric in ["revenue", "units"] {
        for (query, first, last) in RANGES.into_iter().chain([("", "1970-01-01", "9999-12-31")]) {
            let path = format!("/api/v1/analytics/products/top?metric={metric}&limit=2&{query}");
            let told = books.get(&path).await;
            let expected = books.ask(&format!("{} LIMIT 2", products(metric, first, last)));
            assert_eq!(rows(&told["items"], &PRODUCT), expected, "{path}");
            for (name, which) in [("without_product", "product IS NULL"), ("total", "true")] {
                let expected = books.ask_one(&format!(
                    "SELECT count(DISTINCT of), coalesce(sum(quantity), 0), coalesce(sum(quantity * price), 0)
                     FROM lines JOIN sold ON of = id WHERE {which} AND day BETWEEN '{first}' AND '{last}'"
                ));
                assert_eq!(row(&told[name], &["orders", "units", "revenue"]), expected, "{path} {name}");
            }
        }
    }
}

#[tokio::test]
async fn who_brings_most_is_whom_sql_finds() {
    let books = Books::new().await;
    for (metric, by) in
        [("revenue", "r"), ("totalSpent", "r"), ("orders", "o"), ("average_order_value", "1.0 * r / o")]
    {
        let known = "customer IN (SELECT id FROM customers)";
        // Whoever came first has the lower slot: they were stored one by one.
        let first_seen = "(SELECT rowid FROM customers WHERE id = customer)";
        let ordered = format!("WHERE o > 0 ORDER BY {by} DESC, {first_seen} LIMIT 5");
        let all_time = format!(
            "SELECT customer, o, r, (2 * r + o) / (2 * o) FROM (SELECT id AS customer, orders AS o, spent AS r FROM totals) {ordered}"
        );
        let path = format!("/api/v1/analytics/customers/top?limit=5&metric={metric}");
        let members = ["customer/id", "orders", "revenue", "average_order_value"];
        let told = books.get(&path).await;
        assert_eq!(rows(&told["items"], &members), books.ask(&all_time), "{path}");
        for (query, first, last) in RANGES {
            let within = format!(
                "SELECT customer, count(*) AS o, sum(net) AS r FROM sold WHERE {known} AND day BETWEEN '{first}' AND '{last}' GROUP BY 1"
            );
            let expected =
                books.ask(&format!("SELECT customer, o, r, (2 * r + o) / (2 * o) FROM ({within}) {ordered}"));
            let told = books.get(&format!("{path}&{query}")).await;
            assert_eq!(rows(&told["items"], &members), expected, "{path} {query}");
        }
    }
}

#[tokio::test]
async fn places_are_where_customers_live_and_the_rest_is_unknown() {
    let books = Books::new().await;
    for kind in ["country", "city"] {
        for (query, first, last) in RANGES.into_iter().chain([("", "1970-01-01", "9999-12-31")]) {
            let told = books.get(&format!("/api/v1/analytics/geography?by={kind}&limit=100&{query}")).await;
            // SQLite folds no accents: the one that is there is spelled out.
            let folded = "replace(lower(place), 'ü', 'u')";
            let bought = format!(
                "SELECT c.id, count(s.id) AS o, coalesce(sum(s.net), 0) AS r FROM customers c
                 LEFT JOIN sold s ON s.customer = c.id AND s.day BETWEEN '{first}' AND '{last}' GROUP BY 1"
            );
            let mut expected = books.ask(&format!(
                "SELECT folded, count(*), sum(o > 0), sum(o), sum(r) FROM
                 (SELECT DISTINCT customer, {folded} AS folded FROM places WHERE kind = '{kind}') JOIN ({bought}) ON id = customer
                 GROUP BY 1"
            ));
            let mut found = rows(&told["items"], &["place", "customers", "buyers", "orders", "revenue"]);
            for place in &mut found {
                place[0] = json!(columns::fold(place[0].as_str().unwrap_or_default()));
            }
            let revenue: Vec<_> = found.iter().filter_map(|place| place[4].as_i64()).collect();
            assert!(revenue.is_sorted_by(|one, other| one >= other), "the best first: {revenue:?}");
            let by_name = |one: &Vec<Value>, other: &Vec<Value>| one[0].as_str().cmp(&other[0].as_str());
            expected.sort_by(by_name);
            found.sort_by(by_name);
            assert_eq!(found, expected, "{kind} {query}");
            assert_eq!(told["places"], json!(expected.len()));
            let homeless = format!("(SELECT customer FROM places WHERE kind = '{kind}')");
            let people = books.ask_one(&format!(
                "SELECT count(*), coalesce(sum(o > 0), 0) FROM ({bought}) WHERE id NOT IN {homeless}"
            ));
            let orders = books.ask_one(&format!(
                "SELECT count(*), coalesce(sum(net), 0) FROM sold WHERE customer NOT IN {homeless} AND day BETWEEN '{first}' AND '{last}'"
            ));
            let unknown = row(&told["unknown"], &["customers", "buyers", "orders", "revenue"]);
            assert_eq!(unknown, [people, orders].concat(), "{kind} {query}");
        }
    }
}

//! What a report comes to is what SQL makes of the same orders.

use super::{report, run};
use crate::analytics::sql::{Books, row, rows};
use serde_json::{Value, json};

const MEASURES: [&str; 7] =
    ["orders", "customers", "revenue", "refunded", "gross", "average_order_value", "units"];
/// The same in SQL.
const COUNTED: &str = "count(DISTINCT s.id), count(DISTINCT CASE WHEN c.id IS NOT NULL THEN s.customer END),
    coalesce(sum(net), 0), coalesce(sum(refunded), 0), coalesce(sum(total), 0),
    CASE count(*) WHEN 0 THEN NULL ELSE (2 * sum(net) + count(*)) / (2 * count(*)) END,
    coalesce(sum((SELECT sum(quantity) FROM lines WHERE of = s.id)), 0)";
const FROM: &str =
    "sold s LEFT JOIN customers c ON c.id = s.customer LEFT JOIN totals t ON t.id = s.customer";

/// Each dimension, and how SQL says it.
const DIMENSIONS: [(&str, &str); 9] = [
    ("day", "s.day"),
    ("week", "date(s.day, 'weekday 0', '-6 days')"),
    ("month", "substr(s.day, 1, 7)"),
    (
        "weekday",
        "CASE strftime('%w', s.day) WHEN '0' THEN 'Sunday' WHEN '1' THEN 'Monday' WHEN '2' THEN 'Tuesday' WHEN '3' THEN 'Wednesday'
         WHEN '4' THEN 'Thursday' WHEN '5' THEN 'Friday' ELSE 'Saturday' END",
    ),
    (
        "visit",
        "CASE WHEN c.id IS NULL THEN NULL
         WHEN s.id = (SELECT f.id FROM sold f JOIN orders o ON o.id = f.id WHERE f.customer = s.customer ORDER BY f.at, o.rowid LIMIT 1) THEN 'first' ELSE 'later' END",
    ),
    (
        "tier",
        "CASE WHEN t.spent >= 1000000 THEN 'vip' WHEN t.spent >= 500000 THEN 'premium' WHEN t.spent >= 100000 THEN 'regular'
         WHEN t.id IS NOT NULL THEN 'new' END",
    ),
    (
        "loyalty",
        "CASE WHEN t.orders >= 20 THEN 'platinum' WHEN t.orders >= 10 THEN 'gold' WHEN t.orders >= 5 THEN 'silver'
         WHEN t.id IS NOT NULL THEN 'bronze' END",
    ),
    ("country", "p.place"),
    ("city", "p.place"),
];

fn sorted(mut rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    rows.sort_by_key(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>());
    rows
}

/// Places are a row for each of a customer's.
fn from(dimension: &str) -> String {
    match dimension {
        "country" | "city" => {
            let of = format!("(SELECT DISTINCT customer, place FROM places WHERE kind = '{dimension}')");
            format!("{FROM} LEFT JOIN {of} p ON p.customer = s.customer")
        }
        _ => FROM.to_owned(),
    }
}

#[tokio::test]
async fn every_measure_by_every_dimension_is_what_sql_says() {
    let books = Books::new().await;
    for (dimension, as_sql) in DIMENSIONS {
        let told =
            json!({"name": dimension, "measures": MEASURES, "dimensions": [dimension], "timeframe": "3y"});
        let id = report(&books.world, &books.owner, &told).await;
        for (query, first, last) in [
            ("", "2024-03-15", "2027-03-14"),
            ("timeframe=90d", "2026-12-15", "2027-03-14"),
            ("since=2026-10-31&until=2026-11-01", "2026-10-31", "2026-11-01"),
        ] {
            let answer = run(&books.world, &books.owner, &id, query).await;
            let within = format!("s.day BETWEEN '{first}' AND '{last}'");
            let expected = books.ask(&format!(
                "SELECT {as_sql}, {COUNTED} FROM {} WHERE {within} GROUP BY 1",
                from(dimension)
            ));
            let members: Vec<&str> = [dimension].into_iter().chain(MEASURES).collect();
            let found = rows(&answer.at("/items"), &members);
            assert_eq!(sorted(found), sorted(expected), "{dimension} {query}");
            let totals = books.ask_one(&format!("SELECT {COUNTED} FROM {FROM} WHERE {within}"));
            assert_eq!(row(&answer.at("/totals"), &MEASURES), totals, "{dimension} {query}");
            assert_eq!(row(&answer.at("/range"), &["since", "until"]), [json!(first), json!(last)]);
        }
    }
}

#[tokio::test]
async fn products_are_what_sql_says_of_the_lines() {
    const MEASURES: [&str; 4] = ["orders", "customers", "gross", "units"];
    const COUNTED: &str =
        "count(DISTINCT s.id), count(DISTINCT CASE WHEN c.id IS NOT NULL THEN s.customer END),
        coalesce(sum(l.quantity * l.price), 0), coalesce(sum(l.quantity), 0)";
    const FROM: &str = "sold s LEFT JOIN lines l ON l.of = s.id LEFT JOIN customers c ON c.id = s.customer
        LEFT JOIN totals t ON t.id = s.customer";
    let books = Books::new().await;
    let all = "s.day BETWEEN '2024-03-15' AND '2027-03-14'";
    for (dimensions, filter, as_sql, only) in [
        (vec!["product"], None, "l.product", "TRUE"),
        (vec!["month", "product"], None, "substr(s.day, 1, 7), l.product", "TRUE"),
        (vec!["product"], Some("amount_spent >= 500"), "l.product", "t.spent >= 50000"),
    ] {
        let mut told =
            json!({"name": "Sold", "measures": MEASURES, "dimensions": dimensions, "timeframe": "3y"});
        if let Some(filter) = filter {
            told["filter"] = json!(filter);
        }
        let id = report(&books.world, &books.owner, &told).await;
        let answer = run(&books.world, &books.owner, &id, "").await;
        let groups = (1..=dimensions.len()).map(|place| place.to_string()).collect::<Vec<_>>().join(", ");
        let expected = books
            .ask(&format!("SELECT {as_sql}, {COUNTED} FROM {FROM} WHERE {all} AND {only} GROUP BY {groups}"));
        let members: Vec<&str> = dimensions.iter().copied().chain(MEASURES).collect();
        assert!(expected.len() > 3, "{expected:?}");
        assert_eq!(
            sorted(rows(&answer.at("/items"), &members)),
            sorted(expected),
            "{dimensions:?} {filter:?}"
        );
        let totals = books.ask_one(&format!("SELECT {COUNTED} FROM {FROM} WHERE {all} AND {only}"));
        assert_eq!(row(&answer.at("/totals"), &MEASURES), totals, "{dimensions:?} {filter:?}");
    }
    // Refunds are told of whole orders.
    let told = json!({"measures": ["units", "revenue", "refunded"], "dimensions": ["product"]});
    let wrong = books.owner.post(&books.world, "/api/v1/reports/preview", &told).await;
    let at = ["/errors/0/pointer", "/errors/1/pointer"].map(|place| wrong.text_at(place));
    assert_eq!(
        (wrong.status.as_u16(), at),
        (400, ["/measures/1", "/measures/2"].map(str::to_owned)),
        "{}",
        wrong.text
    );
}

#[tokio::test]
async fn a_product_is_told_by_its_id_and_by_what_it_is_called() {
    let world = local::World::new(7).await;
    let owner = crate::customers::shop(&world, "owner").await;
    let tea = owner.post(&world, "/api/v1/products", &json!({"title": "Tea"})).await;
    assert_eq!(tea.status, 201, "{}", tea.text);
    let ada = crate::customers::made(&world, &owner, &json!({"name": "Ada"})).await;
    let line = |product: serde_json::Value, title: &str| json!({"product": product, "title": title, "quantity": 2, "price": "5.00"});
    let lines = [
        line(json!(tea.text_at("/id")), "Green tea"),
        line(Value::Null, "A gift"),
        line(json!(tea.text_at("/id")), "Tea"),
    ];
    crate::orders::ordered(&world, &owner, &json!({"customer_id": ada, "lines": lines, "status": "paid"}))
        .await;
    let id = report(
        &world,
        &owner,
        &json!({"name": "Sold", "measures": ["units", "orders"], "dimensions": ["product"]}),
    )
    .await;
    let items = run(&world, &owner, &id, "").await.at("/items");
    let expected = json!([
        {"product": tea.text_at("/id"), "product_title": "Tea", "units": 4, "orders": 1},
        {"product": null, "product_title": null, "units": 2, "orders": 1},
    ]);
    assert_eq!(items, expected);
    let file = run(&world, &owner, &id, "format=csv").await.text;
    let expected =
        format!("product,product_title,units,orders\r\n{},Tea,4,1\r\n,,2,1\r\n", tea.text_at("/id"));
    assert_eq!(file, expected);
    let pages = run(&world, &owner, &id, "format=pdf").await;
    assert_eq!(pages.header("content-type"), "application/pdf");
}

#[tokio::test]
async fn two_dimensions_and_a_filter_are_what_sql_says() {
    let books = Books::new().await;
    let told = json!({
        "name": "Who spends", "measures": MEASURES, "dimensions": ["month", "country"], "filter": "amount_spent >= 500",
        "since": "2026-01-01", "until": "2027-03-14", "chart": "line",
    });
    let id = report(&books.world, &books.owner, &told).await;
    let expected = books.ask(&format!(
        "SELECT substr(s.day, 1, 7), p.place, {COUNTED} FROM {} WHERE s.day BETWEEN '2026-01-01' AND '2027-03-14' AND t.spent >= 50000
         GROUP BY 1, 2",
        from("country")
    ));
    assert!(expected.len() > 5, "{expected:?}");
    let members: Vec<&str> = ["month", "country"].into_iter().chain(MEASURES).collect();
    let answer = run(&books.world, &books.owner, &id, "").await;
    assert_eq!(sorted(rows(&answer.at("/items"), &members)), sorted(expected));
    let preview = books.owner.post(&books.world, "/api/v1/reports/preview", &told).await;
    assert_eq!((preview.status.as_u16(), preview.at("/items")), (200, answer.at("/items")));
    let months: Vec<_> = rows(&answer.at("/items"), &["month"]).into_iter().flatten().collect();
    assert!(months.is_sorted_by(|one, other| one.as_str() <= other.as_str()), "time rises: {months:?}");
}

#[tokio::test]
async fn of_what_is_no_time_the_most_comes_first() {
    let books = Books::new().await;
    let told =
        json!({"name": "Cities", "measures": ["units", "orders"], "dimensions": ["city"], "timeframe": "3y"});
    let id = report(&books.world, &books.owner, &told).await;
    let answer = run(&books.world, &books.owner, &id, "").await;
    let units: Vec<_> = rows(&answer.at("/items"), &["units"]).into_iter().flatten().collect();
    assert!(units.len() > 3 && units.is_sorted_by(|one, other| one.as_i64() >= other.as_i64()), "{units:?}");
}

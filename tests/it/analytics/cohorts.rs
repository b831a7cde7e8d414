//! Cohorts are the triangle that SQL makes of first and later orders, over any number of months (ANA-06).

use super::sql::{Books, row, rows};
use serde_json::json;

#[tokio::test]
async fn each_cell_is_what_sql_counts() {
    let books = Books::new().await;
    for (query, first, last, count) in [
        ("", "2026-10", "2027-03", 6),
        ("months=1", "2027-03", "2027-03", 1),
        ("months=28", "2024-12", "2027-03", 28),
        ("months=13&until=2026-03", "2025-03", "2026-03", 13),
        ("months=40", "2023-12", "2027-03", 40),
    ] {
        let told = books.get(&format!("/api/v1/analytics/cohorts?{query}")).await;
        for path in ["monthly", "retention"] {
            let other = books.get(&format!("/api/v1/analytics/cohorts/{path}?{query}")).await;
            assert_eq!(other["cohorts"], told["cohorts"], "{path}");
        }
        let cohorts = told["cohorts"].as_array().expect("a list");
        assert_eq!((cohorts.len(), &told["months"]), (count, &json!(count)), "{query}");
        assert_eq!(cohorts[0]["month"], json!(first));
        assert_eq!(cohorts[count - 1]["month"], json!(last));
        for (place, cohort) in cohorts.iter().enumerate() {
            let month = cohort["month"].as_str().expect("a month");
            let of = format!("(SELECT customer FROM began WHERE substr(day, 1, 7) = '{month}')");
            let expected = books.ask_one(&format!(
                "SELECT (SELECT count(*) FROM {of}), count(*), coalesce(sum(net), 0) FROM sold
                     WHERE customer IN {of} AND substr(day, 1, 7) <= '{last}'"
            ));
            assert_eq!(row(cohort, &["customers", "orders", "revenue"]), expected, "{query} {month}");
            let expected = books.ask(&format!(
                    "WITH RECURSIVE months(number, month) AS (SELECT 0, '{month}-01' UNION ALL
                        SELECT number + 1, date(month, '+1 month') FROM months WHERE month < '{last}-01')
                     SELECT number, substr(month, 1, 7), count(DISTINCT customer),
                        CASE WHEN (SELECT count(*) FROM {of}) > 0
                            THEN round(1.0 * count(DISTINCT customer) / (SELECT count(*) FROM {of}), 4) END,
                        count(id), coalesce(sum(net), 0)
                     FROM months LEFT JOIN sold ON substr(day, 1, 7) = substr(month, 1, 7) AND customer IN {of}
                     GROUP BY 1, 2 ORDER BY 1"
                ));
            let cells =
                rows(&cohort["cells"], &["number", "month", "customers", "retention", "orders", "revenue"]);
            assert_eq!(cells, expected, "{query} {month}");
            assert_eq!(cells.len(), count - place, "a triangle");
            let whole = if cells[0][2] == json!(0) { json!(null) } else { json!(1.0) };
            assert_eq!(cells[0][3], whole, "all are there in their own month");
        }
    }
    let most = books.get("/api/v1/analytics/cohorts?months=120").await;
    assert_eq!(rows(&most["cohorts"], &["month"]).first(), Some(&vec![json!("2017-04")]));
    let all = books.get("/api/v1/analytics/cohorts?months=28").await;
    let late = rows(&all["cohorts"][0]["cells"], &["number", "customers"]);
    let is_late = |cell: &Vec<serde_json::Value>| cell[0].as_u64() > Some(12) && cell[1].as_u64() > Some(0);
    assert!(late.iter().any(is_late), "somebody came back after more than a year: {late:?}");
}

//! A report as a file: rows that a spreadsheet takes for what they are, and pages with a title, days, a chart and numbers.

use super::{report, run};
use crate::{analytics::sql::Books, customers::made, orders::ordered};
use lopdf::Document;
use serde_json::json;

/// The text of each page.
fn pages(file: &[u8]) -> Vec<String> {
    assert!(file.starts_with(b"%PDF-"), "it is a PDF");
    let document = Document::load_mem(file).expect("it can be read");
    document.get_pages().keys().map(|page| document.extract_text(&[*page]).expect("it has text")).collect()
}

#[tokio::test]
async fn rows_are_rows_and_formulas_are_texts() {
    let books = Books::new().await;
    for (name, place) in
        [("Eve", "=HYPERLINK(\"http://evil\")"), ("Bob", "Paris, \"La Belle\""), ("Nam", "@SUM(A1)")]
    {
        let body = json!({"name": name, "addresses": [{"city": place}]});
        let id = made(&books.world, &books.owner, &body).await;
        let order = json!({"customer_id": id, "total": "12.30", "status": "paid", "placed_at": "2027-03-14"});
        ordered(&books.world, &books.owner, &order).await;
    }
    let told = json!({"name": "C", "measures": ["orders", "revenue", "average_order_value"], "dimensions": ["city"], "timeframe": "3y"});
    let id = report(&books.world, &books.owner, &told).await;
    let file = run(&books.world, &books.owner, &id, "format=csv").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(file.header("content-disposition"), format!("attachment; filename=\"report-{id}.csv\""));
    assert!(file.text.starts_with("city,orders,revenue,average_order_value\r\n"), "{}", file.text);
    for line in [
        "\"'=HYPERLINK(\"\"http://evil\"\")\",1,12.30,12.30\r\n",
        "\"Paris, \"\"La Belle\"\"\",1,12.30,12.30\r\n",
        "'@SUM(A1),1,12.30,12.30\r\n",
    ] {
        assert!(file.text.contains(line), "{line} in {}", file.text);
    }
    let answer = run(&books.world, &books.owner, &id, "").await;
    let items = answer.at("/items").as_array().cloned().unwrap_or_default();
    let lines = file.text.matches("\r\n").count();
    assert_eq!(lines, items.len() + 1, "a header, and a line for each row");
}

#[tokio::test]
async fn pages_show_title_days_rows_and_their_numbers() {
    let books = Books::new().await;
    let told = json!({
        "name": "Umsätze – Žluťoučký", "measures": ["revenue", "orders"], "dimensions": ["day", "city"], "timeframe": "3y",
        "filter": "number_of_orders > 0",
    });
    let id = report(&books.world, &books.owner, &told).await;
    let asked = async |format: &str| {
        let call = books.world.get(&format!("/api/v1/reports/{id}/run?format={format}"));
        call.bearer(&books.owner.access).send().await
    };
    let file = asked("pdf").await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/pdf"));
    let pages = pages(&file.bytes);
    assert!(pages.len() > 1, "{} pages", pages.len());
    for shown in [
        "Umsätze – Žluťoučký",
        "2024-03-15 to 2027-03-14 (America/New_York)",
        "Customers: number_of_orders > 0",
        "amounts in USD · as of 2027-03-14 22:30",
        "Revenue",
    ] {
        assert!(pages[0].contains(shown), "{shown} in {}", pages[0]);
    }
    for (place, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("Page {} of {}", place + 1, pages.len())), "{page}");
        assert!(page.contains("Day") && page.contains("City"), "each page has the header: {page}");
    }
    let all = pages.concat();
    let json = asked("json").await;
    for item in json.at("/items").as_array().expect("rows") {
        let (day, revenue) =
            (item["day"].as_str().expect("a day"), item["revenue"].as_str().expect("an amount"));
        assert!(all.contains(day) && all.contains(revenue), "{item}");
    }
    assert!(
        pages[pages.len() - 1].contains(&json.text_at("/totals/revenue")),
        "the total is on the last page"
    );
    assert_eq!(asked("pdf").await.bytes, file.bytes, "the same question makes the same bytes");
}

//! Bulk operations: what they bring, in what form, and when.

use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::{Stand, document};
use crate::shopify::{
    Courier, Denied, Door, Fault, Parcel,
    ids::{Kind, gid},
};

/// Nobody is sent anything.
struct Nobody;

#[async_trait::async_trait]
impl Courier for Nobody {
    async fn bring(&self, _: &Parcel) -> Result<u16, String> {
        Ok(200)
    }
}

async fn begun(stand: &Stand, query: &str) -> Value {
    let told = stand.question(&document("bulk_run"), &json!({"query": query})).await.json();
    told["data"]["bulkOperationRunQuery"].clone()
}

async fn status(stand: &Stand, operation: &Value) -> Value {
    let variables = json!({"id": operation["bulkOperation"]["id"]});
    let told = stand.question(&document("bulk_status"), &variables).await.json();
    told["data"]["bulkOperation"].clone()
}

/// After it was given its time.
async fn ended(stand: &Stand, operation: &Value) -> Value {
    stand.clock.advance_seconds(20);
    stand.shopify.tick(&Nobody).await;
    status(stand, operation).await
}

async fn lines(stand: &Stand, ended: &Value, range: Option<&str>) -> super::Told {
    let url = ended["url"].as_str().expect("a file");
    let path = url.strip_prefix(&format!("{}/{}", super::BASE, super::DOMAIN)).expect("the shop's own");
    let range: Vec<_> = range.map(|range| ("range", range)).into_iter().collect();
    stand.send("GET", path, &range, "").await
}

#[tokio::test]
async fn a_bulk_operation_brings_the_whole_list_a_line_for_each_object() {
    let stand = Stand::of(120).await;
    let query = document("bulk_inner_orders").replace("2026-01-01", "2020-01-01");
    let operation = begun(&stand, &query).await;
    assert_eq!(operation["bulkOperation"]["status"], "CREATED");
    stand.shopify.tick(&Nobody).await;
    let early = status(&stand, &operation).await;
    assert_eq!((&early["status"], &early["url"]), (&json!("CREATED"), &Value::Null));
    let ended = ended(&stand, &operation).await;
    assert_eq!(ended["status"], "COMPLETED", "{ended}");
    let told = lines(&stand, &ended, None).await;
    let text = told.text.unwrap();
    assert_eq!(ended["fileSize"], text.len().to_string());
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(ended["objectCount"], lines.len().to_string());
    let (children, roots): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.get("__parentId").is_some());
    let held: BTreeMap<_, _> =
        stand.shop.books(|books| books.orders().map(|it| (gid(Kind::Order, it.id), it)).collect());
    assert_eq!(ended["rootObjectCount"], roots.len().to_string());
    assert_eq!(roots.len(), held.len());
    let mut lines_of: BTreeMap<&str, usize> = BTreeMap::new();
    for child in &children {
        assert_eq!(child["__typename"], "LineItem");
        *lines_of.entry(child["__parentId"].as_str().unwrap()).or_default() += 1;
    }
    for root in roots {
        let order = &held[root["id"].as_str().unwrap()];
        assert_eq!(
            (root["__typename"].as_str(), root["name"].as_str()),
            (Some("Order"), Some(order.name.as_str()))
        );
        assert_eq!(lines_of[root["id"].as_str().unwrap()], order.lines.len());
        assert!(root.get("lineItems").is_none());
    }
    // Read in parts it is the same.
    let mut parts = String::new();
    while parts.len() < text.len() {
        let part = lines_part(&stand, &ended, parts.len()).await;
        assert_eq!(part.status, 206);
        parts += &part.text.unwrap();
    }
    assert_eq!(parts, text);
    let next = |fault| stand.shop.switch(|switches| switches.next.push_back((Door::File, fault)));
    next(Fault::Status(503));
    assert_eq!(super::bulk::lines(&stand, &ended, None).await.status, 503);
    next(Fault::Cut);
    assert_eq!(
        super::bulk::lines(&stand, &ended, None).await.text,
        None,
        "the connection ends within the file"
    );
    stand.clock.advance_seconds(7 * 86_400);
    assert_eq!(super::bulk::lines(&stand, &ended, None).await.status, 404, "a file is gone after a week");
}

async fn lines_part(stand: &Stand, ended: &Value, from: usize) -> super::Told {
    lines(stand, ended, Some(&format!("bytes={from}-{}", from + 9_999))).await
}

#[tokio::test]
async fn a_search_that_finds_nothing_has_no_file() {
    let stand = Stand::of(10).await;
    let query = document("bulk_inner_customers").replace("2026-01-01", "2030-01-01");
    let operation = begun(&stand, &query).await;
    let ended = ended(&stand, &operation).await;
    assert_eq!(
        (&ended["status"], &ended["url"], &ended["objectCount"]),
        (&json!("COMPLETED"), &Value::Null, &json!("0"))
    );
}

#[tokio::test]
async fn five_run_at_a_time_and_one_that_is_cancelled_makes_room() {
    let stand = Stand::of(5).await;
    let query = document("bulk_inner_customers");
    let mut first = Value::Null;
    for _ in 0..5 {
        first = begun(&stand, &query).await;
        assert_eq!(first["userErrors"], json!([]));
    }
    let sixth = begun(&stand, &query).await;
    assert_eq!(sixth["userErrors"][0]["code"], "OPERATION_IN_PROGRESS");
    let id = first["bulkOperation"]["id"].clone();
    let told = stand.data(&document("bulk_cancel"), &json!({"id": id})).await;
    assert_eq!(told["bulkOperationCancel"]["bulkOperation"]["status"], "CANCELED");
    assert_eq!(begun(&stand, &query).await["userErrors"], json!([]));
    let told = stand.data(&document("bulk_cancel"), &json!({"id": id})).await;
    assert!(told["bulkOperationCancel"]["userErrors"][0]["message"].is_string());
}

#[tokio::test]
async fn what_is_denied_ends_it() {
    let stand = Stand::of(10).await;
    let operation = begun(&stand, &document("bulk_inner_orders").replace("2026-01-01", "2020-01-01")).await;
    stand.shop.switch(|switches| switches.denied = Denied::Customers);
    let ended = ended(&stand, &operation).await;
    assert_eq!((&ended["status"], &ended["errorCode"]), (&json!("FAILED"), &json!("ACCESS_DENIED")));
    let wrong = begun(&stand, "{ shop { name } }").await;
    assert_eq!(wrong["userErrors"][0]["message"], "Bulk queries must contain at least one connection.");
}

//! Reports are made, changed and deleted, and what cannot be asked is never kept.

use super::{PATH, report, run};
use crate::customers::{made, shop, told};
use local::World;
use serde_json::json;

#[tokio::test]
async fn a_report_is_made_changed_listed_and_deleted() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let body = json!({
        "name": "Sales", "description": "by month", "measures": ["revenue", "orders"], "dimensions": ["month"],
        "filter": "number_of_orders>3", "timeframe": "1y", "chart": "line",
    });
    let id = report(&world, &owner, &body).await;
    let path = format!("{PATH}/{id}");
    let shown = owner.get(&world, &path).await;
    for (pointer, expected) in [
        ("/name", json!("Sales")),
        ("/description", json!("by month")),
        ("/measures", json!(["revenue", "orders"])),
        ("/dimensions", json!(["month"])),
        ("/filter", json!("number_of_orders > 3")),
        ("/timeframe", json!("365d")),
        ("/since", json!(null)),
        ("/chart", json!("line")),
        ("/version", json!(1)),
    ] {
        assert_eq!(shown.at(pointer), expected, "{pointer}");
    }
    let same = owner.call(&world, "PUT", &path, &body).await;
    assert_eq!((same.status.as_u16(), same.at("/version")), (200, json!(1)), "told the same again");
    let next = json!({"name": "Units", "measures": ["units"], "since": "2026-01-01", "until": "2026-01-31", "version": 1});
    let changed = owner.call(&world, "PUT", &path, &next).await;
    assert_eq!((changed.status.as_u16(), changed.at("/version")), (200, json!(2)), "{}", changed.text);
    assert_eq!(
        (
            changed.at("/filter"),
            changed.at("/dimensions"),
            changed.text_at("/since"),
            changed.text_at("/chart")
        ),
        (json!(null), json!([]), "2026-01-01".to_owned(), "bar".to_owned()),
        "what is left out is as it is at first"
    );
    let stale = owner.call(&world, "PUT", &path, &next).await;
    assert_eq!(told(&stale).1, "version_mismatch");
    // Of one millisecond's ids nobody knows the order.
    world.clock.advance_seconds(1);
    let other = report(&world, &owner, &json!({"name": "Other", "measures": ["orders"]})).await;
    let listed = owner.get(&world, &format!("{PATH}?limit=1")).await;
    assert_eq!((listed.at("/total"), listed.text_at("/items/0/id")), (json!(2), id.clone()));
    let rest = owner.get(&world, &format!("{PATH}?limit=1&cursor={}", listed.text_at("/next"))).await;
    assert_eq!((rest.text_at("/items/0/id"), rest.at("/next")), (other, json!(null)));
    assert_eq!(owner.call(&world, "DELETE", &path, &json!({})).await.status, 204);
    for gone in [path.clone(), format!("{path}/run")] {
        assert_eq!(owner.get(&world, &gone).await.status, 404);
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_all_that_is_wrong() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let id = report(&world, &owner, &json!({"name": "Sales", "measures": ["orders"]})).await;
    for (body, code, at) in [
        (json!({"measures": ["orders"]}), "missing_member", "/name"),
        (json!({"name": "A"}), "missing_member", "/measures"),
        (json!({"name": "A", "measures": []}), "missing_member", "/measures"),
        (json!({"name": "A", "measures": ["luck"]}), "invalid", "/measures/0"),
        (json!({"name": "A", "measures": ["orders", "orders"]}), "twice", "/measures/1"),
        (json!({"name": "A", "measures": ["orders"], "dimensions": ["planet"]}), "invalid", "/dimensions/0"),
        (
            json!({"name": "A", "measures": ["orders"], "dimensions": ["day", "tag", "city"]}),
            "too_many",
            "/dimensions",
        ),
        (json!({"name": "A", "measures": ["orders"], "chart": "pie"}), "invalid", "/chart"),
        (json!({"name": "A", "measures": ["orders"], "timeframe": "ages"}), "invalid", "/timeframe"),
        (json!({"name": "A", "measures": ["orders"], "since": "2026-02-30"}), "invalid", "/since"),
        (json!({"name": "A", "measures": ["orders"], "filter": "luck > 3"}), "unknown_name", "/filter"),
        (json!({"name": "A", "measures": ["orders"], "colour": "red"}), "unknown_member", "/colour"),
    ] {
        let refused = owner.post(&world, PATH, &body).await;
        assert_eq!(
            (refused.status.as_u16(), told(&refused).2),
            (400, at.to_owned()),
            "{body}: {}",
            refused.text
        );
        if !at.starts_with("/filter") {
            assert_eq!(told(&refused).1, code, "{body}: {}", refused.text);
        }
        if at != "/name" {
            let refused = owner.call(&world, "PUT", &format!("{PATH}/{id}"), &body).await;
            assert_eq!(refused.status, 400, "{body}");
        }
    }
    let both = json!({"name": "", "measures": ["luck"], "dimensions": ["planet"]});
    let refused = owner.post(&world, PATH, &both).await;
    assert_eq!(refused.at("/errors").as_array().map(Vec::len), Some(3), "{}", refused.text);
    for (query, at) in [("format=xls", "?format"), ("timeframe=0d", "?timeframe"), ("since=soon", "?since")] {
        let refused = owner.get(&world, &format!("{PATH}/{id}/run?{query}")).await;
        assert_eq!((refused.status.as_u16(), told(&refused).2), (400, at.to_owned()), "{query}");
    }
    assert_eq!(owner.get(&world, PATH).await.at("/total"), json!(1), "nothing of it was kept");
}

#[tokio::test]
async fn there_are_only_so_many_reports() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    for number in 0..200 {
        world.clock.advance_seconds(1);
        report(&world, &owner, &json!({"name": format!("R{number}"), "measures": ["orders"]})).await;
    }
    let refused = owner.post(&world, PATH, &json!({"name": "One more", "measures": ["orders"]})).await;
    assert_eq!((refused.status.as_u16(), told(&refused).1), (409, "too_many_reports".to_owned()));
}

#[tokio::test]
async fn a_report_is_its_tenants_and_an_empty_shops_is_empty() {
    let world = World::new(4).await;
    let (owner, other) = (shop(&world, "owner").await, shop(&world, "other").await);
    made(&world, &owner, &json!({"name": "Ada"})).await;
    let body =
        json!({"name": "Sales", "measures": ["orders", "average_order_value"], "dimensions": ["country"]});
    let theirs = report(&world, &owner, &body).await;
    for (method, path) in [
        ("GET", format!("{PATH}/{theirs}")),
        ("PUT", format!("{PATH}/{theirs}")),
        ("DELETE", format!("{PATH}/{theirs}")),
        ("GET", format!("{PATH}/{theirs}/run")),
    ] {
        let answer = if method == "GET" {
            other.get(&world, &path).await
        } else {
            other.call(&world, method, &path, &body).await
        };
        assert_eq!(answer.status, 404, "{method} {path}");
    }
    for format in ["json", "csv", "pdf"] {
        let answer = run(&world, &owner, &theirs, &format!("format={format}")).await;
        if format == "json" {
            assert_eq!(answer.at("/items"), json!([]));
            assert_eq!(answer.at("/totals"), json!({"orders": 0, "average_order_value": null}));
        }
    }
}

#[tokio::test]
async fn a_segment_that_a_report_asks_for_is_not_deleted() {
    let world = World::new(9).await;
    let owner = shop(&world, "owner").await;
    let segment = owner
        .post(&world, "/api/v1/segments", &json!({"name": "VIPs", "rule": "number_of_orders > 3"}))
        .await;
    let path = format!("/api/v1/segments/{}", segment.text_at("/id"));
    let filter = format!("segment MATCHES (id = '{}')", segment.text_at("/id"));
    let body = json!({"name": "Of VIPs", "measures": ["orders"], "filter": filter});
    let id = report(&world, &owner, &body).await;
    let refused = owner.call(&world, "DELETE", &path, &json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (409, "segment_in_use"));
    assert!(refused.text_at("/detail").contains("'Of VIPs'"), "{}", refused.text);
    assert_eq!(owner.call(&world, "DELETE", &format!("{PATH}/{id}"), &json!({})).await.status, 204);
    assert_eq!(owner.call(&world, "DELETE", &path, &json!({})).await.status, 204);
}

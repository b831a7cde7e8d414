//! What is asked and answered: every document of ours, pages, searches, counts, and writes.

use serde_json::{Value, json};

use super::{Stand, document, typed};
use crate::shopify::{
    books::{
        Back, Basket,
        records::{ConsentState, Customer},
    },
    ids::{Kind, gid},
};

/// A variant that can be bought.
fn variant(stand: &Stand, place: usize) -> u64 {
    stand.shop.books(|books| {
        books.products().flat_map(|product| &product.variants).nth(place).expect("the shop sells things").id
    })
}

fn somebody(stand: &Stand, is: impl Fn(&Customer) -> bool) -> Customer {
    stand.shop.books(|books| books.customers().find(|customer| is(customer)).expect("there is one"))
}

/// Every document of ours that is asked by itself, and what it is asked with.
fn questions(stand: &Stand) -> Vec<(&'static str, Value)> {
    let reached = somebody(stand, |it| it.phone.is_some() && it.email.is_some() && it.orders > 1);
    let customer = gid(Kind::Customer, reached.id);
    let order = gid(Kind::Order, reached.last_order.expect("they bought something"));
    let product = stand.shop.books(|books| books.products().next().map(|it| gid(Kind::Product, it.id)));
    let sub = json!({"uri": "https://crm.test/webhooks", "includeFields": ["id"]});
    let consent = |name: &str| json!({"input": {"customerId": customer, name: {"marketingState": "UNSUBSCRIBED", "consentUpdatedAt": "2026-01-01T00:00:00Z"}}});
    stand.shop.define("taste.roast", "single_line_text_field", true);
    let with = |mut asked: Value| {
        asked["metafields"] = json!(["taste.roast"]);
        asked["hasMetafields"] = json!(true);
        asked
    };
    vec![
        ("shop", json!({})),
        ("customers_page", with(json!({"first": 250}))),
        (
            "customers_page_2026-10",
            with(json!({"first": 250, "query": "updated_at:>='2026-01-01T00:00:00Z'"})),
        ),
        ("customer_by_id", with(json!({"id": customer}))),
        ("orders_page", json!({"first": 250})),
        ("order_by_id", json!({"id": order})),
        ("product_by_id", json!({"id": product})),
        ("order_line_items_page", json!({"id": order, "first": 1})),
        ("products_page", json!({"first": 250})),
        ("abandoned_checkouts_page", json!({"first": 50})),
        ("deleted_events", json!({"first": 50, "query": "action:destroy"})),
        ("counts", json!({"customers": "updated_at:>='2026-01-01T00:00:00Z'"})),
        ("tags_add", json!({"id": customer, "tags": ["vip"]})),
        ("email_consent_update", consent("emailMarketingConsent")),
        ("sms_consent_update", consent("smsMarketingConsent")),
        ("webhook_create", json!({"topic": "ORDERS_CREATE", "sub": sub})),
        ("webhook_list", json!({"first": 50})),
        ("webhook_delete", json!({"id": gid(Kind::WebhookSubscription, 1)})),
        ("segment_create", json!({"name": "Buyers", "query": "number_of_orders >= 1"})),
        ("segments", json!({"first": 50})),
        ("segment_filters", json!({"first": 50})),
        ("segment_members", json!({"query": "number_of_orders >= 2", "first": 250})),
        ("bulk_run", json!({"query": document("bulk_inner_orders")})),
        (
            "bulk_status",
            json!({"id": gid(Kind::BulkOperation, crate::shopify::ids::id(Kind::BulkOperation, 0))}),
        ),
        (
            "bulk_cancel",
            json!({"id": gid(Kind::BulkOperation, crate::shopify::ids::id(Kind::BulkOperation, 0))}),
        ),
    ]
}

#[tokio::test]
async fn every_document_of_ours_is_answered_in_the_schemas_types() {
    let stand = Stand::of(60).await;
    let deletable = somebody(&stand, |it| it.orders == 0);
    stand.shop.delete_customer(deletable.id).unwrap();
    let questions = questions(&stand);
    for (name, variables) in &questions {
        let data = stand.data(&document(name), variables).await;
        typed::check(&document(name), &data);
        let root = data.as_object().and_then(|data| data.values().next()).expect("a field");
        assert!(!root.is_null(), "{name} finds nothing");
        if let Some(nodes) = root.get("nodes") {
            assert!(nodes.as_array().is_some_and(|nodes| !nodes.is_empty()), "{name} is empty");
        }
    }
    // The others are asked within a bulk operation.
    let folder = format!("{}/../shared/shopify/queries", env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.trim_end_matches(".graphql");
        assert!(
            name.starts_with("bulk_inner_") || questions.iter().any(|(asked, _)| *asked == name),
            "{name}"
        );
    }
}

#[tokio::test]
async fn metafields_are_told_by_their_keys() {
    let stand = Stand::of(30).await;
    let asked = json!({"first": 250, "metafields": ["taste.roast"], "hasMetafields": true});
    let told = stand.data(&document("customers_page"), &asked).await;
    let nodes = told["customers"]["nodes"].as_array().expect("they are there");
    let all: Vec<_> = nodes.iter().flat_map(|node| node["metafields"]["nodes"].as_array().unwrap()).collect();
    let held = stand
        .shop
        .books(|books| books.customers().filter(|it| it.metafields.contains_key("taste.roast")).count());
    assert!(held > 0 && held < nodes.len());
    assert_eq!(all.len(), held);
    assert!(all.iter().all(|it| it["key"] == "roast" && it["type"] == "single_line_text_field"));
}

#[tokio::test]
async fn pages_together_are_the_books() {
    let stand = Stand::of(90).await;
    for first in [7, 250] {
        let told = stand.pages(&document("customers_page"), "customers", &json!({"first": first})).await;
        let mut ids: Vec<_> = told.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
        let updated: Vec<_> = told.iter().map(|it| it["updatedAt"].as_str().unwrap()).collect();
        assert!(updated.is_sorted(), "in the order that was asked for");
        ids.sort();
        let mut held = stand
            .shop
            .books(|books| books.customers().map(|it| gid(Kind::Customer, it.id)).collect::<Vec<_>>());
        held.sort();
        assert_eq!(ids, held);
    }
    let told = stand.pages(&document("orders_page"), "orders", &json!({"first": 50})).await;
    let (count, spent) = stand.shop.books(|books| {
        books.orders().fold((0, 0), |(count, spent), order| (count + 1, spent + order.current_total()))
    });
    let cents = |it: &Value| {
        it["currentTotalPriceSet"]["shopMoney"]["amount"].as_str().unwrap().parse::<f64>().unwrap() * 100.0
    };
    assert_eq!(told.len(), count);
    #[expect(clippy::cast_possible_truncation, reason = "whole cents of few orders")]
    let sum = told.iter().map(cents).sum::<f64>().round() as i64;
    assert_eq!(sum, spent);
}

#[tokio::test]
async fn what_changes_while_it_is_paged_comes_last_and_is_not_missed() {
    let stand = Stand::of(30).await;
    let query = document("customers_page");
    let first = stand.data(&query, &json!({"first": 20})).await["customers"].take();
    let moved = first["nodes"][3]["id"].clone();
    let id = crate::shopify::ids::of_gid(Kind::Customer, moved.as_str().unwrap()).unwrap();
    stand.shop.tag(id, &["moved"]).unwrap();
    let after = first["pageInfo"]["endCursor"].clone();
    let rest = stand.data(&query, &json!({"first": 20, "after": after})).await["customers"].take();
    let rest = rest["nodes"].as_array().unwrap();
    assert_eq!(rest.len(), 11);
    assert_eq!(rest[10]["id"], moved);
}

#[tokio::test]
async fn a_window_of_instants_parts_the_books_without_gap_or_overlap() {
    let stand = Stand::of(80).await;
    let query = document("orders_page");
    let in_window = async |window: &str| {
        stand.pages(&query, "orders", &json!({"first": 100, "query": window})).await.len()
    };
    let middle = "2025-09-01T00:00:00Z";
    let before = in_window(&format!("updated_at:<'{middle}'")).await;
    let after = in_window(&format!("updated_at:>='{middle}'")).await;
    let all = stand.shop.books(|books| books.orders().count());
    assert!(before > 0 && after > 0);
    assert_eq!(before + after, all);
    let counted =
        stand.data(&document("counts"), &json!({"orders": format!("created_at:<'{middle}'")})).await;
    let cut = middle.parse().unwrap();
    let held = stand.shop.books(|books| books.orders().filter(|order| order.created_at < cut).count());
    assert_eq!(counted["ordersCount"], json!({"count": held, "precision": "EXACT"}));
}

#[tokio::test]
async fn counts_stop_at_their_limit() {
    let stand = Stand::of(30).await;
    let query = "{ few: customersCount(limit: 12) { count precision } all: customersCount(limit: 30) { count precision } }";
    let told = stand.data(query, &json!({})).await;
    assert_eq!(told["few"], json!({"count": 12, "precision": "AT_LEAST"}));
    assert_eq!(told["all"], json!({"count": 30, "precision": "EXACT"}));
}

#[tokio::test]
async fn an_order_of_many_lines_is_read_line_page_by_line_page() {
    let stand = Stand::of(5).await;
    let variants: Vec<_> = (0..45).map(|place| (variant(&stand, place), 2)).collect();
    let order = stand.shop.buy(&Basket { lines: variants, ..Basket::default() }).unwrap();
    let query = document("order_line_items_page");
    let (mut all, mut after) = (Vec::new(), Value::Null);
    for expected in [20, 20, 5] {
        let told =
            stand.data(&query, &json!({"id": gid(Kind::Order, order), "first": 20, "after": after})).await;
        let lines = &told["order"]["lineItems"];
        assert_eq!(lines["nodes"].as_array().unwrap().len(), expected);
        assert_eq!(lines["pageInfo"]["hasNextPage"], expected == 20);
        all.extend(lines["nodes"].as_array().unwrap().iter().map(|line| line["id"].clone()));
        after = lines["pageInfo"]["endCursor"].clone();
    }
    let held = stand.shop.books(|books| books.order(order).unwrap());
    let held: Vec<_> = held.lines.iter().map(|line| json!(gid(Kind::LineItem, line.id))).collect();
    assert_eq!(all, held);
}

#[tokio::test]
async fn what_was_refunded_is_seen_in_all_sums() {
    let stand = Stand::of(10).await;
    let lines = vec![(variant(&stand, 0), 2), (variant(&stand, 5), 1)];
    let customer = somebody(&stand, |_| true);
    let order = stand
        .shop
        .buy(&Basket { customer: Some(customer.id), lines, discount: 301, ..Basket::default() })
        .unwrap();
    let held = stand.shop.books(|books| books.order(order).unwrap());
    stand.shop.refund(order, &Back { lines: vec![(held.lines[0].id, 1)], amount: 50 }).unwrap();
    let told =
        stand.data(&document("orders_page"), &json!({"first": 1, "query": format!("id:{order}")})).await;
    let told = &told["orders"]["nodes"][0];
    let line = held.lines[0].worth(2) - held.lines[0].worth(1);
    let cents = |name: &str| {
        let amount = told[name]["shopMoney"]["amount"].as_str().unwrap();
        domain::Minor::parse(amount, "EUR".parse().unwrap()).unwrap().get()
    };
    assert_eq!(cents("totalPriceSet"), held.total());
    assert_eq!(cents("totalRefundedSet"), line + 50);
    assert_eq!(cents("netPaymentSet"), held.total() - line - 50);
    assert_eq!(cents("currentTotalPriceSet"), held.total() - line);
    assert_eq!(told["displayFinancialStatus"], "PARTIALLY_REFUNDED");
    assert_eq!(told["lineItems"]["nodes"][0]["currentQuantity"], 1);
    let after = stand.shop.books(|books| books.customer(customer.id).unwrap());
    assert_eq!((after.orders, after.spent), (customer.orders + 1, customer.spent + held.total() - line - 50));
}

#[tokio::test]
async fn writes_change_the_books_and_say_what_is_wrong() {
    let stand = Stand::of(40).await;
    let customer = somebody(&stand, |it| it.email.is_some() && it.phone.is_none());
    let id = gid(Kind::Customer, customer.id);
    let read = |stand: &Stand| stand.shop.books(|books| books.customer(customer.id).unwrap());
    stand.data(&document("tags_add"), &json!({"id": id, "tags": ["VIP", "new"]})).await;
    stand.data(&document("tags_add"), &json!({"id": id, "tags": ["vip"]})).await;
    assert!(read(&stand).tags.ends_with(&["VIP".to_owned(), "new".to_owned()]));
    let input =
        json!({"input": {"customerId": id, "emailMarketingConsent": {"marketingState": "UNSUBSCRIBED"}}});
    stand.data(&document("email_consent_update"), &input).await;
    assert_eq!(read(&stand).email_consent.state, ConsentState::Unsubscribed);

    let refused = async |name: &str, variables: Value, root: &str| {
        let told = stand.data(&document(name), &variables).await;
        told[root]["userErrors"][0]["message"].as_str().unwrap_or_default().to_owned()
    };
    let consent = |id: &str, told: Value| json!({"input": {"customerId": id, "smsMarketingConsent": told}});
    let root = "customerSmsMarketingConsentUpdate";
    let subscribed = json!({"marketingState": "SUBSCRIBED"});
    let no_phone = refused("sms_consent_update", consent(&id, subscribed.clone()), root).await;
    assert_eq!(no_phone, "the customer has no phone number");
    let nobody = refused("sms_consent_update", consent("gid://shopify/Customer/1", subscribed), root).await;
    assert_eq!(nobody, "Customer not found");
    let odd = refused("sms_consent_update", consent(&id, json!({"marketingState": "REDACTED"})), root).await;
    assert_eq!(odd, "Cannot specify REDACTED as a marketing state input");
    let tags = refused("tags_add", json!({"id": "gid://shopify/Customer/1", "tags": ["a"]}), "tagsAdd").await;
    assert_eq!(tags, "Customer does not exist");
    let sub = |uri: &str| json!({"topic": "ORDERS_CREATE", "sub": {"uri": uri}});
    let root = "webhookSubscriptionCreate";
    assert_eq!(
        refused("webhook_create", sub("http://crm.test/x"), root).await,
        "Address protocol http:// is not supported"
    );
    assert_eq!(refused("webhook_create", sub("https://crm.test/x"), root).await, "");
    let twice = refused("webhook_create", sub("https://crm.test/x"), root).await;
    assert_eq!(twice, "Address for this topic has already been taken");
    let blank =
        refused("segment_create", json!({"name": "x", "query": "colour = 'red'"}), "segmentCreate").await;
    assert_eq!(blank, "Query Line 1 Column 1: 'colour' filter cannot be found.");
}

#[tokio::test]
async fn deletions_can_be_found_by_whoever_missed_them() {
    let stand = Stand::of(60).await;
    let (gone, order) = (somebody(&stand, |it| it.orders == 0), somebody(&stand, |it| it.orders > 0));
    stand.shop.delete_customer(gone.id).unwrap();
    stand.clock.advance_seconds(5);
    stand.shop.delete_order(order.last_order.unwrap()).unwrap();
    assert!(
        stand.shop.delete_customer(somebody(&stand, |it| it.orders > 1).id).is_err(),
        "who has ordered stays"
    );
    let told = stand
        .pages(&document("deleted_events"), "events", &json!({"first": 1, "query": "action:destroy"}))
        .await;
    let told: Vec<_> = told
        .iter()
        .map(|it| (it["subjectType"].as_str().unwrap(), it["subjectId"].as_str().unwrap()))
        .collect();
    let expected =
        [("CUSTOMER", gid(Kind::Customer, gone.id)), ("ORDER", gid(Kind::Order, order.last_order.unwrap()))];
    assert_eq!(told, expected.each_ref().map(|(kind, id)| (*kind, id.as_str())));
    let by_id = stand.data(&document("customer_by_id"), &json!({"id": gid(Kind::Customer, gone.id)})).await;
    assert_eq!(by_id["customer"], Value::Null);
}

#[tokio::test]
async fn of_two_who_are_merged_one_has_all_orders() {
    let stand = Stand::of(60).await;
    let (one, other) = (somebody(&stand, |it| it.orders > 1), somebody(&stand, |it| it.orders == 1));
    stand.shop.merge(one.id, other.id).unwrap();
    let (kept, gone, orders) = stand.shop.books(|books| {
        (books.customer(one.id).unwrap(), books.customer(other.id), books.orders_of(one.id).len())
    });
    assert_eq!(gone, None);
    assert_eq!((kept.orders, kept.spent), (one.orders + other.orders, one.spent + other.spent));
    assert_eq!(orders as u64, kept.orders);
}

//! What a question costs, and everything that can be made to go wrong with it.

use serde_json::{Value, json};

use super::{SCOPES, Stand, document};
use crate::shopify::{Denied, Door, Fault, Plan};

#[tokio::test]
async fn questions_cost_what_shopify_was_seen_to_charge() {
    let stand = Stand::of(2).await;
    for (name, variables, cost) in [
        ("customers_page", json!({"first": 250}), 57),
        ("customers_page", json!({"first": 250, "metafields": ["a.b"], "hasMetafields": true}), 156),
        // Seen without the app and the place of an order: 142 and 222.
        ("orders_page", json!({"first": 50}), 156),
        ("orders_page", json!({"first": 250}), 244),
        ("products_page", json!({"first": 250}), 156),
        ("counts", json!({}), 46),
        ("segment_members", json!({"first": 250, "query": "number_of_orders >= 1"}), 24),
        ("tags_add", json!({"id": "gid://shopify/Customer/1", "tags": ["a"]}), 10),
    ] {
        let told = stand.ask(&document(name), &variables).await;
        assert_eq!(told["extensions"]["cost"]["requestedQueryCost"], cost, "{name}");
        assert!(told["extensions"]["cost"]["actualQueryCost"].as_u64().unwrap() <= cost, "{name}");
    }
}

#[tokio::test]
async fn who_asks_too_much_is_throttled_until_points_have_come_back() {
    let stand = Stand::of(2).await;
    let query = document("orders_page");
    let status = |told: &Value| told["extensions"]["cost"]["throttleStatus"].clone();
    // Of 244 points that are taken some come back, as the list is short.
    let mut last = Value::Null;
    for _ in 0..200 {
        let told = stand.question(&query, &json!({"first": 250})).await;
        assert_eq!(told.status, 200, "it is no error of HTTP");
        last = told.json();
        if last.get("errors").is_some() {
            break;
        }
    }
    assert_eq!(last["errors"][0]["message"], "Throttled");
    assert_eq!(last["errors"][0]["extensions"]["code"], "THROTTLED");
    assert!(last.get("data").is_none());
    let cost = &last["extensions"]["cost"];
    assert_eq!((&cost["requestedQueryCost"], &cost["actualQueryCost"]), (&json!(244), &Value::Null));
    let (most, left) =
        (&status(&last)["maximumAvailable"], status(&last)["currentlyAvailable"].as_u64().unwrap());
    assert_eq!((most, &status(&last)["restoreRate"]), (&json!(2_000), &json!(100)));
    // As long as Shopify says that one has to wait.
    let seconds = (244 - left).div_ceil(100);
    stand.clock.advance_seconds(i64::try_from(seconds).unwrap());
    assert!(stand.question(&query, &json!({"first": 250})).await.json().get("errors").is_none());
    stand.shop.switch(|switches| switches.plan = Plan::Plus);
    let told = stand.question(&query, &json!({"first": 250})).await.json();
    assert_eq!(status(&told)["maximumAvailable"], 20_000);
}

#[tokio::test]
async fn when_others_have_taken_all_points_the_next_question_is_throttled() {
    let stand = Stand::of(2).await;
    stand.shop.drain();
    let told = stand.question("{ shop { name } }", &json!({})).await.json();
    assert_eq!(told["errors"][0]["extensions"]["code"], "THROTTLED");
    stand.clock.advance_seconds(1);
    stand.data("{ shop { name } }", &json!({})).await;
}

#[tokio::test]
async fn a_question_that_costs_more_than_any_may_is_not_answered() {
    let stand = Stand::of(2).await;
    let query = "{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { product { id } variant { id } } } \
                 again: lineItems(first: 250) { nodes { product { id } variant { id } } } \
                 third: lineItems(first: 250) { nodes { product { id } variant { id } } } } } }";
    let told = stand.ask(query, &json!({})).await;
    assert_eq!(told["errors"][0]["extensions"]["code"], "MAX_COST_EXCEEDED");
    assert!(told.get("data").is_none());
}

#[tokio::test]
async fn what_the_schema_does_not_have_is_not_answered() {
    let stand = Stand::of(2).await;
    for (query, variables, said) in [
        ("{ customers(first: 1) { nodes { colour } } }", json!({}), "colour"),
        ("{ customers(first: 1) ", json!({}), "syntax error"),
        ("query($id: ID!) { customer(id: $id) { id } }", json!({}), "id"),
        ("query($first: Int!) { customers(first: $first) { nodes { id } } }", json!({"first": "x"}), "first"),
    ] {
        let told = stand.ask(query, &variables).await;
        assert!(told["errors"].to_string().contains(said), "{}", told["errors"]);
        assert!(told.get("data").is_none());
    }
    for (query, said) in [
        ("{ customers(first: 251) { nodes { id } } }", "first cannot exceed 250"),
        ("{ customers { nodes { id } } }", "you must provide one of first or last"),
        ("{ customers(first: 1, after: \"x\") { nodes { id } } }", "Invalid cursor"),
    ] {
        let told = stand.ask(query, &json!({})).await;
        assert!(told["errors"][0]["message"].as_str().unwrap().contains(said), "{}", told["errors"]);
        assert_eq!(told["data"], Value::Null);
    }
}

#[tokio::test]
async fn a_search_for_what_nobody_knows_is_warned_of() {
    let stand = Stand::of(12).await;
    let told = stand.ask(&document("customers_page"), &json!({"first": 50, "query": "colour:red"})).await;
    assert_eq!(told["data"]["customers"]["nodes"].as_array().unwrap().len(), 12);
    assert_eq!(told["extensions"]["search"][0]["warnings"][0]["field"], "colour");
}

#[tokio::test]
async fn personal_data_that_are_denied_are_nulls_and_errors() {
    let stand = Stand::of(20).await;
    let id = stand.shop.books(|books| books.customers().find(|it| it.orders > 0).unwrap().id);
    let by_id = json!({"id": crate::shopify::ids::gid(crate::shopify::ids::Kind::Customer, id)});
    let denied = |told: &Value| {
        told["errors"].as_array().is_some_and(|errors| {
            !errors.is_empty() && errors.iter().all(|error| error["extensions"]["code"] == "ACCESS_DENIED")
        })
    };
    stand.shop.switch(|switches| switches.denied = Denied::Details);
    let told = stand.ask(&document("customer_by_id"), &by_id).await;
    assert!(denied(&told), "{told}");
    assert_eq!(told["data"]["customer"]["firstName"], Value::Null);
    assert_eq!(told["data"]["customer"]["defaultEmailAddress"], Value::Null);
    assert!(told["data"]["customer"]["tags"].is_array());

    stand.shop.switch(|switches| switches.denied = Denied::Customers);
    let told = stand.ask(&document("customer_by_id"), &by_id).await;
    assert!(denied(&told), "{told}");
    assert_eq!(told["data"], json!({"customer": null}));
    let sentence = told["errors"][0]["message"].as_str().unwrap();
    assert!(
        sentence.starts_with("This app is not approved to access the Customer object. See "),
        "{sentence}"
    );
    let told = stand.ask("{ orders(first: 5) { nodes { id customer { id } } } }", &json!({})).await;
    assert!(denied(&told), "{told}");
    assert!(
        told["data"]["orders"]["nodes"].as_array().unwrap().iter().all(|order| order["customer"].is_null())
    );
    let told = stand.ask(&document("customers_page"), &json!({"first": 5})).await;
    assert!(denied(&told) && told["data"].is_null(), "a list that cannot be null takes all with it");
}

#[tokio::test]
async fn a_token_may_what_was_granted() {
    let stand = Stand::of(40).await;
    let orders = "{ ordersCount { count } }";
    let all = stand.data(orders, &json!({})).await["ordersCount"]["count"].as_u64().unwrap();
    let without: Vec<_> = SCOPES.into_iter().filter(|scope| *scope != "read_all_orders").collect();
    stand.shop.regrant(&without);
    let recent = stand.data(orders, &json!({})).await["ordersCount"]["count"].as_u64().unwrap();
    let since = jiff::Timestamp::from_second(1_790_000_000 - 60 * 86_400).unwrap();
    let held = stand.shop.books(|books| books.orders().filter(|order| order.created_at >= since).count());
    assert!(recent < all);
    assert_eq!(recent, held as u64, "the orders of sixty days");
    let old = stand.shop.books(|books| books.orders().find(|order| order.created_at < since).unwrap().id);
    let by_id = json!({"id": crate::shopify::ids::gid(crate::shopify::ids::Kind::Order, old), "first": 1});
    assert_eq!(stand.data(&document("order_line_items_page"), &by_id).await["order"], Value::Null);
    stand.shop.regrant(&["write_customers"]);
    let told = stand.ask(orders, &json!({})).await;
    assert_eq!(
        told["errors"][0]["message"],
        "Access denied for ordersCount field. Required access: `read_orders` access scope."
    );
    assert!(
        stand.ask("{ customersCount { count } }", &json!({})).await.get("errors").is_none(),
        "who may write may read"
    );
    stand.shop.regrant(&["read_customers"]);
    let told =
        stand.ask(&document("tags_add"), &json!({"id": "gid://shopify/Customer/1", "tags": ["a"]})).await;
    assert_eq!(told["errors"][0]["extensions"]["code"], "ACCESS_DENIED");
}

#[tokio::test]
async fn each_fault_comes_when_it_is_told_to_and_once() {
    let stand = Stand::of(3).await;
    let query = "{ shop { name } }";
    let next = |fault| stand.shop.switch(|switches| switches.next.push_back((Door::Graphql, fault)));
    for status in [402, 423, 500, 503] {
        next(Fault::Status(status));
        assert_eq!(stand.question(query, &json!({})).await.status, status);
    }
    next(Fault::TooMany { retry_after_seconds: 3 });
    let told = stand.question(query, &json!({})).await;
    assert_eq!((told.status, told.headers["retry-after"].to_str().unwrap()), (429, "3.0"));
    next(Fault::Cut);
    assert_eq!(stand.question(query, &json!({})).await.text, None, "the connection ends within the answer");
    next(Fault::Broken);
    let told = stand.ask(query, &json!({})).await;
    assert_eq!(told["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    assert!(told.get("data").is_none());
    stand.data(query, &json!({})).await;
}

#[tokio::test]
async fn faults_by_chance_are_as_many_as_was_said() {
    let stand = Stand::of(3).await;
    stand.shop.switch(|switches| switches.faults_per_mille = 300);
    let mut failed = 0;
    for _ in 0..400 {
        let told = stand.question("{ shop { name } }", &json!({})).await;
        let is_well =
            told.status == 200 && told.text.as_deref().is_some_and(|text| text.contains("\"data\":{"));
        failed += usize::from(!is_well);
        stand.clock.advance_seconds(1);
    }
    assert!((80..160).contains(&failed), "{failed} of 400");
}

#[tokio::test]
async fn the_version_that_answers_is_said() {
    let stand = Stand::of(1).await;
    let token = [("x-shopify-access-token", stand.token.as_str())];
    let body = json!({"query": "{ shop { name } }"}).to_string();
    for (asked, answers) in [("2026-10", "2026-10"), ("2026-01", "2026-01"), ("2025-10", "2026-01")] {
        let path = format!("/admin/api/{asked}/graphql.json");
        let told = stand.send("POST", &path, &token, &body).await;
        assert_eq!((told.status, told.headers["x-shopify-api-version"].to_str().unwrap()), (200, answers));
    }
    assert_eq!(stand.send("POST", "/admin/api/2099-01/graphql.json", &token, &body).await.status, 404);
}

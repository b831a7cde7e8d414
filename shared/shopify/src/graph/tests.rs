//! Answers as Shopify gives them, and what is told by each.

use super::*;
use crate::told::{Buyer, CustomerTold, Reading, Told};
use domain::{ConsentState, CustomerId, OrderId, order::OrderStatus, own::AttributeKind};
use serde_json::{Value, json};

fn reading() -> Reading<'static> {
    Reading { currency: "EUR".parse().unwrap(), country: Some("DE") }
}

fn read<A: Ask>(data: &Value) -> Result<A::Answer, Refusal> {
    let body = json!({ "data": data }).to_string();
    let response = Response { status: 200, version: None, retry_after: None, body: body.as_bytes() };
    answer::<A>(&response).map(|answered| answered.it).map_err(|refused| refused.why)
}

fn bag(amount: &str) -> Value {
    json!({"shopMoney": {"amount": amount, "currencyCode": "EUR"}})
}

fn last_page(nodes: &Value) -> Value {
    json!({"nodes": nodes, "pageInfo": {"hasNextPage": false, "endCursor": "end"}})
}

fn customer() -> Value {
    json!({
        "id": "gid://shopify/Customer/9007199254740993", "legacyResourceId": "9007199254740993", "firstName": "Ada",
        "lastName": null, "displayName": "Ada", "state": "DISABLED", "locale": "de", "note": null,
        "tags": ["vip", "new"], "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-04-25T01:24:48Z",
        "numberOfOrders": "18", "amountSpent": {"amount": "231.1", "currencyCode": "EUR"},
        "defaultEmailAddress": {"emailAddress": "ada@example.com", "marketingState": "SUBSCRIBED",
            "marketingOptInLevel": "SINGLE_OPT_IN", "marketingUpdatedAt": "2026-02-01T00:00:00Z", "validFormat": true},
        "defaultPhoneNumber": null,
        "defaultAddress": {"address1": "Deich 1", "address2": "", "city": "Hamburg", "province": "Hamburg",
            "provinceCode": null, "country": "Germany", "countryCodeV2": "DE", "zip": "20459", "phone": null,
            "company": null},
    })
}

#[test]
fn a_page_of_customers_is_told_in_our_words() {
    let page = json!({"nodes": [customer()], "pageInfo": {"hasNextPage": true, "endCursor": "c1"}});
    let page = read::<CustomersPage>(&json!({ "customers": page })).unwrap();
    assert_eq!(page.next.as_deref(), Some("c1"));
    let node = page.nodes.into_iter().next().unwrap();
    assert_eq!(node.updated_at().to_string(), "2026-04-25T01:24:48Z");
    assert_eq!(format!("{node:?}"), "CustomerNode(9007199254740993)");
    let told = node.told(&reading());
    assert!(!told.must_be_read_again());
    insta::assert_debug_snapshot!("customer", told);
    let last = read::<CustomersPage>(&json!({"customers": last_page(&json!([]))})).unwrap();
    assert_eq!((last.nodes.len(), last.next), (0, None));
}

#[test]
fn consents_are_read_in_the_form_of_2026_10_as_well() {
    let mut told = customer();
    let consent = json!({"state": "UNSUBSCRIBED", "optInLevel": null, "updatedAt": "2026-03-01T00:00:00Z"});
    told["defaultPhoneNumber"] = json!({"phoneNumber": "+4930901820", "smsMarketingConsent": consent});
    let node = read::<CustomerById>(&json!({"customer": told})).unwrap().unwrap();
    let told = node.told(&reading());
    assert_eq!(told.phone.value().unwrap().as_str(), "+4930901820");
    assert_eq!(told.sms_consent.value().unwrap().state, ConsentState::Unsubscribed);
    assert!(read::<CustomerById>(&json!({"customer": null})).unwrap().is_none());
}

#[test]
fn metafields_are_told_with_their_customer_and_none_is_a_word_too() {
    let told = |keys: &[&str]| {
        let one = |key: &&str| json!({"namespace": "facts", "key": key, "type": "boolean", "value": "true"});
        let mut told = customer();
        if !keys.is_empty() {
            told["metafields"] = json!({"nodes": keys.iter().map(one).collect::<Vec<_>>()});
        }
        read::<CustomerById>(&json!({ "customer": told })).unwrap().unwrap().told(&reading())
    };
    let kind = domain::customer::CustomerKind::Person;
    let mut ada = domain::Customer::new(CustomerId::Shopify(7), 0, kind, domain::Timestamp::UNIX_EPOCH);
    ada.attributes.insert("shoe_size".to_owned(), domain::customer::AttributeValue::Number(42_000_000));
    let mut check = |told: CustomerTold, expected: &[&str]| {
        told.tell(&mut ada, None).unwrap();
        assert_eq!(ada.attributes.keys().collect::<Vec<_>>(), expected);
    };
    check(told(&["a", "b"]), &["metafields.facts.a", "metafields.facts.b", "shoe_size"]);
    // As webhooks tell it.
    let silent = CustomerTold { metafields: Told::Not, ..told(&[]) };
    check(silent, &["metafields.facts.a", "metafields.facts.b", "shoe_size"]);
    check(told(&["b"]), &["metafields.facts.b", "shoe_size"]);
    check(told(&[]), &["shoe_size"]);
    let ask = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        serde_json::to_value(CustomersPage::of(Stretch::all(9, None), names)).unwrap()
    };
    assert_eq!(
        ask(&["facts.size"]),
        json!({"first": 9, "after": null, "query": null, "metafields": ["facts.size"], "hasMetafields": true})
    );
    assert_eq!(ask(&[])["hasMetafields"], false, "all would be asked for");
}

#[test]
fn what_a_shop_has_defined_is_told_with_its_counts() {
    let definition = |key: &str, of: &str| json!({"namespace": "facts", "key": key, "type": {"name": of}});
    let count = json!({"count": 7, "precision": "EXACT"});
    let nodes = [definition("size", "number_integer"), definition("x", "json"), definition("a b", "date")];
    let told = json!({"customersCount": count, "ordersCount": count, "productsCount": count,
        "metafieldDefinitions": {"nodes": nodes}});
    let told = read::<Counts>(&told).unwrap();
    let defined: Vec<_> = told.metafields.into_iter().collect();
    assert_eq!(
        defined,
        [("facts.size".to_owned(), AttributeKind::Number)],
        "what rules can compare, by names they can say"
    );
}

#[test]
fn spending_in_another_currency_is_passed_over() {
    let mut told = customer();
    told["amountSpent"]["currencyCode"] = json!("USD");
    let told = read::<CustomerById>(&json!({"customer": told})).unwrap().unwrap().told(&reading());
    assert_eq!((told.spent, told.passed_over[0].what), (None, "spent"));
}

fn line(title: &str, price: &str) -> Value {
    json!({"id": "gid://shopify/LineItem/1", "title": title, "variantTitle": "100 g", "vendor": null, "sku": "T",
        "quantity": 2, "currentQuantity": 1, "isGiftCard": false, "product": {"id": "gid://shopify/Product/5"},
        "variant": {"id": "gid://shopify/ProductVariant/6"}, "originalUnitPriceSet": bag(price),
        "discountedTotalSet": bag(price)})
}

fn order() -> Value {
    json!({
        "id": "gid://shopify/Order/7", "legacyResourceId": "7", "name": "#1001", "email": "ada@example.com",
        "phone": null, "test": false, "confirmed": true, "createdAt": "2026-04-25T01:24:47Z",
        "processedAt": "2026-04-25T01:24:48Z", "updatedAt": "2026-04-26T00:00:00Z", "cancelledAt": null,
        "currencyCode": "EUR", "presentmentCurrencyCode": "USD", "displayFinancialStatus": "PARTIALLY_REFUNDED",
        "tags": [], "customer": {"id": "gid://shopify/Customer/9"},
        "totalPriceSet": bag("27.0"), "currentTotalPriceSet": bag("17.0"), "totalDiscountsSet": bag("0.0"),
        "totalTaxSet": null, "totalShippingPriceSet": bag("5.0"), "totalRefundedSet": bag("10.0"),
        "lineItems": {"nodes": [line("Tea", "5.5")], "pageInfo": {"hasNextPage": true, "endCursor": "l1"}},
        "refunds": [{"id": "gid://shopify/Refund/1", "createdAt": null, "note": null, "totalRefundedSet": bag("10.0")}],
    })
}

#[test]
fn an_order_says_that_it_has_more_lines_and_takes_them() {
    let page = read::<OrdersPage>(&json!({"orders": last_page(&json!([order()]))})).unwrap();
    let mut node = page.nodes.into_iter().next().unwrap();
    let ask = serde_json::to_value(node.more().unwrap()).unwrap();
    assert_eq!(ask, json!({"id": "gid://shopify/Order/7", "first": 250, "after": "l1"}));
    let more = json!({"nodes": [line("Cup", "4.0")], "pageInfo": {"hasNextPage": true, "endCursor": "l2"}});
    let more =
        read::<OrderLines>(&json!({"order": {"id": "gid://shopify/Order/7", "lineItems": more}})).unwrap();
    node.take(more.unwrap());
    assert_eq!(serde_json::to_value(node.more().unwrap()).unwrap()["after"], "l2");
    node.take(Page { nodes: Vec::new(), next: None });
    assert!(node.more().is_none());
    let told = node.told(&reading()).unwrap();
    assert_eq!(told.buyer, Buyer::Customer(CustomerId::Shopify(9)));
    insta::assert_debug_snapshot!("order", told.order);
    assert!(read::<OrderLines>(&json!({"order": null})).unwrap().is_none());
}

#[test]
fn an_order_of_a_guest_is_found_by_its_address() {
    let mut guest = order();
    guest["customer"] = Value::Null;
    guest["displayFinancialStatus"] = Value::Null;
    let page = read::<OrdersPage>(&json!({"orders": last_page(&json!([guest]))})).unwrap();
    let told = page.nodes[0].clone().told(&reading()).unwrap();
    assert!(matches!(told.buyer, Buyer::Address { email: Some(_), phone: None }));
    assert_eq!((told.order.id, told.order.status), (OrderId::Shopify(7), OrderStatus::Pending));
    assert_eq!(told.note, Told::Not);
    let one = serde_json::to_value(OrderById::new(7)).unwrap();
    assert_eq!(one, json!({"id": "gid://shopify/Order/7"}));
}

#[test]
fn a_page_of_products_says_which_lack_variants() {
    let variant = json!({"id": "gid://shopify/ProductVariant/6", "title": "100 g", "sku": "T", "price": "5.50",
        "inventoryQuantity": null});
    let product = |goes_on: bool| {
        json!({"id": "gid://shopify/Product/5", "legacyResourceId": "5", "title": "Tea", "handle": "tea",
            "vendor": "Deich", "productType": "", "status": "UNLISTED", "tags": ["Green"], "totalInventory": 0,
            "isGiftCard": false, "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-02T00:00:00Z",
            "publishedAt": null, "onlineStoreUrl": null,
            "featuredMedia": {"preview": {"image": {"url": "https://cdn.example.com/tea.jpg", "altText": null}}},
            "variants": {"nodes": [variant], "pageInfo": {"hasNextPage": goes_on, "endCursor": "v1"}}})
    };
    let page = json!({"products": last_page(&json!([product(false), product(true)]))});
    let page = read::<ProductsPage>(&page).unwrap();
    let lacks = |node: &ProductNode| node.clone().told(&reading()).unwrap().lacks_variants;
    assert_eq!(page.nodes.iter().map(lacks).collect::<Vec<_>>(), [false, true]);
    insta::assert_debug_snapshot!("product", page.nodes[0].clone().told(&reading()).unwrap().product);
}

#[test]
fn a_shop_says_who_it_is_and_what_we_may_do() {
    let shop = json!({
        "shop": {"id": "gid://shopify/Shop/1", "name": "Nordlicht", "email": "a@example.com",
            "contactEmail": "a@example.com", "myshopifyDomain": "nordlicht.myshopify.com",
            "primaryDomain": {"host": "nordlicht.example", "url": "https://nordlicht.example"}, "currencyCode": "EUR",
            "ianaTimezone": "Europe/Berlin", "timezoneOffsetMinutes": 60, "createdAt": "2024-01-01T00:00:00Z",
            "plan": {"publicDisplayName": "Basic", "partnerDevelopment": false, "shopifyPlus": false},
            "shopAddress": {"countryCodeV2": "DE", "city": "Hamburg"}},
        "currentAppInstallation": {"id": "gid://shopify/AppInstallation/1", "accessScopes": [{"handle": "read_orders"}]},
    });
    let seen = read::<ShopInfo>(&shop).unwrap();
    assert_eq!((seen.number, seen.domain.name(), seen.country.as_deref()), (1, "nordlicht", Some("DE")));
    assert_eq!(seen.currency.unwrap().to_string(), "EUR");
    assert_eq!(
        (seen.zone.unwrap().to_string(), seen.scopes.to_string()),
        ("Europe/Berlin".into(), "read_orders".into())
    );
    let count = |count: u64, precision: &str| json!({"count": count, "precision": precision});
    let counts = json!({"customersCount": count(18, "EXACT"), "ordersCount": count(10_000, "AT_LEAST"),
        "productsCount": count(3, "EXACT"), "metafieldDefinitions": {"nodes": []}});
    let counts = read::<Counts>(&counts).unwrap();
    assert_eq!((counts.customers, counts.orders.is_exact), (Count { count: 18, is_exact: true }, false));
    assert_eq!(counts.products.count, 3);
}

#[test]
fn of_what_was_deleted_that_is_told_which_we_keep() {
    let event = |action: &str, subject: &str, kind: &str| {
        json!({"id": "gid://shopify/BasicEvent/1", "action": action, "createdAt": "2026-04-25T01:24:48Z",
            "subjectId": subject, "subjectType": kind})
    };
    let other = json!({"id": "gid://shopify/CommentEvent/1", "action": "destroy", "createdAt": "2026-04-25T01:24:48Z"});
    let nodes = json!([
        event("destroy", "gid://shopify/Customer/9", "CUSTOMER"),
        event("destroy", "gid://shopify/Order/7", "ORDER"),
        event("destroy", "gid://shopify/Product/5", "PRODUCT"),
        event("destroy", "gid://shopify/Page/5", "PAGE"),
        event("create", "gid://shopify/Product/6", "PRODUCT"),
        other,
    ]);
    let page = read::<DeletedPage>(&json!({"events": last_page(&nodes)})).unwrap();
    let kept = page.nodes.iter().filter_map(|deleted| deleted.what);
    let gone: Vec<_> = kept.map(|what| format!("{what:?}")).collect();
    assert_eq!(page.nodes.len(), 6, "whoever reads a list counts its rows");
    assert_eq!(gone, ["Customer(CustomerId(s9))", "Order(OrderId(s7))", "Product(ProductId(s5))"]);
    assert_eq!(read::<DeletedPage>(&json!({"events": null})), Err(Refusal::Unreadable("events".into())));
    let since = Window { since: "2026-04-25T00:00:00Z".parse().ok(), before: None };
    let ask = serde_json::to_value(DeletedPage::within(&since, 250, None)).unwrap();
    assert_eq!(ask["query"], "action:'destroy' AND created_at:>='2026-04-25T00:00:00Z'");
}

#[test]
fn a_checkout_is_known_by_the_token_that_webhooks_and_orders_use() {
    let checkout = json!({"id": "gid://shopify/AbandonedCheckout/1", "name": "#1",
        "abandonedCheckoutUrl": "https://nordlicht.example/1/checkouts/ac/hWN2/recover?key=x",
        "createdAt": "2026-04-25T01:24:48Z", "updatedAt": "2026-04-25T01:30:00Z", "completedAt": null,
        "customer": {"id": "gid://shopify/Customer/9"}, "totalPriceSet": bag("27.0"), "lineItems": {"nodes": []}});
    let page = read::<CheckoutsPage>(&json!({"abandonedCheckouts": last_page(&json!([checkout]))})).unwrap();
    let told = page.nodes[0].clone().told(&reading()).unwrap();
    assert_eq!((told.token.as_str(), told.total.get(), told.completed_at), ("hWN2", 2_700, None));
    assert_eq!(told.customer, Some(CustomerId::Shopify(9)));
}

#[test]
fn subscriptions_are_made_listed_and_ended() {
    let one = json!({"id": "gid://shopify/WebhookSubscription/1", "topic": "ORDERS_UPDATED",
        "uri": "https://app.example.com/webhooks", "format": "JSON", "filter": "", "includeFields": [],
        "apiVersion": {"handle": "2026-10"}});
    let made = json!({"webhookSubscriptionCreate": {"webhookSubscription": one, "userErrors": []}});
    assert_eq!(read::<Subscribe>(&made).unwrap().topic, "ORDERS_UPDATED");
    let listed =
        read::<SubscriptionsPage>(&json!({"webhookSubscriptions": last_page(&json!([one]))})).unwrap();
    assert_eq!(listed.nodes, [read::<Subscribe>(&made).unwrap()]);
    let ended = |errors: Value| {
        let told = json!({"deletedWebhookSubscriptionId": null, "userErrors": errors});
        read::<Unsubscribe>(&json!({"webhookSubscriptionDelete": told}))
    };
    assert_eq!(ended(json!([])), Ok(()));
    let gone = ended(json!([{"field": ["id"], "message": "Webhook subscription does not exist"}]));
    assert_eq!(gone.unwrap_err().to_string(), "Shopify did not do it: error-id");
}

#[test]
fn a_bulk_operation_is_begun_watched_and_ended() {
    let begun = json!({"id": "gid://shopify/BulkOperation/1", "status": "CREATED", "createdAt": "2026-04-25T01:24:48Z"});
    let run = |operation: &Value, errors: Value| {
        read::<BulkRun>(&json!({"bulkOperationRunQuery": {"bulkOperation": operation, "userErrors": errors}}))
    };
    assert_eq!(run(&begun, json!([])).unwrap().status, BulkState::Created);
    let busy =
        json!([{"code": "OPERATION_IN_PROGRESS", "field": null, "message": "A bulk query operation …"}]);
    assert!(run(&Value::Null, busy).unwrap_err().is_not_done_by("OPERATION_IN_PROGRESS"));
    let done = json!({"id": "gid://shopify/BulkOperation/1", "type": "QUERY", "status": "COMPLETED", "errorCode": null,
        "createdAt": "2026-04-25T01:24:48Z", "completedAt": "2026-04-25T01:30:00Z", "objectCount": "57",
        "rootObjectCount": "18", "fileSize": "12345678901", "url": "https://storage.example.com/x", "partialDataUrl": null});
    let seen = read::<BulkStatus>(&json!({"bulkOperation": done})).unwrap().unwrap();
    assert!(seen.status.is_over());
    assert_eq!((seen.object_count, seen.root_object_count, seen.file_size), (57, 18, Some(12_345_678_901)));
    assert!(read::<BulkStatus>(&json!({"bulkOperation": null})).unwrap().is_none());
    let ending = json!({"bulkOperation": {"id": "gid://shopify/BulkOperation/1", "status": "CANCELING"}, "userErrors": []});
    let ending = read::<BulkCancel>(&json!({"bulkOperationCancel": ending})).unwrap();
    assert!(!ending.status.is_over());
}

#[test]
fn a_consent_is_written_back_if_shopify_takes_it() {
    use domain::{Consent, ConsentLevel, ConsentSource};
    let consent = |state| Consent {
        state,
        level: ConsentLevel::ConfirmedOptIn,
        source: ConsentSource::Person,
        method: None,
        at: "2026-04-25T01:24:48Z".parse().unwrap(),
    };
    let ask = EmailConsent::of(9, &consent(ConsentState::Unsubscribed)).unwrap();
    insta::assert_json_snapshot!(ask, @r#"
    {
      "input": {
        "customerId": "gid://shopify/Customer/9",
        "emailMarketingConsent": {
          "marketingState": "UNSUBSCRIBED",
          "marketingOptInLevel": "CONFIRMED_OPT_IN",
          "consentUpdatedAt": "2026-04-25T01:24:48Z"
        }
      }
    }
    "#);
    for state in [ConsentState::NotSubscribed, ConsentState::Invalid, ConsentState::Redacted] {
        assert!(SmsConsent::of(9, &consent(state)).is_none());
    }
    let done = |errors: Value| {
        read::<SmsConsent>(
            &json!({"customerSmsMarketingConsentUpdate": {"customer": null, "userErrors": errors}}),
        )
    };
    assert_eq!(done(json!([])), Ok(()));
    let refused = done(json!([{"field": null, "message": "x", "code": "MISSING_ARGUMENT"}]));
    assert!(refused.unwrap_err().is_not_done_by("MISSING_ARGUMENT"));
    let email = json!({"customerEmailMarketingConsentUpdate": {"customer": null, "userErrors": []}});
    assert_eq!(read::<EmailConsent>(&email), Ok(()));
}

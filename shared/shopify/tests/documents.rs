//! Every document of ours is valid by Shopify's schema, and so are the topics that we ask for.

use apollo_compiler::{ExecutableDocument, Schema, schema::ExtendedType, validation::Valid};
use shopify::{
    ApiVersion, Topic,
    graph::{self, Ask, BulkRun, Window},
};
use std::{fs, path::Path};

fn ours(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn schema() -> Valid<Schema> {
    let path = ours("schema").join(format!("admin_{}.used-subset.graphql", ApiVersion::PINNED));
    let text = fs::read_to_string(&path).expect("the schema of the version that we ask for");
    Schema::parse_and_validate(text, path).expect("the schema is valid")
}

fn wrong(schema: &Valid<Schema>, document: &str) -> Option<String> {
    let read = ExecutableDocument::parse_and_validate(schema, document, "document.graphql");
    read.err().map(|wrong| wrong.errors.to_string())
}

#[test]
fn every_document_is_valid() {
    let schema = schema();
    let mut seen = 0;
    for entry in fs::read_dir(ours("queries")).unwrap() {
        let path = entry.unwrap().path();
        let document = fs::read_to_string(&path).unwrap();
        assert_eq!(wrong(&schema, &document), None, "{}", path.display());
        seen += 1;
    }
    assert!(seen > 20, "the documents are there");
    // The rule bites.
    assert!(wrong(&schema, "{ shop { owner } }").is_some());
    assert!(wrong(&schema, "query Q($id: ID!) { customer(id: $id) { id(x: 1) } }").is_some());
}

#[test]
fn variables_are_those_that_the_document_declares() {
    fn check<A: Ask>(schema: &Valid<Schema>, ask: &A) {
        let document =
            ExecutableDocument::parse_and_validate(schema, A::DOCUMENT, "document.graphql").unwrap();
        let operation = document.operations.iter().next().expect("one operation");
        let body: serde_json::Value = serde_json::from_slice(&graph::request(ask)).unwrap();
        let variables = serde_json_bytes(&body["variables"]);
        let coerced = apollo_compiler::request::coerce_variable_values(schema, operation, &variables);
        assert!(
            coerced.is_ok(),
            "{:?} {}",
            coerced.err().map(|wrong| wrong.message().to_string()),
            body["variables"]
        );
        let declared: Vec<_> = operation.variables.iter().map(|variable| variable.name.as_str()).collect();
        for name in body["variables"].as_object().unwrap().keys() {
            assert!(declared.contains(&name.as_str()), "{name} is not declared");
        }
    }
    let schema = schema();
    let window =
        Window { since: "2026-11-20T00:00:00Z".parse().ok(), before: "2026-11-21T00:00:00Z".parse().ok() };
    let stretch = || graph::Stretch::updated(&window, 250, Some("cursor".to_owned()));
    let consent = domain::Consent {
        state: domain::ConsentState::Unsubscribed,
        level: domain::ConsentLevel::SingleOptIn,
        source: domain::ConsentSource::Person,
        method: None,
        at: domain::Timestamp::UNIX_EPOCH,
    };
    for metafields in [Vec::new(), vec!["facts.birth_date".to_owned()]] {
        check(&schema, &graph::CustomersPage::of(stretch(), metafields.clone()));
        check(&schema, &graph::CustomerById::new(u64::MAX, metafields));
    }
    check(&schema, &graph::OrdersPage(stretch()));
    check(&schema, &graph::OrderById::new(7));
    check(&schema, &graph::OrderLines::behind(7, "cursor".to_owned()));
    check(&schema, &graph::ProductsPage(stretch()));
    check(&schema, &graph::ProductById::new(7));
    check(&schema, &graph::CheckoutsPage::begun(&window, 50, None));
    check(&schema, &graph::DeletedPage::within(&window, 250, None));
    check(&schema, &graph::SubscriptionsPage::behind(None));
    check(&schema, &graph::Subscribe::to(&Topic::OrdersUpdated, "https://app.example.com/webhooks"));
    check(&schema, &graph::Unsubscribe { id: "gid://shopify/WebhookSubscription/1".to_owned() });
    check(&schema, &graph::ShopInfo {});
    check(&schema, &graph::Counts::default());
    check(&schema, &graph::Counts::updated(&window));
    check(&schema, &BulkRun::orders(&window));
    check(&schema, &graph::BulkStatus { id: "gid://shopify/BulkOperation/1".to_owned() });
    check(&schema, &graph::BulkCancel { id: "gid://shopify/BulkOperation/1".to_owned() });
    check(&schema, &graph::EmailConsent::of(7, &consent).unwrap());
    check(&schema, &graph::SmsConsent::of(7, &consent).unwrap());
}

fn serde_json_bytes(value: &serde_json::Value) -> apollo_compiler::response::JsonMap {
    serde_json::from_value(value.clone()).expect("variables are an object")
}

#[test]
fn what_bulk_operations_ask_is_valid() {
    let schema = schema();
    for window in [Window::default(), Window { since: "2026-11-20T00:00:00Z".parse().ok(), before: None }] {
        let (none, some) = (Vec::new(), vec!["facts.birth_date".to_owned(), "taste.roast".to_owned()]);
        let customers = [none, some].map(|metafields| BulkRun::customers(&window, &metafields));
        for run in customers.into_iter().chain([BulkRun::orders(&window)]) {
            let body: serde_json::Value = serde_json::from_slice(&graph::request(&run)).unwrap();
            let query = body["variables"]["query"].as_str().unwrap();
            assert_eq!(wrong(&schema, query), None, "{query}");
        }
    }
}

#[test]
fn every_topic_can_be_asked_for() {
    let schema = schema();
    let Some(ExtendedType::Enum(topics)) = schema.types.get("WebhookSubscriptionTopic") else {
        panic!("the schema has topics")
    };
    for topic in Topic::ALL {
        let is_known = topics.values.contains_key(topic.in_graphql().as_str());
        assert_ne!(is_known, topic.is_compliance(), "{topic}");
    }
}

//! What `shopify.app.toml` tells Shopify is what the code understands.

use shopify::{ApiVersion, Topic, oauth::Scopes};
use std::{collections::BTreeSet, fs, path::Path};
use toml::Value;

fn told() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shopify.app.toml");
    let text = fs::read_to_string(path).expect("the app's file");
    text.parse::<toml::Table>().expect("TOML").into()
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

#[test]
fn the_app_asks_for_the_topics_that_are_understood() {
    let told = told();
    let subscriptions = told["webhooks"]["subscriptions"].as_array().unwrap();
    let of = |kind: &str| {
        let all = subscriptions.iter().flat_map(|subscription| texts(subscription.get(kind)));
        let all: Vec<Topic> = all.map(|name| name.parse().unwrap()).collect();
        let each: BTreeSet<_> = all.iter().cloned().collect();
        assert_eq!(each.len(), all.len(), "a topic is asked for twice");
        each
    };
    assert_eq!(of("topics"), Topic::ASKED_FOR.iter().cloned().collect());
    let compliance = Topic::ALL.iter().filter(|topic| topic.is_compliance()).cloned().collect();
    assert_eq!(of("compliance_topics"), compliance);
    assert!(Topic::ASKED_FOR.iter().all(|topic| Topic::ALL.contains(topic) && !topic.is_compliance()));
    assert!(
        subscriptions.iter().all(|subscription| subscription["uri"].as_str() == Some("/webhooks/shopify"))
    );
}

#[test]
fn the_app_is_of_the_version_that_is_asked_and_of_scopes_that_are_scopes() {
    let told = told();
    let version = told["webhooks"]["api_version"].as_str().unwrap();
    assert_eq!(version.parse(), Ok(ApiVersion::PINNED));
    let scopes: Scopes = told["access_scopes"]["scopes"].as_str().unwrap().parse().unwrap();
    let needed = "read_customers,write_customers,read_orders,read_products,read_locations".parse().unwrap();
    assert!(scopes.cover(&needed));
    let optional: Vec<_> = texts(told["access_scopes"].get("optional_scopes")).collect();
    assert_eq!(optional, [domain::connection::ALL_ORDERS]);
    assert_eq!(told["embedded"].as_bool(), Some(true));
}

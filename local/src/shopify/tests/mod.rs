//! A shop of a few customers, asked as we ask: whatever it answers is held against the schema and against its own books.

mod asked;
mod bulk;
mod doors;
mod errors;
mod grants;
mod kept;
mod typed;

use axum::{
    body::Body,
    http::{HeaderMap, Request, header},
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

pub(crate) use super::DOMAIN;
use super::{AppSettings, Shop, Shopify};
use crate::{
    demo::Wish,
    world::{HandClock, SeededDice},
};
use jiff::Timestamp;

const BASE: &str = "http://shopify.test/shopify";
pub(crate) const BACK: &str = "https://crm.test/auth/callback";
const SCOPES: [&str; 6] = [
    "read_customers",
    "write_customers",
    "read_orders",
    "read_all_orders",
    "read_products",
    "read_locations",
];

/// A shop with the app installed, and a token to ask it with.
pub(crate) struct Stand {
    pub(crate) clock: Arc<HandClock>,
    pub(crate) shopify: Shopify,
    pub(crate) shop: Arc<Shop>,
    pub(crate) token: String,
}

pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// `None`: the connection ended before the answer did.
    pub(crate) text: Option<String>,
}

pub(crate) fn settings() -> AppSettings {
    AppSettings {
        client_id: "demo-app".to_owned(),
        client_secret: "first secret".to_owned(),
        application_url: "https://crm.test/app".to_owned(),
        redirect_urls: vec![BACK.to_owned()],
        subscriptions: Vec::new(),
        optional_scopes: vec!["read_all_orders".to_owned()],
        api_version: "2026-10".to_owned(),
    }
}

impl Stand {
    pub(crate) async fn of(customers: u32) -> Self {
        Self::with(settings(), customers).await
    }

    pub(crate) async fn with(settings: AppSettings, customers: u32) -> Self {
        let clock = Arc::new(HandClock::at(Timestamp::from_second(1_790_000_000).expect("a time in 2026")));
        let shopify = Shopify::at(BASE, settings, clock.clone(), Arc::new(SeededDice::new(3)));
        let shop = shopify.open(DOMAIN, Wish { customers, seed: 7 }).expect("memory holds");
        let mut stand = Self { clock, shopify, shop, token: String::new() };
        stand.token = stand.installed().await["access_token"].as_str().expect("a token").to_owned();
        stand
    }

    /// What the token endpoint answers after an installation.
    pub(crate) async fn installed(&self) -> Value {
        let code = self.code().await;
        self.granted(&[("code", &code), ("expiring", "1")]).await.1
    }

    /// As a merchant who presses Install: the code of the callback.
    pub(crate) async fn code(&self) -> String {
        let told = self.get(&format!("/admin/oauth/install?{}", asked(&SCOPES, "s"))).await;
        assert_eq!(told.status, 303, "{:?}", told.text);
        told.query()["code"].clone()
    }

    /// The token endpoint, as the app speaks to it.
    pub(crate) async fn granted(&self, more: &[(&str, &str)]) -> (u16, Value) {
        let mut told = BTreeMap::from([("client_id", "demo-app"), ("client_secret", "first secret")]);
        told.extend(more.iter().copied());
        let answer = self.send("POST", "/admin/oauth/access_token", &[], &json!(told).to_string()).await;
        (answer.status, answer.json())
    }

    pub(crate) async fn get(&self, path: &str) -> Told {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Told {
        let mut request = Request::builder().method(method).uri(format!("/{DOMAIN}{path}"));
        request = request.header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).expect("a request");
        let Ok(answer) = tower::ServiceExt::oneshot(self.shopify.router(), request).await;
        let (parts, body) = answer.into_parts();
        let text =
            body.collect().await.ok().map(|body| String::from_utf8_lossy(&body.to_bytes()).into_owned());
        Told { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    pub(crate) async fn question(&self, query: &str, variables: &Value) -> Told {
        let body = json!({"query": query, "variables": variables}).to_string();
        let token = [("x-shopify-access-token", self.token.as_str())];
        self.send("POST", "/admin/api/2026-10/graphql.json", &token, &body).await
    }

    /// The whole answer to a question that is let in.
    pub(crate) async fn ask(&self, query: &str, variables: &Value) -> Value {
        let told = self.question(query, variables).await;
        assert_eq!(told.status, 200, "{:?}", told.text);
        // Points come back, so that a test is not held up.
        self.clock.advance_seconds(20);
        told.json()
    }

    /// The data of a question that nothing is wrong with.
    pub(crate) async fn data(&self, query: &str, variables: &Value) -> Value {
        let told = self.ask(query, variables).await;
        assert!(told.get("errors").is_none(), "{}", told["errors"]);
        told["data"].clone()
    }

    /// All nodes of a list, page by page.
    pub(crate) async fn pages(&self, query: &str, name: &str, variables: &Value) -> Vec<Value> {
        let (mut all, mut after) = (Vec::new(), Value::Null);
        loop {
            let mut variables = variables.clone();
            variables["after"] = after;
            let page = self.data(query, &variables).await[name].take();
            all.extend(page["nodes"].as_array().expect("nodes").clone());
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                return all;
            }
        }
    }
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        let text = self.text.as_deref().expect("an answer that ends");
        serde_json::from_str(text).unwrap_or_else(|_| panic!("{text} is no JSON"))
    }

    /// What a browser is sent on with.
    pub(crate) fn query(&self) -> BTreeMap<String, String> {
        let to = self.headers[header::LOCATION].to_str().expect("an address");
        let to: url::Url = to.parse().expect("an address");
        to.query_pairs().into_owned().collect()
    }
}

/// The query of an authorization request.
pub(crate) fn asked(scopes: &[&str], state: &str) -> String {
    let scopes = scopes.join(",");
    let pairs = [("client_id", "demo-app"), ("scope", &scopes), ("redirect_uri", BACK), ("state", state)];
    let url = url::Url::parse_with_params("x:/", pairs).expect("pairs make a query");
    url.query().unwrap_or_default().to_owned()
}

/// One of our own documents.
pub(crate) fn document(name: &str) -> String {
    let path = format!("{}/../shared/shopify/queries/{name}.graphql", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{path} cannot be read"))
}

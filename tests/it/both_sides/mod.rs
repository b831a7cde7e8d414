//! What stands for Shopify at home, and what understands Shopify, were written apart from each other. Here they meet.

mod connecting;
mod pages;
mod telling;

use axum::{body::Body, http::Request};
use domain::Timestamp;
use http_body_util::BodyExt;
use local::{
    demo::Wish,
    shopify::{AppSettings, DOMAIN, Shop, Shopify},
    world::{HandClock, SeededDice},
};
use shopify::{
    App, Origin, Reading, Secret, ShopDomain, Topic,
    graph::{self, Answered, Ask, Refused, Response},
    oauth::{self, Access, Callback, Question, Scopes, TokenAsk, Tokens},
};
use std::sync::Arc;

const HOME: &str = "http://shopify.test/shopify";
const BACK: &str = "https://crm.test/auth/callback";
const SCOPES: &str =
    "read_customers,write_customers,read_orders,read_all_orders,read_products,read_locations";

/// A shop, and what the product knows of itself.
struct Sides {
    clock: Arc<HandClock>,
    shopify: Shopify,
    shop: Arc<Shop>,
    app: App,
    origin: Origin,
}

struct Came {
    status: u16,
    headers: axum::http::HeaderMap,
    body: Vec<u8>,
}

impl Came {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Sides {
    fn of(customers: u32) -> Self {
        let (id, secret) = ("regulars-test", "a secret between the two of them");
        let clock = Arc::new(HandClock::at(Timestamp::from_second(1_790_000_000).expect("a time in 2026")));
        let topics = Topic::ALL.iter().filter(|topic| topic.is_compliance()).chain(Topic::ASKED_FOR);
        let settings = AppSettings {
            client_id: id.to_owned(),
            client_secret: secret.to_owned(),
            application_url: "https://crm.test/app".to_owned(),
            redirect_urls: vec![BACK.to_owned()],
            subscriptions: topics
                .map(|topic| (topic.to_string(), "https://crm.test/webhooks".to_owned()))
                .collect(),
            optional_scopes: Vec::new(),
            api_version: shopify::ApiVersion::PINNED.to_string(),
        };
        let shopify = Shopify::at(HOME, settings, clock.clone(), Arc::new(SeededDice::new(3)));
        let shop = shopify.open(DOMAIN, Wish { customers, seed: 7 }).expect("memory holds it");
        let app = App { client_id: id.to_owned(), secret: Secret::new(secret), old_secret: None };
        Self { clock, shopify, shop, app, origin: Origin::Beneath(HOME.to_owned()) }
    }

    fn now(&self) -> Timestamp {
        flows::Clock::now(&*self.clock)
    }

    fn domain(&self) -> ShopDomain {
        self.shop.domain().parse().expect("a shop's domain")
    }

    async fn send(&self, method: &str, url: &str, token: Option<&Secret>, body: Vec<u8>) -> Came {
        let path = url.strip_prefix(HOME).expect("an address of the shop's");
        let mut request =
            Request::builder().method(method).uri(path).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header(graph::TOKEN_HEADER, token.expose());
        }
        let request = request.body(Body::from(body)).expect("a request");
        let Ok(answer) = tower::ServiceExt::oneshot(self.shopify.router(), request).await;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
        Came { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// The merchant is asked, and presses Install.
    async fn callback(&self, state: &str) -> Callback {
        let scopes: Scopes = SCOPES.parse().expect("scopes");
        let question = Question {
            shop: &self.domain(),
            scopes: &scopes,
            redirect_uri: BACK,
            state,
            access: Access::Offline,
        };
        let asked = question.url(&self.app, &self.origin);
        let screen = self.send("GET", &asked, None, Vec::new()).await;
        assert_eq!(screen.status, 200, "{asked}");
        let pressed = self.send("GET", &asked.replace("authorize", "install"), None, Vec::new()).await;
        let back = pressed.header("location").expect("they are sent back").to_owned();
        let query = back.strip_prefix(BACK).and_then(|rest| rest.strip_prefix('?')).expect("to us");
        Callback::read(query, &self.app, self.now()).expect("Shopify sent them")
    }

    async fn tokens(&self, ask: TokenAsk<'_>) -> Result<Tokens, oauth::TokenRefusal> {
        let url = self.origin.url(&self.domain(), oauth::TOKEN_PATH);
        let came = self.send("POST", &url, None, ask.json()).await;
        oauth::tokens(came.status, came.header("retry-after"), &came.body, self.now())
    }

    async fn connected(&self) -> Tokens {
        let callback = self.callback("state").await;
        assert!(callback.answers("state") && !callback.answers("another"));
        self.tokens(TokenAsk::code(&self.app, &callback.code)).await.expect("tokens")
    }

    async fn ask<A: Ask>(&self, tokens: &Tokens, ask: &A) -> Result<Answered<A::Answer>, Refused> {
        let url = self.origin.url(&self.domain(), &graph::path());
        let came = self.send("POST", &url, Some(&tokens.access), graph::request(ask)).await;
        let answer = graph::answer::<A>(&Response {
            status: came.status,
            version: came.header(graph::VERSION_HEADER),
            retry_after: came.header("retry-after"),
            body: &came.body,
        });
        // Points come back, so that a test is not held up.
        self.clock.advance_seconds(20);
        answer
    }

    async fn told<A: Ask>(&self, tokens: &Tokens, ask: &A) -> A::Answer {
        let answered = self.ask(tokens, ask).await.expect("an answer");
        assert!(answered.cost.is_some() && !answered.fell_forward());
        answered.it
    }
}

/// The demo shop counts in euros.
fn reading() -> Reading<'static> {
    Reading { currency: "EUR".parse().expect("a currency"), country: Some("DE") }
}

//! What a shop tells, one event after the other: each of a thing that nobody has told of before, by its number.

use serde_json::{Value, json};

use crate::event::{self, Event};

/// So many people buy, one after the other and then again.
const BUYERS: u64 = 5_000;

/// What stands where the numbers come.
const ID: &str = "4444444444444444";
const BUYER: &str = "5555555555555555";
const CALLED: &str = "666666666";

#[derive(Clone, Copy)]
pub(crate) enum Topic {
    /// Of one of those who buy.
    Order,
    Customer,
}

/// A shop that has its app at this port.
pub(crate) struct Shop {
    pub(crate) port: u16,
    secret: String,
    domain: String,
    at: String,
    order: String,
    customer: String,
}

impl Topic {
    pub(crate) fn read(word: &str) -> Option<Self> {
        [Self::Order, Self::Customer].into_iter().find(|topic| topic.name() == word)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Order => "orders/create",
            Self::Customer => "customers/create",
        }
    }
}

impl Shop {
    /// At that instant all of it happens.
    pub(crate) fn new(port: u16, secret: &str, domain: &str, at: &str) -> Self {
        let (secret, domain, at) = (secret.to_owned(), domain.to_owned(), at.to_owned());
        let (order, customer) = (order(&at).to_string(), customer(&at).to_string());
        Self { port, secret, domain, at, order, customer }
    }

    /// As it goes over the wire.
    pub(crate) fn request(&self, topic: Topic, number: u64) -> Vec<u8> {
        let (body, first) = match topic {
            Topic::Order => (&self.order, 4_000_000_000_000_000),
            Topic::Customer => (&self.customer, 6_000_000_000_000_000),
        };
        let body = body
            .replace(ID, &(first + number).to_string())
            .replace(BUYER, &(5_000_000_000_000_000 + number % BUYERS).to_string())
            .replace(CALLED, &called(number));
        let id = format!("00000000-0000-4000-a000-{number:012x}");
        let event = Event { topic: topic.name(), shop: &self.domain, id: &id, at: &self.at };
        let signature = event::signature(&self.secret, body.as_bytes());
        let mut request = format!("POST /webhooks/shopify HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n", self.port);
        for (name, value) in event.headers(&signature) {
            request += &format!("{name}: {value}\r\n");
        }
        let length = body.len();
        request += &format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}");
        request.into_bytes()
    }

    /// Asks the list whether it is there.
    pub(crate) fn question(&self, topic: Topic, number: u64, token: &str) -> Vec<u8> {
        let list = match topic {
            Topic::Order => format!("orders?search=%23{}", called(number)),
            Topic::Customer => format!("customers?search=new{}", called(number)),
        };
        let host = format!("host: 127.0.0.1:{}\r\nauthorization: Bearer {token}", self.port);
        format!("GET /api/v1/{list}&limit=1 HTTP/1.1\r\n{host}\r\n\r\n").into_bytes()
    }
}

/// Nine digits, whichever it is: all orders are as long.
fn called(number: u64) -> String {
    (100_000_000 + number).to_string()
}

/// The sample in euros, and paid.
fn order(at: &str) -> Value {
    let sample = event::sample().to_string().replace("\"USD\"", "\"EUR\"");
    let mut order: Value = serde_json::from_str(&sample).expect("the sample in euros is JSON");
    let more = json!({
        "id": number(ID), "admin_graphql_api_id": format!("gid://shopify/Order/{ID}"), "name": format!("#{CALLED}"),
        "cancelled_at": null, "cancel_reason": null, "financial_status": "paid", "test": false,
        "created_at": at, "processed_at": at, "updated_at": at,
    });
    let buyer = json!({
        "id": number(BUYER), "admin_graphql_api_id": format!("gid://shopify/Customer/{BUYER}"),
        "email": format!("buyer.{BUYER}@example.com"), "created_at": at, "updated_at": at,
    });
    put(&mut order["customer"], buyer);
    put(&mut order, more);
    event::small(order)
}

fn customer(at: &str) -> Value {
    let sample = include_str!("../../events/shopify/customers/create.json");
    let mut customer: Value = serde_json::from_str(sample).expect("the sample is JSON");
    let more = json!({
        "id": number(ID), "admin_graphql_api_id": format!("gid://shopify/Customer/{ID}"),
        "email": format!("new{CALLED}@example.com"), "created_at": at, "updated_at": at,
    });
    put(&mut customer, more);
    customer
}

fn number(digits: &str) -> Value {
    digits.parse::<u64>().expect("digits").into()
}

fn put(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

//! What the law lets people ask of a shop is done: all of it, in time, and for good (WHK-07).

mod crashes;
mod data;
mod ends;
mod erasing;
mod late;
mod letters;
mod listing;
mod merged;
mod refused;
mod scan;
mod shop;
mod stretches;
mod words;

use domain::{Queue, RequestId, privacy::Request};
use local::World;
use serde_json::{Value, json};

use crate::{
    cast::{PASSWORD, Person, login},
    shop_events::{Shop, with},
};

/// Somebody who is found by no other's marks.
pub(super) const QUIRINIA: u64 = 7_001_222_333;
pub(super) const EMAIL: &str = "quirinia.zaphod@example.com";
const PHONE: &str = "+14155550142";

/// The shop tells it, and everything that comes of it ends, also what nobody can deal with.
pub(super) async fn told(world: &World, shop: &Shop, topic: &str, body: &Value) {
    let answer = world.hook(&shop.domain, topic, body).await.send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    ended(world).await;
}

/// Whatever is under way ends, and every request that waited for it.
pub(super) async fn ended(world: &World) {
    world.storm_through().await;
    for _ in 0..40 {
        let items = world.table.dump().expect("memory holds");
        let mut requests = items.into_iter().filter(|item| item.key.sk.starts_with("PRV#"));
        if !requests.any(|item| format!("{:?}", item.body).contains("\"open\"")) {
            return;
        }
        world.storm_through().await;
    }
    panic!("a request is not answered");
}

pub(super) fn asked(shop: &Shop, id: u64, email: &str, phone: Option<&str>) -> Value {
    json!({"shop_id": 1, "shop_domain": shop.domain, "customer": {"id": id, "email": email, "phone": phone},
        "orders_to_redact": [], "orders_requested": [], "data_request": {"id": 9_999}})
}

/// A basket of theirs.
pub(super) fn checkout(token: &str, id: u64, more: &Value) -> Value {
    let body = json!({"token": token, "cart_token": format!("c-{token}"), "updated_at": "2026-09-01T09:50:00Z", "customer": {"id": id}, "currency": "USD",
        "total_price": "25.00", "line_items": [], "abandoned_checkout_url": format!("https://shop.example/recover/{token}")});
    with(body, more)
}

/// A campaign to everybody who has a mail address, about something that they did, and all that comes of it. Answers its id.
pub(super) async fn launched(world: &World, shop: &Shop, more: &Value) -> String {
    let owner = signed(world, shop).await;
    let told = json!({"name": "Spring", "kind": "transactional", "subject": "Hi", "html": "<p>Hi</p>", "rule": "EVERYONE"});
    let made = owner.post(world, "/api/v1/campaigns", &with(told, more)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.text_at("/id");
    let launched = owner.post(world, &format!("/api/v1/campaigns/{id}/launch"), &json!({})).await;
    assert_eq!(launched.status, 200, "{}", launched.text);
    ended(world).await;
    id
}

/// The tokens of all baskets that are known.
pub(super) fn baskets(world: &World) -> Vec<String> {
    let all = world.table.dump().expect("memory holds").into_iter().map(|item| item.key);
    all.filter(|key| key.pk.ends_with("#B")).map(|key| key.sk).collect()
}

/// What else those are named, and what is named so no more.
pub(super) fn basket_names(world: &World) -> Vec<String> {
    let all = world.table.dump().expect("memory holds").into_iter().map(|item| item.key);
    all.filter(|key| key.pk.ends_with("#N")).map(|key| key.sk).collect()
}

/// Newest first.
pub(super) async fn requests(world: &World, shop: &Shop) -> Vec<Request> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let (requests, next) = shop.store(world).requests(100, after).await.expect("memory holds");
        all.extend(requests.into_iter().map(store::Held::into_inner));
        match next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

/// The owner, whose sign-in of before may be over by now.
pub(super) async fn signed(world: &World, shop: &Shop) -> Person {
    Person::of(&login(world, &shop.owner.email, PASSWORD).await)
}

pub(super) async fn listed(world: &World, owner: &Person) -> Value {
    let answer = owner.get(world, "/api/v1/tenants/me/privacy").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.at("/items")
}

pub(super) fn answering(shop: &Shop, request: RequestId) -> (Queue, String) {
    let task = json!({"task": "answer_request", "tenant": shop.owner.tenant, "request": request});
    (Queue::Import, task.to_string())
}

/// As the queue brings it, whenever it does, under that id.
pub(super) async fn brought(world: &World, shop: &Shop, topic: &str, body: &Value, id: &str) {
    let task = bringing(shop, topic, body, id);
    world.deliver(Queue::Ingest, &task).await.unwrap_or_else(|error| panic!("{topic}: {error:?}"));
}

pub(super) fn bringing(shop: &Shop, topic: &str, body: &Value, id: &str) -> String {
    let event = json!({"shop": shop.domain, "topic": topic, "version": "2026-10", "id": id,
        "received_at": "2026-09-22T00:00:00Z", "body": {"text": body.to_string()}});
    json!({"task": "apply_event", "event": event}).to_string()
}

/// The id of a request for somebody's data, of this person's shop.
pub(crate) async fn data_request(world: &World, owner: &Person, name: &str) -> String {
    let shop = Shop { owner: owner.clone(), domain: format!("{name}.myshopify.com") };
    let body = asked(&shop, 70_001, "nobody@example.com", None);
    world.hook(&shop.domain, "customers/data_request", &body).await.send().await;
    world.settle().await;
    owner.get(world, "/api/v1/tenants/me/privacy").await.text_at("/items/0/id")
}

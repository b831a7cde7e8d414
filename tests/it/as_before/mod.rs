//! What the systems that merchants come from were sent is sent here as it was, and answered with all that they answered: under our
//! names, in our envelopes (SEG-01, 05, 06, 07, 11, 15, ANA-01, 03 to 12, CUS-10, 11, TEN-05, AI-01).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::{
    cast::Person,
    customers::{made, shop, told},
    links::{launched, reader},
    orders::ordered,
};
use domain::campaign::Heard;
use flows::Clock;
use local::{World, world::Answer};
use serde_json::{Value, json};

/// A shop with customers, orders, two segments, a list and a campaign that went out.
struct House {
    world: World,
    owner: Person,
    ada: String,
    segments: [String; 2],
    campaign: String,
}

impl House {
    async fn new() -> Self {
        let world = World::new(1).await;
        let owner = shop(&world, "owner").await;
        let ada = reader(&world, &owner, "Ada").await;
        let _ = reader(&world, &owner, "Bo").await;
        for (customer, total) in [(json!({"customer_id": ada}), "6000"), (json!({"walk_in": true}), "10")] {
            let mut order = json!({"total": total, "status": "paid", "placed_at": "2026-09-20T12:00:00Z"});
            order.as_object_mut().unwrap().extend(customer.as_object().unwrap().clone());
            ordered(&world, &owner, &order).await;
        }
        let mut segments = Vec::new();
        for (name, rule) in [("Rich", "amount_spent > 100"), ("All", "EVERYONE")] {
            let body = json!({"name": name, "rule": rule});
            segments.push(owner.post(&world, "/api/v1/segments", &body).await.text_at("/id"));
        }
        world.settle().await;
        let letter = json!({"name": "Spring", "kind": "newsletter", "rule": "EVERYONE", "subject": "Hi",
            "html": "<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>"});
        let campaign = launched(&world, &owner, &letter).await;
        let house = Self { world, owner, ada, segments: segments.try_into().unwrap(), campaign };
        house.arrived().await;
        house
    }

    /// As a provider would have told it: one came, and one came back.
    async fn arrived(&self) {
        let store = self.world.store_of(self.owner.tenant.parse().unwrap());
        let id = self.campaign.parse().unwrap();
        let held = store.campaign_chunk(id, 0).await.unwrap().unwrap();
        let mut after = domain::campaign::Chunk::clone(&held);
        for place in 0..after.messages.len() {
            after.hear(place, Heard::Delivered, self.world.clock.now());
        }
        let (step, _) = store.chunk_put(id, 0, Some(&held), after);
        store.commit(vec![step]).await.unwrap();
        for _ in 0..3 {
            self.world.tick().await;
            self.world.settle().await;
        }
    }

    fn filled(&self, text: &str) -> String {
        let filled = text.replace("{customer}", &self.ada).replace("{campaign}", &self.campaign);
        let filled = filled.replace("{listed}", LISTED);
        filled.replace("{segment}", &self.segments[0]).replace("{other}", &self.segments[1])
    }

    /// It succeeds, and tells something at each of these places.
    async fn answers(&self, (method, path, body): &(&str, &str, Value), told: &str) {
        let answer = self.sent(method, path, body).await;
        assert!(answer.status.is_success(), "{method} {path} {body}: {} {}", answer.status, answer.text);
        for at in told.split_whitespace() {
            assert!(!answer.at(at).is_null(), "{method} {path} tells nothing at {at}: {}", answer.text);
        }
    }

    async fn sent(&self, method: &str, path: &str, body: &Value) -> Answer {
        let (path, body) = (self.filled(path), self.filled(&body.to_string()));
        let call = self.world.call(method, &path).bearer(&self.owner.access);
        if method == "GET" {
            return call.send().await;
        }
        call.raw(&body).header("content-type", "application/json").send().await
    }
}

/// Requests, and where in the answers there must be something.
const ASKED: &str = include_str!("asked.txt");

/// A rule in a link.
const LISTED: &str = "%5B%7B%22id%22:%221%22,%22operator%22:%22AND%22,%22rules%22:%5B%7B%22id%22:%222%22,%22field%22:%22total_spend%22,%22operator%22:%22%3E%22,%22value%22:100%7D%5D%7D%5D";

#[tokio::test]
async fn whatever_was_asked_before_is_answered() {
    let house = House::new().await;
    let (mut asked, mut count) = (("", "", json!({})), 0);
    for line in ASKED.lines() {
        if let Some((method, path)) = line.strip_prefix("> ").and_then(|line| line.split_once(' ')) {
            asked = (method, path, json!({}));
        } else if let Some(body) = line.strip_prefix("  ") {
            asked.2 = serde_json::from_str(body).unwrap();
        } else if let Some(told) = line.strip_prefix('=') {
            house.answers(&asked, told).await;
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

#[tokio::test]
async fn campaigns_are_in_what_is_told_of_a_customer_and_of_a_time() {
    let house = House::new().await;
    let of_ada = house.sent("GET", "/api/customers/{customer}/analytics", &json!({})).await;
    let expected =
        json!({"total": 1, "delivered": 1, "failed": 0, "opened": 0, "clicked": 0, "has_older": false});
    assert_eq!(of_ada.at("/campaign_stats"), expected, "{}", of_ada.text);
    for (query, launched) in [("timeframe=7d", 1), ("since=2026-09-01&until=2026-09-20", 0)] {
        let board = house.sent("GET", &format!("/api/analytics/dashboard?{query}"), &json!({})).await;
        let stats = ["total_campaigns", "total_messages", "delivered_messages"];
        let stats = stats.map(|name| board.at(&format!("/campaign_stats/{name}")));
        assert_eq!(
            stats,
            [launched, 2 * launched, 2 * launched].map(|count| json!(count)),
            "{query}: {}",
            board.text
        );
        let campaigns = board.at("/recent_activity/campaigns").as_array().map(Vec::len);
        assert_eq!(campaigns, usize::try_from(launched).ok(), "{query}");
    }
    let key = json!({"name": "k", "scopes": ["customers:read", "orders:read"]});
    let key = house.owner.post(&house.world, "/api/v1/api-keys", &key).await.text_at("/key");
    let program = Person { access: key, ..house.owner.clone() };
    let board = program.get(&house.world, "/api/v1/analytics/dashboard").await;
    for at in ["/campaign_stats", "/summary/active_campaigns", "/recent_activity/campaigns"] {
        assert_eq!(
            (board.status.as_u16(), board.at(at)),
            (200, Value::Null),
            "who may not read campaigns: {at}"
        );
    }
}

#[tokio::test]
async fn a_preview_shows_as_many_as_are_asked_for_and_estimates_where_it_is_asked_to() {
    let house = House::new().await;
    let asked = async |body: Value| house.sent("POST", "/api/v1/segments/preview", &body).await;
    let everybody = asked(json!({"rule": "EVERYONE", "limit": 1})).await;
    let sample = everybody.at("/sample").as_array().map(Vec::len);
    assert_eq!((everybody.at("/total"), sample), (json!(2), Some(1)), "{}", everybody.text);
    assert_eq!(everybody.at("/estimated_revenue"), Value::Null);
    let silent = asked(json!({"rule": "EVERYONE", "estimate": true})).await;
    let told_of = ["amount", "silence/code"].map(|at| silent.at(&format!("/estimated_revenue/{at}")));
    assert_eq!(told_of, [Value::Null, json!("not_worked_out_yet")], "{}", silent.text);
    for limit in [0, 101] {
        let refused = asked(json!({"rule": "EVERYONE", "limit": limit})).await;
        assert_eq!(told(&refused), (400, "out_of_range".to_owned(), "?limit".to_owned()));
    }
    let in_link = house.sent("GET", "/api/v1/segments/preview?rules=amount_spent+%3E+100", &json!({})).await;
    assert_eq!((in_link.at("/total"), in_link.text_at("/text")), (json!(1), "amount_spent > 100".to_owned()));
    for (query, code) in [("rules=nothing+here", 400), ("limit=5", 400), ("rules={}", 400)] {
        let refused = house.sent("GET", &format!("/api/v1/segments/preview?{query}"), &json!({})).await;
        assert_eq!(refused.status.as_u16(), code, "{query}: {}", refused.text);
    }
}

#[tokio::test]
async fn segments_are_listed_in_the_order_that_is_asked_for() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let path = "/api/v1/segments";
    for name in ["Ada", "Bob", "Cyd"] {
        made(&world, &owner, &json!({"name": name})).await;
    }
    for (name, rule) in
        [("beta", "first_name = 'Ada'"), ("Alpha", "EVERYONE"), ("Gamma", "first_name = 'Zoe'")]
    {
        let body = json!({"name": name, "rule": rule, "isActive": name != "Gamma"});
        assert_eq!(owner.post(&world, path, &body).await.status, 201);
        world.clock.advance_seconds(1);
    }
    world.settle().await;
    let names = |answer: &Answer| {
        assert_eq!(answer.status, 200, "{}", answer.text);
        let items = answer.at("/items").as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    for (query, expected) in [
        ("", "beta Alpha Gamma"),
        ("sortOrder=desc", "Gamma Alpha beta"),
        ("sortBy=name", "Alpha beta Gamma"),
        ("sort=name&order=desc", "Gamma beta Alpha"),
        ("sortBy=customerCount&sortOrder=desc", "Alpha beta Gamma"),
        ("isActive=true", "beta Alpha"),
        ("is_active=false", "Gamma"),
        ("offset=1", "Alpha Gamma"),
        ("offset=1&limit=1&sort=name", "beta"),
        ("offset=3", ""),
    ] {
        assert_eq!(names(&owner.get(&world, &format!("{path}?{query}")).await), expected, "{query}");
    }
    for order in ["sort=name&order=desc", "sort=count", ""] {
        let whole = names(&owner.get(&world, &format!("{path}?{order}")).await);
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = owner.get(&world, &format!("{path}?{order}&limit=1{cursor}")).await;
            seen.push(names(&page));
            let Some(next) = page.at("/next").as_str().map(str::to_owned) else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen.join(" "), whole, "{order}");
    }
    for (query, at) in [("sort=size", "?sort"), ("order=up", "?order"), ("offset=1&cursor=x", "?offset")] {
        let refused = owner.get(&world, &format!("{path}?{query}")).await;
        assert_eq!((refused.status.as_u16(), told(&refused).2), (400, at.to_owned()), "{query}");
    }
    let by_name = owner.get(&world, &format!("{path}?sort=name&limit=1")).await.text_at("/next");
    let other = owner.get(&world, &format!("{path}?sort=count&limit=1&cursor={by_name}")).await;
    assert_eq!(told(&other).1, "not_a_cursor", "a cursor of another order: {}", other.text);
}

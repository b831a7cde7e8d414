//! What a campaign came to is what SQL makes of the same messages and orders (CMP-11, ANA-12, DLV-08, 09).

use super::PATH;
use crate::{
    cast::Person,
    customers::{made, shop},
    links::launched,
    orders::ordered,
};
use domain::{CampaignId, campaign::Heard};
use flows::Clock;
use local::World;
use rusqlite::Connection;
use serde_json::{Value, json};
use store::{TenantStore, local::Units};

const PEOPLE: usize = 60;
const DAY: i64 = 86_400;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// A shop, three campaigns at some days' distance, and orders around them; and the same told to SQLite.
struct Books {
    world: World,
    owner: Person,
    store: TenantStore,
    campaigns: Vec<String>,
    people: Vec<String>,
    sql: Connection,
    dice: Dice,
}

fn cents(amount: &Value) -> i64 {
    let text = amount.as_str().unwrap_or_else(|| panic!("{amount} is no amount"));
    text.replace('.', "").parse().unwrap_or_else(|_| panic!("{text} is no amount"))
}

impl Books {
    async fn new() -> Self {
        let world = World::new(1).await;
        let owner = shop(&world, "owner").await;
        let scopes = [
            "account:read",
            "customers:read",
            "customers:manage",
            "orders:read",
            "orders:manage",
            "campaigns:read",
            "campaigns:manage",
        ];
        let key = owner.post(&world, "/api/v1/api-keys", &json!({"name": "k", "scopes": scopes})).await;
        let owner = Person { access: key.text_at("/key"), ..owner };
        let store = world.store_of(owner.tenant.parse().unwrap());
        let sql = Connection::open_in_memory().unwrap();
        sql.execute_batch(
            "CREATE TABLE people (id TEXT, tag TEXT, before_spent INTEGER);
             CREATE TABLE messages (campaign INTEGER, customer TEXT, at INTEGER, seen INTEGER, state TEXT);
             CREATE TABLE orders (id TEXT, customer TEXT, at INTEGER, net INTEGER, counts INTEGER);",
        )
        .unwrap();
        let (campaigns, people) = (Vec::new(), Vec::new());
        let mut books = Self { world, owner, store, campaigns, people, sql, dice: Dice(3) };
        for number in 0..PEOPLE {
            books.join(number).await;
        }
        for (number, tag) in ["all", "odd", "all"].into_iter().enumerate() {
            let rule = if tag == "all" { "EVERYONE" } else { "customer_tags CONTAINS 'odd'" };
            let body = json!({"name": format!("No {number}"), "kind": "newsletter", "rule": rule, "subject": "Hi",
                "html": "<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>"});
            let id = launched(&books.world, &books.owner, &body).await;
            books.campaigns.push(id);
            books.world.clock.advance_seconds(4 * DAY);
            for _ in 0..60 {
                books.order().await;
            }
        }
        books.world.clock.advance_seconds(8 * DAY);
        for _ in 0..40 {
            books.order().await;
        }
        books.heard().await;
        books.written().await;
        books
    }

    async fn join(&mut self, number: usize) {
        let spent = if number.is_multiple_of(7) { 1_000 } else { 0 };
        let tag = if number.is_multiple_of(2) { "even" } else { "odd" };
        let body = json!({"email": format!("p{number}@example.com"), "tags": [tag],
            "email_consent": {"state": "subscribed"}, "orders_count": u8::from(spent > 0),
            "total_spent": format!("{}.00", spent / 100)});
        let id = made(&self.world, &self.owner, &body).await;
        let _ = self.sql.execute("INSERT INTO people VALUES (?, ?, ?)", (&id, tag, spent)).unwrap();
        self.people.push(id);
    }

    /// Of the nine days before now.
    async fn order(&mut self) {
        let whose = self.people[usize::try_from(self.dice.roll(PEOPLE as u64)).unwrap()].clone();
        let ago = jiff::SignedDuration::from_secs(self.dice.roll(9 * 86_400).cast_signed());
        let at = self.world.clock.now() - ago;
        let mut body = match self.dice.roll(8) {
            0 => json!({"status": "pending"}),
            1 => json!({"status": "refunded"}),
            2 => json!({"status": "cancelled"}),
            3 => json!({"status": "paid", "test": true}),
            4 => json!({"status": "paid", "refunded": "3.50"}),
            _ => json!({"status": "paid"}),
        };
        body["customer_id"] = json!(whose);
        body["placed_at"] = json!(at.to_string());
        let price = format!("{}.25", 10 + self.dice.roll(90));
        body["lines"] = json!([{"title": "Tea", "quantity": 1, "price": price}]);
        let shown = ordered(&self.world, &self.owner, &body).await;
        self.note(&shown.json());
    }

    fn note(&self, order: &Value) {
        let counts = ["paid", "partially_paid", "partially_refunded"]
            .contains(&order["status"].as_str().unwrap())
            && order["cancelled_at"].is_null()
            && order["test"] != json!(true);
        let at: jiff::Timestamp = order["placed_at"].as_str().unwrap().parse().unwrap();
        let net = cents(&order["total"]) - cents(&order["refunded"]);
        let id = order["id"].as_str().unwrap();
        let _ = self.sql.execute("DELETE FROM orders WHERE id = ?", [id]).unwrap();
        let row = (id, order["customer"]["id"].as_str().unwrap(), at.as_second(), net, counts);
        let _ = self.sql.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", row).unwrap();
    }

    /// Some came back, some were read.
    async fn heard(&mut self) {
        for campaign in 0..self.campaigns.len() {
            let id: CampaignId = self.campaigns[campaign].parse().unwrap();
            for number in 0.. {
                let Some(held) = self.store.campaign_chunk(id, number).await.unwrap() else { break };
                let mut after = domain::campaign::Chunk::clone(&held);
                for place in 0..after.messages.len() {
                    let sent_at = after.messages[place].sent_at.unwrap();
                    let later =
                        sent_at + jiff::SignedDuration::from_secs(self.dice.roll(5 * 86_400).cast_signed());
                    match self.dice.roll(5) {
                        0 => {
                            after.messages[place].fate = domain::campaign::Fate::Bounced;
                            after.messages[place].why = Some(domain::campaign::Why::HardBounce);
                        }
                        1 => assert!(after.hear(place, Heard::Opened { by_machine: false }, later)),
                        2 => assert!(after.hear(place, Heard::Clicked { by_machine: false }, later)),
                        3 => assert!(after.hear(place, Heard::Opened { by_machine: true }, later)),
                        _ => {}
                    }
                }
                let (step, _) = self.store.chunk_put(id, number, Some(&held), after);
                self.store.commit(vec![step]).await.unwrap();
            }
        }
    }

    /// As the list of messages has them.
    async fn written(&self) {
        for (campaign, id) in self.campaigns.iter().enumerate() {
            let page = self.owner.get(&self.world, &format!("{PATH}/{id}/messages?limit=100")).await;
            assert_eq!(page.status, 200, "{}", page.text);
            for item in page.at("/items").as_array().unwrap() {
                let second = |member: &str| {
                    let at = item[member].as_str()?.parse::<jiff::Timestamp>().unwrap();
                    Some(at.as_second())
                };
                let seen = [second("opened_at"), second("clicked_at")].into_iter().flatten().min();
                let (who, state) = (item["customer_id"].as_str().unwrap(), item["state"].as_str().unwrap());
                let row = (campaign, who, second("sent_at"), seen, state);
                let _ = self.sql.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", row).unwrap();
            }
        }
    }

    async fn figures(&self, campaign: usize, query: &str) -> Value {
        let path = format!("/api/campaigns/{}/analytics?{query}", self.campaigns[campaign]);
        let answer = self.owner.get(&self.world, &path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// Customers, orders and what they brought: within a time, of those who had seen it, if that is asked.
    fn earned(&self, campaign: usize, window_days: i64, seen: bool) -> [i64; 3] {
        let window = window_days * DAY;
        let is_seen = if seen { "AND m.seen <= o.at" } else { "" };
        let sql = format!(
            "SELECT count(DISTINCT o.customer), count(*), coalesce(sum(o.net), 0) FROM orders o JOIN messages m ON m.rowid =
                (SELECT rowid FROM messages WHERE customer = o.customer AND at <= o.at AND state IN ('sent', 'delivered')
                 ORDER BY at DESC, campaign DESC LIMIT 1)
             WHERE o.counts AND m.campaign = {campaign} AND o.at - m.at <= {window} {is_seen}"
        );
        let row = |row: &rusqlite::Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get(2)?]);
        self.sql.query_row(&sql, [], row).unwrap()
    }

    fn ask(&self, sql: &str) -> i64 {
        self.sql.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    async fn must_agree(&self) {
        for campaign in 0..self.campaigns.len() {
            for (query, days) in [("", 7), ("window_days=2", 2), ("windowDays=30", 30)] {
                let told = self.figures(campaign, query).await;
                assert_eq!(told["attribution"]["window_days"], json!(days));
                for (member, seen) in [("all", false), ("seen", true)] {
                    let earned = &told["attribution"][member];
                    let ours = [
                        earned["customers"].as_i64().unwrap(),
                        earned["orders"].as_i64().unwrap(),
                        cents(&earned["revenue"]),
                    ];
                    assert_eq!(
                        ours,
                        self.earned(campaign, days, seen),
                        "{campaign} {query} {member}: {told}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn orders_are_put_down_to_the_last_message_before_them_as_sql_has_it() {
    let books = Books::new().await;
    books.must_agree().await;
    let all: i64 = (0..3).map(|campaign| books.earned(campaign, 7, false)[1]).sum();
    assert!(all > 30 && books.earned(0, 7, true)[1] > 3, "there is something to compare: {all}");
    let told = books.figures(0, "").await;
    assert_eq!(
        (&told["attribution"]["model"], &told["attribution"]["is_causal"]),
        (&json!("last_touch"), &json!(false))
    );

    // What is refunded afterwards is taken off; what is told twice changes nothing.
    let first = books.ask("SELECT rowid FROM orders WHERE counts AND net > 500 ORDER BY 1 LIMIT 1");
    let id: String =
        books.sql.query_row("SELECT id FROM orders WHERE rowid = ?", [first], |row| row.get(0)).unwrap();
    for _ in 0..2 {
        let refund = json!({"refunded": "4.00"});
        let shown = books.owner.call(&books.world, "PATCH", &format!("/api/v1/orders/{id}"), &refund).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        let order = books.owner.get(&books.world, &format!("/api/v1/orders/{id}")).await;
        books.note(&order.json());
        books.must_agree().await;
    }
}

#[tokio::test]
async fn rates_and_what_its_audience_is_worth_are_what_sql_says() {
    let books = Books::new().await;
    for campaign in 0..3 {
        let told = books.figures(campaign, "").await;
        let count = |which: &str| {
            books.ask(&format!("SELECT count(*) FROM messages WHERE campaign = {campaign} AND {which}"))
        };
        let (all, delivered) = (count("1"), count("state = 'delivered'"));
        assert_eq!(
            (told["total_messages"].as_i64(), told["delivered"].as_i64()),
            (Some(all), Some(delivered))
        );
        assert_eq!(told["failed"].as_i64(), Some(count("state = 'bounced'")));
        let sum = ["delivered", "failed", "skipped", "pending"].map(|member| told[member].as_i64().unwrap());
        assert_eq!(sum.iter().sum::<i64>(), all);
        #[expect(clippy::cast_precision_loss, reason = "a test's numbers are small")]
        let percent = |part: i64, whole: i64| json!((part * 10_000 / whole) as f64 / 100.0);
        for (member, expected) in [
            ("delivery_rate_percent", percent(delivered, all)),
            ("bounce_rate_percent", percent(count("state = 'bounced'"), all)),
            ("open_rate_percent", percent(count("seen IS NOT NULL"), delivered)),
        ] {
            assert_eq!(told[member], expected, "{member}");
        }
        assert!(told["machine_open_rate_percent"].as_f64() > Some(0.0), "{told}");
        let spent = books.ask(&format!(
            "SELECT sum(before_spent + (SELECT coalesce(sum(net), 0) FROM orders WHERE customer = p.id AND counts))
             FROM people p WHERE id IN (SELECT customer FROM messages WHERE campaign = {campaign})"
        ));
        assert_eq!(cents(&told["audience_value"]), spent, "{campaign}");
        let average = (2 * spent + all) / (2 * all);
        assert_eq!((told["audience"].as_i64(), cents(&told["average_customer_value"])), (Some(all), average));
    }
}

#[tokio::test]
async fn campaigns_stand_beside_one_another_and_none_of_their_messages_is_read() {
    let books = Books::new().await;
    let (world, owner) = (&books.world, &books.owner);
    let draft = super::made(world, owner, &super::sms("Draft")).await;
    let before = world.table.ledger();
    let page = owner.get(world, "/api/analytics/campaigns?limit=2").await;
    let reads = world.table.ledger().since(&before).reads;
    assert!(reads <= Units::whole(15), "a page costs {reads} read units");
    assert_eq!((page.at("/total"), page.text_at("/items/0/name")), (json!(3), "No 2".to_owned()));
    let rest = owner
        .get(world, &format!("/api/v1/analytics/campaigns?limit=2&cursor={}", page.text_at("/next")))
        .await;
    assert_eq!((rest.text_at("/items/0/name"), rest.at("/next")), ("No 0".to_owned(), Value::Null));
    let chosen: i64 = [page.at("/items/0"), page.at("/items/1"), rest.at("/items/0")]
        .iter()
        .map(|item| item["counts"]["chosen"].as_i64().unwrap())
        .sum();
    assert_eq!(page.at("/messages/chosen").as_i64(), Some(chosen));
    let one =
        owner.get(world, &format!("/api/v1/analytics/campaigns?campaignId={}", books.campaigns[1])).await;
    assert_eq!(one.at("/attribution"), books.figures(1, "").await["attribution"]);
    let none = owner.get(world, &format!("{PATH}/{draft}/analytics")).await;
    assert_eq!((none.at("/total_messages"), none.at("/delivery_rate_percent")), (json!(0), Value::Null));
    assert_eq!(none.at("/attribution/all/orders"), json!(0));
    for query in ["window_days=0", "window_days=91"] {
        let refused = owner.get(world, &format!("{PATH}/{draft}/analytics?{query}")).await;
        assert_eq!(crate::customers::told(&refused).2, "?window_days", "{query}");
    }
    assert_eq!(owner.get(world, "/api/v1/analytics/campaigns?window_days=3").await.status, 400);
}

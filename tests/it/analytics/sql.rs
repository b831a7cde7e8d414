//! A shop twice: in the product, told over HTTP, and in SQLite, told the same. What the one answers must be what SQL makes
//! of the other.
//!
//! SQLite knows no time zones: the clocks of New York stand in a table, copied from its laws. Nothing of the product's
//! calendars or folds has a part in it.

use crate::{cast::Person, customers::shop, orders::ordered};
use flows::Clock;
use local::World;
use rusqlite::{Connection, types::ValueRef};
use serde_json::{Value, json};

const ZONE: &str = "America/New_York";
/// When clocks changed, and how many seconds they were behind Greenwich from then on.
const CLOCKS: [(&str, i64); 8] = [
    ("1970-01-01T00:00:00Z", -18_000),
    ("2025-03-09T07:00:00Z", -14_400),
    ("2025-11-02T06:00:00Z", -18_000),
    ("2026-03-08T07:00:00Z", -14_400),
    ("2026-11-01T06:00:00Z", -18_000),
    ("2027-03-14T07:00:00Z", -14_400),
    ("2027-11-07T06:00:00Z", -18_000),
    ("2028-03-12T07:00:00Z", -14_400),
];
/// Days that begin and end while clocks change, and others; today is the last.
const DAYS: [&str; 14] = [
    "2024-12-31",
    "2025-03-09",
    "2025-06-30",
    "2025-11-02",
    "2026-02-28",
    "2026-03-08",
    "2026-09-20",
    "2026-10-31",
    "2026-11-01",
    "2026-12-15",
    "2027-01-31",
    "2027-02-28",
    "2027-03-13",
    "2027-03-14",
];
/// Half past ten in the evening of 14 March in New York, where that day had 23 hours; in Greenwich it is the 15th.
const NOW: &str = "2027-03-15T02:30:00Z";

pub(crate) const VIEWS: &str = "
    CREATE TABLE clocks (since INTEGER, seconds INTEGER);
    CREATE TABLE customers (id TEXT PRIMARY KEY, added INTEGER, before_orders INTEGER, before_spent INTEGER);
    CREATE TABLE places (customer TEXT, kind TEXT, place TEXT);
    CREATE TABLE orders (id TEXT, customer TEXT, at INTEGER, status TEXT, cancelled INTEGER, test INTEGER, total INTEGER, refunded INTEGER);
    CREATE TABLE lines (of TEXT, product TEXT, quantity INTEGER, price INTEGER);
    CREATE VIEW placed AS SELECT *, date(at + (SELECT seconds FROM clocks WHERE since <= at ORDER BY since DESC LIMIT 1), 'unixepoch') AS day FROM orders;
    CREATE VIEW sold AS SELECT *, total - refunded AS net FROM placed
        WHERE status IN ('paid', 'partially_paid', 'partially_refunded') AND NOT cancelled AND NOT test;
    CREATE VIEW came AS SELECT *, date(added + (SELECT seconds FROM clocks WHERE since <= added ORDER BY since DESC LIMIT 1), 'unixepoch') AS day FROM customers;
    CREATE VIEW totals AS SELECT c.id,
        c.before_orders + (SELECT count(*) FROM sold WHERE customer = c.id) AS orders,
        c.before_spent + (SELECT coalesce(sum(net), 0) FROM sold WHERE customer = c.id) AS spent FROM customers c;
    CREATE VIEW began AS SELECT customer, min(day) AS day FROM sold WHERE customer IN (SELECT id FROM customers) GROUP BY 1;
";

/// Dice of the test's own.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        let place = self.roll(all.len() as u64);
        all[usize::try_from(place).expect("a small number")]
    }
}

pub(crate) struct Books {
    pub(crate) world: World,
    pub(crate) owner: Person,
    pub(crate) customers: Vec<String>,
    sql: Connection,
}

impl Books {
    /// Forty customers and two hundred and sixty orders of every kind.
    pub(crate) async fn new() -> Self {
        let world = World::new(1).await;
        let owner = keyed(&world).await;
        let sql = Connection::open_in_memory().expect("SQLite is in the program");
        sql.execute_batch(VIEWS).expect("SQL is understood");
        for (since, seconds) in CLOCKS {
            let _ = sql.execute("INSERT INTO clocks VALUES (?, ?)", (second(since), seconds)).expect("a row");
        }
        let mut books = Self { world, owner, customers: Vec::new(), sql };
        let mut dice = Dice(7);
        // The last of November is still November in New York.
        for batch in ["2026-09-21T15:00:00Z", "2026-11-01T05:30:00Z", "2026-12-01T03:00:00Z", NOW] {
            books.world.clock.advance_to(second(batch) * 1_000);
            for _ in 0..10 {
                books.join(&mut dice).await;
            }
        }
        for number in 0..260 {
            books.order(&mut dice, number).await;
        }
        books.erase(&mut dice).await;
        books
    }

    async fn join(&mut self, dice: &mut Dice) {
        let number = self.customers.len();
        let country = dice.pick(&["", "DE", "US", "US", "IN"]);
        let city = dice.pick(&["", "Berlin", "BERLIN", "München", "munchen", "New York", "Pune"]);
        let mut homes = vec![json!({"country": country, "city": city})];
        if number.is_multiple_of(9) {
            homes.push(json!({"country": "FR", "city": "Berlin"}));
        }
        let homes: Vec<Value> = homes.into_iter().map(told).filter(|home| *home != json!({})).collect();
        let (orders, spent) = if number.is_multiple_of(8) { (6, 123_450) } else { (0, 0) };
        let body = json!({
            "name": format!("Person {number}"), "email": format!("p{number}@example.com"), "addresses": homes,
            "orders_count": orders, "total_spent": dollars(spent),
        });
        let made = self.owner.post(&self.world, "/api/v1/customers", &body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let id = made.text_at("/id");
        self.customer(&id, orders, spent);
        for home in &homes {
            for kind in ["country", "city"] {
                if let Some(place) = home[kind].as_str() {
                    let row = (&id, kind, place);
                    let _ = self.sql.execute("INSERT INTO places VALUES (?, ?, ?)", row).expect("a row");
                }
            }
        }
        self.customers.push(id);
    }

    fn customer(&self, id: &str, orders: i64, spent: i64) {
        let row = (id, self.world.clock.now().as_second(), orders, spent);
        let _ = self.sql.execute("INSERT OR IGNORE INTO customers VALUES (?, ?, ?, ?)", row).expect("a row");
    }

    async fn order(&mut self, dice: &mut Dice, number: u64) {
        let (day, hour) = (dice.pick(&DAYS), dice.roll(24));
        let mut body = match dice.roll(10) {
            0 => json!({"status": "pending"}),
            1 => json!({"status": "refunded"}),
            2 => json!({"status": "cancelled"}),
            3 => json!({"status": "paid", "test": true}),
            4 | 5 => {
                json!({"status": "paid", "refunded": dollars(1 + i64::try_from(dice.roll(400)).expect("small"))})
            }
            6 => json!({"status": "partially_paid"}),
            _ => json!({"status": "paid"}),
        };
        // Both ends of a day, wherever it begins by Greenwich.
        body["placed_at"] = json!(format!("{day}T{hour:02}:{:02}:59-05:00", dice.roll(60)));
        let lines = (0..=dice.roll(3)).map(|_| {
            let product = dice.pick(&["cup", "tea", "pot", ""]);
            let price = dollars(500 + i64::try_from(dice.roll(9_000)).expect("small"));
            told(json!({"product": product, "title": format!("A {product}"), "quantity": 1 + dice.roll(4), "price": price}))
        });
        body["lines"] = lines.collect();
        match dice.roll(8) {
            0 => body["walk_in"] = json!(true),
            1 => body["email"] = json!(format!("guest{}@example.com", dice.roll(6))),
            _ => {
                // Some buy often, others once or never.
                let place = dice.roll(40) * dice.roll(40) / 40;
                body["customer_id"] = json!(self.customers[usize::try_from(place).expect("small")]);
            }
        }
        self.world.clock.advance_seconds(i64::from(number.is_multiple_of(16)));
        let shown = ordered(&self.world, &self.owner, &body).await;
        let (id, whose) = (shown.text_at("/id"), shown.text_at("/customer/id"));
        if shown.text_at("/customer/kind") == "guest" {
            self.customer(&whose, 0, 0);
        }
        let row = (
            &id,
            &whose,
            second(&shown.text_at("/placed_at")),
            shown.text_at("/status"),
            !shown.at("/cancelled_at").is_null(),
            shown.at("/test") == json!(true),
            cents(&shown.text_at("/total")),
            cents(&shown.text_at("/refunded")),
        );
        let _ = self.sql.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row).expect("a row");
        for line in body["lines"].as_array().into_iter().flatten() {
            let price = cents(line["price"].as_str().unwrap_or_default());
            let row = (&id, line["product"].as_str(), line["quantity"].as_i64(), price);
            let _ = self.sql.execute("INSERT INTO lines VALUES (?, ?, ?, ?)", row).expect("a row");
        }
    }

    /// Somebody is nobody from now on; what they bought stays.
    async fn erase(&mut self, dice: &mut Dice) {
        let place = usize::try_from(dice.roll(5)).expect("small");
        let id = self.customers.remove(place);
        let path = format!("/api/v1/customers/{id}");
        assert_eq!(self.owner.call(&self.world, "DELETE", &path, &json!({})).await.status, 204);
        for table in ["customers WHERE id", "places WHERE customer"] {
            let _ = self.sql.execute(&format!("DELETE FROM {table} = ?"), [&id]).expect("rows");
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.owner.get(&self.world, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    /// What SQL says.
    pub(crate) fn ask(&self, sql: &str) -> Vec<Vec<Value>> {
        let mut asked = self.sql.prepare(sql).unwrap_or_else(|wrong| panic!("{sql}: {wrong}"));
        let columns = asked.column_count();
        let mut rows = asked.query([]).expect("it can be asked");
        let mut all = Vec::new();
        while let Some(row) = rows.next().unwrap_or_else(|wrong| panic!("{sql}: {wrong}")) {
            let value = |column: usize| match row.get_ref(column).expect("a column") {
                ValueRef::Integer(number) => json!(number),
                ValueRef::Real(number) => json!(number),
                ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
                _ => Value::Null,
            };
            all.push((0..columns).map(value).collect());
        }
        all
    }

    pub(crate) fn ask_one(&self, sql: &str) -> Vec<Value> {
        self.ask(sql).into_iter().next().unwrap_or_default()
    }
}

/// A key, because a session ends before the year does.
async fn keyed(world: &World) -> Person {
    let owner = shop(world, "owner").await;
    let zone = json!({"timezone": ZONE});
    assert_eq!(owner.call(world, "PATCH", "/api/v1/tenants/me", &zone).await.status, 200);
    let scopes = ["account:read", "customers:read", "customers:manage", "orders:read", "orders:manage"];
    let key = owner.post(world, "/api/v1/api-keys", &json!({"name": "k", "scopes": scopes})).await;
    Person { access: key.text_at("/key"), ..owner }
}

/// Without what is empty.
fn told(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.retain(|_, value| *value != json!(""));
    }
    body
}

/// These members of each, as rows of SQL have them: amounts in cents.
pub(crate) fn rows(items: &Value, members: &[&str]) -> Vec<Vec<Value>> {
    let items = items.as_array().unwrap_or_else(|| panic!("{items} is no list"));
    items.iter().map(|item| row(item, members)).collect()
}

pub(crate) fn row(item: &Value, members: &[&str]) -> Vec<Value> {
    members.iter().map(|member| plain(item.pointer(&format!("/{member}")).unwrap_or(&Value::Null))).collect()
}

fn plain(value: &Value) -> Value {
    let amount = value.as_str().filter(|text| text.contains('.') && text.parse::<f64>().is_ok());
    amount.map_or_else(|| value.clone(), |amount| json!(cents(amount)))
}

fn cents(amount: &str) -> i64 {
    amount.replace('.', "").parse().unwrap_or_else(|_| panic!("{amount} is no amount"))
}

fn dollars(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn second(at: &str) -> i64 {
    at.parse::<jiff::Timestamp>().expect("an instant").as_second()
}

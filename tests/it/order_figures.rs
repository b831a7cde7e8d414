//! Figures of orders are what the orders add up to, in the shop's own days, also where a day has 23 or 25 hours (ORD-07).

use crate::{
    cast::Person,
    customers::{made, shop},
    orders::ordered,
};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use local::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ZONE: &str = "America/New_York";

/// At both ends of days around both changes of the clock, in the hour that comes twice, and today.
const MOMENTS: [&str; 16] = [
    "2026-03-07T23:30:00-05:00",
    "2026-03-08T00:30:00-05:00",
    "2026-03-08T01:59:59-05:00",
    "2026-03-08T03:00:00-04:00",
    "2026-03-08T23:30:00-04:00",
    "2026-03-09T00:30:00-04:00",
    "2026-06-30T12:00:00-04:00",
    "2026-10-31T23:30:00-04:00",
    "2026-11-01T00:00:00-04:00",
    "2026-11-01T00:30:00-04:00",
    "2026-11-01T01:30:00-04:00",
    "2026-11-01T01:30:00-05:00",
    "2026-11-01T23:30:00-05:00",
    "2026-11-02T00:30:00-05:00",
    "2026-11-19T23:59:59-05:00",
    "2026-11-20T00:00:00-05:00",
];

/// Every way in which an order can stand.
fn ways() -> [Value; 11] {
    [
        json!({"status": "paid"}),
        json!({"status": "paid", "refunded": "1.37"}),
        json!({"status": "partially_paid"}),
        json!({"status": "authorized"}),
        json!({"status": "pending"}),
        json!({"status": "voided"}),
        json!({"status": "refunded"}),
        json!({"status": "cancelled"}),
        json!({"status": "paid", "cancelled": true, "refunded": "2.00"}),
        json!({"status": "paid", "test": true}),
        json!({"status": "pending", "test": true, "cancelled": true}),
    ]
}

/// An order as it is shown, and the day in the shop on which it was placed.
struct Sold {
    day: Date,
    status: String,
    is_cancelled: bool,
    is_test: bool,
    total: i64,
    refunded: i64,
}

impl Sold {
    fn of(shown: &Value) -> Self {
        let placed: jiff::Timestamp =
            shown["placed_at"].as_str().unwrap_or_default().parse().expect("an instant");
        Self {
            day: placed.to_zoned(TimeZone::get(ZONE).expect("a zone")).date(),
            status: shown["status"].as_str().unwrap_or_default().to_owned(),
            is_cancelled: !shown["cancelled_at"].is_null(),
            is_test: shown["test"] == json!(true),
            total: cents(&shown["total"]),
            refunded: cents(&shown["refunded"]),
        }
    }

    fn counts(&self) -> bool {
        let is_paid = ["paid", "partially_paid", "partially_refunded"].contains(&self.status.as_str());
        is_paid && !self.is_cancelled && !self.is_test
    }
}

fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap_or_default().replace('.', "").parse().expect("an amount")
}

fn dollars(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A shop in New York, late in the evening of its 20th of November; in Greenwich it is the 21st.
async fn sold() -> (World, Person, Vec<Sold>) {
    let world = World::new(1).await;
    let now: jiff::Timestamp = "2026-11-20T22:00:00-05:00".parse().expect("an instant");
    world.clock.advance_to(now.as_millisecond());
    let owner = shop(&world, "owner").await;
    let zoned = owner.call(&world, "PATCH", "/api/v1/tenants/me", &json!({"timezone": ZONE})).await;
    assert_eq!(zoned.text_at("/timezone"), ZONE);
    let ada = made(&world, &owner, &json!({"name": "Ada"})).await;
    let (mut ids, mut number) = (Vec::new(), 0);
    for moment in MOMENTS {
        for way in ways() {
            number += 1;
            let mut body = way;
            body["placed_at"] = json!(moment);
            body["total"] = json!(dollars(1_000 + number * 7));
            match number % 3 {
                0 => body["customer_id"] = json!(ada),
                1 => body["email"] = json!(format!("guest{}@example.com", number % 5)),
                _ => body["walk_in"] = json!(true),
            }
            ids.push(ordered(&world, &owner, &body).await.text_at("/id"));
        }
    }
    for place in [0, 40, 90] {
        let gone = ids.remove(place);
        let gone = owner.call(&world, "DELETE", &format!("/api/v1/orders/{gone}"), &json!({})).await;
        assert_eq!(gone.status, 204);
    }
    let mut all = Vec::new();
    for id in ids {
        all.push(Sold::of(&owner.get(&world, &format!("/api/v1/orders/{id}")).await.json()));
    }
    (world, owner, all)
}

#[tokio::test]
async fn days_are_the_shops_and_add_up() {
    let (world, owner, sold) = sold().await;
    let mut expected: BTreeMap<String, (u64, i64)> = BTreeMap::new();
    for order in sold.iter().filter(|order| order.counts()) {
        let sums = expected.entry(order.day.to_string()).or_default();
        *sums = (sums.0 + 1, sums.1 + order.total - order.refunded);
    }
    assert!(expected.len() > 8, "orders lie on many days: {expected:?}");
    for (days, first) in [(366, "2025-11-20"), (30, "2026-10-22"), (1, "2026-11-20"), (20, "2026-11-01")] {
        let daily = owner.get(&world, &format!("/api/v1/orders/stats/daily?days={days}")).await;
        assert_eq!((daily.status.as_u16(), daily.text_at("/timezone").as_str()), (200, ZONE));
        let items = daily.at("/items").as_array().cloned().unwrap_or_default();
        let mut day: Date = first.parse().expect("a day");
        assert_eq!(items.len(), days, "each day once");
        for item in items {
            let (orders, revenue) = expected.get(&day.to_string()).copied().unwrap_or_default();
            assert_eq!(item, json!({"date": day.to_string(), "orders": orders, "revenue": dollars(revenue)}));
            day = day.saturating_add(1.day());
        }
        assert_eq!(day.to_string(), "2026-11-21", "until today");
    }
    let default = owner.get(&world, "/api/v1/orders/stats/daily").await;
    assert_eq!(default.at("/items").as_array().map(Vec::len), Some(30));
    for wrong in [0, 367] {
        let refused = owner.get(&world, &format!("/api/v1/orders/stats/daily?days={wrong}")).await;
        assert_eq!(refused.status, 400);
    }
}

#[tokio::test]
async fn a_summary_is_what_the_orders_add_up_to() {
    let (world, owner, sold) = sold().await;
    for (query, first, last) in [
        ("", "2026-01-01", "2026-12-31"),
        ("?startDate=2026-03-08&endDate=2026-03-08", "2026-03-08", "2026-03-08"),
        ("?startDate=2026-11-01&endDate=2026-11-01", "2026-11-01", "2026-11-01"),
        ("?since=2026-11-01&before=2026-11-02", "2026-11-01", "2026-11-01"),
        ("?startDate=2026-03-09&endDate=2026-10-31", "2026-03-09", "2026-10-31"),
        ("?since=2026-11-20", "2026-11-20", "2026-12-31"),
        ("?endDate=2026-03-06", "2026-01-01", "2026-03-06"),
    ] {
        let (first, last): (Date, Date) = (first.parse().expect("a day"), last.parse().expect("a day"));
        let within: Vec<&Sold> =
            sold.iter().filter(|order| (first..=last).contains(&order.day) && !order.is_test).collect();
        let counted: Vec<&&Sold> = within.iter().filter(|order| order.counts()).collect();
        let orders = i64::try_from(counted.len()).expect("few");
        let revenue: i64 = counted.iter().map(|order| order.total - order.refunded).sum();
        let given_back = |order: &&Sold| order.counts() || order.status == "refunded";
        let refunded: i64 = within.iter().copied().filter(given_back).map(|order| order.refunded).sum();
        let mut groups: BTreeMap<&str, (u64, i64, i64)> = BTreeMap::new();
        for order in &within {
            let group = if order.is_cancelled { "cancelled" } else { &order.status };
            let net = if order.counts() { order.total - order.refunded } else { 0 };
            let sums = groups.entry(group).or_default();
            *sums = (sums.0 + 1, sums.1 + order.total, sums.2 + net);
        }
        for path in ["stats/summary", "analytics/stats"] {
            let summary = owner.get(&world, &format!("/api/v1/orders/{path}{query}")).await;
            let told = (
                summary.at("/orders"),
                summary.text_at("/revenue"),
                summary.text_at("/refunded"),
                summary.at("/average_order_value"),
            );
            let average =
                if orders == 0 { json!(null) } else { json!(dollars((revenue * 2 + orders) / (orders * 2))) };
            assert_eq!(told, (json!(orders), dollars(revenue), dollars(refunded), average), "{query}");
            let by_status = summary.at("/by_status").as_array().cloned().unwrap_or_default();
            let told: BTreeMap<&str, (u64, i64, i64)> = by_status
                .iter()
                .map(|row| {
                    let sums =
                        (row["orders"].as_u64().unwrap_or(99), cents(&row["total"]), cents(&row["revenue"]));
                    (row["status"].as_str().unwrap_or_default(), sums)
                })
                .collect();
            assert_eq!((told.len(), by_status.len()), (8, 8), "each status once, also without orders");
            for (status, sums) in told {
                assert_eq!(sums, groups.get(status).copied().unwrap_or_default(), "{query} {status}");
            }
        }
    }
}

#[tokio::test]
async fn a_customers_details_say_what_their_orders_say_of_them() {
    let (world, owner, _) = sold().await;
    let eve = made(&world, &owner, &json!({"name": "Eve", "orders_count": 7})).await;
    let path = format!("/api/v1/customers/{eve}");
    let metrics = async || owner.get(&world, &path).await.at("/metrics");
    let of = |first: Value, last: Value, average: Value| json!({"days_since_first_order": first, "days_since_last_order": last, "average_days_between_orders": average});
    assert_eq!(metrics().await, of(json!(null), json!(null), json!(null)), "what was before has no days");
    for (day, expected) in [
        ("2026-11-19T23:59:00-05:00", of(json!(1), json!(1), json!(null))),
        ("2026-10-31T23:59:00-04:00", of(json!(20), json!(1), json!(19.0))),
        ("2026-11-02T00:00:00-05:00", of(json!(20), json!(1), json!(9.5))),
        ("2026-11-20T21:00:00-05:00", of(json!(20), json!(0), json!(6.7))),
    ] {
        ordered(&world, &owner, &json!({"customer_id": eve, "total": 5, "placed_at": day})).await;
        assert_eq!(metrics().await, expected, "{day}");
    }
    for way in ways() {
        let mut body = way;
        body["customer_id"] = json!(eve);
        body["total"] = json!("5.00");
        body["placed_at"] = json!("2026-11-20T21:30:00-05:00");
        ordered(&world, &owner, &body).await;
    }
    let shown = owner.get(&world, &path).await;
    let recent = shown.at("/recent_orders").as_array().cloned().unwrap_or_default();
    assert_eq!(recent.len(), 10, "the newest ten of fifteen");
    for order in recent {
        let whole =
            owner.get(&world, &format!("/api/v1/orders/{}", order["id"].as_str().unwrap_or_default())).await;
        let told = (&order["cancelled"], &order["test"], &order["counts"]);
        let is_cancelled = json!(!whole.at("/cancelled_at").is_null());
        assert_eq!(told, (&is_cancelled, &whole.at("/test"), &whole.at("/counts")), "{order}");
    }
}

//! A report that is mailed again and again: to whom, when by the shop's clocks, and about which days (ANA-16).

use super::{
    PATH,
    links::{open, opened_by},
    report, run,
};
use crate::{
    cast::{PASSWORD, Person, join, login, set_status},
    customers::{made, shop, told},
    orders::ordered,
};
use domain::{TenantStatus, Timestamp};
use local::World;
use serde_json::{Value, json};

/// The clock strikes within that minute, and everything that is under way by then ends.
pub(super) async fn settled_at(world: &World, at: &str) {
    let at: Timestamp = at.parse().expect("an instant");
    // The clock strikes half a minute past.
    world.clock.advance_to(at.as_millisecond() - 30_000);
    world.settle().await;
}

pub(super) async fn again(world: &World, person: &Person) -> Person {
    Person::of(&login(world, &person.email, PASSWORD).await)
}

/// A shop of Berlin, with a report.
pub(super) async fn berlin(world: &World) -> (Person, String) {
    let owner = shop(world, "owner").await;
    let zone = json!({"timezone": "Europe/Berlin"});
    assert_eq!(owner.call(world, "PATCH", "/api/v1/tenants/me", &zone).await.status, 200);
    let told =
        json!({"name": "Sales", "measures": ["orders", "revenue"], "dimensions": ["day"], "chart": "none"});
    let id = report(world, &owner, &told).await;
    (owner, id)
}

pub(super) async fn scheduled(world: &World, owner: &Person, id: &str, told: &Value) -> Value {
    let answer = owner.call(world, "PUT", &format!("{PATH}/{id}/schedule"), told).await;
    assert_eq!(answer.status, 200, "{told}: {}", answer.text);
    answer.json()
}

/// When mails came to that address, and what they were called: the oldest first.
fn mails(world: &World, to: &str) -> Vec<(String, String)> {
    let mut mails: Vec<_> =
        world.outbox.to(to).into_iter().map(|mail| (mail.at.to_string(), mail.subject)).collect();
    mails.retain(|(_, subject)| subject.starts_with("Sales"));
    mails.reverse();
    mails
}

/// The link in the newest mail to that address.
fn mailed_link(world: &World, to: &str) -> String {
    let mails = world.outbox.to(to);
    let text = mails[0].text.clone();
    let url = text.lines().find(|line| line.starts_with("https://")).expect("with a link");
    opened_by(url)
}

#[tokio::test]
async fn it_comes_at_the_shops_own_time_whatever_its_clocks_do() {
    let world = World::new(1).await;
    let (owner, id) = berlin(&world).await;
    settled_at(&world, "2026-10-23T12:00:00Z").await;
    let owner = again(&world, &owner).await;
    let body = json!({"every": "day", "at": "08:00", "to": [owner.email], "format": "csv"});
    let set = scheduled(&world, &owner, &id, &body).await;
    let expected = json!({
        "every": "day", "at": "08:00", "weekday": null, "day": null, "to": [owner.email], "format": "csv",
        "timezone": "Europe/Berlin", "next_at": "2026-10-24T06:00:00Z", "last_told_at": null, "last_problem": null,
    });
    assert_eq!(set, expected);
    for minute in
        ["2026-10-24T05:59:00Z", "2026-10-24T06:00:00Z", "2026-10-25T06:59:00Z", "2026-10-25T07:00:00Z"]
    {
        settled_at(&world, minute).await;
    }
    assert_eq!(
        mails(&world, &owner.email),
        [
            ("2026-10-24T06:00:30Z".to_owned(), "Sales: 2026-10-23".to_owned()),
            ("2026-10-25T07:00:30Z".to_owned(), "Sales: 2026-10-24".to_owned()),
        ]
    );
    let owner = again(&world, &owner).await;
    let ada = made(&world, &owner, &json!({"name": "Ada"})).await;
    for at in ["2026-10-24T00:30:00+02:00", "2026-10-24T23:30:00+02:00", "2026-10-25T02:30:00+01:00"] {
        let order = json!({"customer_id": ada, "total": "12.30", "status": "paid", "placed_at": at});
        ordered(&world, &owner, &order).await;
    }
    let opened = open(&world, &mailed_link(&world, &owner.email)).await;
    assert_eq!(
        (opened.status.as_u16(), opened.text.as_str()),
        (200, "day,orders,revenue\r\n2026-10-24,2,24.60\r\n")
    );
    let seen = run(&world, &owner, &id, "format=csv&since=2026-10-24&until=2026-10-24").await;
    assert_eq!(opened.text, seen.text);
    let shown = owner.get(&world, &format!("{PATH}/{id}")).await;
    assert_eq!(shown.text_at("/schedule/next_at"), "2026-10-26T07:00:00Z");
    assert_eq!(shown.text_at("/schedule/last_told_at"), "2026-10-25T07:00:30Z");
    let listed = owner.get(&world, PATH).await;
    assert_eq!(listed.at("/items/0/schedule"), shown.at("/schedule"));
}

#[tokio::test]
async fn a_shop_that_moves_to_another_time_zone_gets_it_by_its_new_clocks_from_the_next_day_on() {
    let world = World::new(10).await;
    let (owner, id) = berlin(&world).await;
    settled_at(&world, "2026-11-20T12:00:00Z").await;
    let owner = again(&world, &owner).await;
    scheduled(&world, &owner, &id, &json!({"every": "day", "at": "08:00", "to": [owner.email]})).await;
    let moved = async |zone: &str| {
        let answer = owner.call(&world, "PATCH", "/api/v1/tenants/me", &json!({"timezone": zone})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        owner.get(&world, &format!("{PATH}/{id}")).await.text_at("/schedule/next_at")
    };
    assert_eq!(moved("America/New_York").await, "2026-11-21T13:00:00Z");
    assert_eq!(moved("Asia/Tokyo").await, "2026-11-20T23:00:00Z");
    settled_at(&world, "2026-11-20T23:00:00Z").await;
    settled_at(&world, "2026-11-21T13:00:00Z").await;
    let once = [("2026-11-20T23:00:30Z".to_owned(), "Sales: 2026-11-20".to_owned())];
    assert_eq!(
        mails(&world, &owner.email),
        once,
        "eight in the morning of the 21st in Tokyo, and at no other time"
    );
}

#[tokio::test]
async fn weeks_and_months_are_those_that_are_over_and_short_months_have_a_last_day() {
    let world = World::new(2).await;
    let (owner, id) = berlin(&world).await;
    let monthly = report(&world, &owner, &json!({"name": "Sales by month", "measures": ["orders"]})).await;
    settled_at(&world, "2027-01-31T12:00:00Z").await;
    let owner = again(&world, &owner).await;
    let week = json!({"every": "week", "weekday": "Wednesday", "at": "18:30", "to": [owner.email]});
    let set = scheduled(&world, &owner, &id, &week).await;
    assert_eq!((&set["weekday"], &set["next_at"]), (&json!("wednesday"), &json!("2027-02-03T17:30:00Z")));
    let month = json!({"every": "month", "day": 31, "at": "00:00", "to": [owner.email]});
    scheduled(&world, &owner, &monthly, &month).await;
    for minute in
        ["2027-02-03T17:30:00Z", "2027-02-10T17:30:00Z", "2027-02-17T17:30:00Z", "2027-02-24T17:30:00Z"]
    {
        settled_at(&world, minute).await;
    }
    settled_at(&world, "2027-02-27T23:00:00Z").await;
    let mails = mails(&world, &owner.email);
    assert_eq!(mails[0], ("2027-02-03T17:30:30Z".to_owned(), "Sales: 2027-01-25 to 2027-01-31".to_owned()));
    let last = ("2027-02-27T23:00:30Z".to_owned(), "Sales by month: 2027-01-01 to 2027-01-31".to_owned());
    assert_eq!((mails.len(), &mails[4]), (5, &last));
    let opened = open(&world, &mailed_link(&world, &owner.email)).await;
    assert_eq!((opened.status.as_u16(), opened.header("content-type")), (200, "application/pdf"));
}

#[tokio::test]
async fn after_weeks_without_us_one_mail_comes_and_not_twenty() {
    let world = World::new(3).await;
    let (owner, id) = berlin(&world).await;
    scheduled(&world, &owner, &id, &json!({"every": "day", "at": "08:00", "to": [owner.email]})).await;
    settled_at(&world, "2026-11-20T11:17:00Z").await;
    let once = [("2026-11-20T11:17:30Z".to_owned(), "Sales: 2026-11-19".to_owned())];
    assert_eq!(mails(&world, &owner.email), once);
    settled_at(&world, "2026-11-20T23:00:00Z").await;
    assert_eq!(mails(&world, &owner.email), once);
    settled_at(&world, "2026-11-21T07:00:00Z").await;
    assert_eq!(mails(&world, &owner.email).len(), 2);
}

#[tokio::test]
async fn who_has_left_the_team_gets_nothing_and_their_link_opens_nothing() {
    let world = World::new(4).await;
    let (owner, id) = berlin(&world).await;
    let member = join(&world, &owner, "viewer", "viewer").await;
    let both = json!({"every": "day", "at": "08:00", "to": [member.email, owner.email, owner.email]});
    let set = scheduled(&world, &owner, &id, &both).await;
    assert_eq!(set["to"], json!([member.email, owner.email]), "each once");
    settled_at(&world, "2026-09-22T06:00:00Z").await;
    assert_eq!([&owner, &member].map(|person| mails(&world, &person.email).len()), [1, 1]);
    let link = mailed_link(&world, &member.email);
    assert_eq!(open(&world, &link).await.status, 200);
    let owner = again(&world, &owner).await;
    let gone = owner.call(&world, "DELETE", &format!("/api/v1/members/{}", member.user), &json!({})).await;
    assert_eq!(gone.status, 204);
    assert_eq!(open(&world, &link).await.status, 410);
    assert_eq!(open(&world, &mailed_link(&world, &owner.email)).await.status, 200);
    let shown = owner.get(&world, &format!("{PATH}/{id}")).await;
    assert_eq!(shown.at("/schedule/to"), json!([owner.email]));
    settled_at(&world, "2026-09-23T06:00:00Z").await;
    assert_eq!([&owner, &member].map(|person| mails(&world, &person.email).len()), [2, 1]);
}

#[tokio::test]
async fn where_nobody_is_left_or_the_shop_is_closed_no_mail_goes_and_it_is_said_why() {
    let world = World::new(5).await;
    let (owner, id) = berlin(&world).await;
    let member = join(&world, &owner, "viewer", "viewer").await;
    let body = json!({"every": "day", "at": "08:00", "to": [member.email]});
    scheduled(&world, &owner, &id, &body).await;
    set_status(&world, &owner.tenant, TenantStatus::Disconnected).await;
    settled_at(&world, "2026-09-22T06:00:00Z").await;
    set_status(&world, &owner.tenant, TenantStatus::Active).await;
    let owner = again(&world, &owner).await;
    let seen = async |owner: &Person| {
        let shown = owner.get(&world, &format!("{PATH}/{id}")).await;
        ["last_problem", "next_at", "last_told_at"].map(|name| shown.at(&format!("/schedule/{name}")))
    };
    let next = [json!("2026-09-23T06:00:00Z"), json!(null)];
    assert_eq!(seen(&owner).await, [json!("shop_disconnected"), next[0].clone(), next[1].clone()]);
    owner.call(&world, "DELETE", &format!("/api/v1/members/{}", member.user), &json!({})).await;
    settled_at(&world, "2026-09-23T06:00:00Z").await;
    let owner = again(&world, &owner).await;
    assert_eq!(seen(&owner).await, [json!("nobody_left"), json!("2026-09-24T06:00:00Z"), json!(null)]);
    assert_eq!((mails(&world, &member.email), mails(&world, &owner.email)), (vec![], vec![]));
}

#[tokio::test]
async fn it_ends_when_it_is_told_to_and_with_the_report() {
    let world = World::new(6).await;
    let (owner, id) = berlin(&world).await;
    let other = report(&world, &owner, &json!({"name": "Sales too", "measures": ["orders"]})).await;
    let third = report(&world, &owner, &json!({"name": "Sales three", "measures": ["orders"]})).await;
    let body = json!({"every": "day", "at": "08:00", "to": [owner.email]});
    for id in [&id, &other, &third] {
        scheduled(&world, &owner, id, &body).await;
    }
    let schedule = format!("{PATH}/{id}/schedule");
    for _ in 0..2 {
        assert_eq!(
            owner.call(&world, "DELETE", &schedule, &json!({})).await.status,
            204,
            "also what has ended"
        );
    }
    assert_eq!(owner.get(&world, &format!("{PATH}/{id}")).await.at("/schedule"), json!(null));
    assert_eq!(owner.call(&world, "DELETE", &format!("{PATH}/{other}"), &json!({})).await.status, 204);
    let store = world.store_of(owner.tenant.parse().expect("an id"));
    assert_eq!(store.mailings().await.expect("memory holds").len(), 1, "nothing is left of the two");
    // As if somebody had scheduled it at the moment at which it was deleted.
    let orphan =
        store.report(third.parse().expect("an id")).await.expect("memory holds").expect("it is there");
    store.commit(vec![store.report_ended(&orphan)]).await.expect("nobody else changes it");
    settled_at(&world, "2026-09-22T06:00:00Z").await;
    assert_eq!(mails(&world, &owner.email), []);
    assert!(store.mailings().await.expect("memory holds").is_empty(), "and what was left is gone");
}

#[tokio::test]
async fn told_the_same_again_it_goes_on_and_told_otherwise_it_begins_anew() {
    let world = World::new(7).await;
    let (owner, id) = berlin(&world).await;
    let body = json!({"every": "day", "at": "08:00", "to": [owner.email]});
    scheduled(&world, &owner, &id, &body).await;
    settled_at(&world, "2026-09-22T06:00:00Z").await;
    let owner = again(&world, &owner).await;
    let same = scheduled(&world, &owner, &id, &body).await;
    assert_eq!(
        (&same["next_at"], &same["last_told_at"]),
        (&json!("2026-09-23T06:00:00Z"), &json!("2026-09-22T06:00:30Z"))
    );
    let later = json!({"every": "day", "at": "17:00", "to": [owner.email]});
    let set = scheduled(&world, &owner, &id, &later).await;
    assert_eq!(
        (&set["next_at"], &set["last_told_at"]),
        (&json!("2026-09-22T15:00:00Z"), &same["last_told_at"])
    );
    settled_at(&world, "2026-09-22T15:00:00Z").await;
    assert_eq!(mails(&world, &owner.email).len(), 2);
}

#[tokio::test]
async fn what_cannot_be_mailed_is_refused_with_all_that_is_wrong() {
    let world = World::new(8).await;
    let (owner, id) = berlin(&world).await;
    let other = shop(&world, "other").await;
    let path = format!("{PATH}/{id}/schedule");
    let to = &owner.email;
    for (body, at) in [
        (json!({"every": "day", "at": "08:00"}), "/to"),
        (json!({"every": "day", "at": "08:00", "to": []}), "/to"),
        (json!({"every": "day", "at": "08:00", "to": vec![to; 21]}), "/to"),
        (json!({"every": "day", "at": "08:00", "to": [to, "nobody"]}), "/to/1"),
        (json!({"every": "hour", "at": "08:00", "to": [to]}), "/every"),
        (json!({"every": "day", "at": "8 o'clock", "to": [to]}), "/at"),
        (json!({"every": "day", "at": "08:00:30", "to": [to]}), "/at"),
        (json!({"every": "day", "at": "24:00", "to": [to]}), "/at"),
        (json!({"every": "week", "at": "08:00", "to": [to]}), "/weekday"),
        (json!({"every": "week", "at": "08:00", "weekday": "someday", "to": [to]}), "/weekday"),
        (json!({"every": "day", "at": "08:00", "weekday": "monday", "to": [to]}), "/weekday"),
        (json!({"every": "month", "at": "08:00", "to": [to]}), "/day"),
        (json!({"every": "month", "at": "08:00", "day": 32, "to": [to]}), "/day"),
        (json!({"every": "day", "at": "08:00", "to": [to], "format": "xls"}), "/format"),
        (json!({"every": "day", "at": "08:00", "to": [to], "colour": "red"}), "/colour"),
    ] {
        let refused = owner.call(&world, "PUT", &path, &body).await;
        assert_eq!(
            (refused.status.as_u16(), told(&refused).2),
            (400, at.to_owned()),
            "{body}: {}",
            refused.text
        );
    }
    for stranger in [&"stranger@example.com".to_owned(), &other.email] {
        let body = json!({"every": "day", "at": "08:00", "to": [to, stranger]});
        let refused = owner.call(&world, "PUT", &path, &body).await;
        let expected = (422, "not_a_member".to_owned(), "/to/1".to_owned());
        assert_eq!(told(&refused), expected, "{}", refused.text);
        assert!(!refused.text.contains(stranger.as_str()), "{}", refused.text);
    }
    assert_eq!(owner.get(&world, &format!("{PATH}/{id}")).await.at("/schedule"), json!(null));
    let body = json!({"every": "day", "at": "08:00", "to": [other.email]});
    assert_eq!(other.call(&world, "PUT", &path, &body).await.status, 404, "another shop's report");
}

#[tokio::test]
async fn a_program_that_may_not_see_the_team_sees_no_addresses() {
    let world = World::new(9).await;
    let (owner, id) = berlin(&world).await;
    let body = json!({"every": "day", "at": "08:00", "to": [owner.email]});
    scheduled(&world, &owner, &id, &body).await;
    let key = json!({"name": "k", "scopes": ["orders:read", "orders:manage", "customers:read"]});
    let key = owner.post(&world, "/api/v1/api-keys", &key).await.text_at("/key");
    let program = Person { access: key, ..owner.clone() };
    for path in [PATH.to_owned(), format!("{PATH}/{id}")] {
        let shown = program.get(&world, &path).await;
        assert!(shown.status == 200 && shown.text.contains("\"every\":\"day\""), "{}", shown.text);
        assert!(!shown.text.contains(&owner.email), "{}", shown.text);
    }
    assert_eq!(program.call(&world, "PUT", &format!("{PATH}/{id}/schedule"), &body).await.status, 403);
}

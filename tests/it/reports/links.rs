//! A report that is shared: by a link that opens it without signing in, for so long and no longer (ANA-16).

use super::{PATH, report, run};
use crate::{
    analytics::sql::Books,
    cast::{PASSWORD, Person, join, login, set_status, sign_up},
    customers::{made, shop},
    google::sign_in,
    orders::ordered,
};
use domain::TenantStatus;
use flows::Clock;
use local::{
    World,
    world::{Answer, Log, ORIGIN},
};
use serde_json::{Value, json};

const WEEK_SECONDS: i64 = 7 * 24 * 3_600;

/// A link's path and query, by whoever makes it.
pub(super) async fn link(world: &World, by: &Person, id: &str, told: &Value) -> String {
    let made = by.post(world, &format!("{PATH}/{id}/links"), told).await;
    assert_eq!(made.status, 201, "{told}: {}", made.text);
    opened_by(&made.text_at("/url"))
}

/// Of a link, what a browser asks the product for.
pub(super) fn opened_by(url: &str) -> String {
    let path = url.strip_prefix(ORIGIN).expect("it leads to the product");
    assert!(path.starts_with("/api/v1/shared/reports?token=rep."), "{path}");
    path.to_owned()
}

/// By nobody in particular.
pub(super) async fn open(world: &World, link: &str) -> Answer {
    world.get(link).send().await
}

fn said(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.text_at("/code"))
}

fn ended() -> (u16, String) {
    (410, "link_ended".to_owned())
}

/// A shop with something sold, and a report of it.
async fn sold(world: &World, name: &str) -> (Person, String) {
    let owner = shop(world, name).await;
    let ada = made(world, &owner, &json!({"name": "Ada"})).await;
    ordered(world, &owner, &json!({"customer_id": ada, "total": "12.30", "status": "paid"})).await;
    let told = json!({"name": "Sales", "measures": ["orders", "revenue"], "dimensions": ["day"]});
    let id = report(world, &owner, &told).await;
    (owner, id)
}

#[tokio::test]
async fn a_link_shows_what_whoever_is_signed_in_sees_and_its_days_stay() {
    let books = Books::new().await;
    let (world, owner) = (&books.world, &books.owner);
    let told = json!({
        "name": "Umsätze", "measures": ["revenue", "orders"], "dimensions": ["month", "country"], "timeframe": "90d",
        "filter": "number_of_orders > 0",
    });
    let id = report(world, owner, &told).await;
    let made = owner.post(world, &format!("{PATH}/{id}/links"), &json!({})).await;
    let shown = ["/format", "/since", "/until"].map(|pointer| made.text_at(pointer));
    assert_eq!(shown, ["pdf", "2026-12-15", "2027-03-14"], "{}", made.text);
    let ends_at: domain::Timestamp = made.text_at("/expires_at").parse().expect("an instant");
    assert_eq!(ends_at.as_second(), world.clock.now().as_second() + WEEK_SECONDS);
    for (asked, query, kind) in [
        (json!({}), "format=pdf", "application/pdf"),
        (json!({"format": "csv"}), "format=csv", "text/csv; charset=utf-8; header=present"),
        (
            json!({"format": "csv", "timeframe": "3y"}),
            "format=csv&timeframe=3y",
            "text/csv; charset=utf-8; header=present",
        ),
        (
            json!({"format": "pdf", "since": "2026-11-01", "until": "2026-12-31"}),
            "format=pdf&since=2026-11-01&until=2026-12-31",
            "application/pdf",
        ),
    ] {
        let link = link(world, owner, &id, &asked).await;
        let (opened, seen) = (open(world, &link).await, run(world, owner, &id, query).await);
        assert_eq!((opened.status.as_u16(), opened.header("content-type")), (200, kind), "{}", opened.text);
        assert!(opened.bytes.len() > 100 && opened.bytes == seen.bytes, "{asked}");
        for (header, expected) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("content-disposition", seen.header("content-disposition")),
        ] {
            assert_eq!(opened.header(header), expected);
        }
    }
    let fixed = link(world, owner, &id, &json!({"format": "csv"})).await;
    let before = run(world, owner, &id, "format=csv").await.text;
    world.clock.advance_seconds(3 * 24 * 3_600);
    let order = json!({"email": "late@example.com", "total": "5.00", "status": "paid", "placed_at": "2027-03-16T12:00:00Z"});
    ordered(world, owner, &order).await;
    assert_eq!(open(world, &fixed).await.text, before, "its days are those that they were");
    let late = json!({"email": "late@example.com", "total": "5.00", "status": "paid", "placed_at": "2027-03-14T12:00:00Z"});
    ordered(world, owner, &late).await;
    let now = run(world, owner, &id, "format=csv&since=2026-12-15&until=2027-03-14").await.text;
    assert!(
        now != before && open(world, &fixed).await.text == now,
        "and what is told of them is what is known now"
    );
}

#[tokio::test]
async fn a_link_works_for_seven_days() {
    let world = World::new(1).await;
    let (owner, id) = sold(&world, "owner").await;
    let link = link(&world, &owner, &id, &json!({"format": "csv"})).await;
    world.clock.advance_seconds(WEEK_SECONDS - 1);
    assert_eq!(open(&world, &link).await.status, 200);
    world.clock.advance_seconds(1);
    assert_eq!(said(&open(&world, &link).await), (410, "link_expired".to_owned()));
}

#[tokio::test]
async fn links_that_are_ended_open_nothing_and_others_can_be_made() {
    let world = World::new(2).await;
    let (owner, id) = sold(&world, "owner").await;
    let other = report(&world, &owner, &json!({"name": "Other", "measures": ["orders"]})).await;
    let csv = json!({"format": "csv"});
    let (first, others) = (link(&world, &owner, &id, &csv).await, link(&world, &owner, &other, &csv).await);
    let end = owner.call(&world, "DELETE", &format!("{PATH}/{id}/links"), &json!({})).await;
    assert_eq!(end.status, 204, "{}", end.text);
    assert_eq!(said(&open(&world, &first).await), ended());
    assert_eq!(open(&world, &others).await.status, 200, "another report's stay");
    let second = link(&world, &owner, &id, &csv).await;
    assert_eq!(open(&world, &second).await.status, 200);
    let shown = owner.get(&world, &format!("{PATH}/{id}")).await;
    assert_eq!(shown.at("/version"), json!(1), "the report is as it was");
    let gone = owner.call(&world, "DELETE", &format!("{PATH}/{id}"), &json!({})).await;
    assert_eq!(gone.status, 204);
    assert_eq!(said(&open(&world, &second).await), ended(), "a report that is gone is shown to nobody");
}

#[tokio::test]
async fn a_link_ends_with_its_maker_and_with_the_shop() {
    let world = World::new(3).await;
    let (owner, id) = sold(&world, "owner").await;
    let marketer = join(&world, &owner, "marketer", "marketer").await;
    let csv = json!({"format": "csv"});
    let (theirs, own) = (link(&world, &marketer, &id, &csv).await, link(&world, &owner, &id, &csv).await);
    assert_eq!(open(&world, &theirs).await.status, 200);
    let removed =
        owner.call(&world, "DELETE", &format!("/api/v1/members/{}", marketer.user), &json!({})).await;
    assert_eq!(removed.status, 204);
    assert_eq!(said(&open(&world, &theirs).await), ended(), "who made it is no member any more");
    assert_eq!(open(&world, &own).await.status, 200);
    for status in [TenantStatus::Suspended, TenantStatus::Disconnected, TenantStatus::Erased] {
        set_status(&world, &owner.tenant, status).await;
        assert_eq!(said(&open(&world, &own).await), ended(), "{status:?}");
    }
}

#[tokio::test]
async fn a_link_of_an_account_that_went_into_other_hands_opens_nothing() {
    let world = World::new(4).await;
    let (stranger, id) = sold(&world, "greta").await;
    let link = link(&world, &stranger, &id, &json!({"format": "csv"})).await;
    assert_eq!(open(&world, &link).await.status, 200);
    assert_eq!(sign_in(&world, &world.browser(), "greta@example.com", true).await.status, 302);
    assert_eq!(login(&world, &stranger.email, PASSWORD).await.status, 401, "the account is Greta's");
    assert_eq!(said(&open(&world, &link).await), ended());
}

#[tokio::test]
async fn nobody_but_us_makes_a_link_and_one_shops_opens_no_others() {
    let world = World::new(5).await;
    let ((owner, id), (other, theirs)) = (sold(&world, "owner").await, sold(&world, "other").await);
    let good = link(&world, &owner, &id, &json!({"format": "csv"})).await;
    for bent in [
        good.replace(&owner.tenant, &other.tenant),
        good.replace(&id, &theirs),
        good.replace(&owner.tenant, &other.tenant).replace(&id, &theirs).replace(&owner.user, &other.user),
        good.replace(".csv.", ".pdf."),
        good.replace(".2026-", ".2025-"),
        good[..good.len() - 1].to_owned(),
        "/api/v1/shared/reports".to_owned(),
        "/api/v1/shared/reports?token=".to_owned(),
        format!("/api/v1/shared/reports?token={}", owner.access),
    ] {
        assert_ne!(bent, good);
        let answer = open(&world, &bent).await;
        assert_eq!(said(&answer), (404, "not_found".to_owned()), "{bent}");
    }
    let foreign = other.post(&world, &format!("{PATH}/{id}/links"), &json!({})).await;
    assert_eq!(foreign.status, 404);
    let mixed = format!("{good}&utm_source=mail");
    assert_eq!(open(&world, &mixed).await.status, 200, "what mail programs add does no harm");
    assert_eq!(world.get(&good).bearer(&other.access).send().await.status, 200, "whoever has it, sees it");
}

#[tokio::test]
async fn a_link_is_asked_for_with_all_that_is_wrong_told() {
    let world = World::new(6).await;
    let (owner, id) = sold(&world, "owner").await;
    for (body, at) in [
        (json!({"format": "xls"}), "/format"),
        (json!({"timeframe": "ages"}), "/timeframe"),
        (json!({"since": "2026-02-30"}), "/since"),
        (json!({"since": "2026-02-02", "until": "2026-02-01"}), "/until"),
        (json!({"days": 7}), "/days"),
    ] {
        let refused = owner.post(&world, &format!("{PATH}/{id}/links"), &body).await;
        assert_eq!(
            (refused.status.as_u16(), refused.text_at("/errors/0/pointer")),
            (400, at.to_owned()),
            "{body}"
        );
    }
    let both =
        owner.post(&world, &format!("{PATH}/{id}/links"), &json!({"format": "xls", "since": "soon"})).await;
    assert_eq!(both.at("/errors").as_array().map(Vec::len), Some(2), "{}", both.text);
}

#[tokio::test]
async fn a_link_that_goes_round_is_slowed_down_and_no_log_tells_it() {
    let (world, log) = (World::new(7).await, Log::listen());
    let ((owner, id), (other, theirs)) = (sold(&world, "owner").await, sold(&world, "other").await);
    let csv = json!({"format": "csv"});
    let (one, another) = (link(&world, &owner, &id, &csv).await, link(&world, &other, &theirs, &csv).await);
    for number in 0..60 {
        let answer = world.get(&one).from([10, 9, 0, number]).send().await;
        assert_eq!(answer.status, 200, "{number}: {}", answer.text);
    }
    let slowed = world.get(&one).from([10, 9, 0, 60]).send().await;
    assert_eq!((slowed.status.as_u16(), slowed.header("retry-after")), (429, "1"), "{}", slowed.text);
    assert_eq!(world.get(&another).from([10, 9, 0, 60]).send().await.status, 200, "another shop's opens");
    let guess =
        |number: u32| world.get(&format!("/api/v1/shared/reports?token=rep.{number}")).from([10, 9, 1, 0]);
    for number in 0..60 {
        assert_eq!(guess(number).send().await.status, 404);
    }
    assert_eq!(guess(60).send().await.status, 429, "and who guesses is, too");
    let token = one.split_once('=').expect("it has one").1;
    let lines = log.lines();
    assert!(
        lines
            .iter()
            .any(|line| line["path"] == "/api/v1/shared/reports" && line["tenant"] == owner.tenant.as_str())
    );
    assert!(lines.iter().all(|line| !line.to_string().contains(token)), "a token stands in a line");
}

#[tokio::test]
async fn a_viewer_shares_nothing() {
    let world = World::new(8).await;
    let owner = sign_up(&world, "owner").await;
    let id = report(&world, &owner, &json!({"name": "Sales", "measures": ["orders"]})).await;
    let viewer = join(&world, &owner, "viewer", "viewer").await;
    assert_eq!(viewer.post(&world, &format!("{PATH}/{id}/links"), &json!({})).await.status, 403);
}

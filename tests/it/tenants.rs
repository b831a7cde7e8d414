//! Isolation, route by route: every operation of the OpenAPI document is tried with no credentials, with bad ones,
//! with another tenant's ids, and in every role. An operation without an entry here fails the test.

mod house;
mod operations;

use crate::cast::{PASSWORD, Person, join, login, sign_up};
use house::House;
use local::{World, world::Answer, world::Call};
use operations::{Needs, OPERATIONS};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A body that the operation would take.
fn body(path: &str) -> Value {
    match path {
        "/api/auth/oauth-token" => json!({"shop": "a-shop"}),
        "/api/v1/members/{user}" => json!({"role": "viewer"}),
        "/api/v1/invitations" => json!({"email": "new@example.com", "role": "viewer"}),
        "/api/v1/api-keys" => json!({"name": "new", "scopes": ["account:read"]}),
        "/api/v1/tenants" => json!({"name": "New"}),
        "/api/v1/suppressions" => json!({"email": "never@example.com"}),
        "/api/v1/suppressions/bulk" => json!({"suppressions": [{"email": "never@example.com"}]}),
        // While a shop is connected, its own settings decide what there is to change.
        "/api/v1/tenants/me" => json!({}),
        "/api/v1/customers/{customer}/merge" => json!({"into": "{other}"}),
        path if path.ends_with("customers/bulk") => json!({"customers": [{"email": "new@example.com"}]}),
        "/api/v1/imports" => json!({"of": "customers", "bytes": 5}),
        "/api/v1/orders/{order}/move" => json!({"customer_id": "{customer}"}),
        "/api/segments" => json!({"name": "Newer", "rule": "EVERYONE"}),
        "/segments" => json!({"name": "Newest", "rule": "EVERYONE"}),
        path if path.ends_with("/segments") || path.ends_with("{segment}") => {
            json!({"name": "New", "rule": "EVERYONE"})
        }
        "/api/v1/segments/from-words" | "/api/ai/nl-to-rules" => json!({"prompt": "more than 5 orders"}),
        path if path.ends_with("/overlap") => json!({"segments": ["{segment}", "{list}"]}),
        path if path.ends_with("/refresh") || path.ends_with("/recompute") => json!({}),
        path if path.contains("/members") && path.contains("/segments/") => {
            json!({"customers": ["{customer}"]})
        }
        path if path.contains("/segments/") => json!({"rule": "EVERYONE"}),
        "/api/v1/templates/{template}/preview" => json!({}),
        path if path.ends_with("/test") => json!({"to": ["+14155552671"]}),
        path if path.contains("/templates") => json!({"name": "New", "channel": "sms", "text": "Hi"}),
        path if path.ends_with("/campaigns") || path.ends_with("{campaign}") => {
            json!({"name": "New", "channel": "sms", "text": "Hi", "rule": "EVERYONE"})
        }
        path if path.ends_with("/preview-audience") => json!({"rule": "EVERYONE"}),
        path if path.ends_with("{campaign}/schedule") => json!({"frequency": "daily", "time": "09:00"}),
        path if path.ends_with("/trial/decide") => json!({"variant": "B"}),
        path if path.contains("/campaigns/") => json!({}),
        "/api/v1/senders" => json!({"kind": "name", "identity": "New"}),
        path if path.ends_with("{report}/links") => json!({"format": "csv"}),
        path if path.ends_with("{report}/schedule") => {
            json!({"every": "day", "at": "08:00", "to": ["{address}"]})
        }
        path if path.contains("/reports") => json!({"name": "New", "measures": ["orders"]}),
        path if path.ends_with("orders") => json!({"email": "new@example.com", "total": 5}),
        path if path.contains("orders") => json!({"total": "7.00"}),
        path if path.contains("products") => json!({"title": "New", "variants": [{"price": 5}]}),
        path if path.contains("customers") => json!({"first_name": "New"}),
        "/api/v1/members/me/telephone" => json!({"number": "+14155552671"}),
        "/api/v1/members/me/telephone/prove" => json!({"code": "wrong"}),
        _ => json!({}),
    }
}

fn call<'a>(world: &'a World, method: &str, house: &House, template: &str) -> Call<'a> {
    let query =
        if method == "GET" && template.ends_with("/segments/preview") { "?rules=EVERYONE" } else { "" };
    let call = world.call(method, &format!("{}{query}", house.fill(template)));
    let body = house.fill(&body(template).to_string());
    if method == "GET" || method == "DELETE" {
        return call;
    }
    if template.contains("/data/import/orders") {
        return call.raw("walk_in,total,date\nyes,1,2026-01-31\n").header("content-type", "text/csv");
    }
    if template.contains("/data/import/") {
        return call.raw("email\nbrought@example.com\n").header("content-type", "text/csv");
    }
    call.raw(&body).header("content-type", "application/json")
}

#[test]
fn every_operation_has_an_entry() {
    let document = serde_json::to_value(api::openapi()).expect("the document is JSON");
    let paths = document["paths"].as_object().expect("it has paths");
    let documented: BTreeSet<_> = paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("a path has operations").keys();
            methods.map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let listed: BTreeSet<_> =
        OPERATIONS.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(documented, listed);
}

#[tokio::test]
async fn without_credentials_or_with_bad_ones_nothing_opens() {
    let world = World::new(1).await;
    let house = House::build(&world, "ada").await;
    world.clock.advance_seconds(899);
    let stale = sign_up(&world, "old").await.access;
    world.clock.advance_seconds(900);
    let bent = format!("{}x", house.owner.access);
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoiZmlyc3QifQ.e30.".to_owned();
    for (method, template, needs) in OPERATIONS {
        if *needs == Needs::Nothing {
            continue;
        }
        let plain = call(&world, method, &house, template);
        let mut answers = vec![("nothing".to_owned(), plain.send().await)];
        for token in [&stale, &bent, &none, &"reg_AAAA".to_owned(), &String::new()] {
            answers.push((token.clone(), plain.clone().bearer(token).send().await));
            let cookie = plain.clone().header("cookie", &format!("__Host-access={token}"));
            answers.push((format!("cookie {token}"), cookie.send().await));
        }
        for (what, answer) in answers {
            assert_eq!(answer.status, 401, "{method} {template} with {what}: {}", answer.text);
            leaks_nothing(&answer, &house, template);
        }
    }
}

#[tokio::test]
async fn another_tenants_ids_are_not_there() {
    let world = World::new(2).await;
    let (mut mine, mut theirs) = (House::build(&world, "ada").await, House::build(&world, "bob").await);
    let theirs_before = picture(&world, &theirs).await;
    for (place, (method, template, needs)) in OPERATIONS.iter().enumerate() {
        if place.is_multiple_of(100) {
            // Who has signed in is for a quarter of an hour.
            mine.owner = Person::of(&login(&world, &mine.owner.email, PASSWORD).await);
        }
        let Needs::Role(_) = needs else { continue };
        world.clock.advance_seconds(5);
        let answer = call(&world, method, &theirs, template).bearer(&mine.owner.access).send().await;
        // A kind of thing is everybody's.
        let names_theirs = template.ends_with("/overlap");
        if names_theirs || template.replace("{resource}", "").replace("{group}", "").contains('{') {
            assert_eq!(answer.status, 404, "{method} {template}: {}", answer.text);
        } else {
            // Several begin a sync; one is under way at a time.
            let is_begun = answer.status == 409 && answer.text_at("/code") == "sync_running";
            // Nobody here reads what is texted.
            let is_tried = ["wrong_code", "code_spent"].contains(&answer.text_at("/code").as_str());
            assert!(
                answer.status.is_success() || is_begun || is_tried,
                "{method} {template}: {}",
                answer.text
            );
        }
        leaks_nothing(&answer, &theirs, template);
    }
    let switch = mine.owner.post(&world, "/api/auth/switch", &json!({"tenant": theirs.owner.tenant})).await;
    assert_eq!(switch.status, 404);
    world.clock.advance_seconds(60);
    theirs.owner = Person::of(&login(&world, &theirs.owner.email, PASSWORD).await);
    assert_eq!(picture(&world, &theirs).await, theirs_before, "and nothing of theirs has changed");
}

/// A code may be tried; nobody here reads which was texted.
fn is_tried(answer: &Answer) -> bool {
    answer.status == 400 && ["wrong_code", "code_spent"].contains(&answer.text_at("/code").as_str())
}

/// All that the house's owner can see of it.
async fn picture(world: &World, house: &House) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in [
        "/api/v1/members",
        "/api/v1/invitations",
        "/api/v1/api-keys",
        "/api/v1/customers",
        "/api/v1/orders",
        "/api/v1/products",
        "/api/v1/segments",
        "/api/v1/templates",
        "/api/v1/campaigns",
        "/api/v1/reports",
        "/api/v1/suppressions",
        "/api/v1/senders",
        "/api/v1/sending",
        "/api/v1/jobs",
        "/api/v1/tenants/me/webhooks",
    ] {
        seen.push(house.owner.get(world, path).await.json());
    }
    // Its links are made anew each time.
    seen.push(house.owner.get(world, "/api/v1/tenants/me/privacy").await.at("/items/0/state"));
    seen.push(house.owner.get(world, "/api/v1/tenants/me").await.at("/name"));
    seen
}

/// What was in the path may come back in the path's own words only; nothing else of that house may.
fn leaks_nothing(answer: &Answer, house: &House, template: &str) {
    for mark in house.marks() {
        assert!(!answer.text.contains(mark), "{template} tells of {mark}: {}", answer.text);
    }
}

/// A campaign is where the move that is tried can be made.
async fn prepare(world: &World, house: &House, template: &str) {
    let Some((_, last)) = template.rsplit_once("{campaign}/") else { return };
    if last == "trial/decide" {
        house.tries_two_texts(world).await;
    }
    let moves: &[&str] = match last {
        "unschedule" => &["schedule"],
        "pause" => &["launch"],
        "resume" => &["launch", "pause"],
        "unarchive" => &["archive"],
        _ => &[],
    };
    for name in moves {
        let path = format!("/api/v1/campaigns/{{campaign}}/{name}");
        let answer = call(world, "POST", house, &path).bearer(&house.owner.access).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_viewer_may_do_what_their_row_says() {
    each_may_do_what_its_row_says("viewer").await;
}

#[tokio::test]
async fn a_marketer_may_do_what_their_row_says() {
    each_may_do_what_its_row_says("marketer").await;
}

#[tokio::test]
async fn an_admin_may_do_what_their_row_says() {
    each_may_do_what_its_row_says("admin").await;
}

#[tokio::test]
async fn an_owner_may_do_what_their_row_says() {
    each_may_do_what_its_row_says("owner").await;
}

async fn each_may_do_what_its_row_says(role: &str) {
    let mut shared = Cast::of(role).await;
    for (place, (method, template, needs)) in OPERATIONS.iter().enumerate() {
        if place.is_multiple_of(100) {
            shared.sign_in().await;
        }
        let Needs::Role(roles) = needs else { continue };
        let may = roles.contains(&role);
        // What changes nothing is tried in one world; the rest in a world of its own, where all is still there.
        let own = if may && *method != "GET" { Some(Cast::of(role).await) } else { None };
        let Cast { world, house, actor } = own.as_ref().unwrap_or(&shared);
        world.clock.advance_seconds(5);
        if may {
            prepare(world, house, template).await;
        }
        let answer = call(world, method, house, template).bearer(&actor.access).send().await;
        let expected =
            if may { answer.status.is_success() || is_tried(&answer) } else { answer.status == 403 };
        assert!(expected, "{method} {template} as {role}: {} {}", answer.status, answer.text);
    }
}

/// Somebody of a role, and all that they might change.
struct Cast {
    world: World,
    house: House,
    actor: Person,
}

impl Cast {
    async fn of(role: &str) -> Self {
        let world = World::new(3).await;
        let house = House::build(&world, "ada").await;
        let actor = match role {
            "owner" => house.owner.clone(),
            _ => join(&world, &house.owner, "actor", role).await,
        };
        Self { world, house, actor }
    }

    /// Who has signed in is for a quarter of an hour.
    async fn sign_in(&mut self) {
        self.actor = Person::of(&login(&self.world, &self.actor.email, PASSWORD).await);
    }
}

#[tokio::test]
async fn an_api_key_without_scopes_for_it_may_do_nothing_and_is_no_person() {
    let world = World::new(4).await;
    let house = House::build(&world, "ada").await;
    let made =
        house.owner.post(&world, "/api/v1/api-keys", &json!({"name": "k", "scopes": ["keys:manage"]})).await;
    let key = made.text_at("/key");
    for (method, template, needs) in OPERATIONS {
        let expected = match (needs, *template) {
            (Needs::Nothing, _) | (_, "/api/auth/me" | "/api/v1/me") => continue,
            (Needs::Person | Needs::Operator, _) => 401,
            (Needs::Role(_), "/api/v1/api-keys" | "/api/v1/api-keys/{key}") if *method != "GET" => continue,
            (Needs::Role(_), _) => 403,
        };
        world.clock.advance_seconds(1);
        let answer = call(&world, method, &house, template).bearer(&key).send().await;
        assert_eq!(answer.status, expected, "{method} {template}: {}", answer.text);
    }
}

//! Addresses that are not written to: by providers' words and by hand, whoever has them, until somebody takes them off the list.

use super::{DOOR, message, sent, told};
use crate::{
    cast::{Person, join},
    customers::shop,
};
use domain::campaign::{Fate, MessageId, Why};
use local::World;
use serde_json::{Value, json};

const LIST: &str = "/api/v1/suppressions";

pub(super) async fn listed(world: &World, owner: &Person, query: &str) -> Vec<(String, String)> {
    let list = owner.get(world, &format!("{LIST}{query}")).await;
    assert_eq!(list.status, 200, "{}", list.text);
    let items = list.at("/items").as_array().cloned().unwrap_or_default();
    let mut all: Vec<_> = items
        .iter()
        .map(|item| {
            (
                item["address"].as_str().unwrap_or("nobody").to_owned(),
                item["reason"].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    all.sort();
    all
}

async fn tells(world: &World, id: MessageId, status: &str, reason: Option<&str>) {
    let body = json!({"messageId": id.to_string(), "status": status, "errorCode": reason, "retryable": reason == Some("MAILBOX_FULL")});
    let taken = told(world, DOOR, &body).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    world.run_without_vendor().await;
}

/// How many of all customers could be written to by mail.
pub(super) async fn reachable(world: &World, owner: &Person) -> Value {
    owner.get(world, "/api/v1/customers/stats/overview").await.at("/reachable_by_email")
}

async fn again(world: &World, owner: &Person) -> Value {
    let letter = json!({"name": "Again", "kind": "newsletter", "rule": "EVERYONE", "subject": "Hi",
        "html": "<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>"});
    let campaign = owner.post(world, "/api/v1/campaigns", &letter).await.text_at("/id");
    let launched = owner.post(world, &format!("/api/v1/campaigns/{campaign}/launch"), &json!({})).await;
    assert_eq!(launched.status, 200, "{}", launched.text);
    world.run_without_vendor().await;
    owner.get(world, &format!("/api/v1/campaigns/{campaign}")).await.json()
}

fn left_out(campaign: &Value, reason: &str) -> u64 {
    let all = campaign["plan"]["left_out"].as_array().cloned().unwrap_or_default();
    all.iter().find(|one| one["reason"] == reason).and_then(|one| one["count"].as_u64()).unwrap_or(0)
}

#[tokio::test]
async fn who_bounced_hard_or_complained_is_written_to_no_more_and_counts_say_so() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let (_, messages) = sent(&world, &owner, 5).await;
    assert_eq!(reachable(&world, &owner).await, json!(5));
    for twice in 0..2 {
        tells(&world, messages[0], "BOUNCED", Some("EMAIL_BOUNCED")).await;
        tells(&world, messages[1], "COMPLAINED", None).await;
        tells(&world, messages[2], "UNSUBSCRIBED", None).await;
        tells(&world, messages[3], "BOUNCED", Some("MAILBOX_FULL")).await;
        let list = listed(&world, &owner, "").await;
        let reasons: Vec<_> = list.iter().map(|(_, reason)| reason.as_str()).collect();
        assert_eq!(reasons.len(), 3, "{twice}: one that is full for now stays: {list:?}");
        for reason in ["hard_bounce", "complaint", "unsubscribe"] {
            assert!(reasons.contains(&reason), "{list:?}");
            assert_eq!(listed(&world, &owner, &format!("?reason={reason}")).await.len(), 1);
        }
    }
    assert_eq!(reachable(&world, &owner).await, json!(2));
    let campaign = again(&world, &owner).await;
    assert_eq!(campaign["plan"]["chosen"], 2, "{campaign}");
    assert_eq!(left_out(&campaign, "suppressed"), 2, "{campaign}");
    assert_eq!(
        left_out(&campaign, "unsubscribed"),
        1,
        "who says it to a provider says it to the shop: {campaign}"
    );
}

#[tokio::test]
async fn five_letters_in_a_row_that_were_not_taken_are_enough_and_one_that_arrived_begins_anew() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let (_, first) = sent(&world, &owner, 1).await;
    tells(&world, first[0], "BOUNCED", Some("MAILBOX_FULL")).await;
    let mut last = None;
    for number in 2..=9 {
        world.clock.advance_seconds(86_400);
        let owner = Person::of(&crate::cast::login(&world, &owner.email, crate::cast::PASSWORD).await);
        again(&world, &owner).await;
        let entries = world.vendor.entries();
        assert_eq!(entries.len(), number, "it is still written to");
        let id: MessageId = entries[number - 1].message.as_str().parse().expect("ours");
        let status = if number == 4 { "DELIVERED" } else { "BOUNCED" };
        tells(&world, id, status, (status == "BOUNCED").then_some("MAILBOX_FULL")).await;
        let kept = listed(&world, &owner, "").await;
        // 1, 2 and 3, then one that arrived; then 5, 6, 7, 8 and 9.
        let expected = if number == 9 { vec!["soft_bounce".to_owned()] } else { Vec::new() };
        assert_eq!(kept.into_iter().map(|(_, reason)| reason).collect::<Vec<_>>(), expected, "{number}");
        last = Some(id);
    }
    // What was taken after all takes it off the list again.
    tells(&world, last.expect("there were some"), "DELIVERED", None).await;
    let owner = Person::of(&crate::cast::login(&world, &owner.email, crate::cast::PASSWORD).await);
    assert_eq!(listed(&world, &owner, "").await, []);
    assert_eq!(reachable(&world, &owner).await, json!(1));
}

#[tokio::test]
async fn an_address_on_the_list_is_nobodys_way_in_whoever_comes_with_it_and_however() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    let add = |email: &str| json!({"email": email});
    let added = owner.post(&world, LIST, &add("Ada@Example.com")).await;
    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(
        (added.text_at("/reason"), added.text_at("/channel")),
        ("manual".to_owned(), "email".to_owned())
    );
    assert_eq!(added.text_at("/user"), owner.user);
    let agreed = |email: &str| json!({"email": email, "email_consent": {"state": "subscribed"}});
    let ada = owner.post(&world, "/api/v1/customers", &agreed("ada@example.com")).await.text_at("/id");
    let bob = owner.post(&world, "/api/v1/customers", &agreed("bob@example.com")).await.text_at("/id");
    let bulk = json!({"customers": [agreed("cat@example.com"), agreed("dan@example.com")]});
    assert_eq!(owner.post(&world, LIST, &add("dan@example.com")).await.status, 201);
    assert!(owner.post(&world, "/api/v1/customers/bulk", &bulk).await.status.is_success());
    assert_eq!(reachable(&world, &owner).await, json!(2), "bob and cat");
    let path = |id: &str| format!("/api/v1/customers/{id}");
    owner.call(&world, "PATCH", &path(&ada), &json!({"email": "eve@example.com"})).await;
    assert_eq!(reachable(&world, &owner).await, json!(3), "ada has another address");
    owner.call(&world, "PATCH", &path(&bob), &json!({"email": "ada@example.com"})).await;
    assert_eq!(reachable(&world, &owner).await, json!(2), "bob has hers");
    let lifted =
        owner.call(&world, "DELETE", &format!("{LIST}/{}", added.text_at("/id")), &Value::Null).await;
    assert_eq!(lifted.status, 204, "{}", lifted.text);
    assert_eq!(reachable(&world, &owner).await, json!(3));
    world.settle().await;
    assert_eq!(listed(&world, &owner, "").await, [("dan@example.com".to_owned(), "manual".to_owned())]);
}

#[tokio::test]
async fn a_complaint_is_taken_off_by_an_admin_with_a_reason_and_an_old_word_puts_nothing_back() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    let marketer = join(&world, &owner, "mark", "marketer").await;
    let (_, messages) = sent(&world, &owner, 1).await;
    tells(&world, messages[0], "COMPLAINED", None).await;
    let id = owner.get(&world, LIST).await.text_at("/items/0/id");
    let path = format!("{LIST}/{id}");
    let lift = |person: Person, query: &'static str| {
        let (world, path) = (&world, &path);
        async move { person.call(world, "DELETE", &format!("{path}{query}"), &Value::Null).await }
    };
    assert_eq!(lift(marketer.clone(), "?why=They%20asked").await.status, 403);
    assert_eq!(lift(owner.clone(), "").await.text_at("/errors/0/pointer"), "?why");
    assert_eq!(lift(owner.clone(), "?why=They%20asked").await.status, 204);
    assert_eq!(lift(owner.clone(), "?why=They%20asked").await.status, 404, "it is off");
    let old = json!({"messageId": messages[0].to_string(), "status": "COMPLAINED", "timestamp": "2020-01-01T00:00:00Z"});
    assert_eq!(told(&world, DOOR, &old).await.status, 200);
    world.run_without_vendor().await;
    assert_eq!(listed(&world, &owner, "").await, []);
}

#[tokio::test]
async fn who_is_put_on_the_list_after_a_campaign_was_planned_is_left_out_at_the_last_moment() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    let one = json!({"email": "ada@example.com", "email_consent": {"state": "subscribed"}});
    owner.post(&world, "/api/v1/customers", &one).await;
    let letter = json!({"name": "Spring", "kind": "newsletter", "rule": "EVERYONE", "subject": "Hi", "html": "<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No</a>"});
    let campaign = owner.post(&world, "/api/v1/campaigns", &letter).await.text_at("/id");
    owner.post(&world, &format!("/api/v1/campaigns/{campaign}/launch"), &json!({})).await;
    // Planned, and no lane has begun.
    for taken in world.tasks.take(domain::Queue::Campaign).expect("memory holds") {
        world.deliver(domain::Queue::Campaign, &taken.body).await.expect("it is done");
        world.tasks.done(domain::Queue::Campaign, &taken).expect("memory holds");
    }
    assert_eq!(
        owner.get(&world, &format!("/api/v1/campaigns/{campaign}")).await.at("/plan/chosen"),
        json!(1)
    );
    assert_eq!(owner.post(&world, LIST, &json!({"email": "ada@example.com"})).await.status, 201);
    world.run_without_vendor().await;
    assert_eq!(world.vendor.entries().len(), 0, "nobody was asked to send it");
    let id = MessageId {
        tenant: owner.tenant.parse().expect("an id"),
        campaign: campaign.parse().expect("an id"),
        chunk: 0,
        place: 0,
    };
    let left = message(&world, id).await;
    assert_eq!((left.fate, left.why), (Fate::Skipped, Some(Why::Suppressed)));
}

#[tokio::test]
async fn the_list_is_shown_page_by_page_and_what_is_wrong_is_told() {
    let world = World::new(6).await;
    let owner = shop(&world, "owner").await;
    for number in 0..25 {
        let told = json!({"email": format!("ada{number}@example.com"), "reason": "import"});
        assert_eq!(owner.post(&world, LIST, &told).await.status, 201);
    }
    assert_eq!(owner.post(&world, LIST, &json!({"phone": "+14155552671"})).await.text_at("/channel"), "sms");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = owner.get(&world, &format!("{LIST}?limit=7&reason=import{cursor}")).await;
        let items = page.at("/items").as_array().cloned().unwrap_or_default();
        assert!(items.len() <= 7);
        seen.extend(items.iter().map(|item| item["id"].to_string()));
        let Value::String(next) = page.at("/next") else { break };
        cursor = format!("&cursor={next}");
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((all, seen.len()), (25, 25));
    for (body, at) in [
        (json!({}), ""),
        (json!({"email": "ada@example.com", "phone": "+14155552671"}), ""),
        (json!({"email": "ada"}), "/email"),
        (json!({"email": "ada@example.com", "reason": "luck"}), "/reason"),
        (json!({"email": "ada@example.com", "reason": "complaint"}), "/reason"),
    ] {
        let refused = owner.post(&world, LIST, &body).await;
        assert_eq!(
            (refused.status.as_u16(), refused.text_at("/errors/0/pointer").as_str()),
            (400, at),
            "{body}"
        );
    }
    for path in [format!("{LIST}/email.x"), format!("{LIST}/x"), format!("{LIST}/sms.AAAA")] {
        assert_eq!(owner.call(&world, "DELETE", &path, &Value::Null).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn who_was_erased_and_comes_back_is_not_written_to_and_the_list_names_nobody_meanwhile() {
    let world = World::new(7).await;
    let owner = shop(&world, "owner").await;
    let (_, messages) = sent(&world, &owner, 1).await;
    tells(&world, messages[0], "BOUNCED", Some("EMAIL_BOUNCED")).await;
    let customer = owner.get(&world, LIST).await.text_at("/items/0/customer_id");
    let erased = owner.call(&world, "DELETE", &format!("/api/v1/customers/{customer}"), &Value::Null).await;
    assert!(erased.status.is_success(), "{}", erased.text);
    world.run_without_vendor().await;
    assert_eq!(listed(&world, &owner, "").await, [("nobody".to_owned(), "hard_bounce".to_owned())]);
    // What is told once more is about a message of which nothing is left.
    let again =
        json!({"messageId": messages[0].to_string(), "status": "BOUNCED", "errorCode": "EMAIL_BOUNCED"});
    assert_eq!(told(&world, DOOR, &again).await.status, 404);
    let agreed = json!({"email": "ada0@example.com", "email_consent": {"state": "subscribed"}});
    assert_eq!(owner.post(&world, "/api/v1/customers", &agreed).await.status, 201);
    assert_eq!(reachable(&world, &owner).await, json!(0));
    assert_eq!(listed(&world, &owner, "").await, [("ada0@example.com".to_owned(), "hard_bounce".to_owned())]);
}

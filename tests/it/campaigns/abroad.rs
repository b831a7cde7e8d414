//! What other systems ask about campaigns, as they ask it, on the paths that they know: it is done, and answered in their members
//! beside ours; or it is refused, with what to do instead.

use super::shown;
use crate::{
    cast::{PASSWORD, Person, login},
    customers::{made as customer, shop, told},
};
use local::{World, world::Answer};
use serde_json::{Value, json};

/// Three who agreed to be written to, one of whom has spent something.
async fn house(seed: u64) -> (World, Person) {
    let world = World::new(seed).await;
    let owner = shop(&world, "owner").await;
    for name in ["ada", "bo", "cy"] {
        let one = json!({"first_name": name, "email": format!("{name}@example.com"), "email_consent": {"state": "subscribed"}});
        customer(&world, &owner, &one).await;
    }
    let order = json!({"email": "ada@example.com", "total": 7000});
    assert_eq!(owner.post(&world, "/api/v1/orders", &order).await.status, 201);
    (world, owner)
}

fn holds(answer: &Answer, all: &[(&str, Value)]) {
    for (pointer, expected) in all {
        assert_eq!(answer.at(pointer), *expected, "{pointer}: {}", answer.text);
    }
}

fn has(answer: &Answer, at: &str, names: &[&str]) {
    let all = answer.at(at);
    for name in names {
        assert!(all.get(*name).is_some(), "{at}/{name}: {}", answer.text);
    }
}

fn everybody() -> Value {
    json!({"logic": "AND", "conditions": [{"field": "totalSpending", "operator": ">=", "value": 0}]})
}

#[tokio::test]
async fn a_campaign_of_rules_is_made_without_words_and_launched_with_them() {
    let (world, owner) = house(1).await;
    let body = json!({"name": "Come back", "description": "for the spring", "rules": everybody()});
    let made = owner.post(&world, "/api/campaigns", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.text_at("/id");
    holds(
        &made,
        &[
            ("/success", json!(true)),
            ("/data/id", json!(id)),
            ("/data/campaign/name", json!("Come back")),
            ("/data/campaign/description", json!("for the spring")),
            ("/data/campaign/status", json!("DRAFT")),
            ("/data/audienceSize", json!(3)),
            ("/subject", Value::Null),
        ],
    );
    let path = format!("/api/campaigns/{id}");
    for act in ["launch", "schedule"] {
        let daily = json!({"frequency": "daily", "time": "09:00"});
        let body = if act == "launch" { json!({}) } else { daily };
        let refused = owner.post(&world, &format!("{path}/{act}"), &body).await;
        assert_eq!(told(&refused).1, "no_words", "{act}: {}", refused.text);
        assert_eq!(refused.at("/success"), json!(false), "{}", refused.text);
        assert_eq!(refused.at("/error"), refused.at("/detail"));
    }
    let tried = owner.post(&world, &format!("{path}/test"), &json!({})).await;
    assert_eq!(told(&tried).1, "no_words", "{}", tried.text);
    let copy = owner.post(&world, &format!("{path}/duplicate"), &json!({})).await;
    let copy = copy.text_at("/id");
    let refused = owner.post(&world, &format!("/api/v1/campaigns/{copy}/launch"), &json!({})).await;
    assert_eq!(told(&refused).1, "no_words", "a copy says as little: {}", refused.text);
    let other = json!({"name": "Come back", "rules": everybody(), "version": 1});
    let put = owner.call(&world, "PUT", &path, &other).await;
    holds(&put, &[("/version", json!(2)), ("/data/campaign/description", Value::Null)]);

    let wrong = owner.post(&world, &format!("{path}/launch"), &json!({"message": "Hi {nobody}"})).await;
    assert_eq!(told(&wrong), (400, "template".to_owned(), "/message".to_owned()), "{}", wrong.text);
    let launched = owner
        .post(&world, &format!("{path}/launch"), &json!({"message": "Hi {name}, you spent {spending}"}))
        .await;
    assert_eq!(launched.status, 200, "{}", launched.text);
    holds(&launched, &[("/success", json!(true)), ("/data/audienceSize", json!(3)), ("/version", json!(3))]);
    has(&launched, "/data", &["message"]);
    let again = owner.post(&world, &format!("{path}/launch"), &json!({"message": "Another"})).await;
    assert_eq!(told(&again).1, "not_now", "{}", again.text);
    world.settle().await;
    let mut letters: Vec<_> =
        world.vendor.letters().into_iter().map(|letter| (letter.subject, letter.text)).collect();
    letters.sort();
    assert_eq!(letters.len(), 3);
    assert!(
        letters.iter().all(|(subject, text)| subject == "Come back" && text.contains("you spent")),
        "{letters:?}"
    );
    let acts = shown(&world, &owner, &id).await.at("/moves");
    let acts: Vec<_> =
        acts.as_array().unwrap().iter().map(|it| it["act"].as_str().unwrap().to_owned()).collect();
    assert_eq!(acts[..3], ["made", "changed", "launched"], "{acts:?}");
}

/// A campaign to all three that is over, and a draft.
async fn over(seed: u64) -> (World, Person, String, String) {
    let (world, owner) = house(seed).await;
    let body = json!({"name": "Come back", "rules": everybody()});
    let id = owner.post(&world, "/api/campaigns", &body).await.text_at("/id");
    let copy = owner.post(&world, &format!("/api/campaigns/{id}/duplicate"), &json!({})).await.text_at("/id");
    let launched =
        owner.post(&world, &format!("/api/campaigns/{id}/launch"), &json!({"message": "Hi"})).await;
    assert_eq!(launched.status, 200, "{}", launched.text);
    world.settle().await;
    let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
    (world, owner, id, copy)
}

#[tokio::test]
async fn lists_and_totals_are_told_in_their_members_too() {
    let (world, owner, id, copy) = over(7).await;
    let path = format!("/api/campaigns/{id}");
    let all = owner
        .get(&world, "/api/campaigns?page=1&limit=10&status=COMPLETED&sortBy=createdAt&order=desc")
        .await;
    holds(
        &all,
        &[
            (
                "/data/pagination",
                json!({"page": 1, "limit": 10, "total": 1, "pages": 1, "totalPages": 1, "currentPage": 1,
            "totalRecords": 1, "totalPage": 1, "hasNext": false, "hasPrevious": false}),
            ),
            ("/data/campaigns/0/status", json!("COMPLETED")),
            ("/data/campaigns/0/deliveryStats", json!({"sent": 3, "delivered": 3, "failed": 0, "total": 3})),
            ("/data/campaigns/0/audienceSize", json!(3)),
            ("/data/campaigns/0/_count/messages", json!(3)),
        ],
    );
    let sorted = owner.get(&world, "/api/campaigns?sortBy=name").await;
    assert_eq!(told(&sorted).2, "?sort", "{}", sorted.text);
    let totals = owner.get(&world, "/api/campaigns/stats").await;
    holds(
        &totals,
        &[
            ("/data/totalCampaigns", json!(2)),
            ("/data/avgSuccessRate", json!(100.0)),
            ("/data/totalAudience", json!(3)),
            ("/data/messagesSent", json!(3)),
        ],
    );
    for path in ["/campaignStats", "/api/campaignstats"] {
        let totals = owner.get(&world, path).await;
        holds(
            &totals,
            &[
                ("/total_sent", json!(3)),
                ("/delivered", json!(3)),
                ("/failed", json!(0)),
                ("/delivery_rate", json!(100.0)),
            ],
        );
    }
    let one = owner.get(&world, &path).await;
    holds(&one, &[("/data/campaign/id", json!(id)), ("/status", json!("sent"))]);
    assert_eq!(owner.call(&world, "DELETE", &format!("/api/campaigns/{copy}"), &json!({})).await.status, 204);
}

#[tokio::test]
async fn figures_of_what_was_sent_are_told_in_their_members_too() {
    let (world, owner, id, _) = over(8).await;
    let path = format!("/api/campaigns/{id}");
    let figures = owner.get(&world, &format!("{path}/analytics")).await;
    holds(
        &figures,
        &[
            ("/data/totalMessages", json!(3)),
            ("/data/sent", json!(3)),
            ("/data/delivered", json!(3)),
            ("/data/failed", json!(0)),
            ("/data/pending", json!(0)),
            ("/data/deliveryRate", json!(100.0)),
            ("/data/audienceValue", json!("7000.00")),
            ("/data/avgCustomerValue", json!("2333.33")),
        ],
    );
    let one = owner.get(&world, &path).await;
    holds(
        &one,
        &[
            ("/data/campaign/id", json!(id)),
            ("/data/campaign/status", json!("COMPLETED")),
            ("/status", json!("sent")),
        ],
    );
    let one = owner.get(&world, &format!("/api/analytics/campaigns?campaignId={id}")).await;
    holds(&one, &[("/data/campaignId", json!(id)), ("/data/deliveryRate", json!(100.0))]);
    let all = owner.get(&world, "/api/analytics/campaigns").await;
    holds(&all, &[("/data/performance/0/sent", json!(3)), ("/data/delivery/DELIVERED", json!(3))]);
    has(&all, "/data/engagement", &["openRate", "clickRate"]);
    for path in [format!("/api/delivery/stats/{id}"), format!("/api/campaigns/{id}/stats")] {
        let stats = owner.get(&world, &path).await;
        holds(
            &stats,
            &[
                ("/campaignId", json!(id)),
                ("/totalMessages", json!(3)),
                ("/delivered", json!(3)),
                ("/failed", json!(0)),
                ("/deliveryRate", json!(100.0)),
                ("/status", json!("completed")),
            ],
        );
    }
    let vendor = owner.get(&world, "/api/vendor/stats?startDate=2020-01-01&endDate=2099-01-01").await;
    holds(
        &vendor,
        &[
            ("/data/totalMessages", json!(3)),
            ("/data/statusDistribution/DELIVERED", json!(3)),
            ("/data/successRate", json!(100.0)),
        ],
    );
    has(&vendor, "/data", &["avgDeliveryTimeMs"]);
}

#[tokio::test]
async fn an_audience_is_looked_at_as_other_systems_look_at_it() {
    let (world, owner) = house(2).await;
    let seen = owner.post(&world, "/api/campaigns/preview-audience", &json!({"rules": everybody()})).await;
    holds(
        &seen,
        &[
            ("/success", json!(true)),
            ("/data/audienceSize", json!(3)),
            ("/data/sampleCustomers/0/email", json!("ada@example.com")),
            ("/data/sampleCustomers/0/totalSpending", json!("7000.00")),
            ("/data/sampleCustomers/0/visitCount", json!(1)),
        ],
    );
    has(&seen, "/data/sampleCustomers/0", &["id", "name"]);
    let ours = owner.post(&world, "/api/v1/campaigns/preview-audience", &json!({"rule": "EVERYONE"})).await;
    assert_eq!(
        (ours.at("/data"), ours.at("/success")),
        (Value::Null, Value::Null),
        "our own path is as it was"
    );
}

#[tokio::test]
async fn what_creates_a_campaign_elsewhere_makes_a_draft_here_and_says_so() {
    let (world, owner) = house(3).await;
    let segment = json!({"name": "high-value-customers", "rule": "amount_spent > 5000"});
    let segment = owner.post(&world, "/api/segments", &segment).await.text_at("/id");
    let body = json!({"name": "Diwali", "segment_id": segment, "message_template": "Hi {{name}}, {{total_spend}} {{total_orders}} {{total_visits}}",
        "campaign_type": "PROMOTIONAL", "created_by": "somebody"});
    for path in ["/api/campaigns", "/campaigns"] {
        let made = owner.post(&world, path, &body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        holds(
            &made,
            &[
                ("/campaign_id", made.at("/id")),
                ("/campaign_name", json!("Diwali")),
                ("/total_customers", json!(1)),
                ("/segment_name", json!("high-value-customers")),
                ("/status", json!("draft")),
                ("/created_by", json!(owner.user)),
                ("/channel", json!("email")),
                ("/subject", json!("Diwali")),
            ],
        );
    }
    let body = json!({"name": "Texts", "type": "sms", "segmentId": segment, "messageTemplate": "Hi {customer_name}", "status": "draft"});
    let made = owner.post(&world, "/api/campaigns", &body).await;
    holds(
        &made,
        &[
            ("/channel", json!("sms")),
            ("/segment_id", json!(segment)),
            ("/text", json!("Hi {customer_name}")),
        ],
    );
    let body =
        json!({"title": "News", "content": "Hi", "channel": "SMS", "status": "draft", "rule": "EVERYONE"});
    let made = owner.post(&world, "/api/campaigns", &body).await;
    holds(&made, &[("/name", json!("News")), ("/text", json!("Hi")), ("/kind", json!("promotional"))]);
    for (more, at) in [
        (json!({"type": "push"}), "/channel"),
        (json!({"status": "active"}), "/status"),
        (json!({"scheduledAt": "2099-01-01T00:00:00Z"}), "/scheduledAt"),
        (json!({"schedule": {"frequency": "daily", "startDate": "2099-01-01"}}), "/schedule"),
        (json!({"description": "x".repeat(501)}), "/description"),
        (json!({"unheard_of": 1}), "/unheard_of"),
    ] {
        let mut body = json!({"name": "A", "message": "Hi", "rule": "EVERYONE"});
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        let refused = owner.post(&world, "/api/campaigns", &body).await;
        assert_eq!((refused.status.as_u16(), told(&refused).2.as_str()), (400, at), "{}", refused.text);
    }
    let refused = owner.post(&world, "/api/v1/campaigns", &json!({"name": "A", "rule": "EVERYONE"})).await;
    assert_eq!(refused.status, 400, "on our own path words are told, or said to come later");
    let both = json!({"name": "A", "rule": "EVERYONE", "words_later": true, "subject": "Hi", "html": "<p>"});
    let both = owner.post(&world, "/api/v1/campaigns", &both).await;
    assert_eq!(told(&both).2, "/words_later", "{}", both.text);
}

#[tokio::test]
async fn a_campaign_launched_by_its_own_words_is_the_same_request_twice_and_scheduled_ones_keep_theirs() {
    let (world, owner) = house(4).await;
    let body = json!({"name": "Come back", "rules": everybody()});
    let id = owner.post(&world, "/api/campaigns", &body).await.text_at("/id");
    let path = format!("/api/campaigns/{id}/launch");
    let call = || {
        world.post(&path).bearer(&owner.access).header("idempotency-key", "k").json(&json!({"message": "Hi"}))
    };
    let (first, again) = (call().send().await, call().send().await);
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (200, 200), "{}", again.text);
    assert_eq!(first.at("/version"), again.at("/version"));
    let sms = json!({"name": "T", "channel": "sms", "text": "Hi", "rule": "EVERYONE"});
    let id = owner.post(&world, "/api/v1/campaigns", &sms).await.text_at("/id");
    let tomorrow = json!({"frequency": "daily", "time": "09:00"});
    assert_eq!(owner.post(&world, &format!("/api/campaigns/{id}/schedule"), &tomorrow).await.status, 200);
    let refused = owner.post(&world, &format!("/api/campaigns/{id}/launch"), &json!({"message": "Ho"})).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert_eq!(shown(&world, &owner, &id).await.at("/text"), json!("Hi"));
}

#[tokio::test]
async fn nobody_is_written_to_but_by_a_campaign() {
    let (world, owner) = house(5).await;
    let message = json!({"messageId": "m1", "customerId": "c1", "message": "Hi"});
    for path in ["/api/vendor/send-message", "/api/vendor/test-send", "/api/vendor/test-send/"] {
        let refused = owner.post(&world, path, &message).await;
        assert_eq!((refused.status.as_u16(), told(&refused).1.as_str()), (410, "not_offered"), "{path}");
        assert!(
            refused.text_at("/detail").contains("POST /api/v1/campaigns/{campaign}/"),
            "{}",
            refused.text
        );
        assert_eq!(owner.get(&world, path).await.status, 404);
    }
    assert!(world.vendor.entries().is_empty());
}

#[tokio::test]
async fn when_to_write_is_told_in_their_members_too() {
    let (world, owner) = house(6).await;
    for (path, body) in [
        ("/api/ai/smart-scheduling", json!({})),
        ("/api/ai/scheduling-suggestions", json!({"campaignType": "promotional"})),
    ] {
        let told = owner.post(&world, path, &body).await;
        assert_eq!(told.status, 200, "{}", told.text);
        has(&told, "", &["bestDay", "bestTime", "expectedEngagementRate", "reasoning"]);
        has(&told, "/data/suggestions", &["bestTime", "bestDay", "timezone", "reasoning", "alternatives"]);
        assert_eq!(told.at("/bestDay"), Value::Null, "not enough is known");
    }
}

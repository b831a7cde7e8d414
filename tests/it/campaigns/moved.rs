//! What is done with a campaign: once, by somebody, and only where it can be.

use super::{PATH, act, acted, made, shown, sms};
use crate::{
    cast::{join, sign_up},
    customers::{shop, told},
};
use domain::{Queue, Task};
use futures::future::join_all;
use local::World;
use serde_json::{Value, json};

/// Those that were left for whoever keeps campaigns: of one campaign one comes after the other.
fn left(world: &World) -> Vec<Task> {
    let mut left = Vec::new();
    loop {
        let taken = world.tasks.take(Queue::Campaign).expect("memory holds");
        if taken.is_empty() {
            return left;
        }
        for message in &taken {
            world.tasks.done(Queue::Campaign, message).expect("memory holds");
            left.push(serde_json::from_str(&message.body).expect("it is a task"));
        }
    }
}

#[tokio::test]
async fn of_five_who_launch_at_once_one_does() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    for round in 0..10 {
        let id = made(&world, &owner, &sms(&format!("Round {round}"))).await;
        let answers = join_all((0..5).map(|_| act(&world, &owner, &id, "launch"))).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409, 409]);
        for refused in answers.iter().filter(|answer| answer.status == 409) {
            assert_eq!(refused.text_at("/code"), "not_now", "{}", refused.text);
        }
        let task =
            Task::KeepCampaign { tenant: owner.tenant.parse().unwrap(), campaign: id.parse().unwrap() };
        assert_eq!(left(&world), [task], "one task for one launch");
        let history = owner.get(&world, &format!("{PATH}/{id}/history")).await;
        assert_eq!(history.at("/total"), json!(2), "{}", history.text);
    }
}

#[tokio::test]
async fn the_same_request_twice_launches_once_and_is_answered_the_same() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let id = made(&world, &owner, &sms("Sale")).await;
    let path = format!("{PATH}/{id}/launch");
    let call = || world.post(&path).bearer(&owner.access).header("idempotency-key", "k1").json(&json!({}));
    let (first, again) = (call().send().await, call().send().await);
    assert_eq!((first.status.as_u16(), again.status.as_u16(), &first.text), (200, 200, &again.text));
    assert_eq!(shown(&world, &owner, &id).await.at("/moves").as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_campaign_moves_as_its_state_allows_and_who_did_what_is_known() {
    let world = World::new(3).await;
    let owner = sign_up(&world, "owner").await;
    let marketer = join(&world, &owner, "marketer", "marketer").await;
    world.set_plan(&owner.tenant, domain::Plan::Enterprise).await;
    let id = made(&world, &owner, &sms("Sale")).await;
    let refused = act(&world, &owner, &id, "pause").await;
    assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (409, "not_now"));
    assert_eq!(
        refused.text_at("/detail"),
        "a campaign that is draft cannot be paused; what can be done with it now: launch, schedule, cancel, archive"
    );
    for (name, status, others) in [
        ("launch", "planning", ["launch", "resume", "archive"]),
        ("pause", "paused", ["launch", "pause", "archive"]),
        ("resume", "planning", ["resume", "launch", "unschedule"]),
        ("cancel", "cancelled", ["cancel", "launch", "resume"]),
        ("archive", "cancelled", ["archive", "cancel", "launch"]),
        ("unarchive", "cancelled", ["unarchive", "pause", "launch"]),
    ] {
        world.clock.advance_seconds(1);
        assert_eq!(acted(&world, &marketer, &id, name).await, status);
        for other in others {
            let refused = act(&world, &owner, &id, other).await;
            assert_eq!(refused.text_at("/code"), "not_now", "{other} after {name}: {}", refused.text);
            assert!(refused.text_at("/detail").contains(status), "{}", refused.text);
        }
    }
    assert_eq!(left(&world).len(), 3, "for the launch, for going on, and for cancelling");

    let key = json!({"name": "robot", "scopes": ["campaigns:read", "campaigns:manage"]});
    let key = owner.post(&world, "/api/v1/api-keys", &key).await;
    let archived = world.post(&format!("{PATH}/{id}/archive")).bearer(&key.text_at("/key")).json(&json!({}));
    assert_eq!(archived.send().await.status, 200);
    let history = owner.get(&world, &format!("{PATH}/{id}/history?limit=5")).await;
    let acts = |answer: &local::world::Answer| -> Vec<String> {
        let all = answer.at("/items").as_array().cloned().unwrap_or_default();
        all.iter().map(|it| it["act"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(acts(&history), ["made", "launched", "paused", "resumed", "cancelled"]);
    assert_eq!(
        (history.text_at("/items/0/user"), history.text_at("/items/1/user")),
        (owner.user.clone(), marketer.user)
    );
    let rest = format!("{PATH}/{id}/history?limit=5&cursor={}", history.text_at("/next"));
    let rest = owner.get(&world, &rest).await;
    assert_eq!(acts(&rest), ["archived", "unarchived", "archived"]);
    assert_eq!((rest.at("/items/2/user"), rest.text_at("/items/2/key")), (Value::Null, key.text_at("/id")));
    assert_eq!(rest.at("/next"), Value::Null);
}

#[tokio::test]
async fn who_may_only_look_launches_nothing_and_neither_does_a_key_for_customers() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    let viewer = join(&world, &owner, "viewer", "viewer").await;
    let id = made(&world, &owner, &sms("Sale")).await;
    assert_eq!(shown(&world, &viewer, &id).await.text_at("/status"), "draft");
    let key = json!({"name": "robot", "scopes": ["customers:manage", "orders:manage", "campaigns:read"]});
    let key = owner.post(&world, "/api/v1/api-keys", &key).await.text_at("/key");
    for token in [&viewer.access, &key] {
        for name in ["launch", "cancel", "archive", "duplicate"] {
            let refused =
                world.post(&format!("{PATH}/{id}/{name}")).bearer(token).json(&json!({})).send().await;
            assert_eq!(refused.status, 403, "{name}: {}", refused.text);
        }
    }
    assert_eq!(shown(&world, &owner, &id).await.text_at("/status"), "draft");
}

#[tokio::test]
async fn what_would_fail_later_is_told_before_a_campaign_begins() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    let segment = json!({"name": "Spenders", "rule": "amount_spent > 10.50"});
    let segment = owner.post(&world, "/api/v1/segments", &segment).await.text_at("/id");
    let by_segment = json!({"name": "One", "channel": "sms", "text": "Hi", "segment_id": segment});
    let by_segment = made(&world, &owner, &by_segment).await;
    let by_rule = json!({"name": "Two", "channel": "sms", "text": "Hi", "rule": "amount_spent > 10.50"});
    let by_rule = made(&world, &owner, &by_rule).await;
    // Whoever deletes it at the same moment as a campaign is made for it finds nobody who names it.
    let gone = json!({"name": "Gone", "rule": "EVERYONE"});
    let gone = owner.post(&world, "/api/v1/segments", &gone).await.text_at("/id");
    let for_nobody = json!({"name": "Three", "channel": "sms", "text": "Hi", "segment_id": gone});
    let for_nobody = made(&world, &owner, &for_nobody).await;
    let store = world.store_of(owner.tenant.parse().unwrap());
    let list = store.segments().await.unwrap();
    let held = list.get(gone.parse().unwrap()).unwrap();
    store
        .commit(vec![store.segment_ended(&list, held, list.iter().next().unwrap().updated_at)])
        .await
        .unwrap();

    let yen = owner.call(&world, "PATCH", "/api/v1/tenants/me", &json!({"currency": "JPY"})).await;
    assert_eq!(yen.status, 200, "{}", yen.text);
    for (id, code) in
        [(&by_segment, "unreadable_rule"), (&by_rule, "unreadable_rule"), (&for_nobody, "audience_gone")]
    {
        let later = json!({"frequency": "daily", "time": "09:00"});
        for (name, body) in [("launch", json!({})), ("schedule", later)] {
            let refused = owner.post(&world, &format!("{PATH}/{id}/{name}"), &body).await;
            assert_eq!(
                (refused.status.as_u16(), told(&refused).1.as_str()),
                (409, code),
                "{name}: {}",
                refused.text
            );
        }
        assert_eq!(shown(&world, &owner, id).await.text_at("/status"), "draft");
    }
    assert_eq!(left(&world), [], "nothing is left to be done");
    let path = format!("{PATH}/{by_rule}/launch");
    let worded = owner.post(&world, &path, &json!({"message": "Hi {{ first_name }}"})).await;
    assert_eq!(
        (worded.status.as_u16(), told(&worded).1.as_str()),
        (409, "unreadable_rule"),
        "in other words, too"
    );
    let unknown = owner.post(&world, &path, &json!({"words": "Hi"})).await;
    assert_eq!(told(&unknown), (400, "unknown_member".to_owned(), "/words".to_owned()));
}

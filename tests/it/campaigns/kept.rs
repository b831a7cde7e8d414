//! What a campaign is: told, shown, changed while it is a draft, and deleted.

use super::{PATH, act, acted, made, shown, sms};
use crate::customers::{shop, told};
use local::World;
use serde_json::{Value, json};

#[tokio::test]
async fn a_campaign_is_made_shown_changed_and_deleted() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let segment = json!({"name": "Regulars", "rule": "number_of_orders > 3"});
    let segment = owner.post(&world, "/api/v1/segments", &segment).await.text_at("/id");
    let body = json!({
        "name": "Spring", "kind": "newsletter", "segment_id": segment, "subject": "Hi {{ name }}",
        "preheader": "For you", "html": "<p>{{ total_spend }}</p>", "care": "never_zero", "held_out_percent": 10,
        "cap": {"messages": 2, "days": 7}, "quiet_hours": {"from": 21, "to": 8}, "budget": 12.5,
    });
    let id = made(&world, &owner, &body).await;
    let first = shown(&world, &owner, &id).await;
    for (pointer, expected) in [
        ("/name", json!("Spring")),
        ("/kind", json!("newsletter")),
        ("/channel", json!("email")),
        ("/status", json!("draft")),
        ("/segment_id", json!(segment)),
        ("/rule", Value::Null),
        ("/subject", json!("Hi {{ name }}")),
        ("/html", json!("<p>{{ total_spend }}</p>")),
        ("/names", json!(["customer.name", "customer.total_spent"])),
        ("/care", json!("never_zero")),
        ("/held_out_percent", json!(10)),
        ("/cap", json!({"messages": 2, "days": 7})),
        ("/quiet_hours", json!({"from": 21, "to": 8})),
        ("/budget", json!("12.5")),
        ("/tracked", json!(true)),
        ("/counts", Value::Null),
        ("/plan", Value::Null),
        ("/moves/0/act", json!("made")),
        ("/moves/0/user", json!(owner.user)),
        ("/can", json!(["launch", "schedule", "cancel", "archive"])),
        ("/version", json!(1)),
    ] {
        assert_eq!(first.at(pointer), expected, "{pointer}");
    }
    let path = format!("{PATH}/{id}");
    let same = owner.call(&world, "PUT", &path, &body).await;
    assert_eq!((same.status.as_u16(), same.at("/version")), (200, json!(1)), "told the same again");
    let next = json!({"name": "Summer", "channel": "sms", "text": "Hi {name}", "rule": "number_of_orders>3", "tracked": false, "version": 1});
    let changed = owner.call(&world, "PUT", &path, &next).await;
    assert_eq!((changed.status.as_u16(), changed.at("/version")), (200, json!(2)), "{}", changed.text);
    for (pointer, expected) in [
        ("/kind", json!("promotional")),
        ("/channel", json!("sms")),
        ("/rule", json!("number_of_orders > 3")),
        ("/segment_id", Value::Null),
        ("/subject", Value::Null),
        ("/text", json!("Hi {name}")),
        ("/care", json!("never_twice")),
        ("/held_out_percent", json!(0)),
        ("/cap", Value::Null),
        ("/budget", Value::Null),
        ("/tracked", json!(false)),
    ] {
        assert_eq!(shown(&world, &owner, &id).await.at(pointer), expected, "{pointer}");
    }
    let history = owner.get(&world, &format!("{path}/history")).await;
    assert_eq!(
        (history.at("/total"), history.at("/items/1/act"), history.at("/items/1/user")),
        (json!(2), json!("changed"), json!(owner.user)),
        "an edit stands there, and saying the same again does not: {}",
        history.text
    );
    let stale = owner.call(&world, "PUT", &path, &next).await;
    assert_eq!(told(&stale).1, "changed_meanwhile");
    assert_eq!(owner.call(&world, "DELETE", &path, &Value::Null).await.status, 204);
    for gone in [path.clone(), format!("{path}/history")] {
        assert_eq!(owner.get(&world, &gone).await.status, 404, "{gone}");
    }
}

#[tokio::test]
async fn words_that_were_taken_over_from_a_template_stay_whatever_becomes_of_it() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let template = json!({"name": "Spring", "channel": "sms", "text": "Hi {name}"});
    let template = owner.post(&world, "/api/v1/templates", &template).await.text_at("/id");
    let body = json!({"name": "Sale", "rule": "EVERYONE", "template_id": template});
    let id = made(&world, &owner, &body).await;
    let path = format!("/api/v1/templates/{template}");
    let other = json!({"name": "Spring", "channel": "sms", "text": "Other"});
    assert_eq!(owner.call(&world, "PUT", &path, &other).await.status, 200);
    assert_eq!(owner.call(&world, "DELETE", &path, &Value::Null).await.status, 204);
    let campaign = shown(&world, &owner, &id).await;
    assert_eq!(
        (campaign.text_at("/text"), campaign.text_at("/channel"), campaign.text_at("/template_id")),
        ("Hi {name}".to_owned(), "sms".to_owned(), template)
    );
    let copy = act(&world, &owner, &id, "duplicate").await;
    assert_eq!(copy.status, 201, "{}", copy.text);
    assert_eq!(
        (copy.text_at("/name"), copy.text_at("/text"), copy.text_at("/status")),
        ("Sale (copy)".to_owned(), "Hi {name}".to_owned(), "draft".to_owned())
    );
    assert_ne!(copy.text_at("/id"), id);
}

#[tokio::test]
async fn what_is_wrong_with_a_campaign_is_told_at_once_each_with_its_place() {
    let world = World::new(3).await;
    let (owner, other) = (shop(&world, "owner").await, shop(&world, "other").await);
    let theirs = json!({"name": "Theirs", "rule": "EVERYONE"});
    let theirs = other.post(&world, "/api/v1/segments", &theirs).await.text_at("/id");
    let theirs_said = json!({"name": "Theirs", "channel": "sms", "text": "Hi"});
    let theirs_said = other.post(&world, "/api/v1/templates", &theirs_said).await.text_at("/id");
    let id = made(&world, &owner, &sms("Kept")).await;
    let basket = "{% for line in cart.items %}{{ line.title }}{% endfor %}";
    for (member, value, code, at) in [
        ("name", json!(""), "invalid", "/name"),
        ("name", Value::Null, "invalid", "/name"),
        ("kind", json!("spam"), "invalid", "/kind"),
        ("channel", json!("pigeon"), "invalid", "/channel"),
        ("subject", json!("Hi"), "not_of_sms", "/subject"),
        ("text", json!("Hi {{ nmae }}"), "template", "/text"),
        ("text", json!(basket), "not_known_here", ""),
        ("text", json!("{{ campaign.name }}"), "not_known_here", ""),
        ("template_id", json!("t1"), "one_source", "/template_id"),
        ("rule", Value::Null, "one_audience", "/segment_id"),
        ("rule", json!("luck > 3"), "unknown_name", "/rule"),
        ("rule", json!("segment MATCHES (id = 's1')"), "unsupported", "/rule"),
        ("segment_id", json!("s1"), "one_audience", "/segment_id"),
        ("care", json!("always"), "invalid", "/care"),
        ("held_out_percent", json!(51), "out_of_range", "/held_out_percent"),
        ("held_out_percent", json!(-1), "out_of_range", "/held_out_percent"),
        ("held_out_percent", json!("10"), "wrong_type", "/held_out_percent"),
        ("cap", json!({"messages": 0, "days": 7}), "out_of_range", "/cap/messages"),
        ("cap", json!({"messages": 1, "days": 366}), "out_of_range", "/cap/days"),
        ("cap", json!({"messages": 1}), "missing_member", "/cap/days"),
        ("quiet_hours", json!({"from": 24, "to": 8}), "out_of_range", "/quiet_hours/from"),
        ("quiet_hours", json!({"from": 8, "to": 8}), "out_of_range", "/quiet_hours/to"),
        ("budget", json!("0"), "invalid", "/budget"),
        ("budget", json!("1.234"), "invalid", "/budget"),
        ("colour", json!("red"), "unknown_member", "/colour"),
        ("status", json!("sent"), "unknown_member", "/status"),
    ] {
        let mut body = sms("Bad");
        body[member] = value;
        for (method, path) in [("POST", PATH.to_owned()), ("PUT", format!("{PATH}/{id}"))] {
            let refused = owner.call(&world, method, &path, &body).await;
            let expected = (400, code.to_owned(), at.to_owned());
            assert_eq!(told(&refused), expected, "{method} {body}: {}", refused.text);
        }
    }
    for (member, value, code) in
        [("segment_id", &theirs, "unknown_segment"), ("template_id", &theirs_said, "unknown_template")]
    {
        let mut body = json!({"name": "Bad", "rule": "EVERYONE", "channel": "sms", "text": "Hi"});
        let (without, pointer) = if member == "segment_id" {
            (vec!["rule"], "/segment_id")
        } else {
            (vec!["channel", "text"], "/template_id")
        };
        for member in without {
            body.as_object_mut().expect("it is one").remove(member);
        }
        body[member] = json!(value);
        let refused = owner.post(&world, PATH, &body).await;
        assert_eq!(told(&refused), (400, code.to_owned(), pointer.to_owned()), "another's: {}", refused.text);
    }
    let all = json!({"name": "", "kind": "spam", "text": "{{ nmae }}", "channel": "sms", "rule": "luck > 3", "held_out_percent": 99, "budget": "-1"});
    let refused = owner.post(&world, PATH, &all).await;
    assert_eq!(refused.at("/errors").as_array().map(Vec::len), Some(6), "{}", refused.text);
    let kept = owner.get(&world, PATH).await;
    assert_eq!(
        (kept.at("/total"), kept.at("/items/0/version")),
        (json!(1), json!(1)),
        "nothing of it was kept"
    );
}

#[tokio::test]
async fn only_a_draft_is_changed_or_deleted() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    for (moves, status, hint) in [
        (vec!["schedule"], "scheduled", "off the schedule"),
        (vec!["launch"], "planning", "pause or cancel"),
        (vec!["launch", "pause"], "paused", "pause or cancel"),
        (vec!["cancel"], "cancelled", "archive"),
    ] {
        let id = made(&world, &owner, &sms(status)).await;
        for name in moves {
            let body =
                if name == "schedule" { json!({"frequency": "daily", "time": "09:00"}) } else { json!({}) };
            let answer = owner.post(&world, &format!("{PATH}/{id}/{name}"), &body).await;
            assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        }
        for method in ["PUT", "DELETE"] {
            let refused = owner.call(&world, method, &format!("{PATH}/{id}"), &sms("Other")).await;
            assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (409, "not_a_draft"));
            let detail = refused.text_at("/detail");
            assert!(detail.contains(status) && detail.contains(hint), "{method}: {detail}");
        }
        assert_eq!(shown(&world, &owner, &id).await.text_at("/name"), status, "it is as it was");
    }
    let id = made(&world, &owner, &sms("Back")).await;
    owner
        .post(&world, &format!("{PATH}/{id}/schedule"), &json!({"frequency": "daily", "time": "09:00"}))
        .await;
    assert_eq!(acted(&world, &owner, &id, "unschedule").await, "draft");
    assert_eq!(owner.call(&world, "DELETE", &format!("{PATH}/{id}"), &Value::Null).await.status, 204);
}

#[tokio::test]
async fn a_segment_stays_as_long_as_a_campaign_that_is_not_over_is_for_it() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    let segment = json!({"name": "Regulars", "rule": "number_of_orders > 3"});
    let segment = owner.post(&world, "/api/v1/segments", &segment).await.text_at("/id");
    let path = format!("/api/v1/segments/{segment}");
    let by_id = json!({"name": "Spring", "channel": "sms", "text": "Hi", "segment_id": segment});
    let by_id = made(&world, &owner, &by_id).await;
    // Of one millisecond's ids nobody knows the order.
    world.clock.advance_seconds(1);
    let by_rule = json!({"name": "Summer", "channel": "sms", "text": "Hi",
        "rule": format!("segment MATCHES (id = '{segment}') AND amount_spent > 1")});
    let by_rule = made(&world, &owner, &by_rule).await;
    for (names, over) in [("'Spring', 'Summer'", &by_id), ("'Summer'", &by_rule)] {
        let refused = owner.call(&world, "DELETE", &path, &Value::Null).await;
        assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (409, "segment_in_use"));
        assert!(refused.text_at("/detail").contains(&format!("campaigns {names} are")), "{}", refused.text);
        acted(&world, &owner, over, "cancel").await;
    }
    assert_eq!(owner.call(&world, "DELETE", &path, &Value::Null).await.status, 204);
}

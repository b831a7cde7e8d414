//! The way out: looked at, it changes nothing; posted, it holds before the next message, however often and however late.

use super::{consents, is_a_page, letter_to, letters_to, open, path_in, post, reader, sent, visit};
use crate::{cast::sign_up, customers::shop};
use local::{World, world::ORIGIN};
use serde_json::json;

#[tokio::test]
async fn whoever_looks_at_the_way_out_is_asked_and_only_a_post_acts() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let ada = reader(&world, &owner, "Ada").await;
    sent(&world, &owner, "Spring").await;
    let path = path_in(&letter_to(&world, "Ada"), "/t/unsubscribe/");
    for method in ["GET", "HEAD", "GET"] {
        let looked = visit(&world, method, &path).send().await;
        if method == "GET" {
            is_a_page(&looked, 200);
            assert!(
                looked.text.contains("<form method=\"post\"><button type=\"submit\">"),
                "{}",
                looked.text
            );
        } else {
            assert_eq!((looked.status.as_u16(), looked.text.as_str()), (200, ""));
        }
        world.settle().await;
        assert_eq!(consents(&world, &owner, &ada).await.0, "subscribed", "{method} changes nothing");
    }
    for method in ["PUT", "DELETE", "OPTIONS"] {
        let refused = visit(&world, method, &path).send().await;
        assert_eq!((refused.status.as_u16(), refused.header("allow")), (405, "GET, HEAD, POST"), "{method}");
    }
    assert_eq!(consents(&world, &owner, &ada).await.0, "subscribed");
}

#[tokio::test]
async fn a_mailboxs_own_button_and_the_pages_button_both_lead_out_at_once() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    for (name, form) in [("Ada", "List-Unsubscribe=One-Click"), ("Bo", "")] {
        let id = reader(&world, &owner, name).await;
        sent(&world, &owner, "Spring").await;
        let letter = letter_to(&world, name);
        let path = letter.unsubscribe.as_ref().unwrap().url.strip_prefix(ORIGIN).unwrap().to_owned();
        let before = letters_to(&world, name);
        for turn in ["first", "second"] {
            let done = post(&world, &path, form).await;
            is_a_page(&done, 200);
            assert!(done.text.contains("You are unsubscribed"), "{turn}: {}", done.text);
        }
        // Nothing has to be done by anybody for it to hold.
        assert_eq!(consents(&world, &owner, &id).await, ("unsubscribed".to_owned(), "subscribed".to_owned()));
        sent(&world, &owner, "Summer").await;
        assert_eq!(letters_to(&world, name), before, "{name} is written to no more");
        assert!(open(&world, &path).await.text.contains("You are unsubscribed"));
    }
}

#[tokio::test]
async fn the_record_says_who_left_by_which_campaign_and_when() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    let ada = reader(&world, &owner, "Ada").await;
    let campaign = sent(&world, &owner, "Spring").await;
    let path = path_in(&letter_to(&world, "Ada"), "/t/unsubscribe/");
    world.clock.advance_seconds(60);
    post(&world, &path, "").await;
    let shown = owner.get(&world, &format!("/api/v1/customers/{ada}")).await;
    assert_eq!(shown.at("/email_consent/source"), json!("person"), "{}", shown.text);
    let method = shown.text_at("/email_consent/method");
    assert!(method.contains("Spring") && method.contains(&campaign), "{method}");
    let timeline = owner.get(&world, &format!("/api/v1/customers/{ada}/timeline")).await.text;
    assert!(timeline.contains("unsubscribed") && timeline.contains("Spring"), "{timeline}");
    let left = owner
        .post(
            &world,
            "/api/v1/segments/preview",
            &json!({"rule": "email_subscription_status = 'UNSUBSCRIBED'"}),
        )
        .await;
    assert_eq!(left.at("/total"), json!(1), "the audience knows it with the same commit: {}", left.text);
}

#[tokio::test]
async fn who_was_planned_and_leaves_before_they_are_claimed_is_not_written_to() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    reader(&world, &owner, "Ada").await;
    sent(&world, &owner, "Spring").await;
    let path = path_in(&letter_to(&world, "Ada"), "/t/unsubscribe/");
    let body = json!({"name": "Summer", "kind": "newsletter", "rule": "EVERYONE", "subject": "Hi",
        "html": "<a href=\"{{ unsubscribe_url }}\">No more</a>"});
    let id = owner.post(&world, "/api/v1/campaigns", &body).await.text_at("/id");
    owner.post(&world, &format!("/api/v1/campaigns/{id}/launch"), &json!({})).await;
    assert_eq!(post(&world, &path, "").await.status, 200);
    world.settle().await;
    assert_eq!(letters_to(&world, "Ada"), 1);
}

#[tokio::test]
async fn a_link_that_was_changed_or_is_anothers_leads_nowhere() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    let (ada, bo) = (reader(&world, &owner, "Ada").await, reader(&world, &owner, "Bo").await);
    sent(&world, &owner, "Spring").await;
    let (to_ada, to_bo) = (
        path_in(&letter_to(&world, "Ada"), "/t/unsubscribe/"),
        path_in(&letter_to(&world, "Bo"), "/t/unsubscribe/"),
    );
    let other = sign_up(&world, "other").await;
    let (of_bo, tag_of_ada) = (to_bo.split_once('.').unwrap().0, to_ada.split_once('.').unwrap().1);
    for wrong in [
        format!("{of_bo}.{tag_of_ada}"),
        to_ada.replace(&owner.tenant, &other.tenant),
        to_ada.replace("/unsubscribe/", "/preferences/"),
        to_ada.replace("/unsubscribe/", "/nothing/"),
        format!("{to_ada}/"),
        to_ada[..to_ada.len() - 1].to_owned(),
        "/t/unsubscribe/".to_owned(),
        "/t/x".to_owned(),
    ] {
        is_a_page(&open(&world, &wrong).await, 404);
        let posted = post(&world, &wrong, "List-Unsubscribe=One-Click").await;
        assert!([404, 405].contains(&posted.status.as_u16()), "{wrong}: {}", posted.text);
    }
    for id in [ada, bo] {
        assert_eq!(consents(&world, &owner, &id).await.0, "subscribed");
    }
}

#[tokio::test]
async fn nothing_is_left_to_do_for_who_was_erased() {
    let world = World::new(6).await;
    let owner = shop(&world, "owner").await;
    let ada = reader(&world, &owner, "Ada").await;
    sent(&world, &owner, "Spring").await;
    let letter = letter_to(&world, "Ada");
    let erased = owner.call(&world, "DELETE", &format!("/api/v1/customers/{ada}"), &json!({})).await;
    assert!(erased.status.is_success(), "{}", erased.text);
    for door in ["/t/unsubscribe/", "/t/preferences/", "/t/view/"] {
        let answer = open(&world, &path_in(&letter, door)).await;
        is_a_page(&answer, 200);
        assert!(answer.text.contains("nothing left to do"), "{door}: {}", answer.text);
        assert!(!answer.text.contains("Ada") && !answer.text.contains("owner"), "{}", answer.text);
    }
    assert!(post(&world, &path_in(&letter, "/t/unsubscribe/"), "").await.text.contains("nothing left to do"));
    world.settle().await;
}

#[tokio::test]
async fn who_became_part_of_another_leaves_as_the_other() {
    let world = World::new(7).await;
    let owner = shop(&world, "owner").await;
    let (ada, bo) = (reader(&world, &owner, "Ada").await, reader(&world, &owner, "Bo").await);
    sent(&world, &owner, "Spring").await;
    let path = path_in(&letter_to(&world, "Ada"), "/t/unsubscribe/");
    let merged = owner.post(&world, &format!("/api/v1/customers/{ada}/merge"), &json!({"into": bo})).await;
    assert!(merged.status.is_success(), "{}", merged.text);
    post(&world, &path, "").await;
    assert_eq!(consents(&world, &owner, &bo).await.0, "unsubscribed");
}

//! A message in a browser, and the page of what somebody wants.

use super::{HTML, consents, is_a_page, launched, letter_to, letters_to, open, path_in, post, reader, sent};
use crate::customers::shop;
use local::World;
use serde_json::json;

#[tokio::test]
async fn a_message_is_shown_as_it_was_sent_and_nobody_is_seen_to_look() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    reader(&world, &owner, "Ada").await;
    sent(&world, &owner, "Spring").await;
    let letter = letter_to(&world, "Ada");
    let shown = open(&world, &path_in(&letter, "/t/view/")).await;
    assert_eq!((shown.status.as_u16(), shown.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(shown.text.contains("<p>Hi Ada</p>"), "{}", shown.text);
    assert!(!shown.text.contains("/t/open/") && !shown.text.contains("/t/click/"), "{}", shown.text);
    assert!(
        shown.text.contains(&path_in(&letter, "/t/unsubscribe/")),
        "the way out leads out from here, too"
    );
    let policy = shown.header("content-security-policy");
    for part in ["default-src 'none'", "sandbox ", "form-action 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    for part in ["allow-scripts", "allow-same-origin", "allow-forms", "script-src"] {
        assert!(!policy.contains(part), "{policy}");
    }
    assert_eq!(
        (shown.header("cache-control"), shown.header("x-robots-tag")),
        ("no-store", "noindex, nofollow")
    );
}

#[tokio::test]
async fn what_a_template_says_later_is_not_what_was_sent() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    reader(&world, &owner, "Ada").await;
    let template = json!({"name": "Tea", "channel": "email", "subject": "Hi", "html": HTML});
    let template = owner.post(&world, "/api/v1/templates", &template).await.text_at("/id");
    launched(
        &world,
        &owner,
        &json!({"name": "Spring", "kind": "newsletter", "rule": "EVERYONE", "template_id": template}),
    )
    .await;
    let path = path_in(&letter_to(&world, "Ada"), "/t/view/");
    let other = json!({"name": "Tea", "channel": "email", "subject": "Hi", "html": "<p>Other</p>"});
    owner.call(&world, "PUT", &format!("/api/v1/templates/{template}"), &other).await;
    assert!(open(&world, &path).await.text.contains("<p>Hi Ada</p>"));
}

#[tokio::test]
async fn somebody_says_by_channel_what_they_want() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    let ada = reader(&world, &owner, "Ada").await;
    sent(&world, &owner, "Spring").await;
    let path = path_in(&letter_to(&world, "Ada"), "/t/preferences/");
    let page = open(&world, &path).await;
    is_a_page(&page, 200);
    for part in [
        "<label><input type=\"checkbox\" name=\"want\" value=\"email\" checked>",
        "<label><input type=\"checkbox\" name=\"want\" value=\"sms\" checked>",
        "<legend>",
    ] {
        assert!(page.text.contains(part), "{part} in {}", page.text);
    }
    let words = |email: &str, sms: &str| (email.to_owned(), sms.to_owned());
    let kept = post(&world, &path, "shown=email&want=email&shown=sms").await;
    is_a_page(&kept, 200);
    assert!(kept.text.contains("role=\"status\"") && kept.text.contains("answer START"), "{}", kept.text);
    assert_eq!(consents(&world, &owner, &ada).await, words("subscribed", "unsubscribed"));
    // A mail proves its own address: a telephone is written to again only by its own word.
    world.clock.advance_seconds(1);
    post(&world, &path, "shown=email&shown=sms&want=sms").await;
    assert_eq!(consents(&world, &owner, &ada).await, words("unsubscribed", "unsubscribed"));
    world.clock.advance_seconds(1);
    post(&world, &path, "shown=email&want=email").await;
    assert_eq!(consents(&world, &owner, &ada).await, words("subscribed", "unsubscribed"));
    // What was not on the page is not spoken of.
    post(&world, &path, "want=other&noise=1").await;
    assert_eq!(consents(&world, &owner, &ada).await, words("subscribed", "unsubscribed"));
    sent(&world, &owner, "Summer").await;
    assert_eq!(letters_to(&world, "Ada"), 2, "and is written to again");
}

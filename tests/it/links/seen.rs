//! Links of a campaign's mails lead over us, where they are seen, to where the merchant wrote; and a picture at the end is
//! seen to be fetched.

use super::{HTML, launched, letter_to, open, path_in, post, reader, sent, visit};
use crate::customers::shop;
use local::{World, world::ORIGIN};
use serde_json::json;

#[tokio::test]
async fn a_link_leads_where_the_merchant_wrote_at_once() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    reader(&world, &owner, "Ada").await;
    sent(&world, &owner, "Spring").await;
    let letter = letter_to(&world, "Ada");
    let html = letter.html.as_deref().unwrap();
    assert!(html.contains("href=\"mailto:tea@shop.example\""), "{html}");
    assert!(!html.contains("https://shop.example/tea"), "{html}");
    let path = path_in(&letter, "/t/click/");
    let led = open(&world, &path).await;
    assert_eq!(led.status, 302, "{}", led.text);
    assert_eq!(led.header("location"), "https://shop.example/tea?a=1&who=Ada");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-robots-tag", "noindex, nofollow"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(led.header(name), value);
    }
    assert!(letter.text.contains(&format!("{ORIGIN}/t/click/")), "{}", letter.text);
    assert!(!letter.text.contains("https://shop.example/tea"), "{}", letter.text);
    // What a mailbox itself looks at stays as it is.
    assert!(html.contains(&letter.unsubscribe.as_ref().unwrap().url));
}

#[tokio::test]
async fn nobody_is_led_elsewhere_by_a_link_that_was_changed() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    reader(&world, &owner, "Ada").await;
    sent(&world, &owner, "Spring").await;
    let path = path_in(&letter_to(&world, "Ada"), "/t/click/");
    let mut parts: Vec<&str> = path.splitn(3, '.').collect();
    // https://evil.example
    parts[1] = "aHR0cHM6Ly9ldmlsLmV4YW1wbGU";
    for wrong in [
        parts.join("."),
        format!("{path}x"),
        format!("{path}?to=https://evil.example"),
        path.replace("/click/", "/open/"),
    ] {
        let answer = open(&world, &wrong).await;
        let expected = if wrong.contains('?') { 302 } else { 404 };
        assert_eq!(answer.status.as_u16(), expected, "{wrong}");
        assert!(!answer.header("location").contains("evil"), "{wrong}");
    }
    assert_eq!(post(&world, &path, "").await.status, 405);
}

#[tokio::test]
async fn the_picture_at_the_end_of_a_mail_is_one_point_that_nobody_keeps() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    reader(&world, &owner, "Ada").await;
    sent(&world, &owner, "Spring").await;
    let path = path_in(&letter_to(&world, "Ada"), "/t/open/");
    assert!(std::path::Path::new(&path).extension().is_some_and(|it| it == "gif"), "{path}");
    let point = open(&world, &path).await;
    assert_eq!((point.status.as_u16(), point.header("content-type")), (200, "image/gif"));
    assert_eq!((point.header("cache-control"), point.bytes.len()), ("no-store", 43));
    assert!(point.bytes.starts_with(b"GIF89a\x01\x00\x01\x00"));
    assert_eq!(open(&world, &path.replace(".gif", "")).await.status, 404);
    let head = visit(&world, "HEAD", &path).send().await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
}

#[tokio::test]
async fn a_merchant_may_choose_that_nobody_looks() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    reader(&world, &owner, "Ada").await;
    let body = json!({"name": "Quiet", "kind": "newsletter", "rule": "EVERYONE", "subject": "Hi", "html": HTML, "tracked": false});
    launched(&world, &owner, &body).await;
    let letter = letter_to(&world, "Ada");
    let html = letter.html.unwrap();
    assert!(html.contains("https://shop.example/tea?a=1&amp;who=Ada"), "{html}");
    assert!(
        !html.contains("/t/open/") && !html.contains("/t/click/") && !letter.text.contains("/t/click/"),
        "{html}"
    );
    assert!(html.contains("/t/unsubscribe/"), "the way out is there all the same");
}

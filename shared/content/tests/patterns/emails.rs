//! Whole mails.

use content::{Body, Email, Filled, Name, Stopped, Written, blocks::Blocks};
use serde_json::json;

use crate::Somebody;

fn written<'a>(subject: &'a str, html: &'a str) -> Written<'a> {
    Written { subject, preheader: "", body: Body::Html(html), text: None }
}

fn filled(written: &Written<'_>) -> Filled {
    let email = Email::read(written).unwrap_or_else(|faults| panic!("{faults:?}"));
    let mut told = Filled::default();
    email.fill(&Somebody::ada(), &mut told).unwrap_or_else(|why| panic!("{why}"));
    told
}

#[test]
fn a_mail_has_a_subject_html_and_text() {
    let told = filled(&written(
        "Hi {{ name }}",
        "<html><body class=\"x\"><p>Hi <b>{{ name }}</b></p></body></html>",
    ));
    assert_eq!(told.subject, "Hi Ada");
    assert_eq!(told.html, "<html><body class=\"x\"><p>Hi <b>Ada</b></p></body></html>");
    assert_eq!(told.text, "Hi **Ada**");
    assert_eq!(told.warnings(), Vec::<String>::new());
    let own = Written { text: Some("Own words, {{ name }}"), ..written("Hi", "<p>Hi</p>") };
    assert_eq!(filled(&own).text, "Own words, Ada");
}

#[test]
fn what_stands_beside_the_subject_is_not_seen_in_the_mail() {
    let told =
        filled(&Written { preheader: "For {{ name }}", ..written("Hi", "<body class=\"x\">Hello</body>") });
    assert!(told.html.starts_with("<body class=\"x\"><div style=\"display:none;"), "{}", told.html);
    assert!(told.html.contains(">For Ada</div>Hello"), "{}", told.html);
    assert_eq!(told.text, "Hello");
    let told = filled(&Written { preheader: "For {{ name }}", ..written("Hi", "Hello") });
    assert!(told.html.ends_with(">For Ada</div>Hello"), "{}", told.html);
}

#[test]
fn all_that_is_wrong_is_told_with_its_part() {
    let blocks: Blocks =
        serde_json::from_value(json!({"blocks": [{"type": "text", "text": "{{ nmae }}"}]})).unwrap();
    let wrong =
        Written { subject: " ", preheader: "{{ zzz }}", body: Body::Blocks(&blocks), text: Some("{% if %}") };
    let faults = Email::read(&wrong).expect_err("all of it is wrong");
    let told: Vec<_> = faults.iter().map(|fault| fault.at.as_str()).collect();
    assert_eq!(told, ["/preheader", "/text", "/text", "/body/blocks/0/text", "/subject"], "{faults:?}");
    let wrong = Email::read(&written("Hi", "{{ zzz }}")).expect_err("nobody knows it");
    assert_eq!(
        (wrong[0].at.as_str(), wrong[0].sentence.as_str()),
        ("/body", "line 1, column 4: `zzz` is not known")
    );
    let mjml = Written { body: Body::Mjml("<mjml><mj-zzz /></mjml>"), ..written("Hi", "") };
    assert_eq!(
        Email::read(&mjml).expect_err("it is none").first().map(|fault| fault.at.as_str()),
        Some("/body")
    );
}

#[test]
fn who_is_left_out_by_one_part_gets_nothing() {
    let email = Email::read(&written("{% skip \"why\" %}", "Hi")).unwrap();
    let mut told = Filled::default();
    assert_eq!(email.fill(&Somebody::ada(), &mut told), Err(Stopped::Skipped("why".to_owned())));
}

#[test]
fn what_gmail_hides_is_told_and_what_is_read_is_known() {
    let long = "a".repeat(103 * 1024);
    let told = filled(&written("Hi", &long));
    assert_eq!(
        told.warnings(),
        ["the mail has 103 KiB: Gmail cuts what is beyond 102, and the way out with it"]
    );
    let email = Email::read(&written("{{ discount }}", "{{ name }} {{ unsubscribe_url }}")).unwrap();
    let names: Vec<_> = email.names().into_iter().collect();
    assert_eq!(names, [Name::FullName, Name::Discount, Name::UnsubscribeUrl]);
}

#[test]
fn elements_within_too_many_are_told_with_their_place() {
    let deep = format!("<p>Hi</p>\n{}", "<div>".repeat(50_000));
    let faults = Email::read(&written("Hi", &deep)).expect_err("nobody reads that");
    assert_eq!(
        (faults[0].at.as_str(), faults[0].sentence.as_str()),
        ("/body", "line 2, column 321: more than 64 elements within each other")
    );
    let unclosed = Email::read(&written("Hi", &"<a".repeat(50_000)));
    assert!(unclosed.is_err());
    let tables = format!("<table><tr><td>Hi{}", "</td></tr></table>");
    assert!(Email::read(&written("Hi", &tables)).is_ok());
}

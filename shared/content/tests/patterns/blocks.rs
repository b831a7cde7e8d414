//! Mails that were put together of blocks.

use content::{
    Shape,
    blocks::{Blocks, COLUMNS_MAX},
    plain,
};
use serde_json::{Value, json};

use crate::{Somebody, filled};

fn read(blocks: &Value) -> Blocks {
    serde_json::from_value(blocks.clone()).unwrap_or_else(|error| panic!("{blocks}: {error}"))
}

fn all() -> Value {
    json!({"blocks": [
        {"type": "heading", "text": "Tea & <Cake>", "align": "left"},
        {"type": "text", "text": "Hi {{ name | default: \"you\" }},\nit is time.", "align": "center"},
        {"type": "image", "src": "https://nordlicht.test/a.png", "alt": "A \"cup\"", "href": "{{ shop.url }}"},
        {"type": "button", "text": "Buy", "href": "https://nordlicht.test/?a=1&b=2", "align": "center"},
        {"type": "columns", "columns": [
            [{"type": "product", "title": "Cup", "price": "€9.50", "image": "https://nordlicht.test/c.png",
                "href": "https://nordlicht.test/cup"}],
            [{"type": "text", "text": "Beside", "align": "right"}]]},
        {"type": "divider"},
        {"type": "footer", "text": "Tea & Co, Hamburg"}]})
}

#[test]
fn blocks_become_a_mail() {
    let html = read(&all()).html().unwrap();
    let mail = filled(&html, Shape::Html, &Somebody::ada()).unwrap();
    for part in [
        "Tea &amp; &lt;Cake&gt;",
        "Hi Ada,<br",
        "alt=\"A &quot;cup&quot;\"",
        "href=\"https://nordlicht.test/?a=1&amp;b=2\"",
        "src=\"https://nordlicht.test/c.png\"",
        ">Unsubscribe</a>",
    ] {
        assert!(mail.contains(part), "{part} is not in {mail}");
    }
    assert_eq!(read(&all()).html().unwrap(), html, "the same blocks are the same mail");
    let text = plain::text_of(&html).unwrap();
    let text = filled(&text, Shape::Text, &Somebody::ada()).unwrap();
    assert!(text.contains("Hi Ada,\nit is time."), "{text}");
}

#[test]
fn blocks_are_kept_as_they_came() {
    let blocks = read(&all());
    assert_eq!(serde_json::to_value(&blocks).unwrap(), all());
    let look = json!({"background": "#000000", "paper": "#111111", "ink": "#eeeeee", "accent": "#ff0000"});
    let dark = json!({"look": look, "blocks": [{"type": "divider"}]});
    assert_eq!(serde_json::to_value(read(&dark)).unwrap(), dark);
    assert!(read(&dark).html().unwrap().contains("#111111"));
}

#[test]
fn a_footer_has_a_way_out_once() {
    let out = |text: &str| {
        let footer = json!({"blocks": [{"type": "footer", "text": text}]});
        read(&footer).html().unwrap().matches("unsubscribe_url").count()
    };
    assert_eq!(out("Hamburg"), 1);
    assert_eq!(out("You can unsubscribe any time."), 1, "words alone lead nowhere");
    assert_eq!(out("Leave at {{ unsubscribe_url }}"), 1);
}

fn check(blocks: &Value, expected: &[(&str, &str)]) {
    let faults = read(blocks).html().expect_err("something is wrong");
    let told: Vec<_> = faults.iter().map(|fault| (fault.at.as_str(), fault.sentence.as_str())).collect();
    assert_eq!(told, expected, "{blocks}");
}

#[test]
fn what_is_wrong_is_told_with_its_block() {
    let link = "a link is expected, as in `https://nordlicht.example/sale` or `{{ shop.url }}`";
    check(&json!({"blocks": []}), &[("/blocks", "a mail has at least one block")]);
    check(
        &json!({"look": {"ink": "red"}, "blocks": [
            {"type": "text", "text": "Hi {{ nmae }}"},
            {"type": "button", "text": " ", "href": "javascript:alert(1)"},
            {"type": "columns", "columns": [[{"type": "image", "src": "x.png", "alt": ""}, {"type": "columns", "columns": []}]]}]}),
        &[
            ("/look/ink", "a colour is expected: `#1a5fb4`"),
            ("/blocks/0/text", "line 1, column 7: `nmae` is not known: did you mean `customer.name`?"),
            ("/blocks/1/href", link),
            ("/blocks/1/text", "there is no text"),
            ("/blocks/2/columns/0/0/src", link),
            ("/blocks/2/columns/0/1", "there are no columns within columns"),
        ],
    );
    let many = vec![json!([]); COLUMNS_MAX + 1];
    check(
        &json!({"blocks": [{"type": "columns", "columns": many}]}),
        &[("/blocks/0/columns", "1 to 4 columns stand beside each other")],
    );
    let many = vec![json!({"type": "divider"}); 300];
    check(&json!({"blocks": many}), &[("/blocks/200", "a mail has 200 blocks at most")]);
    for unknown in [json!({"blocks": [{"type": "video"}]}), json!({"blocks": [], "zzz": 1})] {
        assert!(serde_json::from_value::<Blocks>(unknown).is_err());
    }
}

/// What a merchant pastes is no markup, and no way out of an attribute.
#[test]
fn texts_are_texts() {
    let html = read(&json!({"blocks": [
        {"type": "text", "text": "</mj-text><script>alert(1)</script>\\"},
        {"type": "image", "src": "https://a.test/\"onload=\"x", "alt": "'\"><b>"}]}))
    .html()
    .unwrap();
    assert!(!html.contains("<script>") && !html.contains("\"onload") && !html.contains("<b>"), "{html}");
    assert!(html.contains("&lt;/mj-text&gt;"), "{html}");
}

//! Somebody is named in the merchant's own words: in rules, names, descriptions, messages.

use std::collections::BTreeSet;

use domain::{Campaign, campaign};
use flows::sign::sha256_hex;
use local::World;
use serde_json::{Value, json};

use super::{EMAIL, PHONE, QUIRINIA, signed};
use crate::shop_events::Shop;

pub(super) async fn named(world: &World, shop: &Shop) {
    let owner = &signed(world, shop).await;
    let named = "Quirinia Zaphodsdottir";
    for (path, told) in [
        (
            "segments",
            json!({"name": format!("For {named}"), "rule": format!("email = '{EMAIL}' OR number_of_orders > 3")}),
        ),
        (
            "segments",
            json!({"name": "By hand", "kind": "static", "description": format!("{named} and others")}),
        ),
        (
            "reports",
            json!({"name": format!("Orders of {named}"), "description": format!("as {named} wants them"), "measures": ["orders"],
            "filter": format!("phone = '{PHONE}'")}),
        ),
        (
            "templates",
            json!({"name": format!("Letter to {named}"), "subject": format!("Dear {named}"), "preheader": format!("For {EMAIL}"),
                "html": format!("<p>{EMAIL}, (415) 555\u{2011}0142</p>"), "text": format!("{named}, {EMAIL}")}),
        ),
        (
            "templates",
            json!({"name": "In MJML", "subject": "Hi",
                "mjml": format!("<mjml><mj-body><mj-section><mj-column><mj-text>{named}</mj-text></mj-column></mj-section></mj-body></mjml>")}),
        ),
        (
            "templates",
            json!({"name": "In blocks", "subject": "Hi", "blocks": {"blocks": [{"type": "text", "text": format!("Dear {named}")}]}}),
        ),
        (
            "campaigns",
            json!({"name": format!("To {named}"), "channel": "sms", "text": format!("Hi {named}"),
            "rule": format!("customer_id = {QUIRINIA}")}),
        ),
        (
            "campaigns",
            json!({"name": "Two texts", "channel": "sms", "rule": "EVERYONE",
                "trial": {"variants": [{"text": "Hi"}, {"text": format!("Hi {named}")}]}}),
        ),
    ] {
        let made = owner.post(world, &format!("/api/v1/{path}"), &told).await;
        assert_eq!(made.status, 201, "{path}: {}", made.text);
    }
    // Why it failed may name what was asked.
    let its = shop.store(world);
    let campaigns = its.campaigns().await.expect("memory holds");
    let campaign = campaigns.into_iter().find(|it| it.rules.trial.is_none()).expect("it was made");
    let reason = format!("nobody is meant by {EMAIL}");
    let failed = Campaign { state: campaign::State::Failed { reason }, ..Campaign::clone(&campaign) };
    its.commit(vec![its.campaign_reworded(&campaign, &failed, &[])]).await.expect("nobody else changes it");
}

/// The owner sees what of theirs has changed, and a rule that named them means nobody by that.
pub(super) async fn must_be_reworded(world: &World, shop: &Shop, request: &Value) {
    let rewordings = request["reworded"].as_array().expect("a list");
    let reworded: BTreeSet<_> =
        rewordings.iter().map(|it| (it["kind"].as_str(), it["fields"].to_string())).collect();
    let fields = |of: &[&str]| serde_json::to_string(of).expect("texts");
    assert_eq!(
        reworded,
        [
            (Some("campaign"), fields(&["name", "rule", "reason", "text"])),
            (Some("campaign"), fields(&["text"])),
            (Some("report"), fields(&["name", "description", "filter"])),
            (Some("segment"), fields(&["description"])),
            (Some("segment"), fields(&["name", "rule"])),
            (Some("template"), fields(&["name", "subject", "preheader", "html", "text"])),
            (Some("template"), fields(&["mjml"])),
            (Some("template"), fields(&["blocks"])),
        ]
        .into(),
        "the owner sees what of theirs has changed"
    );
    let segments = signed(world, shop).await.get(world, "/api/v1/segments").await;
    let rules: Vec<_> = segments
        .at("/items")
        .as_array()
        .into_iter()
        .flatten()
        .map(|segment| segment["text"].clone())
        .collect();
    assert!(rules.contains(&json!("email = '…' OR number_of_orders > 3")), "{}", segments.text);
    for segment in shop.store(world).segments().await.expect("memory holds").iter() {
        let hashed = segment.rule.as_ref().map(|rule| (rule.hash.clone(), sha256_hex(rule.text.as_bytes())));
        assert!(
            hashed.is_none_or(|(told, its)| told == its),
            "a rule that is another is found anew: {}",
            segment.name.as_str()
        );
    }
}

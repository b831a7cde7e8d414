//! Somebody is named in the merchant's own words: in rules, names, descriptions, messages.

use domain::{Campaign, campaign};
use local::World;
use serde_json::json;

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
    ] {
        let made = owner.post(world, &format!("/api/v1/{path}"), &told).await;
        assert_eq!(made.status, 201, "{path}: {}", made.text);
    }
    // Why it failed may name what was asked.
    let its = shop.store(world);
    let campaign = its.campaigns().await.expect("memory holds").remove(0);
    let reason = format!("nobody is meant by {EMAIL}");
    let failed = Campaign { state: campaign::State::Failed { reason }, ..Campaign::clone(&campaign) };
    its.commit(vec![its.campaign_reworded(&campaign, &failed, None)]).await.expect("nobody else changes it");
}

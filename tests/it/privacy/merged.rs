//! Who became part of whoever is forgotten is forgotten with them, and so is what became of what they were written.

use std::collections::BTreeSet;

use domain::{
    CustomerId,
    campaign::{Fate, Message, MessageId, Why},
    timeline::Event,
};
use local::{World, world::Log};
use serde_json::json;

use super::{EMAIL, QUIRINIA, asked, checkout, ended, launched, scan::found, signed, told};
use crate::shop_events::{Shop, customer_body};

const TWIN: u64 = 7_001_222_444;

/// What stands in somebody's partition, by the letters of its kinds.
fn kept(world: &World, id: u64) -> BTreeSet<String> {
    let all = world.table.dump().expect("memory holds").into_iter().map(|item| item.key);
    let theirs = all.filter(|key| key.pk.ends_with(&format!("#C#s{id}")));
    let kind = |sk: String| {
        sk.strip_prefix("E#").and_then(|rest| rest.split('#').nth(1)).map(str::to_owned).unwrap_or(sk)
    };
    theirs.map(|key| kind(key.sk)).collect()
}

async fn written(world: &World, shop: &Shop, id: u64) -> Vec<MessageId> {
    let read = shop.store(world).events(CustomerId::Shopify(id), 100, None).await.expect("memory holds");
    let message = |(_, event)| if let Event::Written(written) = event { Some(written.message) } else { None };
    read.events.into_iter().filter_map(message).collect()
}

#[tokio::test]
async fn of_who_was_merged_into_them_no_word_is_left_either() {
    let (world, log) = (World::new(21).await, Log::listen());
    let shop = Shop::connected(&world, "nordlicht").await;
    for (id, email) in [(QUIRINIA, EMAIL), (TWIN, "twin@example.org"), (8, "ada8@example.com")] {
        let customer = customer_body(id, "2026-09-01T10:00:00Z", &json!({"email": email}));
        told(&world, &shop, "customers/create", &customer).await;
    }
    let owner = signed(&world, &shop).await;
    let consent = json!({"email_consent":
        {"state": "subscribed", "level": "single_opt_in", "method": "a box of bulbs, ticked"}});
    let change = owner.call(&world, "PATCH", &format!("/api/v1/customers/s{TWIN}"), &consent).await;
    assert_eq!(change.status, 200, "{}", change.text);
    told(&world, &shop, "checkouts/create", &checkout("twins", TWIN, &json!({}))).await;
    world.clock.advance_seconds(2 * 3_600);
    ended(&world).await;
    launched(&world, &shop, &json!({"name": "Spring"})).await;
    let (hers, twins, others) = (
        written(&world, &shop, QUIRINIA).await,
        written(&world, &shop, TWIN).await,
        written(&world, &shop, 8).await,
    );
    let all: Vec<_> = [&hers[..], &twins[..], &others[..]].concat();
    assert_eq!(all.len(), 3, "each was written to");
    let messages = async || shop.store(&world).messages(&all).await.expect("memory holds");
    let before = messages().await;
    assert!(before.values().all(|message| message.fate >= Fate::Sent), "{before:?}");

    let into = json!({"into": format!("s{QUIRINIA}")});
    let owner = signed(&world, &shop).await;
    let merged = owner.post(&world, &format!("/api/v1/customers/s{TWIN}/merge"), &into).await;
    assert_eq!(merged.status, 200, "{}", merged.text);
    let kinds = |of: &[&str]| of.iter().map(|kind| (*kind).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(kept(&world, TWIN), kinds(&["B", "C", "K", "PROFILE"]), "so that the test can fail");

    told(&world, &shop, "customers/redact", &asked(&shop, QUIRINIA, EMAIL, None)).await;
    for id in [QUIRINIA, TWIN] {
        assert_eq!(kept(&world, id), kinds(&["PROFILE"]), "{id}");
    }
    assert_eq!(found(&world, &log, &["a box of bulbs", "twin@example.org", EMAIL]).await, BTreeSet::new());
    // Nor does the campaign know what became of what they were written, whatever comes late.
    let after = messages().await;
    let nobodys = Message { fate: Fate::Skipped, why: Some(Why::Gone), ..Message::default() };
    for id in hers.iter().chain(&twins) {
        assert_eq!(after[id], nobodys);
    }
    assert_eq!(after[&others[0]], before[&others[0]], "others' messages are as they were");
}

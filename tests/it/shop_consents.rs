//! What somebody agreed to is for the address that they had: where the shop has it no more, nobody writes to them.

use domain::{ConsentState, Customer};
use flows::Clock;
use local::shopify::books::{
    Channel, Newcomer, Telling,
    records::{self, Consent, OptInLevel},
};
use serde_json::{Value, json};

use crate::shop_readings::Shop;

const CONSENT: &str = "customers_email_marketing_consent/update";

/// Somebody who agreed to be written to, in both ways.
async fn agreed(shop: &Shop, name: &str, phone: &str) -> u64 {
    let (state, level) = (records::ConsentState::Subscribed, Some(OptInLevel::SingleOptIn));
    let consent = Some(Consent { state, level, at: Some(shop.world.clock.now()) });
    let newcomer = Newcomer {
        first_name: Some(name.to_owned()),
        email: Some(format!("{name}@example.com")),
        phone: Some(phone.to_owned()),
        tags: vec!["sworn".to_owned()],
        email_consent: consent,
        sms_consent: consent,
        ..Newcomer::default()
    };
    let id = shop.theirs.join(newcomer).expect("everybody may join");
    shop.heard().await;
    assert_eq!(states(&shop.customer(id).await), [Some(ConsentState::Subscribed); 2]);
    shop.world.clock.advance_seconds(60);
    id
}

fn states(customer: &Customer) -> [Option<ConsentState>; 2] {
    [&customer.email_consent, &customer.sms_consent].map(|held| held.as_ref().map(|consent| consent.state))
}

fn word(id: u64, at: Option<jiff::Timestamp>) -> Value {
    let consent = json!({"state": "subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": at});
    json!({"customer_id": id, "email_address": "nora@example.com", "email_marketing_consent": consent})
}

#[tokio::test]
async fn who_has_another_address_has_agreed_to_nothing_there() {
    let shop = Shop::connected(31).await;
    let joined_at = shop.world.clock.now();
    let nora = agreed(&shop, "nora", "+4915112345671").await;
    let email = Some("nora@example.org".to_owned());
    shop.theirs.change(nora, Telling { email: email.clone(), ..Telling::default() }).expect("they are there");
    // Before the shop was asked, and after.
    while shop.world.hear().await > 0 {}
    shop.world.settle().await;
    let ours = shop.customer(nora).await;
    assert_eq!(ours.email.as_ref().map(ToString::to_string), email);
    assert_eq!(states(&ours), [None, Some(ConsentState::Subscribed)]);
    // What they said of their former address comes late.
    shop.told(CONSENT, &word(nora, Some(joined_at))).await;
    assert_eq!(states(&shop.customer(nora).await), [None, Some(ConsentState::Subscribed)]);
    assert!(format!("{:?}", shop.newest().await.outcome).contains("Late"), "{:?}", shop.newest().await);
    // They agree anew.
    let (state, at) = (records::ConsentState::Subscribed, Some(shop.world.clock.now()));
    shop.theirs.consent(nora, Channel::Email, Consent { state, level: None, at }).expect("they have one");
    shop.heard().await;
    assert_eq!(states(&shop.customer(nora).await), [Some(ConsentState::Subscribed); 2]);
}

#[tokio::test]
async fn a_consent_that_the_shop_has_no_more_is_gone_when_it_is_asked() {
    let shop = Shop::connected(32).await;
    let nora = agreed(&shop, "nora", "+4915112345671").await;
    // Nobody tells us.
    shop.theirs.switch(|switches| switches.lost_per_mille = 1_000);
    for channel in [Channel::Email, Channel::Sms] {
        shop.theirs.consent(nora, channel, Consent::NEVER).expect("they are there");
    }
    shop.theirs.switch(|switches| switches.lost_per_mille = 0);
    assert_eq!(states(&shop.customer(nora).await), [Some(ConsentState::Subscribed); 2]);
    // Of when this is, it does not say: it is a reason to ask.
    let before = shop.theirs.asked();
    shop.told(CONSENT, &word(nora, None)).await;
    assert_eq!(shop.theirs.asked(), before + 1);
    assert_eq!(states(&shop.customer(nora).await), [None; 2]);
}

#[tokio::test]
async fn whose_address_is_somebody_elses_by_now_has_agreed_to_nothing_there() {
    let shop = Shop::connected(33).await;
    let nora = agreed(&shop, "nora", "+4915112345671").await;
    let olga = agreed(&shop, "olga", "+4915112345672").await;
    let theirs = shop.customer(nora).await;
    let (email, phone) = (theirs.email.expect("it was told"), theirs.phone.expect("it was told"));
    let told =
        Telling { email: Some(email.to_string()), phone: Some(phone.to_string()), ..Telling::default() };
    shop.theirs.change(olga, told).expect("they are there");
    shop.heard().await;
    let (nora, olga) = (shop.customer(nora).await, shop.customer(olga).await);
    assert_eq!((nora.email.clone(), nora.phone.clone(), olga.email.clone()), (None, None, Some(email)));
    assert_eq!((states(&nora), states(&olga)), ([None; 2], [None; 2]));
}

#[tokio::test]
async fn no_campaign_writes_to_an_address_that_nobody_agreed_to() {
    let shop = Shop::connected(34).await;
    let nora = agreed(&shop, "nora", "+4915112345671").await;
    agreed(&shop, "olga", "+4915112345672").await;
    let phone = Some("+4915112345673".to_owned());
    shop.theirs.change(nora, Telling { phone, ..Telling::default() }).expect("they are there");
    shop.heard().await;
    let (world, owner) = (&shop.world, &shop.owner);
    let sale =
        json!({"name": "Sale", "channel": "sms", "text": "Hi", "rule": "customer_tags CONTAINS 'sworn'"});
    let made = owner.post(world, "/api/v1/campaigns", &sale).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/api/v1/campaigns/{}", made.text_at("/id"));
    assert_eq!(owner.post(world, &format!("{path}/launch"), &json!({})).await.status, 200);
    world.settle().await;
    let plan = owner.get(world, &path).await.at("/plan");
    assert_eq!((&plan["audience"], &plan["chosen"]), (&json!(2), &json!(1)), "{plan}");
    let left_out = plan["left_out"].as_array().expect("a list");
    assert!(left_out.contains(&json!({"reason": "no_consent", "count": 1})), "{plan}");
}

//! Letting the app in, renewing its tokens, and what a shop answers to whom.

use super::Sides;
use jiff::SignedDuration;
use local::shopify::{Denied, Door, Fault};
use shopify::{
    Secret, SessionToken, Topic, embedded,
    graph::{CustomersPage, Refusal, ShopInfo, Stretch, Subscribe, SubscriptionsPage, Unsubscribe},
    oauth::{SignedQuery, TokenAsk, TokenRefusal, Tokens},
};

#[tokio::test]
async fn a_merchant_lets_the_app_in_and_its_tokens_are_renewed() {
    let sides = Sides::of(3);
    let tokens = sides.connected().await;
    let shop = sides.told(&tokens, &ShopInfo {}).await;
    assert_eq!(shop.domain, sides.domain());
    assert_eq!(shop.currency.expect("a currency").to_string(), "EUR");
    assert!(shop.zone.is_some() && shop.scopes.cover(&tokens.scopes));

    sides.clock.advance_seconds(3_600);
    let late = sides.ask(&tokens, &ShopInfo {}).await.expect_err("the token has ended");
    assert_eq!(late.why, Refusal::Unauthorized);
    let renewed = sides.tokens(TokenAsk::refresh(&sides.app, &tokens.refresh)).await.expect("a new pair");
    assert_ne!(renewed.access, tokens.access);
    // The answer may have been lost: the former token is good until the new pair is used.
    let again = sides.tokens(TokenAsk::refresh(&sides.app, &tokens.refresh)).await.expect("another pair");
    sides.told(&again, &ShopInfo {}).await;
    let former = sides.tokens(TokenAsk::refresh(&sides.app, &tokens.refresh)).await;
    assert_eq!(former, Err(TokenRefusal::Grant));

    let stranger = shopify::App { secret: Secret::new("another"), ..sides.app.clone() };
    let refused = sides.tokens(TokenAsk::refresh(&stranger, &again.refresh)).await;
    assert_eq!(refused, Err(TokenRefusal::Client));
}

#[tokio::test]
async fn within_the_admin_a_session_token_is_exchanged() {
    let sides = Sides::of(3);
    sides.connected().await;
    let opened = sides.shop.app_url();
    let (_, query) = opened.split_once('?').expect("a query");
    let query = SignedQuery::read(query, &sides.app, sides.now()).expect("Shopify signed it");
    let raw = query.get("id_token").expect("a session token").to_owned();
    let token = SessionToken::read(&raw, &sides.app, sides.now()).expect("a right one");
    assert_eq!(token.shop, sides.domain());
    let admin = query.get("host").and_then(embedded::admin);
    assert_eq!(admin, Some(format!("admin.shopify.com/store/{}", token.shop.name())));
    let tokens = sides.tokens(TokenAsk::exchange(&sides.app, &raw)).await.expect("tokens");
    sides.told(&tokens, &ShopInfo {}).await;

    sides.clock.advance_seconds(120);
    assert!(SessionToken::read(&raw, &sides.app, sides.now()).is_err());
    let late = sides.tokens(TokenAsk::exchange(&sides.app, &raw)).await;
    assert_eq!(late, Err(TokenRefusal::SessionToken));
}

#[tokio::test]
async fn each_refusal_says_who_can_help() {
    let sides = Sides::of(3);
    let tokens = sides.connected().await;
    let page = CustomersPage::of(Stretch::all(10, None), Vec::new());
    let faults = [
        (
            Fault::TooMany { retry_after_seconds: 7 },
            Some(Refusal::Throttled { wait: SignedDuration::from_secs(7) }),
        ),
        (Fault::Status(402), Some(Refusal::Frozen)),
        (Fault::Status(423), Some(Refusal::Locked)),
        (Fault::Status(503), Some(Refusal::Unavailable { wait: None })),
        (Fault::Broken, Some(Refusal::Unavailable { wait: None })),
        // Where the connection ends is where the answer cannot be read.
        (Fault::Cut, None),
    ];
    for (fault, expected) in faults {
        sides.shop.switch(|switches| switches.next.push_back((Door::Graphql, fault)));
        let why = sides.ask(&tokens, &page).await.expect_err("a refusal").why;
        match expected {
            Some(expected) => assert_eq!(why, expected, "{fault:?}"),
            None => assert!(matches!(why, Refusal::Unreadable(_)), "{why:?}"),
        }
    }
    for denied in [Denied::Customers, Denied::Details] {
        sides.shop.switch(|switches| switches.denied = denied);
        let why = sides.ask(&tokens, &page).await.expect_err("a refusal").why;
        assert!(matches!(why, Refusal::Denied(_)), "{denied:?}: {why:?}");
    }
    sides.shop.switch(|switches| switches.denied = Denied::Nothing);
    let nobody = Tokens { access: Secret::new("shpat_0"), ..tokens.clone() };
    assert_eq!(sides.ask(&nobody, &page).await.expect_err("a refusal").why, Refusal::Unauthorized);
    sides.told(&tokens, &page).await;
}

#[tokio::test]
async fn who_asks_too_much_is_told_how_long_to_wait() {
    let sides = Sides::of(3);
    let tokens = sides.connected().await;
    let url = sides.origin.url(&sides.domain(), &shopify::graph::path());
    let page = CustomersPage::of(Stretch::all(250, None), Vec::new());
    let body = shopify::graph::request(&page);
    let mut waits = Vec::new();
    for _ in 0..200 {
        let came = sides.send("POST", &url, Some(&tokens.access), body.clone()).await;
        let response = shopify::graph::Response {
            status: came.status,
            version: None,
            retry_after: None,
            body: &came.body,
        };
        match shopify::graph::answer::<CustomersPage>(&response) {
            Ok(answered) => assert!(answered.cost.expect("a cost").requested > 0.0),
            Err(refused) => {
                let Refusal::Throttled { wait } = refused.why else { panic!("{refused:?}") };
                waits.push(wait);
                break;
            }
        }
    }
    let wait = waits.pop().expect("the bucket is empty at last");
    assert!(wait > SignedDuration::ZERO && wait < SignedDuration::from_secs(10), "{wait}");
    sides.clock.advance_seconds(wait.as_secs() + 1);
    sides.told(&tokens, &page).await;
}

#[tokio::test]
async fn subscriptions_are_made_and_ended() {
    let sides = Sides::of(3);
    let tokens = sides.connected().await;
    let made = sides.told(&tokens, &Subscribe::to(&Topic::OrdersPaid, "https://crm.test/webhooks")).await;
    assert_eq!(made.topic, Topic::OrdersPaid.in_graphql());
    let listed = sides.told(&tokens, &SubscriptionsPage::behind(None)).await;
    assert_eq!(listed.nodes, std::slice::from_ref(&made));
    let insecure = sides.ask(&tokens, &Subscribe::to(&Topic::OrdersPaid, "http://crm.test/webhooks")).await;
    assert!(matches!(insecure.expect_err("a refusal").why, Refusal::NotDone(_)));
    sides.told(&tokens, &Unsubscribe { id: made.id }).await;
    assert!(sides.told(&tokens, &SubscriptionsPage::behind(None)).await.nodes.is_empty());
}

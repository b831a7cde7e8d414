//! The ways in, as an app goes them: by code, by session token, by refresh token.

use aws_lc_rs::hmac;
use serde_json::json;

use super::{BACK, SCOPES, Stand, asked};
use crate::shopify::{Door, Fault};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const OFFLINE: &str = "urn:shopify:params:oauth:token-type:offline-access-token";
const ONLINE: &str = "urn:shopify:params:oauth:token-type:online-access-token";

/// As Shopify's libraries check where a browser was sent: pairs as they came, sorted.
fn is_signed(to: &str, secret: &str) -> bool {
    let query = to.split_once('?').expect("a query").1.replace('+', "%20");
    let (signs, mut pairs): (Vec<_>, Vec<_>) = query.split('&').partition(|pair| pair.starts_with("hmac="));
    pairs.sort_unstable();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, pairs.join("&").as_bytes());
    let tag: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    signs == [format!("hmac={tag}")]
}

#[tokio::test]
async fn a_merchant_who_installs_the_app_is_sent_back_with_a_signed_code() {
    let stand = Stand::of(1).await;
    let screen = stand.get(&format!("/admin/oauth/authorize?{}", asked(&SCOPES, "a state"))).await;
    let text = screen.text.unwrap();
    assert!(
        screen.status == 200 && text.contains("read_all_orders") && text.contains("/admin/oauth/install?")
    );
    let told = stand.get(&format!("/admin/oauth/install?{}", asked(&SCOPES, "a state"))).await;
    assert!(told.headers["location"].to_str().unwrap().starts_with(BACK));
    let query = told.query();
    assert_eq!(
        query.keys().map(String::as_str).collect::<Vec<_>>(),
        ["code", "hmac", "host", "shop", "state", "timestamp"]
    );
    assert_eq!((query["shop"].as_str(), query["state"].as_str()), (super::DOMAIN, "a state"));
    assert_eq!(query["timestamp"], "1790000000");
    assert!(is_signed(told.headers["location"].to_str().unwrap(), "first secret"));
    assert!(!query["host"].ends_with('='));
}

#[tokio::test]
async fn an_app_that_asks_wrongly_is_told_where_it_asks() {
    let stand = Stand::of(1).await;
    for (from, to) in [("demo-app", "another"), ("crm.test", "evil.test"), ("read_", "")] {
        let query = if from == "read_" { asked(&[], "s") } else { asked(&SCOPES, "s").replace(from, to) };
        for path in ["authorize", "install"] {
            assert_eq!(
                stand.get(&format!("/admin/oauth/{path}?{query}")).await.status,
                400,
                "{path}?{query}"
            );
        }
    }
}

#[tokio::test]
async fn what_a_merchant_need_not_allow_is_asked_for_behind_the_installation_and_stays_allowed() {
    let stand = Stand::of(1).await;
    let required: Vec<_> = SCOPES.into_iter().filter(|scope| *scope != "read_all_orders").collect();
    stand.shop.uninstall();
    let more = |scopes: &str| format!("client_id=demo-app&optional_scopes={scopes}");
    for path in ["install", "allow"] {
        let path = |query: &str| format!("/store/oauth/{path}?{query}");
        assert_eq!(stand.get(&path(&more("read_all_orders"))).await.status, 400, "it is not installed");
        stand.shop.install(&required);
        for wrong in
            [more("read_customers"), more(""), more("read_all_orders").replace("demo-app", "another")]
        {
            assert_eq!(stand.get(&path(&wrong)).await.status, 400, "{wrong}");
        }
        stand.shop.uninstall();
    }
    stand.shop.install(&required);
    let screen = stand.get(&format!("/store/oauth/install?{}", more("read_all_orders"))).await.text.unwrap();
    assert!(screen.contains("/store/oauth/allow?") && screen.contains("<li>read_all_orders"), "{screen}");
    let held = || stand.shop.scopes().unwrap();
    assert_eq!(held(), required, "to be asked is not to allow");
    let back = stand.get(&format!("/store/oauth/allow?{}", more("read_all_orders"))).await;
    assert!(back.headers["location"].to_str().unwrap().starts_with("https://crm.test/app?"));
    assert!(held().contains(&"read_all_orders".to_owned()) && held().len() == required.len() + 1);
    // Whoever installs it anew, and is asked for what has to be, takes nothing back.
    stand.get(&format!("/admin/oauth/install?{}", asked(&required, "s"))).await;
    assert!(held().contains(&"read_all_orders".to_owned()), "{:?}", held());
}

#[tokio::test]
async fn a_code_is_redeemed_by_the_app_alone_and_once() {
    let stand = Stand::of(1).await;
    let code = stand.code().await;
    let wrong = [("code", code.as_str()), ("client_secret", "guessed")];
    let (status, told) = stand.granted(&wrong).await;
    assert_eq!((status, &told["error"]), (401, &json!("invalid_client")));
    let (status, told) = stand.granted(&[("code", &code), ("expiring", "1")]).await;
    assert_eq!((status, &told["expires_in"]), (200, &json!(3_600)));
    assert_eq!(told["scope"], "write_customers,read_orders,read_all_orders,read_products,read_locations");
    let (status, told) = stand.granted(&[("code", &code), ("expiring", "1")]).await;
    assert_eq!((status, &told["error"]), (400, &json!("invalid_request")));
    // As a form, too.
    let code = stand.code().await;
    let form = format!("client_id=demo-app&client_secret=first+secret&expiring=1&code={code}");
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let mut headers = kind.to_vec();
    headers.push(("accept", "application/json"));
    let request = axum::http::Request::post(format!("/{}/admin/oauth/access_token", super::DOMAIN));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let request = request.body(axum::body::Body::from(form)).unwrap();
    let answer = tower::ServiceExt::oneshot(stand.shopify.router(), request).await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn a_token_that_never_ends_is_given_to_whoever_asks_and_let_in_nowhere() {
    let mut stand = Stand::of(1).await;
    let code = stand.code().await;
    let (_, told) = stand.granted(&[("code", &code)]).await;
    assert!(told.get("expires_in").is_none() && told.get("refresh_token").is_none());
    stand.token = told["access_token"].as_str().unwrap().to_owned();
    assert_eq!(stand.question("{ shop { name } }", &json!({})).await.status, 403);
    let exchange = [
        ("grant_type", EXCHANGE),
        ("subject_token", stand.token.as_str()),
        ("subject_token_type", OFFLINE),
        ("requested_token_type", OFFLINE),
        ("expiring", "1"),
    ];
    let (status, pair) = stand.granted(&exchange).await;
    assert_eq!((status, &pair["expires_in"]), (200, &json!(3_600)));
}

#[tokio::test]
async fn a_token_is_refreshed_and_ends_with_its_hour_or_the_app() {
    let mut stand = Stand::of(1).await;
    let first = stand.installed().await;
    let token = |told: &serde_json::Value, name: &str| told[name].as_str().unwrap().to_owned();
    stand.token = token(&first, "access_token");
    stand.clock.advance_seconds(3_600);
    assert_eq!(stand.question("{ shop { name } }", &json!({})).await.status, 401);
    let refresh = token(&first, "refresh_token");
    let (_, second) = stand.granted(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await;
    stand.token = token(&second, "access_token");
    assert_eq!(stand.question("{ shop { name } }", &json!({})).await.status, 200);
    let (status, told) = stand.granted(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await;
    assert_eq!((status, &told["error"]), (400, &json!("invalid_grant")));
    stand.shop.uninstall();
    assert_eq!(stand.question("{ shop { name } }", &json!({})).await.status, 401);
    let refresh = token(&second, "refresh_token");
    let (status, told) = stand.granted(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await;
    assert_eq!((status, &told["error"]), (401, &json!("invalid_client")));
}

#[tokio::test]
async fn an_answer_with_tokens_that_is_lost_costs_nobody_their_access() {
    let stand = Stand::of(1).await;
    let first = stand.installed().await;
    let refresh = first["refresh_token"].as_str().unwrap();
    stand.shop.switch(|switches| {
        switches.next.extend([(Door::Token, Fault::Cut), (Door::Token, Fault::Status(503))]);
    });
    let body = json!({"client_id": "demo-app", "client_secret": "first secret", "grant_type": "refresh_token", "refresh_token": refresh});
    let send = async || stand.send("POST", "/admin/oauth/access_token", &[], &body.to_string()).await;
    assert_eq!(send().await.text, None);
    assert_eq!(send().await.status, 503);
    assert_eq!(send().await.status, 200);
}

#[tokio::test]
async fn a_session_token_is_exchanged_while_it_is_fresh_and_for_its_shop() {
    let stand = Stand::of(1).await;
    let exchange = async |subject: &str, wanted: &str| {
        let told = [
            ("grant_type", EXCHANGE),
            ("subject_token", subject),
            ("subject_token_type", ID_TOKEN),
            ("requested_token_type", wanted),
            ("expiring", "1"),
        ];
        stand.granted(&told).await
    };
    let session = stand.shop.session_token();
    let (status, told) = exchange(&session, OFFLINE).await;
    assert_eq!((status, &told["expires_in"]), (200, &json!(3_600)));
    assert!(told["refresh_token"].is_string());
    let (_, told) = exchange(&session, ONLINE).await;
    assert_eq!((&told["expires_in"], &told["associated_user"]["id"]), (&json!(86_399), &json!(902_541_635)));
    let (head, _) = session.rsplit_once('.').unwrap();
    let elsewhere = stand.shop.signed_claims(&json!({
        "aud": "demo-app", "dest": "https://other.myshopify.com", "sub": "1", "nbf": 0, "exp": 1_900_000_000,
    }));
    let another = stand.shop.signed_claims(&json!({
        "aud": "another", "dest": format!("https://{}", super::DOMAIN), "sub": "1", "nbf": 0, "exp": 1_900_000_000,
    }));
    for bad in ["", "x.y.z", &format!("{head}.AAAA"), &elsewhere, &another] {
        let (status, told) = exchange(bad, OFFLINE).await;
        assert_eq!((status, &told["error"]), (400, &json!("invalid_subject_token")), "{bad}");
    }
    stand.clock.advance_seconds(60);
    assert_eq!(exchange(&session, OFFLINE).await.0, 400, "it is good for a minute");
    stand.shop.uninstall();
    assert_eq!(
        exchange(&stand.shop.session_token(), OFFLINE).await.0,
        401,
        "managed by Shopify: first it is installed"
    );
    stand.shop.install(&["read_orders"]);
    assert_eq!(exchange(&stand.shop.session_token(), OFFLINE).await.1["scope"], "read_orders");
}

#[tokio::test]
async fn the_app_is_opened_with_a_signed_address() {
    let stand = Stand::of(1).await;
    let to = stand.shop.app_url();
    assert!(is_signed(&to, "first secret"));
    let url: url::Url = to.parse().unwrap();
    let query: std::collections::BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(query["shop"], super::DOMAIN);
    assert_eq!(query["id_token"].split('.').count(), 3);
}

#[tokio::test]
async fn of_two_secrets_both_are_good_and_new_things_are_signed_with_the_new_one() {
    let stand = Stand::of(1).await;
    let code = stand.code().await;
    stand.shopify.rotate_secret("second secret");
    let told = stand.get(&format!("/admin/oauth/install?{}", asked(&SCOPES, "s"))).await;
    let to = told.headers["location"].to_str().unwrap();
    assert!(is_signed(to, "second secret") && !is_signed(to, "first secret"));
    let (old, _) = stand.granted(&[("code", &code), ("client_secret", "first secret")]).await;
    let (new, _) =
        stand.granted(&[("code", &told.query()["code"]), ("client_secret", "second secret")]).await;
    assert_eq!((old, new), (200, 200));
}

//! The verdicts of shared/shopify on the cases of `cases.py`, at the instant for which they were made.

use serde_json::{Value, json};
use shopify::{App, Origin, Secret, SessionToken, ShopDomain, embedded, oauth, webhook};
use std::io::{self, Read};

fn main() {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).expect("cases come in");
    let given: Value = serde_json::from_str(&text).expect("cases are JSON");
    let now = domain::Timestamp::from_second(given["now"].as_i64().expect("now")).expect("an instant");
    let secret = |name: &str| Secret::new(string(&given["app"][name]));
    let app = App {
        client_id: string(&given["app"]["client_id"]),
        secret: secret("secret"),
        old_secret: Some(secret("old_secret")),
    };
    let cases = given["cases"].as_array().expect("a list of cases");
    let verdicts: Vec<String> = cases.iter().map(|it| judge(it, &app, now)).collect();
    println!("{}", json!(verdicts));
}

fn judge(it: &Value, app: &App, now: domain::Timestamp) -> String {
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let raw = string(&it["raw"]);
    match it["kind"].as_str() {
        Some("webhook") => {
            let headers = it["headers"].as_object().expect("headers");
            let header = |name: &str| {
                headers
                    .iter()
                    .find(|(told, _)| told.eq_ignore_ascii_case(name))
                    .and_then(|(_, value)| value.as_str())
            };
            let body = string(&it["body"]);
            let verdict = webhook::verified(&string(&it["method"]), header, body.as_bytes(), app);
            verdict.map_or_else(webhook::Refused::status, |_| 200).to_string()
        }
        Some("query") => yes(oauth::SignedQuery::read(&raw, app, now).is_ok()),
        Some("token") => yes(SessionToken::read(&raw, app, now).is_ok()),
        Some("domain") => {
            let name = string(&it["name"]);
            // The library takes an address of the admin wherever it takes a domain; only people type those.
            let read = if name.starts_with("admin.") { ShopDomain::typed(&name) } else { name.parse() };
            read.map_or_else(|_| "no".to_owned(), |domain| domain.to_string())
        }
        Some("bounce") => embedded::bounce("/auth/bounce", "/app", &string(&it["name"])),
        Some("frame") => {
            let token = SessionToken::read(&string(&it["session_token"]), app, now).expect("it is right");
            Origin::Shopify.frame_ancestors(&token.shop)
        }
        Some("ask") => {
            let refresh = Secret::new(string(&it["refresh_token"]));
            let token = string(&it["session_token"]);
            let ask = match it["name"].as_str() {
                Some("exchange") => oauth::TokenAsk::exchange(app, &token),
                _ => oauth::TokenAsk::refresh(app, &refresh),
            };
            let body: Value = serde_json::from_slice(&ask.json()).expect("a body");
            let pairs = body.as_object().expect("an object").iter();
            let mut pairs: Vec<_> = pairs.map(|(name, value)| format!("{name}={}", string(value))).collect();
            pairs.sort();
            pairs.join(" ")
        }
        other => panic!("{other:?} is no kind of case"),
    }
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

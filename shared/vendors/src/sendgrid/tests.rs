//! `SendGrid` on the bench: a provider that speaks as its documentation has it.

use flows::{
    carrying::{
        contract::{
            self, Does, Told as Fields,
            wire::{Asked, OverWire, Said},
        },
        shown,
    },
    clock::SystemClock,
};

use super::*;
use crate::testing::Loopback;

const KEY: &str = "SG.key";

fn adapter(url: String, patience: Duration) -> Arc<dyn Carrier> {
    let (web, clock) = (Arc::new(Loopback::new()), Arc::new(SystemClock));
    Arc::new(SendGrid { web, clock, url, key: KEY.to_owned(), patience })
}

fn says(does: Does) -> Said {
    let errors = |message: &str, field: Option<&str>| {
        json!({ "errors": [{ "message": message, "field": field, "help": null }] }).to_string()
    };
    let said = |status, body| Said { status, headers: Vec::new(), body };
    match does {
        Does::Accepts => Said {
            headers: vec![("X-Message-Id", "LRzXl_NHStOGhQ4kofSm_A".to_owned())],
            ..said(202, String::new())
        },
        Does::Mumbles => said(202, "<html>".to_owned()),
        Does::Throttles => {
            let headers = vec![
                ("X-RateLimit-Remaining", "0".to_owned()),
                ("X-RateLimit-Reset", "4102444800".to_owned()),
            ];
            Said { headers, ..said(429, errors("too many requests", None)) }
        }
        Does::RefusesTheAddress => {
            said(400, errors("Does not contain a valid address.", Some("personalizations.0.to.0.email")))
        }
        Does::RefusesUs => {
            let sentence = "The from address does not match a verified Sender Identity.";
            said(403, errors(sentence, Some("from")))
        }
        _ => said(500, String::new()),
    }
}

fn understands(asked: &Asked) -> Fields {
    assert_eq!(asked.what, "POST /v3/mail/send");
    assert_eq!(asked.headers["authorization"], "Bearer SG.key");
    assert_eq!(asked.headers["content-type"], "application/json");
    let mail: Value = serde_json::from_slice(&asked.body).unwrap();
    for tracking in ["click_tracking", "open_tracking", "subscription_tracking"] {
        assert_eq!(mail["tracking_settings"][tracking]["enable"], false);
    }
    let of = |kind: &str| {
        let parts = mail["content"].as_array().unwrap();
        parts.iter().find(|part| part["type"] == kind).map_or(&Value::Null, |part| &part["value"])
    };
    // Plain text first, as they ask for.
    assert_eq!(mail["content"][0]["type"], "text/plain");
    let person = &mail["personalizations"][0];
    let from = domain::Mailbox {
        name: mail["from"]["name"].as_str().map(|name| name.parse().unwrap()),
        address: mail["from"]["email"].as_str().unwrap().parse().unwrap(),
    };
    let fields = [
        ("tenant", &person["custom_args"]["tenant"]),
        ("message", &person["custom_args"]["message"]),
        ("to", &person["to"][0]["email"]),
        ("reply_to", &mail["reply_to"]["email"]),
        ("subject", &mail["subject"]),
        ("html", of("text/html")),
        ("text", of("text/plain")),
        ("List-Unsubscribe", &mail["headers"]["List-Unsubscribe"]),
        ("List-Unsubscribe-Post", &mail["headers"]["List-Unsubscribe-Post"]),
    ];
    let told = fields.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
    told.chain([("from", shown(&from))]).collect()
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let bench = OverWire::<dyn Carrier> {
        adapter: Box::new(adapter),
        says: Box::new(says),
        understands: Box::new(understands),
        untold: &[],
    };
    contract::check_carrier(&bench).await;
}

fn sendgrid() -> SendGrid {
    let (web, clock) = (Arc::new(Loopback::new()), Arc::new(SystemClock));
    SendGrid { web, clock, url: String::new(), key: String::new(), patience: Duration::ZERO }
}

#[test]
fn each_refusal_is_somebodys() {
    let check = |status, body: &str, expected: Answer| {
        let told = Told { status, headers: Vec::new(), body: body.as_bytes().to_vec() };
        assert_eq!(sendgrid().answer(&told), expected, "{status} {body}");
    };
    let error =
        |field: &str| format!(r#"{{"errors":[{{"message":"Bad ada@example.com","field":{field}}}]}}"#);
    let to = error(r#""personalizations.0.to.0.email""#);
    check(400, &to, Answer::refused("Bad", Refusal::Permanent));
    check(400, &error(r#""from.email""#), Answer::refused("Bad", Refusal::OurFault));
    check(401, &error("null"), Answer::refused("Bad", Refusal::OurFault));
    check(403, &to, Answer::refused("Bad", Refusal::OurFault));
    check(413, &error("null"), Answer::refused("Bad", Refusal::Permanent));
    check(400, "<html>", Answer::refused("answered 400", Refusal::OurFault));
    check(200, "", Answer::unknown("answered 200"));
    check(503, "", Answer::unknown("answered 503"));
}

#[test]
fn it_is_waited_for_as_long_as_it_says() {
    let now = SystemClock.now().as_second();
    let check = |name: &str, value: String, expected: std::ops::RangeInclusive<u64>| {
        let told = Told { status: 429, headers: vec![(name.to_owned(), value)], body: Vec::new() };
        let Answer::Refused { kind: Refusal::Throttled { after: Some(after) }, .. } =
            sendgrid().answer(&told)
        else {
            panic!("{name}")
        };
        assert!(expected.contains(&after.as_secs()), "{after:?}");
    };
    check("x-ratelimit-reset", (now + 60).to_string(), 50..=60);
    check("retry-after", "7".to_owned(), 7..=7);
    let past = vec![("x-ratelimit-reset".to_owned(), (now - 60).to_string())];
    let told = Told { status: 429, headers: past, body: Vec::new() };
    let throttled = Answer::refused("too many requests", Refusal::Throttled { after: None });
    assert_eq!(sendgrid().answer(&told), throttled, "a limit that has ended tells nothing");
}

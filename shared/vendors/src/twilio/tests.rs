//! Twilio on the bench: a provider that speaks as its documentation has it.

use flows::carrying::contract::{
    self, Does, Told as Fields,
    wire::{Asked, OverWire, Said},
};
use serde_json::json;

use super::*;
use crate::testing::Loopback;

fn account() -> TwilioAccount {
    let word = |word: &str| word.to_owned();
    TwilioAccount { sid: word("AC1"), user: word("SK1"), secret: word("hunter2"), messaging_service: None }
}

fn adapter(url: String, patience: Duration) -> Arc<dyn Texter> {
    let receipts_url = "https://crm.test/receipts/twilio".to_owned();
    Arc::new(Twilio { web: Arc::new(Loopback::new()), url, account: account(), receipts_url, patience })
}

fn refusal(status: u16, code: u32) -> Said {
    let body = json!({ "code": code, "message": "…", "more_info": "…", "status": status });
    Said { status, headers: Vec::new(), body: body.to_string() }
}

fn says(does: Does) -> Said {
    match does {
        Does::Accepts => {
            let body = json!({ "sid": "SM0123456789abcdef0123456789abcdef", "status": "queued", "error_code": null });
            Said { status: 201, headers: Vec::new(), body: body.to_string() }
        }
        Does::Mumbles => Said { status: 201, headers: Vec::new(), body: "<TwilioResponse>".to_owned() },
        Does::Throttles => refusal(429, 20_429),
        Does::RefusesTheAddress => refusal(400, 21_211),
        Does::RefusesUs => refusal(401, 20_003),
        _ => refusal(500, 20_500),
    }
}

fn understands(asked: &Asked) -> Fields {
    assert_eq!(asked.what, "POST /2010-04-01/Accounts/AC1/Messages.json");
    // SK1:hunter2
    assert_eq!(asked.headers["authorization"], "Basic U0sxOmh1bnRlcjI=");
    assert_eq!(asked.headers["content-type"], "application/x-www-form-urlencoded");
    let form = receipts::twilio::form(&asked.body);
    let field = |name: &str| form.iter().find(|(told, _)| told == name).map(|(_, value)| value.clone());
    let told_at = field("StatusCallback").unwrap();
    let query = told_at.strip_prefix("https://crm.test/receipts/twilio?").unwrap();
    assert!(query.starts_with("tenant="), "{query}");
    let query = receipts::twilio::form(query.as_bytes());
    let tag = |name: &str| query.iter().find(|(told, _)| told == name).map(|(_, value)| value.clone());
    let fields = [
        ("tenant", tag("tenant")),
        ("message", tag("message")),
        ("from", field("From")),
        ("to", field("To")),
        ("text", field("Body")),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let bench = OverWire::<dyn Texter> {
        adapter: Box::new(adapter),
        says: Box::new(says),
        understands: Box::new(understands),
        // Twilio has no words for either.
        untold: &["urgency", "price_max"],
    };
    contract::check_texter(&bench).await;
}

#[test]
fn what_it_is_to_call_is_read_back_by_whoever_hears_the_call() {
    let short = contract::short();
    let twilio = Twilio {
        web: Arc::new(Loopback::new()),
        url: String::new(),
        account: TwilioAccount { messaging_service: Some("MG1".to_owned()), ..account() },
        receipts_url: "https://crm.test/r".to_owned(),
        patience: Duration::ZERO,
    };
    let form = receipts::twilio::form(twilio.form(&short).as_bytes());
    assert!(form.contains(&("MessagingServiceSid".to_owned(), "MG1".to_owned())), "{form:?}");
    assert!(form.iter().all(|(name, _)| name != "From"), "the service picks the number");
    let (_, url) = form.iter().find(|(name, _)| name == "StatusCallback").unwrap();
    let callback = receipts::twilio::form(b"MessageSid=SM1&MessageStatus=delivered");
    let query = url.split_once('?').unwrap().1;
    let receipt = receipts::twilio::read(&callback, query, domain::Timestamp::UNIX_EPOCH).unwrap().unwrap();
    assert_eq!((receipt.tenant, receipt.message), (Some(short.tenant), Some(short.message)));
}

#[test]
fn each_refusal_is_somebodys() {
    let check = |status, code, expected: Refusal| {
        let Said { body, .. } = refusal(status, code);
        let told = Told { status, headers: Vec::new(), body: body.into_bytes() };
        assert_eq!(answer(&told), Answer::refused(&code.to_string(), expected), "{code}");
    };
    for code in [21_211, 21_614, 21_610, 21_617] {
        check(400, code, Refusal::Permanent);
    }
    for (status, code) in [(400, 21_606), (400, 21_608), (403, 20_005), (404, 20_404), (400, 21_408)] {
        check(status, code, Refusal::OurFault);
    }
    check(400, 21_611, Refusal::Throttled { after: None });
    let told = |status| Told { status, headers: Vec::new(), body: b"<html>".to_vec() };
    assert_eq!(answer(&told(400)), Answer::refused("answered 400", Refusal::OurFault));
    assert_eq!(answer(&told(503)), Answer::unknown("answered 503"));
}

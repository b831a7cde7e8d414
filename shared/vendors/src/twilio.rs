//! Texts through Twilio.
//!
//! Twilio keeps no tags of ours: the address that it is to call with what becomes of a text names tenant and message.

mod numbers;

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use flows::{
    Answer, Refusal, Short, Texter, Web,
    web::{Ask, Content, Told},
};
use form_urlencoded::Serializer;
use serde::Deserialize;
use std::{sync::Arc, time::Duration};

use crate::answers::{heard, of_status, retry_after};

pub use numbers::TwilioNumbers;

pub const TWILIO_URL: &str = "https://api.twilio.com";

pub struct Twilio {
    pub web: Arc<dyn Web>,
    pub url: String,
    pub account: TwilioAccount,
    /// Where it tells what became of a text: `https`, without a query.
    pub receipts_url: String,
    pub patience: Duration,
}

#[derive(Clone, PartialEq, Eq)]
pub struct TwilioAccount {
    /// `AC…`: whose texts they are.
    pub sid: String,
    /// An API key's SID, or the account's own.
    pub user: String,
    pub secret: String,
    /// `MG…`: a messaging service that picks the number, in place of the sender that a text names.
    pub messaging_service: Option<String>,
}

#[derive(Deserialize)]
struct Taken {
    sid: String,
}

#[derive(Deserialize)]
struct Refused {
    code: u32,
}

#[async_trait]
impl Texter for Twilio {
    async fn text(&self, short: &Short) -> Answer {
        let sid = &self.account.sid;
        let told = self.web.ask(Ask {
            headers: vec![("authorization", self.account.login())],
            content: Some(Content::Form(self.form(short))),
            ..Ask::new(format!("{}/2010-04-01/Accounts/{sid}/Messages.json", self.url), self.patience)
        });
        match heard(told.await) {
            Ok(told) => answer(&told),
            Err(answer) => answer,
        }
    }
}

impl TwilioAccount {
    fn login(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.user, self.secret)))
    }
}

impl Twilio {
    fn form(&self, short: &Short) -> String {
        let whose = Serializer::new(String::new())
            .append_pair("tenant", &short.tenant.to_string())
            .append_pair("message", short.message.as_str())
            .finish();
        let told_at = format!("{}?{whose}", self.receipts_url);
        let from = match &self.account.messaging_service {
            Some(service) => ("MessagingServiceSid", service.as_str()),
            None => ("From", short.from.as_str()),
        };
        let pairs = [from, ("To", short.to.as_str()), ("Body", &short.text), ("StatusCallback", &told_at)];
        Serializer::new(String::new()).extend_pairs(pairs).finish()
    }
}

fn answer(told: &Told) -> Answer {
    if (200..300).contains(&told.status) {
        let taken = serde_json::from_slice::<Taken>(&told.body).ok().filter(|taken| !taken.sid.is_empty());
        return match taken {
            Some(Taken { sid }) => Answer::Accepted { vendor_id: sid },
            None => Answer::unknown("taken without an id"),
        };
    }
    let code = serde_json::from_slice::<Refused>(&told.body).ok().map(|refused| refused.code);
    // 20429: too many requests; 21611, 14107: the sender's queue is full; 63038: the day's number is reached.
    if told.status < 500 && matches!(code, Some(20_429 | 21_611 | 14_107 | 63_038)) {
        let reason = code.map(|code| code.to_string()).unwrap_or_default();
        return Answer::refused(&reason, Refusal::Throttled { after: retry_after(told) });
    }
    of_status(told.status, retry_after(told), || {
        let reason = code.map_or_else(|| format!("answered {}", told.status), |code| code.to_string());
        (reason, code.map_or(Refusal::OurFault, kind))
    })
}

/// By Twilio's error codes: what is wrong with the number or with the text is for good; all else is ours to put right.
fn kind(code: u32) -> Refusal {
    match code {
        // No number, not one that can be written to, a landline, the sender itself; blocked, or they answered STOP.
        21_211 | 21_214 | 21_217 | 21_265 | 21_266 | 21_401 | 21_407 | 21_421 | 21_610 | 21_612 | 21_614 | 21_635
        // No text, or too long a one.
        | 21_602 | 21_605 | 21_617 | 21_619 => Refusal::Permanent,
        _ => Refusal::OurFault,
    }
}

#[cfg(test)]
mod tests;

//! Letters through `SendGrid`, version 3 of its API.
//!
//! Its own tracking of opens, clicks and subscriptions is switched off for each letter: links and pictures are ours.

use async_trait::async_trait;
use flows::{
    Answer, Carrier, Clock, Letter, Refusal, Web,
    web::{Ask, Content, Told},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};

use crate::answers::{heard, of_status, retry_after};

/// Where it is; shops in the EU have `https://api.eu.sendgrid.com`.
pub const SENDGRID_URL: &str = "https://api.sendgrid.com";

pub struct SendGrid {
    pub web: Arc<dyn Web>,
    pub clock: Arc<dyn Clock>,
    pub url: String,
    /// An API key that may send mail.
    pub key: String,
    pub patience: Duration,
}

#[derive(Deserialize, Default)]
struct Errors {
    #[serde(default)]
    errors: Vec<Error>,
}

#[derive(Deserialize)]
struct Error {
    #[serde(default)]
    message: String,
    field: Option<String>,
}

#[async_trait]
impl Carrier for SendGrid {
    async fn carry(&self, letter: &Letter) -> Answer {
        let told = self.web.ask(Ask {
            headers: vec![("authorization", format!("Bearer {}", self.key))],
            content: Some(Content::Json(written(letter).to_string().into_bytes())),
            ..Ask::new(format!("{}/v3/mail/send", self.url), self.patience)
        });
        match heard(told.await) {
            Ok(told) => self.answer(&told),
            Err(answer) => answer,
        }
    }
}

impl SendGrid {
    fn answer(&self, told: &Told) -> Answer {
        match told.status {
            202 => match told.header("x-message-id").filter(|id| !id.is_empty()) {
                Some(id) => Answer::Accepted { vendor_id: id.to_owned() },
                None => Answer::unknown("taken without an id"),
            },
            // 200 is a sandbox's: checked and not sent.
            200..300 => Answer::unknown(&format!("answered {}", told.status)),
            status => of_status(status, self.after(told), || fault(status, &told.body)),
        }
    }

    /// When the limit that was reached ends, as an instant of Unix.
    fn after(&self, told: &Told) -> Option<Duration> {
        let now = self.clock.now().as_second();
        let reset = told.header("x-ratelimit-reset").and_then(|reset| reset.trim().parse::<i64>().ok());
        let seconds = reset.and_then(|reset| u64::try_from(reset - now).ok());
        retry_after(told).or(seconds.map(Duration::from_secs))
    }
}

/// What is wrong with whoever it is to stands in `personalizations`; all else is ours to put right.
fn fault(status: u16, body: &[u8]) -> (String, Refusal) {
    let errors: Errors = serde_json::from_slice(body).unwrap_or_default();
    let Some(error) = errors.errors.into_iter().next() else {
        return (format!("answered {status}"), Refusal::OurFault);
    };
    let is_theirs = error.field.is_some_and(|field| field.starts_with("personalizations"));
    let is_too_long = status == 413;
    let kind =
        if (status == 400 && is_theirs) || is_too_long { Refusal::Permanent } else { Refusal::OurFault };
    (error.message, kind)
}

fn written(letter: &Letter) -> Value {
    let mut content = Vec::new();
    // Empty content is refused.
    if !letter.text.is_empty() {
        content.push(json!({ "type": "text/plain", "value": letter.text }));
    }
    if let Some(html) = &letter.html {
        content.push(json!({ "type": "text/html", "value": html }));
    }
    let mut from = Map::from_iter([("email".to_owned(), json!(letter.from.address))]);
    from.extend(letter.from.name.as_ref().map(|name| ("name".to_owned(), json!(name))));
    let mut mail = json!({
        "personalizations": [{
            "to": [{ "email": letter.to }],
            "custom_args": { "message": letter.message, "tenant": letter.tenant },
        }],
        "from": from,
        "subject": letter.subject,
        "content": content,
        "tracking_settings": {
            "click_tracking": { "enable": false, "enable_text": false },
            "open_tracking": { "enable": false },
            "subscription_tracking": { "enable": false },
        },
    });
    if let Some(address) = &letter.reply_to {
        mail["reply_to"] = json!({ "email": address });
    }
    let headers: Map<_, _> =
        letter.list_headers().into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    if !headers.is_empty() {
        mail["headers"] = Value::Object(headers);
    }
    mail
}

#[cfg(test)]
mod tests;

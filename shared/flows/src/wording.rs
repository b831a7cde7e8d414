//! Words ready to be filled for each who gets them.

use content::{Body as Understood, Email, Filled, Name, Pattern, Shape, Stopped, Written, blocks::Blocks};
use domain::template::{Body, Words};
use std::collections::BTreeSet;

use crate::{Fault, FlowError, filling::Recipient};

/// Understood once, for all who get them.
#[derive(Debug, Clone)]
pub enum Wording {
    Email(Box<Email>),
    Sms(Box<Pattern>),
}

impl Wording {
    /// What was kept can be filled: anything else is our fault.
    pub fn of(words: &Words) -> Result<Self, FlowError> {
        Self::read(words).map_err(|_| FlowError::broken("words that are kept cannot be understood"))
    }

    /// All that is wrong with them, by its place in what the merchant tells: `/subject`, `/html`, `/blocks/0/text`, …
    pub fn read(words: &Words) -> Result<Self, Vec<Fault>> {
        let wording = match words {
            Words::Sms { text } => {
                Self::Sms(Box::new(Pattern::read(text, Shape::Text).map_err(|faults| {
                    faults.into_iter().map(|wrong| fault("/text", "template", &wrong)).collect::<Vec<_>>()
                })?))
            }
            Words::Email { subject, preheader, body, text } => {
                let blocks;
                let (at, body) = match body {
                    Body::Html(html) => ("/html", Understood::Html(html)),
                    Body::Mjml(mjml) => ("/mjml", Understood::Mjml(mjml)),
                    Body::Blocks(json) => {
                        blocks = blocks_of(json).map_err(|wrong| vec![wrong])?;
                        ("/blocks", Understood::Blocks(&blocks))
                    }
                };
                let email = Email::read(&Written { subject, preheader, body, text: text.as_deref() });
                Self::Email(Box::new(email.map_err(|faults| {
                    let told = faults.into_iter().map(|wrong| {
                        // `content` calls it the body, whatever it was told as.
                        let place = wrong.at.strip_prefix("/body").map(|rest| format!("{at}{rest}"));
                        fault(place.unwrap_or(wrong.at), "template", &wrong.sentence)
                    });
                    told.collect::<Vec<_>>()
                })?))
            }
        };
        let names = wording.names();
        let unknown = names.iter().filter(|name| !Recipient::is_known(**name)).map(|name| {
            let sentence = format!("`{}` is not known where a message goes to many", name.written());
            fault("", "not_known_here", &sentence)
        });
        let unknown: Vec<_> = unknown.collect();
        if unknown.is_empty() { Ok(wording) } else { Err(unknown) }
    }

    /// What it asks of whoever gets it.
    pub fn names(&self) -> BTreeSet<Name> {
        match self {
            Self::Email(email) => email.names(),
            Self::Sms(pattern) => pattern.names().clone(),
        }
    }

    /// As it is sent. An SMS is all text.
    pub fn filled(&self, recipient: &Recipient<'_>) -> Result<Filled, Stopped> {
        let mut filled = Filled::default();
        match self {
            Self::Email(email) => email.fill(recipient, &mut filled)?,
            Self::Sms(pattern) => pattern.fill(recipient, &mut filled.text)?,
        }
        Ok(filled)
    }
}

fn fault(at: impl Into<String>, code: &'static str, sentence: &impl ToString) -> Fault {
    Fault { at: at.into(), code, sentence: sentence.to_string() }
}

fn blocks_of(json: &str) -> Result<Blocks, Fault> {
    let mut json = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(&mut json).map_err(|wrong| {
        let place = wrong.path().to_string().replace(['.', '['], "/").replace(']', "");
        let place = if place.is_empty() || place == "/" { String::new() } else { format!("/{place}") };
        fault(format!("/blocks{place}"), "invalid", wrong.inner())
    })
}

//! Words that are kept, ready to be filled for each who gets them.

use content::{Body as Understood, Email, Filled, Pattern, Shape, Stopped, Written};
use domain::template::{Body, Words};

use crate::{FlowError, filling::Recipient};

/// Understood once, for all of a campaign.
#[derive(Debug, Clone)]
pub enum Wording {
    Email(Box<Email>),
    Sms(Box<Pattern>),
}

impl Wording {
    /// What was kept can be filled: anything else is our fault.
    pub fn of(words: &Words) -> Result<Self, FlowError> {
        Self::read(words).ok_or_else(|| FlowError::broken("words that are kept cannot be understood"))
    }

    fn read(words: &Words) -> Option<Self> {
        let (subject, preheader, body, text) = match words {
            Words::Sms { text } => {
                return Some(Self::Sms(Box::new(Pattern::read(text, Shape::Text).ok()?)));
            }
            Words::Email { subject, preheader, body, text } => (subject, preheader, body, text.as_deref()),
        };
        let blocks;
        let body = match body {
            Body::Html(html) => Understood::Html(html),
            Body::Mjml(mjml) => Understood::Mjml(mjml),
            Body::Blocks(json) => {
                blocks = serde_json::from_str(json).ok()?;
                Understood::Blocks(&blocks)
            }
        };
        let email = Email::read(&Written { subject, preheader, body, text }).ok()?;
        Some(Self::Email(Box::new(email)))
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

//! A template: words for many, kept under a name and filled for each.
//!
//! What its words mean is `content`'s matter. Each edition has words of its own: whoever reads the two reads those that belong
//! together.

use serde::{Deserialize, Serialize};
use std::str::FromStr;

use crate::{Name, TemplateId, Timestamp, UnknownWord, UserId};

/// A tenant has at most this many: lists of them are read whole.
pub const TEMPLATES_MAX: usize = 500;
/// All words of one together: an item of the table holds 400 KB.
pub const WORDS_BYTES_MAX: usize = 320 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub id: TemplateId,
    pub name: Name,
    pub channel: Channel,
    /// 1 as it is made, and one more with each change.
    pub edition: u32,
    pub created_at: Timestamp,
    pub created_by: UserId,
    pub updated_at: Timestamp,
    pub updated_by: UserId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Email,
    Sms,
}

/// As the merchant wrote them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "channel", rename_all = "snake_case")]
pub enum Words {
    Email {
        subject: String,
        /// What a mailbox shows beside the subject.
        preheader: String,
        body: Body,
        /// `None`: made of the body.
        text: Option<String>,
    },
    Sms {
        text: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    Html(String),
    Mjml(String),
    /// JSON.
    Blocks(String),
}

impl Channel {
    pub const ALL: [Self; 2] = [Self::Email, Self::Sms];

    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

impl FromStr for Channel {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let known = Self::ALL.into_iter().find(|channel| channel.name() == text);
        known.ok_or_else(|| UnknownWord(Self::ALL.map(Self::name).join(", ")))
    }
}

impl Words {
    pub fn channel(&self) -> Channel {
        match self {
            Self::Email { .. } => Channel::Email,
            Self::Sms { .. } => Channel::Sms,
        }
    }

    pub fn bytes(&self) -> usize {
        match self {
            Self::Email {
                subject,
                preheader,
                body: Body::Html(body) | Body::Mjml(body) | Body::Blocks(body),
                text,
            } => subject.len() + preheader.len() + body.len() + text.as_ref().map_or(0, String::len),
            Self::Sms { text } => text.len(),
        }
    }
}

impl Template {
    /// With other words or another name.
    #[must_use]
    pub fn changed(&self, name: Name, channel: Channel, by: UserId, now: Timestamp) -> Self {
        Self { name, channel, edition: self.edition + 1, updated_at: now, updated_by: by, ..self.clone() }
    }
}

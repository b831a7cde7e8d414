//! A template: words for many, kept under a name and filled for each.
//!
//! What its words mean is `content`'s matter. Each edition has words of its own: whoever reads the two reads those that belong
//! together.

use serde::{Deserialize, Serialize};

use crate::{Name, TemplateId, Timestamp, UserId, words::words};

/// A tenant has at most this many: lists of them are read whole.
pub const TEMPLATES_MAX: usize = 500;

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

words! {
    Channel {
        Email: "email",
        Sms: "sms",
    }
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

impl Words {
    pub fn channel(&self) -> Channel {
        match self {
            Self::Email { .. } => Channel::Email,
            Self::Sms { .. } => Channel::Sms,
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

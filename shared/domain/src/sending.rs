//! By whom a shop's messages go.

use serde::{Deserialize, Serialize};

use crate::{Prices, Timestamp, UserId};

/// A shop's choice. What was not chosen goes as the installation has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    pub mail: Option<MailProvider>,
    pub text: Option<TextProvider>,
    /// Sealed, and kept while the shop has chosen another: it may come back.
    pub sendgrid: Option<Vec<u8>>,
    pub twilio: Option<Vec<u8>>,
    /// What it pays. `None`: what the public lists say.
    pub prices: Option<Prices>,
    pub updated_at: Timestamp,
    pub updated_by: UserId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailProvider {
    Simulated,
    Ses,
    Sendgrid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextProvider {
    Simulated,
    Sns,
    Twilio,
}

impl MailProvider {
    pub const ALL: [Self; 3] = [Self::Simulated, Self::Ses, Self::Sendgrid];

    pub fn name(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::Ses => "ses",
            Self::Sendgrid => "sendgrid",
        }
    }

    /// Whether it is the shop's own account, and not the installation's.
    pub fn is_the_shops(self) -> bool {
        self == Self::Sendgrid
    }
}

impl TextProvider {
    pub const ALL: [Self; 3] = [Self::Simulated, Self::Sns, Self::Twilio];

    pub fn name(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::Sns => "sns",
            Self::Twilio => "twilio",
        }
    }

    /// As above.
    pub fn is_the_shops(self) -> bool {
        self == Self::Twilio
    }
}

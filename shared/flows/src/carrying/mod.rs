//! Messages to a shop's customers, and what a provider says to being given one.
//!
//! To send is the one act that cannot be repeated without harm, so an adapter asks its provider once, and tells apart
//! what is proven from what is not. A refusal is proven only by the provider's own word, or by its never having been
//! reached; whatever else goes wrong after a request may have left is `Unknown`, and the provider's receipts decide.

#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod headers;
mod nobody;

use std::time::Duration;

use async_trait::async_trait;
use domain::{
    EmailAddress, Mailbox, MessageTag, Name, Phone, Reason, TenantId, TextFrom, sender::Voice,
    template::Channel,
};

pub use headers::shown;
pub use nobody::Nobody;

/// Where Twilio tells what became of a text, below our origin: each message's address names it.
pub const TWILIO_RECEIPTS: &str = "/api/v1/receipts/twilio";

/// Takes letters to customers. Ours to merchants are `Mailer`'s.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Asks once, and answers within seconds.
    async fn carry(&self, letter: &Letter) -> Answer;
}

/// Takes short texts to customers' telephones.
#[async_trait]
pub trait Texter: Send + Sync {
    /// Asks once, and answers within seconds.
    async fn text(&self, short: &Short) -> Answer;

    /// Whether its receipts name a text by our tag. Where they do not, whoever sends keeps what it calls the text.
    fn keeps_tags(&self) -> bool {
        true
    }
}

/// In whose name an installation lets shops write that have no sender of their own.
#[derive(Debug, Clone)]
pub struct Senders {
    /// Letters carry the shop's name beside it.
    pub letters: EmailAddress,
    pub texts: TextFrom,
}

impl Senders {
    pub fn voice(&self, channel: Channel, shop: &Name) -> Voice {
        match channel {
            Channel::Email => {
                Voice::Letters(Mailbox { name: Some(shop.clone()), address: self.letters.clone() })
            }
            Channel::Sms => Voice::Texts(self.texts.clone()),
        }
    }
}

/// One letter to one customer, ready as it will be read.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    pub tenant: TenantId,
    pub message: MessageTag,
    pub from: Mailbox,
    pub to: EmailAddress,
    pub reply_to: Option<EmailAddress>,
    pub subject: String,
    pub html: Option<String>,
    pub text: String,
    /// `None` for what must arrive whatever they want to hear of: an order's confirmation.
    pub unsubscribe: Option<Unsubscribe>,
}

/// How whoever receives a letter says that they want no more, without opening it (RFC 2369, RFC 8058).
#[derive(Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    /// Signed; a POST to it is enough. `https`.
    pub url: String,
    pub mail: Option<EmailAddress>,
}

/// One text to one telephone.
#[derive(Clone, PartialEq, Eq)]
pub struct Short {
    pub tenant: TenantId,
    pub message: MessageTag,
    pub from: TextFrom,
    pub to: Phone,
    pub text: String,
    pub urgency: Urgency,
    /// Rather not at all than for more than so many thousandths of a US dollar, parts included.
    pub price_max_usd_mills: Option<u32>,
}

/// How networks are to treat a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    Promotional,
    /// Expected by whoever receives it: sent over better routes, and at night.
    Transactional,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The provider took it, and calls it so.
    Accepted { vendor_id: String },
    /// Certainly not taken.
    Refused { reason: Reason, kind: Refusal },
    /// It may have been taken: never to be sent again on this word.
    Unknown { why: Reason },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Too fast. A delay, not a failure of the message.
    Throttled { after: Option<Duration> },
    /// The same may be taken later.
    Temporary,
    /// This message to this customer will not be taken.
    Permanent,
    /// No message will be taken until somebody puts it right: credentials, an unverified sender, a stopped account.
    OurFault,
}

impl Answer {
    pub fn refused(reason: &str, kind: Refusal) -> Self {
        Self::Refused { reason: Reason::of(reason), kind }
    }

    pub fn unknown(why: &str) -> Self {
        Self::Unknown { why: Reason::of(why) }
    }
}

#[cfg(test)]
mod tests;

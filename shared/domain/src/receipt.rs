//! What a provider tells of a message after it took it.
//!
//! A receipt is one thing that happened, in our own words. It may come twice, late, out of order, before the answer to
//! the send that it is about, and of messages that nobody here knows.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

use crate::{TenantId, Timestamp, campaign::MessageId};

/// What a provider is told to call one message, and by which its receipts find it again: letters, digits, `_` and `-`,
/// which is what every provider takes as a tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MessageTag(String);

const TAG_BYTES_MAX: usize = 128;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a message's tag: 1 to 128 letters, digits, _ and - are expected")]
pub struct BadTag;

/// Why, in a provider's code or a few of its words, without anything that looks like an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Reason(String);

const REASON_CHARS_MAX: usize = 120;

/// One thing that happened to one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Whose message it is, as the provider was told. What came in another tenant's name is not to be believed.
    pub tenant: Option<TenantId>,
    /// `None`: the provider keeps no tags of ours, and names the message by its own id alone.
    pub message: Option<MessageTag>,
    /// What the provider calls the message: what it answered with when it took it.
    pub vendor_id: Option<String>,
    pub what: Happened,
    /// When it happened, as the provider says.
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Happened {
    /// The provider has taken it, and is on its way with it.
    Accepted,
    /// It is late, and the provider goes on trying.
    Delayed {
        reason: Reason,
    },
    Delivered,
    Bounced {
        bounce: Bounce,
        reason: Reason,
    },
    /// The provider gave up, or did not begin, for a reason that says nothing about the address.
    Failed {
        reason: Reason,
        may_try_again: bool,
    },
    /// Called spam by whoever received it.
    Complained {
        reason: Reason,
    },
    Opened {
        by: Reader,
    },
    Clicked {
        url: String,
        by: Reader,
    },
    /// Whoever received it wants no more.
    Unsubscribed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bounce {
    /// The address takes no mail, and will not.
    Hard,
    /// It took this one not.
    Soft,
}

/// Who looked: mail programs fetch pictures, and guards follow links, for people who never see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    Person,
    Machine,
    Unknown,
}

impl Receipt {
    /// What is known of a message without a provider's receipt.
    pub fn of(id: MessageId, what: Happened, at: Timestamp) -> Self {
        let message = id.to_string().parse().ok();
        Self { tenant: Some(id.tenant), message, vendor_id: None, what, at }
    }

    /// Which message of a campaign it is about. What it says of its tenant and what the message's name says must not differ.
    pub fn message_id(&self) -> Option<MessageId> {
        let id: MessageId = self.message.as_ref()?.as_str().parse().ok()?;
        self.tenant.is_none_or(|tenant| tenant == id.tenant).then_some(id)
    }
}

impl MessageTag {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MessageTag {
    type Err = BadTag;

    fn from_str(text: &str) -> Result<Self, BadTag> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let fits = (1..=TAG_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_allowed);
        if fits { Ok(Self(text.to_owned())) } else { Err(BadTag) }
    }
}

impl TryFrom<String> for MessageTag {
    type Error = BadTag;

    fn try_from(text: String) -> Result<Self, BadTag> {
        text.parse()
    }
}

impl From<MessageTag> for String {
    fn from(tag: MessageTag) -> Self {
        tag.0
    }
}

impl fmt::Display for MessageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Reason {
    /// Of a provider's words: those that may be an address or a number of somebody's are left out.
    pub fn of(words: &str) -> Self {
        let digits = |word: &str| word.chars().filter(char::is_ascii_digit).count();
        let is_personal = |word: &&str| word.contains('@') || digits(word) > 6;
        let words = words.split(|letter: char| letter.is_whitespace() || letter.is_control());
        let words: Vec<_> = words.filter(|word| !word.is_empty() && !is_personal(word)).collect();
        let kept: String = words.join(" ").chars().take(REASON_CHARS_MAX).collect();
        Self(if kept.is_empty() { "unknown".to_owned() } else { kept })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Reason {
    fn from(words: String) -> Self {
        Self::of(&words)
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_what_every_provider_takes() {
        for good in ["a", "01J9-Z_x", &"x".repeat(128)] {
            assert_eq!(good.parse::<MessageTag>().map(String::from), Ok(good.to_owned()));
        }
        for wrong in ["", "a b", "a#b", "ä", "a\n", &"x".repeat(129)] {
            assert_eq!(wrong.parse::<MessageTag>(), Err(BadTag), "{wrong:?}");
        }
    }

    #[test]
    fn a_reason_names_nobody() {
        let check = |words: &str, kept: &str| assert_eq!(Reason::of(words).as_str(), kept, "{words:?}");
        check("5.1.1", "5.1.1");
        check("smtp; 550 5.1.1 <ada@example.com>... User\r\nunknown", "smtp; 550 5.1.1 User unknown");
        check("Invalid number +14155552671", "Invalid number");
        check("ada@example.com", "unknown");
        check(" \u{0} ", "unknown");
        check(&"é".repeat(200), &"é".repeat(120));
    }

    #[test]
    fn a_receipt_travels_as_it_is() {
        let receipt = Receipt {
            tenant: Some(TenantId::new(Timestamp::UNIX_EPOCH, [1; 10])),
            message: "m-1".parse().ok(),
            vendor_id: None,
            what: Happened::Bounced { bounce: Bounce::Hard, reason: Reason::of("5.1.1") },
            at: Timestamp::UNIX_EPOCH,
        };
        let text = serde_json::to_string(&receipt).unwrap();
        assert!(text.contains(r#""what":{"kind":"bounced","bounce":"hard","reason":"5.1.1"}"#), "{text}");
        assert_eq!(serde_json::from_str::<Receipt>(&text).unwrap(), receipt);
    }
}

//! What a shop has told us and nobody has understood yet: kept as it came, with what was said beside it.
//!
//! Bodies hold names and addresses: nothing here prints one by accident.

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::{ShopDomain, Timestamp};

/// An event on its way to whoever applies it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// Proven where it was signed or came on the shop's own address; else the word of whoever signed.
    pub shop: ShopDomain,
    /// "orders/create"
    pub topic: String,
    /// By which the body is written: "2026-10".
    pub version: String,
    /// Of the delivery; the same when it is tried again.
    pub id: String,
    /// Of what the merchant did: several deliveries may have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggered_at: Option<Timestamp>,
    pub received_at: Timestamp,
    /// A merchant asked for it to be taken up again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_replayed: bool,
    pub body: EventBody,
}

/// The bytes as they were signed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventBody {
    Text(String),
    /// More than a message holds: a file that is found by this digest.
    File(BodyDigest),
}

/// The SHA-256 of a body.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BodyDigest(pub [u8; 32]);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a digest: 64 letters of 0-9 and a-f are expected")]
pub struct BadDigest;

/// What became of an event: kept for the merchant for some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    pub id: String,
    pub topic: String,
    /// When it happened, as far as anybody says.
    pub at: Timestamp,
    /// When it was last taken up, and how often it was.
    pub tried_at: Timestamp,
    pub attempts: u32,
    /// How many of these were ours: those that failed, and those that a merchant asked for. The shop told no duplicates by them.
    pub ours: u32,
    pub outcome: Outcome,
    /// Its body, as long as taking it up again may help.
    pub body: Option<BodyDigest>,
    pub version: String,
    /// Why what it left out could not be read of the shop.
    pub unread: Option<String>,
}

/// So long it is known what became of an event. Bodies are files, which go after as many.
pub const NOTED_DAYS: i64 = 7;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Applied {
        /// What the event left out, and must be asked for: "customer s1".
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_out: Option<String>,
    },
    Unchanged {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_out: Option<String>,
        /// `None`: it was noted before anybody asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Because>,
    },
    /// It cannot be kept as it is: the reason, without its words.
    Refused { why: String },
    /// Something stood in the way; it is taken up again.
    Failed { why: String },
}

/// Why an event changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// It came again, or told what is known already.
    Known,
    /// It is older than what is known, or about what is gone: it came too late.
    Late,
    /// It is of the same second as what is known, and says another thing: the shop is asked which of the two is so.
    Undecided,
}

impl Because {
    pub fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Late => "late",
            Self::Undecided => "undecided",
        }
    }
}

impl Outcome {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Applied { .. } => "applied",
            Self::Unchanged { .. } => "unchanged",
            Self::Refused { .. } => "refused",
            Self::Failed { .. } => "failed",
        }
    }
}

impl Noted {
    /// After it was taken up once more. What was applied stays so: coming again it changes nothing. A body that was kept is
    /// there still, whether it is needed or not: whoever looks for somebody's traces finds it by the note alone.
    #[must_use]
    pub fn again(&self, now: Self) -> Self {
        let attempts = self.attempts.saturating_add(1);
        let ours = self.ours.saturating_add(now.ours);
        match (&self.outcome, &now.outcome) {
            // That it is known when it comes again says nothing of when it first came.
            (Outcome::Applied { .. }, Outcome::Unchanged { .. } | Outcome::Failed { .. })
            | (Outcome::Unchanged { .. }, Outcome::Unchanged { .. }) => {
                Self { attempts, ours, tried_at: now.tried_at, body: self.body.or(now.body), ..self.clone() }
            }
            _ => Self { attempts, ours, body: now.body.or(self.body), ..now },
        }
    }

    /// How often it came for nothing.
    pub fn duplicates(&self) -> u32 {
        self.attempts.saturating_sub(self.ours).saturating_sub(1)
    }
}

/// An event that came by an event bus, as the bus wrote it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bridged(pub serde_json::Value);

impl Received {
    /// When it happened, as far as anybody says.
    pub fn at(&self) -> Timestamp {
        self.triggered_at.unwrap_or(self.received_at)
    }
}

impl fmt::Debug for EventBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::File(digest) => write!(f, "File({digest})"),
        }
    }
}

impl fmt::Debug for Bridged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bridged(…)")
    }
}

impl fmt::Display for BodyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BodyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for BodyDigest {
    type Error = BadDigest;

    fn try_from(text: String) -> Result<Self, BadDigest> {
        let digit = |letter: u8| match letter {
            b'0'..=b'9' => Ok(letter - b'0'),
            b'a'..=b'f' => Ok(letter - b'a' + 10),
            _ => Err(BadDigest),
        };
        let letters: &[u8; 64] = text.as_bytes().try_into().map_err(|_| BadDigest)?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(letters.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

impl From<BodyDigest> for String {
    fn from(digest: BodyDigest) -> Self {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_has_one_form() {
        let digest = BodyDigest(std::array::from_fn(|place| u8::try_from(place * 7).unwrap()));
        assert_eq!(BodyDigest::try_from(digest.to_string()), Ok(digest));
        for wrong in ["", "00", &digest.to_string().to_uppercase(), &format!("{digest}0"), &"é".repeat(32)] {
            assert_eq!(BodyDigest::try_from((*wrong).to_owned()), Err(BadDigest), "{wrong}");
        }
    }

    fn noted(outcome: &Outcome, body: Option<BodyDigest>) -> Noted {
        Noted {
            id: "w1".to_owned(),
            topic: "orders/create".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            tried_at: Timestamp::UNIX_EPOCH,
            attempts: 1,
            ours: 0,
            outcome: outcome.clone(),
            body,
            version: "2026-10".to_owned(),
            unread: None,
        }
    }

    #[test]
    fn what_was_our_own_trouble_is_no_duplicate_however_often() {
        let (applied, failed) =
            (Outcome::Applied { left_out: None }, Outcome::Failed { why: "away".to_owned() });
        let ours = || Noted { ours: 1, ..noted(&failed, None) };
        let mut event = ours().again(ours()).again(noted(&applied, None));
        assert_eq!((event.attempts, event.duplicates()), (3, 0));
        for times in 1..3 {
            let outcome = Outcome::Unchanged { left_out: None, because: Some(Because::Known) };
            event = event.again(noted(&outcome, None));
            assert_eq!((event.duplicates(), event.outcome.name()), (times, "applied"));
        }
        assert_eq!(event.again(ours()).duplicates(), 2, "what was applied fails when it comes again");
    }

    #[test]
    fn a_body_that_was_kept_is_known_whatever_becomes_of_the_event() {
        let why = "it is late".to_owned();
        let outcomes = [
            Outcome::Applied { left_out: None },
            Outcome::Unchanged { left_out: None, because: None },
            Outcome::Refused { why: why.clone() },
            Outcome::Failed { why },
        ];
        let kept = Some(BodyDigest([7; 32]));
        for first in &outcomes {
            for second in &outcomes {
                for (before, now) in [(kept, None), (None, kept), (kept, kept)] {
                    let again = noted(first, before).again(noted(second, now));
                    assert_eq!(again.body, kept, "{first:?} {second:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_of_a_body_is_printed() {
        let received = Received {
            shop: "nordlicht.myshopify.com".parse().unwrap(),
            topic: "orders/create".to_owned(),
            version: "2026-10".to_owned(),
            id: "w1".to_owned(),
            event_id: None,
            triggered_at: None,
            received_at: Timestamp::UNIX_EPOCH,
            is_replayed: false,
            body: EventBody::Text(r#"{"email":"ada@example.com"}"#.to_owned()),
        };
        assert!(!format!("{received:?}").contains("ada"));
        let bridged = Bridged(serde_json::json!({"email": "ada@example.com"}));
        assert!(!format!("{bridged:?}").contains("ada"));
    }
}

//! In whose name a shop writes to its customers.
//!
//! An identity is one tenant's: whoever names it first has it, for three days, and for good once it is proven. So nobody
//! writes in the name of a domain that another shop has proven to the same provider, and nobody keeps one from its owner
//! who cannot prove it.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

use crate::{EmailAddress, Name, Phone, SenderId, TenantId, Timestamp, UserId, template::Channel};

/// A tenant has at most this many: lists of them are read whole.
pub const SENDERS_MAX: usize = 50;

/// As long as providers look for a proof.
pub const PROOF_TIME: SignedDuration = SignedDuration::from_hours(72);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub id: SenderId,
    pub identity: Identity,
    /// What is shown beside an address, unless a campaign says otherwise.
    pub name: Option<Name>,
    pub standing: Standing,
    /// What is to stand in the domain's DNS for the proof.
    pub records: Vec<DnsRecord>,
    pub created_at: Timestamp,
    pub created_by: UserId,
    /// When the provider was asked last.
    pub checked_at: Option<Timestamp>,
}

/// What is proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    Address(EmailAddress),
    /// Every address of it.
    Domain(MailDomain),
    Number(Phone),
    Name(SenderName),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The provider has not been told of it yet.
    Unverified,
    /// The proof is awaited.
    Pending,
    Verified,
    /// No proof was found in time.
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsRecord {
    pub kind: RecordKind,
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordKind {
    Cname,
    Mx,
    Txt,
}

/// A domain that mail comes from, in small letters: `shop.example.com`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailDomain(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a domain: example.com is expected")]
pub struct BadDomain;

/// Whose an identity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub tenant: TenantId,
    /// Until when it is awaited that they prove it; `None`: they have.
    pub until: Option<Timestamp>,
}

impl Claim {
    /// What is claimed now, and to be proven.
    pub fn new(tenant: TenantId, now: Timestamp) -> Self {
        Self { tenant, until: Some(now.saturating_add(PROOF_TIME).unwrap_or(now)) }
    }

    /// Whether somebody else has it now.
    pub fn is_anothers(&self, tenant: TenantId, now: Timestamp) -> bool {
        self.tenant != tenant && self.until.is_none_or(|until| now < until)
    }
}

impl Sender {
    /// What messages in its name say of who they are from, proven or not. `address`: which, of a domain's. `None`: it has no
    /// such address, or which of them is not told.
    pub fn voice(&self, address: Option<&EmailAddress>, shop: &Name) -> Option<Voice> {
        let mailbox = |address: &EmailAddress| Mailbox {
            name: Some(self.name.as_ref().unwrap_or(shop).clone()),
            address: address.clone(),
        };
        match (&self.identity, address) {
            (Identity::Address(own), told) if told.is_none_or(|told| told == own) => {
                Some(Voice::Letters(mailbox(own)))
            }
            (Identity::Domain(domain), Some(told)) if domain.has(told) => Some(Voice::Letters(mailbox(told))),
            (Identity::Number(phone), None) => Some(Voice::Texts(TextFrom::Number(phone.clone()))),
            (Identity::Name(name), None) => Some(Voice::Texts(TextFrom::Name(name.clone()))),
            _ => None,
        }
    }

    /// Whether a letter may say that it is from there.
    pub fn covers(&self, address: &EmailAddress) -> bool {
        let is_named = match &self.identity {
            Identity::Address(own) => own == address,
            Identity::Domain(domain) => domain.has(address),
            Identity::Number(_) | Identity::Name(_) => false,
        };
        is_named && self.standing == Standing::Verified
    }

    /// Whether a text may say that it is from there.
    pub fn covers_text(&self, from: &TextFrom) -> bool {
        let is_named = match (&self.identity, from) {
            (Identity::Number(own), TextFrom::Number(told)) => own == told,
            (Identity::Name(own), TextFrom::Name(told)) => own == told,
            _ => false,
        };
        is_named && self.standing == Standing::Verified
    }
}

impl Identity {
    /// Of a kind that only one shop can be. Many may call themselves alike.
    pub fn is_exclusive(&self) -> bool {
        !matches!(self, Self::Name(_))
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Address(address) => address.as_str(),
            Self::Domain(domain) => domain.as_str(),
            Self::Number(phone) => phone.as_str(),
            Self::Name(name) => name.as_str(),
        }
    }

    /// What can be written in its name.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Address(_) | Self::Domain(_) => Channel::Email,
            Self::Number(_) | Self::Name(_) => Channel::Sms,
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Self::Address(_) => "address",
            Self::Domain(_) => "domain",
            Self::Number(_) => "number",
            Self::Name(_) => "name",
        }
    }
}

impl Standing {
    pub fn name(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::Pending => "pending",
            Self::Verified => "verified",
            Self::Failed => "failed",
        }
    }
}

impl MailDomain {
    /// Whether it is one of its addresses, and none of a domain below it.
    pub fn has(&self, address: &EmailAddress) -> bool {
        address.as_str().rsplit_once('@').is_some_and(|(_, host)| host == self.0)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MailDomain {
    type Err = BadDomain;

    fn from_str(text: &str) -> Result<Self, BadDomain> {
        let text = text.trim().to_ascii_lowercase();
        let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(is_letter)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let is_top = |label: &str| label.bytes().any(|byte| byte.is_ascii_lowercase());
        let fits = text.len() <= 253
            && text.contains('.')
            && text.split('.').all(is_label)
            && text.rsplit('.').next().is_some_and(is_top);
        if fits { Ok(Self(text)) } else { Err(BadDomain) }
    }
}

impl TryFrom<String> for MailDomain {
    type Error = BadDomain;

    fn try_from(text: String) -> Result<Self, BadDomain> {
        text.parse()
    }
}

impl From<MailDomain> for String {
    fn from(domain: MailDomain) -> Self {
        domain.0
    }
}

/// Who messages are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voice {
    Letters(Mailbox),
    Texts(TextFrom),
}

/// Who a letter is from: an address, and the name that is shown beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    pub name: Option<Name>,
    pub address: EmailAddress,
}

/// Who a text is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextFrom {
    /// One that can be answered.
    Number(Phone),
    /// A word in place of a number, where the country allows it. Nobody can answer it.
    Name(SenderName),
}

/// 1 to 11 letters, digits and spaces, one of them a letter: what networks show in place of a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SenderName(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a sender's name: 1 to 11 letters, digits and spaces are expected, one of them a letter")]
pub struct BadSenderName;

impl SenderName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SenderName {
    type Err = BadSenderName;

    fn from_str(text: &str) -> Result<Self, BadSenderName> {
        let text = text.trim();
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b' ';
        let has_letter = text.bytes().any(|byte| byte.is_ascii_alphabetic());
        let fits = text.len() <= 11 && text.bytes().all(is_allowed) && has_letter;
        if fits { Ok(Self(text.to_owned())) } else { Err(BadSenderName) }
    }
}

impl TryFrom<String> for SenderName {
    type Error = BadSenderName;

    fn try_from(text: String) -> Result<Self, BadSenderName> {
        text.parse()
    }
}

impl From<SenderName> for String {
    fn from(name: SenderName) -> Self {
        name.0
    }
}

impl TextFrom {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Number(phone) => phone.as_str(),
            Self::Name(name) => name.as_str(),
        }
    }
}

impl fmt::Display for TextFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;

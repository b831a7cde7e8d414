//! What we sign so that we recognise it when it comes back: refresh tokens, links in mail, cursors, CSRF tokens.
//!
//! One key lies beneath them all; the purpose is part of what is signed, so that a tag made for one use is
//! worth nothing in another.

use aws_lc_rs::{digest, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt::Write;

use crate::Secrets;

/// What a tag is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Refresh,
    Csrf,
    Invitation,
    Reset,
    Cursor,
    /// The state of a sign-in with another provider, kept in a cookie.
    SignInState,
    /// The state of a shop's connection, kept in a cookie.
    ConnectState,
    /// The right to begin a shop's connection, which a page was promised.
    ConnectStart,
    /// A digest in place of something personal: a network address, a mail address.
    Digest,
    /// Who asked for what, with which idempotency key.
    Request,
    /// The key that seals answers which belong to no tenant.
    AnswerKey,
    /// A link to a file at home, where no S3 signs it.
    FileLink,
    /// The part of an address that only one shop is told: `/webhooks/s/<tag>`, of the shop's domain.
    ShopAddress,
    /// What opens one socket.
    Ticket,
    /// The key that the simulated vendor signs with, and any that tells as it does.
    VendorReceipts,
    /// What whoever got a message may do with it; see `links`.
    MessageLink,
    /// A link that opens a report; see `report_links`.
    ReportLink,
    /// The code that proves a telephone to be a member's.
    TelephoneCode,
}

impl Secrets {
    /// The tag of a message, 32 bytes.
    pub fn mac(&self, purpose: Purpose, message: &[u8]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.signing);
        let mut context = hmac::Context::with_key(&key);
        context.update(purpose.label().as_bytes());
        context.update(&[0]);
        context.update(message);
        context.sign().as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
    }

    /// The tag as text that fits into a URL or a key.
    pub fn tag(&self, purpose: Purpose, message: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(purpose, message))
    }

    /// Whether we made that tag for that message; takes the same time for every wrong one.
    pub fn made(&self, purpose: Purpose, message: &[u8], tag: &str) -> bool {
        same(self.tag(purpose, message).as_bytes(), tag.as_bytes())
    }
}

impl Purpose {
    fn label(self) -> &'static str {
        match self {
            Self::Refresh => "refresh",
            Self::Csrf => "csrf",
            Self::Invitation => "invitation",
            Self::Reset => "reset",
            Self::Cursor => "cursor",
            Self::SignInState => "sign-in state",
            Self::ConnectState => "connect state",
            Self::ConnectStart => "connect start",
            Self::Digest => "digest",
            Self::Request => "request",
            Self::AnswerKey => "answer key",
            Self::FileLink => "file link",
            Self::ShopAddress => "shop address",
            Self::Ticket => "ticket",
            Self::VendorReceipts => "vendor receipts",
            Self::MessageLink => "message link",
            Self::ReportLink => "report link",
            Self::TelephoneCode => "telephone code",
        }
    }
}

/// Compares in constant time.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one, other).is_ok()
}

/// SHA-256 in hex, for secrets that are random enough to need no slow hash.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// SHA-256 as base64url without padding: the form of PKCE challenges.
pub fn sha256_base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::tests::secrets;

    #[test]
    fn a_tag_is_worth_something_for_its_message_and_purpose_only() {
        let secrets = secrets();
        let tag = secrets.tag(Purpose::Refresh, b"one");
        assert!(secrets.made(Purpose::Refresh, b"one", &tag));
        assert!(!secrets.made(Purpose::Refresh, b"two", &tag));
        assert!(!secrets.made(Purpose::Csrf, b"one", &tag));
        assert!(!secrets.made(Purpose::Refresh, b"one", ""));
        assert!(!secrets.made(Purpose::Refresh, b"one", &tag[..tag.len() - 1]));
    }

    #[test]
    fn digests_are_the_well_known_ones() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        // RFC 7636, appendix B.
        let verifier = b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(sha256_base64url(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}

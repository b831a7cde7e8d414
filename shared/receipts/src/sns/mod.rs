//! SNS as the carrier of what others tell: its envelope, and its signature where it comes over HTTP.
//!
//! What is believed is whoever holds a certificate that Amazon's own host gave us over TLS, so the host is looked at
//! before anything is fetched: the address stands in a message that anybody may have sent. Topics sign with SHA-256
//! (`SignatureVersion` 2); the older SHA-1 is refused.

#[cfg(test)]
mod tests;

use base64::{Engine, engine::general_purpose::STANDARD};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use serde::Deserialize;
use serde_json::Value;
use webpki::{EndEntityCert, aws_lc_rs::RSA_PKCS1_2048_8192_SHA256};

use crate::{
    BadSignature, Unreadable,
    read::{STRANGE, typed},
};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Envelope {
    #[serde(rename = "Type")]
    pub kind: Kind,
    pub message_id: String,
    pub topic_arn: String,
    pub subject: Option<String>,
    /// What is told, as text.
    pub message: String,
    pub timestamp: String,
    #[serde(default)]
    signature_version: String,
    #[serde(default)]
    signature: String,
    #[serde(default, rename = "SigningCertURL")]
    signing_cert_url: String,
    /// Where a GET confirms that a topic may tell us: see `is_amazons`.
    #[serde(rename = "SubscribeURL")]
    pub subscribe_url: Option<String>,
    token: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Kind {
    Notification,
    SubscriptionConfirmation,
    UnsubscribeConfirmation,
}

impl Envelope {
    pub fn read(body: &[u8]) -> Result<Self, Unreadable> {
        Self::of(crate::read::json(body)?)
    }

    pub(crate) fn of(value: Value) -> Result<Self, Unreadable> {
        typed(value)
    }

    /// Where the certificate is that it says it was signed with, if that is a place of Amazon's.
    pub fn certificate_url(&self) -> Result<&str, BadSignature> {
        let url = &self.signing_cert_url;
        let path = of_amazon(url).ok_or(BadSignature::Wrong)?;
        let name =
            path.strip_prefix("/SimpleNotificationService-").and_then(|name| name.strip_suffix(".pem"));
        let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if name.is_some_and(is_name) { Ok(url) } else { Err(BadSignature::Wrong) }
    }

    /// Whether it was signed with that certificate, which came from `certificate_url`.
    pub fn verify(&self, certificate_pem: &[u8]) -> Result<(), BadSignature> {
        self.certificate_url()?;
        if self.signature.is_empty() {
            return Err(BadSignature::Missing);
        }
        if self.signature_version != "2" {
            return Err(BadSignature::Form);
        }
        let signature = STANDARD.decode(&self.signature).map_err(|_| BadSignature::Form)?;
        let certificate = CertificateDer::from_pem_slice(certificate_pem).map_err(|_| BadSignature::Form)?;
        let certificate = EndEntityCert::try_from(&certificate).map_err(|_| BadSignature::Form)?;
        let signed = self.signed();
        certificate
            .verify_signature(RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature)
            .map_err(|_| BadSignature::Wrong)
    }

    /// What is signed: its members by their names, those that are there.
    fn signed(&self) -> String {
        let kind = format!("{:?}", self.kind);
        let members = [
            ("Message", Some(&self.message)),
            ("MessageId", Some(&self.message_id)),
            ("Subject", self.subject.as_ref().filter(|_| self.kind == Kind::Notification)),
            ("SubscribeURL", self.subscribe_url.as_ref().filter(|_| self.kind != Kind::Notification)),
            ("Timestamp", Some(&self.timestamp)),
            ("Token", self.token.as_ref().filter(|_| self.kind != Kind::Notification)),
            ("TopicArn", Some(&self.topic_arn)),
            ("Type", Some(&kind)),
        ];
        let lines = members.into_iter().filter_map(|(name, value)| Some(format!("{name}\n{}\n", value?)));
        lines.collect()
    }
}

/// Whether an address is SNS's own, and may be asked.
pub fn is_amazons(url: &str) -> bool {
    of_amazon(url).is_some()
}

/// The path, with its query, of an address of SNS: `https://sns.<region>.amazonaws.com/…`, and in China `….com.cn`.
fn of_amazon(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://sns.")?;
    let (host, _) = rest.split_once('/')?;
    let path = &rest[host.len()..];
    let region = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    let is_region = !region.is_empty()
        && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    is_region.then_some(path)
}

/// What was told, however it came: as it is, or in an envelope of SNS's or `EventBridge`'s.
pub(crate) fn unwrapped(body: &[u8]) -> Result<Value, Unreadable> {
    let value = crate::read::json(body)?;
    if value.get("Type").is_some() && value.get("TopicArn").is_some() {
        let envelope = Envelope::of(value)?;
        if envelope.kind != Kind::Notification {
            return Err(Unreadable::new("/Type", STRANGE));
        }
        return crate::read::json(envelope.message.as_bytes()).map_err(|unread| unread.within("/Message"));
    }
    match value {
        Value::Object(mut all) if all.contains_key("detail-type") => {
            all.remove("detail").ok_or_else(|| Unreadable::new("/detail", crate::read::MISSING))
        }
        value => Ok(value),
    }
}

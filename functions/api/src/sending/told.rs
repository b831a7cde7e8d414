//! A change of by whom messages go, as a caller tells it.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::sending::{MailProvider, TextProvider};
use flows::sending::{Installed, SendGridKeys, TwilioKeys};
use serde::Deserialize;
use utoipa::ToSchema;

use super::prices::PricesTold;
use crate::input::{Faults, Part};

/// What is left out stays as it is.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendingTold {
    /// By whom letters go: one of `mail.choices`; `null`: as the installation has it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(super) mail: Part<String>,
    /// By whom texts go: one of `text.choices`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(super) text: Part<String>,
    /// The shop's account at `SendGrid`; `null` removes what was told of it.
    #[serde(default)]
    #[schema(value_type = Option<SendGridTold>)]
    pub(super) sendgrid: Part<SendGridTold>,
    #[serde(default)]
    #[schema(value_type = Option<TwilioTold>)]
    pub(super) twilio: Part<TwilioTold>,
    /// What the shop pays for its messages, all of it; `null`: what the public lists say.
    #[serde(default)]
    #[schema(value_type = Option<PricesTold>)]
    pub(super) prices: Part<PricesTold>,
}

#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendGridTold {
    /// One that may send mail: `SG.…`.
    api_key: Option<String>,
    /// The public key of its event webhook, as `SendGrid` shows it: what it tells is believed by that alone.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    verification_key: Part<String>,
    /// The account is one of the EU.
    is_in_eu: Option<bool>,
}

#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TwilioTold {
    /// `AC…`.
    account_sid: Option<String>,
    /// It signs what Twilio tells, and opens the account unless there is an API key.
    auth_token: Option<String>,
    /// `SK…`, and its secret.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    api_key_sid: Part<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    api_key_secret: Part<String>,
    /// `MG…`: a messaging service that picks the number.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    messaging_service_sid: Part<String>,
}

pub(super) fn mail(told: &str, installed: &Installed) -> Result<MailProvider, String> {
    let names = || installed.mail.iter().map(|it| it.name()).collect::<Vec<_>>().join(", ");
    let known = installed.mail.iter().find(|it| it.name() == told).copied();
    known.ok_or_else(|| format!("is not one of those that are here: {}", names()))
}

pub(super) fn text(told: &str, installed: &Installed) -> Result<TextProvider, String> {
    let names = || installed.text.iter().map(|it| it.name()).collect::<Vec<_>>().join(", ");
    let known = installed.text.iter().find(|it| it.name() == told).copied();
    known.ok_or_else(|| format!("is not one of those that are here: {}", names()))
}

impl SendGridTold {
    /// Over what was told before. `None`: what is wrong is among the faults.
    pub(super) fn over(self, held: Option<&SendGridKeys>, it: &mut Faults) -> Option<SendGridKeys> {
        const KEY: &str = "/sendgrid/api_key";
        let api_key = it.maybe(KEY, self.api_key, |told| api_key(&told));
        let verification_key =
            it.part("/sendgrid/verification_key", self.verification_key, |told| public_key(&told));
        let mut keys = held.cloned().unwrap_or(SendGridKeys {
            api_key: String::new(),
            verification_key: None,
            is_in_eu: false,
        });
        keys.api_key = api_key.unwrap_or(keys.api_key);
        verification_key.apply(&mut keys.verification_key);
        keys.is_in_eu = self.is_in_eu.unwrap_or(keys.is_in_eu);
        if keys.api_key.is_empty() && it.is_empty() {
            it.add(KEY, "missing", "SendGrid needs an API key that may send mail");
        }
        (!keys.api_key.is_empty()).then_some(keys)
    }
}

impl TwilioTold {
    /// As above.
    pub(super) fn over(self, held: Option<&TwilioKeys>, it: &mut Faults) -> Option<TwilioKeys> {
        let (sid, token) = ("/twilio/account_sid", "/twilio/auth_token");
        let account_sid = it.maybe(sid, self.account_sid, |told| named("AC", &told));
        let auth_token = it.maybe(token, self.auth_token, |told| secret(&told));
        let key_sid = it.part("/twilio/api_key_sid", self.api_key_sid, |told| named("SK", &told));
        let key_secret = it.part("/twilio/api_key_secret", self.api_key_secret, |told| secret(&told));
        let at = "/twilio/messaging_service_sid";
        let messaging = it.part(at, self.messaging_service_sid, |told| named("MG", &told));
        let mut keys = held.cloned().unwrap_or(TwilioKeys {
            account_sid: String::new(),
            auth_token: String::new(),
            api_key_sid: None,
            api_key_secret: None,
            messaging_service_sid: None,
        });
        keys.account_sid = account_sid.unwrap_or(keys.account_sid);
        keys.auth_token = auth_token.unwrap_or(keys.auth_token);
        key_sid.apply(&mut keys.api_key_sid);
        key_secret.apply(&mut keys.api_key_secret);
        messaging.apply(&mut keys.messaging_service_sid);
        if !it.is_empty() {
            return None;
        }
        if keys.account_sid.is_empty() {
            it.add(sid, "missing", "Twilio needs the account's SID");
        }
        if keys.auth_token.is_empty() {
            it.add(token, "missing", "Twilio needs the account's auth token");
        }
        if keys.api_key_sid.is_some() != keys.api_key_secret.is_some() {
            let lacks = if keys.api_key_sid.is_some() { "secret" } else { "sid" };
            it.add(&format!("/twilio/api_key_{lacks}"), "missing", "an API key is a SID and its secret");
        }
        it.is_empty().then_some(keys)
    }
}

/// Nobody is told what they told: it is a secret.
fn api_key(told: &str) -> Result<String, &'static str> {
    let told = told.trim();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let fits = told.starts_with("SG.") && (16..=200).contains(&told.len()) && told.bytes().all(is_plain);
    if fits {
        Ok(told.to_owned())
    } else {
        Err("is no API key of SendGrid's: SG.… is expected, as it was shown once")
    }
}

fn public_key(told: &str) -> Result<String, &'static str> {
    let told = told.trim();
    // A key of the curve P-256, as DER has it.
    let is_one = STANDARD.decode(told).is_ok_and(|der| der.len() == 91);
    if is_one {
        Ok(told.to_owned())
    } else {
        Err("is no verification key: that of the event webhook is expected, in base64")
    }
}

fn named(kind: &str, told: &str) -> Result<String, String> {
    let told = told.trim();
    let rest = told.strip_prefix(kind).unwrap_or_default();
    let fits = rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if fits {
        Ok(told.to_owned())
    } else {
        Err(format!("{kind} and 32 digits are expected: 0 to 9 and a to f"))
    }
}

fn secret(told: &str) -> Result<String, &'static str> {
    let told = told.trim();
    let fits = (16..=128).contains(&told.len()) && told.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if fits { Ok(told.to_owned()) } else { Err("16 to 128 letters and digits are expected") }
}

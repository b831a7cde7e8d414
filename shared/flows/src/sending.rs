//! By whom a shop's messages go: its choice with the keys that belong to it, opened, and the adapters that follow from it.

use std::sync::Arc;

use domain::{
    Prices,
    sender::Identity,
    sending::{MailProvider, TextProvider},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::TenantStore;

use crate::{Carrier, FlowError, Identities, SignInProvider, Texter, carrying::Senders, seal::Seals};

/// What the sealed keys are bound to.
const SENDGRID: &str = "sending/sendgrid";
const TWILIO: &str = "sending/twilio";

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendGridKeys {
    /// An API key that may send mail.
    pub api_key: String,
    /// Its event webhook's public key, base64: receipts are believed by it. `None`: none are.
    pub verification_key: Option<String>,
    /// Accounts of the EU are elsewhere.
    #[serde(default)]
    pub is_in_eu: bool,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwilioKeys {
    pub account_sid: String,
    /// Signs what Twilio tells, and opens the account unless there is an API key.
    pub auth_token: String,
    pub api_key_sid: Option<String>,
    pub api_key_secret: Option<String>,
    pub messaging_service_sid: Option<String>,
}

/// A shop's way for letters.
#[derive(Clone, PartialEq, Eq)]
pub enum MailWay {
    /// As the installation has it.
    Usual,
    Simulated,
    Ses,
    SendGrid(SendGridKeys),
}

/// A shop's way for texts.
#[derive(Clone, PartialEq, Eq)]
pub enum TextWay {
    Usual,
    Simulated,
    Sns,
    Twilio(TwilioKeys),
}

/// What a shop has chosen, and what was told of providers, chosen or not: they may tell of messages of yesterday.
#[derive(Clone, PartialEq, Eq)]
pub struct Ways {
    pub mail: MailWay,
    pub text: TextWay,
    pub sendgrid: Option<SendGridKeys>,
    pub twilio: Option<TwilioKeys>,
}

/// Whom an installation has; of each kind the first takes what no shop has chosen another for.
#[derive(Debug, Clone)]
pub struct Installed {
    pub mail: Vec<MailProvider>,
    pub text: Vec<TextProvider>,
    /// `None`: each shop writes in its own name, so that complaints about one do not fall on our own mail.
    pub lent: Option<Senders>,
}

/// Who knows whether a shop may write in a name: whoever carries its messages.
pub trait Registrars: Send + Sync {
    fn registrar(&self, identity: &Identity, ways: &Ways) -> Arc<dyn Identities>;

    /// Whom there is to choose from.
    fn installed(&self) -> &Installed;
}

/// Who proves that somebody is who they say: people who sign in, and shops that write in a name.
#[derive(Clone)]
pub struct Proofs {
    pub google: Arc<dyn SignInProvider>,
    pub registrars: Arc<dyn Registrars>,
}

/// The adapters that an installation has. `None`: it has none of that kind.
pub trait Carriers: Texters {
    fn carrier(&self, way: &MailWay) -> Option<Arc<dyn Carrier>>;
}

/// Those of them that take texts: for whoever sends no letters.
pub trait Texters: Send + Sync {
    fn texter(&self, way: &TextWay) -> Option<Arc<dyn Texter>>;
}

/// What the shop has chosen. A provider without its keys is our fault: none is kept so.
pub async fn ways(store: &TenantStore, seals: &Seals) -> Result<Ways, FlowError> {
    let held = store.sending().await?;
    let sending = held.as_deref();
    let sendgrid = opened(store, seals, SENDGRID, sending.and_then(|it| it.sendgrid.as_deref())).await?;
    let twilio = opened(store, seals, TWILIO, sending.and_then(|it| it.twilio.as_deref())).await?;
    let without = || FlowError::broken("a provider was chosen and its keys are not there");
    let mail = match sending.and_then(|sending| sending.mail) {
        None => MailWay::Usual,
        Some(MailProvider::Simulated) => MailWay::Simulated,
        Some(MailProvider::Ses) => MailWay::Ses,
        Some(MailProvider::Sendgrid) => MailWay::SendGrid(sendgrid.clone().ok_or_else(without)?),
    };
    let text = match sending.and_then(|sending| sending.text) {
        None => TextWay::Usual,
        Some(TextProvider::Simulated) => TextWay::Simulated,
        Some(TextProvider::Sns) => TextWay::Sns,
        Some(TextProvider::Twilio) => TextWay::Twilio(twilio.clone().ok_or_else(without)?),
    };
    Ok(Ways { mail, text, sendgrid, twilio })
}

/// What the shop pays for its messages: what it has told, or what the public lists say.
pub async fn prices(store: &TenantStore) -> Result<Prices, FlowError> {
    let told = store.sending().await?.and_then(|held| held.prices.clone());
    Ok(told.unwrap_or_else(|| Prices::listed().clone()))
}

/// As they are kept.
pub async fn sealed_sendgrid(
    store: &TenantStore,
    seals: &Seals,
    keys: &SendGridKeys,
) -> Result<Vec<u8>, FlowError> {
    sealed(store, seals, SENDGRID, keys).await
}

/// As they are kept.
pub async fn sealed_twilio(
    store: &TenantStore,
    seals: &Seals,
    keys: &TwilioKeys,
) -> Result<Vec<u8>, FlowError> {
    sealed(store, seals, TWILIO, keys).await
}

async fn sealed<T: Serialize + Sync>(
    store: &TenantStore,
    seals: &Seals,
    what: &str,
    keys: &T,
) -> Result<Vec<u8>, FlowError> {
    let plain = serde_json::to_vec(keys).map_err(FlowError::broken)?;
    seals.seal(store, what, &plain).await
}

async fn opened<T: DeserializeOwned>(
    store: &TenantStore,
    seals: &Seals,
    what: &str,
    sealed: Option<&[u8]>,
) -> Result<Option<T>, FlowError> {
    let Some(sealed) = sealed else { return Ok(None) };
    let plain = seals.open(store, what, sealed).await?;
    // What cannot be read may be quoted: it is a secret.
    serde_json::from_slice(&plain)
        .map(Some)
        .map_err(|_| FlowError::broken("a provider's keys cannot be read"))
}

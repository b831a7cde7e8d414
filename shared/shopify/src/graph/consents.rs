//! Tells Shopify what somebody has told us: that they want to be written to, or no longer.

use domain::{Consent, ConsentLevel, ConsentState, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Ask, Data, Refusal, UserError, answer::done};
use crate::told::{Id, consent_word};

#[derive(Debug, Clone, Serialize)]
pub struct EmailConsent {
    input: EmailInput,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct EmailInput {
    customer_id: String,
    email_marketing_consent: Input,
}

#[derive(Debug, Clone, Serialize)]
pub struct SmsConsent {
    input: SmsInput,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct SmsInput {
    customer_id: String,
    sms_marketing_consent: Input,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    marketing_state: &'static str,
    marketing_opt_in_level: Option<&'static str>,
    consent_updated_at: Timestamp,
}

impl Input {
    /// `None`: what Shopify finds out by itself, and takes from nobody.
    fn of(consent: &Consent) -> Option<Self> {
        let can_be_told = matches!(
            consent.state,
            ConsentState::Subscribed | ConsentState::Unsubscribed | ConsentState::Pending
        );
        let level = match consent.level {
            ConsentLevel::SingleOptIn => Some("SINGLE_OPT_IN"),
            ConsentLevel::ConfirmedOptIn => Some("CONFIRMED_OPT_IN"),
            // Shopify takes a consent without a level for one of this.
            ConsentLevel::Unknown => None,
        };
        can_be_told.then(|| Self {
            marketing_state: consent_word(consent.state),
            marketing_opt_in_level: level,
            consent_updated_at: consent.at,
        })
    }
}

impl EmailConsent {
    /// Of the customer with Shopify's number. `None`: Shopify takes no such word.
    pub fn of(number: u64, consent: &Consent) -> Option<Self> {
        let email_marketing_consent = Input::of(consent)?;
        Some(Self { input: EmailInput { customer_id: Id(number).gid("Customer"), email_marketing_consent } })
    }
}

impl SmsConsent {
    /// As `EmailConsent::of`.
    pub fn of(number: u64, consent: &Consent) -> Option<Self> {
        let sms_marketing_consent = Input::of(consent)?;
        Some(Self { input: SmsInput { customer_id: Id(number).gid("Customer"), sms_marketing_consent } })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Done {
    user_errors: Vec<UserError>,
}

impl Ask for EmailConsent {
    const DOCUMENT: &'static str = include_str!("../../queries/email_consent_update.graphql");
    type Answer = ();

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Root {
            customer_email_marketing_consent_update: Done,
        }
        done(data.of::<Root>()?.customer_email_marketing_consent_update.user_errors)
    }
}

impl Ask for SmsConsent {
    const DOCUMENT: &'static str = include_str!("../../queries/sms_consent_update.graphql");
    type Answer = ();

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Root {
            customer_sms_marketing_consent_update: Done,
        }
        done(data.of::<Root>()?.customer_sms_marketing_consent_update.user_errors)
    }
}

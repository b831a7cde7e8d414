//! A consent as it is stored: with whoever gave it, and as it happened.

use domain::{Consent, ConsentLevel, ConsentSource, ConsentState, Timestamp};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(crate) struct ConsentRecord {
    state: ConsentState,
    level: ConsentLevel,
    source: ConsentSource,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(with = "millisecond::required")]
    at: Timestamp,
}

impl From<Consent> for ConsentRecord {
    fn from(consent: Consent) -> Self {
        let Consent { state, level, source, method, at } = consent;
        Self { state, level, source, method, at }
    }
}

impl From<ConsentRecord> for Consent {
    fn from(record: ConsentRecord) -> Self {
        let ConsentRecord { state, level, source, method, at } = record;
        Self { state, level, source, method, at }
    }
}

//! Whether a person wants to be written to, and how we know.
//!
//! Newer wins; of two that are equally new, the withdrawal. A file that somebody brings never raises consent on its
//! own word: the merchant must attest where it comes from.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Of one person for one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub state: ConsentState,
    pub level: ConsentLevel,
    pub source: ConsentSource,
    /// What was agreed to and where: "checkout of shop.example, box unchecked by default".
    pub method: Option<String>,
    /// When the person said so.
    pub at: Timestamp,
}

/// In Shopify's words. The numbers stand in the audience's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    NotSubscribed = 0,
    Subscribed = 1,
    /// Asked to confirm and not confirmed yet.
    Pending = 2,
    Unsubscribed = 3,
    /// The address does not exist.
    Invalid = 4,
    Redacted = 5,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentLevel {
    SingleOptIn,
    ConfirmedOptIn,
    Unknown,
}

/// Who told us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentSource {
    /// The person, on one of our pages.
    Person,
    /// The merchant, by hand or by a program.
    Merchant,
    Shopify,
    /// A file that came with a word on where its consents are from.
    AttestedImport,
    Import,
}

impl ConsentState {
    pub const ALL: [Self; 6] = [
        Self::NotSubscribed,
        Self::Subscribed,
        Self::Pending,
        Self::Unsubscribed,
        Self::Invalid,
        Self::Redacted,
    ];

    fn is_withdrawal(self) -> bool {
        matches!(self, Self::Unsubscribed | Self::Invalid | Self::Redacted)
    }

    fn is_grant(self) -> bool {
        matches!(self, Self::Subscribed | Self::Pending)
    }
}

impl Consent {
    /// What holds after somebody told another thing. Telling the same twice, or late, changes nothing.
    pub fn told(held: Option<&Self>, told: Self) -> Self {
        let Some(held) = held else {
            return if told.is_raised_by_a_file() {
                Self { state: ConsentState::NotSubscribed, ..told }
            } else {
                told
            };
        };
        let is_newer = told.at > held.at
            || told.at == held.at && told.state.is_withdrawal() && !held.state.is_withdrawal();
        if is_newer && !told.is_raised_by_a_file() { told } else { held.clone() }
    }

    fn is_raised_by_a_file(&self) -> bool {
        self.source == ConsentSource::Import && self.state.is_grant()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ConsentSource::{AttestedImport, Import, Person, Shopify};
    use ConsentState::{NotSubscribed, Pending, Subscribed, Unsubscribed};
    use proptest::prelude::*;

    fn consent(state: ConsentState, source: ConsentSource, at: i64) -> Consent {
        let at = Timestamp::from_second(at).unwrap();
        Consent { state, level: ConsentLevel::Unknown, source, method: None, at }
    }

    #[test]
    fn the_newer_word_counts_and_a_withdrawal_beats_a_grant() {
        let check = |held: Option<Consent>, told: Consent, expected: ConsentState| {
            assert_eq!(Consent::told(held.as_ref(), told.clone()).state, expected, "{held:?} then {told:?}");
        };
        check(None, consent(Subscribed, Shopify, 1), Subscribed);
        check(Some(consent(Subscribed, Shopify, 2)), consent(Unsubscribed, Person, 1), Subscribed);
        check(Some(consent(Subscribed, Shopify, 2)), consent(Unsubscribed, Person, 2), Unsubscribed);
        check(Some(consent(Unsubscribed, Person, 2)), consent(Subscribed, Shopify, 2), Unsubscribed);
        check(Some(consent(Unsubscribed, Person, 2)), consent(Subscribed, Person, 3), Subscribed);
        check(None, consent(Subscribed, Import, 1), NotSubscribed);
        check(Some(consent(NotSubscribed, Shopify, 1)), consent(Pending, Import, 9), NotSubscribed);
        check(Some(consent(Unsubscribed, Person, 1)), consent(Subscribed, Import, 9), Unsubscribed);
        check(Some(consent(Subscribed, Shopify, 1)), consent(Unsubscribed, Import, 9), Unsubscribed);
        check(None, consent(Subscribed, AttestedImport, 1), Subscribed);
    }

    fn any_consent() -> impl Strategy<Value = Consent> {
        let sources = prop::sample::select(&[Person, Shopify, Import, AttestedImport][..]);
        let states = prop::sample::select(&ConsentState::ALL[..]);
        (states, sources, 0..4_i64).prop_map(|(state, source, at)| consent(state, source, at))
    }

    proptest! {
        #[test]
        fn telling_twice_is_telling_once(held in prop::option::of(any_consent()), told in any_consent()) {
            let once = Consent::told(held.as_ref(), told.clone());
            prop_assert_eq!(Consent::told(Some(&once), told), once);
        }

        #[test]
        fn a_withdrawal_holds_whatever_older_word_comes_late(late in any_consent(), state in prop::sample::select(&[Unsubscribed, ConsentState::Redacted][..])) {
            let held = consent(state, Person, 4);
            prop_assert_eq!(Consent::told(Some(&held), late).state, state);
        }
    }
}

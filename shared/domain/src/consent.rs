//! Whether a person wants to be written to, and how we know.
//!
//! Newer wins; of two that are equally new, the more careful one, so that no order of arrival decides. If both are a shop's,
//! the shop is asked which was the last, and its answer holds. A file that somebody brings never raises consent on its own
//! word: the merchant must attest where it comes from.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

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

    fn is_grant(self) -> bool {
        matches!(self, Self::Subscribed | Self::Pending)
    }
}

impl Consent {
    /// What holds after somebody told another thing. Telling the same twice, or late, changes nothing.
    pub fn told(held: Option<&Self>, told: Self) -> Self {
        let is_raised = told.is_raised_by_a_file();
        let told = if is_raised { Self { state: ConsentState::NotSubscribed, ..told } } else { told };
        let Some(held) = held else { return told };
        let counts = match told.at.as_millisecond().cmp(&held.at.as_millisecond()) {
            Ordering::Less => false,
            Ordering::Equal => told.care() > held.care(),
            Ordering::Greater => !is_raised,
        };
        if counts { told } else { held.clone() }
    }

    /// Whether it is another word than this, of the same instant, and both are a shop's: only the shop knows which was the last.
    pub fn is_beside(&self, other: &Self) -> bool {
        let is_shops = |it: &Self| it.source == ConsentSource::Shopify;
        let at = |it: &Self| it.at.as_millisecond();
        is_shops(self) && is_shops(other) && at(self) == at(other) && self.care() != other.care()
    }

    /// Of two of one instant the greater one holds: whoever may be written to less, then who is nearer to the person, so that no
    /// answer of a shop's is taken for theirs, then of whose word less is claimed. What is alike in all of this is the same
    /// word. That a file knows of no consent is nobody's word about it, and gives way.
    fn care(&self) -> impl Ord + '_ {
        let state = match self.state {
            ConsentState::NotSubscribed if self.source == ConsentSource::Import => 0,
            ConsentState::Subscribed => 1,
            ConsentState::Pending => 2,
            ConsentState::NotSubscribed => 3,
            ConsentState::Unsubscribed => 4,
            ConsentState::Invalid => 5,
            ConsentState::Redacted => 6,
        };
        let level = match self.level {
            ConsentLevel::ConfirmedOptIn => 0,
            ConsentLevel::SingleOptIn => 1,
            ConsentLevel::Unknown => 2,
        };
        let source = match self.source {
            ConsentSource::Import => 0,
            ConsentSource::AttestedImport => 1,
            ConsentSource::Shopify => 2,
            ConsentSource::Merchant => 3,
            ConsentSource::Person => 4,
        };
        (state, source, level, &self.method)
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
        check(Some(consent(Subscribed, Shopify, 2)), consent(Pending, Shopify, 2), Pending);
        check(Some(consent(Subscribed, Shopify, 2)), consent(NotSubscribed, Shopify, 2), NotSubscribed);
        check(Some(consent(Subscribed, Shopify, 2)), consent(NotSubscribed, Import, 2), Subscribed);
    }

    fn any_consent() -> impl Strategy<Value = Consent> {
        let sources = prop::sample::select(&[Person, Shopify, Import, AttestedImport][..]);
        let states = prop::sample::select(&ConsentState::ALL[..]);
        (states, sources, 0..4_i64).prop_map(|(state, source, at)| consent(state, source, at))
    }

    fn of_one_instant() -> impl Strategy<Value = Consent> {
        use ConsentLevel::{ConfirmedOptIn, SingleOptIn, Unknown};
        let levels = prop::sample::select(&[SingleOptIn, ConfirmedOptIn, Unknown][..]);
        let methods = prop::sample::select(&[None, Some("box"), Some("page")][..]);
        // Microseconds are not kept.
        (any_consent(), levels, methods, 0..1_000_i64).prop_map(|(consent, level, method, micros)| {
            let at = Timestamp::from_microsecond(5_000_000 + micros).unwrap();
            Consent { level, method: method.map(str::to_owned), at, ..consent }
        })
    }

    fn after(words: &[Consent]) -> Option<Consent> {
        let told = words
            .iter()
            .fold(None, |held: Option<Consent>, word| Some(Consent::told(held.as_ref(), word.clone())))?;
        Some(Consent { at: Timestamp::from_millisecond(told.at.as_millisecond()).unwrap(), ..told })
    }

    proptest! {
        #[test]
        fn telling_twice_is_telling_once(held in prop::option::of(any_consent()), told in any_consent()) {
            let once = Consent::told(held.as_ref(), told.clone());
            prop_assert_eq!(Consent::told(Some(&once), told), once);
        }

        #[test]
        fn words_of_one_instant_come_to_the_same_in_any_order(words in prop::collection::vec(of_one_instant(), 1..5)) {
            for turn in 0..words.len() {
                let mut turned = words.clone();
                turned.rotate_left(turn);
                prop_assert_eq!(after(&turned), after(&words));
                turned.reverse();
                prop_assert_eq!(after(&turned), after(&words));
            }
        }

        #[test]
        fn a_withdrawal_holds_whatever_older_word_comes_late(late in any_consent(), state in prop::sample::select(&[Unsubscribed, ConsentState::Redacted][..])) {
            let held = consent(state, Person, 4);
            prop_assert_eq!(Consent::told(Some(&held), late).state, state);
        }
    }
}

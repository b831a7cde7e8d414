//! Up to when a shop's words about a customer are known, in few bytes within the customer's item.

use domain::{AskedConsent, AskedConsents, Timestamp, order::Contribution};
use std::collections::BTreeMap;

/// Instants in milliseconds, of mail and of the phone.
pub(crate) type AskedMillis = (Option<i64>, Option<i64>);

/// Nought, neither, or no pair of anything.
pub(crate) fn is_nothing<T: Default + PartialEq>(told: &T) -> bool {
    *told == T::default()
}

pub(crate) fn is_unasked(pair: &AskedMillis) -> bool {
    *pair == (None, None)
}

pub(crate) fn pair(of: Contribution) -> (i64, i64) {
    (of.orders, of.spent)
}

pub(crate) fn contribution((orders, spent): (i64, i64)) -> Contribution {
    Contribution { orders, spent }
}

/// Of what instants the shop's answers were, and since when its word is known.
pub(crate) fn asked_millis(AskedConsents { email, sms }: AskedConsents) -> [AskedMillis; 2] {
    let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
    [(millis(email.of), millis(sms.of)), (millis(email.since), millis(sms.since))]
}

pub(crate) fn asked_instants([of, since]: [AskedMillis; 2]) -> AskedConsents {
    let at = |millis: Option<i64>| millis.and_then(|millis| Timestamp::from_millisecond(millis).ok());
    AskedConsents {
        email: AskedConsent { of: at(of.0), since: at(since.0) },
        sms: AskedConsent { of: at(of.1), since: at(since.1) },
    }
}

pub(crate) fn millis_of(words: BTreeMap<String, Timestamp>) -> BTreeMap<String, i64> {
    words.into_iter().map(|(name, at)| (name, at.as_millisecond())).collect()
}

pub(crate) fn instants_of(words: BTreeMap<String, i64>) -> BTreeMap<String, Timestamp> {
    words.into_iter().filter_map(|(name, at)| Some((name, Timestamp::from_millisecond(at).ok()?))).collect()
}

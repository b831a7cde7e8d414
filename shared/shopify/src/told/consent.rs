//! Whether somebody wants to be written to, as Shopify has it.

use domain::{Consent, ConsentLevel, ConsentSource, ConsentState, CustomerId, Timestamp, timeline::Channel};

use super::Reader;

/// A word about one channel alone. The address is the one it was given for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentTold {
    pub customer: CustomerId,
    pub channel: Channel,
    /// `None`: nobody has said anything yet, or nothing is said of when.
    pub consent: Option<Consent>,
}

/// As it stands in JSON, whichever form that has.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConsentSaid {
    pub(crate) state: Option<String>,
    pub(crate) level: Option<String>,
    pub(crate) at: Option<Timestamp>,
}

impl ConsentSaid {
    /// `None`: there is no word that was given. One without a day counts as the oldest there is.
    pub(crate) fn told(self, what: &'static str, reader: &mut Reader<'_>) -> Option<Consent> {
        let state = match self.state?.to_ascii_lowercase().as_str() {
            "not_subscribed" | "never_subscribed" => ConsentState::NotSubscribed,
            "pending" => ConsentState::Pending,
            "subscribed" => ConsentState::Subscribed,
            "unsubscribed" => ConsentState::Unsubscribed,
            "invalid" => ConsentState::Invalid,
            "redacted" => ConsentState::Redacted,
            _ => {
                // What we do not understand is no leave to write.
                reader.pass_over(what, "is in a state that we do not know");
                ConsentState::NotSubscribed
            }
        };
        if state == ConsentState::NotSubscribed && self.at.is_none() {
            return None;
        }
        let level = match self.level.unwrap_or_default().to_ascii_lowercase().as_str() {
            "single_opt_in" => ConsentLevel::SingleOptIn,
            "confirmed_opt_in" => ConsentLevel::ConfirmedOptIn,
            _ => ConsentLevel::Unknown,
        };
        let at = self.at.unwrap_or(Timestamp::UNIX_EPOCH);
        Some(Consent { state, level, source: ConsentSource::Shopify, method: None, at })
    }
}

/// Whether it says when somebody said so: an event that does not may be older than anything.
pub(crate) fn has_a_day(consent: &Consent) -> bool {
    consent.at > Timestamp::UNIX_EPOCH
}

/// As GraphQL has it.
pub(crate) fn consent_word(state: ConsentState) -> &'static str {
    match state {
        ConsentState::NotSubscribed => "NOT_SUBSCRIBED",
        ConsentState::Subscribed => "SUBSCRIBED",
        ConsentState::Pending => "PENDING",
        ConsentState::Unsubscribed => "UNSUBSCRIBED",
        ConsentState::Invalid => "INVALID",
        ConsentState::Redacted => "REDACTED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told::reader::tests::{EUROS, reading};

    #[test]
    fn a_consent_is_a_word_that_somebody_gave() {
        let at: Timestamp = "2026-01-31T09:30:00Z".parse().unwrap();
        let check = |state: Option<&str>, at: Option<Timestamp>, expected: Option<(ConsentState, i64)>| {
            let reading = reading(EUROS);
            let mut reader = Reader::new(&reading);
            let said =
                ConsentSaid { state: state.map(str::to_owned), level: Some("SINGLE_OPT_IN".into()), at };
            let told = said.told("email_consent", &mut reader);
            assert_eq!(told.map(|told| (told.state, told.at.as_second())), expected, "{state:?}");
        };
        let second = at.as_second();
        check(Some("subscribed"), Some(at), Some((ConsentState::Subscribed, second)));
        check(Some("SUBSCRIBED"), None, Some((ConsentState::Subscribed, 0)));
        check(Some("UNSUBSCRIBED"), Some(at), Some((ConsentState::Unsubscribed, second)));
        check(Some("NOT_SUBSCRIBED"), Some(at), Some((ConsentState::NotSubscribed, second)));
        check(Some("not_subscribed"), None, None);
        check(Some("NEVER_SUBSCRIBED"), None, None);
        check(Some("perhaps"), Some(at), Some((ConsentState::NotSubscribed, second)));
        check(None, Some(at), None);
        for state in ConsentState::ALL {
            check(Some(consent_word(state)), Some(at), Some((state, second)));
        }
    }
}

//! What somebody agreed to, as their shop tells it: by events, in any order, and when it is asked.

use jiff::SignedDuration;

use crate::{Beside, Consent, Customer, Timestamp, timeline::Channel};

/// By so much Shopify's clock and ours may differ.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(2);

/// Of which instant the consents were that the shop had when it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AskedConsents {
    pub email: Option<Timestamp>,
    pub sms: Option<Timestamp>,
}

impl Customer {
    /// The shop says what they want. Of two words of one instant the more careful one holds until the shop is asked; then its
    /// answer does, and no other word of that instant. `asked_at`: the shop was asked for it then. If that was within the same
    /// moment, more may have happened after.
    pub fn consent_told(
        &mut self,
        channel: Channel,
        told: &Consent,
        asked_at: Option<Timestamp>,
    ) -> Beside<()> {
        let asked = &mut self.shop_words.asked_consents;
        let (held, asked) = match channel {
            Channel::Email => (&mut self.email_consent, &mut asked.email),
            Channel::Sms => (&mut self.sms_consent, &mut asked.sms),
        };
        let at = Timestamp::from_millisecond(told.at.as_millisecond()).unwrap_or(told.at);
        let is_twin = held.as_ref().is_some_and(|held| held.is_beside(told));
        let is_late = held.as_ref().is_some_and(|held| at < held.at);
        let is_answer = asked_at.is_some();
        if let Some(asked_at) = asked_at.filter(|_| !is_late) {
            *asked = is_read_since(Some(asked_at), at).then_some(at);
        }
        if is_twin && is_answer {
            *held = Some(told.clone());
        } else if !(is_twin && *asked == Some(at)) {
            *held = Some(Consent::told(held.as_ref(), told.clone()));
        }
        match () {
            () if is_twin && !is_answer => Beside::Undecided(()),
            () if is_late => Beside::Late,
            () => Beside::Counts(()),
        }
    }
}

/// Whether a shop was asked for a thing after what happened to it then.
pub fn is_read_since(read_at: Option<Timestamp>, at: Timestamp) -> bool {
    read_at.is_some_and(|read_at| read_at.duration_since(at) >= CLOCKS_DIFFER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConsentSource, ConsentState, CustomerId, customer::CustomerKind};

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }

    fn consent(state: ConsentState, second: i64) -> Consent {
        let (level, source) = (crate::ConsentLevel::SingleOptIn, ConsentSource::Shopify);
        Consent { state, level, source, method: None, at: at(second) }
    }

    #[test]
    fn of_two_consents_of_one_instant_the_shops_answer_is_the_last_in_any_order() {
        use ConsentState::{Subscribed, Unsubscribed};
        for answer in [Subscribed, Unsubscribed] {
            let words = [(Subscribed, false), (Unsubscribed, false), (answer, true)];
            for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
                let mut customer = Customer::new(CustomerId::Shopify(7), 0, CustomerKind::Person, at(0));
                let mut open = 0;
                for place in order.into_iter().chain(order) {
                    let (state, is_answer) = words[place];
                    let asked_at = is_answer.then(|| at(7));
                    let beside = customer.consent_told(Channel::Email, &consent(state, 5), asked_at);
                    open += u8::from(beside == Beside::Undecided(()));
                }
                assert_eq!(customer.email_consent.as_ref().unwrap().state, answer, "{order:?}");
                assert!(open > 0, "the shop is asked: {order:?}");
                let newer = customer.consent_told(Channel::Email, &consent(Unsubscribed, 6), None);
                assert_eq!(newer, Beside::Counts(()));
                assert_eq!(customer.email_consent.as_ref().unwrap().state, Unsubscribed);
                let late = customer.consent_told(Channel::Email, &consent(Subscribed, 5), Some(at(9)));
                assert_eq!((late, customer.email_consent.unwrap().state), (Beside::Late, Unsubscribed));
            }
        }
    }

    #[test]
    fn what_the_shop_was_asked_within_the_same_moment_is_not_the_last_word() {
        use ConsentState::{Subscribed, Unsubscribed};
        let mut customer = Customer::new(CustomerId::Shopify(7), 0, CustomerKind::Person, at(0));
        let mut after = |state, asked_at| {
            let beside = customer.consent_told(Channel::Sms, &consent(state, 5), asked_at);
            (beside, customer.sms_consent.as_ref().unwrap().state)
        };
        assert_eq!(after(Subscribed, Some(at(6))), (Beside::Counts(()), Subscribed));
        assert_eq!(after(Unsubscribed, None), (Beside::Undecided(()), Unsubscribed), "and it is asked again");
        assert_eq!(after(Subscribed, Some(at(16))), (Beside::Counts(()), Subscribed));
        assert_eq!(after(Unsubscribed, None), (Beside::Undecided(()), Subscribed));
    }

    #[test]
    fn an_answer_of_the_shops_takes_nobodys_own_word_back() {
        let mut customer = Customer::new(CustomerId::Shopify(7), 0, CustomerKind::Person, at(0));
        let theirs = Consent { source: ConsentSource::Person, ..consent(ConsentState::Unsubscribed, 5) };
        customer.sms_consent = Some(theirs.clone());
        for (state, is_answer) in [(ConsentState::Unsubscribed, false), (ConsentState::Subscribed, true)] {
            customer.consent_told(Channel::Sms, &consent(state, 5), is_answer.then(|| at(9)));
        }
        assert_eq!(customer.sms_consent, Some(theirs));
    }
}

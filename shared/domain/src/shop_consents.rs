//! What somebody agreed to, as their shop tells it: by events, in any order, and when it is asked.

use jiff::SignedDuration;

use crate::{
    Beside, Consent, ConsentSource, ConsentState, Customer, EmailAddress, Phone, Timestamp, timeline::Channel,
};

/// By so much Shopify's clock and ours may differ.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(2);

/// What the shop's own words about consents count by, for each channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AskedConsents {
    pub email: AskedConsent,
    pub sms: AskedConsent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AskedConsent {
    /// Of which instant the consent was that the shop had when it was asked: of those that word is the last.
    pub of: Option<Timestamp>,
    /// What the shop had then is known, or that they had another address by then: an event of before tells nothing.
    pub since: Option<Timestamp>,
}

impl Customer {
    pub fn consent(&self, channel: Channel) -> Option<&Consent> {
        match channel {
            Channel::Email => self.email_consent.as_ref(),
            Channel::Sms => self.sms_consent.as_ref(),
        }
    }

    /// The shop tells that somebody said what they want. Of two words of one instant the more careful one holds until the
    /// shop is asked; then its answer does, and no other word of that instant.
    pub fn consent_told(&mut self, channel: Channel, told: &Consent) -> Beside<()> {
        let (held, asked) = self.consent_of(channel);
        let at = millis(told.at);
        let is_twin = held.as_ref().is_some_and(|held| held.is_beside(told));
        let is_of_then = held.as_ref().is_some_and(|held| held.at == at);
        match () {
            () if asked.since.is_some_and(|since| at < since) => return Beside::Late,
            () if held.as_ref().is_some_and(|held| at < held.at) => return Beside::Late,
            // What the shop had in that second is known to be another thing.
            () if asked.since == Some(at) && !is_of_then => return Beside::Undecided(()),
            () => {}
        }
        if !(is_twin && asked.of == Some(at)) {
            *held = Some(Consent::told(held.as_ref(), told.clone()));
        }
        if is_twin { Beside::Undecided(()) } else { Beside::Counts(()) }
    }

    /// The shop was asked at `asked_at` and has this, or nothing: so it was when they last changed there, at `so_at`. What it
    /// has takes the place of all that it ever said, also of a newer word: an address that is another has no consent, and
    /// nobody tells of that. It takes nobody's own word back, and none that the shop may have had too late for its answer.
    pub fn consent_answered(
        &mut self,
        channel: Channel,
        told: Option<&Consent>,
        (so_at, asked_at): (Option<Timestamp>, Timestamp),
    ) {
        let (held, asked) = self.consent_of(channel);
        let of = told.map(|told| millis(told.at));
        let is_known = |at: Timestamp| is_read_since(Some(asked_at), at);
        let takes = |held: &Consent| held.source == ConsentSource::Shopify && is_known(held.at);
        if held.as_ref().is_none_or(takes) {
            // What is as it was known is no news.
            if asked.since.is_none() || held.as_ref() != told {
                asked.since = asked.since.max(so_at.map(millis));
            }
            asked.of = of.filter(|at| is_known(*at));
            *held = told.cloned();
        } else if let Some(told) = told.filter(|_| held.as_ref().map(|held| held.at) <= of) {
            asked.of = of.filter(|at| is_known(*at));
            *held = Some(Consent::told(held.as_ref(), told.clone()));
        }
    }

    /// The address that they agreed to is not theirs any more, since that instant: nothing was said of another. Whoever told
    /// us, and not the shop, that they want nothing is heard still.
    pub fn consent_dropped(&mut self, channel: Channel, since: Option<Timestamp>) {
        let (held, asked) = self.consent_of(channel);
        asked.since = asked.since.max(since.map(millis));
        let is_withdrawal = |held: &Consent| {
            matches!(
                held.state,
                ConsentState::Unsubscribed | ConsentState::NotSubscribed | ConsentState::Redacted
            )
        };
        if held.as_ref().is_some_and(|held| held.source == ConsentSource::Shopify || !is_withdrawal(held)) {
            *held = None;
            asked.of = None;
        }
    }

    /// Others than the shop tell which addresses they have, at that instant: what was agreed to for one that they had goes with it,
    /// before what comes with the other is heard.
    pub fn readdressed(&mut self, had: &(Option<EmailAddress>, Option<Phone>), at: Timestamp) {
        if had.0.is_some() && had.0 != self.email {
            self.consent_dropped(Channel::Email, Some(at));
        }
        if had.1.is_some() && had.1 != self.phone {
            self.consent_dropped(Channel::Sms, Some(at));
        }
    }

    fn consent_of(&mut self, channel: Channel) -> (&mut Option<Consent>, &mut AskedConsent) {
        let asked = &mut self.shop_words.asked_consents;
        match channel {
            Channel::Email => (&mut self.email_consent, &mut asked.email),
            Channel::Sms => (&mut self.sms_consent, &mut asked.sms),
        }
    }
}

/// As it is kept.
fn millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// Whether a shop was asked for a thing after what happened to it then.
pub fn is_read_since(read_at: Option<Timestamp>, at: Timestamp) -> bool {
    read_at.is_some_and(|read_at| read_at.duration_since(at) >= CLOCKS_DIFFER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CustomerId, customer::CustomerKind};
    use ConsentState::{Pending, Subscribed, Unsubscribed};

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }

    fn consent(state: ConsentState, second: i64) -> Consent {
        let (level, source) = (crate::ConsentLevel::SingleOptIn, ConsentSource::Shopify);
        Consent { state, level, source, method: None, at: at(second) }
    }

    fn nobody() -> Customer {
        Customer::new(CustomerId::Shopify(7), 0, CustomerKind::Person, at(0))
    }

    /// As the shop says it: by an event, or when it was asked at that second.
    fn said(customer: &mut Customer, told: &Consent, asked_at: Option<i64>) -> Option<Beside<()>> {
        match asked_at {
            None => Some(customer.consent_told(Channel::Email, told)),
            Some(second) => {
                customer.consent_answered(Channel::Email, Some(told), (Some(told.at), at(second)));
                None
            }
        }
    }

    fn state(customer: &Customer) -> Option<ConsentState> {
        customer.email_consent.as_ref().map(|consent| consent.state)
    }

    #[test]
    fn of_two_consents_of_one_instant_the_shops_answer_is_the_last_in_any_order() {
        for answer in [Subscribed, Unsubscribed] {
            let words = [(Subscribed, false), (Unsubscribed, false), (answer, true)];
            for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
                let mut customer = nobody();
                let mut open = 0;
                for place in order.into_iter().chain(order) {
                    let (state, is_answer) = words[place];
                    let beside = said(&mut customer, &consent(state, 5), is_answer.then_some(7));
                    open += u8::from(beside == Some(Beside::Undecided(())));
                }
                assert_eq!(state(&customer), Some(answer), "{order:?}");
                assert!(open > 0, "the shop is asked: {order:?}");
                let newer = customer.consent_told(Channel::Email, &consent(Unsubscribed, 6));
                assert_eq!(newer, Beside::Counts(()));
                assert_eq!(state(&customer), Some(Unsubscribed));
                assert_eq!(said(&mut customer, &consent(Subscribed, 5), None), Some(Beside::Late));
                said(&mut customer, &consent(Subscribed, 5), Some(7));
                assert_eq!(state(&customer), Some(Unsubscribed), "it may be newer than the answer");
            }
        }
    }

    #[test]
    fn what_the_shop_was_asked_within_the_same_moment_is_not_the_last_word() {
        let mut customer = nobody();
        let mut after = |told, asked_at| {
            let beside = said(&mut customer, &consent(told, 5), asked_at);
            (beside, state(&customer).unwrap())
        };
        let open = Some(Beside::Undecided(()));
        assert_eq!(after(Subscribed, Some(6)), (None, Subscribed));
        assert_eq!(after(Unsubscribed, None), (open, Unsubscribed), "and it is asked again");
        assert_eq!(after(Subscribed, Some(16)), (None, Subscribed));
        assert_eq!(after(Unsubscribed, None), (open, Subscribed));
    }

    #[test]
    fn beside_somebodys_own_word_an_answer_of_the_same_moment_is_not_the_last_either() {
        let mut customer = nobody();
        customer.email_consent =
            Some(Consent { source: ConsentSource::Person, ..consent(ConsentState::Invalid, 5) });
        said(&mut customer, &consent(Subscribed, 6), Some(7));
        assert_eq!(state(&customer), Some(Subscribed));
        assert_eq!(said(&mut customer, &consent(Unsubscribed, 6), None), Some(Beside::Undecided(())));
        assert_eq!(state(&customer), Some(Unsubscribed), "the shop may have had it after its answer");
    }

    #[test]
    fn an_answer_that_comes_late_takes_nothing_from_a_newer_one() {
        let mut customer = nobody();
        said(&mut customer, &consent(Subscribed, 9), Some(12));
        said(&mut customer, &consent(Unsubscribed, 5), Some(10));
        assert_eq!(said(&mut customer, &consent(Unsubscribed, 9), None), Some(Beside::Undecided(())));
        assert_eq!(state(&customer), Some(Subscribed), "what was read stays");
    }

    #[test]
    fn an_answer_that_is_no_news_changes_nothing() {
        let mut customer = nobody();
        let told = consent(Subscribed, 5);
        said(&mut customer, &told, Some(9));
        let before = customer.clone();
        customer.consent_answered(Channel::Email, Some(&told), (Some(at(20)), at(23)));
        assert_eq!(customer, before, "something else of them has changed: that costs no write");
    }

    #[test]
    fn an_answer_of_the_shops_takes_nobodys_own_word_back() {
        let mut customer = nobody();
        let theirs = Consent { source: ConsentSource::Person, ..consent(Unsubscribed, 5) };
        customer.email_consent = Some(theirs.clone());
        for (state, asked_at) in [(Unsubscribed, None), (Subscribed, Some(9))] {
            said(&mut customer, &consent(state, 5), asked_at);
        }
        customer.consent_answered(Channel::Email, None, (Some(at(8)), at(11)));
        customer.consent_dropped(Channel::Email, Some(at(12)));
        assert_eq!(customer.email_consent, Some(theirs));
    }

    #[test]
    fn what_the_shop_has_no_more_is_gone_and_no_older_word_brings_it_back() {
        let mut customer = nobody();
        said(&mut customer, &consent(Subscribed, 5), None);
        customer.consent_answered(Channel::Email, None, (Some(at(9)), at(6)));
        assert_eq!(state(&customer), Some(Subscribed), "the shop may have had it too late for its answer");
        for _ in 0..2 {
            customer.consent_answered(Channel::Email, None, (Some(at(9)), at(11)));
            assert_eq!(state(&customer), None);
            assert_eq!(said(&mut customer, &consent(Subscribed, 8), None), Some(Beside::Late));
        }
        assert_eq!(said(&mut customer, &consent(Subscribed, 9), None), Some(Beside::Undecided(())));
        assert_eq!(state(&customer), None, "until the shop is asked");
        assert_eq!(said(&mut customer, &consent(Subscribed, 10), None), Some(Beside::Counts(())));
        assert_eq!(state(&customer), Some(Subscribed));
        // As the shop has it now, whatever day it says.
        said(&mut customer, &consent(Unsubscribed, 2), Some(13));
        assert_eq!(state(&customer), Some(Unsubscribed));
    }

    #[test]
    fn who_has_another_address_has_agreed_to_nothing() {
        for source in [ConsentSource::Shopify, ConsentSource::Person, ConsentSource::AttestedImport] {
            for (state_then, is_kept) in [
                (Subscribed, false),
                (Pending, false),
                (ConsentState::Invalid, false),
                (Unsubscribed, source != ConsentSource::Shopify),
            ] {
                let mut customer = nobody();
                customer.email_consent = Some(Consent { source, ..consent(state_then, 5) });
                customer.consent_dropped(Channel::Email, Some(at(9)));
                assert_eq!(state(&customer), is_kept.then_some(state_then), "{source:?}");
                assert_eq!(said(&mut customer, &consent(Subscribed, 5), None), Some(Beside::Late));
                assert_eq!(state(&customer), is_kept.then_some(state_then), "{source:?}");
            }
        }
    }
}

//! What somebody wants by their own word: by a link in a message, or by an answer to one.
//!
//! It is kept in one commit with the row that lists and campaigns read, and with the word that their shop is still to be told:
//! so it holds before the next message goes out, and nothing is forgotten if a message of ours is lost. Wishing the same
//! again changes nothing.

use std::time::Duration;

use columns::Slot;
use domain::{
    Consent, ConsentLevel, ConsentSource, ConsentState, Customer, CustomerId, Task, Timestamp,
    campaign::Kind,
    customer::{ChangedBy, CustomerKind},
    timeline::Channel,
    untold::Untold,
};
use store::{HeldCustomer, Orders, StoreError, TenantStore};

use crate::{FlowError, Tasks, error::chain};

/// As many others may change the same customer at the same moment.
const TRIES: usize = 32;
/// How many merges are followed to whoever somebody became part of.
const MERGES_MAX: usize = 8;

/// For each channel, whether they want to be written to. `None`: they say nothing of it. And of each topic that they speak of,
/// whether they want it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wish {
    pub email: Option<bool>,
    pub sms: Option<bool>,
    pub topics: Vec<(Kind, bool)>,
    /// How they said so: "unsubscribed by the link in the campaign Spring".
    pub method: String,
}

impl Wish {
    pub fn of(channel: Channel, is_wanted: bool, method: String) -> Self {
        let wanted = |of| (of == channel).then_some(is_wanted);
        Self { email: wanted(Channel::Email), sms: wanted(Channel::Sms), topics: Vec::new(), method }
    }

    /// What they are after it.
    fn granted(&self, before: &Customer, now: Timestamp) -> Customer {
        let mut after = before.clone();
        let all = [(&mut after.email_consent, self.email), (&mut after.sms_consent, self.sms)];
        for (held, is_wanted) in all {
            if let Some(is_wanted) = is_wanted {
                *held = self.told(held.as_ref(), is_wanted, now).or_else(|| held.take());
            }
        }
        for (kind, is_wanted) in &self.topics {
            after.declined = after.declined.with(*kind, !is_wanted);
        }
        after.changed(before, ChangedBy::Customer, now)
    }

    /// `None`: so it is already.
    fn told(&self, held: Option<&Consent>, is_wanted: bool, now: Timestamp) -> Option<Consent> {
        let state = if is_wanted { ConsentState::Subscribed } else { ConsentState::Unsubscribed };
        let is_so = |held: &Consent| match held.state {
            // Nobody is written to there anyway.
            ConsentState::Invalid | ConsentState::Redacted => !is_wanted,
            held => held == state,
        };
        if held.is_some_and(is_so) {
            return None;
        }
        // Nobody's clock is so far ahead that a word of the person's own comes too late; and of two words of one millisecond
        // the more careful one would hold, which need not be theirs.
        let next = |held: &Consent| held.at.saturating_add(Duration::from_millis(1)).unwrap_or(held.at);
        let at = held.map_or(now, |held| now.max(next(held)));
        let level = if is_wanted { ConsentLevel::SingleOptIn } else { ConsentLevel::Unknown };
        let method = Some(self.method.clone());
        Some(Consent::told(held, Consent { state, level, source: ConsentSource::Person, method, at }))
    }
}

/// What came of it.
#[derive(Debug)]
pub enum Kept {
    Changed(Box<Customer>),
    /// So it was already.
    Unchanged(Box<Customer>),
    /// There is nobody any more.
    Gone,
}

pub async fn kept(
    (store, tasks): (&TenantStore, &dyn Tasks),
    customer: CustomerId,
    wish: &Wish,
    now: Timestamp,
) -> Result<Kept, FlowError> {
    let (kept, news) = kept_alone(store, customer, wish, now).await?;
    passed_on(tasks, news).await;
    Ok(kept)
}

/// What others are to be asked to do about it, and need not: all of it is due, or right where it stands.
#[derive(Debug, Default)]
#[must_use]
pub struct News(Vec<Task>);

/// As `kept`, for whoever does other things while it is passed on.
pub async fn kept_alone(
    store: &TenantStore,
    customer: CustomerId,
    wish: &Wish,
    now: Timestamp,
) -> Result<(Kept, News), FlowError> {
    for _ in 0..TRIES {
        let Some(held) = whoever(store, customer).await? else {
            return Ok((Kept::Gone, News::default()));
        };
        let after = wish.granted(&held, now);
        if after == *held {
            return Ok((Kept::Unchanged(Box::new(after)), News::default()));
        }
        let told = told(&held, &after);
        let mut steps = vec![store.customer_changed(&held, &after, Orders::new())];
        for (channel, consent) in &told {
            steps.push(store.consent_noted(after.id, *channel, consent));
            if matches!(after.id, CustomerId::Shopify(_)) {
                steps.push(store.untold_made(&Untold::of(after.id, *channel, now)));
            }
        }
        match store.commit(steps).await {
            Ok(()) => {
                let channels: Vec<_> = told.into_iter().map(|(channel, _)| channel).collect();
                let news = news(store, &after, &channels);
                return Ok((Kept::Changed(Box::new(after)), news));
            }
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict(0).into())
}

/// The customer as they are held, or whoever has become of them. `None`: nobody.
pub async fn whoever(store: &TenantStore, customer: CustomerId) -> Result<Option<HeldCustomer>, FlowError> {
    let mut id = customer;
    for _ in 0..MERGES_MAX {
        let Some(held) = store.customer_held(id).await? else { return Ok(None) };
        match held.kind {
            CustomerKind::Merged(heir) => id = heir,
            CustomerKind::Erased | CustomerKind::WalkIn => return Ok(None),
            CustomerKind::Person | CustomerKind::Guest => return Ok(Some(held)),
        }
    }
    Ok(None)
}

fn told(before: &Customer, after: &Customer) -> Vec<(Channel, Consent)> {
    let pairs = [
        (Channel::Email, &before.email_consent, &after.email_consent),
        (Channel::Sms, &before.sms_consent, &after.sms_consent),
    ];
    let changed = pairs.into_iter().filter(|(_, before, after)| before != after);
    changed.filter_map(|(channel, _, after)| Some((channel, after.clone()?))).collect()
}

fn news(store: &TenantStore, customer: &Customer, channels: &[Channel]) -> News {
    let tenant = store.id();
    let shard = Task::KeepShard { tenant, shard: Slot(customer.slot).shard().0 };
    let is_shops = matches!(customer.id, CustomerId::Shopify(_));
    let tell = channels.iter().filter(|_| is_shops);
    let tell = tell.map(|channel| Task::TellConsent { tenant, customer: customer.id, channel: *channel });
    News(std::iter::once(shard).chain(tell).collect())
}

/// Nothing is lost if nobody hears of it: the row is right where it stands, and what a shop is to be told is due.
pub async fn passed_on(tasks: &dyn Tasks, News(news): News) {
    if news.is_empty() {
        return;
    }
    if let Err(error) = tasks.leave(news.into_iter().map(Into::into).collect()).await {
        tracing::warn!(cause = chain(&error), "nobody was asked to tell a shop what its customer wants");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn customer(held: Option<(ConsentState, i64)>) -> Customer {
        let mut customer = Customer::new(CustomerId::Shopify(7), 0, CustomerKind::Person, at(0));
        customer.email_consent = held.map(|(state, second)| Consent {
            state,
            level: ConsentLevel::SingleOptIn,
            source: ConsentSource::Shopify,
            method: None,
            at: at(second),
        });
        customer
    }

    #[test]
    fn a_persons_own_word_holds_whatever_was_told_before() {
        use ConsentState::{Invalid, NotSubscribed, Redacted, Subscribed, Unsubscribed};
        let check = |held: Option<(ConsentState, i64)>, is_wanted, expected: ConsentState| {
            let wish = Wish::of(Channel::Email, is_wanted, "by a link".to_owned());
            let after = wish.granted(&customer(held), at(5));
            let consent = after.email_consent.clone().unwrap();
            assert_eq!(consent.state, expected, "{held:?} then {is_wanted}");
            assert!(consent.at >= at(5) || held.is_some_and(|(state, _)| state == expected));
            assert_eq!(after.sms_consent, None, "nothing was said of it");
            assert_eq!(wish.granted(&after, at(9)), after, "told twice");
        };
        for held in [
            None,
            Some((Subscribed, 1)),
            Some((NotSubscribed, 1)),
            Some((Subscribed, 5)),
            Some((Subscribed, 60)),
        ] {
            check(held, false, Unsubscribed);
        }
        for second in [1, 5, 60] {
            check(Some((Unsubscribed, second)), true, Subscribed);
        }
        check(Some((Unsubscribed, 1)), false, Unsubscribed);
        for stays in [Invalid, Redacted] {
            check(Some((stays, 5)), false, stays);
        }
    }

    #[test]
    fn a_topic_is_declined_and_wanted_again_and_what_is_not_spoken_of_stays() {
        let wish = |topics: &[(Kind, bool)]| Wish { topics: topics.to_vec(), ..Wish::default() };
        let before = customer(Some((ConsentState::Subscribed, 1)));
        let after = wish(&[(Kind::Newsletter, false), (Kind::Reminder, false)]).granted(&before, at(5));
        assert_eq!(after.declined.kinds().collect::<Vec<_>>(), [Kind::Newsletter, Kind::Reminder]);
        assert_eq!(after.email_consent, before.email_consent, "nothing was said of it");
        let last = after.changes.last().unwrap();
        assert_eq!(
            (last.by, last.what.names().collect::<Vec<_>>()),
            (ChangedBy::Customer, vec!["declined_topics"])
        );
        let again = wish(&[(Kind::Reminder, true), (Kind::Transactional, false)]).granted(&after, at(6));
        assert_eq!(again.declined.kinds().collect::<Vec<_>>(), [Kind::Newsletter]);
        assert_eq!(wish(&[(Kind::Newsletter, false)]).granted(&again, at(7)), again, "told twice");
    }

    #[test]
    fn it_is_kept_who_said_so_and_how() {
        let wish = Wish::of(Channel::Email, false, "by a link".to_owned());
        let before = customer(Some((ConsentState::Subscribed, 1)));
        let after = wish.granted(&before, at(5));
        let consent = after.email_consent.as_ref().unwrap();
        assert_eq!((consent.source, consent.method.as_deref()), (ConsentSource::Person, Some("by a link")));
        assert_eq!(after.changes.last().unwrap().by, ChangedBy::Customer);
        let late =
            Consent { source: ConsentSource::Shopify, state: ConsentState::Subscribed, ..consent.clone() };
        for second in [1, 5] {
            let mut told = after.clone();
            told.consent_told(Channel::Email, &Consent { at: at(second), ..late.clone() });
            assert_eq!(
                told.email_consent, after.email_consent,
                "an older word of the shop's takes nothing back"
            );
        }
    }
}

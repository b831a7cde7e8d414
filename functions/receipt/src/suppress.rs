//! What follows from a receipt for the address that was written to.
//!
//! A hard bounce, a complaint and whoever wants no more suppress at once; letters that were not taken for now do so when there
//! are enough of them in a row, which is found in the messages themselves: nothing is counted beside them, so a receipt that
//! comes twice counts once, and one letter that arrived begins anew.

use domain::{
    CampaignId, ConsentState, Customer, EmailAddress, Phone, Timestamp,
    campaign::{Actor, Fate, Message, MessageId, Why},
    customer::{ChangedBy, CustomerKind},
    receipt::{Bounce, Happened},
    suppression::{Cause, SOFT_BOUNCE_DAYS, SOFT_BOUNCES, Suppressed},
    template::Channel,
    timeline::{Event, Written},
};
use flows::{
    FlowError, keeping,
    record::{Record, has_changed_since},
    seal::Seals,
    wishes::{self, Wish},
};
use jiff::SignedDuration;
use store::TenantStore;

use crate::{Deps, chunk::Told};

/// Events of a person that are read at once.
const EVENTS_AT_ONCE: u32 = 50;
/// How many merges are followed.
const MERGES_MAX: usize = 8;

pub(crate) struct Suppressing<'a> {
    pub deps: &'a Deps,
    pub store: &'a TenantStore,
    pub campaign: CampaignId,
    pub number: u32,
}

/// Whether more follows from it than the message's own state.
fn is_about_the_address(what: &Happened) -> bool {
    matches!(what, Happened::Bounced { .. } | Happened::Complained { .. } | Happened::Unsubscribed)
}

impl Suppressing<'_> {
    /// Of messages as they are now. `risen`: those that came back, and have arrived after all.
    pub(crate) async fn follow(
        &self,
        told: &[&Told],
        messages: &[Message],
        risen: &[usize],
    ) -> Result<(), FlowError> {
        let of_addresses = told.iter().filter(|told| is_about_the_address(&told.what));
        let places: std::collections::BTreeSet<usize> =
            of_addresses.map(|told| told.place).chain(risen.iter().copied()).collect();
        if places.is_empty() {
            return Ok(());
        }
        let Some(campaign) = self.store.campaign(self.campaign).await? else { return Ok(()) };
        let Some(planned) = self.store.plan(self.campaign).await? else { return Ok(()) };
        let Some(stretch) = planned.plan.stretch(self.number) else { return Ok(()) };
        let slots = self.store.people_of(self.campaign, &planned, &stretch).await?;
        for place in places {
            let (Some(slot), Some(message)) = (slots.get(place), messages.get(place)) else { continue };
            let Some(id) = self.store.customer_at(*slot).await? else { continue };
            let Some(customer) = self.present(id).await? else { continue };
            let is_another =
                message.sent_at.is_some_and(|at| has_changed_since(&customer, campaign.channel.into(), at));
            if is_another {
                tracing::info!(campaign = %self.campaign, "an address that came back is nobody's any more");
                continue;
            }
            let words = told.iter().filter(|told| told.place == place);
            self.followed(&customer, campaign.channel, words.copied(), place).await?;
        }
        Ok(())
    }

    async fn followed<'t>(
        &self,
        customer: &Customer,
        channel: Channel,
        words: impl Iterator<Item = &'t Told>,
        place: usize,
    ) -> Result<(), FlowError> {
        let address = match channel {
            Channel::Sms => customer.phone.as_ref().map(Phone::as_str),
            Channel::Email => customer.email.as_ref().map(EmailAddress::as_str),
        };
        let Some(address) = address else { return Ok(()) };
        let seals = Seals::new(self.deps.keys.clone(), self.deps.dice.clone());
        let record = Record {
            store: self.store,
            seals: &seals,
            clock: &*self.deps.clock,
            dice: &*self.deps.dice,
            by: ChangedBy::Program,
            // No amount is told here.
            currency_changes: 0,
        };
        let address = record.known_by(channel.into(), address).await?;
        let place = u8::try_from(place).map_err(FlowError::broken)?;
        let message =
            MessageId { tenant: self.store.id(), campaign: self.campaign, chunk: self.number, place };
        let mut shards = Vec::new();
        for told in words {
            if let Some(cause) = cause(&told.what) {
                let told = Suppressed { cause, since: told.at, message: Some(message), by: Actor::Us };
                shards.extend(record.done(|| record.suppressed(&address, told)).await?.shards);
            }
            if matches!(told.what, Happened::Unsubscribed) {
                self.left(customer, channel, told.at).await?;
            }
        }
        let run = self.run(customer, channel).await?;
        let told = run.map(|since| Suppressed {
            cause: Cause::SoftBounce,
            since,
            message: Some(message),
            by: Actor::Us,
        });
        shards.extend(record.done(|| record.not_taken(&address, told)).await?.shards);
        keeping::asked(&*self.deps.tasks, self.store.id(), shards).await
    }

    /// Who says it to a provider says it to the shop: unless they have agreed again since.
    async fn left(&self, customer: &Customer, channel: Channel, at: Timestamp) -> Result<(), FlowError> {
        let held = customer.consent(channel.into());
        if held.is_some_and(|held| held.state == ConsentState::Subscribed && held.at > at) {
            return Ok(());
        }
        let wish = Wish::of(channel.into(), false, "told to the provider of a message".to_owned());
        wishes::kept((self.store, &*self.deps.tasks), customer.id, &wish, self.deps.clock.now())
            .await
            .map(drop)
    }

    /// As they are, or whoever they have become part of.
    async fn present(&self, id: domain::CustomerId) -> Result<Option<Customer>, FlowError> {
        let mut id = id;
        for _ in 0..MERGES_MAX {
            let Some(customer) = self.store.customer(id).await? else { return Ok(None) };
            match customer.kind {
                CustomerKind::Merged(heir) => id = heir,
                CustomerKind::Erased => return Ok(None),
                _ => return Ok(Some(customer.into_inner())),
            }
        }
        Ok(None)
    }

    /// Since when there are enough in a row that were not taken for now.
    async fn run(&self, customer: &Customer, channel: Channel) -> Result<Option<Timestamp>, FlowError> {
        let from = self.deps.clock.now() - SignedDuration::from_hours(24 * SOFT_BOUNCE_DAYS);
        let (mut run, mut after) = (Vec::new(), None::<String>);
        loop {
            let read = self.store.events(customer.id, EVENTS_AT_ONCE, after.as_deref()).await?;
            let is_last = read.events.iter().any(|(at, _)| *at < from);
            let written: Vec<MessageId> = read
                .events
                .into_iter()
                .filter_map(|(at, event)| match event {
                    Event::Written(Written { message, channel: by, .. }) if by == channel && at >= from => {
                        Some(message)
                    }
                    _ => None,
                })
                .collect();
            let found = self.store.messages(&written).await?;
            for id in &written {
                let Some(message) = found.get(id) else { continue };
                match (message.fate, message.why) {
                    (Fate::Bounced, Some(Why::SoftBounce)) => run.extend(message.settled_at),
                    // The address was never asked.
                    (Fate::Skipped | Fate::Failed, _) => {}
                    _ => return Ok(enough(&run)),
                }
            }
            match read.next.filter(|_| !is_last) {
                Some(next) => after = Some(next),
                None => return Ok(enough(&run)),
            }
        }
    }
}

/// Newest first; the oldest of them that made it enough.
fn enough(run: &[Timestamp]) -> Option<Timestamp> {
    run.len().checked_sub(SOFT_BOUNCES).map(|place| run[place])
}

fn cause(what: &Happened) -> Option<Cause> {
    match what {
        Happened::Bounced { bounce: Bounce::Hard, .. } => Some(Cause::HardBounce),
        Happened::Complained { .. } => Some(Cause::Complaint),
        Happened::Unsubscribed => Some(Cause::Unsubscribe),
        _ => None,
    }
}

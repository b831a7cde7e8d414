//! What follows when somebody answers a text: their wish is kept, whoever they are, and also where nobody is known to have the
//! number. One number may be a customer's and a member's.

use domain::{
    Answered, CustomerId, Phone, Timestamp,
    campaign::Actor,
    customer::ChangedBy,
    suppression::{Cause, Lifted, Suppressed},
    timeline::Channel,
};
use store::{AddressDigest, StoreError, TenantStore, Way};

use crate::{
    Clock, Dice, FlowError, Tasks, keeping,
    record::Record,
    seal::Seals,
    wishes::{self, Kept, Wish},
};

/// As often as a telephone changes at the same moment.
const TRIES: usize = 8;

/// The shop that they answered, and what changing its record takes.
pub struct By<'a> {
    pub store: &'a TenantStore,
    pub seals: &'a Seals,
    pub clock: &'a dyn Clock,
    pub dice: &'a dyn Dice,
    pub tasks: &'a dyn Tasks,
}

pub async fn answered(by: &By<'_>, from: &Phone, said: Answered) -> Result<(), FlowError> {
    let record = Record {
        store: by.store,
        seals: by.seals,
        clock: by.clock,
        dice: by.dice,
        by: ChangedBy::Customer,
        // No amount is told here.
        currency_changes: 0,
    };
    let number = record.known_by(Way::Phone, from.as_str()).await?;
    let whose = by.store.customers_with(std::slice::from_ref(&number)).await?.pop().flatten();
    let now = by.clock.now();
    members_answered(by, from, said, now).await?;
    match said {
        Answered::Help => Ok(()),
        Answered::Stop => {
            let is_kept = wished(by, whose, &wish(false, "STOP"), now).await?;
            if is_kept { Ok(()) } else { stranger_left(by, &record, &number, now).await }
        }
        Answered::Start => {
            stranger_is_back(by, &record, &number, now).await?;
            wished(by, whose, &wish(true, "START"), now).await.map(drop)
        }
    }
}

/// Of members, it is a word about our own texts to them as well.
async fn members_answered(
    by: &By<'_>,
    from: &Phone,
    said: Answered,
    now: Timestamp,
) -> Result<(), FlowError> {
    for held in by.store.telephones().await? {
        let mut held = Some(held).filter(|held| held.number == *from);
        let mut done = Ok(());
        for _ in 0..TRIES {
            let Some(after) = held.as_ref().and_then(|held| held.answered(said, now)) else { break };
            done = by.store.commit(vec![by.store.telephone_put(held.as_ref(), &after)]).await;
            if !matches!(done, Err(StoreError::Conflict(_))) {
                break;
            }
            // A code was tried, or the number is theirs no more.
            held = by.store.telephone(after.user).await?.filter(|held| held.number == *from);
            done = if held.is_some() { done } else { Ok(()) };
        }
        done?;
    }
    Ok(())
}

fn wish(is_wanted: bool, word: &str) -> Wish {
    Wish::of(Channel::Sms, is_wanted, format!("by the answer {word} to a text"))
}

/// Whether there is anybody whose wish it is.
async fn wished(
    by: &By<'_>,
    whose: Option<CustomerId>,
    wish: &Wish,
    now: Timestamp,
) -> Result<bool, FlowError> {
    let Some(customer) = whose else { return Ok(false) };
    let kept = wishes::kept((by.store, by.tasks), customer, wish, now).await?;
    Ok(!matches!(kept, Kept::Gone))
}

/// Whoever comes with the number later has left already.
async fn stranger_left(
    by: &By<'_>,
    record: &Record<'_>,
    number: &AddressDigest,
    now: Timestamp,
) -> Result<(), FlowError> {
    let told = Suppressed { cause: Cause::Unsubscribe, since: now, message: None, by: Actor::Us };
    let plan = record.done(|| record.suppressed(number, told)).await?;
    keeping::asked(by.tasks, by.store.id(), plan.shards).await
}

/// What stands there for another reason stays.
async fn stranger_is_back(
    by: &By<'_>,
    record: &Record<'_>,
    number: &AddressDigest,
    now: Timestamp,
) -> Result<(), FlowError> {
    let why = Some("they answered START to a text".to_owned());
    let lifted = Lifted { at: now, by: Actor::Us, why };
    let theirs = |on: &Suppressed| match on.cause {
        Cause::Unsubscribe => Ok(()),
        _ => Err(FlowError::NotFound("suppression")),
    };
    match record.done(|| record.unsuppressed(number, &lifted, theirs)).await {
        Ok(plan) => keeping::asked(by.tasks, by.store.id(), plan.shards).await,
        Err(FlowError::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

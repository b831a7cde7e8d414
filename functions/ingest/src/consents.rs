//! Tells the shop what its customers have told us: whether they want to be written to.
//!
//! What they want stands in our record already, and holds here whatever the shop says of before. It is told as it is when it
//! is told: twice is as good as once. Where the shop does not take it, the record says so.

use domain::{
    Consent, ConsentSource, Customer, CustomerId, Reason, TenantId, Timestamp, timeline::Channel,
    untold::Untold,
};
use flows::{FlowError, Left, Unanswered, seal::Seals};
use jiff::SignedDuration;
use shopify::graph::{EmailConsent, Refusal, SmsConsent};
use store::{Held, HeldCustomer, Orders, StoreError, TenantStore};

use crate::Deps;

/// A shop that has not answered for so long is told no more.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(72);
/// As long as a message can wait.
const WAIT_SECONDS_MAX: i64 = 900;

/// What came of telling.
enum Told {
    Yes,
    /// It may be taken later.
    Later(Option<SignedDuration>),
    /// It is not taken, and why.
    Not(String),
}

pub(crate) async fn due(
    deps: &Deps,
    tenant: TenantId,
    customer: CustomerId,
    channel: Channel,
) -> Result<(), FlowError> {
    let (store, now) = (deps.store.for_task(tenant), deps.clock.now());
    let Some(untold) = store.untold(customer, channel).await? else { return Ok(()) };
    let held = store.customer_held(customer).await?.filter(|held| !held.is_gone());
    // Somebody who is gone wants nothing; and what the shop has said since is no news to it.
    let own =
        held.as_ref().and_then(|held| held.consent(channel)).filter(|it| it.source == ConsentSource::Person);
    let (Some(held), Some(own)) = (&held, own) else { return ended(&store, &untold).await };
    let why = match Box::pin(told(deps, &store, customer, channel, own)).await? {
        Told::Yes => return ended(&store, &untold).await,
        Told::Later(wait) if now.duration_since(untold.since) < GIVEN_UP => {
            return later(deps, &store, &untold, wait, now).await;
        }
        Told::Later(_) => "it has not answered for three days".to_owned(),
        Told::Not(why) => why,
    };
    tracing::warn!(tenant = %tenant, %customer, channel = channel.name(), "a shop was not told what its customer wants");
    noted(&store, &untold, held, own, &why).await
}

async fn told(
    deps: &Deps,
    store: &TenantStore,
    customer: CustomerId,
    channel: Channel,
    own: &Consent,
) -> Result<Told, FlowError> {
    let CustomerId::Shopify(number) = customer else { return Ok(Told::Yes) };
    let seals = Seals::new(deps.keys.clone(), deps.dice.clone());
    let shop = (store, &seals);
    let nothing = || Told::Not("it takes no such word".to_owned());
    let answered = match channel {
        Channel::Email => match EmailConsent::of(number, own) {
            Some(ask) => deps.shops.ask(shop, &ask).await.map(drop),
            None => return Ok(nothing()),
        },
        Channel::Sms => match SmsConsent::of(number, own) {
            Some(ask) => deps.shops.ask(shop, &ask).await.map(drop),
            None => return Ok(nothing()),
        },
    };
    Ok(match answered {
        Ok(()) => Told::Yes,
        // Who connects it again has it told then, if that is soon.
        Err(Unanswered::Closed(_) | Unanswered::Failed(FlowError::Unavailable(_))) => Told::Later(None),
        Err(Unanswered::Refused(refused)) => match refused.why {
            why if why.passes() => Told::Later(why.wait()),
            Refusal::Unauthorized | Refusal::Frozen | Refusal::Locked | Refusal::NotFound => {
                Told::Later(None)
            }
            why => Told::Not(why.to_string()),
        },
        Err(Unanswered::Failed(error)) => return Err(error),
    })
}

/// They have told another thing meanwhile: that is told by its own message.
async fn ended(store: &TenantStore, untold: &Held<Untold>) -> Result<(), FlowError> {
    match store.commit(vec![store.untold_ended(untold)]).await {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// After the time that was told, if one was. Else the clock asks again, each time twice as late.
async fn later(
    deps: &Deps,
    store: &TenantStore,
    untold: &Held<Untold>,
    wait: Option<SignedDuration>,
    now: Timestamp,
) -> Result<(), FlowError> {
    if let Some(wait) = wait {
        let [dice, ..] = deps.roll();
        let seconds = wait.as_secs().saturating_add(1 + i64::from(dice) % 8).clamp(1, WAIT_SECONDS_MAX);
        let delay_seconds = u32::try_from(seconds).unwrap_or(1);
        let (customer, channel) = (untold.customer, untold.channel);
        let task = domain::Task::TellConsent { tenant: store.id(), customer, channel };
        deps.tasks.leave(vec![Left { task, delay_seconds }]).await?;
    }
    let asked = Untold::clone(untold).asked(now);
    match store.commit(vec![store.untold_changed(untold, &asked)]).await {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Ours holds, and says that the shop does not know of it.
async fn noted(
    store: &TenantStore,
    untold: &Held<Untold>,
    held: &HeldCustomer,
    own: &Consent,
    why: &str,
) -> Result<(), FlowError> {
    let how = own.method.as_deref().unwrap_or("by themselves");
    let method = Some(format!("{how}; the shop was not told: {}", Reason::of(why)));
    let own = Consent { method, ..own.clone() };
    let mut after = Customer::clone(held);
    match untold.channel {
        Channel::Email => after.email_consent = Some(own.clone()),
        Channel::Sms => after.sms_consent = Some(own.clone()),
    }
    let steps = vec![
        store.customer_changed(held, &after, Orders::new()),
        store.consent_noted(after.id, untold.channel, &own),
        store.untold_ended(untold),
    ];
    store.commit(steps).await.map_err(Into::into)
}

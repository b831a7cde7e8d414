//! What people and merchants do while a campaign is under way: each as the product does it for them, and again until it is done.

use domain::{
    ConsentSource, ConsentState, EmailAddress, Phone, Task, Tenant, TenantStatus,
    campaign::{Act, Actor, Moved},
    customer::ChangedBy,
    suppression::{Cause, Suppressed},
    template, timeline,
};
use flows::{
    FlowError,
    privacy::Person,
    record::Record,
    seal::Seals,
    wishes::{self, Wish},
};
use std::time::Duration;
use store::{TenantStore, Way};

use crate::{
    outside::Outside,
    scene::{Deed, How},
    shop::{self, Functions},
};

pub(crate) async fn done(functions: &Functions, outside: &Outside, deed: Deed) -> Result<(), FlowError> {
    let store = functions.campaign.store.for_task(shop::tenant());
    match deed {
        Deed::Launch => moved(functions, &store, Act::Launch).await,
        Deed::Pause => moved(functions, &store, Act::Pause).await,
        Deed::Resume => moved(functions, &store, Act::Resume).await,
        Deed::Cancel => moved(functions, &store, Act::Cancel).await,
        Deed::Withdraw(who, how) => withdrawn(functions, &store, who, how).await,
        Deed::Stop => standing(&store, TenantStatus::Suspended).await,
        Deed::GoOn => standing(&store, TenantStatus::Active).await,
        Deed::Redrive => {
            let state = &mut *outside.state();
            for _ in 0..3 {
                let place = state.rolls.place(state.queue.ever.len());
                if let Some(task) = state.queue.ever.get(place).cloned() {
                    state.queue.put(state.now, task, 0);
                }
            }
            Ok(())
        }
    }
}

/// As the API does it. What cannot be done now is told, and that is that.
async fn moved(functions: &Functions, store: &TenantStore, act: Act) -> Result<(), FlowError> {
    let Some(held) = store.campaign(shop::campaign()).await? else { return Ok(()) };
    let (now, name) = (functions.campaign.clock.now(), act.name());
    let is_to_be_kept = matches!(act, Act::Launch | Act::Resume | Act::Cancel);
    let Ok(after) = held.moved(act, now) else { return Ok(()) };
    let told = Moved::of(name, &after, Actor::User(shop::user()), now);
    store.commit(vec![store.campaign_moved(&held, &after, &told)]).await?;
    if is_to_be_kept {
        let task = Task::KeepCampaign { tenant: shop::tenant(), campaign: shop::campaign() };
        // The clock asks for it, too.
        drop(functions.campaign.tasks.leave(vec![task.into()]).await);
    }
    Ok(())
}

async fn standing(store: &TenantStore, status: TenantStatus) -> Result<(), FlowError> {
    let Some(held) = store.tenant().await? else { return Ok(()) };
    let after = Tenant { status, ..Tenant::clone(&held) };
    Ok(store.commit(vec![store.tenant_changed(&held, &after)]).await?)
}

async fn withdrawn(functions: &Functions, store: &TenantStore, who: u32, how: How) -> Result<(), FlowError> {
    let (id, clock) = (shop::person(who), &*functions.campaign.clock);
    let now = clock.now();
    let Some(held) = store.customer(id).await? else { return Ok(()) };
    let Some(campaign) = store.campaign(shop::campaign()).await? else { return Ok(()) };
    let (channel, way) = match campaign.channel {
        template::Channel::Email => (timeline::Channel::Email, Way::Email),
        template::Channel::Sms => (timeline::Channel::Sms, Way::Phone),
    };
    let seals = Seals::new(functions.keys.clone(), functions.dice.clone());
    let dice = &*functions.dice;
    let record = Record { store, seals: &seals, clock, dice, by: ChangedBy::Customer, currency_changes: 0 };
    let done = match how {
        How::ByLink => {
            let wish = Wish::of(channel, false, "by a link".to_owned());
            wishes::kept((store, &*functions.campaign.tasks), id, &wish, now).await.map(drop)
        }
        How::AtTheShop => {
            // The shop's clock is no earlier than the word that it told before.
            let at = now.max(shop::start() + Duration::from_millis(1));
            let told = shop::consent(ConsentState::Unsubscribed, ConsentSource::Shopify, at);
            let change = |customer: &mut domain::Customer| {
                customer.consent_told(channel, &told);
                Ok(())
            };
            record.done(|| record.customer_changed(id, change)).await.map(drop)
        }
        How::Erased => {
            let person = record.somebody_found(Person::default(), Some(id)).await?;
            record.somebody_forgotten(&person, now).await.map(drop)
        }
        How::OnTheList => {
            let address = match way {
                Way::Phone => held.phone.as_ref().map(Phone::as_str),
                _ => held.email.as_ref().map(EmailAddress::as_str),
            };
            let Some(address) = address else { return Ok(()) };
            let address = record.known_by(way, address).await?;
            let by = Actor::User(shop::user());
            let told = Suppressed { cause: Cause::Manual, since: now, message: None, by };
            record.done(|| record.suppressed(&address, told)).await.map(drop)
        }
    };
    match done {
        // Somebody who is nobody any more wants nothing.
        Err(FlowError::NotFound(_)) => Ok(()),
        done => done,
    }
}

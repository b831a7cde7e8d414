//! A shop's data end, 48 hours after the merchant has removed the app: all that is its tenant's, step by step.
//!
//! First nobody can act in the tenant any more, then nobody is in it, then nothing is. Members keep their sign-in, and what
//! they are in other tenants.

use columns::ShardNumber;
use domain::{
    Connection, ConnectionState, CustomerId, Task, Tenant, TenantStatus, Timestamp,
    privacy::{Asks, Done, Request, Sifting, State},
};
use flows::{FlowError, files::FileName, senders};
use futures::{StreamExt, TryStreamExt, stream};
use store::Held;

use super::{
    Desk, files,
    traces::{self, Rest},
};
use crate::STRETCH;

/// Customers that end side by side.
const AT_ONCE: usize = 16;
const LISTED_AT_ONCE: u32 = 100;
const NAMELESS: &str = "Erased";

pub(super) async fn closed(desk: &Desk<'_>, held: &Held<Request>) -> Result<(), FlowError> {
    if held.state == State::Open
        && let Some(why) = in_the_way(desk, held).await?
    {
        let refused = Request::clone(held).ended(State::Refused { why }, desk.deps.clock.now());
        return desk.left(held, refused).await;
    }
    let former = since_when_anothers(desk, held).await?;
    let held = &former.unwrap_or_else(|| held.clone());
    let until = desk.deps.clock.now() + STRETCH;
    let letters = traces::letters_gone(desk, held, None).await?;
    let Rest::Nothing(sifting) = letters.rest else { return desk.gone_on_with(held, letters).await };
    let mut done = Done { letters: letters.gone, ..held.done.parts() };
    if let Some(why) = let_go(desk, held).await? {
        let letters = held.done.and(Done { letters: letters.gone, ..Done::default() });
        let refused = Request { done: letters, ..Request::clone(held) };
        return desk.left(held, refused.ended(State::Refused { why }, desk.deps.clock.now())).await;
    }
    for shard in ShardNumber::of_first(desk.store.slots().await?) {
        shard_closed(desk, shard, &mut done).await?;
        if desk.deps.clock.now() >= until {
            return gone_on_with(desk, held, (done, sifting)).await;
        }
    }
    desk.store.products_ended().await?;
    desk.store.notes_ended().await?;
    desk.store.campaigns_ended().await?;
    if files_gone(desk, &mut done, until).await? {
        return gone_on_with(desk, held, (done, sifting)).await;
    }
    let (all, now) = (&desk.deps.store, desk.deps.clock.now());
    senders::let_go((all, desk.store), &*desk.deps.farewells, now).await?;
    requests_outlived(desk).await?;
    desk.store.own_ended().await?;
    desk.left(held, Request::clone(held).erased(done, desk.deps.clock.now())).await
}

/// The time is up: the next message goes on.
async fn gone_on_with(
    desk: &Desk<'_>,
    held: &Held<Request>,
    (done, sifting): (Done, Sifting),
) -> Result<(), FlowError> {
    let counted = Request { done: held.done.and(done), sifting: Some(sifting), ..Request::clone(held) };
    desk.moved_on(held, counted.asked_again(desk.deps.clock.now())).await?;
    let task = Task::AnswerRequest { tenant: desk.store.id(), request: held.id };
    desk.deps.tasks.leave(vec![task.into()]).await
}

/// The merchant has come back: it is their shop again.
async fn in_the_way(desk: &Desk<'_>, request: &Request) -> Result<Option<String>, FlowError> {
    Ok(desk.store.connection().await?.and_then(|connection| why_not(&connection, request)))
}

/// Its directory names another by now, since some time after this one lost it: what was told since is theirs. `None`: it does not, or that
/// is kept with the request already, as the connection ends before all is done.
async fn since_when_anothers(
    desk: &Desk<'_>,
    held: &Held<Request>,
) -> Result<Option<Held<Request>>, FlowError> {
    if held.forgotten_at.is_some() {
        return Ok(None);
    }
    let Some(connection) = desk.store.connection().await? else { return Ok(None) };
    let owner = desk.deps.store.shop_owner(&connection.shop).await?;
    if owner.is_none_or(|owner| owner.tenant == desk.store.id()) {
        return Ok(None);
    }
    let ended = Request { forgotten_at: Some(connection.changed_at), ..Request::clone(held) };
    desk.moved_on(held, ended).await.map(Some)
}

fn why_not(connection: &Connection, request: &Request) -> Option<String> {
    let is_back =
        connection.state == ConnectionState::Connected || connection.connected_at > request.received_at;
    is_back.then(|| "the shop has been connected again since".to_owned())
}

/// Nobody can act in the tenant any more, and the shop is nobody's. `Conflict` if the merchant comes back at this moment; why not,
/// if they have come back before it.
async fn let_go(desk: &Desk<'_>, request: &Request) -> Result<Option<String>, FlowError> {
    let store = desk.store;
    let tenant = store.tenant().await?.ok_or(FlowError::NotFound("tenant"))?;
    if tenant.status != TenantStatus::Erased {
        let name = NAMELESS.parse().map_err(FlowError::broken)?;
        let ended = Tenant { name, shop: None, status: TenantStatus::Erased, ..Tenant::clone(&tenant) };
        let mut steps = vec![store.tenant_changed(&tenant, &ended)];
        if let Some(held) = store.connection().await? {
            // Dead letters were searched since it was looked at.
            if let Some(why) = why_not(&held, request) {
                return Ok(Some(why));
            }
            let state = if held.state.is_end() { held.state } else { ConnectionState::Uninstalled };
            let over = Connection::clone(&held).ended(state, desk.deps.clock.now());
            steps.push(store.connection_changed(&held, &over));
            let owner = desk.deps.store.shop_owner(&held.shop).await?;
            let owner = owner.filter(|owner| owner.tenant == store.id());
            steps.extend(owner.map(|owner| store.shop_ended(&held.shop, &owner)));
        }
        store.commit(steps).await?;
    }
    for key in store.api_keys().await? {
        store.commit(vec![store.api_key_revoked(&key)]).await?;
    }
    for member in store.members().await? {
        store.commit(vec![store.member_left(&member)]).await?;
    }
    let tenant = store.tenant().await?.ok_or(FlowError::NotFound("tenant"))?;
    let nobodys = Tenant { owners: 0, members: 0, ..Tenant::clone(&tenant) };
    if nobodys != *tenant {
        store.commit(vec![store.tenant_changed(&tenant, &nobodys)]).await?;
    }
    Ok(None)
}

/// What else was asked of the shop ends with it: whom that was about is sealed with the key that goes now.
async fn requests_outlived(desk: &Desk<'_>) -> Result<(), FlowError> {
    let mut after = None;
    loop {
        let (requests, next) = desk.store.requests(LISTED_AT_ONCE, after).await?;
        for request in requests.iter().filter(|it| it.is_open() && it.asks != Asks::ShopErasure) {
            desk.moved_on(request, Request::clone(request).outlived(desk.deps.clock.now())).await?;
        }
        after = next;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn shard_closed(desk: &Desk<'_>, shard: ShardNumber, done: &mut Done) -> Result<(), FlowError> {
    let all: Vec<CustomerId> =
        desk.store.directory(shard).await?.into_iter().map(|(_, customer)| customer).collect();
    let ended = stream::iter(all.clone()).map(|customer| customer_closed(desk, customer));
    let orders: Vec<u64> = ended.buffer_unordered(AT_ONCE).try_collect().await?;
    done.customers += all.len() as u64;
    done.orders += orders.iter().sum::<u64>();
    Ok(desk.store.shard_ended(shard).await?)
}

async fn customer_closed(desk: &Desk<'_>, id: CustomerId) -> Result<u64, FlowError> {
    if let Some(customer) = desk.store.customer(id).await? {
        let record = desk.record().await?;
        let addresses = record.digests(customer.email.as_ref(), customer.phone.as_ref()).await?;
        desk.store.addresses_ended(&addresses.into_iter().collect::<Vec<_>>()).await?;
    }
    Ok(desk.store.customer_ended(id).await?)
}

/// Whatever merchants brought and took, what was gathered of people, and bodies of events. What names a file goes with it, so that whoever
/// goes on comes further. Says whether the time is up.
async fn files_gone(desk: &Desk<'_>, done: &mut Done, until: Timestamp) -> Result<bool, FlowError> {
    let is_over = || desk.deps.clock.now() >= until;
    loop {
        let (jobs, next) = desk.store.jobs(LISTED_AT_ONCE, None).await?;
        for job in jobs {
            let name = |part| FileName::Job { tenant: desk.store.id(), job: job.id, part };
            done.files += gone(desk, files::parts(&job).into_iter().map(name).collect()).await?;
            desk.store.jobs_ended(std::iter::once(job.id)).await?;
            if is_over() {
                return Ok(true);
            }
        }
        if next.is_none() {
            break;
        }
    }
    loop {
        let (noted, next) = desk.store.events_noted(LISTED_AT_ONCE, None).await?;
        for event in noted {
            done.events += gone(desk, event.body.map(FileName::Event).into_iter().collect()).await?;
            desk.store.events_ended(std::iter::once((event.at, event.id))).await?;
            if is_over() {
                return Ok(true);
            }
        }
        if next.is_none() {
            break;
        }
    }
    let mut after = None;
    loop {
        let (requests, next) = desk.store.requests(LISTED_AT_ONCE, after).await?;
        let data = requests.iter().filter(|request| request.asks == Asks::Data);
        let names = data.map(|told| FileName::Person { tenant: desk.store.id(), request: told.id });
        done.files += gone(desk, names.collect()).await?;
        after = next;
        if after.is_none() {
            return Ok(false);
        }
    }
}

/// Says how many of them were there.
async fn gone(desk: &Desk<'_>, names: Vec<FileName>) -> Result<u64, FlowError> {
    let mut gone = 0;
    for name in names {
        if desk.deps.files.bytes(name).await?.is_some() {
            desk.deps.files.remove(name).await?;
            gone += 1;
        }
    }
    Ok(gone)
}

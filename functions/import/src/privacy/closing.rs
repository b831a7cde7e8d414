//! A shop's data end, 48 hours after the merchant has removed the app: all that is its tenant's, step by step.
//!
//! First nobody can act in the tenant any more, then nobody is in it, then nothing is. Members keep their sign-in, and what
//! they are in other tenants.

use columns::ShardNumber;
use domain::{
    Connection, ConnectionState, CustomerId, Task, Tenant, TenantStatus,
    privacy::{Asks, Done, Request, State},
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
    let began = desk.deps.clock.now();
    let letters = traces::letters_gone(desk, held, None).await?;
    let Rest::Nothing(sifting) = letters.rest else { return desk.gone_on_with(held, letters).await };
    let mut done = Done { letters: letters.gone, ..held.done.parts() };
    let_go(desk).await?;
    for shard in ShardNumber::of_first(desk.store.slots().await?) {
        shard_closed(desk, shard, &mut done).await?;
        if desk.deps.clock.now().duration_since(began) >= STRETCH {
            let (done, sifting) = (held.done.and(done), Some(sifting));
            let counted = Request { done, sifting, ..Request::clone(held) };
            desk.moved_on(held, counted.asked_again(desk.deps.clock.now())).await?;
            let task = Task::AnswerRequest { tenant: desk.store.id(), request: held.id };
            return desk.deps.tasks.leave(vec![task.into()]).await;
        }
    }
    desk.store.products_ended().await?;
    desk.store.notes_ended().await?;
    desk.store.campaigns_ended().await?;
    (done.files, done.events) = (files_gone(desk).await?, events_gone(desk).await?);
    let (all, now) = (&desk.deps.store, desk.deps.clock.now());
    senders::let_go((all, desk.store), &*desk.deps.farewells, now).await?;
    desk.store.own_ended().await?;
    desk.left(held, Request::clone(held).erased(done, desk.deps.clock.now())).await
}

/// The merchant has come back: it is their shop again.
async fn in_the_way(desk: &Desk<'_>, request: &Request) -> Result<Option<String>, FlowError> {
    let Some(connection) = desk.store.connection().await? else { return Ok(None) };
    let is_back =
        connection.state == ConnectionState::Connected || connection.connected_at > request.received_at;
    Ok(is_back.then(|| "the shop has been connected again since".to_owned()))
}

/// Nobody can act in the tenant any more, and the shop is nobody's. `Conflict` if the merchant comes back at this moment.
async fn let_go(desk: &Desk<'_>) -> Result<(), FlowError> {
    let store = desk.store;
    let tenant = store.tenant().await?.ok_or(FlowError::NotFound("tenant"))?;
    if tenant.status != TenantStatus::Erased {
        let name = NAMELESS.parse().map_err(FlowError::broken)?;
        let ended = Tenant { name, shop: None, status: TenantStatus::Erased, ..Tenant::clone(&tenant) };
        let mut steps = vec![store.tenant_changed(&tenant, &ended)];
        if let Some(held) = store.connection().await? {
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
    if nobodys == *tenant {
        return Ok(());
    }
    Ok(store.commit(vec![store.tenant_changed(&tenant, &nobodys)]).await?)
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

/// Whatever merchants brought and took, and what was gathered of people.
async fn files_gone(desk: &Desk<'_>) -> Result<u64, FlowError> {
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let (jobs, next) = desk.store.jobs(LISTED_AT_ONCE, after).await?;
        for job in jobs {
            let name = |part| FileName::Job { tenant: desk.store.id(), job: job.id, part };
            names.extend(files::parts(&job).into_iter().map(name));
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    let mut after = None;
    loop {
        let (requests, next) = desk.store.requests(LISTED_AT_ONCE, after).await?;
        let data = requests.iter().filter(|request| request.asks == Asks::Data);
        names.extend(data.map(|told| FileName::Person { tenant: desk.store.id(), request: told.id }));
        after = next;
        if after.is_none() {
            break;
        }
    }
    gone(desk, names).await
}

async fn events_gone(desk: &Desk<'_>) -> Result<u64, FlowError> {
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let after_this = after.as_ref().map(|(at, id): &(_, String)| (*at, id.as_str()));
        let (noted, next) = desk.store.events_noted(LISTED_AT_ONCE, after_this).await?;
        names.extend(noted.iter().filter_map(|event| event.body).map(FileName::Event));
        after = next;
        if after.is_none() {
            return gone(desk, names).await;
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

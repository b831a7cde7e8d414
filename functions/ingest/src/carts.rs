//! What is told of checkouts: which basket somebody was about to pay for, and whether they have left it behind.
//!
//! Of a checkout no name and no address is kept: whose it is, what it comes to, and, sealed, where they can go on.

use columns::ShardNumber;
use domain::{Cart, Customer, CustomerId, TenantId, customer::CustomerKind, event::Because};
use flows::{
    FlowError,
    record::{Record, WAY_BACK, Word},
    seal::Seals,
};
use shopify::{payload, told::CheckoutTold};

use crate::{
    Deps, Hands,
    apply::{self, Done},
    note, record_of,
};

/// Taken off, put down, and nothing more to do.
const STEPS_MAX: usize = 4;

pub(crate) async fn told(hands: &Hands<'_>, told: payload::Checkout) -> Result<Done, FlowError> {
    let told = match told.told(&hands.reading) {
        Ok(told) => told,
        Err(unkept) => return Ok(apply::refused(&unkept)),
    };
    let customer = whose(hands, &told).await?;
    if let Some(id) = customer
        && !is_somebody(hands, id).await?
    {
        return Ok(Done { because: Some(Because::Late), ..Done::default() });
    }
    // Of nobody's nothing is kept that leads to them.
    let way_back = match told.url.as_ref().filter(|_| customer.is_some()) {
        Some(url) => Some(hands.record.seals.seal(hands.store, WAY_BACK, url.expose().as_bytes()).await?),
        None => None,
    };
    let word = Cart {
        customer,
        total: told.total,
        way_back,
        updated_at: Some(told.updated_at),
        ended_at: told.completed_at,
        noted: None,
    };
    let record = &hands.record;
    kept(record, &told.token, apply::done(record, || record.cart_told(&told.token, &word)).await?).await
}

/// Shopify tells no instant of it.
pub(crate) async fn gone(hands: &Hands<'_>, token: Option<String>) -> Result<Done, FlowError> {
    let Some(token) = token else { return Ok(Done::default()) };
    let (record, at) = (&hands.record, hands.event.at());
    kept(record, &token, apply::done(record, || record.cart_ended(&token, at)).await?).await
}

async fn kept(record: &Record<'_>, token: &str, done: Done) -> Result<Done, FlowError> {
    let shards = settled(record, token).await?;
    Ok(Done { shards, ..done })
}

async fn settled(record: &Record<'_>, token: &str) -> Result<Vec<ShardNumber>, FlowError> {
    let mut shards = Vec::new();
    for _ in 0..STEPS_MAX {
        let step = record.done(|| record.cart_settled(token)).await?;
        shards.extend(step.shards);
        if !step.is_change {
            break;
        }
    }
    Ok(shards)
}

/// Its time has come.
pub(crate) async fn due(deps: &Deps, tenant: TenantId, token: &str) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let Some(counts_in) = store.counts_in().await? else { return Ok(()) };
    let seals = Seals::new(deps.keys.clone(), deps.dice.clone());
    let shards = settled(&record_of(deps, &store, &seals, counts_in), token).await?;
    note::tended(deps, &store, &shards).await;
    Ok(())
}

/// A word about somebody who is not here makes them; whoever is erased stays so, and whoever was merged is the other.
async fn is_somebody(hands: &Hands<'_>, id: CustomerId) -> Result<bool, FlowError> {
    let nothing = |_: &mut Customer| Ok(());
    if matches!(id, CustomerId::Shopify(_)) {
        hands.record.customer_told(&Word { id, at: None, tell: &nothing }).await?;
    }
    let known = hands.store.customer(id).await?;
    Ok(known.is_some_and(|known| known.kind != CustomerKind::Erased))
}

/// Who is named, or has an address that is.
async fn whose(hands: &Hands<'_>, told: &CheckoutTold) -> Result<Option<CustomerId>, FlowError> {
    if told.customer.is_some() {
        return Ok(told.customer);
    }
    let digests = hands.record.digests(told.email.as_ref(), told.phone.as_ref()).await?;
    let digests: Vec<_> = digests.into_iter().collect();
    Ok(hands.store.customers_with(&digests).await?.into_iter().flatten().next())
}

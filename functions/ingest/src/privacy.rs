//! What people ask of a shop by law: kept with its deadline, and left to whoever has the time to do it.
//!
//! A shop that its tenant has lost is asked for, too: what is kept of it is kept still. The request comes before its
//! message; if that is lost, the clock asks.

use std::collections::BTreeSet;

use domain::{
    CustomerId, OrderId, Task, TenantStatus,
    privacy::{Asks, Request},
};
use flows::{
    FlowError,
    privacy::{Person, request_of},
    sign::sha256_hex,
};
use shopify::{Topic, payload};
use store::StoreError;

use crate::{Hands, apply::Done};

/// Whether a topic is one of the law's.
pub(crate) fn is_asked(topic: &str) -> bool {
    let topic: Result<Topic, _> = topic.parse();
    matches!(topic, Ok(Topic::CustomersDataRequest | Topic::CustomersRedact | Topic::ShopRedact))
}

pub(crate) async fn data(hands: &Hands<'_>, asked: &payload::DataRequest) -> Result<Done, FlowError> {
    kept(hands, Asks::Data, asked.person().id(), Some(of(hands, asked.person(), asked.orders()))).await
}

pub(crate) async fn erasure(hands: &Hands<'_>, asked: &payload::Redaction) -> Result<Done, FlowError> {
    kept(hands, Asks::Erasure, asked.person().id(), Some(of(hands, asked.person(), asked.orders()))).await
}

/// 48 hours after the merchant has removed the app.
pub(crate) async fn shop_erasure(hands: &Hands<'_>) -> Result<Done, FlowError> {
    kept(hands, Asks::ShopErasure, None, None).await
}

fn of(hands: &Hands<'_>, told: &payload::Person, orders: impl Iterator<Item = OrderId>) -> Person {
    Person {
        emails: told.email().into_iter().collect(),
        phones: told.phone(&hands.reading).into_iter().collect(),
        orders: orders.collect::<BTreeSet<_>>(),
        ..Person::default()
    }
}

async fn kept(
    hands: &Hands<'_>,
    asks: Asks,
    customer: Option<CustomerId>,
    about: Option<Person>,
) -> Result<Done, FlowError> {
    let (store, now) = (hands.store, hands.record.clock.now());
    if store.tenant().await?.is_none_or(|tenant| tenant.status == TenantStatus::Erased) {
        // Nothing is kept there any more.
        return Ok(Done::default());
    }
    let about = match about {
        Some(person) => person.sealed(store, hands.seals).await?,
        // Its address is not kept, and no key to open what is sealed: by this its messages are known until the end.
        None => sha256_hex(hands.event.shop.as_str().as_bytes()).into_bytes(),
    };
    let request = Request::new(request_of(hands.event), asks, customer, about, now);
    let request = Request { received_at: hands.event.received_at.min(now), ..request };
    let is_new = match store.commit(vec![store.request_made(&request)]).await {
        Ok(()) => true,
        Err(StoreError::Conflict(_)) => false,
        Err(error) => return Err(error.into()),
    };
    hands.tasks.leave(vec![Task::AnswerRequest { tenant: store.id(), request: request.id }.into()]).await?;
    Ok(Done { is_changed: is_new, ..Done::default() })
}

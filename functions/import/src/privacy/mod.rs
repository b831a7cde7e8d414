//! What people ask of a shop by law, done: their data gathered in a file, or all of them forgotten.
//!
//! Every step may be done again: what is gone stays gone, and what came in between is found. Whoever dies leaves the
//! request as it was, and the clock asks for it again.

mod closing;
mod erasing;
mod files;
mod listing;
mod scores;
mod telling;
mod traces;
mod words;

use domain::{
    RequestId, Task, TenantId, TenantStatus,
    customer::ChangedBy,
    privacy::{Asks, Done, Request},
};
use flows::{FlowError, privacy::Person, record::Record, seal::Seals};
use store::{Held, StoreError, TenantStore};
use traces::{Letters, Rest};

use crate::Deps;

/// A request, with all that is needed to do what it asks.
struct Desk<'a> {
    deps: &'a Deps,
    store: &'a TenantStore,
    seals: Seals,
}

pub(crate) async fn answered(deps: &Deps, tenant: TenantId, id: RequestId) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let now = deps.clock.now();
    let Some(held) = store.request(id).await?.filter(|held| held.is_to_be_done(now)) else { return Ok(()) };
    let desk = Desk { deps, store: &store, seals: Seals::new(deps.keys.clone(), deps.dice.clone()) };
    let is_of_shop = held.asks == Asks::ShopErasure;
    if !is_of_shop && store.tenant().await?.is_none_or(|tenant| tenant.status == TenantStatus::Erased) {
        // There is no key any more that says whom it is about, and none is to be made.
        return desk.left(&held, Request::clone(&held).outlived(now)).await;
    }
    let done = match held.asks {
        Asks::Data => Box::pin(telling::told(&desk, &held)).await,
        Asks::Erasure => Box::pin(erasing::erased(&desk, &held)).await,
        Asks::ShopErasure => Box::pin(closing::closed(&desk, &held)).await,
    };
    match done {
        // Somebody keeps the same shard, or is at the same request.
        Err(error) if error.is_overtaken() => Err(FlowError::unavailable(error)),
        done => done,
    }
}

impl Desk<'_> {
    async fn record(&self) -> Result<Record<'_>, FlowError> {
        let tenant = self.store.tenant().await?.ok_or(FlowError::NotFound("tenant"))?;
        let (clock, dice) = (&*self.deps.clock, &*self.deps.dice);
        let (store, seals, currency_changes) = (self.store, &self.seals, tenant.currency_changes);
        Ok(Record { store, seals, clock, dice, by: ChangedBy::Shopify, currency_changes })
    }

    /// Whom it is about, with all that is known of them by now: kept with the request, so that whoever comes after a crash
    /// knows it, too, however much is gone by then.
    async fn person(&self, held: Held<Request>) -> Result<(Held<Request>, Person), FlowError> {
        let told = match held.about.as_deref() {
            Some(sealed) => Person::opened(self.store, &self.seals, sealed).await?,
            None => Person::default(),
        };
        let found = self.record().await?.somebody_found(told.clone(), held.customer).await?;
        if found == told {
            return Ok((held, found));
        }
        let about = Some(found.sealed(self.store, &self.seals).await?);
        let request = Request { about, ..Request::clone(&held) };
        Ok((self.moved_on(&held, request).await?, found))
    }

    /// Not all dead letters were seen: another message goes on, with what this one did counted, or begins anew when all are to
    /// be seen again.
    async fn gone_on_with(&self, held: &Held<Request>, letters: Letters) -> Result<(), FlowError> {
        let now = self.deps.clock.now();
        let done = held.done.and(Done { letters: letters.gone, ..Done::default() });
        let counted = Request { done, ..Request::clone(held) };
        if matches!(letters.rest, Rest::Taken) {
            self.moved_on(held, counted.waiting(now)).await?;
            return Ok(());
        }
        let Rest::More(sifting) = letters.rest else {
            tracing::warn!(function = "import", tenant = %self.store.id(), request = %held.id,
                "dead letters are hidden from whoever forgets somebody: they are searched again later");
            self.moved_on(held, counted.sifted_later(now)).await?;
            return Ok(());
        };
        self.moved_on(held, Request { sifting: Some(sifting), ..counted.asked_again(now) }).await?;
        let task = Task::AnswerRequest { tenant: self.store.id(), request: held.id };
        self.deps.tasks.leave(vec![task.into()]).await
    }

    /// `Conflict`: somebody is at it, too.
    async fn moved_on(&self, held: &Held<Request>, request: Request) -> Result<Held<Request>, FlowError> {
        self.store.commit(vec![self.store.request_changed(held, &request)]).await?;
        Ok(held.followed_by(request))
    }

    /// The same, as the last thing that is done: whoever was faster has done as much.
    async fn left(&self, held: &Held<Request>, request: Request) -> Result<(), FlowError> {
        match self.store.commit(vec![self.store.request_changed(held, &request)]).await {
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

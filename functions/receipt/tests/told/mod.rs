//! A shop with a campaign whose messages were handed over, and a clock that is set by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    CampaignId, Receipt, Task, TenantId, Timestamp,
    campaign::{Care, Chunk, MessageId, Outcome},
    receipt::Happened,
};
use flows::{Clock, DataKey, FlowError, KeyWrap, Left, Tasks, clock::SystemDice};
use receipt::Deps;
use store::{Store, TenantStore, local::LocalTable};

/// What was left, and for how many seconds it waits.
pub(crate) struct World(Mutex<Vec<Left>>);

#[async_trait]
impl Clock for World {
    fn now(&self) -> Timestamp {
        at(0)
    }

    async fn pause(&self, _: Duration) {
        tokio::task::yield_now().await;
    }
}

#[async_trait]
impl Tasks for World {
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError> {
        self.0.lock().unwrap().extend(tasks);
        Ok(())
    }
}

#[async_trait]
impl KeyWrap for World {
    async fn generate(&self, _: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        Ok((DataKey([7; 32]), vec![7; 32]))
    }

    async fn unwrap(&self, _: TenantId, _: &[u8]) -> Result<DataKey, FlowError> {
        Ok(DataKey([7; 32]))
    }
}

pub(crate) struct Shop {
    pub(crate) deps: Deps,
    pub(crate) store: TenantStore,
    pub(crate) campaign: CampaignId,
    world: Arc<World>,
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_240_800 + second).unwrap()
}

/// With one chunk of so many messages, all of which the provider has taken.
pub(crate) async fn shop(tenant: TenantId, campaign: CampaignId, messages: usize) -> Shop {
    let world = Arc::new(World(Mutex::default()));
    let store = Store::new(Arc::new(LocalTable::in_memory()));
    let (tasks, keys, clock) = (world.clone(), world.clone(), world.clone());
    let deps = Deps { store: store.clone(), tasks, keys, clock, dice: Arc::new(SystemDice) };
    let store = store.for_task(tenant);
    let mut chunk = Chunk::new(messages);
    let claim = chunk.claim(messages, at(-10));
    for place in claim.places {
        chunk.answered(place, claim.at, Outcome::Sent, Care::NeverTwice, at(-9));
    }
    store.commit(vec![store.chunk_put(campaign, 0, None, chunk).0]).await.unwrap();
    Shop { deps, store, campaign, world }
}

impl Shop {
    /// What was left since this was asked last.
    pub(crate) fn left(&self) -> Vec<Left> {
        std::mem::take(&mut *self.world.0.lock().unwrap())
    }

    pub(crate) async fn chunk(&self, number: u32) -> Chunk {
        self.store.campaign_chunk(self.campaign, number).await.unwrap().unwrap().into_inner()
    }

    pub(crate) fn told(&self, place: u8, what: Happened, second: i64) -> Receipt {
        let id = MessageId { tenant: self.store.id(), campaign: self.campaign, chunk: 0, place };
        let message = id.to_string().parse().ok();
        Receipt { tenant: Some(id.tenant), message, vendor_id: None, what, at: at(second) }
    }

    pub(crate) async fn hears(&self, receipts: Vec<Receipt>) {
        let task = Task::HearReceipts { tenant: self.store.id(), receipts };
        receipt::handle(&self.deps, task).await.unwrap();
    }
}

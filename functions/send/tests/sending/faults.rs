//! One fault, at one access to the table, the queue or the vendor.

use async_trait::async_trait;
use flows::{Answer, Carrier, FlowError, Left, Letter, Tasks};
use std::{
    future::Future,
    sync::{Arc, Mutex},
};
use store::{Item, Page, Range, RawKey, StoreError, Table, Write, local::LocalTable, table::Add};
use tokio::sync::Notify;
use vendors::simulated::Simulated;

use crate::shop::Queue;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    DiesBefore,
    DiesAfter,
    FailsBefore,
    FailsAfter,
}

impl Fault {
    pub(crate) const ALL: [Self; 4] =
        [Self::DiesBefore, Self::DiesAfter, Self::FailsBefore, Self::FailsAfter];
}

/// Which access it is, counted from 0, and which are meant.
#[derive(Default)]
pub(crate) struct Faults {
    seen: Mutex<usize>,
    plan: Mutex<Option<(usize, Fault)>>,
    dying: Notify,
}

pub(crate) struct Faulty {
    pub(crate) faults: Arc<Faults>,
    pub(crate) table: Arc<LocalTable>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) vendor: Arc<Simulated>,
}

impl Faults {
    pub(crate) fn set(&self, at: usize, fault: Fault) {
        *self.plan.lock().unwrap() = Some((at, fault));
    }

    pub(crate) fn seen(&self) -> usize {
        *self.seen.lock().unwrap()
    }

    /// `None`: it died.
    pub(crate) async fn watched<T>(&self, process: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.dying.notified() => None,
            done = process => Some(done),
        }
    }

    fn next(&self) -> Option<Fault> {
        let mut seen = self.seen.lock().unwrap();
        *seen += 1;
        self.plan.lock().unwrap().filter(|(at, _)| at + 1 == *seen).map(|(_, fault)| fault)
    }

    async fn death<T>(&self) -> T {
        self.dying.notify_one();
        std::future::pending().await
    }

    async fn through<T>(&self, effect: impl Future<Output = T>, lost: impl FnOnce() -> T) -> T {
        match self.next() {
            None => effect.await,
            Some(Fault::DiesBefore) => self.death().await,
            Some(Fault::FailsBefore) => lost(),
            Some(Fault::DiesAfter) => {
                effect.await;
                self.death().await
            }
            Some(Fault::FailsAfter) => {
                effect.await;
                lost()
            }
        }
    }
}

fn away<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(
        "a simulated fault",
    ))))
}

#[async_trait]
impl Table for Faulty {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        self.faults.through(self.table.get(keys), away).await
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        self.faults.through(self.table.query(range), away).await
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.faults.through(self.table.write(writes), away).await
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        self.faults.through(self.table.add(add), away).await
    }
}

#[async_trait]
impl Tasks for Faulty {
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError> {
        let lost = || Err(FlowError::unavailable("a simulated fault"));
        self.faults.through(self.queue.leave(tasks), lost).await
    }
}

#[async_trait]
impl Carrier for Faulty {
    async fn carry(&self, letter: &Letter) -> Answer {
        self.faults.through(self.vendor.carry(letter), || Answer::unknown("a simulated fault")).await
    }
}

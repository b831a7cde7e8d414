//! The local table, seen by one process to which things happen.

use async_trait::async_trait;
use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
};
use store::{Item, Page, Range, RawKey, StoreError, Table, Write, local::LocalTable, table::Add};

/// Pages of few items, so that every list has several.
const PAGE: u32 = 3;

type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What happens at one access of many.
pub(crate) enum Event {
    /// Others act, and then it goes on.
    Others(Meanwhile),
    /// The process dies: before the access, or after it.
    Death { after: bool },
}

/// One thing happens, at the `at`-th access (from 0) or, if so told, at the `at`-th write.
pub(crate) struct Once {
    inner: Arc<LocalTable>,
    at: usize,
    of_writes: bool,
    seen: AtomicUsize,
    event: Mutex<Option<Event>>,
    dead: Mutex<bool>,
}

impl Once {
    pub(crate) fn at(inner: &Arc<LocalTable>, at: usize, event: Event) -> Arc<Self> {
        let of_writes = matches!(event, Event::Death { .. });
        let event = Mutex::new(Some(event));
        Arc::new(Self {
            inner: inner.clone(),
            at,
            of_writes,
            seen: AtomicUsize::new(0),
            event,
            dead: Mutex::new(false),
        })
    }

    /// Whether it came to that.
    pub(crate) fn has_happened(&self) -> bool {
        self.event.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    fn is_dead(&self) -> bool {
        *self.dead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `true`: it dies after this access.
    async fn access(&self, is_write: bool) -> Result<bool, StoreError> {
        if self.is_dead() {
            return Err(gone());
        }
        if self.of_writes && !is_write || self.seen.fetch_add(1, SeqCst) != self.at {
            return Ok(false);
        }
        let event = self.event.lock().unwrap_or_else(PoisonError::into_inner).take();
        match event {
            Some(Event::Others(others)) => others.await,
            Some(Event::Death { after }) => {
                *self.dead.lock().unwrap_or_else(PoisonError::into_inner) = true;
                return if after { Ok(true) } else { Err(gone()) };
            }
            None => {}
        }
        Ok(false)
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from("the process died")))
}

#[async_trait]
impl Table for Once {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        self.access(false).await?;
        self.inner.get(keys).await
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        self.access(false).await?;
        self.inner.query(&Range { limit: range.limit.min(PAGE), ..range.clone() }).await
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let dies = self.access(true).await?;
        let done = self.inner.write(writes).await;
        if dies { done.and(Err(gone())) } else { done }
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        self.access(true).await?;
        self.inner.add(add).await
    }
}

/// Lets others go first, by seed: processes that use such tables meet in every order.
pub(crate) struct Turns {
    inner: Arc<dyn Table>,
    dice: AtomicU64,
}

impl Turns {
    pub(crate) fn of(inner: Arc<dyn Table>, seed: u64) -> Arc<Self> {
        Arc::new(Self { inner, dice: AtomicU64::new(seed) })
    }

    async fn turn(&self) {
        let mut others = throw(&self.dice) % 8;
        // Now and then for so long that somebody else does all of their work.
        if others == 7 && throw(&self.dice).is_multiple_of(4) {
            others = 150;
        }
        for _ in 0..others {
            tokio::task::yield_now().await;
        }
    }
}

/// Splitmix: the same seed throws the same.
pub(crate) fn throw(dice: &AtomicU64) -> u64 {
    let mut z = dice.fetch_add(0x9E37_79B9_7F4A_7C15, SeqCst);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[async_trait]
impl Table for Turns {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        self.turn().await;
        let items = self.inner.get(keys).await;
        self.turn().await;
        items
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        self.turn().await;
        let page = self.inner.query(&Range { limit: range.limit.min(PAGE), ..range.clone() }).await;
        self.turn().await;
        page
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.turn().await;
        let done = self.inner.write(writes).await;
        self.turn().await;
        done
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        self.inner.add(add).await
    }
}

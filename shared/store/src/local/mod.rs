//! The local table: the seam on an embedded store (redb), a file for `./run`, memory for tests.
//!
//! It refuses what DynamoDB refuses and bills what DynamoDB bills, so that a test on a laptop tells what would
//! happen in the cloud. Each list of writes is all or none, also when the power goes.

mod apply;
mod codec;
mod index;
mod ledger;
pub mod limits;
mod line;
mod numbers;
mod size;
mod sweep;
mod units;

use async_trait::async_trait;
use redb::{
    Database, Durability, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction,
    backends::InMemoryBackend,
};
use std::{
    ops::Bound,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::table::{Add, Item, Page, Position, Range, RawKey, Sort, StoreError, Table, Within, Write};

use index::IndexEnds;
pub use ledger::{Ledger, Units};
use line::{Asked, Line};
pub use size::item_bytes;

/// `(pk, sk)` → the item.
const ITEMS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("items");
/// `(gsi1pk, gsi1sk, pk, sk)` of the items that stand in the index.
const INDEX: TableDefinition<'_, (&str, &str, &str, &str), ()> = TableDefinition::new("gsi1");
/// `(expires_at, pk, sk)` of the items that expire.
const EXPIRIES: TableDefinition<'_, (i64, &str, &str), ()> = TableDefinition::new("expiries");

/// A query's page ends when it has passed this.
const PAGE_BYTES_MAX: usize = 1024 * 1024;

/// What a file's pages take of the memory; the system keeps those read lately, too, and gives them up when it must.
const CACHE_BYTES: usize = 64 << 20;

/// Where a commit need not wait for the disk, about one in so many does: before that the file grows by what it replaces.
const UNWAITED_COMMITS: u32 = 64;

pub struct LocalTable {
    db: Database,
    ledger: Mutex<Ledger>,
    pace: Mutex<Pace>,
    /// Of a file, whose commits take long.
    line: Option<Line>,
}

/// Which commits wait for the disk.
#[derive(Default)]
struct Pace {
    is_hurried: bool,
    /// How many have not waited since one did.
    unwaited: u32,
}

impl LocalTable {
    /// Opens or makes the file. A file that another process holds is `Unavailable`.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let db = Database::builder().set_cache_size(CACHE_BYTES).create(path).map_err(unavailable)?;
        Ok(Self { line: Some(Line::default()), ..Self::on(db)? })
    }

    /// # Panics
    /// If there is no memory for an empty table.
    pub fn in_memory() -> Self {
        let db = Database::builder().create_with_backend(InMemoryBackend::new());
        db.map_err(unavailable).and_then(Self::on).expect("memory holds an empty table")
    }

    fn on(db: Database) -> Result<Self, StoreError> {
        let transaction = db.begin_write().map_err(unavailable)?;
        transaction.open_table(ITEMS).map_err(unavailable)?;
        transaction.open_table(INDEX).map_err(unavailable)?;
        sweep::remember(&transaction)?;
        transaction.commit().map_err(unavailable)?;
        Ok(Self { db, ledger: Mutex::default(), pace: Mutex::default(), line: None })
    }

    /// From now on most commits do not wait for the disk, until `rested`. Whose process ends meanwhile finds the table as it
    /// was a few commits ago: for those who can do them again.
    pub fn hurry(&self) {
        self.pace().is_hurried = true;
    }

    /// All that was done in a hurry is on the disk, and from now on every commit waits for it.
    pub fn rested(&self) -> Result<(), StoreError> {
        self.pace().is_hurried = false;
        self.begun(false)?.commit().map_err(unavailable)
    }

    /// `is_counting`: nothing but counters moves. What is written on the ground of a count is on the disk together with
    /// it, as the commits are in order; of a count by itself the last few may be lost with the process.
    fn begun(&self, is_counting: bool) -> Result<WriteTransaction, StoreError> {
        let mut transaction = self.db.begin_write().map_err(unavailable)?;
        let mut pace = self.pace();
        let waits = !(pace.is_hurried || is_counting) || pace.unwaited + 1 == UNWAITED_COMMITS;
        pace.unwaited = if waits { 0 } else { pace.unwaited + 1 };
        if !waits {
            transaction.set_durability(Durability::None).map_err(unavailable)?;
        }
        Ok(transaction)
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has been read and written so far, in DynamoDB's units.
    pub fn ledger(&self) -> Ledger {
        *self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything there is, as its bytes are kept.
    pub fn bytes(&self) -> Result<Vec<(RawKey, Vec<u8>)>, StoreError> {
        let reading = self.db.begin_read().map_err(unavailable)?;
        let table = reading.open_table(ITEMS).map_err(unavailable)?;
        let entries = table.iter().map_err(unavailable)?.map(|entry| {
            let (key, bytes) = entry.map_err(unavailable)?;
            let (pk, sk) = key.value();
            Ok((RawKey::new(pk, sk), bytes.value().to_vec()))
        });
        entries.collect()
    }

    /// Everything there is, in the order of the keys: for looking at it while developing.
    pub fn dump(&self) -> Result<Vec<Item>, StoreError> {
        let reading = self.db.begin_read().map_err(unavailable)?;
        let table = reading.open_table(ITEMS).map_err(unavailable)?;
        let entries = table.iter().map_err(unavailable)?.map(|entry| {
            let (key, bytes) = entry.map_err(unavailable)?;
            let (pk, sk) = key.value();
            codec::decode(RawKey::new(pk, sk), bytes.value())
        });
        entries.collect()
    }

    async fn written(&self, asked: Asked) -> Result<Vec<i64>, StoreError> {
        let bill = |cost: Units| self.bill(|ledger| ledger.writes.add(cost));
        match &self.line {
            Some(line) => line.written(|is_counting| self.begun(is_counting), asked, bill).await,
            None => line::alone(self.begun(false)?, asked, bill),
        }
    }

    fn bill(&self, bill: impl FnOnce(&mut Ledger)) {
        bill(&mut self.ledger.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[async_trait]
impl Table for LocalTable {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        keys.iter().try_for_each(limits::key)?;
        let reading = self.db.begin_read().map_err(unavailable)?;
        let table = reading.open_table(ITEMS).map_err(unavailable)?;
        let mut items = Vec::with_capacity(keys.len());
        for (place, key) in keys.iter().enumerate() {
            let item = held(&table, key)?;
            if !keys[..place].contains(key) {
                self.bill(|ledger| ledger.reads.add(units::read(item.as_ref().map_or(0, item_bytes), true)));
            }
            items.push(item);
        }
        Ok(items)
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        limits::range(range)?;
        let reading = self.db.begin_read().map_err(unavailable)?;
        let items = reading.open_table(ITEMS).map_err(unavailable)?;
        let mut reader = Reader { range, page: Page::default(), bytes: 0 };
        match &range.within {
            Within::Partition(pk) => {
                let (from, to) = bounds(&range.sort);
                let low = after(range, false).map_or(from, |at| Bound::Excluded(at.key.sk.clone()));
                let high = after(range, true).map_or(to, |at| Bound::Excluded(at.key.sk.clone()));
                let end = end_of(pk);
                let (low, high) = within_pk(pk, &end, (&low, &high));
                let found = items.range::<(&str, &str)>((low, high)).map_err(unavailable)?;
                let found = found.map(|entry| {
                    let (key, bytes) = entry.map_err(unavailable)?;
                    let (pk, sk) = key.value();
                    codec::decode(RawKey::new(pk, sk), bytes.value())
                });
                reader.read(found)?;
            }
            Within::Index(pk) => {
                let index = reading.open_table(INDEX).map_err(unavailable)?;
                let ends = IndexEnds::of(range, pk);
                let found = index.range::<(&str, &str, &str, &str)>(ends.within(pk)).map_err(unavailable)?;
                let found = found.map(|entry| {
                    let (key, _) = entry.map_err(unavailable)?;
                    let (_, _, pk, sk) = key.value();
                    let item = held(&items, &RawKey::new(pk, sk))?;
                    item.ok_or_else(|| {
                        StoreError::Broken("the index names an item that is not there".to_owned())
                    })
                });
                reader.read(found)?;
            }
        }
        let is_strong = range.consistent && matches!(range.within, Within::Partition(_));
        self.bill(|ledger| ledger.reads.add(units::read(reader.bytes, is_strong)));
        Ok(reader.page)
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        limits::writes(&writes)?;
        if writes.is_empty() {
            return Ok(());
        }
        self.written(Asked::Writes(writes)).await.map(drop)
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        limits::add(&add)?;
        self.written(Asked::Add(add)).await
    }
}

/// Collects one page.
struct Reader<'a> {
    range: &'a Range,
    page: Page,
    bytes: usize,
}

impl Reader<'_> {
    fn read<I>(&mut self, found: I) -> Result<(), StoreError>
    where
        I: DoubleEndedIterator<Item = Result<Item, StoreError>>,
    {
        if self.range.backward { self.fill(found.rev()) } else { self.fill(found) }
    }

    fn fill(&mut self, found: impl Iterator<Item = Result<Item, StoreError>>) -> Result<(), StoreError> {
        for item in found {
            let item = item?;
            if self.page.items.len() >= self.range.limit as usize || self.bytes > PAGE_BYTES_MAX {
                let last = self.page.items.last();
                self.page.next = last.map(|last| Position::after(last, &self.range.within));
                return Ok(());
            }
            self.bytes += item_bytes(&item);
            self.page.items.push(item);
        }
        Ok(())
    }
}

fn held(
    table: &impl ReadableTable<(&'static str, &'static str), &'static [u8]>,
    key: &RawKey,
) -> Result<Option<Item>, StoreError> {
    let found = table.get((key.pk.as_str(), key.sk.as_str())).map_err(unavailable)?;
    found.map(|bytes| codec::decode(key.clone(), bytes.value())).transpose()
}

fn after(range: &Range, backward: bool) -> Option<&Position> {
    range.after.as_ref().filter(|_| range.backward == backward)
}

/// The sort keys asked for. A prefix ends before the first text that is greater than all that begin with it.
fn bounds(sort: &Sort) -> (Bound<String>, Bound<String>) {
    match sort {
        Sort::All => (Bound::Unbounded, Bound::Unbounded),
        Sort::Prefix(prefix) => {
            (Bound::Included(prefix.clone()), successor(prefix).map_or(Bound::Unbounded, Bound::Excluded))
        }
        Sort::Between(from, to) => (Bound::Included(from.clone()), Bound::Included(to.clone())),
    }
}

/// The least text above every text with this prefix: the last letter that has a next one, moved on.
fn successor(prefix: &str) -> Option<String> {
    let mut letters: Vec<char> = prefix.chars().collect();
    while let Some(last) = letters.pop() {
        let next =
            if last == '\u{D7FF}' { '\u{E000}' } else { char::from_u32(last as u32 + 1).unwrap_or('\0') };
        if next != '\0' {
            letters.push(next);
            return Some(letters.into_iter().collect());
        }
    }
    None
}

type KeyBound<'a> = Bound<(&'a str, &'a str)>;

/// Bounds that never leave the partition.
fn within_pk<'a>(
    pk: &'a str,
    end: &'a str,
    (low, high): (&'a Bound<String>, &'a Bound<String>),
) -> (KeyBound<'a>, KeyBound<'a>) {
    let low = match low {
        Bound::Unbounded => Bound::Included((pk, "")),
        Bound::Included(sk) => Bound::Included((pk, sk.as_str())),
        Bound::Excluded(sk) => Bound::Excluded((pk, sk.as_str())),
    };
    let high = match high {
        Bound::Unbounded => Bound::Excluded((end, "")),
        Bound::Included(sk) => Bound::Included((pk, sk.as_str())),
        Bound::Excluded(sk) => Bound::Excluded((pk, sk.as_str())),
    };
    (low, high)
}

/// The least partition key above `pk`.
fn end_of(pk: &str) -> String {
    format!("{pk}\0")
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unavailable(Arc::new(error))
}

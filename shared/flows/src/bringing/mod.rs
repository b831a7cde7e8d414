//! What merchants bring in files: stores rows, many side by side, and counts what became of them.
//!
//! Each row by itself: one that is wrong spoils no other. Rows that come again change nothing, so that whoever died
//! half-way through a file may begin again before the place where it happened.

mod customers;
mod forgotten;
mod orders;
mod piece;

pub use piece::{Form, Read, fault_of};

use std::collections::{BTreeMap, BTreeSet};

use columns::ShardNumber;
use domain::{Job, Order, OrderId, Timestamp};
use store::Held;
use tables::CellFault;

use crate::{
    FlowError,
    record::{Plan, Record},
};

/// Rows that are stored side by side: whoever writes at the same moment waits for the disk once.
const ROWS_AT_ONCE: usize = 64;
const LATE: &str = "time was up before this row's turn: send it again";

/// What became of the rows.
#[derive(Debug, Default)]
pub struct Outcome {
    pub created: u64,
    pub updated: u64,
    /// Rows that told nothing new.
    pub unchanged: u64,
    /// The numbers of rows that could not be stored.
    pub failed: BTreeSet<u64>,
    pub faults: Vec<CellFault>,
    /// Where the audience has changed.
    pub shards: BTreeSet<ShardNumber>,
    /// Where it will have, once it is made anew.
    pub laid: BTreeSet<ShardNumber>,
    /// No more faults are kept than this; all rows that failed are counted.
    faults_max: Option<usize>,
}

enum Stored {
    Created(Vec<ShardNumber>),
    /// With many others: the audience does not show them yet.
    Laid(ShardNumber),
    Updated(Vec<ShardNumber>),
    Unchanged,
    Failed(String),
}

impl Outcome {
    /// Of a file that may be nothing but faults.
    pub fn telling(faults_max: usize) -> Self {
        Self { faults_max: Some(faults_max), ..Self::default() }
    }

    /// Rows that are stored, or stood so already.
    pub fn processed(&self) -> u64 {
        self.created + self.updated + self.unchanged
    }

    fn note(&mut self, row: u64, stored: Stored) {
        match stored {
            Stored::Created(shards) => {
                self.created += 1;
                self.shards.extend(shards);
            }
            Stored::Laid(shard) => {
                self.created += 1;
                self.laid.insert(shard);
            }
            Stored::Updated(shards) => {
                self.updated += 1;
                self.shards.extend(shards);
            }
            Stored::Unchanged => self.unchanged += 1,
            Stored::Failed(message) => self.fail(vec![CellFault { row, column: None, message }]),
        }
    }

    /// Of a row that cannot be read.
    pub fn fail(&mut self, faults: Vec<CellFault>) {
        self.failed.extend(faults.iter().map(|fault| fault.row));
        self.tell(faults);
    }

    fn tell(&mut self, faults: Vec<CellFault>) {
        let room = self.faults_max.map_or(usize::MAX, |max| max.saturating_sub(self.faults.len()));
        self.faults.extend(faults.into_iter().take(room));
    }
}

/// Who stores the rows of one file.
pub struct Clerk<'a> {
    record: Record<'a>,
    is_dry: bool,
    until: Option<Timestamp>,
    lot: Option<Lot<'a>>,
    makes_guests: bool,
    /// How many orders without a name were equal so far.
    said: BTreeMap<OrderId, u32>,
    people: customers::People,
    rehearsed_orders: BTreeMap<OrderId, Box<Order>>,
}

impl<'a> Clerk<'a> {
    /// Rows whose turn comes after `until` are not stored.
    pub fn new(record: Record<'a>, until: Option<Timestamp>) -> Self {
        Self {
            record,
            is_dry: false,
            until,
            lot: None,
            makes_guests: false,
            said: BTreeMap::new(),
            people: customers::People::default(),
            rehearsed_orders: BTreeMap::new(),
        }
    }

    /// These rows may come twice: who is new has the same id each time.
    #[must_use]
    pub fn at(self, lot: Lot<'a>) -> Self {
        Self { lot: Some(lot), ..self }
    }

    /// An order's address that nobody has becomes a guest.
    #[must_use]
    pub fn making_guests(self) -> Self {
        Self { makes_guests: true, ..self }
    }

    /// Nothing is stored; what would become of each row is remembered for those behind it.
    #[must_use]
    pub fn rehearsing(self) -> Self {
        Self { is_dry: true, ..self }
    }
}

/// The rows of one job.
#[derive(Debug, Clone, Copy)]
pub struct Lot<'a> {
    /// As it is while they are stored: whoever cancels it, changes it.
    pub job: &'a Held<Job>,
    /// There are many of them: who is new is laid down.
    pub is_large: bool,
}

impl Stored {
    /// What a plan that was carried out, or could not be, makes of its row.
    fn of<T>(done: Result<Plan<T>, FlowError>, is_new: bool) -> Result<Self, FlowError> {
        match done {
            Ok(plan) if is_new => Ok(Self::Created(plan.shards)),
            Ok(plan) if plan.shards.is_empty() => Ok(Self::Unchanged),
            Ok(plan) => Ok(Self::Updated(plan.shards)),
            Err(FlowError::Invalid(faults)) => {
                let sentences: Vec<_> = faults.into_iter().map(|fault| fault.sentence).collect();
                Ok(Self::Failed(sentences.join("; ")))
            }
            Err(FlowError::Conflict { sentence, .. }) => Ok(Self::Failed(sentence)),
            Err(FlowError::NotFound(what)) => Ok(Self::Failed(format!("the {what} has just been deleted"))),
            Err(error) => Err(error),
        }
    }
}

impl Clerk<'_> {
    /// Overtaken, if somebody has cancelled the job.
    async fn goes_on(&self) -> Result<(), FlowError> {
        match self.lot {
            Some(lot) => Ok(self.record.store.job_stands(lot.job).await?),
            None => Ok(()),
        }
    }

    fn is_late(&self) -> bool {
        self.until.is_some_and(|until| self.record.clock.now() >= until)
    }
}

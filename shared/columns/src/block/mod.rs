//! A block as bytes: one Arrow stream for each family of columns, its buffers under LZ4, so that anyone can read it.
//!
//! Customers are rows in the order of their slots; orders and lines are tables of their own whose `row` says whose
//! they are. A number has the narrowest type that holds all of its column in this block. After the stream's end stand
//! four bytes that Arrow does not look at: the checksum of all before them, as Arrow trusts what it reads.

mod pack;
mod read;
mod write;

use arrow_array::RecordBatch;
use arrow_ipc::{
    CompressionType,
    reader::StreamReader,
    writer::{IpcWriteOptions, StreamWriter},
};
use arrow_schema::ArrowError;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::{batch::Batch, row::Row, slot::Slot};

/// Columns that are read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// What most questions ask about. Says who is there, so every question reads it.
    Core,
    Name,
    Tags,
    Orders,
    Lines,
    Attributes,
}

impl Family {
    pub const ALL: [Self; 6] =
        [Self::Core, Self::Name, Self::Tags, Self::Orders, Self::Lines, Self::Attributes];
}

/// Some of them: a bit for each, because hundreds of programs ask a single row whether it has theirs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Families(pub(crate) u8);

impl Families {
    pub(crate) fn of(families: impl IntoIterator<Item = Family>) -> Self {
        Self(families.into_iter().fold(0, |all, family| all | 1 << family as u8))
    }

    pub(crate) fn but(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// In the order of `Family::ALL`.
    pub(crate) fn iter(self) -> impl Iterator<Item = Family> {
        Family::ALL.into_iter().filter(move |family| self.0 >> *family as u8 & 1 == 1)
    }
}

/// Bytes that are not the block that they were taken for.
#[derive(Debug, thiserror::Error)]
pub enum BadBlock {
    #[error("a block of the audience cannot be read")]
    Arrow(#[from] ArrowError),
    #[error("a block of the audience has no fitting column {0:?}")]
    Column(String),
    #[error("a block of the audience is not one batch")]
    Batches,
    #[error("a block of the audience names a row that it does not have")]
    Row,
    #[error("a block of the audience was cut off or changed")]
    Checksum,
}

/// One family of a block. `rows` are its slots from the first on; nobody has a slot that holds `None`.
pub fn encode(family: Family, rows: &[Option<Row>]) -> Result<Vec<u8>, BadBlock> {
    let rows: Vec<_> = rows.iter().map(Option::as_ref).collect();
    let table = write::table(family, &rows)?;
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME))?;
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new_with_options(&mut bytes, &table.schema(), options)?;
    writer.write(&table)?;
    writer.finish()?;
    drop(writer);
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    Ok(bytes)
}

/// Reads one family of a block into the batch.
pub fn decode(batch: &mut Batch, family: Family, bytes: &[u8]) -> Result<(), BadBlock> {
    let (stream, checksum) = bytes.split_last_chunk().ok_or(BadBlock::Checksum)?;
    if crc32fast::hash(stream).to_le_bytes() != *checksum {
        return Err(BadBlock::Checksum);
    }
    let mut batches = StreamReader::try_new(stream, None)?;
    let table = batches.next().ok_or(BadBlock::Batches)??;
    if batches.next().is_some() {
        return Err(BadBlock::Batches);
    }
    read::family(batch, family, &table)
}

impl Batch {
    /// All families of rows that need not be neighbours.
    pub fn of(rows: &[(Slot, Row)]) -> Result<Self, BadBlock> {
        let mut batch = Self::picked(rows.iter().map(|(slot, _)| *slot).collect());
        let rows: Vec<_> = rows.iter().map(|(_, row)| Some(row)).collect();
        batch.core = Some(Arc::new(pack::core(&rows)));
        batch.name = Some(Arc::new(pack::names(&rows)));
        batch.lists = Some(Arc::new(pack::lists(&rows)));
        batch.orders = Some(Arc::new(pack::orders(&rows)));
        batch.lines = Some(Arc::new(pack::lines(&rows)));
        batch.attributes = Some(Arc::new(pack::attributes(&rows)));
        Ok(batch)
    }
}

/// What stands in a table beside the columns of `schema.rs`.
const ROW: &str = "row";
const ORDER: &str = "order";

type Table = RecordBatch;

//! In which a rule is asked.

use columns::{Members, Slot, Tagged};
use domain::{Currency, TenantId, Timestamp, Zone};
use insight::{Silence, rfm::Cuts};
use rules::Known;
use std::{collections::BTreeMap, sync::Arc};

/// One shop at one instant: the same for all of a run, however long it takes.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    pub tenant: TenantId,
    pub currency: Currency,
    pub zone: &'a Zone,
    /// To the second.
    pub now: Timestamp,
    pub given: &'a Given,
}

/// What was found elsewhere, and stands still by itself. What is not here cannot be asked.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Who is in each segment that may be named.
    pub segments: BTreeMap<Box<str>, Arc<Members>>,
    pub lists: BTreeMap<Box<str>, Arc<Members>>,
    /// Of each field that is estimated, the numbers of those who have one: the place of a word among those of its kind,
    /// minor units, days since 1970-01-01, whole numbers, and millionths of others.
    pub scores: BTreeMap<Known, BTreeMap<Slot, i64>>,
    /// Where the fifths of the shop's customers end.
    pub cuts: Option<Cuts>,
    /// What products are tagged with. `None`: there is too much of it.
    pub tagged: Option<Arc<Tagged>>,
    /// Why other fields that are estimated have no numbers.
    pub silent: BTreeMap<Known, Silence>,
}

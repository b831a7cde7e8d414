//! What became of the rows that came with one answer.

pub(crate) mod carts;
pub(crate) mod gone;
pub(crate) mod goods;
pub(crate) mod orders;
pub(crate) mod people;
mod whole;

use std::{collections::BTreeSet, fmt::Display};

use columns::ShardNumber;
use domain::{
    Timestamp,
    run::{MISSED_TOLD, Mode, REFUSED_TOLD, RefusedRow, Tally},
};
use flows::{FlowError, keeping};
use jiff::SignedDuration;

use crate::Hands;

/// So many customers, and so many orders of different customers, are stored side by side.
pub(crate) const AT_ONCE: usize = 64;
/// A webhook that has not come by then is missed.
const WEBHOOKS_TAKE: SignedDuration = SignedDuration::from_mins(2);

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Became {
    Created,
    Updated,
    Unchanged,
    Refused(String),
}

#[derive(Debug)]
pub(crate) struct Row {
    /// "order s7001"
    pub(crate) what: String,
    /// When it became so in the shop.
    pub(crate) at: Option<Timestamp>,
    pub(crate) became: Became,
}

#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) all: Vec<Row>,
    /// Where changed rows of the audience stand now.
    pub(crate) shards: BTreeSet<ShardNumber>,
}

/// What is told of rows with their run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) tally: Tally,
    pub(crate) refused: Vec<RefusedRow>,
    pub(crate) missed: Vec<String>,
}

impl Row {
    pub(crate) fn of(kind: &str, id: impl Display, at: Option<Timestamp>, became: Became) -> Self {
        Self { what: format!("{kind} {id}"), at, became }
    }
}

impl Rows {
    pub(crate) fn add(&mut self, row: Row, shards: impl IntoIterator<Item = ShardNumber>) {
        self.all.push(row);
        self.shards.extend(shards);
    }

    pub(crate) fn counted(self, mode: Mode, now: Timestamp) -> Counted {
        let mut counted = Counted::default();
        let is_late = |at: Option<Timestamp>| at.is_none_or(|at| now.duration_since(at) > WEBHOOKS_TAKE);
        for Row { what, at, became } in self.all {
            let is_news = matches!(became, Became::Created | Became::Updated);
            // Whatever a first sync brings was never told.
            if is_news && mode != Mode::Full && is_late(at) {
                counted.tally.missed += 1;
                if counted.missed.len() < MISSED_TOLD {
                    counted.missed.push(what.clone());
                }
            }
            match became {
                Became::Created => counted.tally.created += 1,
                Became::Updated => counted.tally.updated += 1,
                Became::Unchanged => counted.tally.unchanged += 1,
                Became::Refused(why) => {
                    counted.tally.refused += 1;
                    if counted.refused.len() < REFUSED_TOLD {
                        counted.refused.push(RefusedRow { what, why });
                    }
                }
            }
        }
        counted
    }
}

/// What is wrong with the row itself; everything else is no fault of its.
pub(crate) fn refused(error: FlowError) -> Result<Became, FlowError> {
    match error {
        FlowError::Invalid(faults) => {
            let why = faults.into_iter().map(|fault| fault.sentence).collect::<Vec<_>>().join("; ");
            Ok(Became::Refused(why))
        }
        FlowError::Conflict { code: "too_much", sentence } => Ok(Became::Refused(sentence)),
        other => Err(other),
    }
}

impl Hands<'_> {
    /// Somebody should look at where rows of the audience have changed. Nothing is lost if nobody hears of it.
    pub(crate) async fn tend(&self, rows: &Rows) {
        let shards = rows.shards.iter().copied();
        keeping::asked_or_told(&*self.deps.tasks, self.store.id(), shards).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(at: Timestamp) -> Rows {
        let row = |became| Row::of("order", "s1", Some(at), became);
        let all =
            [Became::Created, Became::Updated, Became::Unchanged, Became::Refused("currency".to_owned())];
        Rows { all: all.map(row).into(), shards: BTreeSet::new() }
    }

    #[test]
    fn what_is_new_and_late_was_missed_by_webhooks() {
        let then = Timestamp::from_second(1_795_000_000).unwrap();
        let tally = |missed| Tally { created: 1, updated: 1, unchanged: 1, refused: 1, missed };
        for (mode, seconds, missed) in [
            (Mode::Full, 600, 0),
            (Mode::Incremental, 120, 0),
            (Mode::Incremental, 121, 2),
            (Mode::Reconciliation, 600, 2),
        ] {
            let counted = rows(then).counted(mode, then + SignedDuration::from_secs(seconds));
            assert_eq!(counted.tally, tally(missed), "{mode:?} after {seconds} s");
            assert_eq!(counted.missed.len() as u64, missed);
            assert_eq!(
                counted.refused,
                [RefusedRow { what: "order s1".to_owned(), why: "currency".to_owned() }]
            );
        }
    }

    #[test]
    fn a_fault_of_ours_is_no_fault_of_a_rows() {
        let invalid = refused(FlowError::invalid("customer", "invalid", "may hold at most 250"));
        assert_eq!(invalid.unwrap(), Became::Refused("may hold at most 250".to_owned()));
        assert!(refused(FlowError::broken("a stored item cannot be read")).is_err());
        assert!(refused(FlowError::unavailable("no route")).is_err());
    }
}

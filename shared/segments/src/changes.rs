//! When an answer changes by time alone.
//!
//! An answer can only change where a moment of the rule passes a date of the customer. All those seconds are found, and
//! the rule is asked in each of them until the answer is another: so nothing changes before, and something does then.

use columns::{BadBlock, Batch, NotRead, OrderNumber, Program, Row, Slot};
use domain::Timestamp;
use rules::{Condition, Event, Field, Known, Leaf, Param, Rule};
use std::{collections::BTreeSet, ops::RangeInclusive};

use crate::{
    anniversary, calendar::day_of_number, clock::Counts, compile::Compiler, field, outcomes,
    refused::Unsupported, scene::Scene,
};

/// Why a customer could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum NotAsked {
    #[error("the columns do not hold all that the rule asks")]
    Unsupported(Vec<Unsupported>),
    #[error("a customer has no form as columns")]
    Row(#[from] BadBlock),
    #[error("a customer was not read far enough")]
    NotRead(#[from] NotRead),
}

/// The first second after now in which the rule says another thing of this customer, if nobody tells anything of them.
/// `None`: it never will. What is given with the scene stands still.
pub fn changes_at(
    rule: &Rule,
    scene: &Scene<'_>,
    slot: Slot,
    row: &Row,
) -> Result<Option<Timestamp>, NotAsked> {
    let batch = Batch::of(&[(slot, row.clone())])?;
    let mut now = Compiler { only: Some(slot), ..Compiler::of(*scene) };
    let turns;
    (turns, now.years) = turning(&now, &rule.leaves(), slot, row);
    let passes = |compiler: &Compiler<'_>| -> Result<bool, NotAsked> {
        let test = compiler.rule(rule).map_err(NotAsked::Unsupported)?;
        Ok(Program::new(test).select(&batch)?.iter().any(|bits| *bits != 0))
    };
    let is_now = passes(&now)?;
    for second in turns {
        let Ok(at) = Timestamp::from_second(second) else { continue };
        let (years, only) = (now.years.clone(), now.only);
        let then = Compiler { years, only, ..Compiler::of(Scene { now: at, ..*scene }) };
        if passes(&then)? != is_now {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// Every second to come in which the answer of any of these leaves may be another; and in which years the dates lie that have
/// an anniversary: of one customer no other years need a look.
pub(crate) fn turning(
    now: &Compiler<'_>,
    leaves: &[&Leaf],
    slot: Slot,
    row: &Row,
) -> (BTreeSet<i64>, RangeInclusive<i16>) {
    let mut turns = BTreeSet::new();
    let mut years = Vec::new();
    for leaf in leaves {
        for (condition, number, counts) in asked(leaf, &now.scene, slot, row) {
            let day = match counts {
                Counts::Seconds => Some(now.clock.calendar.day(number)),
                Counts::Days => day_of_number(number),
            };
            if let (Leaf::Anniversary { .. }, Some(day)) = (leaf, day) {
                anniversary::turns(now, condition, day, &mut turns);
                years.push(day.year());
            } else {
                now.clock.turns(condition, number, counts, &mut turns);
            }
        }
    }
    let years = match (years.iter().min(), years.iter().max()) {
        (Some(first), Some(last)) => first.saturating_sub(1)..=last.saturating_add(1),
        _ => 0..=0,
    };
    (turns, years)
}

/// What a leaf asks of dates, and of which.
fn asked<'r>(leaf: &'r Leaf, scene: &Scene<'_>, slot: Slot, row: &Row) -> Vec<(&'r Condition, i64, Counts)> {
    match leaf {
        Leaf::Field { field, condition } | Leaf::Anniversary { field, condition } => {
            let date = date_of(field, scene, slot, row);
            date.map(|(number, counts)| (condition, number, counts)).into_iter().collect()
        }
        Leaf::Event { event, each, .. } => {
            let dates = each.iter().filter(|clause| clause.param == Param::Date);
            let placed: Vec<_> = match event {
                Event::Campaign => outcomes::seconds_of(scene.given.outcomes.as_deref(), slot),
                _ => row.orders.values().filter_map(|order| order[OrderNumber::At]).collect(),
            };
            dates
                .flat_map(|clause| placed.iter().map(|at| (&clause.condition, *at, Counts::Seconds)))
                .collect()
        }
        Leaf::Bucket { .. } | Leaf::Near { .. } | Leaf::Segment(_) | Leaf::List(_) | Leaf::Funnel { .. } => {
            vec![]
        }
    }
}

fn date_of(field: &Field, scene: &Scene<'_>, slot: Slot, row: &Row) -> Option<(i64, Counts)> {
    match field {
        Field::Known(Known::NextOrder) => {
            let number = scene.given.scores.get(&Known::NextOrder)?.get(&slot)?;
            Some((*number, Counts::Days))
        }
        Field::Known(known) => {
            let (column, counts) = field::date(*known)?;
            Some((row[column]?, counts))
        }
        Field::Own(own) if own.kind == rules::Kind::Date => match row.attributes.get(own.attribute())? {
            columns::Attribute::Number(number) => Some((*number, Counts::Days)),
            _ => None,
        },
        Field::Own(_) => None,
    }
}

//! Recency, frequency and money as tests over the columns: a score is a range of values, so cut points are all that is asked.

use columns::{Number, Span, Test};
use domain::days::date_of;
use insight::rfm::{Cuts, Group, Scores};
use rules::{Condition, Kind, Known};

use crate::{
    compile::{Compiler, not},
    numbers::{span, whole},
    refused::{Found, misfit},
    scene::Scene,
    texts,
};

#[derive(Debug, Clone, Copy)]
enum Rank {
    Recency,
    Frequency,
    Monetary,
}

/// `None`: it is no rank.
pub(crate) fn compared(
    it: &Compiler<'_>,
    field: Known,
    condition: &Condition,
    cuts: &Cuts,
) -> Option<Found<Test>> {
    let rank = match field {
        Known::RfmGroup => return Some(group(it, field, condition, cuts)),
        Known::Recency => Rank::Recency,
        Known::Frequency => Rank::Frequency,
        Known::Monetary => Rank::Monetary,
        _ => return None,
    };
    Some(match condition {
        Condition::Null => Ok(not(has_ordered())),
        condition => span(field.name(), condition, |value| whole(field.name(), value)).map(|span| {
            let scores = (1..=5).filter(|score| span.has((*score).into()));
            Test::All(vec![
                has_ordered(),
                Test::Any(scores.map(|score| it.scored(cuts, rank, score)).collect()),
            ])
        }),
    })
}

/// Everybody is in one.
fn group(it: &Compiler<'_>, field: Known, condition: &Condition, cuts: &Cuts) -> Found<Test> {
    let Kind::Word(words) = field.kind() else { return misfit(field.name()) };
    if *condition == Condition::Null {
        return Ok(Test::Nobody);
    }
    let bits = texts::bits(field.name(), condition, words)?;
    let is_wanted = |group: Group| {
        words.iter().position(|word| *word == group.name()).is_some_and(|place| bits >> place & 1 == 1)
    };
    Ok(it.in_groups(cuts, is_wanted))
}

fn has_ordered() -> Test {
    Test::Number(Number::Orders.into(), Span::AT_LEAST_ONE)
}

/// Who is in that group, by these cut points.
pub fn in_group(scene: &Scene<'_>, cuts: &Cuts, group: Group) -> Test {
    Compiler::of(*scene).in_groups(cuts, |other| other == group)
}

impl Compiler<'_> {
    /// Who is in any of these groups.
    fn in_groups(&self, cuts: &Cuts, is_wanted: impl Fn(Group) -> bool) -> Test {
        let mut any = Vec::new();
        for recency in 1..=5 {
            let mut rows = Vec::new();
            for frequency in 1..=5 {
                let amounts = (1..=5).filter(|monetary| {
                    let scores = Scores::new(recency, frequency, *monetary);
                    scores.is_some_and(|scores| is_wanted(scores.group()))
                });
                let amounts: Vec<u8> = amounts.collect();
                let money = match amounts.len() {
                    0 => continue,
                    5 => Test::Everyone,
                    _ => Test::Any(
                        amounts.iter().map(|score| self.scored(cuts, Rank::Monetary, *score)).collect(),
                    ),
                };
                rows.push(Test::All(vec![self.scored(cuts, Rank::Frequency, frequency), money]));
            }
            if !rows.is_empty() {
                any.push(Test::All(vec![self.scored(cuts, Rank::Recency, recency), Test::Any(rows)]));
            }
        }
        let mut groups = vec![Test::All(vec![has_ordered(), Test::Any(any)])];
        if is_wanted(Group::Prospects) {
            groups.push(not(has_ordered()));
        }
        Test::Any(groups)
    }

    /// Of those who have ordered: who has exactly this score.
    fn scored(&self, cuts: &Cuts, rank: Rank, score: u8) -> Test {
        let next = score + 1;
        match (score, next) {
            (..=1, _) => not(self.at_least(cuts, rank, 2)),
            (5.., _) => self.at_least(cuts, rank, 5),
            (score, next) => {
                Test::All(vec![self.at_least(cuts, rank, score), not(self.at_least(cuts, rank, next))])
            }
        }
    }

    /// `score` is from 2 to 5.
    fn at_least(&self, cuts: &Cuts, rank: Rank, score: u8) -> Test {
        let of = |marks: [Option<i64>; 4]| marks.get(usize::from(score) - 2).copied().flatten();
        match rank {
            Rank::Recency => {
                from(Number::LastOrder, of(cuts.recency()).and_then(|day| self.first_second(day)))
            }
            Rank::Frequency => from(Number::Orders, of(cuts.frequency())),
            Rank::Monetary => from(Number::Spent, of(cuts.monetary())),
        }
    }

    fn first_second(&self, day: i64) -> Option<i64> {
        let date = date_of(i32::try_from(day).ok()?)?;
        self.scene.zone.start_of(date).map(jiff::Timestamp::as_second)
    }
}

/// Nobody has a score that has no mark.
fn from(column: Number, mark: Option<i64>) -> Test {
    mark.map_or(Test::Nobody, |mark| Test::Number(column.into(), Span::from(mark)))
}

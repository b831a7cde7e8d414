//! How often time alone may give a rule another answer: found from the rule, before anybody is asked.

use domain::segment::Turns;
use rules::{Condition, Leaf, Moment, Param, Rule};

use crate::clock::{follows_the_clock, moments, moves};

/// `changes_at` finds nothing where it never turns, and only first seconds of the shop's days where it turns daily.
pub fn turns(rule: &Rule) -> Turns {
    rule.leaves().into_iter().map(of_leaf).max().unwrap_or(Turns::Never)
}

fn of_leaf(leaf: &Leaf) -> Turns {
    match leaf {
        Leaf::Field { condition, .. } => of(condition),
        // A fixed day, too, is another one in years without a 29 February.
        Leaf::Anniversary { condition, .. } => of(condition).max(Turns::Daily),
        Leaf::Event { each, .. } => {
            let dates = each.iter().filter(|clause| clause.param == Param::Date);
            dates.map(|clause| of(&clause.condition)).max().unwrap_or(Turns::Never)
        }
        Leaf::Bucket { .. } | Leaf::Near { .. } | Leaf::Segment(_) | Leaf::List(_) | Leaf::Funnel { .. } => {
            Turns::Never
        }
    }
}

fn of(condition: &Condition) -> Turns {
    moments(condition).map(of_moment).max().unwrap_or(Turns::Never)
}

fn of_moment(moment: Moment) -> Turns {
    if follows_the_clock(moment) {
        Turns::Hourly
    } else if moves(moment) {
        Turns::Daily
    } else {
        Turns::Never
    }
}

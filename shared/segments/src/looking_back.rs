//! How far back a rule looks: where older orders are not here, its answer may lack them.

use domain::Timestamp;
use rules::{Condition, Event, Field, Known, Leaf, Param, Rule};

use crate::{
    clock::Counts,
    compile::Compiler,
    foretold::scores_in,
    refused::{Refused, Unsupported},
    scene::Scene,
};

/// The leaves, as the language has them, whose answer hangs on orders of before that instant. How many orders somebody has and
/// what they have spent does not: that is the shop's own word.
pub fn looks_before(
    rule: &Rule,
    scene: &Scene<'_>,
    since: Timestamp,
) -> Result<Vec<String>, Vec<Unsupported>> {
    let compiler = Compiler::of(*scene);
    let mut found = Vec::new();
    for leaf in rule.leaves() {
        let one = Rule::Leaf(leaf.clone());
        let looks = leaf_looks(&compiler, leaf, since.as_second());
        if looks.map_err(|refused| vec![refused.at("")])? || !scores_in(&one).is_empty() {
            found.push(one.to_string());
        }
    }
    found.dedup();
    Ok(found)
}

fn leaf_looks(compiler: &Compiler<'_>, leaf: &Leaf, since: i64) -> Result<bool, Refused> {
    let begins_before = |name: &str, condition: &Condition| match condition {
        Condition::Null => Ok(true),
        condition => compiler.clock.span(name, condition, Counts::Seconds).map(|span| span.least < since),
    };
    Ok(match leaf {
        // Whose first order seems to be a late one may have ordered before.
        Leaf::Field { field: Field::Known(Known::FirstOrder | Known::DaysBetween), .. }
        | Leaf::Anniversary { field: Field::Known(Known::FirstOrder | Known::LastOrder), .. } => true,
        Leaf::Field { field: Field::Known(known @ Known::LastOrder), condition } => {
            begins_before(known.name(), condition)?
        }
        Leaf::Event { event: event @ (Event::OrdersPlaced | Event::ProductsPurchased), each, .. } => {
            let mut dated = each.iter().filter(|clause| clause.param == Param::Date && !clause.is_not);
            let mut is_bound = false;
            for clause in &mut dated {
                is_bound |= !begins_before(event.name(), &clause.condition)?;
            }
            !is_bound
        }
        _ => false,
    })
}

//! Fields that are worked out at night: who of those that have one passes.

use columns::{Members, Span, Test};
use insight::Silence;
use rules::{Condition, Kind, Known};
use std::sync::Arc;

use crate::{
    clock::Counts,
    compile::{Compiler, not},
    numbers::{decimal, minor, span, whole},
    ranks,
    refused::{Found, misfit, refused},
    texts,
};

pub(crate) fn compared(it: &Compiler<'_>, field: Known, condition: &Condition) -> Found<Test> {
    let name = field.name();
    let given = it.scene.given;
    let Some(scores) = given.scores.get(&field) else {
        let ranked = given.cuts.and_then(|cuts| ranks::compared(it, field, condition, &cuts));
        return ranked.unwrap_or_else(|| refused(name, why(given.silent.get(&field).copied())));
    };
    let passing = |passes: &dyn Fn(i64) -> bool| -> Test {
        let members: Members =
            scores.iter().filter(|(_, number)| passes(**number)).map(|(slot, _)| *slot).collect();
        Test::Members(Arc::new(members))
    };
    let within = |span: Span| passing(&|number| span.has(number));
    Ok(match (field.kind(), condition) {
        (_, Condition::Null) => not(passing(&|_| true)),
        (Kind::Word(words), condition) => {
            let bits = texts::bits(name, condition, words)?;
            passing(&|place| (0..64).contains(&place) && bits >> place & 1 == 1)
        }
        (Kind::Whole(..), condition) => within(span(name, condition, |value| whole(name, value))?),
        (Kind::Number | Kind::Share, condition) => {
            within(span(name, condition, |value| Ok(decimal(name, value)?.millionths()))?)
        }
        (Kind::Money, condition) => {
            within(span(name, condition, |value| minor(name, value, it.scene.currency))?)
        }
        (Kind::Date, condition) => within(it.clock.span(name, condition, Counts::Days)?),
        _ => return misfit(name),
    })
}

pub(crate) fn why(silence: Option<Silence>) -> &'static str {
    match silence {
        None => "it has not been worked out yet: that is done when the shop's next day begins",
        Some(Silence::FewCustomers { .. }) => "too few customers have ordered to say anything of it",
        Some(Silence::FewReturned { .. }) => "too few customers have come back to say anything of it",
        Some(Silence::ShortTime { .. }) => "the shop's first order is not old enough to say anything of it",
        Some(Silence::Undecided) => "what was ordered so far fits very different customers equally well",
    }
}

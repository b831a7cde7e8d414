//! Columns of the shop's own: what it brought, by name.

use columns::{Number, Of, Span, Test};
use rules::{Comparison, Condition, Kind, Own, Value};

use crate::{
    clock::Counts,
    compile::{Compiler, not},
    field::number,
    numbers::{decimal, span},
    refused::{Found, misfit},
    texts,
};

pub(crate) fn compared(it: &Compiler<'_>, own: &Own, condition: &Condition) -> Found<Test> {
    let name = &*own.name;
    let attribute: Box<str> = own.attribute().into();
    match own.kind {
        Kind::Text if *condition == Condition::Null => Ok(not(Test::HasText(Of::Attribute(attribute)))),
        Kind::Text => {
            let like = texts::like(name, condition)?;
            Ok(like.map_or(Test::Nobody, |like| Test::Text(Of::Attribute(attribute), like)))
        }
        Kind::Texts => texts::list(name, Of::Attribute(attribute), false, condition),
        Kind::Number => number(column(own), condition, |condition| {
            span(name, condition, |value| Ok(decimal(name, value)?.millionths()))
        }),
        Kind::Date => {
            number(column(own), condition, |condition| it.clock.span(name, condition, Counts::Days))
        }
        Kind::Yes => match condition {
            Condition::Is(Comparison::Equal, Value::Yes(yes)) => {
                Ok(Test::Number(column(own), Span::only(i64::from(*yes))))
            }
            _ => misfit(name),
        },
        _ => misfit(name),
    }
}

/// The column of its numbers. Dates count days.
pub(crate) fn column(own: &Own) -> Of<Number> {
    Of::Attribute(own.attribute().into())
}

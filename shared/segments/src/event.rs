//! What customers ordered: conditions on each order or each line, and on all that fit.
//!
//! Orders that were placed to try the shop are none. Cancelled ones are orders where a rule asks for what became of the
//! payment, and else not. What orders sum up to is what they add to `amount_spent`: paid, and less what went back. So
//! somebody has spent the same in all days together as at all.

use columns::{Among, Clause, Like, LineClause, LineNumber, LineWord, OrderCode, OrderNumber, Span, Test};
use domain::order::Marks;
use rules::{Condition, Event, Param};

use crate::{
    clock::Counts,
    compile::{Compiler, not},
    numbers::{minor, span, whole},
    outcomes,
    refused::{Found, misfit, refused},
    tags, texts,
};

/// By the numbers of `OrderStatus`.
const FINANCIAL_STATES: [&str; 7] =
    ["PENDING", "AUTHORIZED", "PARTIALLY_PAID", "PAID", "PARTIALLY_REFUNDED", "REFUNDED", "VOIDED"];
const ANY: Span = Span::new(i64::MIN, i64::MAX);

pub(crate) fn matched(
    it: &Compiler<'_>,
    event: Event,
    each: &[rules::Clause],
    all: &[rules::Clause],
) -> Found<Test> {
    let why = match event {
        Event::OrdersPlaced => return orders(it, each, all),
        Event::ProductsPurchased => return lines(it, each, all),
        Event::ProductViewed | Event::CollectionViewed => "it is not kept what was looked at in the shop",
        Event::Campaign => return of_all(it, all, |count, _| outcomes::matched(it, each, count)),
        Event::Consent => "only the last word on consent is among the columns, not when and how it was given",
    };
    refused(event.name(), why)
}

/// Whether cancelled orders are asked about.
fn with_cancelled(each: &[rules::Clause]) -> bool {
    each.iter().any(|clause| clause.param == Param::FinancialStatus)
}

fn is_order(with_cancelled: bool) -> Clause {
    Clause::Bits(OrderCode::Marks, 0, Marks::TEST | if with_cancelled { 0 } else { Marks::CANCELLED })
}

/// Of those that fit: whether their number, or what they sum up to, lies in the span.
pub(crate) fn within(
    it: &Compiler<'_>,
    event: Event,
    each: &[rules::Clause],
    of: Param,
    span: Span,
) -> Found<Test> {
    let (count, sum) = if of == Param::Count { (span, None) } else { (ANY, Some((of, span))) };
    match event {
        Event::OrdersPlaced => Ok(of_orders(each_order(it, each)?, count, sum)),
        Event::ProductsPurchased => Ok(of_lines(each_line(it, each)?, count, sum)),
        Event::Campaign if of == Param::Count => outcomes::matched(it, each, count),
        _ => misfit(event.name()),
    }
}

fn orders(it: &Compiler<'_>, each: &[rules::Clause], all: &[rules::Clause]) -> Found<Test> {
    let clauses = each_order(it, each)?;
    of_all(it, all, |count, sum| Ok(of_orders(clauses.clone(), count, sum)))
}

fn each_order(it: &Compiler<'_>, each: &[rules::Clause]) -> Found<Vec<Clause>> {
    let mut clauses = vec![is_order(with_cancelled(each))];
    for clause in each {
        let fits = order_clause(it, clause)?;
        clauses.push(if clause.is_not { Clause::Not(Box::new(fits)) } else { fits });
    }
    Ok(clauses)
}

fn of_orders(each: Vec<Clause>, count: Span, sum: Option<(Param, Span)>) -> Test {
    Test::Orders { each, count, sum: sum.map(|(_, span)| (OrderNumber::Net, span)) }
}

fn order_clause(it: &Compiler<'_>, clause: &rules::Clause) -> Found<Clause> {
    let (name, condition) = (clause.param.name(), &clause.condition);
    let number = |column, span: &dyn Fn(&Condition) -> Found<Span>| match condition {
        // None is without.
        Condition::Null => Ok(Clause::Number(column, Span::new(1, 0))),
        condition => Ok(Clause::Number(column, span(condition)?)),
    };
    match clause.param {
        Param::FinancialStatus => {
            Ok(Clause::Code(OrderCode::State, texts::bits(name, condition, &FINANCIAL_STATES)?))
        }
        Param::Amount => number(OrderNumber::Amount, &|condition| amount(it, name, condition)),
        Param::Date => number(OrderNumber::At, &|condition| it.clock.span(name, condition, Counts::Seconds)),
        Param::AppId => id(OrderNumber::App, name, condition),
        Param::LocationId => id(OrderNumber::Location, name, condition),
        _ => misfit(name),
    }
}

/// By Shopify's number. Of what is no number there is none.
fn id(column: OrderNumber, name: &str, condition: &Condition) -> Found<Clause> {
    if *condition == Condition::Null {
        let any = Clause::Number(column, ANY);
        return Ok(Clause::Not(Box::new(any)));
    }
    let numbers = texts::values(name, condition)?.into_iter().filter_map(|id| id.parse().ok());
    Ok(Clause::OneOf(column, numbers.collect()))
}

fn lines(it: &Compiler<'_>, each: &[rules::Clause], all: &[rules::Clause]) -> Found<Test> {
    let clauses = each_line(it, each)?;
    of_all(it, all, |count, sum| Ok(of_lines(clauses.clone(), count, sum)))
}

fn each_line(it: &Compiler<'_>, each: &[rules::Clause]) -> Found<Vec<LineClause>> {
    let mut clauses = vec![LineClause::Order(is_order(false))];
    for clause in each {
        let fits = line_clause(it, clause)?;
        clauses.push(if clause.is_not { LineClause::Not(Box::new(fits)) } else { fits });
    }
    Ok(clauses)
}

fn of_lines(each: Vec<LineClause>, count: Span, sum: Option<(Param, Span)>) -> Test {
    let sum = sum.map(|(param, span)| match param {
        Param::SumQuantity => (LineNumber::Quantity, span),
        _ => (LineNumber::Amount, span),
    });
    Test::Lines { each, count, sum }
}

fn line_clause(it: &Compiler<'_>, clause: &rules::Clause) -> Found<LineClause> {
    let (name, condition) = (clause.param.name(), &clause.condition);
    let number = |column, span: &dyn Fn(&Condition) -> Found<Span>| match condition {
        Condition::Null => Ok(LineClause::Number(column, Span::new(1, 0))),
        condition => Ok(LineClause::Number(column, span(condition)?)),
    };
    match clause.param {
        Param::Id if *condition == Condition::Null => {
            let any = LineClause::Word(LineWord::Product, Among::Like(Like::Contains("".into())));
            Ok(LineClause::Not(Box::new(any)))
        }
        Param::Id => Ok(LineClause::Word(LineWord::Product, Among::Exactly(texts::ids(name, condition)?))),
        Param::Quantity => {
            number(LineNumber::Quantity, &|condition| span(name, condition, |value| whole(name, value)))
        }
        Param::Amount => number(LineNumber::Amount, &|condition| amount(it, name, condition)),
        Param::Date => Ok(LineClause::Order(order_clause(it, clause)?)),
        Param::Tag => tags::borne(it.scene.given, condition),
        _ => misfit(name),
    }
}

fn amount(it: &Compiler<'_>, name: &str, condition: &Condition) -> Found<Span> {
    span(name, condition, |value| minor(name, value, it.scene.currency))
}

/// Of all that fit: at least one, unless something else is asked of them; then none may do, too.
fn of_all(
    it: &Compiler<'_>,
    all: &[rules::Clause],
    test: impl Fn(Span, Option<(Param, Span)>) -> Found<Test>,
) -> Found<Test> {
    if all.is_empty() {
        return test(Span::AT_LEAST_ONE, None);
    }
    let mut tests = Vec::new();
    for clause in all {
        let (name, condition) = (clause.param.name(), &clause.condition);
        let count = |value: &_| whole(name, value);
        let holds = match (clause.param, condition) {
            // There always is a number of them, and a sum.
            (_, Condition::Null) => Test::Nobody,
            (Param::Count, condition) => test(span(name, condition, count)?, None)?,
            (Param::SumAmount, condition) => test(ANY, Some((clause.param, amount(it, name, condition)?)))?,
            (Param::SumQuantity, condition) => {
                test(ANY, Some((clause.param, span(name, condition, count)?)))?
            }
            _ => return misfit(name),
        };
        tests.push(if clause.is_not { not(holds) } else { holds });
    }
    Ok(Test::All(tests))
}

/// Nothing of the kind has ever happened.
pub(crate) fn never(it: &Compiler<'_>, event: Event, each: &[rules::Clause]) -> Found<Option<Test>> {
    let count = Span::only(0);
    Ok(match event {
        Event::OrdersPlaced => {
            Some(Test::Orders { each: vec![is_order(with_cancelled(each))], count, sum: None })
        }
        Event::ProductsPurchased => {
            Some(Test::Lines { each: vec![LineClause::Order(is_order(false))], count, sum: None })
        }
        Event::Campaign => Some(outcomes::never(it, each)?),
        _ => None,
    })
}

//! One row asked by itself: a change is one row and hundreds of programs, and making room for more would cost more
//! than the questions.

use super::{
    bucket, history, length, list, number, numbers,
    prepare::{self, is_among},
    text,
};
use crate::{
    batch::{Batch, Texts},
    folded::fold,
    program::{Like, Node, Span, Test},
    schema::{Number, Of},
};

/// The row is someone.
pub(super) fn passes(node: &Node, batch: &Batch, row: usize) -> bool {
    match node {
        Node::All(nodes) => nodes.iter().all(|node| passes(node, batch, row)),
        Node::Any(nodes) => nodes.iter().any(|node| passes(node, batch, row)),
        Node::Not(node) => !passes(node, batch, row),
        // What most leaves are goes the short way.
        Node::Leaf(Test::Number(column, span), _) => lies_within(batch, column, *span, row),
        Node::Leaf(test, _) => holds(test, batch, row),
    }
}

#[inline]
fn lies_within(batch: &Batch, column: &Of<Number>, span: Span, row: usize) -> bool {
    number(batch, column).and_then(|numbers| numbers.get(row)).is_some_and(|number| span.has(number))
}

pub(super) fn holds(test: &Test, batch: &Batch, row: usize) -> bool {
    let core = batch.core.as_deref();
    match test {
        Test::Everyone | Test::All(_) => true,
        Test::Nobody | Test::Any(_) | Test::Not(_) => false,
        Test::Number(column, span) => lies_within(batch, column, *span, row),
        Test::OneOf(column, spans) => {
            number(batch, column).and_then(|numbers| numbers.get(row)).is_some_and(|number| {
                let first = spans.partition_point(|span| span.most < number);
                spans.get(first).is_some_and(|span| span.has(number))
            })
        }
        Test::HasNumber(column) => number(batch, column).is_some_and(|numbers| numbers.get(row).is_some()),
        Test::Ratio { above, minus, below, less, bounds } => {
            let get = |column| number(batch, &Of::Known(column))?.get(row);
            numbers::ratio(get(*above), minus.map_or(Some(0), get), get(*below), *less, *bounds)
        }
        Test::Code(column, set) => {
            core.is_some_and(|core| numbers::is_in(core.codes[*column as usize][row], *set))
        }
        Test::Bits(column, all, none) => {
            core.is_some_and(|core| numbers::has_bits(core.codes[*column as usize][row], *all, *none))
        }
        Test::Word(column, among) => {
            core.is_some_and(|core| core.words[*column as usize].words(row).any(|word| is_among(word, among)))
        }
        Test::HasWord(column) => core.is_some_and(|core| !core.words[*column as usize].of(row).is_empty()),
        Test::Text(column, like) => {
            text(batch, column).is_some_and(|texts| texts.is_told(row) && is_like(texts, row, like))
        }
        Test::HasText(column) => text(batch, column).is_some_and(|texts| texts.is_told(row)),
        Test::Search(part) => {
            batch.name.as_ref().is_some_and(|names| contains(names.all().get(row), &fold(part)))
        }
        Test::List(column, among) => {
            list(batch, column).is_some_and(|words| words.words(row).any(|word| is_among(word, among)))
        }
        Test::ListLength(column, span) => {
            span.has(length(list(batch, column).map_or(0, |words| words.of(row).len())))
        }
        Test::Orders { each, count, sum } => batch.orders.as_deref().is_some_and(|orders| {
            history::AskedOrders { orders, clauses: each, count: *count, sum: *sum }.passes(row)
        }),
        Test::Lines { each, count, sum } => batch.lines.as_deref().is_some_and(|lines| {
            let wanted = &prepare::words_of_lines(each, batch);
            let asked = history::AskedLines { orders: batch.orders.as_deref(), lines, clauses: each, wanted };
            asked.pass(row, *count, *sum)
        }),
        Test::Spacing { each, times, bounds } => batch.orders.as_deref().is_some_and(|orders| {
            history::spacing(orders, row, each)
                .is_some_and(|(span, steps)| numbers::shared(span * i128::from(*times), steps, *bounds))
        }),
        Test::Members(members) => members.has(batch.slot(row)),
        Test::Bucket { seed, of, within } => within.has(bucket(batch.slot(row), *seed, *of)),
    }
}

fn is_like(texts: &Texts, row: usize, like: &Like) -> bool {
    match like {
        Like::Exactly(wanted) => wanted.contains(texts.told.value(row)),
        like => is_uncased_like(texts.uncased().get(row), like),
    }
}

/// Of a text that is uncased.
pub(crate) fn is_uncased_like(text: &str, like: &Like) -> bool {
    match like {
        Like::Exactly(wanted) | Like::Is(wanted) => wanted.contains(text),
        Like::Contains(part) => contains(text, part),
        Like::StartsWith(start) => text.starts_with(&**start),
        Like::EndsWith(end) => text.ends_with(&**end),
        Like::Behind(mark, like) => {
            text.rsplit_once(&**mark).is_some_and(|(_, behind)| is_uncased_like(behind, like))
        }
    }
}

/// As `Folded::containing` has it: nothing contains a NUL.
fn contains(text: &str, part: &str) -> bool {
    !part.contains('\0') && text.contains(part)
}

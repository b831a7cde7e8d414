//! The grammar: tokens to what was told.
//!
//! After a part that cannot be read the parser goes on at the next AND, OR or closing bracket, so that everything that is
//! wrong is told at once.

use chumsky::{input::ValueInput, prelude::*};

use super::token::{Key, Token};
use crate::{
    leaf::{Comparison, Like, Quantity},
    problem::Place,
    told::{Argument, Asks, Clause, Condition, Leaf, Literal, Node, Test, Told},
};

type Wrong<'t, 's> = extra::Err<Rich<'t, Token<'s>>>;

fn told<T>(is: T, span: SimpleSpan) -> Told<T> {
    Told { place: Place::Bytes(span.start..span.end), is }
}

/// Puts its place on what a parser gives.
macro_rules! placed {
    ($parser:expr) => {
        $parser.map_with(|is, extra| told(is, extra.span()))
    };
}

pub(super) fn rule<'t, 's: 't, I>() -> impl Parser<'t, I, Told<Node>, Wrong<'t, 's>>
where
    I: ValueInput<'t, Token = Token<'s>, Span = SimpleSpan>,
{
    let node = recursive(|node| {
        let group = node.delimited_by(just(Token::Open), just(Token::Close));
        let everyone = placed!(just(Token::Key(Key::Everyone)).to(Node::Everyone));
        let leaf = placed!(leaf().map(|leaf| Node::Leaf(Box::new(leaf))));
        let unread = placed!(unread().to(Node::Unread));
        let part = choice((group, everyone, leaf)).recover_with(via_parser(unread)).boxed();
        let not = placed!(just(Token::Key(Key::Not)).or_not().then(part).map(|(not, part)| match not {
            Some(_) => Node::Not(Box::new(part)),
            None => part.is,
        }));
        let both = joined(not, Key::And, Node::All);
        joined(both, Key::Or, Node::Any).boxed()
    });
    // What follows cannot be read, but what was read can be looked at.
    node.then_ignore(end().recover_with(via_parser(any().repeated())))
}

fn joined<'t, 's: 't, I>(
    part: impl Parser<'t, I, Told<Node>, Wrong<'t, 's>> + Clone + 't,
    by: Key,
    group: fn(Vec<Told<Node>>) -> Node,
) -> impl Parser<'t, I, Told<Node>, Wrong<'t, 's>> + Clone
where
    I: ValueInput<'t, Token = Token<'s>, Span = SimpleSpan>,
{
    let parts = part.separated_by(just(Token::Key(by))).at_least(1).collect::<Vec<_>>();
    placed!(parts.map(move |mut parts| match parts.len() {
        1 => parts.remove(0).is,
        _ => group(parts),
    }))
    .boxed()
}

/// Up to where one can go on.
fn unread<'t, 's: 't, I>() -> impl Parser<'t, I, (), Wrong<'t, 's>> + Clone
where
    I: ValueInput<'t, Token = Token<'s>, Span = SimpleSpan>,
{
    let bracket = recursive(|bracket| {
        let plain = none_of([Token::Open, Token::Close]).ignored();
        bracket.or(plain).repeated().delimited_by(just(Token::Open), just(Token::Close))
    });
    let plain = none_of([Token::Key(Key::And), Token::Key(Key::Or), Token::Open, Token::Close]).ignored();
    bracket.or(plain).repeated().at_least(1).boxed()
}

fn leaf<'t, 's: 't, I>() -> impl Parser<'t, I, Leaf, Wrong<'t, 's>> + Clone
where
    I: ValueInput<'t, Token = Token<'s>, Span = SimpleSpan>,
{
    let condition = condition();
    let not = just(Token::Key(Key::Not)).or_not();
    let clause = not.clone().then(name("a parameter")).then(placed!(condition.clone()));
    let clause = clause.map(|((not, param), mut condition)| {
        condition.is.is_not ^= not.is_some();
        Clause { param, condition }
    });
    let clauses = clause.separated_by(just(Token::Comma)).collect::<Vec<_>>();
    let clauses = clauses.delimited_by(just(Token::Open), just(Token::Close));
    let matches = not.then_ignore(just(Token::Key(Key::Matches))).then(clauses);
    let matches = matches.map(|(not, clauses)| Asks::Matches { is_not: not.is_some(), clauses });
    let compares = placed!(condition).map(Asks::Compares);

    let of = argument().separated_by(just(Token::Comma)).collect::<Vec<_>>();
    let of = of.delimited_by(just(Token::Open), just(Token::Close)).or_not();
    let leaf = name("a field or function").then(of).then(choice((matches, compares)));
    leaf.map(|((name, of), asks)| Leaf { name, of, asks }).boxed()
}

/// As functions were called before 2026-10: `id: (1, 2)`, `date: >= -90d`.
fn argument<'t, 's: 't, I>() -> impl Parser<'t, I, Argument, Wrong<'t, 's>> + Clone
where
    I: ValueInput<'t, Token = Token<'s>, Span = SimpleSpan>,
{
    let name = name("a parameter").then_ignore(just(Token::Colon));
    let named = name.clone().then(placed!(condition()));
    let named = named.map(|(param, condition)| Argument::Named(Clause { param, condition }));
    let plain = name.then(literal()).map(|(param, value)| Argument::Plain(param, value));
    choice((named, plain, literal().map(Argument::Bare))).boxed()
}

fn name<'t, 's: 't, I>(what: &'static str) -> impl Parser<'t, I, Told<String>, Wrong<'t, 's>> + Clone
where
    I: ValueInput<'t, Token = Token<'s>, Span = SimpleSpan>,
{
    placed!(select! { Token::Word(word) => word.to_owned() }.labelled(what))
}

fn single<'t, 's: 't, I>() -> impl Parser<'t, I, Told<Literal>, Wrong<'t, 's>> + Clone
where
    I: ValueInput<'t, Token = Token<'s>, Span = SimpleSpan>,
{
    let single = select! {
        Token::Text(text) => Literal::Text(text),
        Token::Number(number) => Literal::Number(number.to_owned()),
        Token::Date(date) => Literal::Date(date.to_owned()),
        Token::Key(Key::True) => Literal::Yes(true),
        Token::Key(Key::False) => Literal::Yes(false),
        Token::Word(word) => Literal::Name(word.to_owned()),
    };
    placed!(single.labelled("a value"))
}

fn several<'t, 's: 't, I>() -> impl Parser<'t, I, Vec<Told<Literal>>, Wrong<'t, 's>> + Clone
where
    I: ValueInput<'t, Token = Token<'s>, Span = SimpleSpan>,
{
    let all = single().separated_by(just(Token::Comma)).collect::<Vec<_>>();
    all.delimited_by(just(Token::Open), just(Token::Close)).boxed()
}

fn literal<'t, 's: 't, I>() -> impl Parser<'t, I, Told<Literal>, Wrong<'t, 's>> + Clone
where
    I: ValueInput<'t, Token = Token<'s>, Span = SimpleSpan>,
{
    choice((single(), placed!(several().map(Literal::Several)))).boxed()
}

fn condition<'t, 's: 't, I>() -> impl Parser<'t, I, Condition, Wrong<'t, 's>> + Clone
where
    I: ValueInput<'t, Token = Token<'s>, Span = SimpleSpan>,
{
    let key = |key| just(Token::Key(key));
    let positive = |test| Condition { is_not: false, test };
    let sign = select! {
        Token::Sign("=") => (false, Comparison::Equal),
        Token::Sign("!=") => (true, Comparison::Equal),
        Token::Sign("<") => (false, Comparison::Less),
        Token::Sign("<=") => (false, Comparison::AtMost),
        Token::Sign(">") => (false, Comparison::More),
        Token::Sign(">=") => (false, Comparison::AtLeast),
    };
    let sign = sign.labelled("a comparison");
    let is = sign.then(literal());
    let is = is.map(|((is_not, comparison), value)| Condition { is_not, test: Test::Is(comparison, value) });
    let between = key(Key::Between).ignore_then(single()).then_ignore(key(Key::And)).then(single());
    let between = between.map(move |(from, to)| positive(Test::Between(from, to)));
    let null = key(Key::Is).ignore_then(key(Key::Not).or_not()).then_ignore(key(Key::Null));
    let null = null.map(|not| Condition { is_not: not.is_some(), test: Test::Null });
    let length = key(Key::Length).ignore_then(sign).then(single());
    let length = length
        .map(|((is_not, comparison), number)| Condition { is_not, test: Test::Length(comparison, number) });

    let among = key(Key::In).ignore_then(several()).map(Test::In);
    let quantity = choice((key(Key::Any).to(Quantity::Any), key(Key::All).to(Quantity::All)));
    let holds = quantity.then(several()).map(|(quantity, texts)| Test::Holds(quantity, texts));
    let holds = key(Key::Contains)
        .ignore_then(choice((holds, single().map(|text| Test::Like(Like::Contains, text)))));
    let starts = key(Key::Starts).then(key(Key::With)).ignore_then(single());
    let starts = starts.map(|text| Test::Like(Like::StartsWith, text));
    let ends = key(Key::Ends).then(key(Key::With)).ignore_then(single());
    let ends = ends.map(|text| Test::Like(Like::EndsWith, text));
    let negatable = key(Key::Not).or_not().then(choice((among, holds, starts, ends)));
    let negatable = negatable.map(|(not, test)| Condition { is_not: not.is_some(), test });

    choice((is, between, null, length, negatable)).boxed()
}

//! Any customer and any question, and the slow, obvious answer.

mod slow;

use columns::{
    Among, Attribute, Circle, Clause, Code, Like, Line, LineClause, LineNumber, LineWord, List, Number, Of,
    Order, OrderCode, OrderNumber, Row, Slot, Span, Test, Text, Word, uncased,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use std::{collections::BTreeSet, ops::Bound, sync::Arc};

pub(crate) use slow::{fits, passes};

const WORDS: [&str; 9] =
    ["vip", "VIP", "José", "jose", "a", "", "Zoë\nx", "52520000 13405000", "-33868800 151209300"];
const NUMBERS: [i64; 9] = [0, 1, 2, -1, 70_000, 65_535, 5_000_000_000, i64::MIN, i64::MAX];
const NAMES: [&str; 2] = ["size", "colour"];

fn word() -> impl Strategy<Value = Box<str>> {
    select(&WORDS[..]).prop_map(Into::into)
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 0..20_i64, 1 => select(&NUMBERS[..])]
}

fn order() -> impl Strategy<Value = Order> {
    let line = (vec(option::of(number()), LineNumber::COUNT), vec(option::of(word()), LineWord::COUNT))
        .prop_map(|(numbers, words)| {
            let mut line = Line::default();
            for column in LineNumber::ALL {
                line[column] = numbers[column as usize];
            }
            for column in LineWord::ALL {
                line[column].clone_from(&words[column as usize]);
            }
            line
        });
    (vec(option::of(number()), OrderNumber::COUNT), vec(0..5_u8, OrderCode::COUNT), vec(line, 0..3)).prop_map(
        |(numbers, codes, lines)| {
            let mut order = Order::default();
            order.lines = lines;
            for column in OrderNumber::ALL {
                order[column] = numbers[column as usize];
            }
            for column in OrderCode::ALL {
                order[column] = codes[column as usize];
            }
            order
        },
    )
}

pub(crate) fn row() -> impl Strategy<Value = Row> {
    let attribute = prop_oneof![
        number().prop_map(Attribute::Number),
        word().prop_map(Attribute::Text),
        word().prop_map(|word| Attribute::List(vec![word])),
    ];
    (
        vec(option::of(number()), Number::COUNT),
        vec(0..70_u8, Code::COUNT),
        vec(option::of(word()), Word::COUNT + Text::COUNT),
        vec(vec(word(), 0..4), List::COUNT),
        prop::collection::btree_map(select(&NAMES[..]).prop_map(Into::into), attribute, 0..3),
        prop::collection::btree_map(1..9_u32, order(), 0..4),
    )
        .prop_map(|(numbers, codes, texts, lists, attributes, orders)| {
            let mut row = Row::default();
            row.attributes = attributes;
            row.orders = orders;
            for column in Number::ALL {
                row[column] = numbers[column as usize];
            }
            row[Number::Added] = Some(row[Number::Added].unwrap_or(7));
            for column in Code::ALL {
                row[column] = codes[column as usize];
            }
            for column in Word::ALL {
                row[column].clone_from(&texts[Text::COUNT + column as usize]);
            }
            for column in Text::ALL {
                row[column].clone_from(&texts[column as usize]);
            }
            for column in List::ALL {
                row.set_list(column, lists[column as usize].clone());
            }
            row
        })
}

fn span() -> impl Strategy<Value = Span> {
    prop_oneof![
        number().prop_map(Span::from),
        number().prop_map(Span::to),
        number().prop_map(Span::only),
        (number(), number()).prop_map(|(least, most)| Span::new(least, most)),
    ]
}

fn words() -> impl Strategy<Value = BTreeSet<Box<str>>> {
    prop::collection::btree_set(word(), 0..3)
}

fn uncased_words(words: BTreeSet<Box<str>>) -> BTreeSet<Box<str>> {
    words.into_iter().map(|word| uncased(&word).into()).collect()
}

fn among() -> impl Strategy<Value = Among> {
    prop_oneof![
        words().prop_map(Among::Exactly),
        words().prop_map(|words| Among::These(Arc::new(words))),
        words().prop_map(|words| Among::Uncased(uncased_words(words))),
        like().prop_map(Among::Like),
        (0..3_000_000_i64).prop_map(|metres| {
            Among::Within(Circle { latitude: 45_000_000, longitude: 9_000_000, millimetres: metres * 1_000 })
        }),
    ]
}

fn of<K: Clone + std::fmt::Debug + 'static>(known: impl Strategy<Value = K>) -> impl Strategy<Value = Of<K>> {
    prop_oneof![3 => known.prop_map(Of::Known), 1 => select(&NAMES[..]).prop_map(|name| Of::Attribute(name.into()))]
}

fn like() -> impl Strategy<Value = Like> {
    let part = || {
        prop_oneof![word(), Just("os".into()), Just("\0".into())].prop_map(|part| Box::from(uncased(&part)))
    };
    let plain = prop_oneof![
        words().prop_map(Like::Exactly),
        words().prop_map(|words| Like::Is(uncased_words(words))),
        part().prop_map(Like::Contains),
        part().prop_map(Like::StartsWith),
        part().prop_map(Like::EndsWith),
    ];
    (plain, option::weighted(0.2, select(&["s", "o", "@"][..]))).prop_map(|(like, mark)| match mark {
        Some(mark) => Like::Behind(mark.into(), Box::new(like)),
        None => like,
    })
}

pub(crate) fn clause() -> impl Strategy<Value = Clause> {
    let leaf = prop_oneof![
        (select(&OrderNumber::ALL[..]), span()).prop_map(|(column, span)| Clause::Number(column, span)),
        (select(&OrderNumber::ALL[..]), prop::collection::btree_set(number(), 0..3))
            .prop_map(|(column, wanted)| Clause::OneOf(column, wanted)),
        (select(&OrderCode::ALL[..]), 0..16_u64).prop_map(|(code, set)| Clause::Code(code, set)),
        (select(&OrderCode::ALL[..]), 0..3_u8, 0..3_u8)
            .prop_map(|(code, all, none)| Clause::Bits(code, all, none)),
    ];
    (leaf, any::<bool>()).prop_map(|(leaf, not)| if not { Clause::Not(Box::new(leaf)) } else { leaf })
}

fn line_clause() -> impl Strategy<Value = LineClause> {
    let leaf = prop_oneof![
        clause().prop_map(LineClause::Order),
        (select(&LineNumber::ALL[..]), span()).prop_map(|(column, span)| LineClause::Number(column, span)),
        (select(&LineWord::ALL[..]), among()).prop_map(|(column, among)| LineClause::Word(column, among)),
    ];
    (leaf, any::<bool>()).prop_map(|(leaf, not)| if not { LineClause::Not(Box::new(leaf)) } else { leaf })
}

pub(crate) fn test() -> impl Strategy<Value = Test> {
    let bound = || {
        prop_oneof![
            Just(Bound::Unbounded),
            number().prop_map(Bound::Included),
            number().prop_map(Bound::Excluded)
        ]
    };
    let numbers = || select(&Number::ALL[..]);
    let leaf = prop_oneof![
        Just(Test::Everyone),
        Just(Test::Nobody),
        (of(numbers()), span()).prop_map(|(column, span)| Test::Number(column, span)),
        (of(numbers()), vec((number(), number()), 0..4)).prop_map(|(column, ends)| {
            let mut spans: Vec<Span> = Vec::new();
            for (one, other) in ends {
                let span = Span::new(one.min(other), one.max(other));
                spans.retain(|known| known.most < span.least || span.most < known.least);
                spans.push(span);
            }
            spans.sort_by_key(|span| span.least);
            Test::OneOf(column, spans)
        }),
        (vec(clause(), 0..2), 0..3_i64, bound(), bound())
            .prop_map(|(each, times, least, most)| { Test::Spacing { each, times, bounds: (least, most) } }),
        (numbers(), option::of(numbers()), numbers(), 0..2_i64, bound(), bound()).prop_map(
            |(above, minus, below, less, least, most)| Test::Ratio {
                above,
                minus,
                below,
                less,
                bounds: (least, most)
            }
        ),
        (select(&Code::ALL[..]), any::<u64>()).prop_map(|(code, set)| Test::Code(code, set)),
        (select(&Code::ALL[..]), 0..9_u8, 0..9_u8).prop_map(|(code, all, none)| Test::Bits(code, all, none)),
        (select(&Word::ALL[..]), among()).prop_map(|(column, among)| Test::Word(column, among)),
        (of(select(&Text::ALL[..])), like()).prop_map(|(column, like)| Test::Text(column, like)),
        word().prop_map(|part| Test::Search(part.into())),
        (of(select(&List::ALL[..])), among()).prop_map(|(column, among)| Test::List(column, among)),
        (of(select(&List::ALL[..])), span()).prop_map(|(column, span)| Test::ListLength(column, span)),
        of(numbers()).prop_map(Test::HasNumber),
        select(&Word::ALL[..]).prop_map(Test::HasWord),
        of(select(&Text::ALL[..])).prop_map(Test::HasText),
        (vec(clause(), 0..3), span(), option::of((select(&OrderNumber::ALL[..]), span())))
            .prop_map(|(each, count, sum)| Test::Orders { each, count, sum }),
        (vec(line_clause(), 0..3), span(), option::of((select(&LineNumber::ALL[..]), span())))
            .prop_map(|(each, count, sum)| Test::Lines { each, count, sum }),
        vec(0..200_u32, 0..50)
            .prop_map(|slots| Test::Members(std::sync::Arc::new(slots.into_iter().map(Slot).collect()))),
        (any::<u64>(), 0..9_u32, span()).prop_map(|(seed, of, within)| Test::Bucket { seed, of, within }),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Test::All),
            vec(inner.clone(), 0..4).prop_map(Test::Any),
            inner.prop_map(|test| Test::Not(Box::new(test))),
        ]
    })
}

/// A customer whose numbers hardly anyone shares, some of them far from all others.
pub(crate) fn spread_row() -> impl Strategy<Value = Row> {
    let numbers = |count| vec(option::weighted(0.95, spread()), count);
    let order = (numbers(OrderNumber::COUNT), 0..5_u8).prop_map(|(numbers, state)| {
        let mut order = Order::default();
        for column in OrderNumber::ALL {
            order[column] = numbers[column as usize];
        }
        order[OrderCode::State] = state;
        order
    });
    (numbers(Number::COUNT), 0..4_u8, prop::collection::btree_map(1..9_u32, order, 0..4)).prop_map(
        |(numbers, state, orders)| {
            let mut row = Row::default();
            for column in Number::ALL {
                row[column] = numbers[column as usize];
            }
            row[Number::Added] = Some(row[Number::Added].unwrap_or(7));
            row[Code::EmailState] = state;
            row.orders = orders;
            row
        },
    )
}

fn spread() -> impl Strategy<Value = i64> {
    prop_oneof![15 => 0..3_000_i64, 4 => Just(0), 1 => select(&NUMBERS[..])]
}

/// What is asked of many neighbours at a time, over such numbers.
pub(crate) fn spread_test() -> impl Strategy<Value = Test> {
    let span = || {
        prop_oneof![
            spread().prop_map(Span::from),
            spread().prop_map(Span::to),
            (spread(), spread()).prop_map(|(least, most)| Span::new(least, most)),
        ]
    };
    let clause = prop_oneof![
        (select(&OrderNumber::ALL[..]), span()).prop_map(|(column, span)| Clause::Number(column, span)),
        Just(Clause::Code(OrderCode::State, 0b1110)),
    ];
    let clause = (clause, any::<bool>())
        .prop_map(|(clause, not)| if not { Clause::Not(Box::new(clause)) } else { clause });
    let leaf = prop_oneof![
        4 => (select(&Number::ALL[..]), span()).prop_map(|(column, span)| Test::Number(column.into(), span)),
        1 => Just(Test::Code(Code::EmailState, 1 << 1)),
        1 => (vec(clause, 0..3), (0..4_i64, 0..4_i64), option::of(span())).prop_map(|(each, (least, most), sum)| {
            let sum = sum.map(|span| (OrderNumber::Net, span));
            Test::Orders { each, count: Span::new(least, least + most), sum }
        }),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            2 => vec(inner.clone(), 0..4).prop_map(Test::All),
            1 => vec(inner.clone(), 0..4).prop_map(Test::Any),
            1 => inner.prop_map(|test| Test::Not(Box::new(test))),
        ]
    })
}

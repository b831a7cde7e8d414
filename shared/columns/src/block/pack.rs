//! Rows → columns ready to be asked. A block is written from them, and few rows that changed are asked as they are.

use arrow_array::StringArray;
use arrow_buffer::ScalarBuffer;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::LazyLock,
};

use crate::{
    batch::{Column, Core, Names, Numbers, Starts, Texts, Whole, Words},
    history::{Lines, OfRows, Orders},
    row::{Attribute, Line, Order, Row},
    schema::{Code, LineNumber, LineWord, List, Number, OrderCode, OrderNumber, Text, Word},
};

/// `None` is nobody.
type Rows<'a> = [Option<&'a Row>];

pub(super) fn core(rows: &Rows) -> Core {
    Core {
        numbers: Number::ALL.map(|column| numbers(rows.iter().map(|row| row.and_then(|row| row[column])))),
        codes: Code::ALL.map(|column| codes(rows.iter().map(|row| row.map_or(0, |row| row[column])))),
        words: Word::ALL
            .map(|column| words(rows.iter().map(|row| row.and_then(|row| row[column].as_deref())))),
    }
}

pub(super) fn names(rows: &Rows) -> Names {
    Names::new(
        Text::ALL.map(|column| texts(rows.iter().map(|row| row.and_then(|row| row[column].as_deref())))),
    )
}

pub(super) fn lists(rows: &Rows) -> [Words; List::COUNT] {
    List::ALL.map(|column| list(rows.iter().map(|row| row.map_or(&[] as &[_], |row| row.list(column)))))
}

pub(super) fn orders(rows: &Rows) -> Orders {
    let all: Vec<(u32, &Order)> =
        rows.iter().flatten().flat_map(|row| &row.orders).map(|(number, order)| (*number, order)).collect();
    Orders {
        of_rows: OfRows::of_lengths(rows.iter().map(|row| row.map_or(0, |row| row.orders.len()))),
        order: numbers(all.iter().map(|(number, _)| Some(i64::from(*number)))),
        numbers: OrderNumber::ALL.map(|column| numbers(all.iter().map(|(_, order)| order[column]))),
        codes: OrderCode::ALL.map(|column| codes(all.iter().map(|(_, order)| order[column]))),
    }
}

pub(super) fn lines(rows: &Rows) -> Lines {
    let lengths = rows
        .iter()
        .map(|row| row.iter().flat_map(|row| row.orders.values()).map(|order| order.lines.len()).sum());
    let mut all: Vec<(u32, &Line)> = Vec::new();
    for (number, order) in rows.iter().flatten().flat_map(|row| &row.orders) {
        all.extend(order.lines.iter().map(|line| (*number, line)));
    }
    Lines {
        of_rows: OfRows::of_lengths(lengths),
        order: numbers(all.iter().map(|(number, _)| Some(i64::from(*number)))),
        numbers: LineNumber::ALL.map(|column| numbers(all.iter().map(|(_, line)| line[column]))),
        words: LineWord::ALL.map(|column| words(all.iter().map(|(_, line)| line[column].as_deref()))),
    }
}

/// A column for each attribute that anyone has. An attribute that is a number for some and a text for others is two.
pub(super) fn attributes(rows: &Rows) -> BTreeMap<Box<str>, Vec<Column>> {
    let everyone = || rows.iter().map(|row| row.map(|row| &row.attributes));
    let mut named = BTreeSet::new();
    for (name, value) in everyone().flatten().flatten() {
        named.insert((name, kind(value)));
    }
    let mut columns = BTreeMap::<Box<str>, Vec<Column>>::new();
    for (name, of) in named {
        let values = everyone().map(|has| has.and_then(|has| has.get(name)));
        let column = match of {
            Kind::Number => Column::Number(numbers(values.map(|value| match value {
                Some(Attribute::Number(number)) => Some(*number),
                _ => None,
            }))),
            Kind::Text => Column::Text(texts(values.map(|value| match value {
                Some(Attribute::Text(text)) => Some(&**text),
                _ => None,
            }))),
            Kind::List => Column::List(list(values.map(|value| match value {
                Some(Attribute::List(list)) => &**list,
                _ => &[],
            }))),
        };
        columns.entry(name.clone()).or_default().push(column);
    }
    columns
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    List,
    Number,
    Text,
}

fn kind(value: &Attribute) -> Kind {
    match value {
        Attribute::Number(_) => Kind::Number,
        Attribute::Text(_) => Kind::Text,
        Attribute::List(_) => Kind::List,
    }
}

/// In the narrowest type that holds them all; an absent one is 0 there.
pub(super) fn numbers(values: impl Iterator<Item = Option<i64>> + Clone) -> Numbers {
    let (mut least, mut most, mut is_absent) = (0, 0, false);
    for value in values.clone() {
        is_absent |= value.is_none();
        least = least.min(value.unwrap_or(0));
        most = most.max(value.unwrap_or(0));
    }
    let valid = is_absent.then(|| bits(values.clone().map(|value| value.is_some())));
    let values = values.map(Option::unwrap_or_default);
    macro_rules! narrow {
        ($($whole:ty => $of:ident),*) => {$(
            if <$whole>::try_from(least).is_ok() && <$whole>::try_from(most).is_ok() {
                let narrow = values.map(|value| <$whole>::try_from(value).unwrap_or_default());
                return Numbers::new(Whole::$of(narrow.collect()), valid);
            }
        )*};
    }
    narrow!(u16 => U16, u32 => U32, i32 => I32);
    Numbers::new(Whole::I64(values.collect()), valid)
}

fn codes(values: impl Iterator<Item = u8>) -> ScalarBuffer<u8> {
    values.collect()
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Texts {
    Texts::new(values.collect())
}

fn words<'a>(values: impl Iterator<Item = Option<&'a str>> + Clone) -> Words {
    let mut dictionary = Dictionary::default();
    let valid = values.clone().any(|word| word.is_none());
    let valid = valid.then(|| bits(values.clone().map(|word| word.is_some())));
    let keys = values.map(|word| word.map_or(0, |word| dictionary.key(word))).collect();
    Words { dictionary: dictionary.words(), keys, starts: Starts::One(valid) }
}

fn list<'a>(values: impl Iterator<Item = &'a [Box<str>]>) -> Words {
    let (mut dictionary, mut keys, mut starts) = (Dictionary::default(), Vec::new(), vec![0]);
    for list in values {
        keys.extend(list.iter().map(|word| dictionary.key(word)));
        starts.push(i32::try_from(keys.len()).unwrap_or(i32::MAX));
    }
    Words { dictionary: dictionary.words(), keys: keys.into(), starts: Starts::List(starts.into()) }
}

/// Words in the order in which they first came.
#[derive(Default)]
struct Dictionary<'a> {
    places: HashMap<&'a str, u32>,
    words: Vec<&'a str>,
}

impl<'a> Dictionary<'a> {
    fn key(&mut self, word: &'a str) -> u32 {
        *self.places.entry(word).or_insert_with(|| {
            self.words.push(word);
            u32::try_from(self.words.len() - 1).unwrap_or(u32::MAX)
        })
    }

    fn words(self) -> StringArray {
        // Asking for memory is most of what a single row costs, and most of its columns have no word.
        static NONE: LazyLock<StringArray> = LazyLock::new(|| StringArray::from_iter_values([""; 0]));
        if self.words.is_empty() { NONE.clone() } else { StringArray::from_iter_values(self.words) }
    }
}

fn bits(values: impl Iterator<Item = bool>) -> Vec<u64> {
    let mut words = Vec::new();
    for (row, is) in values.enumerate() {
        if row % 64 == 0 {
            words.push(0);
        }
        words[row / 64] |= u64::from(is) << (row % 64);
    }
    words
}

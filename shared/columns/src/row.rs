//! What the audience knows of one customer.
//!
//! The plain form: the record makes it, blocks are written from it, and the slow evaluator of the tests reads it.

use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    ops::{Index, IndexMut},
};

use crate::schema::{Code, LineNumber, LineWord, List, Number, OrderCode, OrderNumber, Text, Word};

/// Lists are sorted and hold nothing twice.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Row {
    pub(crate) numbers: [Option<i64>; Number::COUNT],
    pub(crate) codes: [u8; Code::COUNT],
    pub(crate) words: [Option<Box<str>>; Word::COUNT],
    pub(crate) texts: [Option<Box<str>>; Text::COUNT],
    pub(crate) lists: [Vec<Box<str>>; List::COUNT],
    pub attributes: BTreeMap<Box<str>, Attribute>,
    /// By the number that the customer's record gave the order: 1, 2, 3, never twice.
    #[serde(skip)]
    pub orders: BTreeMap<u32, Order>,
}

/// A value of a shop's own column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attribute {
    /// Millionths for numbers, seconds for instants, 0 and 1 for yes and no.
    Number(i64),
    Text(Box<str>),
    List(Vec<Box<str>>),
}

/// One order in a customer's history.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Order {
    pub(crate) numbers: [Option<i64>; OrderNumber::COUNT],
    pub(crate) codes: [u8; OrderCode::COUNT],
    pub lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Line {
    pub(crate) numbers: [Option<i64>; LineNumber::COUNT],
    pub(crate) words: [Option<Box<str>>; LineWord::COUNT],
}

impl Row {
    /// Puts a list into its one form.
    pub fn set_list(&mut self, column: List, words: impl IntoIterator<Item = Box<str>>) {
        let list = &mut self.lists[column as usize];
        list.clear();
        list.extend(words);
        list.sort_unstable();
        list.dedup();
    }

    pub fn list(&self, column: List) -> &[Box<str>] {
        &self.lists[column as usize]
    }
}

macro_rules! columns_of {
    ($($owner:ident.$field:ident[$column:ident]: $value:ty;)*) => {$(
        impl Index<$column> for $owner {
            type Output = $value;
            fn index(&self, column: $column) -> &$value {
                &self.$field[column as usize]
            }
        }

        impl IndexMut<$column> for $owner {
            fn index_mut(&mut self, column: $column) -> &mut $value {
                &mut self.$field[column as usize]
            }
        }
    )*};
}

columns_of! {
    Row.numbers[Number]: Option<i64>;
    Row.codes[Code]: u8;
    Row.words[Word]: Option<Box<str>>;
    Row.texts[Text]: Option<Box<str>>;
    Order.numbers[OrderNumber]: Option<i64>;
    Order.codes[OrderCode]: u8;
    Line.numbers[LineNumber]: Option<i64>;
    Line.words[LineWord]: Option<Box<str>>;
}

//! An Arrow table of a family → columns ready to be asked. Every column is looked up by name and held to its type:
//! bytes that were changed are refused, never misread.

use arrow_array::{
    Array, DictionaryArray, Int32Array, Int64Array, ListArray, StringArray, UInt8Array, UInt16Array,
    UInt32Array, cast::AsArray, types::UInt32Type,
};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use std::{collections::BTreeMap, sync::Arc};

use super::{BadBlock, Family, ORDER, ROW, Table};
use crate::{
    batch::{Batch, Column, Core, Names, Numbers, Starts, Texts, Whole, Words},
    history::{Lines, OfRows, Orders},
    schema::{Code, LineNumber, LineWord, List, Number, OrderCode, OrderNumber, Text, Word},
};

pub(super) fn family(batch: &mut Batch, family: Family, table: &Table) -> Result<(), BadBlock> {
    let rows = batch.len();
    if !matches!(family, Family::Orders | Family::Lines) && table.num_rows() != rows {
        return Err(BadBlock::Row);
    }
    let copies = if family == Family::Name { 3 } else { 1 };
    let sketches = table.num_rows() * table.num_columns();
    batch.bytes += table.get_array_memory_size() * copies + sketches;
    match family {
        Family::Core => {
            batch.core = Some(Arc::new(Core {
                numbers: each(Number::ALL, |column| numbers(table, column.name()))?,
                codes: each(Code::ALL, |column| codes(table, column.name()))?,
                words: each(Word::ALL, |column| words(table, column.name()))?,
            }));
        }
        Family::Name => {
            batch.name = Some(Arc::new(Names::new(each(Text::ALL, |column| texts(table, column.name()))?)));
        }
        Family::Tags => batch.lists = Some(Arc::new(each(List::ALL, |column| lists(table, column.name()))?)),
        Family::Orders => {
            batch.orders = Some(Arc::new(Orders {
                of_rows: of_rows(rows, table)?,
                order: numbers(table, ORDER)?,
                numbers: each(OrderNumber::ALL, |column| numbers(table, column.name()))?,
                codes: each(OrderCode::ALL, |column| codes(table, column.name()))?,
            }));
        }
        Family::Lines => {
            batch.lines = Some(Arc::new(Lines {
                of_rows: of_rows(rows, table)?,
                order: numbers(table, ORDER)?,
                numbers: each(LineNumber::ALL, |column| numbers(table, column.name()))?,
                words: each(LineWord::ALL, |column| words(table, column.name()))?,
            }));
        }
        Family::Attributes => batch.attributes = Some(Arc::new(attributes(table)?)),
    }
    Ok(())
}

fn each<C: Copy, T, const N: usize>(
    columns: [C; N],
    mut read: impl FnMut(C) -> Result<T, BadBlock>,
) -> Result<[T; N], BadBlock> {
    let mut all = Vec::with_capacity(N);
    for column in columns {
        all.push(read(column)?);
    }
    all.try_into().map_err(|_| BadBlock::Row)
}

fn array<'a, A: Array + 'static>(table: &'a Table, name: &str) -> Result<&'a A, BadBlock> {
    let column = table.column_by_name(name);
    column.and_then(|column| column.as_any().downcast_ref()).ok_or_else(|| BadBlock::Column(name.to_owned()))
}

fn of_rows(rows: usize, table: &Table) -> Result<OfRows, BadBlock> {
    OfRows::new(rows, numbers(table, ROW)?).ok_or(BadBlock::Row)
}

fn numbers(table: &Table, name: &str) -> Result<Numbers, BadBlock> {
    let column = table.column_by_name(name).ok_or_else(|| BadBlock::Column(name.to_owned()))?;
    let any = column.as_any();
    let values = if let Some(array) = any.downcast_ref::<UInt16Array>() {
        Whole::U16(array.values().clone())
    } else if let Some(array) = any.downcast_ref::<UInt32Array>() {
        Whole::U32(array.values().clone())
    } else if let Some(array) = any.downcast_ref::<Int32Array>() {
        Whole::I32(array.values().clone())
    } else if let Some(array) = any.downcast_ref::<Int64Array>() {
        Whole::I64(array.values().clone())
    } else {
        return Err(BadBlock::Column(name.to_owned()));
    };
    Ok(Numbers::new(values, valid(column.nulls())))
}

fn codes(table: &Table, name: &str) -> Result<ScalarBuffer<u8>, BadBlock> {
    Ok(array::<UInt8Array>(table, name)?.values().clone())
}

fn texts(table: &Table, name: &str) -> Result<Texts, BadBlock> {
    Ok(Texts::new(array::<StringArray>(table, name)?.clone()))
}

fn words(table: &Table, name: &str) -> Result<Words, BadBlock> {
    let array = array::<DictionaryArray<UInt32Type>>(table, name)?;
    let valid = valid(array.keys().nulls());
    dictionary(name, array, Starts::One(valid))
}

fn lists(table: &Table, name: &str) -> Result<Words, BadBlock> {
    let array = array::<ListArray>(table, name)?;
    let words = array.values().as_dictionary_opt::<UInt32Type>();
    let words = words.ok_or_else(|| BadBlock::Column(name.to_owned()))?;
    dictionary(name, words, Starts::List(array.offsets().inner().clone()))
}

fn dictionary(name: &str, array: &DictionaryArray<UInt32Type>, starts: Starts) -> Result<Words, BadBlock> {
    let dictionary = array.values().as_string_opt::<i32>();
    let dictionary = dictionary.ok_or_else(|| BadBlock::Column(name.to_owned()))?.clone();
    Ok(Words { dictionary, keys: array.keys().values().clone(), starts })
}

fn attributes(table: &Table) -> Result<BTreeMap<Box<str>, Vec<Column>>, BadBlock> {
    let mut all = BTreeMap::<Box<str>, Vec<Column>>::new();
    for field in table.schema_ref().fields() {
        let full = field.name().as_str();
        let Some((kind, name)) = full.split_once(':') else { continue };
        let column = match kind {
            "n" => Column::Number(numbers(table, full)?),
            "t" => Column::Text(texts(table, full)?),
            "l" => Column::List(lists(table, full)?),
            _ => return Err(BadBlock::Column(full.to_owned())),
        };
        all.entry(name.into()).or_default().push(column);
    }
    Ok(all)
}

fn valid(nulls: Option<&NullBuffer>) -> Option<Vec<u64>> {
    let nulls = nulls.filter(|nulls| nulls.null_count() > 0)?;
    let chunks = nulls.inner().bit_chunks();
    Some(chunks.iter_padded().collect())
}

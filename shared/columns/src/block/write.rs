//! Columns → an Arrow table for each family.

use arrow_array::{
    Array, ArrayRef, DictionaryArray, Int32Array, Int64Array, ListArray, UInt8Array, UInt16Array, UInt32Array,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, Field, Schema};
use std::{collections::HashMap, sync::Arc};

use super::{BadBlock, Family, ORDER, ROW, Table, pack};
use crate::{
    batch::{Column, Numbers, Starts, Texts, Whole, Words},
    history::OfRows,
    row::Row,
    schema::{Code, LineNumber, LineWord, List, Number, OrderCode, OrderNumber, SCHEMA, Text, Word},
};

pub(super) fn table(family: Family, rows: &[Option<&Row>]) -> Result<Table, BadBlock> {
    let columns = match family {
        Family::Core => core(rows),
        Family::Name => Ok(name(rows)),
        Family::Tags => lists(rows),
        Family::Orders => Ok(orders(rows)),
        Family::Lines => lines(rows),
        Family::Attributes => attributes(rows),
    }?;
    let fields: Vec<_> =
        columns.iter().map(|(name, array)| Field::new(name, array.data_type().clone(), true)).collect();
    let about = HashMap::from([("schema".to_owned(), SCHEMA.to_string())]);
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    Ok(Table::try_new(Arc::new(Schema::new_with_metadata(fields, about)), arrays)?)
}

type Columns = Vec<(String, ArrayRef)>;

fn core(rows: &[Option<&Row>]) -> Result<Columns, ArrowError> {
    let core = pack::core(rows);
    let mut columns = Columns::new();
    columns.extend(named(Number::ALL.map(Number::name), core.numbers.map(numbers)));
    columns.extend(named(Code::ALL.map(Code::name), core.codes.map(codes)));
    for (column, of) in Word::ALL.into_iter().zip(core.words) {
        columns.push((column.name().to_owned(), words(of)?));
    }
    Ok(columns)
}

fn name(rows: &[Option<&Row>]) -> Columns {
    named(Text::ALL.map(Text::name), pack::names(rows).texts.map(texts)).collect()
}

fn lists(rows: &[Option<&Row>]) -> Result<Columns, ArrowError> {
    let lists = List::ALL.into_iter().zip(pack::lists(rows));
    lists.map(|(column, of)| Ok((column.name().to_owned(), words(of)?))).collect()
}

fn orders(rows: &[Option<&Row>]) -> Columns {
    let orders = pack::orders(rows);
    let mut columns = whose(rows.len(), &orders.of_rows, orders.order);
    columns.extend(named(OrderNumber::ALL.map(OrderNumber::name), orders.numbers.map(numbers)));
    columns.extend(named(OrderCode::ALL.map(OrderCode::name), orders.codes.map(codes)));
    columns
}

fn lines(rows: &[Option<&Row>]) -> Result<Columns, ArrowError> {
    let lines = pack::lines(rows);
    let mut columns = whose(rows.len(), &lines.of_rows, lines.order);
    columns.extend(named(LineNumber::ALL.map(LineNumber::name), lines.numbers.map(numbers)));
    for (column, of) in LineWord::ALL.into_iter().zip(lines.words) {
        columns.push((column.name().to_owned(), words(of)?));
    }
    Ok(columns)
}

/// Beside the attributes stands how many rows there are, even if nobody has one.
fn attributes(rows: &[Option<&Row>]) -> Result<Columns, ArrowError> {
    let places = pack::numbers((0..).zip(rows).map(|(place, _)| Some(place)));
    let mut columns = vec![(ROW.to_owned(), numbers(places))];
    for (name, of) in pack::attributes(rows) {
        for column in of {
            columns.push(match column {
                Column::Number(of) => (format!("n:{name}"), numbers(of)),
                Column::Text(of) => (format!("t:{name}"), texts(of)),
                Column::List(of) => (format!("l:{name}"), words(of)?),
            });
        }
    }
    Ok(columns)
}

fn whose(rows: usize, of: &OfRows, order: Numbers) -> Columns {
    let places = (0..).zip(0..rows).flat_map(|(place, row)| of.of(row).map(move |_| Some(place)));
    vec![(ROW.to_owned(), numbers(pack::numbers(places))), (ORDER.to_owned(), numbers(order))]
}

fn named<const N: usize>(
    names: [&str; N],
    arrays: [ArrayRef; N],
) -> impl Iterator<Item = (String, ArrayRef)> {
    names.map(ToOwned::to_owned).into_iter().zip(arrays)
}

fn numbers(of: Numbers) -> ArrayRef {
    match of.values {
        Whole::U16(values) => Arc::new(UInt16Array::new(values.clone(), nulls(of.valid, values.len()))),
        Whole::U32(values) => Arc::new(UInt32Array::new(values.clone(), nulls(of.valid, values.len()))),
        Whole::I32(values) => Arc::new(Int32Array::new(values.clone(), nulls(of.valid, values.len()))),
        Whole::I64(values) => Arc::new(Int64Array::new(values.clone(), nulls(of.valid, values.len()))),
    }
}

fn codes(values: ScalarBuffer<u8>) -> ArrayRef {
    Arc::new(UInt8Array::new(values, None))
}

fn texts(of: Texts) -> ArrayRef {
    Arc::new(of.told)
}

fn words(of: Words) -> Result<ArrayRef, ArrowError> {
    let (valid, starts) = match of.starts {
        Starts::One(valid) => (valid, None),
        Starts::List(starts) => (None, Some(starts)),
    };
    let nulls = nulls(valid, of.keys.len());
    let words = DictionaryArray::try_new(UInt32Array::new(of.keys, nulls), Arc::new(of.dictionary))?;
    let Some(starts) = starts else { return Ok(Arc::new(words)) };
    let field = Arc::new(Field::new_list_field(words.data_type().clone(), true));
    Ok(Arc::new(ListArray::try_new(field, OffsetBuffer::new(starts), Arc::new(words), None)?))
}

fn nulls(valid: Option<Vec<u64>>, rows: usize) -> Option<NullBuffer> {
    Some(NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(valid?), 0, rows)))
}

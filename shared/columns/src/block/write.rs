//! Rows → an Arrow table for each family.

use arrow_array::{
    ArrayRef, Int32Array, Int64Array, StringArray, UInt8Array, UInt16Array, UInt32Array,
    builder::{ListBuilder, StringDictionaryBuilder},
    types::UInt32Type,
};
use arrow_schema::{Field, Schema};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::{BadBlock, Family, ORDER, ROW, Table};
use crate::{
    row::{Attribute, Line, Order, Row},
    schema::{Code, LineNumber, LineWord, List, Number, OrderCode, OrderNumber, SCHEMA, Text, Word},
};

type Columns = Vec<(String, ArrayRef)>;

pub(super) fn table(family: Family, rows: &[Option<&Row>]) -> Result<Table, BadBlock> {
    let columns = match family {
        Family::Core => core(rows),
        Family::Name => name(rows),
        Family::Tags => lists_of(rows),
        Family::Orders => orders(rows),
        Family::Lines => lines(rows),
        Family::Attributes => attributes(rows),
    };
    let fields: Vec<_> =
        columns.iter().map(|(name, array)| Field::new(name, array.data_type().clone(), true)).collect();
    let about = HashMap::from([("schema".to_owned(), SCHEMA.to_string())]);
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    Ok(Table::try_new(Arc::new(Schema::new_with_metadata(fields, about)), arrays)?)
}

fn core(rows: &[Option<&Row>]) -> Columns {
    let mut columns = Columns::new();
    for column in Number::ALL {
        columns.push((column.name().into(), numbers(rows.iter().map(|row| row.and_then(|row| row[column])))));
    }
    for column in Code::ALL {
        columns.push((column.name().into(), codes(rows.iter().map(|row| row.map_or(0, |row| row[column])))));
    }
    for column in Word::ALL {
        let of_rows = rows.iter().map(|row| row.and_then(|row| row[column].as_deref()));
        columns.push((column.name().into(), words(of_rows)));
    }
    columns
}

fn name(rows: &[Option<&Row>]) -> Columns {
    let text = |column: Text| {
        let of_rows = rows.iter().map(|row| row.and_then(|row| row[column].as_deref()));
        (column.name().to_owned(), Arc::new(of_rows.collect::<StringArray>()) as ArrayRef)
    };
    Text::ALL.map(text).into()
}

fn lists_of(rows: &[Option<&Row>]) -> Columns {
    let list = |column: List| {
        let of_rows = rows.iter().map(|row| row.map_or(&[] as &[_], |row| row.list(column)));
        (column.name().to_owned(), lists(of_rows))
    };
    List::ALL.map(list).into()
}

fn orders(rows: &[Option<&Row>]) -> Columns {
    let mut all: Vec<(i64, u32, &Order)> = Vec::new();
    for (place, row) in (0..).zip(rows) {
        let orders = row.iter().flat_map(|row| &row.orders);
        all.extend(orders.map(|(number, order)| (place, *number, order)));
    }
    let mut columns = vec![
        (ROW.into(), numbers(all.iter().map(|(row, ..)| Some(*row)))),
        (ORDER.into(), numbers(all.iter().map(|(_, number, _)| Some(i64::from(*number))))),
    ];
    for column in OrderNumber::ALL {
        columns.push((column.name().into(), numbers(all.iter().map(|(.., order)| order[column]))));
    }
    for column in OrderCode::ALL {
        columns.push((column.name().into(), codes(all.iter().map(|(.., order)| order[column]))));
    }
    columns
}

fn lines(rows: &[Option<&Row>]) -> Columns {
    let mut all: Vec<(i64, u32, &Line)> = Vec::new();
    for (place, row) in (0..).zip(rows) {
        for (number, order) in row.iter().flat_map(|row| &row.orders) {
            all.extend(order.lines.iter().map(|line| (place, *number, line)));
        }
    }
    let mut columns = vec![
        (ROW.into(), numbers(all.iter().map(|(row, ..)| Some(*row)))),
        (ORDER.into(), numbers(all.iter().map(|(_, number, _)| Some(i64::from(*number))))),
    ];
    for column in LineNumber::ALL {
        columns.push((column.name().into(), numbers(all.iter().map(|(.., line)| line[column]))));
    }
    for column in LineWord::ALL {
        columns.push((column.name().into(), words(all.iter().map(|(.., line)| line[column].as_deref()))));
    }
    columns
}

/// A column for each attribute that anyone has, and how many rows there are even if nobody has one. An attribute that
/// is a number for some and a text for others is two columns.
fn attributes(rows: &[Option<&Row>]) -> Columns {
    let everyone = || rows.iter().map(|row| row.map(|row| &row.attributes));
    let mut named = BTreeSet::new();
    for (name, value) in everyone().flatten().flatten() {
        named.insert((name, kind(value)));
    }
    let mut columns = vec![(ROW.to_owned(), numbers((0..).zip(rows).map(|(place, _)| Some(place))))];
    for (name, of) in named {
        let values = everyone().map(|has| has.and_then(|has| has.get(name)));
        let column = match of {
            b'n' => numbers(values.map(|value| match value {
                Some(Attribute::Number(number)) => Some(*number),
                _ => None,
            })),
            b't' => Arc::new(
                values
                    .map(|value| match value {
                        Some(Attribute::Text(text)) => Some(&**text),
                        _ => None,
                    })
                    .collect::<StringArray>(),
            ),
            _ => lists(values.map(|value| match value {
                Some(Attribute::List(list)) => &**list,
                _ => &[],
            })),
        };
        columns.push((format!("{}:{name}", char::from(of)), column));
    }
    columns
}

fn kind(value: &Attribute) -> u8 {
    match value {
        Attribute::Number(_) => b'n',
        Attribute::Text(_) => b't',
        Attribute::List(_) => b'l',
    }
}

fn numbers(values: impl Iterator<Item = Option<i64>> + Clone) -> ArrayRef {
    let (mut least, mut most) = (0, 0);
    for value in values.clone().flatten() {
        least = least.min(value);
        most = most.max(value);
    }
    macro_rules! narrow {
        ($($whole:ty => $array:ty),*) => {$(
            if <$whole>::try_from(least).is_ok() && <$whole>::try_from(most).is_ok() {
                let narrow = |value: i64| <$whole>::try_from(value).unwrap_or_default();
                return Arc::new(values.map(|value| value.map(narrow)).collect::<$array>());
            }
        )*};
    }
    narrow!(u16 => UInt16Array, u32 => UInt32Array, i32 => Int32Array);
    Arc::new(values.collect::<Int64Array>())
}

fn codes(values: impl Iterator<Item = u8>) -> ArrayRef {
    Arc::new(UInt8Array::from_iter_values(values))
}

fn words<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    let mut builder = StringDictionaryBuilder::<UInt32Type>::new();
    values.for_each(|value| builder.append_option(value));
    Arc::new(builder.finish())
}

fn lists<'a>(values: impl Iterator<Item = &'a [Box<str>]>) -> ArrayRef {
    let mut builder = ListBuilder::new(StringDictionaryBuilder::<UInt32Type>::new());
    for list in values {
        for word in list {
            builder.values().append_value(word);
        }
        builder.append(true);
    }
    Arc::new(builder.finish())
}

//! Columns → the plain row: for the few rows that change, and for those that a list shows.

use arrow_array::Array;

use crate::{
    batch::{Batch, Column},
    row::{Attribute, Line, Order, Row},
    schema::{Code, LineNumber, LineWord, List, Number, OrderCode, OrderNumber, Text, Word},
};

impl Batch {
    /// What the families that were read say of the row; `None` if it is nobody.
    pub fn row(&self, row: usize) -> Option<Row> {
        if row >= self.len() || self.present_word(row / 64) >> (row % 64) & 1 == 0 {
            return None;
        }
        let mut plain = Row::default();
        if let Some(core) = &self.core {
            for column in Number::ALL {
                plain[column] = core.numbers[column as usize].get(row);
            }
            for column in Code::ALL {
                plain[column] = core.codes[column as usize][row];
            }
            for column in Word::ALL {
                plain[column] = core.words[column as usize].words(row).next().map(Into::into);
            }
        }
        if let Some(names) = &self.name {
            for column in Text::ALL {
                let told = &names.texts[column as usize].told;
                plain[column] = told.is_valid(row).then(|| told.value(row).into());
            }
        }
        if let Some(lists) = &self.lists {
            for column in List::ALL {
                plain.set_list(column, lists[column as usize].words(row).map(Into::into));
            }
        }
        for (name, columns) in self.attributes.iter().flat_map(|all| all.iter()) {
            if let Some(value) = columns.iter().find_map(|column| attribute(column, row)) {
                plain.attributes.insert(name.clone(), value);
            }
        }
        self.unpack_orders(row, &mut plain);
        Some(plain)
    }

    fn unpack_orders(&self, row: usize, plain: &mut Row) {
        if let Some(orders) = &self.orders {
            for entry in orders.of_rows.of(row) {
                let mut order = Order::default();
                for column in OrderNumber::ALL {
                    order[column] = orders.numbers[column as usize].get(entry);
                }
                for column in OrderCode::ALL {
                    order[column] = orders.codes[column as usize][entry];
                }
                plain.orders.insert(number(orders.order.raw(entry)), order);
            }
        }
        if let Some(lines) = &self.lines {
            for entry in lines.of_rows.of(row) {
                let mut line = Line::default();
                for column in LineNumber::ALL {
                    line[column] = lines.numbers[column as usize].get(entry);
                }
                for column in LineWord::ALL {
                    line[column] = lines.words[column as usize].words(entry).next().map(Into::into);
                }
                plain.orders.entry(number(lines.order.raw(entry))).or_default().lines.push(line);
            }
        }
    }
}

fn number(told: i64) -> u32 {
    u32::try_from(told).unwrap_or(u32::MAX)
}

fn attribute(column: &Column, row: usize) -> Option<Attribute> {
    match column {
        Column::Number(numbers) => numbers.get(row).map(Attribute::Number),
        Column::Text(texts) => {
            texts.told.is_valid(row).then(|| Attribute::Text(texts.told.value(row).into()))
        }
        Column::List(words) if words.of(row).is_empty() => None,
        Column::List(words) => Some(Attribute::List(words.words(row).map(Into::into).collect())),
    }
}

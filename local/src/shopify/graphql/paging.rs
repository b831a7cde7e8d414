//! Pages of lists: `first` and `after`, `last` and `before`, cursors that mean nothing to whoever holds them.

use apollo_compiler::resolvers::FieldError;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::object::Arguments;
use crate::shopify::books::Row;

pub(super) const PAGE_MAX: usize = 250;

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    first: Option<usize>,
    last: Option<usize>,
    after: Option<Row>,
    before: Option<Row>,
    is_reversed: bool,
    /// The list ends after so many rows, whatever else there is.
    list_rows_max: usize,
}

/// A page: rows in the order that was asked for.
pub(super) struct Page<T> {
    pub(super) rows: Vec<(Row, T)>,
    pub(super) has_next: bool,
}

impl Part {
    /// All of it: what bulk operations ask for.
    pub(super) const WHOLE: Self = Self {
        first: Some(usize::MAX),
        last: None,
        after: None,
        before: None,
        is_reversed: false,
        list_rows_max: usize::MAX,
    };

    pub(super) fn of(arguments: &Arguments<'_>, most: usize) -> Result<Self, FieldError> {
        let count = |name: &str| -> Result<Option<usize>, FieldError> {
            match arguments.number(name) {
                None => Ok(None),
                Some(count) => match usize::try_from(count) {
                    Ok(count) if count > most => Err(wrong(&format!("{name} cannot exceed {most}"))),
                    Ok(count) => Ok(Some(count)),
                    Err(_) => Err(wrong(&format!("{name} cannot be less than zero"))),
                },
            }
        };
        let (first, last) = (count("first")?, count("last")?);
        match (first, last) {
            (None, None) => return Err(wrong("you must provide one of first or last")),
            (Some(_), Some(_)) => return Err(wrong("providing both first and last is not supported")),
            _ => {}
        }
        let place = |name: &str| arguments.text(name).map(row_of).transpose();
        let is_reversed = arguments.flag("reverse");
        let (after, before) = (place("after")?, place("before")?);
        Ok(Self { first, last, after, before, is_reversed, list_rows_max: usize::MAX })
    }

    /// Of a list that ends after so many rows.
    pub(super) fn of_list_of(self, rows: usize) -> Self {
        Self { list_rows_max: rows, ..self }
    }

    /// Whether the list is read from its beginning on.
    pub(super) fn is_forward(&self) -> bool {
        !self.is_reversed && self.last.is_none()
    }

    /// `rows` come in order.
    pub(super) fn of_rows<T>(&self, rows: impl Iterator<Item = (Row, T)>) -> Page<T> {
        if !self.is_forward() {
            let mut rows: Vec<_> = rows.collect();
            if self.is_reversed {
                rows.reverse();
            }
            rows.truncate(self.list_rows_max);
            return self.of_list(rows);
        }
        let is_before = |row: Row| self.before.is_none_or(|before| row < before);
        let wanted = self.first.unwrap_or(PAGE_MAX);
        let rows = rows.take(self.list_rows_max);
        let rows = rows.filter(|(row, _)| self.after.is_none_or(|after| *row > after) && is_before(*row));
        let mut rows: Vec<_> = rows.take(wanted.saturating_add(1)).collect();
        let has_next = rows.len() > wanted;
        rows.truncate(wanted);
        Page { rows, has_next }
    }

    fn of_list<T>(&self, mut rows: Vec<(Row, T)>) -> Page<T> {
        let is_past = |row: Row, mark: Row| if self.is_reversed { row < mark } else { row > mark };
        rows.retain(|(row, _)| self.after.is_none_or(|after| is_past(*row, after)));
        rows.retain(|(row, _)| self.before.is_none_or(|before| is_past(before, *row)));
        let has_more =
            |wanted: Option<usize>, rows: &Vec<_>| wanted.is_some_and(|wanted| rows.len() > wanted);
        if let Some(last) = self.last {
            let rows = rows.split_off(rows.len().saturating_sub(last));
            return Page { rows, has_next: self.before.is_some() };
        }
        let has_next = has_more(self.first, &rows);
        rows.truncate(self.first.unwrap_or(PAGE_MAX));
        Page { rows, has_next }
    }
}

pub(super) fn cursor((value, id): Row) -> String {
    STANDARD.encode(json!({"last_id": id, "last_value": value.to_string()}).to_string())
}

fn row_of(cursor: &str) -> Result<Row, FieldError> {
    let read = || -> Option<Row> {
        let told: serde_json::Value = serde_json::from_slice(&STANDARD.decode(cursor).ok()?).ok()?;
        Some((told["last_value"].as_str()?.parse().ok()?, told["last_id"].as_u64()?))
    };
    read().ok_or_else(|| wrong("Invalid cursor for current pagination sort."))
}

pub(super) fn wrong(message: &str) -> FieldError {
    FieldError { message: message.to_owned() }
}

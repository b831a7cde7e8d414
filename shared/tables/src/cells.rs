//! The cells of one row, each read as what its column says, with all that is wrong noted.

use std::fmt::Display;

use domain::{Currency, Minor, Timestamp, Zone, fields};
use jiff::civil::DateTime;

use crate::{CellFault, Columns, SheetRow, header::plain};

/// How the cells are to be read.
#[derive(Debug, Clone)]
pub struct Reading<'a> {
    pub currency: Currency,
    pub zone: &'a Zone,
    pub now: Timestamp,
    /// Of telephone numbers that do not say their own, where the row names none.
    pub country: Option<String>,
    /// The merchant's word on where the file's consents are from.
    pub attested: Option<String>,
    /// Columns that we do not know become attributes.
    pub keeps_unknown: bool,
}

pub(crate) struct Cells<'a, F> {
    pub(crate) columns: &'a Columns<F>,
    pub(crate) row: &'a SheetRow,
    pub(crate) faults: Vec<CellFault>,
}

impl<'a, F: Copy + PartialEq> Cells<'a, F> {
    pub(crate) fn of(columns: &'a Columns<F>, row: &'a SheetRow) -> Self {
        Self { columns, row, faults: Vec::new() }
    }

    fn place(&self, field: F) -> Option<usize> {
        self.columns.fields.iter().position(|known| *known == Some(field))
    }

    /// What stands there. An empty cell says nothing.
    pub(crate) fn text(&self, field: F) -> Option<&'a str> {
        let cell = self.row.cells.get(self.place(field)?)?;
        (!cell.is_empty()).then_some(cell.as_str())
    }

    pub(crate) fn take<T, E: Display>(
        &mut self,
        field: F,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let place = self.place(field)?;
        self.take_at(place, read)
    }

    pub(crate) fn take_at<T, E: Display>(
        &mut self,
        place: usize,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let cell = self.row.cells.get(place).filter(|cell| !cell.is_empty())?;
        match read(cell) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.wrong_at(place, &wrong);
                None
            }
        }
    }

    fn wrong_at(&mut self, place: usize, wrong: &dyn Display) {
        let column = self.columns.names[place].clone();
        let message = format!("{column} {wrong}");
        self.faults.push(CellFault { row: self.row.number, column: Some(column), message });
    }

    /// Of a cell that is right alone and wrong with others.
    pub(crate) fn wrong(&mut self, field: F, ours: &str, wrong: &dyn Display) {
        match self.place(field) {
            Some(place) => self.wrong_at(place, wrong),
            None => self.whole(&format!("{ours} {wrong}")),
        }
    }

    pub(crate) fn whole(&mut self, message: &str) {
        self.faults.push(CellFault { row: self.row.number, column: None, message: message.to_owned() });
    }
}

pub(crate) fn not_negative(cell: &str, currency: Currency) -> Result<Minor, String> {
    let amount = Minor::parse(cell, currency).map_err(|wrong| wrong.to_string())?;
    if amount < Minor::ZERO { Err("is less than nothing".to_owned()) } else { Ok(amount) }
}

/// Amounts of another currency are no amounts here.
pub(crate) fn ours(cell: &str, currency: Currency) -> Result<(), String> {
    let is_ours = cell.parse() == Ok(currency);
    if is_ours { Ok(()) } else { Err(format!("is not {currency}, in which this shop counts")) }
}

pub(crate) fn yes(cell: &str) -> Result<bool, &'static str> {
    match plain(cell).as_str() {
        "yes" | "true" | "1" | "y" => Ok(true),
        "no" | "false" | "0" | "n" => Ok(false),
        _ => Err("is not one of yes and no"),
    }
}

/// As `fields::instant`, and as spreadsheets and Shopify write it: `2026-01-31 09:30:00 -0500`. A time of day without an
/// offset is one of the shop's.
pub(crate) fn instant(cell: &str, zone: &Zone) -> Result<Timestamp, fields::BadField> {
    let told = fields::instant(cell, zone);
    let mut parts = cell.split(' ');
    let (Err(wrong), Some(day), Some(time)) = (&told, parts.next(), parts.next()) else { return told };
    let text = match (parts.next(), parts.next()) {
        (None, None) => {
            let civil: DateTime = format!("{day}T{time}").parse().map_err(|_| wrong.clone())?;
            let zoned = civil.to_zoned(zone.time_zone().clone()).map_err(|_| wrong.clone())?;
            zoned.timestamp().to_string()
        }
        (Some("UTC" | "Z"), None) => format!("{day}T{time}Z"),
        (Some(offset), None) if offset.len() == 5 && offset.is_ascii() => {
            format!("{day}T{time}{}:{}", &offset[..3], &offset[3..])
        }
        _ => return told,
    };
    fields::day(day).and_then(|_| fields::instant(&text, zone)).map_err(|_| wrong.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_as_spreadsheets_write_them() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        let check = |cell: &str, expected: Option<&str>| {
            let read = instant(cell, &berlin).ok().map(|at| at.to_string());
            assert_eq!(read.as_deref(), expected, "{cell}");
        };
        check("2026-01-31T09:30:00Z", Some("2026-01-31T09:30:00Z"));
        check("2026-01-31", Some("2026-01-30T23:00:00Z"));
        check("2026-01-31 09:30:00 -0500", Some("2026-01-31T14:30:00Z"));
        check("2026-01-31 09:30:00 +0000", Some("2026-01-31T09:30:00Z"));
        check("2026-01-31 09:30:00 UTC", Some("2026-01-31T09:30:00Z"));
        check("2026-07-31 09:30:00", Some("2026-07-31T07:30:00Z"));
        check("2026-07-31 09:30", Some("2026-07-31T07:30:00Z"));
        for wrong in [
            "31-12-2025",
            "2025-02-30",
            "2025-02-30 09:30",
            "2026-01-31 25:00",
            "2026-01-31 09:30 -05",
            "31-12-2025 09:30",
            "1",
        ] {
            check(wrong, None);
        }
    }
}

//! The table: as wide as the page, its columns as wide as what they hold.

use krilla::surface::Surface;

use crate::{
    Paper,
    page::Layout,
    pen::{self, Ink, Pen},
};

pub(crate) const HEADER: f32 = 20.0;
pub(crate) const ROW: f32 = 15.0;
const SIZE: f32 = 9.0;
const GAP: f32 = 10.0;
/// Rows that are measured: what comes after is cut where it is wider.
const MEASURED: usize = 500;

pub(crate) struct Columns<'a> {
    paper: &'a Paper,
    /// Where each begins and how wide it is.
    places: Vec<(f32, f32)>,
    left: f32,
    width: f32,
}

impl<'a> Columns<'a> {
    pub(crate) fn of(paper: &'a Paper, pen: &Pen, layout: &Layout) -> Self {
        let widest = |column: usize| {
            let cells = paper.rows.iter().take(MEASURED).chain([&paper.totals]);
            let cells = cells.filter_map(|row| row.get(column)).map(String::as_str);
            let all = cells.chain([paper.columns[column].title.as_str()]);
            all.map(|text| pen.width(text, SIZE)).fold(SIZE, f32::max) + GAP
        };
        let wanted: Vec<f32> = (0..paper.columns.len()).map(widest).collect();
        let (inner, all) = (layout.inner(), wanted.iter().sum::<f32>().max(1.0));
        let mut x = layout.margin;
        let place = |wanted: f32| {
            let width = wanted * inner / all;
            let place = (x, width);
            x += width;
            place
        };
        let places = wanted.into_iter().map(place).collect();
        Self { paper, places, left: layout.margin, width: inner }
    }

    /// Says where it ends.
    pub(crate) fn draw(&self, surface: &mut Surface<'_>, pen: &Pen, top: f32, rows: &[Vec<String>]) -> f32 {
        let titles: Vec<&str> = self.paper.columns.iter().map(|column| column.title.as_str()).collect();
        self.cells(surface, pen, top + HEADER - 7.0, Ink::Grey, &titles);
        let mut y = top + HEADER;
        self.rule(surface, y, 1.0, Ink::Grey);
        for row in rows {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            self.cells(surface, pen, y + ROW - 4.5, Ink::Black, &cells);
            y += ROW;
            self.rule(surface, y, 0.5, Ink::Faint);
        }
        y
    }

    pub(crate) fn draw_totals(&self, surface: &mut Surface<'_>, pen: &Pen, top: f32, totals: &[String]) {
        if totals.is_empty() {
            return;
        }
        self.rule(surface, top, 1.0, Ink::Grey);
        let cells: Vec<&str> = totals.iter().map(String::as_str).collect();
        self.cells(surface, pen, top + ROW - 4.0, Ink::Black, &cells);
    }

    fn cells(&self, surface: &mut Surface<'_>, pen: &Pen, y: f32, ink: Ink, cells: &[&str]) {
        for ((cell, (x, width)), column) in cells.iter().zip(&self.places).zip(&self.paper.columns) {
            let text = pen.fitting(cell, SIZE, width - GAP / 2.0);
            if column.is_number {
                pen.write_to(surface, (x + width - GAP / 4.0, y), SIZE, ink, &text);
            } else {
                pen.write(surface, (x + GAP / 4.0, y), SIZE, ink, &text);
            }
        }
    }

    fn rule(&self, surface: &mut Surface<'_>, y: f32, width: f32, ink: Ink) {
        pen::line(surface, &[(self.left, y), (self.left + self.width, y)], width, ink);
    }
}

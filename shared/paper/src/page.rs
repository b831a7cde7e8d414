//! Which rows stand on which page, and what stands above and beneath them.

use krilla::surface::Surface;
use std::ops::Range;

use crate::{
    Paper, chart,
    pen::{Ink, Pen},
    table::{HEADER, ROW},
};

pub(crate) struct Layout {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) margin: f32,
}

const SHORT: f32 = 595.0;
const LONG: f32 = 842.0;
/// More columns than this lie across.
const UPRIGHT_MAX: usize = 6;
const TITLE: f32 = 18.0;
const NOTE: f32 = 9.0;
const FOOT: f32 = 24.0;

impl Layout {
    pub(crate) fn of(paper: &Paper) -> Self {
        let is_upright = paper.columns.len() <= UPRIGHT_MAX;
        let (width, height) = if is_upright { (SHORT, LONG) } else { (LONG, SHORT) };
        Self { width, height, margin: 42.0 }
    }

    pub(crate) fn inner(&self) -> f32 {
        self.width - 2.0 * self.margin
    }

    /// At least one page; the totals find place on the last.
    pub(crate) fn pages(&self, paper: &Paper) -> Vec<Range<usize>> {
        let (mut pages, mut from) = (Vec::new(), 0);
        let totals = usize::from(!paper.totals.is_empty());
        loop {
            let above = if pages.is_empty() { head_height(paper) } else { 0.0 };
            let fit = self.rows_beneath(above);
            let left = paper.rows.len() - from;
            let until = from + left.min(fit);
            pages.push(from..until);
            // Where all rows fit but not the totals, these have a page of their own.
            if left + totals <= fit || (left == 0 && from > 0) {
                return pages;
            }
            from = until;
        }
    }

    fn rows_beneath(&self, above: f32) -> usize {
        let space = self.height - 2.0 * self.margin - FOOT - above - HEADER;
        let mut rows = 1;
        let mut used = 2.0 * ROW;
        while used <= space {
            rows += 1;
            used += ROW;
        }
        rows
    }
}

fn head_height(paper: &Paper) -> f32 {
    let notes: f32 = paper.notes.iter().map(|_| NOTE + 4.0).sum();
    let chart = if paper.chart.is_some() { chart::HEIGHT } else { 0.0 };
    TITLE + 10.0 + notes + 10.0 + chart
}

/// Says where what follows begins.
pub(crate) fn head(surface: &mut Surface<'_>, pen: &Pen, layout: &Layout, paper: &Paper) -> f32 {
    let mut y = layout.margin + TITLE;
    let title = pen.fitting(&paper.title, TITLE, layout.inner());
    pen.write(surface, (layout.margin, y), TITLE, Ink::Black, &title);
    y += 10.0;
    for note in &paper.notes {
        y += NOTE + 4.0;
        pen.write(
            surface,
            (layout.margin, y - 4.0),
            NOTE,
            Ink::Grey,
            &pen.fitting(note, NOTE, layout.inner()),
        );
    }
    y + 10.0
}

pub(crate) fn foot(
    surface: &mut Surface<'_>,
    pen: &Pen,
    layout: &Layout,
    title: &str,
    (page, of): (usize, usize),
) {
    let y = layout.height - layout.margin + 8.0;
    let number = format!("Page {page} of {of}");
    pen.write_to(surface, (layout.width - layout.margin, y), 8.0, Ink::Grey, &number);
    let left = layout.inner() - pen.width(&number, 8.0) - 12.0;
    pen.write(surface, (layout.margin, y), 8.0, Ink::Grey, &pen.fitting(title, 8.0, left));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Column;

    #[test]
    fn every_row_is_on_one_page() {
        for rows in [0, 1, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 500, 10_000] {
            for totals in [0, 1] {
                let paper = Paper {
                    columns: vec![Column { title: "a".to_owned(), is_number: false }],
                    rows: vec![vec![String::new()]; rows],
                    totals: vec![String::new(); totals],
                    ..Paper::default()
                };
                let pages = Layout::of(&paper).pages(&paper);
                assert_eq!((pages[0].start, pages[pages.len() - 1].end), (0, rows));
                assert!(pages.windows(2).all(|two| two[0].end == two[1].start), "{rows}: {pages:?}");
                assert!(pages.len() < rows / 40 + 3, "{rows}: {}", pages.len());
            }
        }
    }
}

//! A table as printed pages: PDF with a title, what it is of, a chart, the table, and the number of each page.
//!
//! Pure. The same paper makes the same bytes. Its letters are Latin, Greek and Cyrillic (`font/`); whatever else stands in a
//! cell is shown as a box.

mod chart;
mod page;
mod pen;
mod table;

pub use chart::{Chart, Shape};

use krilla::{Document, SerializeSettings, metadata::Metadata, page::PageSettings};

use crate::{page::Layout, pen::Pen, table::Columns};

/// What is to be printed.
#[derive(Debug, Clone, Default)]
pub struct Paper {
    pub title: String,
    /// Beneath the title, a line each.
    pub notes: Vec<String>,
    pub columns: Vec<Column>,
    /// As many cells in each as there are columns.
    pub rows: Vec<Vec<String>>,
    /// Beneath the last row; nothing: there is none.
    pub totals: Vec<String>,
    pub chart: Option<Chart>,
}

#[derive(Debug, Clone)]
pub struct Column {
    pub title: String,
    /// Numbers stand to the right.
    pub is_number: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("the pages cannot be printed: {0}")]
pub struct Unprinted(String);

/// A4, upright; lying where there are many columns.
pub fn print(paper: &Paper) -> Result<Vec<u8>, Unprinted> {
    let pen = Pen::new().ok_or_else(|| Unprinted("the font cannot be read".to_owned()))?;
    let layout = Layout::of(paper);
    let columns = Columns::of(paper, &pen, &layout);
    let pages = layout.pages(paper);
    let mut document = Document::new_with(SerializeSettings::default());
    document.set_metadata(Metadata::new().title(paper.title.clone()).language("en".to_owned()));
    for (place, rows) in pages.iter().enumerate() {
        let settings = PageSettings::from_wh(layout.width, layout.height)
            .ok_or_else(|| Unprinted("a page of no size".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        let mut top = layout.margin;
        if place == 0 {
            top = page::head(&mut surface, &pen, &layout, paper);
            if let Some(chart) = &paper.chart {
                chart.draw(&mut surface, &pen, &layout, top);
                top += chart::HEIGHT;
            }
        }
        let end = columns.draw(&mut surface, &pen, top, &paper.rows[rows.clone()]);
        if place + 1 == pages.len() {
            columns.draw_totals(&mut surface, &pen, end, &paper.totals);
        }
        page::foot(&mut surface, &pen, &layout, &paper.title, (place + 1, pages.len()));
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|wrong| Unprinted(format!("{wrong:?}")))
}

//! A chart of one measure: bars, or a line.

use krilla::surface::Surface;

use crate::{
    page::Layout,
    pen::{self, Ink, Pen},
};

/// With the space beneath it.
pub(crate) const HEIGHT: f32 = 190.0;
const PLOT: f32 = 140.0;
const SIZE: f32 = 8.0;
const SCALE: f32 = 64.0;

#[derive(Debug, Clone)]
pub struct Chart {
    pub shape: Shape,
    /// What is drawn.
    pub title: String,
    /// What each is called, and how high it is.
    pub points: Vec<(String, f64)>,
    /// What stands beside the highest.
    pub highest: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Bars,
    Line,
}

impl Chart {
    pub(crate) fn draw(&self, surface: &mut Surface<'_>, pen: &Pen, layout: &Layout, top: f32) {
        let (left, width) = (layout.margin + SCALE, layout.inner() - SCALE);
        let ground = top + SIZE + 8.0 + PLOT;
        pen.write(surface, (layout.margin, top + SIZE), SIZE, Ink::Grey, &self.title);
        let highest = self.points.iter().map(|(_, height)| *height).fold(0.0, f64::max);
        pen.write_to(surface, (left - 6.0, ground - PLOT + SIZE), SIZE, Ink::Grey, &self.highest);
        pen.write_to(surface, (left - 6.0, ground), SIZE, Ink::Grey, "0");
        pen::line(surface, &[(left, ground - PLOT), (left + width, ground - PLOT)], 0.5, Ink::Faint);
        #[expect(clippy::cast_precision_loss, reason = "a place on a page")]
        let step = width / self.points.len().max(1) as f32;
        let mut line = Vec::new();
        let mut named_until = left;
        for (place, (name, height)) in self.points.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a place on a page")]
            let x = left + place as f32 * step;
            // Less than nothing is shown as nothing.
            #[expect(clippy::cast_possible_truncation, reason = "a share of one")]
            let share = if highest > 0.0 { (height.max(0.0) / highest) as f32 } else { 0.0 };
            let high = share * PLOT;
            match self.shape {
                Shape::Bars => {
                    pen::block(surface, (x + step * 0.12, ground - high, step * 0.76, high), Ink::Blue);
                }
                Shape::Line => line.push((x + step / 2.0, ground - high)),
            }
            let text = pen.fitting(name, SIZE, 84.0);
            let at = x + step / 2.0 - pen.width(&text, SIZE) / 2.0;
            // Names that would lie over one another are left out.
            if at >= named_until && at + pen.width(&text, SIZE) <= left + width + 20.0 {
                pen.write(surface, (at, ground + SIZE + 4.0), SIZE, Ink::Grey, &text);
                named_until = at + pen.width(&text, SIZE) + 6.0;
            }
        }
        if line.len() > 1 {
            pen::line(surface, &line, 1.5, Ink::Blue);
        }
        for (x, y) in line {
            pen::block(surface, (x - 1.5, y - 1.5, 3.0, 3.0), Ink::Blue);
        }
        pen::line(surface, &[(left, ground), (left + width, ground)], 0.8, Ink::Grey);
    }
}

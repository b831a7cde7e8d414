//! What writes and draws: one font, a few greys and one blue.

use krilla::{
    color::rgb,
    geom::{PathBuilder, Point, Rect},
    num::NormalizedF32,
    paint::{Fill, Stroke},
    surface::Surface,
    text::{Font, TextDirection},
};
use skrifa::{FontRef, MetadataProvider, instance::Size, prelude::LocationRef};

static FONT: &[u8] = include_bytes!("../font/DejaVuSans.ttf");

pub(crate) struct Pen {
    font: Font,
    measured: FontRef<'static>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Ink {
    Black,
    Grey,
    Faint,
    Blue,
}

impl Ink {
    fn color(self) -> rgb::Color {
        match self {
            Self::Black => rgb::Color::new(24, 24, 27),
            Self::Grey => rgb::Color::new(95, 95, 105),
            Self::Faint => rgb::Color::new(224, 224, 230),
            Self::Blue => rgb::Color::new(52, 104, 192),
        }
    }
}

impl Pen {
    pub(crate) fn new() -> Option<Self> {
        Some(Self { font: Font::new(FONT.into(), 0)?, measured: FontRef::new(FONT).ok()? })
    }

    /// How wide a line would be.
    pub(crate) fn width(&self, text: &str, size: f32) -> f32 {
        let (map, metrics) =
            (self.measured.charmap(), self.measured.glyph_metrics(Size::new(size), LocationRef::default()));
        text.chars()
            .map(|letter| metrics.advance_width(map.map(letter).unwrap_or_default()).unwrap_or(size))
            .sum()
    }

    /// As much of a text as is not wider, with a mark where it was cut.
    pub(crate) fn fitting(&self, text: &str, size: f32, width: f32) -> String {
        if self.width(text, size) <= width {
            return text.to_owned();
        }
        let mut short: String = text.to_owned();
        while short.pop().is_some() {
            let cut = format!("{}…", short.trim_end());
            if self.width(&cut, size) <= width {
                return cut;
            }
        }
        String::new()
    }

    /// On a base line.
    pub(crate) fn write(&self, surface: &mut Surface<'_>, at: (f32, f32), size: f32, ink: Ink, text: &str) {
        if text.is_empty() {
            return;
        }
        surface.set_stroke(None);
        surface.set_fill(Some(fill(ink)));
        let point = Point::from_xy(at.0, at.1);
        surface.draw_text(point, self.font.clone(), size, text, false, TextDirection::Auto);
    }

    /// The same, ending there.
    pub(crate) fn write_to(
        &self,
        surface: &mut Surface<'_>,
        at: (f32, f32),
        size: f32,
        ink: Ink,
        text: &str,
    ) {
        self.write(surface, (at.0 - self.width(text, size), at.1), size, ink, text);
    }
}

pub(crate) fn block(surface: &mut Surface<'_>, (x, y, width, height): (f32, f32, f32, f32), ink: Ink) {
    let Some(rect) = Rect::from_xywh(x, y, width, height) else { return };
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    if let Some(path) = path.finish() {
        surface.set_stroke(None);
        surface.set_fill(Some(fill(ink)));
        surface.draw_path(&path);
    }
}

pub(crate) fn line(surface: &mut Surface<'_>, points: &[(f32, f32)], width: f32, ink: Ink) {
    let mut path = PathBuilder::new();
    for (place, (x, y)) in points.iter().enumerate() {
        if place == 0 {
            path.move_to(*x, *y);
        } else {
            path.line_to(*x, *y);
        }
    }
    if let Some(path) = path.finish() {
        surface.set_fill(None);
        surface.set_stroke(Some(Stroke { paint: ink.color().into(), width, ..Stroke::default() }));
        surface.draw_path(&path);
        surface.set_stroke(None);
    }
}

fn fill(ink: Ink) -> Fill {
    Fill { paint: ink.color().into(), opacity: NormalizedF32::ONE, rule: krilla::paint::FillRule::default() }
}

//! A template on its way through what knows nothing of templates: what is in braces is one letter there, and comes back after.
//!
//! So neither a quote in `default: "there"` nor a `<` in a condition is markup to it.

use crate::{
    fault::Faults,
    lex::{self, Piece},
};

/// Letters of an extension of Chinese that hardly a font has. They count as printable: others come out of `mrml` as `\u{…}`, since it
/// writes attributes as Rust shows texts. So what else is not printable is marked as well, and each backslash.
const FIRST: u32 = 0x3_0000;
const LAST: u32 = 0x3_1349;
/// Each has so many bytes.
const LETTER_BYTES: usize = 4;

pub(crate) struct Marked<'a> {
    source: &'a str,
    pub(crate) text: String,
    /// What each letter stands for, in their order, with where the letter is in the text and what it stands for in the source.
    marks: Vec<Mark<'a>>,
}

struct Mark<'a> {
    at: usize,
    source_at: usize,
    stands_for: &'a str,
}

impl<'a> Marked<'a> {
    /// `None`: it holds such letters itself, or too many braces, or one that is not closed.
    pub(crate) fn of(source: &'a str) -> Option<Self> {
        if source.contains(|char: char| (FIRST..=LAST).contains(&u32::from(char))) {
            return None;
        }
        let mut faults = Faults::default();
        let pieces = lex::pieces(source, &mut faults);
        if !faults.is_empty() {
            return None;
        }
        let mut marked = Self { source, text: String::with_capacity(source.len()), marks: Vec::new() };
        let mut from = 0;
        // Whatever is not plain, with its braces; also what stands between `raw` and its end, and dashes.
        for plain in pieces.into_iter().filter_map(|piece| match piece {
            Piece::Plain(range) => Some(range),
            Piece::Value(_) | Piece::Tag(_) => None,
        }) {
            marked.mark(from, plain.start)?;
            from = plain.start;
            for (at, odd) in source[plain.clone()].match_indices(is_odd) {
                let at = plain.start + at;
                marked.text.push_str(&source[from..at]);
                from = at + odd.len();
                marked.mark(at, from)?;
            }
            marked.text.push_str(&source[from..plain.end]);
            from = plain.end;
        }
        marked.mark(from, source.len())?;
        Some(marked)
    }

    fn mark(&mut self, from: usize, until: usize) -> Option<()> {
        let stands_for = &self.source[from..until];
        if stands_for.is_empty() {
            return Some(());
        }
        let number = u32::try_from(self.marks.len()).ok()?;
        let letter = char::from_u32(FIRST + number).filter(|_| FIRST + number <= LAST)?;
        self.marks.push(Mark { at: self.text.len(), source_at: from, stands_for });
        self.text.push(letter);
        Some(())
    }

    /// What became of the text, with what each letter stands for in its place, as often as it stands there.
    pub(crate) fn back(&self, told: &str) -> String {
        let mut back = String::with_capacity(told.len());
        for char in told.chars() {
            let number = u32::from(char).checked_sub(FIRST).and_then(|number| usize::try_from(number).ok());
            match number.and_then(|number| self.marks.get(number)) {
                Some(mark) => back.push_str(mark.stands_for),
                None => back.push(char),
            }
        }
        back
    }

    /// Where in the source something is that is there in the text.
    pub(crate) fn source_at(&self, at: usize) -> usize {
        let before = self.marks.partition_point(|mark| mark.at < at);
        let Some(mark) = before.checked_sub(1).and_then(|place| self.marks.get(place)) else { return at };
        let after = at.saturating_sub(mark.at + LETTER_BYTES);
        (mark.source_at + mark.stands_for.len() + after).min(self.source.len())
    }
}

/// Of what does not show as it is, quotes and the ends of lines are markup.
fn is_odd(char: char) -> bool {
    !matches!(char, '"' | '\'' | '\n' | '\r' | '\t') && char.escape_debug().len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_braces_is_one_letter_and_comes_back() {
        let source = "<p title=\"{{ name | default: \"x\" }}\">{% if a < 3 %}{name}{% endif %}</p>";
        let marked = Marked::of(source).unwrap();
        assert_eq!(marked.text.chars().count(), "<p title=\"m\">m</p>".len());
        assert_eq!(marked.back(&marked.text), source);
        assert_eq!(marked.source_at(0), 0);
        let end = marked.text.find("</p>").unwrap();
        assert_eq!(marked.source_at(end), source.find("</p>").unwrap());
        let close = marked.text.find("\">").unwrap();
        assert_eq!(marked.source_at(close), source.find("\">").unwrap());
    }

    #[test]
    fn what_cannot_be_marked_is_not() {
        assert!(Marked::of("{{ name").is_none());
        assert!(Marked::of("\u{30000}").is_none());
        assert_eq!(Marked::of("").unwrap().text, "");
    }
}

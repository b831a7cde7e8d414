//! A template in pieces: what stands as it is, what is filled in, and what decides.

use std::ops::Range;

use crate::{fault::Faults, limits::OPENINGS_MAX};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Plain(Range<usize>),
    /// Between `{{` and `}}`, or a name between `{` and `}` as older templates have it.
    Value(Range<usize>),
    /// Between `{%` and `%}`.
    Tag(Range<usize>),
}

/// Ranges are of bytes in the source.
pub(crate) fn pieces(source: &str, faults: &mut Faults) -> Vec<Piece> {
    let mut lexer = Lexer { source, at: 0, pieces: Vec::new(), is_trimming: false };
    lexer.run(faults);
    lexer.pieces
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    pieces: Vec<Piece>,
    /// What was closed last has a dash: the space after it does not count.
    is_trimming: bool,
}

impl Lexer<'_> {
    fn run(&mut self, faults: &mut Faults) {
        let (mut from, mut openings) = (0, 0);
        while let Some(open) = self.next_open() {
            if openings == OPENINGS_MAX {
                let sentence =
                    format!("more than {OPENINGS_MAX} of `{{{{ … }}}}` and `{{% … %}}`: shorten it");
                faults.add(open, sentence);
                // What is opened and not closed for want of the rest is no mistake of anybody's.
                self.pieces.clear();
                return;
            }
            let rest = &self.source[open..];
            if let Some(named) = named(rest) {
                openings += 1;
                self.plain(from..open, false);
                self.pieces.push(Piece::Value(open + 1..open + 1 + named));
                self.at = open + named + 2;
                from = self.at;
                continue;
            }
            let (is_tag, close) = if rest.starts_with("{%") { (true, "%}") } else { (false, "}}") };
            if !is_tag && !rest.starts_with("{{") {
                self.at = open + 1;
                continue;
            }
            let Some(end) = closed(self.source, open + 2, close) else {
                faults.add(open, format!("`{}` is not closed by `{close}`", &rest[..2]));
                break;
            };
            openings += 1;
            let (inner, trims) = inner(self.source, open + 2..end);
            self.plain(from..open, trims.0);
            self.is_trimming = trims.1;
            self.at = end + 2;
            from = self.at;
            match self.source[inner.clone()].trim() {
                word @ ("raw" | "comment") if is_tag => {
                    from = if let Some((within, after)) = self.until(&format!("end{word}")) {
                        if word == "raw" {
                            self.plain(within, false);
                        }
                        after
                    } else {
                        faults.add(open, format!("`{word}` is not closed by `{{% end{word} %}}`"));
                        self.source.len()
                    };
                    self.at = from;
                }
                _ if is_tag => self.pieces.push(Piece::Tag(inner)),
                _ => self.pieces.push(Piece::Value(inner)),
            }
        }
        self.plain(from..self.source.len(), false);
    }

    fn next_open(&self) -> Option<usize> {
        self.source[self.at..].find('{').map(|found| self.at + found)
    }

    fn plain(&mut self, range: Range<usize>, trims_end: bool) {
        let mut text = &self.source[range.clone()];
        let mut from = range.start;
        if self.is_trimming {
            let trimmed = text.trim_start();
            from += text.len() - trimmed.len();
            text = trimmed;
        }
        self.is_trimming = false;
        if trims_end {
            text = text.trim_end();
        }
        if !text.is_empty() {
            self.pieces.push(Piece::Plain(from..from + text.len()));
        }
    }

    /// What lies before the tag of that word, and where that tag ends. Of all that are opened before an end the last is looked at:
    /// each other would have that one within.
    fn until(&self, word: &str) -> Option<(Range<usize>, usize)> {
        let mut at = self.at;
        loop {
            let end = at + self.source[at..].find("%}")?;
            if let Some(open) = self.source[at..end].rfind("{%").map(|open| at + open) {
                let (inner, _) = inner(self.source, open + 2..end);
                if self.source[inner].trim() == word {
                    return Some((self.at..open, end + 2));
                }
            }
            at = end + 2;
        }
    }
}

/// Without dashes, and whether it has one where it begins and where it ends.
fn inner(source: &str, range: Range<usize>) -> (Range<usize>, (bool, bool)) {
    let text = &source[range.clone()];
    let begins = text.starts_with('-');
    let ends = text.len() > 1 && text.ends_with('-');
    (range.start + usize::from(begins)..range.end - usize::from(ends), (begins, ends))
}

/// Where it is closed; not within quotes.
fn closed(source: &str, from: usize, close: &str) -> Option<usize> {
    let (bytes, close) = (source.as_bytes(), close.as_bytes());
    let mut at = from;
    loop {
        at += memchr::memchr3(b'"', b'\'', close[0], &bytes[at..])?;
        match bytes[at] {
            quote @ (b'"' | b'\'') => at += memchr::memchr(quote, &bytes[at + 1..])? + 2,
            _ if bytes[at..].starts_with(close) => return Some(at),
            _ => at += 1,
        }
    }
}

/// How long the name in `{name}` is. A rule of a style sheet has more between its braces than a name.
fn named(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('{')?;
    let is_of_name = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '.';
    let name = rest.split(|char| !is_of_name(char)).next()?;
    let begins = name.starts_with(|char: char| char.is_ascii_alphabetic());
    (begins && rest[name.len()..].starts_with('}')).then_some(name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &[&str]) {
        let mut faults = Faults::default();
        let told: Vec<_> = pieces(source, &mut faults)
            .into_iter()
            .map(|piece| match piece {
                Piece::Plain(range) => source[range].to_owned(),
                Piece::Value(range) => format!("={}", source[range].trim()),
                Piece::Tag(range) => format!("%{}", source[range].trim()),
            })
            .collect();
        assert_eq!(told, expected, "{source}");
        assert!(faults.is_empty());
    }

    #[test]
    fn a_template_is_taken_apart() {
        check("", &[]);
        check("Hello", &["Hello"]);
        check("Hi {{ name }}!", &["Hi ", "=name", "!"]);
        check("Hi {name}, {{name}}", &["Hi ", "=name", ", ", "=name"]);
        check("{% if a %}x{% endif %}", &["%if a", "x", "%endif"]);
        check("p{color:red} {} { name } {1}", &["p{color:red} {} { name } {1}"]);
        check("{{ a | default: \"}}\" }}.", &["=a | default: \"}}\"", "."]);
        check("a  {{- b -}}  c", &["a", "=b", "c"]);
        check("{% raw %}{{ a }}{% endraw %}b", &["{{ a }}", "b"]);
        check("a{% comment %}{{ a {% b %}{% endcomment %}c", &["a", "c"]);
        check("{{{name}}}", &["={name", "}"]);
        check("{{ 'a}}' | b: \"'}}\" }}}", &["='a}}' | b: \"'}}\"", "}"]);
        check("{% raw %}{% a {%- endraw -%}b", &["{% a ", "b"]);
        check("{% raw %}{%}%}{% endraw %}b", &["{%}%}", "b"]);
    }

    #[test]
    fn what_is_not_closed_is_told() {
        for (source, expected) in [
            ("Hi {{ name", "line 1, column 4: `{{` is not closed by `}}`"),
            ("\n {% if a }", "line 2, column 2: `{%` is not closed by `%}`"),
            ("{{ \"a }}", "line 1, column 1: `{{` is not closed by `}}`"),
            ("{% raw %}", "line 1, column 1: `raw` is not closed by `{% endraw %}`"),
            ("{% raw %}{%}", "line 1, column 1: `raw` is not closed by `{% endraw %}`"),
            ("{% raw %}{% endraw", "line 1, column 1: `raw` is not closed by `{% endraw %}`"),
        ] {
            let mut faults = Faults::default();
            pieces(source, &mut faults);
            let told: Vec<_> = faults.told(source).iter().map(ToString::to_string).collect();
            assert_eq!(told, [expected], "{source}");
        }
    }

    #[test]
    fn more_than_so_many_openings_are_not_looked_at() {
        for one in ["{name}", "{{ a }}", "{% a %}", "{% comment %}{{ a }}{% endcomment %}"] {
            let told = |count: usize| {
                let mut faults = Faults::default();
                let source = one.repeat(count);
                pieces(&source, &mut faults);
                faults.told(&source).iter().map(|fault| fault.sentence.clone()).collect::<Vec<_>>()
            };
            assert_eq!(told(OPENINGS_MAX), Vec::<String>::new(), "{one}");
            let sentence = "more than 5000 of `{{ … }}` and `{% … %}`: shorten it";
            assert_eq!(told(OPENINGS_MAX + 1), [sentence], "{one}");
        }
    }
}

//! Pieces become a tree: what is opened is closed, and every name and filter is one that there is.

use std::collections::BTreeSet;

use crate::{
    expression::{Condition, Loop, Reader},
    fault::Faults,
    lex::{Piece, pieces},
    limits::DEPTH_MAX,
    name::Name,
    tree::Node,
};

/// What is found on the way.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) faults: Faults,
    /// Each name that the template reads.
    pub(crate) names: BTreeSet<Name>,
}

pub(crate) fn read(source: &str) -> (Vec<Node>, Found) {
    let mut found = Found::default();
    let pieces = pieces(source, &mut found.faults);
    let mut parser =
        Parser { source, pieces: pieces.into_iter(), found, loops: Vec::new(), depth: 0, is_too_deep: false };
    let mut nodes = Vec::new();
    loop {
        let (more, end) = parser.block();
        nodes.extend(more);
        let Some(End { word, at, .. }) = end else { break };
        parser.found.faults.add(at, format!("`{word}` closes nothing"));
    }
    (nodes, parser.found)
}

struct Parser<'a> {
    source: &'a str,
    pieces: std::vec::IntoIter<Piece>,
    found: Found,
    loops: Vec<Loop>,
    depth: usize,
    is_too_deep: bool,
}

/// A tag that a block ends with, and what follows its word.
struct End<'a> {
    word: &'a str,
    rest: &'a str,
    rest_at: usize,
    at: usize,
}

const ENDS: [&str; 5] = ["endif", "endunless", "endfor", "else", "elsif"];

impl<'a> Parser<'a> {
    /// All up to a tag that ends something, which comes with it.
    fn block(&mut self) -> (Vec<Node>, Option<End<'a>>) {
        let mut nodes = Vec::new();
        // Who has made so many mistakes need not hear of more.
        while !self.found.faults.are_many() {
            let Some(piece) = self.pieces.next() else { break };
            match piece {
                Piece::Plain(range) => nodes.push(Node::Plain(range)),
                Piece::Value(range) => {
                    let (text, at) = (&self.source[range.clone()], range.start);
                    nodes.extend(self.reader(text, at).value().map(Node::Value));
                }
                Piece::Tag(range) => {
                    let tag = self.tag(range.start, range.end);
                    if ENDS.contains(&tag.word) {
                        return (nodes, Some(tag));
                    }
                    nodes.extend(self.opened(&tag));
                }
            }
        }
        (nodes, None)
    }

    fn opened(&mut self, tag: &End<'a>) -> Option<Node> {
        if !matches!(tag.word, "if" | "unless" | "for") {
            return self.alone(tag);
        }
        if self.depth == DEPTH_MAX {
            self.found.faults.add(tag.at, format!("more than {DEPTH_MAX} blocks within each other"));
            // Where they end is not looked for.
            self.pieces = Vec::new().into_iter();
            self.is_too_deep = true;
            return None;
        }
        self.depth += 1;
        let node = if tag.word == "for" { self.turns(tag) } else { self.cases(tag) };
        self.depth -= 1;
        node
    }

    fn alone(&mut self, tag: &End<'a>) -> Option<Node> {
        match tag.word {
            "skip" => self.reader(tag.rest, tag.rest_at).text_alone().map(Node::Skip),
            "" => self.wrong(tag.at, "a word is expected: `if`, `unless`, `for` or `skip`".to_owned()),
            other => {
                let sentence =
                    format!("there is no `{other}`: `if`, `unless`, `for` and `skip` are what there is");
                self.wrong(tag.at, sentence)
            }
        }
    }

    /// `if` or `unless`, and all of it to its end. What is within is read also where the condition is wrong: all is told at once.
    fn cases(&mut self, tag: &End<'a>) -> Option<Node> {
        let close = if tag.word == "if" { "endif" } else { "endunless" };
        let mut condition = self.reader(tag.rest, tag.rest_at).condition();
        if let Some(condition) = condition.as_mut() {
            condition.is_not = tag.word == "unless";
        }
        let mut arms: Vec<(Condition, Vec<Node>)> = Vec::new();
        let (mut is_sound, mut otherwise, mut is_last) = (true, Vec::new(), false);
        loop {
            let (nodes, end) = self.block();
            match condition.take() {
                Some(condition) => arms.push((condition, nodes)),
                None if is_last => otherwise = nodes,
                None => is_sound = false,
            }
            let Some(end) = end else { return self.open(tag, close) };
            match end.word {
                word if word == close => break,
                "elsif" if !is_last => condition = self.reader(end.rest, end.rest_at).condition(),
                "else" if !is_last => is_last = true,
                word => return self.wrong(end.at, format!("`{word}` does not close `{}`", tag.word)),
            }
        }
        is_sound.then_some(Node::If { arms, otherwise })
    }

    fn turns(&mut self, tag: &End<'a>) -> Option<Node> {
        let Some((open, of, limit)) = self.reader(tag.rest, tag.rest_at).turns() else {
            // What is within knows a variable that is not understood: only the loop itself is wrong.
            let found = std::mem::take(&mut self.found);
            let (_, end) = self.block();
            if end.is_some_and(|end| end.word == "else") {
                self.block();
            }
            self.found = found;
            return None;
        };
        self.loops.push(open);
        let (body, mut end) = self.block();
        self.loops.pop();
        let mut empty = Vec::new();
        if end.as_ref().is_some_and(|end| end.word == "else") {
            (empty, end) = self.block();
        }
        match end {
            Some(End { word: "endfor", .. }) => Some(Node::For { of, limit, body, empty }),
            Some(End { word, at, .. }) => self.wrong(at, format!("`{word}` does not close `for`")),
            None => self.open(tag, "endfor"),
        }
    }

    fn tag(&self, from: usize, until: usize) -> End<'a> {
        let inner = &self.source[from..until];
        let at = from + inner.len() - inner.trim_start().len();
        let inner = inner.trim();
        let length = inner.find(|char: char| !char.is_ascii_alphanumeric() && char != '_');
        let (word, rest) = inner.split_at(length.unwrap_or(inner.len()));
        End { word, rest, rest_at: at + word.len(), at }
    }

    fn reader<'b>(&'b mut self, text: &'b str, at: usize) -> Reader<'b> {
        Reader::new(text, at, &self.loops, &mut self.found)
    }

    fn open<T>(&mut self, tag: &End<'a>, close: &str) -> Option<T> {
        if self.is_too_deep {
            return None;
        }
        self.wrong(tag.at, format!("`{}` is not closed by `{{% {close} %}}`", tag.word))
    }

    fn wrong<T>(&mut self, at: usize, sentence: String) -> Option<T> {
        self.found.faults.add(at, sentence);
        None
    }
}

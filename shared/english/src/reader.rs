//! Goes through the words of a prompt: what stands here, and what was noted on the way.

use rules::Rule;

use crate::{
    Setting,
    gap::Gap,
    last::Last,
    token::{Kind, Token},
    tree::Node,
};

pub(crate) struct Reader<'a> {
    pub(crate) setting: Setting<'a>,
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) assumptions: Vec<String>,
    pub(crate) warnings: Vec<String>,
    /// What a part of a sentence without a verb goes on with.
    pub(crate) last: Last,
    /// How deep parts of the sentence lie in each other.
    pub(crate) depth: usize,
    /// It is only looked whether a condition stands here: lists need not be read to their end.
    pub(crate) is_peeking: bool,
    /// How often a condition was looked for.
    pub(crate) tried: usize,
    /// Why the language refused what was read.
    pub(crate) refusal: Option<String>,
    /// Something was named that could be a product, and it is not known which there are.
    pub(crate) wants_products: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str, setting: Setting<'a>) -> Self {
        Self {
            setting,
            text,
            tokens: crate::token::tokens(text),
            at: 0,
            gaps: Vec::new(),
            assumptions: Vec::new(),
            warnings: Vec::new(),
            last: Last::Nothing,
            depth: 0,
            is_peeking: false,
            tried: 0,
            refusal: None,
            wants_products: false,
        }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn go(&mut self, at: usize) {
        self.at = at;
    }

    pub(crate) fn skip(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len());
    }

    pub(crate) fn is_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(crate) fn token(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    pub(crate) fn kind(&self, ahead: usize) -> Option<Kind> {
        self.token(ahead).map(|token| token.kind)
    }

    /// What stands here, without capitals. Nothing of a quoted text is a word.
    pub(crate) fn word(&self, ahead: usize) -> &str {
        match self.token(ahead) {
            Some(token) if token.kind != Kind::Quoted => &token.word,
            _ => "",
        }
    }

    /// What stands before.
    pub(crate) fn word_before(&self) -> &str {
        self.word_back(1)
    }

    pub(crate) fn word_back(&self, back: usize) -> &str {
        self.at.checked_sub(back).and_then(|at| self.tokens.get(at)).map_or("", |token| &token.word)
    }

    pub(crate) fn is_glued(&self, ahead: usize) -> bool {
        self.token(ahead).is_some_and(|token| token.is_glued)
    }

    /// As it was written.
    pub(crate) fn raw(&self, ahead: usize) -> &'a str {
        self.token(ahead).map_or("", |token| &self.text[token.from..token.to])
    }

    /// Not all of it is in capitals.
    pub(crate) fn has_small_letters(&self) -> bool {
        self.text.chars().any(char::is_lowercase)
    }

    /// As it was written, from one token up to before another.
    pub(crate) fn slice(&self, from: usize, to: usize) -> &'a str {
        match self.bytes(from, to) {
            Some((from, to)) => &self.text[from..to],
            None => "",
        }
    }

    /// The places in the text of these tokens.
    pub(crate) fn bytes(&self, from: usize, to: usize) -> Option<(usize, usize)> {
        let last = self.tokens.get(to.checked_sub(1)?)?;
        self.tokens.get(from).filter(|_| from < to).map(|first| (first.from, last.to))
    }

    pub(crate) fn words(&self, from: usize, to: usize) -> impl Iterator<Item = &Token> {
        self.tokens.get(from..to).unwrap_or_default().iter()
    }

    /// Goes over one of these words, if it stands here.
    pub(crate) fn take(&mut self, words: &[&str]) -> bool {
        let is_here = !self.word(0).is_empty() && words.contains(&self.word(0));
        self.at += usize::from(is_here);
        is_here
    }

    /// Goes over these words, if all of them stand here. A hyphen is as good as a blank.
    pub(crate) fn phrase(&mut self, phrase: &str) -> bool {
        let length = self.length(phrase);
        self.at += length;
        length > 0
    }

    /// How many tokens the phrase takes here; none if it does not stand here.
    fn length(&self, phrase: &str) -> usize {
        let mut ahead = 0;
        for (place, word) in phrase.split(' ').enumerate() {
            let is_joined = place > 0 && self.word(ahead) == "-" && self.word(ahead + 1) == word;
            ahead += usize::from(is_joined);
            if self.word(ahead) != word {
                return 0;
            }
            ahead += 1;
        }
        ahead
    }

    /// Goes over the longest of these phrases that stands here.
    pub(crate) fn first<T: Copy>(&mut self, phrases: &[(&str, T)]) -> Option<T> {
        let lengths = phrases.iter().map(|(phrase, what)| (self.length(phrase), *what));
        let (length, what) = lengths.max_by_key(|(length, _)| *length).filter(|(length, _)| *length > 0)?;
        self.at += length;
        Some(what)
    }

    pub(crate) fn any(&mut self, phrases: &[&str]) -> bool {
        let length = phrases.iter().map(|phrase| self.length(phrase)).max().unwrap_or(0);
        self.at += length;
        length > 0
    }

    /// What is tried and is not there leaves nothing behind.
    pub(crate) fn attempt<T>(&mut self, look: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let at = self.at;
        let (assumptions, warnings) = (self.assumptions.len(), self.warnings.len());
        let found = look(self);
        if found.is_none() {
            self.at = at;
            self.assumptions.truncate(assumptions);
            self.warnings.truncate(warnings);
        }
        found
    }

    /// A condition, in the language's own words; the language itself says whether it is one.
    pub(crate) fn says(&mut self, text: &str) -> Option<Node> {
        match Rule::parse(text, self.setting.shop) {
            Ok(rule) => Some(Node::Rule(rule)),
            Err(problems) => {
                self.refusal = problems.first().map(ToString::to_string);
                None
            }
        }
    }

    pub(crate) fn assume(&mut self, says: String) {
        if !self.assumptions.contains(&says) {
            self.assumptions.push(says);
        }
    }

    pub(crate) fn warn(&mut self, says: String) {
        if !self.warnings.contains(&says) {
            self.warnings.push(says);
        }
    }
}

/// A text as the language quotes it.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

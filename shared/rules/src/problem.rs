//! What is wrong with a rule: where, what, what was expected there, and what may have been meant.

use std::{fmt, ops::Range};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub place: Place,
    pub wrong: Wrong,
    /// What could stand there, as one would write it.
    pub expected: Vec<String>,
    /// The nearest word that could stand there.
    pub meant: Option<String>,
}

/// Where something stands that was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// From the first byte of a text to the one behind the last.
    Bytes(Range<usize>),
    /// RFC 6901.
    Pointer(String),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("{0} cannot stand here")]
    Unexpected(String),
    /// There is more to come.
    #[error("the rule ends too soon")]
    TooShort,
    #[error("`{0}` is no {1}")]
    Unknown(String, &'static str),
    #[error("`{0}` is Shopify's, and not kept here")]
    NotKept(String),
    #[error("{0} is {1}, and {2} is told")]
    Kind(String, &'static str, &'static str),
    #[error("{0} cannot be asked of `{1}`, which is {2}")]
    Operator(String, String, &'static str),
    #[error("`{0}` is none of the words that {1} can be")]
    Word(String, String),
    #[error("`{0}` is no day or instant")]
    Date(String),
    #[error(
        "{0} is no number that can be compared exactly: at most 6 digits behind the point, below a trillion"
    )]
    Number(String),
    #[error("{0} lies outside of what {1} can be: {2}")]
    Bounds(String, String, String),
    #[error("{0} is finer than {1} is counted: at most {2} digits behind the point")]
    TooFine(String, String, u32),
    #[error("{0} lies behind {1}: nothing is between them")]
    Backwards(String, String),
    #[error("`{0}` is no {1}")]
    Code(String, &'static str),
    #[error("an empty {0} would hold of everybody or of nobody: say EVERYONE if you mean it")]
    Empty(&'static str),
    #[error("{0} is told twice")]
    Twice(String),
    #[error("{0} is missing")]
    Missing(String),
    #[error("{0} and {1} exclude each other")]
    Exclude(String, String),
    #[error("there are {1} {0}, and at most {2} may be")]
    TooMany(&'static str, usize, usize),
    #[error("the rule has {0} bytes of text, and at most {1} may be")]
    TooLong(usize, usize),
    #[error("groups lie more than {0} deep in each other")]
    TooDeep(usize),
    #[error("{0} has no end: a ' is missing")]
    NoEnd(&'static str),
    /// Of an import: what the other system meant by it cannot be said here.
    #[error("{0} cannot be brought over: {1}")]
    NotBrought(String, &'static str),
}

impl Wrong {
    /// For programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unexpected(_) => "unexpected",
            Self::TooShort => "too_short",
            Self::Unknown(..) => "unknown_name",
            Self::NotKept(_) => "not_kept",
            Self::Kind(..) => "wrong_type",
            Self::Operator(..) => "wrong_operator",
            Self::Word(..) => "unknown_word",
            Self::Date(_) => "bad_date",
            Self::Number(_) => "bad_number",
            Self::Bounds(..) => "out_of_bounds",
            Self::TooFine(..) => "too_fine",
            Self::Backwards(..) => "backwards",
            Self::Code(..) => "bad_code",
            Self::Empty(_) => "empty",
            Self::Twice(_) => "twice",
            Self::Missing(_) => "missing",
            Self::Exclude(..) => "exclude_each_other",
            Self::TooMany(..) => "too_many",
            Self::TooLong(..) => "too_long",
            Self::TooDeep(_) => "too_deep",
            Self::NoEnd(_) => "no_end",
            Self::NotBrought(..) => "not_brought",
        }
    }
}

impl Problem {
    pub(crate) fn new(place: &Place, wrong: Wrong) -> Self {
        Self { place: place.clone(), wrong, expected: Vec::new(), meant: None }
    }

    #[must_use]
    pub(crate) fn expecting<T: Into<String>>(mut self, expected: impl IntoIterator<Item = T>) -> Self {
        self.expected = expected.into_iter().map(Into::into).collect();
        self
    }

    #[must_use]
    pub(crate) fn meaning(mut self, meant: Option<String>) -> Self {
        self.meant = meant;
        self
    }
}

/// A whole sentence, or two.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.wrong)?;
        if let Some(meant) = &self.meant {
            return write!(f, "; did you mean `{meant}`?");
        }
        match &self.expected[..] {
            [] => Ok(()),
            [one] => write!(f, "; {one} is expected"),
            [most @ .., last] => write!(f, "; {} or {last} is expected", most.join(", ")),
        }
    }
}

//! A template as it is kept once it is understood.

use std::{collections::BTreeSet, ops::Range};

use crate::{
    expression::{Condition, Expression, Source},
    fault::{Fault, Faults},
    limits::SOURCE_BYTES_MAX,
    links,
    name::Name,
    parse,
};

/// Where a template stands: that decides how values are written in it and how long it may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Html,
    /// Plain text of a mail, or an SMS.
    Text,
    /// One line.
    Subject,
}

#[derive(Debug, Clone)]
pub struct Pattern {
    pub(crate) shape: Shape,
    pub(crate) source: Box<str>,
    pub(crate) nodes: Vec<Node>,
    names: BTreeSet<Name>,
}

#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// As it stands.
    Plain(Range<usize>),
    Value(Expression),
    If {
        arms: Vec<(Condition, Vec<Node>)>,
        otherwise: Vec<Node>,
    },
    /// The innermost has the highest number; `limit`: no more than so many.
    For {
        of: Source,
        limit: Option<usize>,
        body: Vec<Node>,
        empty: Vec<Node>,
    },
    /// Whoever it is about gets no message, for this reason.
    Skip(String),
    /// A link's target, as it is written: see `Facts::leads`. `always`: what it says, where that is the same for everybody.
    Link {
        target: Vec<Node>,
        always: Option<Box<str>>,
    },
}

impl Shape {
    /// Beyond this no mailbox takes it, or no telephone.
    pub fn bytes_max(self) -> usize {
        match self {
            Self::Html => 512 * 1024,
            Self::Text => 128 * 1024,
            Self::Subject => 998,
        }
    }
}

impl Pattern {
    /// All that is wrong, at once.
    pub fn read(source: &str, shape: Shape) -> Result<Self, Vec<Fault>> {
        if source.len() > SOURCE_BYTES_MAX {
            let mut faults = Faults::default();
            let sentence = format!(
                "the template has {} bytes, and {SOURCE_BYTES_MAX} are the most: shorten it, or link to pictures",
                source.len()
            );
            faults.add(0, sentence);
            return Err(faults.told(source));
        }
        let (nodes, found) = parse::read(source);
        if !found.faults.is_empty() {
            return Err(found.faults.told(source));
        }
        Ok(Self { shape, source: source.into(), nodes, names: found.names })
    }

    /// As it is, but that links can lead elsewhere.
    #[must_use]
    pub(crate) fn with_links(self) -> Self {
        let nodes = links::together(self.nodes, &self.source, self.shape);
        Self { nodes, ..self }
    }

    /// What has to be known of somebody to fill it.
    pub fn names(&self) -> &BTreeSet<Name> {
        &self.names
    }
}

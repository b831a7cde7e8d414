//! One condition: who says it, in which order it is looked for.

use crate::{reader::Reader, tree::Node};

#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) node: Node,
    /// Says what somebody is, not what they did: such words stand before "customers".
    pub(crate) is_adjective: bool,
}

impl Reader<'_> {
    /// The condition that stands here. One that goes on with the verb before only where a part of the sentence begins.
    pub(crate) fn leaf(&mut self, may_go_on: bool) -> Option<Found> {
        self.tried += 1;
        let verb: [fn(&mut Self) -> Option<Node>; 12] = [
            Self::set,
            Self::order_day,
            Self::consent,
            Self::measure,
            Self::other_day,
            Self::mail,
            Self::tags,
            Self::orders,
            Self::viewed,
            Self::person,
            Self::places_from,
            Self::set_by_name,
        ];
        let adjective: [fn(&mut Self) -> Option<Node>; 3] = [Self::state, Self::group, Self::places_before];
        let looks = adjective.iter().map(|look| (look, true)).chain(verb.iter().map(|look| (look, false)));
        for (look, is_adjective) in looks {
            if let Some(node) = self.attempt(look) {
                self.refusal = None;
                return Some(Found { node, is_adjective });
            }
        }
        if may_go_on { self.attempt(Self::goes_on) } else { None }
    }

    /// Nothing that belongs to what was just read follows: the sentence ends, or another part of it begins.
    pub(crate) fn is_boundary(&self) -> bool {
        const WORDS: [&str; 30] = [
            "and",
            "or",
            "but",
            "nor",
            "who",
            "whom",
            "whose",
            "that",
            "which",
            "with",
            "without",
            "except",
            "excluding",
            "not",
            "never",
            "from",
            "in",
            ",",
            ";",
            ".",
            ")",
            "(",
            "/",
            "&",
            "!",
            "?",
            "please",
            "also",
            "yet",
            "while",
        ];
        self.is_end() || WORDS.contains(&self.word(0))
    }
}

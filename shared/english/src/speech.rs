//! Words that say who is spoken of and nothing about them: "show me all customers who have …".

use crate::reader::Reader;

/// What is said before a condition begins.
#[derive(Default)]
pub(crate) struct Before {
    pub(crate) is_relative: bool,
    pub(crate) has_noun: bool,
    pub(crate) has_verb: bool,
}

const NOUNS: [&str; 31] = [
    "customers",
    "customer",
    "users",
    "user",
    "people",
    "person",
    "persons",
    "shoppers",
    "shopper",
    "clients",
    "client",
    "contacts",
    "contact",
    "everyone",
    "everybody",
    "anyone",
    "anybody",
    "those",
    "ones",
    "folks",
    "visitors",
    "profiles",
    "individuals",
    "guys",
    "consumers",
    "members",
    "somebody",
    "someone",
    "them",
    "audience",
    "whoever",
];
pub(crate) const VERBS: [&str; 26] = [
    "have",
    "has",
    "had",
    "having",
    "did",
    "do",
    "does",
    "are",
    "is",
    "was",
    "were",
    "be",
    "been",
    "being",
    "also",
    "still",
    "ever",
    "already",
    "currently",
    "then",
    "they",
    "their",
    "we",
    "i",
    "really",
    "actually",
];
const SMALL: [&str; 13] =
    ["the", "with", "all", "any", "our", "my", "of", "every", "each", "yet", "both", "as", "me"];
pub(crate) const RELATIVE: [&str; 5] = ["who", "whom", "that", "which", "whose"];
/// What a merchant says before it is said who is meant.
const ORDERS: [&str; 24] = [
    "show", "find", "list", "get", "give", "select", "please", "want", "need", "would", "like", "to", "see",
    "target", "a", "an", "segment", "group", "create", "make", "build", "send", "us", "i",
];

impl Reader<'_> {
    /// "Show me all customers who …", "Email everyone who …".
    pub(crate) fn command(&mut self) {
        let at = self.at();
        if self.take(&["only", "just"]) && !self.is_kind() {
            self.go(at);
        }
        let at = self.at();
        let is_message = self.take(&["email", "text", "message", "sms", "mail"]);
        let is_command = is_message
            && matches!(
                self.word(0),
                "all"
                    | "the"
                    | "every"
                    | "everyone"
                    | "my"
                    | "our"
                    | "customers"
                    | "people"
                    | "anyone"
                    | "those"
            );
        if is_message && !is_command {
            self.go(at);
            return;
        }
        let asks = |it: &Self| it.word(0) == "need" && it.word(1) == "attention";
        while self.raw(0) != "US"
            && !asks(self)
            && (ORDERS.contains(&self.word(0)) || SMALL.contains(&self.word(0)))
        {
            if matches!(self.word(0), "a" | "an")
                && !matches!(self.word(1), "segment" | "group" | "list" | "customer")
            {
                break;
            }
            self.skip();
        }
    }

    pub(crate) fn before(&mut self) -> Before {
        let mut before = Before::default();
        loop {
            if self.take(&RELATIVE) {
                before.is_relative = true;
            } else if self.is_noun() {
                self.skip();
                before.has_noun = true;
            } else if self.take(&VERBS) {
                before.has_verb = true;
            } else if self.word(0) == "all" && self.word(1) == "time" {
                return before;
            } else if self.word(0) == "only"
                && (NOUNS.contains(&self.word(1)) || RELATIVE.contains(&self.word(1)))
            {
                self.skip();
            } else if !self.take(&SMALL) {
                return before;
            }
        }
    }

    /// "customers", but not "customers since March".
    pub(crate) fn is_noun(&self) -> bool {
        NOUNS.contains(&self.word(0)) && !matches!(self.word(1), "since" | "for")
    }

    /// Nothing has been said before but "everyone", "all customers".
    pub(crate) fn speaks_of_all(&self) -> bool {
        let is_all = |word: &str| matches!(word, "everyone" | "everybody" | "anyone" | "anybody" | "all");
        let is_noun = NOUNS.contains(&self.word_before());
        is_all(self.word_before()) || (is_noun && is_all(self.word_back(2)))
    }

    /// Something stands here that joins conditions.
    pub(crate) fn is_joint(&self) -> bool {
        const WORDS: [&str; 14] = [
            "and", "or", "but", "nor", "&", ",", ";", ".", "plus", "however", "though", "although", "while",
            ")",
        ];
        WORDS.contains(&self.word(0))
    }

    /// The customers are spoken of anew here, or somebody is kept out.
    pub(crate) fn begins_part(&self) -> bool {
        const WORDS: [&str; 9] =
            ["except", "excluding", "without", "either", "neither", "unless", "never", "whose", "who"];
        WORDS.contains(&self.word(0)) || RELATIVE.contains(&self.word(0))
    }
}

//! How conditions are joined: and, or, not, either … or, neither … nor, except, brackets.
//!
//! “And” binds tighter than “or”, as in the language, and a comma before either binds less than none; where both stand
//! side by side it is noted. “Not” before alternatives holds for each: who has not “bought or opened” did neither.

use crate::{
    last::Last,
    reader::Reader,
    tree::{Node, Unsafe},
};

/// How deep parts may lie in each other.
const DEPTH_MAX: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    And,
    Or,
}

/// What stands between two conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Joint {
    has_comma: bool,
    by: Option<By>,
    is_nor: bool,
    /// "who", "that": the customers are spoken of anew.
    is_relative: bool,
}

struct Item {
    joint: Joint,
    node: Node,
    is_adjective: bool,
    /// Kept out by "not", which goes on behind an "or".
    is_negated: bool,
}

/// What is said before a condition begins.
#[derive(Default)]
struct Before {
    is_relative: bool,
    has_noun: bool,
    has_verb: bool,
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
const VERBS: [&str; 26] = [
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
const RELATIVE: [&str; 5] = ["who", "whom", "that", "which", "whose"];
/// What a merchant says before it is said who is meant.
const ORDERS: [&str; 24] = [
    "show", "find", "list", "get", "give", "select", "please", "want", "need", "would", "like", "to", "see",
    "target", "a", "an", "segment", "group", "create", "make", "build", "send", "us", "i",
];

impl Reader<'_> {
    /// All of the prompt.
    pub(crate) fn sentence(&mut self) -> Result<Option<rules::Rule>, Unsafe> {
        self.command();
        let mut nodes = Vec::new();
        while !self.is_end() {
            nodes.extend(self.expression(false));
            // A bracket that closes nothing.
            self.take(&[")"]);
        }
        let read = Node::All(nodes).rule();
        // "not ()" keeps out nothing that was said.
        if read.is_err() && self.gaps.is_empty() {
            self.leave(0, self.at());
        }
        read
    }

    /// "Show me all customers who …", "Email everyone who …".
    fn command(&mut self) {
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

    fn expression(&mut self, is_inner: bool) -> Option<Node> {
        let mut items: Vec<Item> = Vec::new();
        loop {
            let mut joint = self.joint();
            if self.is_end() || (self.word(0) == ")" && (is_inner || self.depth == 0)) {
                break;
            }
            let before = self.before();
            joint.is_relative = before.is_relative;
            if before.has_noun {
                fold_adjectives(&mut items);
            }
            let is_exception = self.word(0) == "but" && self.speaks_of_all();
            if self.is_end() || (self.is_joint() && !is_exception) || self.word(0) == ")" {
                if self.is_end() || self.word(0) == ")" {
                    break;
                }
                continue;
            }
            let Some(mut item) = self.unit(joint) else { continue };
            self.joined(&mut items, &mut item, &before);
            let is_bare = joint.by.is_none() && !joint.has_comma && !joint.is_relative;
            match items.last_mut() {
                Some(last) if is_bare => attach(last, item),
                _ => items.push(item),
            }
        }
        self.resolve(items)
    }

    /// "Not" goes on behind "or" and "nor".
    fn joined(&mut self, items: &mut [Item], item: &mut Item, before: &Before) {
        let Some(last) = items.last() else { return };
        if item.joint.is_nor {
            item.node = std::mem::replace(&mut item.node, Node::Gap).not();
            item.joint.by = Some(By::And);
            return;
        }
        let is_or = item.joint.by == Some(By::Or);
        let goes_on = last.is_negated && is_or && !item.is_negated && !before.has_verb && !before.is_relative;
        if goes_on {
            item.node = std::mem::replace(&mut item.node, Node::Gap).not();
            item.joint.by = Some(By::And);
            item.is_negated = true;
            self.assume("“not” before an “or” is taken to hold for each of what it joins".to_owned());
        }
    }

    fn joint(&mut self) -> Joint {
        let mut joint = Joint { has_comma: false, by: None, is_nor: false, is_relative: false };
        loop {
            // "everyone but VIPs"
            if self.word(0) == "but" && self.speaks_of_all() {
                return joint;
            }
            if self.take(&[","]) {
                joint.has_comma = true;
            } else if self.take(&[";", "."]) {
                joint.has_comma = true;
                joint.by = joint.by.or(Some(By::And));
            } else if self.take(&["nor"]) {
                joint.by = Some(By::And);
                joint.is_nor = true;
            } else if self.take(&["or", "/"]) {
                joint.by = Some(By::Or);
            } else if self.any(&[
                "as well as",
                "and",
                "&",
                "but",
                "plus",
                "however",
                "though",
                "although",
                "while",
            ]) {
                joint.by = Some(By::And);
            } else if !self.take(&["!", "?", ":", "-", "–", "—", "…", "\"", "'"]) {
                return joint;
            }
        }
    }

    /// Nothing has been said before but "everyone", "all customers".
    fn speaks_of_all(&self) -> bool {
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

    fn before(&mut self) -> Before {
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

    fn unit(&mut self, joint: Joint) -> Option<Item> {
        let item = |node, is_adjective, is_negated| Some(Item { joint, node, is_adjective, is_negated });
        let from = self.at();
        if self.depth < DEPTH_MAX {
            self.depth += 1;
            let inner = self.inner();
            self.depth -= 1;
            if let Some(node) = inner {
                return item(node, false, false);
            }
        }
        let is_negated = self.negation();
        if self.is_end() || self.word(0) == ")" {
            let is_gap = is_negated && self.leave(from, self.at()).is_some();
            return is_gap.then_some(Item { joint, node: Node::Gap.not(), is_adjective: false, is_negated });
        }
        if is_negated && matches!(self.word(0), "(" | "either") && self.depth < DEPTH_MAX {
            self.depth += 1;
            let inner = self.inner();
            self.depth -= 1;
            if let Some(node) = inner {
                return item(node.not(), false, true);
            }
        }
        if let Some(found) = self.leaf(true) {
            if is_negated {
                self.told_opposite(&found.node);
            }
            let node = if is_negated { found.node.not() } else { found.node };
            return item(node, found.is_adjective, is_negated);
        }
        let is_negative = self.gap();
        match (is_negated, is_negative) {
            (false, None) => None,
            (false, Some(false)) => item(Node::Gap, false, false),
            (true, None) => {
                self.leave(from, self.at())?;
                item(Node::Gap.not(), false, true)
            }
            (true, Some(_)) | (false, Some(true)) => item(Node::Gap.not(), false, true),
        }
    }

    /// What holds conditions of its own.
    fn inner(&mut self) -> Option<Node> {
        let from = self.at();
        if self.take(&["("]) {
            let node = self.expression(true);
            self.take(&[")"]);
            return Some(node.unwrap_or(Node::Gap));
        }
        if self.take(&["either"]) {
            return Some(Node::Any(self.chain(By::Or, from)));
        }
        if self.take(&["neither"]) {
            return Some(Node::All(self.chain(By::And, from).into_iter().map(Node::not).collect()));
        }
        let is_except = self.any(&[
            "except",
            "except for",
            "excluding",
            "other than",
            "apart from",
            "aside from",
            "but for",
            "minus",
            "leaving out",
            "not including",
            "exclude",
            "excludes",
        ]);
        let is_except = is_except || (self.speaks_of_all() && self.take(&["but"]));
        if is_except && matches!(self.last, Last::Nothing) {
            // "excluding Delhi"
            self.last = Last::Places;
        }
        is_except.then(|| Node::All(self.chain(By::And, from).into_iter().map(Node::not).collect()))
    }

    /// What "either", "neither" and "except" stand before: parts, each with what follows it without a comma or a joint.
    fn chain(&mut self, by: By, from: usize) -> Vec<Node> {
        let mut from = from;
        let mut parts = Vec::new();
        loop {
            self.before();
            let mut nodes = Vec::new();
            loop {
                if self.is_end() || self.is_joint() {
                    break;
                }
                let Some(item) =
                    self.unit(Joint { has_comma: false, by: None, is_nor: false, is_relative: false })
                else {
                    break;
                };
                nodes.push(item.node);
                let mark = self.at();
                let before = self.before();
                // ", who" and "customers who" speak of all of them again.
                if before.is_relative && by == By::And && before.has_noun {
                    self.go(mark);
                    break;
                }
            }
            parts.push(match nodes.len() {
                0 => {
                    self.leave(from, self.at());
                    Node::Gap
                }
                1 => nodes.remove(0),
                _ => Node::All(nodes),
            });
            let mark = self.at();
            from = mark;
            let joint = self.joint();
            let word = joint.by.is_some() || (joint.has_comma && by == By::And);
            let is_more = match by {
                By::Or => joint.by == Some(By::Or),
                By::And if joint.by.is_none() => word && self.is_kind(),
                By::And => !self.speaks_anew(mark) && word,
            };
            if !is_more || self.is_end() {
                self.go(mark);
                return parts;
            }
        }
    }

    /// A word for a kind of customers stands here.
    fn is_kind(&mut self) -> bool {
        let (last, at) = (self.last.clone(), self.at());
        self.before();
        let mut is_here = false;
        self.attempt(|it| {
            is_here = it.state().or_else(|| it.group()).or_else(|| it.places_before()).is_some();
            None::<()>
        });
        self.go(at);
        self.last = last;
        is_here
    }

    /// "…, but …" and "… and who …" end what is kept out.
    fn speaks_anew(&self, mark: usize) -> bool {
        let is_but = self.words(mark, self.at()).any(|token| token.word == "but");
        is_but || RELATIVE.contains(&self.word(0)) || VERBS.contains(&self.word(0))
    }

    /// "not", "never", "without"; an even number of them is none.
    fn negation(&mut self) -> bool {
        let mut is_negated = false;
        loop {
            // "no more than 3" is a comparison.
            let mark = self.at();
            let is_number = matches!(self.word(0), "no" | "not") && self.quantity().is_some();
            self.go(mark);
            if is_number {
                return is_negated;
            }
            if self.any(&["not only", "not just"]) {
                self.before();
                continue;
            }
            let is_here = self.any(&[
                "no longer",
                "not",
                "never",
                "no",
                "without",
                "unless",
                "can not",
                "could not",
                "lacking",
                "lack",
                "missing",
                "non",
            ]);
            if !is_here {
                return is_negated;
            }
            is_negated = !is_negated;
            self.take(&["-"]);
            // "can not be reached" is "can be reached" and its opposite.
            self.before();
            if matches!(self.word(0), "a" | "an") && self.word(1) != "single" {
                self.skip();
            }
            self.take(&["made", "placed"]);
            self.before();
        }
    }

    /// Where people err: who never ordered has not ordered lately either.
    fn told_opposite(&mut self, node: &Node) {
        if let Node::Rule(rule) = node
            && rule.to_string().starts_with("last_order_date")
        {
            self.assume(
                "those who have never ordered are among those who have not ordered in these days".to_owned(),
            );
        }
    }

    fn resolve(&mut self, items: Vec<Item>) -> Option<Node> {
        let mut joints: Vec<(By, bool)> = Vec::new();
        let mut next: Option<By> = None;
        for item in items.iter().skip(1).rev() {
            let by = item.joint.by;
            next = by.or(if item.joint.is_relative { Some(By::And) } else { next });
            let is_loose = item.joint.has_comma && by.is_some()
                || (by.is_none() && (item.joint.is_relative || next.is_none()));
            joints.push((next.unwrap_or(By::And), is_loose));
        }
        joints.reverse();
        let is_mixed =
            joints.iter().any(|(by, _)| *by == By::And) && joints.iter().any(|(by, _)| *by == By::Or);
        if is_mixed {
            self.assume(
                "“and” and “or” stand side by side: “and” binds tighter, unless a comma parts them; brackets say it exactly"
                    .to_owned(),
            );
        } else {
            joints.iter_mut().for_each(|joint| joint.1 = false);
        }
        let nodes: Vec<_> = items.into_iter().map(|item| item.node).collect();
        group(nodes, &joints, &[(By::Or, true), (By::And, true), (By::Or, false), (By::And, false)])
    }
}

/// Words before "customers" are said of the same customers.
fn fold_adjectives(items: &mut Vec<Item>) {
    let run = items.iter().rev().take_while(|item| item.is_adjective).count();
    // One alone is what it is.
    if run < 2 {
        return;
    }
    let folded = items.split_off(items.len() - run);
    let joint = folded[0].joint;
    let by: Vec<_> = folded
        .iter()
        .skip(1)
        .rev()
        .scan(None, |next: &mut Option<By>, item| {
            *next = item.joint.by.or(*next);
            Some((next.unwrap_or(By::And), false))
        })
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    let is_negated = folded.iter().all(|item| item.is_negated);
    let nodes: Vec<_> = folded.into_iter().map(|item| item.node).collect();
    let node = group(nodes, &by, &[(By::Or, false), (By::And, false)]);
    items.extend(node.map(|node| Item { joint, node, is_adjective: false, is_negated }));
}

/// What stands beside it without a word between says more of the same.
fn attach(last: &mut Item, item: Item) {
    last.is_adjective = last.is_adjective && item.is_adjective;
    let held = std::mem::replace(&mut last.node, Node::Gap);
    last.node = beside(held, item.node);
}

fn beside(held: Node, node: Node) -> Node {
    match (held, node) {
        // Who is kept out is said in words of which some are not understood.
        (Node::Not(inner), Node::Gap) => Node::All(vec![*inner, Node::Gap]).not(),
        (Node::All(mut parts), node) => {
            let last = parts.pop();
            match last {
                Some(last @ Node::Not(_)) if matches!(node, Node::Gap) => parts.push(beside(last, node)),
                last => parts.extend(last.into_iter().chain([node])),
            }
            Node::All(parts)
        }
        (held, node) => Node::All(vec![held, node]),
    }
}

/// Splits at what binds least first.
fn group(nodes: Vec<Node>, joints: &[(By, bool)], levels: &[(By, bool)]) -> Option<Node> {
    let mut nodes = nodes;
    let Some((level, rest)) = levels.split_first() else { return nodes.pop() };
    if nodes.len() < 2 {
        return nodes.pop();
    }
    let mut parts = Vec::new();
    let mut begin = 0;
    for at in (0..joints.len()).filter(|at| joints[*at] == *level) {
        let tail = nodes.split_off(at + 1 - begin);
        parts.extend(group(nodes, &joints[begin..at], rest));
        nodes = tail;
        begin = at + 1;
    }
    parts.extend(group(nodes, &joints[begin..], rest));
    match parts.len() {
        0 | 1 => parts.pop(),
        _ if level.0 == By::Or => Some(Node::Any(parts)),
        _ => Some(Node::All(parts)),
    }
}

//! One condition with what stands around it: "not", "either … or", "neither … nor", "except", brackets.

use crate::{
    join::{By, Item, Joint},
    last::Last,
    reader::Reader,
    speech::{RELATIVE, VERBS},
    tree::Node,
};

/// How deep parts may lie in each other.
const DEPTH_MAX: usize = 12;

impl Reader<'_> {
    pub(crate) fn unit(&mut self, joint: Joint) -> Option<Item> {
        let item = |node, is_adjective, is_negated| {
            Some(Item { joint, node, is_adjective, is_negated, is_exception: false })
        };
        let from = self.at();
        if self.depth < DEPTH_MAX {
            self.depth += 1;
            let inner = self.inner();
            self.depth -= 1;
            if let Some((node, is_exception)) = inner {
                return Some(Item { joint, node, is_adjective: false, is_negated: false, is_exception });
            }
        }
        let is_negated = self.negation();
        if self.is_end() || self.word(0) == ")" {
            let is_gap = is_negated && self.leave(from, self.at()).is_some();
            return if is_gap { item(Node::Gap.not(), false, true) } else { None };
        }
        if is_negated && matches!(self.word(0), "(" | "either") && self.depth < DEPTH_MAX {
            self.depth += 1;
            let inner = self.inner();
            self.depth -= 1;
            if let Some((node, _)) = inner {
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

    /// What holds conditions of its own, and whether they are kept out of all before.
    fn inner(&mut self) -> Option<(Node, bool)> {
        let from = self.at();
        if self.take(&["("]) {
            let node = self.expression(true);
            self.take(&[")"]);
            return Some((node.unwrap_or(Node::Gap), false));
        }
        if self.take(&["either"]) {
            return Some((Node::Any(self.chain(By::Or, from)), false));
        }
        if self.take(&["neither"]) {
            return Some((self.none_of(from), false));
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
        is_except.then(|| (self.none_of(from), true))
    }

    fn none_of(&mut self, from: usize) -> Node {
        Node::All(self.chain(By::And, from).into_iter().map(Node::not).collect())
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
                let Some(item) = self.unit(Joint::default()) else {
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
            let word = joint.by.is_some() || (joint.is_loose && by == By::And);
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
    pub(crate) fn is_kind(&mut self) -> bool {
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
}

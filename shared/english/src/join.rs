//! How conditions are joined: and, or, but, who, commas.
//!
//! “And” binds tighter than “or”, as in the language; a comma, “but”, “except” and a new “who” bind less than either. Where
//! both stand side by side it is noted. “Not” before alternatives holds for each: who has not “bought or opened” did neither.

use crate::{reader::Reader, speech::Before, tree::Node};

/// What is to be kept out was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unsafe;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    And,
    Or,
}

/// What stands between two conditions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Joint {
    /// Binds less than others: a comma, "but", "who", "except".
    pub(crate) is_loose: bool,
    pub(crate) by: Option<By>,
    /// "who", "that": the customers are spoken of anew.
    pub(crate) is_relative: bool,
    said: Said,
}

/// Words for "and" that say more than it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Said {
    #[default]
    Nothing,
    Nor,
    But,
}

pub(crate) struct Item {
    pub(crate) joint: Joint,
    pub(crate) node: Node,
    pub(crate) is_adjective: bool,
    /// Kept out by "not", which goes on behind an "or".
    pub(crate) is_negated: bool,
    /// Kept out of all that was said before: "except".
    pub(crate) is_exception: bool,
}

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
        let node = Node::All(nodes);
        if !node.keeps_out_a_gap() {
            return Ok(node.rule());
        }
        // "not ()" keeps out nothing that was said.
        if self.gaps.is_empty() {
            self.leave(0, self.at());
        }
        Err(Unsafe)
    }

    pub(crate) fn expression(&mut self, is_inner: bool) -> Option<Node> {
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
            item.is_exception |= joint.said == Said::But && item.is_negated;
            if item.is_exception {
                item.joint.by = Some(By::And);
            }
            let is_bare = item.joint.by.is_none() && !joint.is_loose && !joint.is_relative;
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
        if item.joint.said == Said::Nor {
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

    pub(crate) fn joint(&mut self) -> Joint {
        let mut joint = Joint::default();
        loop {
            // "everyone but VIPs"
            if self.word(0) == "but" && self.speaks_of_all() {
                return joint;
            }
            if self.take(&[","]) {
                joint.is_loose = true;
            } else if self.take(&[";", "."]) {
                joint.is_loose = true;
                joint.by = joint.by.or(Some(By::And));
            } else if self.take(&["nor"]) {
                joint.by = Some(By::And);
                joint.said = Said::Nor;
            } else if self.take(&["or", "/"]) {
                joint.by = Some(By::Or);
            } else if self.take(&["but"]) {
                joint = Joint { by: Some(By::And), said: Said::But, is_loose: true, ..joint };
            } else if self.any(&["as well as", "and", "&", "plus", "however", "though", "although", "while"])
            {
                joint.by = Some(By::And);
            } else if !self.take(&["!", "?", ":", "-", "–", "—", "…", "\"", "'"]) {
                return joint;
            }
        }
    }

    fn resolve(&mut self, items: Vec<Item>) -> Option<Node> {
        let mut joints: Vec<(By, u8)> = Vec::new();
        let mut next: Option<By> = None;
        for Item { joint, is_exception, .. } in items.iter().skip(1).rev() {
            next = joint.by.or(if joint.is_relative { Some(By::And) } else { next });
            let is_loose =
                if joint.by.is_some() { joint.is_loose } else { joint.is_relative || next.is_none() };
            let looseness = if *is_exception { 2 } else { u8::from(is_loose) };
            joints.push((next.unwrap_or(By::And), looseness));
        }
        joints.reverse();
        let has = |wanted: By| joints.iter().any(|(by, _)| *by == wanted);
        if has(By::And) && has(By::Or) {
            self.assume(
                "“and” and “or” stand side by side: “and” binds tighter, unless a comma or “but” parts them; brackets say \
                 it exactly"
                    .to_owned(),
            );
        } else {
            for joint in &mut joints {
                joint.1 = 0;
            }
        }
        let nodes: Vec<_> = items.into_iter().map(|item| item.node).collect();
        let levels = [(By::And, 2), (By::Or, 1), (By::And, 1), (By::Or, 0), (By::And, 0)];
        group(nodes, &joints, &levels)
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
    let mut by: Vec<(By, u8)> = Vec::new();
    for item in folded.iter().skip(1).rev() {
        let next = by.last().map_or(By::And, |(by, _)| *by);
        by.push((item.joint.by.unwrap_or(next), 0));
    }
    by.reverse();
    let is_negated = folded.iter().all(|item| item.is_negated);
    let nodes: Vec<_> = folded.into_iter().map(|item| item.node).collect();
    let node = group(nodes, &by, &[(By::Or, 0), (By::And, 0)]);
    items.extend(node.map(|node| Item { joint, node, is_adjective: false, is_negated, is_exception: false }));
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
fn group(nodes: Vec<Node>, joints: &[(By, u8)], levels: &[(By, u8)]) -> Option<Node> {
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

//! The file of a bulk operation, piece by piece: a line of JSON for each thing, and an order's lines behind their order.
//!
//! The operation was asked to keep them together (`graph::BulkRun`), so that one order is held at a time, however large the
//! file is. A line that cannot be read is told and costs what it is about, and nothing else.

use serde::Deserialize;

use crate::{
    graph::{CustomerNode, InParts, LineNode, OrderNode, Page},
    told::Id,
};

/// Longer than any order's: what is beyond is passed over.
const LINE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Reads a file from some place on.
#[derive(Debug)]
pub struct Lines {
    /// The line that has no end yet.
    rest: Vec<u8>,
    /// Where that begins in the file.
    at: u64,
    /// It is too long: its end is waited for.
    is_lost: bool,
    /// The order whose lines may follow, and where it begins.
    order: Option<(u64, Result<OrderNode, BadLine>)>,
}

#[derive(Debug, Clone)]
pub enum Item {
    Customer(Box<CustomerNode>),
    Order(Box<OrderNode>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the line at byte {at} {why}")]
pub struct BadLine {
    pub at: u64,
    pub why: &'static str,
}

type Read = Result<Item, BadLine>;

impl Lines {
    /// From this byte on, which is the first of a line.
    pub fn from(at: u64) -> Self {
        Self { rest: Vec::new(), at, is_lost: false, order: None }
    }

    /// Where to begin again once everything is stored that was given out.
    pub fn place(&self) -> u64 {
        self.order.as_ref().map_or(self.at, |(at, _)| *at)
    }

    /// What is whole with these bytes, which follow those before.
    pub fn feed(&mut self, piece: &[u8]) -> Vec<Read> {
        let mut all = Vec::new();
        let mut piece = piece;
        while let Some(end) = piece.iter().position(|byte| *byte == b'\n') {
            let (line, behind) = piece.split_at(end + 1);
            piece = behind;
            self.hold(line, &mut all);
            self.line(&mut all);
        }
        self.hold(piece, &mut all);
        all
    }

    /// What is whole because nothing follows.
    pub fn end(mut self) -> Vec<Read> {
        let mut all = Vec::new();
        self.line(&mut all);
        all.extend(self.whole());
        all
    }

    fn hold(&mut self, bytes: &[u8], all: &mut Vec<Read>) {
        self.rest.extend_from_slice(bytes);
        if self.rest.len() > LINE_BYTES_MAX {
            if !self.is_lost {
                self.bad("is longer than any that we know", all);
            }
            self.is_lost = true;
            self.pass();
        }
    }

    /// The line that is held is whole.
    fn line(&mut self, all: &mut Vec<Read>) {
        let is_empty = self.rest.iter().all(u8::is_ascii_whitespace);
        if !is_empty && !self.is_lost {
            self.read(all);
        }
        self.is_lost = false;
        self.pass();
    }

    fn pass(&mut self) {
        self.at += self.rest.len() as u64;
        self.rest.clear();
    }

    fn read(&mut self, all: &mut Vec<Read>) {
        #[derive(Deserialize)]
        struct Head {
            #[serde(rename = "__typename")]
            kind: String,
            #[serde(rename = "__parentId")]
            parent: Option<Id>,
        }
        let Ok(head) = serde_json::from_slice::<Head>(&self.rest) else {
            return self.bad("is not JSON with a type", all);
        };
        match (head.kind.as_str(), head.parent) {
            ("LineItem", Some(parent)) => self.item(parent, all),
            ("Customer", _) => {
                all.extend(self.whole());
                let read = serde_json::from_slice(&self.rest).map(Box::new);
                let bad = BadLine { at: self.at, why: "is not a customer" };
                all.push(read.map(Item::Customer).map_err(|_| bad));
            }
            ("Order", _) => {
                all.extend(self.whole());
                let read = serde_json::from_slice(&self.rest);
                let bad = BadLine { at: self.at, why: "is not an order" };
                self.order = Some((self.at, read.map_err(|_| bad)));
            }
            _ => self.bad("is of a type that was not asked for", all),
        }
    }

    /// An order without one of its lines would be another order: it is lost with it.
    fn item(&mut self, parent: Id, all: &mut Vec<Read>) {
        let at = self.at;
        match &mut self.order {
            // Its order was not understood, which is told once.
            Some((_, Err(_))) => {}
            Some((_, held @ Ok(_))) => {
                let Ok(order) = held else { return };
                let is_its = order.number() == parent.0;
                match serde_json::from_slice::<LineNode>(&self.rest) {
                    Ok(line) if is_its => order.take(Page { nodes: vec![line], next: None }),
                    _ if is_its => *held = Err(BadLine { at, why: "is not a line of an order" }),
                    _ => self.bad("belongs to another order than the one before it", all),
                }
            }
            None => self.bad("belongs to no order", all),
        }
    }

    fn bad(&mut self, why: &'static str, all: &mut Vec<Read>) {
        let bad = BadLine { at: self.at, why };
        match &mut self.order {
            // It may have been one of its lines.
            Some((_, held @ Ok(_))) => *held = Err(bad),
            _ => all.push(Err(bad)),
        }
    }

    fn whole(&mut self) -> Option<Read> {
        let (_, order) = self.order.take()?;
        Some(order.map(|order| Item::Order(Box::new(order))))
    }
}

#[cfg(test)]
mod tests;

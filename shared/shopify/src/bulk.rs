//! The file of a bulk operation, piece by piece: a line of JSON for each thing, an order's lines behind their order, and a
//! customer's metafields behind their customer.
//!
//! The operation was asked to keep them together (`graph::BulkRun`), so that one of them is held at a time, however large the
//! file is. A line that cannot be read is told and costs what it is about, and nothing else.

use serde::Deserialize;

use crate::{
    graph::{CustomerNode, InParts, LineNode, MetafieldNode, OrderNode, Page},
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
    /// What lines may follow that belong to it, and where it begins.
    held: Option<(u64, Read)>,
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
        Self { rest: Vec::new(), at, is_lost: false, held: None }
    }

    /// Where to begin again once everything is stored that was given out.
    pub fn place(&self) -> u64 {
        self.held.as_ref().map_or(self.at, |(at, _)| *at)
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
            ("LineItem" | "Metafield", Some(parent)) => self.part(parent, all),
            ("Customer", _) => {
                let read = serde_json::from_slice(&self.rest).map(|node| Item::Customer(Box::new(node)));
                self.begin(read.ok(), "is not a customer", all);
            }
            ("Order", _) => {
                let read = serde_json::from_slice(&self.rest).map(|node| Item::Order(Box::new(node)));
                self.begin(read.ok(), "is not an order", all);
            }
            _ => self.bad("is of a type that was not asked for", all),
        }
    }

    fn begin(&mut self, read: Option<Item>, why: &'static str, all: &mut Vec<Read>) {
        all.extend(self.whole());
        self.held = Some((self.at, read.ok_or(BadLine { at: self.at, why })));
    }

    /// Something without one of its parts would be another thing: it is lost with it.
    fn part(&mut self, parent: Id, all: &mut Vec<Read>) {
        let at = self.at;
        let Some((_, held)) = &mut self.held else {
            return self.bad("belongs to nothing before it", all);
        };
        match held {
            // What it belongs to was not understood, which is told once.
            Err(_) => {}
            Ok(item) if item.number() != parent.0 => {
                self.bad("belongs to something else than what is before it", all);
            }
            Ok(item) => {
                if let Err(why) = item.take(&self.rest) {
                    *held = Err(BadLine { at, why });
                }
            }
        }
    }

    fn bad(&mut self, why: &'static str, all: &mut Vec<Read>) {
        let bad = BadLine { at: self.at, why };
        match &mut self.held {
            // It may have been one of its parts.
            Some((_, held @ Ok(_))) => *held = Err(bad),
            _ => all.push(Err(bad)),
        }
    }

    fn whole(&mut self) -> Option<Read> {
        self.held.take().map(|(_, read)| read)
    }
}

impl Item {
    fn number(&self) -> u64 {
        match self {
            Self::Customer(customer) => customer.number(),
            Self::Order(order) => order.number(),
        }
    }

    /// A line that belongs to it.
    fn take(&mut self, line: &[u8]) -> Result<(), &'static str> {
        match self {
            Self::Customer(customer) => {
                let read: MetafieldNode = serde_json::from_slice(line).map_err(|_| "is not a metafield")?;
                customer.take(read);
            }
            Self::Order(order) => {
                let read: LineNode = serde_json::from_slice(line).map_err(|_| "is not a line of an order")?;
                order.take(Page { nodes: vec![read], next: None });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

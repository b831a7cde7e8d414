//! Rows that came in part are asked for to their end before they are told.
//!
//! A page of many long rows may take more questions than are answered in a row. Then those that were whole by then are
//! stored, and are not asked for again: so it is done in the end, however often it is asked for.

use shopify::graph::InParts;

use super::{Row, Rows};
use crate::{Hands, asked::Halt};

/// A row of which the answer may hold a part.
pub(crate) trait Long: InParts {
    /// Of one that changes nothing.
    fn row(&self) -> Row;

    /// Whether it is stored already as it is now, with all that it has.
    async fn is_here(&self, hands: &Hands<'_>) -> Result<bool, Halt>;
}

/// Those that are whole, and why the others are not. What is here, or is no more, is a row already.
pub(crate) async fn whole<T: Long>(
    hands: &Hands<'_>,
    nodes: Vec<T>,
    rows: &mut Rows,
) -> (Vec<T>, Option<Halt>) {
    let mut whole = Vec::new();
    for node in nodes {
        if node.more().is_none() {
            whole.push(node);
            continue;
        }
        let row = node.row();
        match rest(hands, node).await {
            Ok(Some(node)) => whole.push(node),
            Ok(None) => rows.all.push(row),
            Err(halt) => return (whole, Some(halt)),
        }
    }
    (whole, None)
}

async fn rest<T: Long>(hands: &Hands<'_>, node: T) -> Result<Option<T>, Halt> {
    if node.is_here(hands).await? { Ok(None) } else { hands.whole(node).await }
}

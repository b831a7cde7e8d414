//! Products, as the shop has them, with all of their variants.

use std::collections::BTreeSet;

use domain::{ProductId, Thing, Timestamp, is_read_since};
use flows::FlowError;
use futures::{StreamExt, TryStreamExt, stream};
use shopify::graph::{InParts, ProductNode};

use super::{
    AT_ONCE, Became, Row, Rows, refused,
    whole::{Long, whole},
};
use crate::{Hands, asked::Halt};

/// `asked_at`: just before the page was asked for.
pub(crate) async fn told(
    hands: &Hands<'_>,
    nodes: Vec<ProductNode>,
    asked_at: Timestamp,
) -> Result<Rows, Halt> {
    let mut rows = Rows::default();
    let long: BTreeSet<ProductId> =
        nodes.iter().filter(|node| node.more().is_some()).map(ProductNode::id).collect();
    let (whole, halt) = whole(hands, nodes, &mut rows).await;
    let storing = stream::iter(whole).map(|node| {
        let read_at = long.contains(&node.id()).then_some(asked_at);
        one(hands, node, read_at)
    });
    let all: Vec<Row> = storing.buffer_unordered(AT_ONCE).try_collect().await?;
    rows.all.extend(all);
    halt.map_or(Ok(rows), Err)
}

impl Long for ProductNode {
    fn row(&self) -> Row {
        Row::of("product", self.id(), Some(self.updated_at()), Became::Unchanged)
    }

    /// That one of the same instant is kept says nothing: a webhook may have told a part of it.
    async fn is_here(&self, hands: &Hands<'_>) -> Result<bool, Halt> {
        let read_at = hands.store.read_at(Thing::Product(self.id())).await?;
        Ok(read_at >= Some(hands.began_at) && is_read_since(read_at, self.updated_at()))
    }
}

/// `read_at`: of one that took questions of its own, which nobody need ask again.
async fn one(hands: &Hands<'_>, node: ProductNode, read_at: Option<Timestamp>) -> Result<Row, FlowError> {
    let (id, at) = (node.id(), node.updated_at());
    let became = match node.told(&hands.reading) {
        Ok(told) => {
            let is_new = hands.store.product_kept(id).await?.is_none();
            match hands.record.done(|| hands.record.product_told(&told.product, true)).await {
                Ok(plan) if !plan.is_change => Became::Unchanged,
                Ok(_) if is_new => Became::Created,
                Ok(_) => Became::Updated,
                Err(error) => refused(error)?,
            }
        }
        Err(unkept) => Became::Refused(unkept.to_string()),
    };
    let is_kept = !matches!(became, Became::Refused(_));
    if let Some(at) = read_at.filter(|_| is_kept) {
        hands.store.commit(vec![hands.store.thing_read(Thing::Product(id), at)]).await?;
    }
    Ok(Row::of("product", id, Some(at), became))
}

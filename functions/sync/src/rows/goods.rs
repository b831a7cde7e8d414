//! Products, as the shop has them.

use flows::FlowError;
use futures::{StreamExt, TryStreamExt, stream};
use shopify::graph::ProductNode;

use super::{AT_ONCE, Became, Row, Rows, refused};
use crate::{Hands, asked::Halt};

pub(crate) async fn told(hands: &Hands<'_>, nodes: Vec<ProductNode>) -> Result<Rows, Halt> {
    let storing = stream::iter(nodes).map(|node| one(hands, node)).buffer_unordered(AT_ONCE);
    Ok(Rows { all: storing.try_collect().await?, ..Rows::default() })
}

async fn one(hands: &Hands<'_>, node: ProductNode) -> Result<Row, FlowError> {
    let (id, at) = (node.id(), node.updated_at());
    let became = match node.told(&hands.reading) {
        Ok(told) => {
            let is_new = hands.store.product_kept(id).await?.is_none();
            match hands.record.done(|| hands.record.product_told(&told.product)).await {
                Ok(plan) if !plan.is_change => Became::Unchanged,
                Ok(_) if is_new => Became::Created,
                Ok(_) => Became::Updated,
                Err(error) => refused(error)?,
            }
        }
        Err(unkept) => Became::Refused(unkept.to_string()),
    };
    Ok(Row::of("product", id, Some(at), became))
}

//! Orders, as the shop has them: those of one customer one after the other, different customers side by side.

use std::collections::BTreeMap;

use domain::{CustomerId, OrderId};
use flows::{FlowError, telling};
use futures::{StreamExt, TryStreamExt, stream};
use shopify::{
    graph::OrderNode,
    told::{Buyer, OrderTold},
};

use super::{
    AT_ONCE, Became, Row, Rows, refused,
    whole::{Long, whole},
};
use crate::{Hands, asked::Halt};

pub(crate) async fn told(hands: &Hands<'_>, nodes: Vec<OrderNode>) -> Result<Rows, Halt> {
    let mut rows = Rows::default();
    let (whole, halt) = whole(hands, nodes, &mut rows).await;
    apply(hands, whole, &mut rows).await?;
    halt.map_or(Ok(rows), Err)
}

impl Long for OrderNode {
    fn row(&self) -> Row {
        Row::of("order", self.id(), Some(self.updated_at()), Became::Unchanged)
    }

    async fn is_here(&self, hands: &Hands<'_>) -> Result<bool, Halt> {
        let held = hands.store.order(self.id()).await?;
        Ok(held.is_some_and(|held| held.updated_at >= self.updated_at()))
    }
}

async fn apply(hands: &Hands<'_>, nodes: Vec<OrderNode>, rows: &mut Rows) -> Result<(), FlowError> {
    let ids: Vec<OrderId> = nodes.iter().map(OrderNode::id).collect();
    let places = hands.store.order_places(&ids).await?;
    let mut lots: BTreeMap<String, Vec<(OrderTold, bool)>> = BTreeMap::new();
    for (node, place) in nodes.into_iter().zip(places) {
        let (id, at) = (node.id(), node.updated_at());
        match node.told(&hands.reading) {
            Ok(told) => lots.entry(whose(&told)).or_default().push((told, place.is_none())),
            Err(unkept) => {
                rows.all.push(Row::of("order", id, Some(at), Became::Refused(unkept.to_string())));
            }
        }
    }
    let storing = stream::iter(lots.into_values()).map(|lot| stored(hands, lot)).buffer_unordered(AT_ONCE);
    let all: Vec<Rows> = storing.try_collect().await?;
    for one in all {
        rows.all.extend(one.all);
        rows.shards.extend(one.shards);
    }
    Ok(())
}

/// Orders of the same would only stand in each other's way.
fn whose(told: &OrderTold) -> String {
    match &told.buyer {
        Buyer::Customer(id) => id.to_string(),
        Buyer::Address { email: Some(email), .. } => email.to_string(),
        Buyer::Address { phone: Some(phone), .. } => phone.to_string(),
        Buyer::Address { .. } | Buyer::Nobody => CustomerId::walk_in(told.order.id).to_string(),
    }
}

async fn stored(hands: &Hands<'_>, lot: Vec<(OrderTold, bool)>) -> Result<Rows, FlowError> {
    let mut rows = Rows::default();
    for (told, is_new) in lot {
        let (id, at) = (told.order.id, told.order.updated_at);
        let became = match telling::order_told(&hands.record, told, true).await {
            Ok(plan) => {
                rows.shards.extend(plan.shards.iter().copied());
                match plan.is_change {
                    false => Became::Unchanged,
                    true if is_new => Became::Created,
                    true => Became::Updated,
                }
            }
            Err(error) => refused(error)?,
        };
        rows.all.push(Row::of("order", id, Some(at), became));
    }
    Ok(rows)
}

//! Baskets that nobody has paid for, of which no webhook may have told.

use domain::{Timestamp, cart::CART_DAYS};
use flows::{FlowError, telling::checkout_told};
use jiff::SignedDuration;
use shopify::graph::CheckoutNode;

use super::{Became, Row, Rows, refused};
use crate::{Hands, asked::Halt};

pub(crate) async fn told(hands: &Hands<'_>, all: Vec<CheckoutNode>, now: Timestamp) -> Result<Rows, Halt> {
    let mut rows = Rows::default();
    for node in all {
        let (id, at) = (node.id(), node.updated_at());
        let became = if now.duration_since(at) > SignedDuration::from_hours(24 * CART_DAYS) {
            Became::Unchanged
        } else {
            Box::pin(kept(hands, node, &mut rows)).await?
        };
        rows.all.push(Row::of("checkout", id.0, Some(at), became));
    }
    Ok(rows)
}

async fn kept(hands: &Hands<'_>, node: CheckoutNode, rows: &mut Rows) -> Result<Became, FlowError> {
    let told = match node.told(&hands.reading) {
        Ok(told) => told,
        Err(unkept) => return Ok(Became::Refused(unkept.to_string())),
    };
    match checkout_told(&hands.record, &told).await {
        Ok(plan) => {
            rows.shards.extend(plan.shards);
            Ok(match (plan.is_change, plan.outcome) {
                (false, _) => Became::Unchanged,
                (true, true) => Became::Created,
                (true, false) => Became::Updated,
            })
        }
        Err(error) => refused(error),
    }
}

//! What was deleted in the shop: no list of what is there shows it.

use domain::Timestamp;
use flows::FlowError;
use shopify::graph::{Deleted, Gone};

use super::{Became, Row, Rows, refused};
use crate::{Hands, asked::Halt};

pub(crate) async fn told(hands: &Hands<'_>, all: &[Deleted]) -> Result<Rows, Halt> {
    let mut rows = Rows::default();
    for deleted in all {
        let Some(what) = deleted.what else { continue };
        let ended = ended(hands, what, deleted.at).await;
        let (became, shards) = match ended {
            Ok((true, shards)) => (Became::Updated, shards),
            Ok((false, shards)) => (Became::Unchanged, shards),
            Err(error) => (refused(error)?, Vec::new()),
        };
        let (kind, id) = match what {
            Gone::Customer(id) => ("deleted customer", id.to_string()),
            Gone::Order(id) => ("deleted order", id.to_string()),
            Gone::Product(id) => ("deleted product", id.to_string()),
        };
        rows.add(Row::of(kind, id, Some(deleted.at), became), shards);
    }
    Ok(rows)
}

/// Whether that was news, and where rows of the audience have changed by it.
async fn ended(
    hands: &Hands<'_>,
    what: Gone,
    at: Timestamp,
) -> Result<(bool, Vec<columns::ShardNumber>), FlowError> {
    let record = &hands.record;
    let plan = match what {
        Gone::Customer(id) => record.done(|| record.customer_gone(id)).await?,
        Gone::Order(id) => record.done(|| record.order_gone(id, at)).await?,
        Gone::Product(id) => record.done(|| record.product_gone(id)).await?,
    };
    Ok((plan.is_change, plan.shards))
}

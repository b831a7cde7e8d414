//! An order as the shop has it, with all of its lines.

use domain::OrderId;
use flows::Unanswered;
use shopify::graph::OrderById;

use super::{Asking, Read, not_there};
use crate::{apply, orders};

pub(super) async fn read(asking: &Asking<'_>, id: OrderId) -> Result<Read, Unanswered> {
    let OrderId::Shopify(number) = id else { return Ok(not_there()) };
    let Some(node) = asking.ask(&OrderById::new(number)).await? else { return Ok(not_there()) };
    let Some(node) = asking.whole(node).await? else { return Ok(not_there()) };
    Ok(match node.told(&asking.reading) {
        Ok(told) => orders::told(&asking.record, told, true).await?.into(),
        Err(unkept) => apply::refused(&unkept).into(),
    })
}

//! A product as the shop has it, with all of its variants.

use domain::ProductId;
use flows::Unanswered;
use shopify::graph::ProductById;

use super::{Asking, Read, not_there};
use crate::apply;

pub(super) async fn read(asking: &Asking<'_>, id: ProductId) -> Result<Read, Unanswered> {
    let ProductId::Shopify(number) = id else { return Ok(not_there()) };
    let Some(node) = asking.ask(&ProductById::new(number)).await? else { return Ok(not_there()) };
    let Some(node) = asking.whole(node).await? else { return Ok(not_there()) };
    Ok(match node.told(&asking.reading) {
        Ok(told) => apply::product(&asking.record, &told, true).await?.into(),
        Err(unkept) => apply::refused(&unkept).into(),
    })
}

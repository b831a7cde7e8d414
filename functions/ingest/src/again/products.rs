//! A product as the shop has it, with all of its variants.

use domain::ProductId;
use flows::{FlowError, Unanswered};
use shopify::graph::ProductById;

use super::{Asking, Read, not_there};
use crate::apply;

/// A product has at most 2,048 variants, of which 250 come with each question.
const QUESTIONS_MAX: usize = 12;

pub(super) async fn read(asking: &Asking<'_>, id: ProductId) -> Result<Read, Unanswered> {
    let ProductId::Shopify(number) = id else { return Ok(not_there()) };
    let Some(mut node) = asking.ask(&ProductById::new(number)).await? else { return Ok(not_there()) };
    for _ in 0..QUESTIONS_MAX {
        let Some(more) = node.more_variants() else {
            return Ok(match node.told(&asking.reading) {
                Ok(told) => apply::product(&asking.record, &told).await?.into(),
                Err(unkept) => apply::refused(&unkept).into(),
            });
        };
        let Some(others) = asking.ask(&more).await? else { return Ok(not_there()) };
        node.take_variants(others);
    }
    Err(FlowError::broken("the variants of a product do not end").into())
}

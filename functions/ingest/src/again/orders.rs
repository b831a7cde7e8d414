//! An order as the shop has it, with all of its lines.

use domain::OrderId;
use flows::{FlowError, Unanswered};
use shopify::graph::OrderById;

use super::{Asking, Read, not_there};
use crate::{apply, orders};

/// An order has at most 500 lines, of which the first come with it and 250 with each question.
const QUESTIONS_MAX: usize = 8;

pub(super) async fn read(asking: &Asking<'_>, id: OrderId) -> Result<Read, Unanswered> {
    let OrderId::Shopify(number) = id else { return Ok(not_there()) };
    let Some(mut node) = asking.ask(&OrderById::new(number)).await? else { return Ok(not_there()) };
    for _ in 0..QUESTIONS_MAX {
        let Some(more) = node.more_lines() else {
            return Ok(match node.told(&asking.reading) {
                Ok(told) => orders::told(&asking.record, told).await?.into(),
                Err(unkept) => apply::refused(&unkept).into(),
            });
        };
        let Some(lines) = asking.ask(&more).await? else { return Ok(not_there()) };
        node.take_lines(lines);
    }
    Err(FlowError::broken("the lines of an order do not end").into())
}

//! What is told of orders, each with its customer.

use domain::Thing;
use flows::{FlowError, record::Record, telling};
use shopify::told::OrderTold;

use crate::apply::Done;

/// `is_last`: the shop was asked for it.
pub(crate) async fn told(record: &Record<'_>, told: OrderTold, is_last: bool) -> Result<Done, FlowError> {
    let lacking = told.must_be_read_again.then_some(Thing::Order(told.order.id));
    let kept = telling::order_told(record, told, is_last).await?;
    Ok(Done::of(&kept).lacking(lacking))
}

//! What is told of orders, each with its customer.

use domain::Thing;
use flows::{FlowError, record::Record, telling};
use shopify::told::OrderTold;

use crate::apply::Done;

pub(crate) async fn told(record: &Record<'_>, told: OrderTold) -> Result<Done, FlowError> {
    let lacking = told.must_be_read_again.then_some(Thing::Order(told.order.id));
    let kept = telling::order_told(record, told).await?;
    Ok(Done::of(&kept).lacking(lacking))
}

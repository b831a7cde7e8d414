//! What is told of orders, each with its customer.

use flows::{FlowError, telling};
use shopify::payload;

use crate::{
    Hands,
    apply::{self, Done},
};

pub(crate) async fn told(hands: &Hands<'_>, told: payload::Order) -> Result<Done, FlowError> {
    let told = match told.told(&hands.reading) {
        Ok(told) => told,
        Err(unkept) => return Ok(apply::refused(&unkept)),
    };
    let lacking = told.must_be_read_again.then(|| format!("order {}", told.order.id));
    let kept = telling::order_told(&hands.record, told).await?;
    Ok(Done::of(&kept).lacking(lacking))
}

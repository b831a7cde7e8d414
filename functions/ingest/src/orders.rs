//! What is told of orders, each with its customer.

use domain::Order;
use flows::{
    FlowError,
    record::{Bought, OrderWord, Whose, Word},
};
use shopify::{payload, told::Buyer};

use crate::{
    Hands,
    apply::{self, Done},
    customers,
};

pub(crate) async fn told(hands: &Hands<'_>, told: payload::Order) -> Result<Done, FlowError> {
    let told = match told.told(&hands.reading) {
        Ok(told) => told,
        Err(unkept) => return Ok(apply::refused(&unkept)),
    };
    let lacking = told.must_be_read_again.then(|| format!("order {}", told.order.id));
    let new = told.clone().into_order();
    let tell = |held: &mut Order| {
        let refunded = held.refunded;
        told.tell(held);
        if told.must_be_read_again {
            // What is known of refunds is more than what was told.
            held.refunded = refunded.min(held.total);
        }
    };
    let nothing = |_: &mut domain::Customer| Ok(());
    let about = told.customer.as_deref().map(customers::teller);
    let at = told.customer.as_ref().and_then(|customer| customer.updated_at);
    let bought = match (told.buyer.clone(), &about) {
        (Buyer::Customer(id), Some(tell)) => Bought::By(Word { id, at, tell }),
        (Buyer::Customer(id), None) => Bought::By(Word { id, at: None, tell: &nothing }),
        (Buyer::Address { email, phone }, _) => Bought::From(Whose::Address { email, phone }),
        (Buyer::Nobody, _) => Bought::From(Whose::Nobody),
    };
    let word = OrderWord { order: &new, tell: &tell, bought: &bought };
    let kept = Box::pin(hands.record.order_told(&word)).await?;
    Ok(Done::of(&kept).lacking(lacking))
}

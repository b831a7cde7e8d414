//! What a shop tells becomes the record's, the same whether it came by a webhook or was asked for.

use domain::{Customer, Order};
use shopify::told::{Buyer, CustomerTold, OrderTold};

use crate::{
    FlowError,
    record::{Bought, OrderWord, Plan, Record, Whose, Word},
};

/// How a customer of ours becomes what was told.
pub fn teller(told: &CustomerTold) -> impl Fn(&mut Customer) -> Result<(), FlowError> + Send + Sync {
    move |customer| {
        if let Some(created_at) = told.created_at {
            customer.created_at = customer.created_at.min(created_at);
        }
        let told = told.tell(customer);
        told.map_err(|wrong| FlowError::invalid("customer", "invalid", wrong.to_string()))
    }
}

/// An order, with what it says of its customer. `None`: it was deleted.
pub async fn order_told(record: &Record<'_>, told: OrderTold) -> Result<Plan<Option<Order>>, FlowError> {
    let new = told.clone().into_order();
    let tell = |held: &mut Order| {
        let refunded = held.refunded;
        told.tell(held);
        if told.must_be_read_again {
            // What is known of refunds is more than what was told.
            held.refunded = refunded.min(held.total);
        }
    };
    let nothing = |_: &mut Customer| Ok(());
    let about = told.customer.as_deref().map(teller);
    let at = told.customer.as_ref().and_then(|customer| customer.updated_at);
    let bought = match (told.buyer.clone(), &about) {
        (Buyer::Customer(id), Some(tell)) => Bought::By(Word { id, at, tell }),
        (Buyer::Customer(id), None) => Bought::By(Word { id, at: None, tell: &nothing }),
        (Buyer::Address { email, phone }, _) => Bought::From(Whose::Address { email, phone }),
        (Buyer::Nobody, _) => Bought::From(Whose::Nobody),
    };
    let word = OrderWord { order: &new, tell: &tell, bought: &bought };
    Box::pin(record.order_told(&word)).await
}

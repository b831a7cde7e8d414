//! What there is of an order: itself, or why there is none. One that was deleted before it was told is gone, too.

use domain::OrderId;
use serde::{Deserialize, Serialize};

use crate::{
    HeldOrder, OrderPlace, Step, StoreError, TenantStore, keys,
    orders::{OrderRecord, PlaceRecord},
    record::{Entry, read_as},
    table::Write,
};

/// How often an order is looked for that moves while it is looked for.
const PLACES_TRIED: usize = 8;

/// What there is of an order.
#[derive(Debug)]
pub enum OrderFound {
    Here(Box<HeldOrder>),
    /// It was deleted, perhaps before it was ever told.
    Gone,
    Never,
}

impl TenantStore {
    /// The order, or why there is none.
    pub async fn order_found(&self, id: OrderId) -> Result<OrderFound, StoreError> {
        for _ in 0..PLACES_TRIED {
            let Some(place) = self.order_place(id).await? else { return Ok(OrderFound::Never) };
            let OrderPlace::With(customer, second, number) = *place else { return Ok(OrderFound::Gone) };
            let item = self.get(keys::order(self.id(), customer, second, number)).await?;
            if let Some(item) = item {
                let order = read_as::<OrderRecord, _>(item)?;
                return Ok(OrderFound::Here(Box::new(HeldOrder { order, place })));
            }
            // Between the two reads it has moved, or is gone.
        }
        // As good as a change at the same moment: whoever reads again finds it.
        Err(StoreError::Conflict(0))
    }

    /// The order was deleted before it was ever told. `Conflict` if it was told, or this was.
    pub fn order_never(&self, id: OrderId) -> Step {
        let place = Entry::new(keys::order_place(self.id(), id), &PlaceRecord::GONE).create();
        Step(vec![place, self.order_noted_gone(id)])
    }

    /// In the list of those that are deleted.
    pub(crate) fn order_noted_gone(&self, id: OrderId) -> Write {
        Entry::new(keys::deleted_order(self.id(), id), &DeletedRecord {}).overwrite()
    }
}

#[derive(Serialize, Deserialize)]
struct DeletedRecord {}

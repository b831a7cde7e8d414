//! Orders: one, lists, figures.

pub(crate) mod figures;
pub(crate) mod filter;
pub(crate) mod list;
pub(crate) mod of_customer;
pub(crate) mod one;
pub(crate) mod told;
pub(crate) mod view;

use domain::OrderId;
use flows::FlowError;

fn path_of(id: OrderId) -> String {
    format!("/api/v1/orders/{id}")
}

fn id_of(named: &str) -> Result<OrderId, FlowError> {
    named.parse().map_err(|_| FlowError::NotFound("order"))
}

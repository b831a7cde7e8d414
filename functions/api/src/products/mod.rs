//! Products: one, and lists.

pub(crate) mod filter;
pub(crate) mod list;
pub(crate) mod one;
pub(crate) mod told;
pub(crate) mod view;

use domain::ProductId;
use flows::FlowError;

fn path_of(id: ProductId) -> String {
    format!("/api/v1/products/{id}")
}

fn id_of(named: &str) -> Result<ProductId, FlowError> {
    named.parse().map_err(|_| FlowError::NotFound("product"))
}

//! Customers: one, many at once, lists, what happened with them, figures.

pub(crate) mod applied;
pub(crate) mod bulk;
pub(crate) mod filter;
pub(crate) mod list;
pub(crate) mod one;
pub(crate) mod stats;
pub(crate) mod timeline;
pub(crate) mod told;
pub(crate) mod view;

use domain::{Customer, CustomerId, customer::CustomerKind};
use flows::FlowError;
use store::{Held, TenantStore};

use crate::error::Problem;

/// The path of one customer.
fn path_of(id: CustomerId) -> String {
    format!("/api/v1/customers/{id}")
}

pub(crate) fn id_of(named: &str) -> Result<CustomerId, FlowError> {
    named.parse().map_err(|_| FlowError::NotFound("customer"))
}

/// Whoever is gone is not there; of somebody who was merged it is told into whom.
pub(crate) async fn present(store: &TenantStore, named: &str) -> Result<Held<Customer>, Problem> {
    let held = store.customer(id_of(named)?).await?.ok_or(FlowError::NotFound("customer"))?;
    match held.kind {
        CustomerKind::Erased => Err(FlowError::NotFound("customer").into()),
        CustomerKind::Merged(into) => {
            let detail = format!("this customer was merged into customer {into}");
            Err(Problem::new(axum::http::StatusCode::NOT_FOUND, "merged", detail))
        }
        CustomerKind::Person | CustomerKind::Guest | CustomerKind::WalkIn => Ok(held),
    }
}

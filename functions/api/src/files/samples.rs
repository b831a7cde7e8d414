//! Files to begin with: our headers, and rows as they may look.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use domain::Permission;
use tables::{customers, orders};

use crate::{error::Problem, who::Acting};

/// A file of customers to begin with
#[utoipa::path(get, operation_id = "sample_customers", path = "/api/v1/data/samples/customers", tag = "Files",
    responses((status = 200, content_type = "text/csv", body = String)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_customers(Acting(caller): Acting) -> Result<Response, Problem> {
    caller.must(Permission::ReadCustomers)?;
    Ok(csv("customers-sample.csv", customers::SAMPLE.to_owned()))
}

/// A file of orders to begin with
///
/// Of the customers in the sample of customers.
#[utoipa::path(get, operation_id = "sample_orders", path = "/api/v1/data/samples/orders", tag = "Files",
    responses((status = 200, content_type = "text/csv", body = String)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_orders(Acting(caller): Acting) -> Result<Response, Problem> {
    caller.must(Permission::ReadOrders)?;
    Ok(csv("orders-sample.csv", orders::SAMPLE.to_owned()))
}

/// To be saved under that name.
pub(crate) fn csv(name: &str, text: String) -> Response {
    let saved = format!("attachment; filename=\"{name}\"");
    let kind = "text/csv; charset=utf-8; header=present".to_owned();
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, saved)], text).into_response()
}

//! Exports of any size: asked for like a list, written by a job.

use axum::{extract::State, response::Response};
use domain::{
    Job, JobId, Permission,
    job::{Export, Kind, Work},
};
use flows::{
    FlowError,
    identify::Caller,
    taking::{NO_SEGMENT, Sales},
};
use serde::Serialize;

use super::{made, view::JobView};
use crate::{
    App,
    customers::{filter::CustomersAsked, told::Scene},
    error::{Problem, ProblemDocument},
    input::Asked,
    once::Once,
    orders::{filter::OrdersAsked, list::of_whom},
    who::Acting,
};

/// Export customers
///
/// Those that the list would show, in a file of any size. The job tells where to take it.
#[utoipa::path(post, operation_id = "begin_export_of_customers", path = "/api/v1/exports/customers", tag = "Files", params(CustomersAsked),
    responses((status = 202, body = JobView), (status = 404, description = "no such segment", body = ProblemDocument)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_customers(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Asked(asked): Asked<CustomersAsked>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let people = asked.taken(Scene::of(&caller, deps.now()))?;
    for id in &people.segments {
        caller.store.segment(*id).await?.ok_or(NO_SEGMENT)?;
    }
    begun(&deps, &caller, once, Kind::Customers, &people).await
}

/// Export orders
///
/// Those that the list would show, in a file of any size. The job tells where to take it.
#[utoipa::path(post, operation_id = "begin_export_of_orders", path = "/api/v1/exports/orders", tag = "Files", params(OrdersAsked),
    responses((status = 202, body = JobView), (status = 404, description = "no such customer", body = ProblemDocument)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn of_orders(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Asked(asked): Asked<OrdersAsked>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadOrders)?;
    let (sales, whose) = asked.taken(Scene::of(&caller, deps.now()))?;
    let sales: Sales = of_whom(&caller, whose, sales).await?.ok_or(FlowError::NotFound("customer"))?;
    begun(&deps, &caller, once, Kind::Orders, &sales).await
}

async fn begun(
    deps: &App,
    caller: &Caller,
    once: Once,
    of: Kind,
    asked: &impl Serialize,
) -> Result<Response, Problem> {
    let asked = serde_json::to_string(asked).map_err(FlowError::broken)?;
    let job = Job::new(JobId::new(deps.now(), deps.roll()), Work::Export(Export { of, asked }), deps.now());
    made(deps, caller, once, &job).await
}

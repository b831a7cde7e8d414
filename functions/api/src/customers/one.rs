//! One customer: made, shown, replaced, changed, erased, merged.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{Currency, Customer, CustomerId, Permission, customer::CustomerKind, timeline::Event};
use flows::{FlowError, identify::Caller};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    applied::Attributes,
    id_of, path_of, present,
    told::{CustomerTold, Scene, Told},
    view::{CustomerDetail, CustomerView, Flags, Metrics, OrderBrief},
};
use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::{Input, Named, Prefers},
    jobs::{later, view::JobView},
    once::{Answer, Once},
    record::Desk,
    who::Acting,
};

const RECENT_ORDERS: usize = 10;
/// Of a customer's newest events, read at once: most are orders.
const EVENTS_READ: u32 = 25;

fn answer(customer: &Customer, currency: Currency) -> Answer {
    Answer::new(StatusCode::OK, &CustomerView::of(customer, currency))
}

/// Make a customer
///
/// Somebody who is known only from an order's address becomes this customer, with that order. `orders_count` and
/// `total_spent` are what was bought before there were orders here. With `Prefer: respond-async` a job does it, and
/// somebody who has the address already is told what the request says.
#[utoipa::path(post, operation_id = "make_customer", path = "/api/v1/customers", tag = "Customers", request_body = CustomerTold,
    params(("prefer" = Option<String>, Header, description = "`respond-async`: a job does it")),
    responses((status = 201, body = CustomerView), (status = 202, description = "a job does it", body = JobView),
    (status = 409, description = "a customer has this address: `email_taken` or `phone_taken`", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn create(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    prefers: Prefers,
    Input(told): Input<CustomerTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let currency = caller.tenant.currency;
    let told = told.understood(Scene::of(&caller, deps.now()))?;
    told.must_name_somebody()?;
    if prefers.is_async {
        let id = CustomerId::new(deps.now(), deps.roll());
        let mut customer = Customer::new(id, 0, CustomerKind::Person, deps.now());
        told.apply(&mut customer, Attributes::Kept)?;
        return later::customer(&deps, &caller, once, &customer).await;
    }
    let desk = Desk::of(&deps, &caller);
    let record = desk.record();
    let plan = || record.customer_made(None, |customer| told.apply(customer, Attributes::Kept));
    let made = |customer: &Customer| {
        Answer::new(StatusCode::CREATED, &CustomerView::of(customer, currency)).at(path_of(customer.id))
    };
    desk.done(&once, plan, made).await
}

/// A customer
///
/// With flags, what their orders say of them, and the newest ten orders.
#[utoipa::path(get, operation_id = "show_customer", path = "/api/v1/customers/{customer}", tag = "Customers",
    params(("customer" = String, Path, description = "the customer's id")),
    responses((status = 200, body = CustomerDetail), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<CustomerDetail>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let (customer, currency) = (present(&caller.store, &id).await?, caller.tenant.currency);
    let recent_orders = recent_orders(&caller, &customer).await?;
    let metrics = Metrics::of(&customer, &caller.tenant.zone, deps.now());
    let flags = Flags::of(&customer);
    let customer = CustomerView::of(&customer, currency);
    Ok(Json(CustomerDetail { customer, metrics, flags, recent_orders }))
}

async fn recent_orders(caller: &Caller, customer: &Customer) -> Result<Vec<OrderBrief>, FlowError> {
    let mut recent = Vec::new();
    // Who never had an order is not asked for one.
    let mut more = (customer.next_order > 1).then_some(None);
    while let Some(after) = more.take().filter(|_| recent.len() < RECENT_ORDERS) {
        let after: Option<String> = after;
        let read = caller.store.events(customer.id, EVENTS_READ, after.as_deref()).await?;
        recent.extend(read.events.into_iter().filter_map(|(_, event)| match event {
            Event::Order(order) => Some(OrderBrief::of(&order, caller.tenant.currency)),
            _ => None,
        }));
        more = read.next.map(Some);
    }
    recent.truncate(RECENT_ORDERS);
    Ok(recent)
}

/// Replace a customer
///
/// What is left out is cleared, except for consents and totals: those change only when they are told.
#[utoipa::path(put, operation_id = "replace_customer", path = "/api/v1/customers/{customer}", tag = "Customers", request_body = CustomerTold,
    params(("customer" = String, Path, description = "the customer's id")), responses((status = 200, body = CustomerView),
    (status = 404, body = ProblemDocument), (status = 409, description = "somebody else has this address", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn replace(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<CustomerTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let id = id_of(&id)?;
    let told = told.understood(Scene::of(&caller, deps.now()))?.whole();
    told.must_name_somebody()?;
    changed(&deps, &caller, &once, id, &told, Attributes::Replaced).await
}

/// Change a customer
///
/// `null` clears, what is left out stays.
#[utoipa::path(patch, operation_id = "change_customer", path = "/api/v1/customers/{customer}", tag = "Customers", request_body = CustomerTold,
    params(("customer" = String, Path, description = "the customer's id")), responses((status = 200, body = CustomerView),
    (status = 404, body = ProblemDocument), (status = 409, description = "somebody else has this address", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn change(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<CustomerTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let id = id_of(&id)?;
    let told = told.understood(Scene::of(&caller, deps.now()))?;
    changed(&deps, &caller, &once, id, &told, Attributes::Kept).await
}

async fn changed(
    deps: &App,
    caller: &Caller,
    once: &Once,
    id: CustomerId,
    told: &Told,
    attributes: Attributes,
) -> Result<Response, Problem> {
    let desk = Desk::of(deps, caller);
    let record = desk.record();
    let plan = || record.customer_changed(id, |customer| told.apply(customer, attributes));
    desk.done(once, plan, |customer| answer(customer, caller.tenant.currency)).await
}

/// Erase a customer
///
/// Every word about them goes, for good. What they bought stays, as figures.
#[utoipa::path(delete, operation_id = "erase_customer", path = "/api/v1/customers/{customer}", tag = "Customers",
    params(("customer" = String, Path, description = "the customer's id")),
    responses((status = 204), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn erase(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let id = id_of(&id)?;
    let desk = Desk::of(&deps, &caller);
    let record = desk.record();
    desk.done(&once, || record.customer_erased(id), |()| Answer::empty(StatusCode::NO_CONTENT)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeTold {
    /// The id of the customer that stays.
    into: String,
}

/// Merge a customer into another
///
/// Orders, tags and whatever only this one knew go over to the other; this one is no more. Doing it again changes
/// nothing.
#[utoipa::path(post, operation_id = "merge_customer", path = "/api/v1/customers/{customer}/merge", tag = "Customers", request_body = MergeTold,
    params(("customer" = String, Path, description = "the id of the customer that goes")),
    responses((status = 200, description = "the customer that stays", body = CustomerView),
    (status = 404, body = ProblemDocument), (status = 409, description = "these two cannot be one", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn merge(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<MergeTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let (from, into) = (id_of(&id)?, id_of(&told.into)?);
    let currency = caller.tenant.currency;
    let is_done =
        caller.store.customer(from).await?.is_some_and(|from| from.kind == CustomerKind::Merged(into));
    if is_done {
        let into = present(&caller.store, &told.into).await?;
        return once.answer(answer(&into, currency)).await;
    }
    let desk = Desk::of(&deps, &caller);
    let record = desk.record();
    let plan = || record.customers_merged(from, into);
    desk.done(&once, plan, |customer| answer(customer, currency)).await
}

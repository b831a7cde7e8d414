//! One order: recorded, shown, replaced, changed, moved, deleted.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{OrderId, Permission};
use flows::{
    FlowError,
    identify::Caller,
    record::{Sold, Whose},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    id_of, path_of,
    told::{OrderTold, Told},
    view::OrderView,
};
use crate::{
    App,
    customers::{self, told::Scene},
    error::{Problem, ProblemDocument},
    input::{Input, Named, Prefers},
    jobs::{later, view::JobView},
    once::{Answer, Once},
    record::Desk,
    who::Acting,
};

/// Record an order
///
/// The answer has the customer's totals, this order among them. With `Prefer: respond-async` a job does it; what is wrong
/// with whose it is, is then told by the job.
#[utoipa::path(post, operation_id = "record_order", path = "/api/v1/orders", tag = "Orders", request_body = OrderTold,
    params(("prefer" = Option<String>, Header, description = "`respond-async`: a job does it")),
    responses((status = 201, body = OrderView), (status = 202, description = "a job does it", body = JobView),
    (status = 404, description = "no such customer", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn create(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    prefers: Prefers,
    Input(told): Input<OrderTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let (scene, currency) = (Scene::of(&caller, deps.now()), caller.tenant.currency);
    let told = told.understood(scene)?;
    let nobody = || {
        let sentence = "must be told, or email, phone or customer_email; of a passer-by `\"walk_in\": true`";
        FlowError::invalid("/customer_id", "missing_member", sentence)
    };
    let whose = told.whose.clone().ok_or_else(nobody)?;
    let order = told.order(OrderId::new(deps.now(), deps.roll()), scene)?;
    if prefers.is_async {
        return later::order(&deps, &caller, once, &order, &whose).await;
    }
    let desk = Desk::of(&deps, &caller);
    let record = desk.record();
    let made = |sold: &Sold| {
        let view = OrderView::of(&sold.order, &sold.customer, currency);
        Answer::new(StatusCode::CREATED, &view).at(path_of(sold.order.id))
    };
    desk.done(&once, || record.order_made(order.clone(), &whose), made).await
}

/// An order
#[utoipa::path(get, operation_id = "show_order", path = "/api/v1/orders/{order}", tag = "Orders",
    params(("order" = String, Path, description = "the order's id")),
    responses((status = 200, body = OrderView), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<OrderView>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let order = caller.store.order(id_of(&id)?).await?.ok_or(FlowError::NotFound("order"))?;
    let customer = caller.store.customer(order.customer).await?;
    let customer = customer.ok_or_else(|| FlowError::broken("an order of nobody's"))?;
    Ok(Json(OrderView::of(&order, &customer, caller.tenant.currency)))
}

/// Replace an order
///
/// What is left out is cleared, except for how it is paid, when it was placed and whether it is a test.
#[utoipa::path(put, operation_id = "replace_order", path = "/api/v1/orders/{order}", tag = "Orders", request_body = OrderTold,
    params(("order" = String, Path, description = "the order's id")),
    responses((status = 200, body = OrderView), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn replace(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<OrderTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let id = id_of(&id)?;
    let told = told.understood(Scene::of(&caller, deps.now()))?.whole();
    changed(&deps, &caller, &once, id, &told).await
}

/// Change an order
///
/// `null` clears, what is left out stays: `{"status": "cancelled"}`, `{"refunded": "5.00"}`. Done again it changes
/// nothing.
#[utoipa::path(patch, operation_id = "change_order", path = "/api/v1/orders/{order}", tag = "Orders", request_body = OrderTold,
    params(("order" = String, Path, description = "the order's id")),
    responses((status = 200, body = OrderView), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn change(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<OrderTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let id = id_of(&id)?;
    let told = told.understood(Scene::of(&caller, deps.now()))?;
    changed(&deps, &caller, &once, id, &told).await
}

async fn changed(
    deps: &App,
    caller: &Caller,
    once: &Once,
    id: OrderId,
    told: &Told,
) -> Result<Response, Problem> {
    if !matches!(told.whose, None | Some(Whose::Customer(_))) {
        let sentence =
            "is told by `customer_id` alone once there is an order; `POST …/move` gives it to another";
        return Err(FlowError::invalid("/email", "invalid", sentence).into());
    }
    let scene = Scene::of(caller, deps.now());
    let desk = Desk::of(deps, caller);
    let record = desk.record();
    let plan = || record.order_changed(id, |order| told.apply(order, scene));
    desk.done(once, plan, |sold| answer(sold, caller)).await
}

fn answer(sold: &Sold, caller: &Caller) -> Answer {
    let view = OrderView::of(&sold.order, &sold.customer, caller.tenant.currency);
    Answer::new(StatusCode::OK, &view)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveTold {
    /// Whose it is from now on.
    #[serde(alias = "customerId")]
    customer_id: String,
}

/// Give an order to another customer
#[utoipa::path(post, operation_id = "move_order", path = "/api/v1/orders/{order}/move", tag = "Orders", request_body = MoveTold,
    params(("order" = String, Path, description = "the order's id")),
    responses((status = 200, body = OrderView), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn give(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<MoveTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let (id, to) = (id_of(&id)?, customers::id_of(&told.customer_id)?);
    let desk = Desk::of(&deps, &caller);
    let record = desk.record();
    desk.done(&once, || record.order_moved(id, to), |sold| answer(sold, &caller)).await
}

/// Delete an order
///
/// For good: the customer's totals are as if it had never been.
#[utoipa::path(delete, operation_id = "delete_order", path = "/api/v1/orders/{order}", tag = "Orders",
    params(("order" = String, Path, description = "the order's id")),
    responses((status = 204), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn delete(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let id = id_of(&id)?;
    let desk = Desk::of(&deps, &caller);
    let record = desk.record();
    desk.done(&once, || record.order_ended(id), |_| Answer::empty(StatusCode::NO_CONTENT)).await
}

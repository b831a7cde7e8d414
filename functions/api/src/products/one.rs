//! One product: made, shown, replaced, changed, deleted.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{Permission, Product, ProductId, VariantId};
use flows::{FlowError, identify::Caller};

use super::{
    id_of, path_of,
    told::{ProductTold, Told},
    view::ProductView,
};
use crate::{
    App,
    customers::told::Scene,
    error::{Problem, ProblemDocument},
    input::{Input, Named},
    once::{Answer, Once},
    record::Desk,
    who::Acting,
};

/// Make a product
#[utoipa::path(post, operation_id = "make_product", path = "/api/v1/products", tag = "Products", request_body = ProductTold,
    responses((status = 201, body = ProductView)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn create(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(told): Input<ProductTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let currency = caller.tenant.currency;
    let product =
        understood(&deps, &caller, told)?.product(ProductId::new(deps.now(), deps.roll()), deps.now())?;
    let desk = Desk::of(&deps, &caller);
    let record = desk.record();
    let made = |_: &Option<Product>| {
        Answer::new(StatusCode::CREATED, &ProductView::of(&product, currency)).at(path_of(product.id))
    };
    desk.done(&once, || record.product_told(&product, true), made).await
}

/// A product
#[utoipa::path(get, operation_id = "show_product", path = "/api/v1/products/{product}", tag = "Products",
    params(("product" = String, Path, description = "the product's id")),
    responses((status = 200, body = ProductView), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<ProductView>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let product = caller.store.product(id_of(&id)?).await?.ok_or(FlowError::NotFound("product"))?;
    Ok(Json(ProductView::of(&product, caller.tenant.currency)))
}

/// Replace a product
///
/// What is left out is cleared, except for the status. A variant keeps its id by its title.
#[utoipa::path(put, operation_id = "replace_product", path = "/api/v1/products/{product}", tag = "Products", request_body = ProductTold,
    params(("product" = String, Path, description = "the product's id")),
    responses((status = 200, body = ProductView), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn replace(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<ProductTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let id = id_of(&id)?;
    let told = understood(&deps, &caller, told)?.whole()?;
    changed(&deps, &caller, &once, id, &told).await
}

/// Change a product
///
/// `null` clears, what is left out stays; variants are told all together.
#[utoipa::path(patch, operation_id = "change_product", path = "/api/v1/products/{product}", tag = "Products", request_body = ProductTold,
    params(("product" = String, Path, description = "the product's id")),
    responses((status = 200, body = ProductView), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn change(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<ProductTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageOrders)?;
    let id = id_of(&id)?;
    let told = understood(&deps, &caller, told)?;
    changed(&deps, &caller, &once, id, &told).await
}

fn understood(deps: &App, caller: &Caller, told: ProductTold) -> Result<Told, Problem> {
    let now = deps.now();
    told.understood(Scene::of(caller, now), || VariantId::new(now, deps.roll()))
}

async fn changed(
    deps: &App,
    caller: &Caller,
    once: &Once,
    id: ProductId,
    told: &Told,
) -> Result<Response, Problem> {
    let desk = Desk::of(deps, caller);
    let record = desk.record();
    let plan = || record.product_changed(id, |product| told.apply(product));
    let view = |product: &Product| ProductView::of(product, caller.tenant.currency);
    desk.done(once, plan, |product| Answer::new(StatusCode::OK, &view(product))).await
}

/// Delete a product
///
/// Orders keep what they say of it.
#[utoipa::path(delete, operation_id = "delete_product", path = "/api/v1/products/{product}", tag = "Products",
    params(("product" = String, Path, description = "the product's id")),
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
    desk.done(&once, || record.product_ended(id), |()| Answer::empty(StatusCode::NO_CONTENT)).await
}

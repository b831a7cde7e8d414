//! Lists of products: all of a shop's are read, side by side, and looked through here.

use axum::{Json, extract::State};
use domain::Permission;
use flows::FlowError;
use store::Products;

use super::{
    filter::{ProductsAsked, Standing},
    view::ProductBrief,
};
use crate::{
    App,
    cursor::{List, Within, limited},
    customers::list::counted,
    error::Problem,
    input::Asked,
    who::Acting,
};

/// Of products of 1 KB this is 20 MB, and 5,000 read units.
pub(crate) const PRODUCTS_MAX: usize = 20_000;

/// Products
///
/// What was stored before the call is in the list. A shop of more than 20,000 products has no list of them.
#[utoipa::path(get, operation_id = "list_products", path = "/api/v1/products", tag = "Products", params(ProductsAsked),
    responses((status = 200, body = List<ProductBrief>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<ProductsAsked>,
) -> Result<Json<List<ProductBrief>>, Problem> {
    caller.must(Permission::ReadOrders)?;
    let limit = limited(asked.limit)?;
    let question = asked.understood()?;
    let secrets = deps.open_secrets().await?;
    let order = format!("{:?} {}", question.by, question.backward);
    let within = Within { secrets: &secrets, list: format!("{}/products by {order}", caller.store.id()) };
    let after = asked.cursor.as_deref().map(|cursor| read(&within.unsealed(cursor)?)).transpose()?;
    let skipped = counted(asked.page, asked.cursor.is_some(), limit)?;
    let Products::All(products) = caller.store.products(PRODUCTS_MAX).await? else {
        let sentence = format!("a shop of more than {PRODUCTS_MAX} products has no list of them: ask by id");
        return Err(Problem::conflict("too_many_products", sentence));
    };

    let found = products.into_iter().filter(|product| question.takes(product));
    let mut found: Vec<_> = found.map(|product| (question.standing(&product), product)).collect();
    found.sort_unstable_by(|(one, _), (other, _)| question.order(one, other));
    let before = after.map_or(skipped, |after| {
        found.partition_point(|(standing, _)| question.order(standing, &after).is_le())
    });
    let total = found.len();
    let shown: Vec<_> = found.into_iter().skip(before).take(limit).collect();
    let next = match shown.last().filter(|_| total > before + shown.len()) {
        Some((last, _)) => Some(within.sealed(&text(last)?, &*deps.dice)?),
        None => None,
    };
    let items = shown.into_iter().map(|(_, product)| ProductBrief::of(product, caller.tenant.currency));
    Ok(Json(List::new(items.collect(), total as u64, next)))
}

/// A place as a cursor holds it.
fn text(standing: &Standing) -> Result<String, FlowError> {
    serde_json::to_string(standing).map_err(FlowError::broken)
}

fn read(text: &str) -> Result<Standing, FlowError> {
    serde_json::from_str(text)
        .map_err(|_| FlowError::invalid("?cursor", "not_a_cursor", "is not a cursor of this list"))
}

//! A segment's rule in Shopify's own words, to be pasted there.

use asking::shop_of;
use axum::Json;
use domain::Permission;
use serde::Serialize;
use utoipa::ToSchema;

use super::{by_hand, id_of, missing, view::readable_rule};
use crate::{
    error::{Problem, ProblemDocument},
    input::Named,
    who::Acting,
};

#[derive(Serialize, ToSchema)]
pub(crate) struct InShopify {
    /// The whole rule as a query of Shopify's. `null`: Shopify cannot say all of it, and a part of it would be others.
    text: Option<String>,
    /// Where Shopify may find others than are found here.
    notes: Vec<&'static str>,
    untranslated: Vec<Untranslated>,
}

/// A part of the rule for which Shopify has no words.
#[derive(Serialize, ToSchema)]
pub(crate) struct Untranslated {
    part: String,
    why: &'static str,
}

/// A segment in Shopify's syntax
///
/// It goes over whole or not at all: what does not is listed, each part with its reason.
#[utoipa::path(get, operation_id = "show_segment_in_shopify", path = "/api/v1/segments/{segment}/shopify", tag = "Segments",
    params(("segment" = String, Path, description = "the segment's id")),
    responses((status = 200, body = InShopify), (status = 404, body = ProblemDocument),
    (status = 409, description = "it is a list, or its rule cannot be read", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<InShopify>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let segment = caller.store.segment(id_of(&id)?).await?.ok_or_else(missing)?;
    let rule = readable_rule(&segment, &shop_of(&caller).await?)?.ok_or_else(by_hand)?;
    Ok(Json(match rule.to_shopify() {
        Ok(exported) => {
            InShopify { text: Some(exported.text), notes: exported.notes, untranslated: Vec::new() }
        }
        Err(lost) => {
            let untranslated = lost.into_iter().map(|lost| Untranslated { part: lost.part, why: lost.why });
            InShopify { text: None, notes: Vec::new(), untranslated: untranslated.collect() }
        }
    }))
}

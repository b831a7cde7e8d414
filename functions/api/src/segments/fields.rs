//! Everything that a rule of the shop may name: what an editor of rules offers.

use asking::shop_of;
use axum::Json;
use domain::Permission;
use rules::{Entry, Kind, Origin, Takes, catalogue};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{error::Problem, who::Acting};

#[derive(Serialize, ToSchema)]
pub(crate) struct Fields {
    items: Vec<FieldView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct FieldView {
    /// As a rule names it: `amount_spent`, or `attributes.shoe_size` of a column that the shop brought.
    name: String,
    group: &'static str,
    /// Shopify's segments have it too, and mean the same.
    is_shopifys: bool,
    /// What it means, for people.
    sentence: &'static str,
    /// What its values are: `a number`. `null`: it is matched, with `params`.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    /// The words that it can be, if they are of a fixed set.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    words: &'static [&'static str],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    operators: &'static [&'static str],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    params: Vec<&'static str>,
}

impl FieldView {
    fn of(entry: Entry) -> Self {
        let (kind, params) = match entry.takes {
            Takes::Kind(kind) => (Some(kind), Vec::new()),
            Takes::Params(params) => (None, params.iter().map(|param| param.name()).collect()),
        };
        Self {
            name: entry.name,
            group: entry.group.name(),
            is_shopifys: entry.origin == Origin::Shopify,
            sentence: entry.sentence,
            kind: kind.map(Kind::told),
            words: match kind {
                Some(Kind::Word(words)) => words,
                _ => &[],
            },
            operators: kind.map_or(&[], Kind::operators),
            params,
        }
    }
}

/// What a rule may name
///
/// The fields and functions of the language with their operators, and the shop's own columns: each attribute that any of its
/// customers has had, typed by the first value.
#[utoipa::path(get, operation_id = "list_segment_fields", path = "/api/v1/segments/fields", tag = "Segments",
    responses((status = 200, body = Fields)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(Acting(caller): Acting) -> Result<Json<Fields>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let entries = catalogue(&shop_of(&caller).await?);
    Ok(Json(Fields { items: entries.into_iter().map(FieldView::of).collect() }))
}

//! Who is in a segment, as a list: sorted, searched and filtered like all customers are.

use axum::{Json, extract::State};
use domain::{Permission, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{id_of, missing, view::Counts};
use crate::{
    App,
    cursor::List,
    customers::{
        filter::CustomersAsked,
        list::{CustomerBrief, listed},
    },
    error::{Problem, ProblemDocument},
    input::{Asked, Named},
    who::Acting,
};

/// A page of those who are in a segment.
#[derive(Serialize, ToSchema)]
pub(crate) struct SegmentMembers {
    #[serde(flatten)]
    page: List<CustomerBrief>,
    /// As the segment tells it: `null` while it is being found for the first time, or after an edit, who is in it.
    #[schema(value_type = Option<String>, format = DateTime)]
    settled_at: Option<Timestamp>,
}

/// Who is in a segment
///
/// As it is kept: each with their figures of this moment. Sorted, searched and filtered like the list of all customers;
/// `POST /api/v1/exports/customers?segment=…` makes a file of them.
#[utoipa::path(get, operation_id = "list_segment_members", path = "/api/v1/segments/{segment}/members", tag = "Segments",
    params(("segment" = String, Path, description = "the segment's id"), CustomersAsked),
    responses((status = 200, body = SegmentMembers), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn members(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
    Asked(asked): Asked<CustomersAsked>,
) -> Result<Json<SegmentMembers>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let segment = caller.store.segment(id_of(&id)?).await?.ok_or_else(missing)?;
    // Asked before the members are: so they are at least as new as it says.
    let counts = Counts::of(&caller.store).await?;
    let page = listed(&deps, &caller, &asked, Some(segment.id)).await?;
    Ok(Json(SegmentMembers { page, settled_at: counts.settled_at(&segment) }))
}

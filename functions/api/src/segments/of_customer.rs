//! In which segments a customer is.

use axum::{Json, extract::State};
use columns::Slot;
use domain::{Permission, Segment, SegmentId, Timestamp, settlement::Settlement};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    App,
    cursor::{List, PageOf, Within},
    customers::present,
    error::{Problem, ProblemDocument},
    input::{Asked, Named},
    who::Acting,
};

/// A segment that a customer is in.
#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerSegment {
    #[schema(value_type = String)]
    id: SegmentId,
    name: String,
    /// `dynamic`, or `static`: a list, on which customers are put by hand.
    kind: &'static str,
    /// `active`, or `paused`: nobody joins and nobody leaves.
    state: &'static str,
    /// Since when every change of the customer is settled in it; `null`: it has been edited, and is being found anew.
    #[schema(value_type = Option<String>, format = DateTime)]
    settled_at: Option<Timestamp>,
}

impl CustomerSegment {
    fn of(segment: &Segment, settlement: Option<&Settlement>) -> Self {
        let settled = settlement.filter(|settlement| {
            settlement.segments.get(&segment.id).is_some_and(|settled| settled.era == segment.era)
        });
        Self {
            id: segment.id,
            name: segment.name.as_str().to_owned(),
            kind: segment.kind(),
            state: segment.state.name(),
            settled_at: settled.map(|settlement| settlement.as_of.max(segment.created_at)),
        }
    }
}

/// A customer's segments
///
/// As it is kept, the oldest segment first. When somebody joined is in the customer's timeline.
#[utoipa::path(get, operation_id = "list_customer_segments", path = "/api/v1/customers/{customer}/segments", tag = "Segments",
    params(("customer" = String, Path, description = "the customer's id"), PageOf),
    responses((status = 200, body = List<CustomerSegment>), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
    Asked(page): Asked<PageOf>,
) -> Result<Json<List<CustomerSegment>>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let customer = present(&caller.store, &id).await?;
    let (settlement, ids) = caller.store.segments_of(Slot(customer.slot)).await?;
    let all = caller.store.segments().await?;
    let theirs: Vec<_> = all.iter().filter(|segment| ids.contains(&segment.id)).collect();
    let secrets = deps.open_secrets().await?;
    let list = format!("{}/segments of {}", caller.store.id(), customer.id);
    let within = Within { secrets: &secrets, list };
    let page = page.of(theirs, |segment| segment.id.to_string(), &within)?;
    Ok(Json(page.map(|segment| Ok::<_, Problem>(CustomerSegment::of(segment, settlement.as_ref())))?))
}

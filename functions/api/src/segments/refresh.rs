//! Whether who is in a segment is who is meant now: counted at once, and settled in the next moments.

use asking::{Asking, Others, shop_of};
use axum::{extract::State, http::StatusCode, response::Response};
use columns::{Members, ShardNumber};
use domain::{Permission, SegmentId, Task, Timestamp, segment::SegmentState};
use flows::FlowError;
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

use super::{
    by_hand, id_of, missing,
    view::{Counts, readable_rule},
};
use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::Named,
    once::{Answer, Once},
    who::Acting,
};

/// What has changed since it was last settled.
#[derive(Serialize, ToSchema)]
pub(crate) struct Refreshed {
    #[schema(value_type = String)]
    segment: SegmentId,
    /// Who joins by it.
    added: u64,
    /// Who leaves by it.
    removed: u64,
    /// Who is in it then.
    total: u64,
    /// Whether that is already so. If not, it is within moments.
    is_settled: bool,
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
}

/// Refresh a segment
///
/// Every change of a customer and every day that begins is settled by itself: this tells whether anything is left, and has
/// it settled now. Coming again, it finds nothing more.
#[utoipa::path(post, operation_id = "refresh_segment", path = "/api/v1/segments/{segment}/refresh", tag = "Segments",
    params(("segment" = String, Path, description = "the segment's id")),
    responses((status = 200, body = Refreshed), (status = 404, body = ProblemDocument),
    (status = 409, description = "it is a list, or paused, or its rule cannot be read", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn refresh(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let (store, shop, now) = (&caller.store, shop_of(&caller).await?, deps.now());
    let list = store.segments().await?;
    let segment = list.get(id_of(&id)?).ok_or_else(missing)?;
    let rule = readable_rule(segment, &shop)?.ok_or_else(by_hand)?;
    if segment.state == SegmentState::Paused {
        return Err(Problem::conflict("paused", "nobody joins or leaves a segment that is paused"));
    }
    // What is kept is read first: whoever changes meanwhile is counted, and not missed.
    let counts = Counts::of(store).await?;
    let kept = store.members_of(segment.id).await?;
    let others = Others::of(&list, &shop).knowing(&caller, &rule, now).await?;
    let asking = Asking::of(&caller, now, &rule, &others);
    let families: Vec<_> = asking.families(&rule)?.into_iter().collect();
    let view = deps.audience(store, &families).await?;
    let program = asking.found(&view).await?.program(&rule)?;
    let meant = view.select(&program).map_err(FlowError::broken)?.members();

    let (added, removed) = (meant.without(&kept), kept.without(&meant));
    let is_known = counts.settled_at(segment).is_some();
    let shards: BTreeSet<ShardNumber> = if is_known {
        shards_of(&added).chain(shards_of(&removed)).collect()
    } else {
        ShardNumber::of_first(store.slots().await?).collect()
    };
    let (tenant, id) = (store.id(), segment.id);
    let asked =
        shards.iter().map(|shard| Task::RefreshSegment { tenant, shard: shard.0, segment: id }.into());
    deps.tasks.leave(asked.collect()).await?;
    let refreshed = Refreshed {
        segment: id,
        added: added.len(),
        removed: removed.len(),
        total: meant.len(),
        is_settled: shards.is_empty(),
        as_of: now,
    };
    once.answer(Answer::new(StatusCode::OK, &refreshed)).await
}

fn shards_of(members: &Members) -> impl Iterator<Item = ShardNumber> {
    members.iter().map(columns::Slot::shard)
}

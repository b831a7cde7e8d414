//! All segments, in the order and as far as somebody asks.

use asking::shop_of;
use axum::{Json, extract::State};
use columns::fold;
use domain::{Permission, Segment, segment::SegmentState};
use serde::Deserialize;
use utoipa::IntoParams;

use super::view::{Counts, SegmentView};
use crate::{
    App,
    cursor::{List, PageOf, Sorted, Within},
    customers::filter::{one_of, told},
    error::Problem,
    input::{Asked, Faults},
    who::Acting,
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SegmentsAsked {
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Instead of a cursor: so many are left out.
    offset: Option<usize>,
    /// Those alone that are not paused, or those that are.
    #[serde(alias = "isActive")]
    is_active: Option<bool>,
    /// `created_at` unless told, `name` or `count`.
    #[serde(alias = "sortBy")]
    sort: Option<String>,
    /// `asc` unless told, or `desc`.
    #[serde(alias = "sortOrder")]
    order: Option<String>,
}

#[derive(Clone, Copy)]
enum Sort {
    Created,
    Name,
    Count,
}

impl Sort {
    fn read(told: &str) -> Result<Self, &'static str> {
        match told {
            "created_at" | "createdAt" => Ok(Self::Created),
            "name" => Ok(Self::Name),
            "count" | "customerCount" | "memberCount" => Ok(Self::Count),
            _ => Err("is not one of created_at, name, count"),
        }
    }

    /// In whose order they stand. No two are the same: the id is behind it, which is as old as the segment.
    fn key(self, segment: &Segment, counts: &Counts) -> String {
        match self {
            Self::Created => segment.id.to_string(),
            Self::Name => format!("{} {}", fold(segment.name.as_str()), segment.id),
            Self::Count => format!("{:020} {}", counts.count(segment.id), segment.id),
        }
    }
}

/// Segments
///
/// The oldest first, unless another order is asked for.
#[utoipa::path(get, operation_id = "list_segments", path = "/api/v1/segments", tag = "Segments", params(SegmentsAsked),
    responses((status = 200, body = List<SegmentView>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<SegmentsAsked>,
) -> Result<Json<List<SegmentView>>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let mut it = Faults::default();
    let sort = it.take("?sort", Sort::read(told(asked.sort.as_ref()).unwrap_or("created_at")));
    let order = it.take("?order", one_of(told(asked.order.as_ref()).unwrap_or("asc"), &["asc", "desc"]));
    if asked.offset.is_some() && asked.cursor.is_some() {
        it.add("?offset", "invalid", "goes not together with a cursor");
    }
    let (sort, order) = it.none(sort.zip(order))?;
    let sorted = Sorted { is_descending: order == "desc", offset: asked.offset.unwrap_or_default() };
    let secrets = deps.open_secrets().await?;
    let shop = shop_of(&caller).await?;
    let (all, counts) = (caller.store.segments().await?, Counts::of(&caller.store).await?);
    let is_meant = |segment: &Segment| {
        asked.is_active.is_none_or(|is_active| is_active == (segment.state == SegmentState::Active))
    };
    let mut meant: Vec<_> = all.iter().filter(|segment| is_meant(segment)).collect();
    meant.sort_by_cached_key(|segment| sort.key(segment, &counts));
    if sorted.is_descending {
        meant.reverse();
    }
    let list = format!("{}/segments {:?} by {} {order}", caller.store.id(), asked.is_active, sort as u8);
    let within = Within { secrets: &secrets, list };
    let page = PageOf::told(asked.limit, asked.cursor.as_deref());
    let page = page.sorted(meant, |segment| sort.key(segment, &counts), sorted, &within)?;
    Ok(Json(page.map(|segment| Ok::<_, Problem>(SegmentView::of(segment, &shop, &counts)))?))
}

//! Customers are put on a list by hand, and taken off it.

use std::collections::{BTreeMap, BTreeSet};

use axum::{extract::State, http::StatusCode, response::Response};
use columns::{ShardNumber, Slot};
use domain::{CustomerId, EmailAddress, Permission, Segment};
use flows::{
    counting,
    error::chain,
    identify::Caller,
    joining::{Move, Shelf},
};
use serde::{Deserialize, Serialize};
use store::StoreError;
use utoipa::ToSchema;

use super::{id_of, missing};
use crate::{
    App, Deps,
    error::{Problem, ProblemDocument},
    input::{Faults, Input, Named},
    once::{Answer, Once},
    record::Desk,
    who::Acting,
};

/// So many customers are named in one request.
const NAMED_MAX: usize = 1_000;
/// So often a shard's part is tried again where somebody else settles it at the same moment.
const TRIES: usize = 16;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MembersTold {
    /// Ids of customers.
    #[serde(default, alias = "customer_ids", alias = "customerIds")]
    customers: Vec<String>,
    /// Addresses that they have.
    #[serde(default)]
    emails: Vec<String>,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct MembersMoved {
    /// How many were put on the list, or taken off it.
    moved: usize,
    /// How many were on it already, or were not on it.
    unchanged: usize,
    /// Who is nobody here: as they were told.
    unknown: Vec<String>,
}

/// Put customers on a list
///
/// At most 1,000 in one request. Who is on it already stays; who is not here is told.
#[utoipa::path(post, operation_id = "add_segment_members", path = "/api/v1/segments/{segment}/members", tag = "Segments",
    params(("segment" = String, Path, description = "the list's id")), request_body = MembersTold,
    responses((status = 200, body = MembersMoved), (status = 404, body = ProblemDocument),
    (status = 409, description = "a rule decides who is in it", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn add(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<MembersTold>,
) -> Result<Response, Problem> {
    moved(&deps, &caller, once, &id, told, true).await
}

/// Take customers off a list
///
/// At most 1,000 in one request.
#[utoipa::path(post, operation_id = "remove_segment_members", path = "/api/v1/segments/{segment}/members/remove", tag = "Segments",
    params(("segment" = String, Path, description = "the list's id")), request_body = MembersTold,
    responses((status = 200, body = MembersMoved), (status = 404, body = ProblemDocument),
    (status = 409, description = "a rule decides who is in it", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn remove(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<MembersTold>,
) -> Result<Response, Problem> {
    moved(&deps, &caller, once, &id, told, false).await
}

/// Coming twice, it finds everybody where they are to be.
async fn moved(
    deps: &Deps,
    caller: &Caller,
    once: Once,
    id: &str,
    told: MembersTold,
    joins: bool,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let segment = caller.store.segment(id_of(id)?).await?.ok_or_else(missing)?;
    if segment.rule.is_some() {
        let detail = "a rule decides who is in this segment: customers are put on lists alone";
        return Err(Problem::conflict("not_a_list", detail));
    }
    let found = found(deps, caller, told).await?;
    let mut answer = MembersMoved { moved: 0, unchanged: 0, unknown: found.unknown };
    for (shard, customers) in &found.customers {
        let count = in_shard(deps, caller, &segment, *shard, customers, joins).await?;
        answer.moved += count;
        answer.unchanged += customers.len() - count;
    }
    if answer.moved > 0
        && let Err(error) = counting::changed(&caller.store, &*deps.tasks, deps.now()).await
    {
        tracing::warn!("nobody was asked to tell of counts: {}", chain(&error));
    }
    // Whoever names the list is to be asked anew.
    deps.keep(&caller.store, &found.customers.into_keys().collect::<Vec<_>>()).await;
    once.answer(Answer::new(StatusCode::OK, &answer)).await
}

/// How many were moved.
async fn in_shard(
    deps: &Deps,
    caller: &Caller,
    segment: &Segment,
    shard: ShardNumber,
    customers: &BTreeMap<Slot, CustomerId>,
    joins: bool,
) -> Result<usize, Problem> {
    let mut count = 0;
    for _ in 0..TRIES {
        let mut shelf = Shelf::read(&caller.store, shard, deps.now()).await?;
        let members = shelf.members(segment.id);
        let to_move = customers.iter().filter(|(slot, _)| members.has(**slot) != joins);
        let moves: Vec<Move> =
            to_move.map(|(slot, id)| Move { slot: *slot, customer: Some(*id), row: None }).collect();
        count = count.max(moves.len());
        match shelf.moved(segment, &moves, true).await {
            Ok(()) => return Ok(count),
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict(0).into())
}

/// Who was meant.
#[derive(Default)]
struct Found {
    customers: BTreeMap<ShardNumber, BTreeMap<Slot, CustomerId>>,
    unknown: Vec<String>,
}

async fn found(deps: &Deps, caller: &Caller, told: MembersTold) -> Result<Found, Problem> {
    let mut faults = Faults::default();
    let count = told.customers.len() + told.emails.len();
    if !(1..=NAMED_MAX).contains(&count) {
        faults.add(
            "/customers",
            "out_of_range",
            format!("1 to {NAMED_MAX} customers and addresses are expected"),
        );
    }
    let emails = told.emails.iter().enumerate();
    let emails: Vec<Option<EmailAddress>> =
        emails.map(|(place, email)| faults.take(&format!("/emails/{place}"), email.parse())).collect();
    faults.none(Some(()))?;

    let record = Desk::of(deps, caller);
    let mut digests = Vec::new();
    for email in emails.iter().flatten() {
        digests.extend(record.record().digests(Some(email), None).await?);
    }
    let by_email = caller.store.customers_with(&digests).await?;
    let mut found = Found::default();
    let mut ids = BTreeSet::new();
    for (told, id) in told
        .customers
        .iter()
        .map(|told| (told, told.parse::<CustomerId>().ok()))
        .chain(told.emails.iter().zip(by_email))
    {
        match id {
            Some(id) => drop(ids.insert((id, told.clone()))),
            None => found.unknown.push(told.clone()),
        }
    }
    let here = caller.store.customers(&ids.iter().map(|(id, _)| *id).collect::<Vec<_>>()).await?;
    let here: BTreeMap<CustomerId, Slot> =
        here.iter().filter(|one| one.is_audience()).map(|one| (one.id, Slot(one.slot))).collect();
    for (id, told) in ids {
        match here.get(&id) {
            Some(slot) => drop(found.customers.entry(slot.shard()).or_default().insert(*slot, id)),
            None => found.unknown.push(told),
        }
    }
    Ok(found)
}

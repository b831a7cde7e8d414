//! What the law lets people ask of the shop: each request with its deadline and what became of it.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    CustomerId, Permission, RequestId, Task, TenantId, Timestamp,
    privacy::{self, Asks, Request},
};
use flows::{Files, FlowError, files::FileName};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    App,
    cursor::{Within, limited},
    error::{Problem, ProblemDocument},
    input::{Asked, Named},
    once::{Answer, Done, Once},
    who::Acting,
};

/// How long a link to a file works.
const LINK: Duration = Duration::from_hours(1);
const TRIES: usize = 8;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RequestsAsked {
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Requests {
    items: Vec<RequestView>,
    /// The cursor of the next page; `null` at the end.
    next: Option<String>,
}

/// What somebody asked for by law.
#[derive(Serialize, ToSchema)]
pub(crate) struct RequestView {
    #[schema(value_type = String)]
    id: RequestId,
    /// `data` (all that is known of a customer, in a file for you), `erasure` (that a customer is forgotten) or
    /// `shop_erasure` (that everything of the shop is).
    asks: &'static str,
    /// Whom it is about, if the shop knows them by an id.
    #[schema(value_type = Option<String>)]
    customer: Option<CustomerId>,
    /// `open`, `erased` (nothing is to be found any more; it is looked once more when all that was on the way has ended),
    /// `done` or `refused`.
    state: &'static str,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// 30 days later.
    #[schema(value_type = String, format = DateTime)]
    deadline: Timestamp,
    /// From when on nothing of them is shown or used.
    #[schema(value_type = Option<String>, format = DateTime)]
    erased_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    done_at: Option<Timestamp>,
    done: DoneView,
    /// What of yours named them: in each of these words what named them is replaced by `…`, or `0` for an id. A rule that asked for
    /// them means nobody by that.
    reworded: Vec<RewordedView>,
    /// Where to take the data, as long as the file is there: it goes after seven days, and can be prepared anew. Links work for
    /// an hour, and are made anew each time.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_url: Option<String>,
}

/// What was done for it, at least.
#[derive(Serialize, ToSchema)]
pub(crate) struct DoneView {
    customers: u64,
    orders: u64,
    events: u64,
    messages: u64,
    answers: u64,
    files: u64,
}

/// A segment, a report, a template or a campaign in whose words somebody was named.
#[derive(Serialize, ToSchema)]
pub(crate) struct RewordedView {
    /// `segment`, `report`, `template` or `campaign`.
    kind: &'static str,
    id: String,
    fields: Vec<String>,
}

impl RequestView {
    /// Without a link.
    fn of(request: &Request) -> Self {
        let why = match &request.state {
            privacy::State::Refused { why } => Some(why.clone()),
            _ => None,
        };
        let privacy::Done { customers, orders, events, letters, answers, files } = request.done;
        Self {
            id: request.id,
            asks: request.asks.name(),
            customer: request.customer,
            state: request.state.name(),
            why,
            received_at: request.received_at,
            deadline: request.deadline(),
            erased_at: request.erased_at,
            done_at: request.ended_at,
            reworded: request.reworded.iter().cloned().map(RewordedView::from).collect(),
            done: DoneView { customers, orders, events, messages: letters, answers, files },
            file_url: None,
        }
    }

    async fn linked(tenant: TenantId, request: &Request, files: &dyn Files) -> Result<Self, FlowError> {
        let mut view = Self::of(request);
        let name = FileName::Person { tenant, request: request.id };
        let may_be_there = request.asks == Asks::Data && !request.is_open();
        if may_be_there && files.bytes(name).await?.is_some() {
            let called = format!("customer-data-{}.json", request.id);
            view.file_url = Some(files.link_to_take(name, &called, LINK).await?);
        }
        Ok(view)
    }
}

impl From<privacy::Reworded> for RewordedView {
    fn from(reworded: privacy::Reworded) -> Self {
        let privacy::Reworded { kind, id, fields } = reworded;
        Self { kind: kind.name(), id, fields }
    }
}

/// What people ask by law
///
/// Requests that Shopify passes on, newest first: for a customer's data, or that a customer or everything of the shop is
/// forgotten.
#[utoipa::path(get, operation_id = "list_privacy_requests", path = "/api/v1/tenants/me/privacy", tag = "Shop",
    params(RequestsAsked), responses((status = 200, body = Requests)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<RequestsAsked>,
) -> Result<Json<Requests>, Problem> {
    caller.must(Permission::ManageAccount)?;
    let limit = limited(asked.limit)?;
    let secrets = deps.open_secrets().await?;
    let tenant = caller.store.id();
    let within = Within { secrets: &secrets, list: format!("{tenant}/privacy") };
    let after = asked.cursor.as_deref().map(|cursor| within.unsealed(cursor)).transpose()?;
    let after = after.map(|after| after.parse().map_err(FlowError::broken)).transpose()?;
    let (requests, next) = caller.store.requests(u32::try_from(limit).unwrap_or(u32::MAX), after).await?;
    let next = next.map(|next| within.sealed(&next.to_string(), &*deps.dice)).transpose()?;
    let mut items = Vec::new();
    for request in &requests {
        items.push(RequestView::linked(tenant, request, &*deps.files).await?);
    }
    Ok(Json(Requests { items, next }))
}

/// Prepare a customer's data anew
///
/// The file that was gathered goes after seven days. Owners are told by mail when it is there again.
#[utoipa::path(post, operation_id = "prepare_privacy_request", path = "/api/v1/tenants/me/privacy/{request}/prepare", tag = "Shop",
    params(("request" = String, Path, description = "the request's id")),
    responses((status = 202, body = RequestView), (status = 404, body = ProblemDocument),
    (status = 409, description = "nobody's data were asked for", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn prepare(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageAccount)?;
    let missing = || FlowError::NotFound("request");
    let id: RequestId = id.parse().map_err(|_| missing())?;
    for _ in 0..TRIES {
        let held = caller.store.request(id).await?.ok_or_else(missing)?;
        // By an address alone they were found once: it is not kept.
        if held.asks != Asks::Data || held.customer.is_none() {
            return Err(Problem::conflict(
                "no_data_asked",
                "this request asks for nobody's data by their id",
            ));
        }
        let again = Request::clone(&held).prepared_again(deps.now());
        let answer = Answer::new(StatusCode::ACCEPTED, &RequestView::of(&again));
        let steps = vec![caller.store.request_changed(&held, &again)];
        if let Done::Answered(response) = once.clone().commit(steps, answer).await? {
            deps.nudge(Task::AnswerRequest { tenant: caller.store.id(), request: id }).await;
            return Ok(response);
        }
    }
    Err(Problem::conflict("changed_meanwhile", "it goes on at this moment: try again"))
}

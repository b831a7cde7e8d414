//! The way to a socket: a ticket, good for one.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{Permission, TicketId, Timestamp, socket::TICKET};
use flows::{
    FlowError,
    socket::{self, SPOKEN},
    tokens,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    App,
    error::Problem,
    once::{Answer, Once},
    who::Acting,
};

#[derive(Serialize, ToSchema)]
pub(crate) struct TicketView {
    /// Good for one socket, until `expires_at`.
    ticket: String,
    /// Where the socket is opened.
    url: String,
    /// What to offer as subprotocols: `new WebSocket(url, protocols)`.
    protocols: [String; 2],
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A ticket for a socket
///
/// Live events come over a WebSocket, which no page can send a header to. So it offers a ticket as a subprotocol, which
/// opens one socket within a minute: `new WebSocket(url, protocols)`. Say `{"event": "hello"}` first: you are told which
/// syncs are under way (`sync:active`), and from then on `sync:update`, `sync:completed` and `sync:failed` of each, and
/// `sync:progress` of those that you ask for (`{"event": "sync:subscribe", "data": {"sync_run_id": …}}`). Without a socket
/// the same is at `/api/v1/tenants/me/sync/active`.
#[utoipa::path(post, operation_id = "make_live_ticket", path = "/api/v1/live/tickets", tag = "Live",
    responses((status = 201, body = TicketView)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn ticket(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadOrders)?;
    let session = caller.must_be_a_person()?;
    let (now, secrets) = (deps.now(), deps.open_secrets().await?);
    let ends_at = now.as_second() + TICKET.as_secs();
    let ends_at = Timestamp::from_second(ends_at).map_err(FlowError::broken)?;
    let (id, tenant) = (TicketId::new(now, deps.roll()), caller.store.id());
    let ticket = tokens::Ticket { id, tenant, user: session.user, session: session.id, ends_at };
    let ticket = secrets.ticket(&ticket);
    let protocols = [SPOKEN.to_owned(), format!("{}{ticket}", socket::TICKET)];
    let view = TicketView { ticket, url: deps.settings.live_url.clone(), protocols, expires_at: ends_at };
    once.answer(Answer::new(StatusCode::CREATED, &view)).await
}

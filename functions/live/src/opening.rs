//! Somebody connects: who they are, and whether they may.

use domain::{
    Permission, Socket, SocketId,
    socket::{OPENING, SOCKETS_MAX},
};
use flows::{
    Denial, FlowError, Secrets,
    identify::{self, Caller},
    rates,
    sign::sha256_hex,
    socket::{Shown, Visitor},
};
use store::{Step, Store, StoreError};

use crate::{Deps, Settings};

const NOBODY: FlowError = FlowError::Denied(Denial::Unauthenticated);

const FOREIGN: FlowError = FlowError::Denied(Denial::Forbidden {
    code: "foreign_origin",
    sentence: "a page of another site may not watch with your cookies",
});

/// Whoever opens a socket has a session, of which the socket is, and belongs to a tenant that is open.
pub(crate) async fn opened(deps: &Deps, id: SocketId, visitor: Visitor) -> Result<(), FlowError> {
    let (secrets, now) = (deps.secrets.open().await?, deps.clock.now());
    let (caller, used) = identified(deps, &secrets, visitor.shown).await?;
    let session = caller.must_be_a_person()?;
    caller.must(Permission::ReadOrders)?;
    rates::take_call(&caller.store, caller.tenant.plan, caller.rate.clone(), now).await?;
    let others = caller.store.sockets().await?;
    if others.iter().filter(|other| other.is_live(now)).count() >= SOCKETS_MAX {
        let retry_after_seconds = OPENING.as_secs().unsigned_abs();
        return Err(FlowError::TooMany { code: "too_many_sockets", retry_after_seconds, limits: None });
    }
    let socket = Socket::opened(id, session, now);
    let is_by_ticket = used.is_some();
    let steps = used.into_iter().chain([caller.store.socket_opened(&socket)]).collect();
    match caller.store.commit(steps).await {
        Err(StoreError::Conflict(0)) if is_by_ticket => Err(NOBODY),
        done => Ok(done?),
    }
}

/// Who they are, and what is used up by saying so.
async fn identified(
    deps: &Deps,
    secrets: &Secrets,
    shown: Shown,
) -> Result<(Caller, Option<Step>), FlowError> {
    let now = deps.clock.now();
    let token = match shown {
        Shown::Ticket(text) => {
            let ticket = secrets.open_ticket(&text, now).ok_or(NOBODY)?;
            let standing = deps.store.standing(ticket.session, ticket.user, Some(ticket.tenant)).await?;
            let used = Store::used_once(&sha256_hex(text.as_bytes()), ticket.ends_at);
            return Ok((identify::standing(standing, now)?, Some(used)));
        }
        Shown::Cookie { token, origin } => {
            let Settings { origin: ours, allowed_origins } = &deps.settings;
            if !origin.is_some_and(|origin| identify::trusts(ours, allowed_origins, &origin)) {
                return Err(FOREIGN);
            }
            token
        }
        Shown::Bearer(token) => token,
        Shown::Nothing => return Err(NOBODY),
    };
    Ok((identify::caller(&deps.store, secrets, &token, now).await?, None))
}

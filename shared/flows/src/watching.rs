//! Telling those who watch a tenant: everybody what is of the tenant, and of a run whoever asked to hear of it.
//!
//! Nobody is told who may not be any more: sessions, memberships and the tenant are read anew each time, and who has lost
//! theirs is closed. What was being done is done whether or not anybody heard of it, so nothing here fails: who tells hears
//! whether it arrived, and may tell it again.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use domain::{RunId, Socket, Timestamp};
use futures::{StreamExt, stream};
use serde::Serialize;
use serde_json::{Value, json};
use store::{StoreError, TenantStore};
use tokio::time::timeout;

use crate::{FlowError, Sending, Sockets, error::chain};

/// Something that watchers are told.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    event: &'static str,
    /// `None`: everybody of the tenant hears of it.
    of: Option<RunId>,
    data: Value,
}

/// How many sockets are told at once.
const SIDE_BY_SIDE: usize = 16;
/// How long all that is told at once may take: whoever tells has other work.
const PATIENCE: Duration = Duration::from_secs(5);
/// A socket that could not be reached is tried once more.
const TRIES: usize = 2;

impl Happening {
    pub fn of_tenant(event: &'static str, data: &impl Serialize) -> Self {
        Self { event, of: None, data: value(data) }
    }

    pub fn of_run(event: &'static str, run: RunId, data: &impl Serialize) -> Self {
        Self { event, of: Some(run), data: value(data) }
    }

    fn is_heard_by(&self, socket: &Socket) -> bool {
        self.of.is_none_or(|run| socket.runs.contains(&run))
    }
}

fn value(data: &impl Serialize) -> Value {
    serde_json::to_value(data).expect("views have names and plain values")
}

/// A message, as it is written on a socket.
pub fn message(event: &str, data: &Value) -> String {
    json!({"event": event, "data": data}).to_string()
}

/// Tells each watcher of the tenant what they hear of, in this order. `false`: somebody who is there may not have heard it.
pub async fn told(
    store: &TenantStore,
    sockets: &dyn Sockets,
    now: Timestamp,
    happenings: &[Happening],
) -> bool {
    match timeout(PATIENCE, tell(store, sockets, now, happenings)).await {
        Ok(Ok(is_told)) => is_told,
        Ok(Err(error)) => {
            tracing::warn!("watchers were not told: {}", chain(&error));
            false
        }
        Err(_) => {
            tracing::warn!("some watchers were not told in time");
            false
        }
    }
}

async fn tell(
    store: &TenantStore,
    sockets: &dyn Sockets,
    now: Timestamp,
    happenings: &[Happening],
) -> Result<bool, FlowError> {
    let all = store.sockets().await?;
    let live: Vec<_> = all.iter().filter(|socket| socket.is_live(now)).collect();
    if live.is_empty() {
        return Ok(true);
    }
    let watchers: BTreeSet<_> = live.iter().map(|socket| (socket.session, socket.user)).collect();
    let watching = store.watching(watchers).await?;
    let is_open = store.tenant().await?.is_some_and(|tenant| tenant.status.is_open());
    let messages: Vec<_> =
        happenings.iter().map(|happening| (happening, message(happening.event, &happening.data))).collect();
    let one = async |socket: &Socket| {
        let standing = watching.get(&(socket.session, socket.user));
        if !is_open || !standing.is_some_and(|(session, epoch)| session.is_live(*epoch, now)) {
            return ended(store, sockets, socket).await;
        }
        for (_, text) in messages.iter().filter(|(happening, _)| happening.is_heard_by(socket)) {
            match sent(sockets, socket, text).await? {
                Sending::Sent => {}
                Sending::Gone if socket.is_being_opened(now) => return Ok(()),
                Sending::Gone => return forgotten(store, socket).await,
            }
        }
        Ok(())
    };
    let is_told = AtomicBool::new(true);
    stream::iter(live)
        .for_each_concurrent(SIDE_BY_SIDE, async |socket| {
            if let Err(error) = one(socket).await {
                is_told.store(false, Ordering::Relaxed);
                tracing::warn!("a watcher was not told: {}", chain(&error));
            }
        })
        .await;
    Ok(is_told.into_inner())
}

async fn sent(sockets: &dyn Sockets, socket: &Socket, text: &str) -> Result<Sending, FlowError> {
    let mut sending = sockets.send(&socket.id, text).await;
    for _ in 1..TRIES {
        if sending.is_err() {
            sending = sockets.send(&socket.id, text).await;
        }
    }
    sending
}

/// First it is forgotten: then it is told nothing, whether or not it can be closed.
async fn ended(store: &TenantStore, sockets: &dyn Sockets, socket: &Socket) -> Result<(), FlowError> {
    forgotten(store, socket).await?;
    sockets.close(&socket.id).await
}

/// By us, or by the gateway before.
async fn forgotten(store: &TenantStore, socket: &Socket) -> Result<(), FlowError> {
    match store.commit(vec![store.socket_closed(&socket.id)]).await {
        Err(StoreError::Conflict(_)) => Ok(()),
        done => Ok(done?),
    }
}

//! Somebody says something on their socket, and is answered there.
//!
//! Who they are is read anew each time. Who may not watch any more is told so, forgotten and closed.

use domain::{Permission, Socket, SocketId};
use flows::{
    Denial, FlowError,
    identify::{self, Caller},
    rates, socket,
    watching::message,
};
use serde_json::{Value, json};
use store::Held;

use crate::{Deps, runs, words::Word};

/// Whose socket it is, and what it hears of.
pub(crate) struct Watcher<'a> {
    pub(crate) deps: &'a Deps,
    pub(crate) caller: Caller,
    pub(crate) socket: Held<Socket>,
}

pub(crate) async fn heard(deps: &Deps, id: &SocketId, text: &str) -> Result<(), FlowError> {
    let watcher = match Watcher::of(deps, id).await {
        Ok(watcher) => watcher,
        Err(denied @ FlowError::Denied(_)) => return refused(deps, id, &denied).await,
        Err(error) => return Err(error),
    };
    match watcher.answered(text).await {
        Ok(()) => Ok(()),
        Err(error) => {
            deps.sockets.send(id, &told(&error)).await?;
            if socket::is_ours(&error) { Err(error) } else { Ok(()) }
        }
    }
}

async fn refused(deps: &Deps, id: &SocketId, denied: &FlowError) -> Result<(), FlowError> {
    deps.store.socket_gone(id).await?;
    deps.sockets.send(id, &told(denied)).await?;
    deps.sockets.close(id).await
}

fn told(error: &FlowError) -> String {
    let (code, sentence) = socket::told(error);
    message("error", &json!({"code": code, "message": sentence}))
}

impl<'a> Watcher<'a> {
    /// As with every call, whoever may not is refused.
    async fn of(deps: &'a Deps, id: &SocketId) -> Result<Self, FlowError> {
        const NOBODY: FlowError = FlowError::Denied(Denial::Unauthenticated);
        let now = deps.clock.now();
        let known = deps.store.standing_of_socket(id).await?.ok_or(NOBODY)?;
        let socket = known.socket.filter(|socket| socket.is_live(now)).ok_or(NOBODY)?;
        let caller = identify::standing(known.standing, now)?;
        caller.must(Permission::ReadOrders)?;
        Ok(Self { deps, caller, socket })
    }

    async fn answered(&self, text: &str) -> Result<(), FlowError> {
        let Caller { store, tenant, rate, .. } = &self.caller;
        rates::take_call(store, tenant.plan, rate.clone(), self.deps.clock.now()).await?;
        match Word::read(text)? {
            Word::Hello => {
                self.say("hello", &json!({"ends_at": self.socket.ends_at.to_string()})).await?;
                runs::active(self).await
            }
            Word::Ping => self.say("pong", &Value::Null).await,
            Word::Subscribe(run) => runs::subscribed(self, &run).await,
            Word::Unsubscribe(run) => runs::unsubscribed(self, &run).await,
            Word::Status(run) => runs::status(self, &run).await,
        }
    }

    /// Whoever is gone hears nothing; the gateway says so by itself.
    pub(crate) async fn say(&self, event: &str, data: &Value) -> Result<(), FlowError> {
        self.deps.sockets.send(&self.socket.id, &message(event, data)).await.map(drop)
    }
}

//! Who watches: sockets are opened, ask what they want to hear of, and end.
//!
//! A gateway can be told nothing for a socket that is being opened: it would say that there is none. So the watcher speaks
//! first, and is told how things stand. Telling what happens is whose work it is: see `flows::watching`.

mod hearing;
mod opening;
mod runs;
mod words;

use std::sync::Arc;

use flows::{Clock, FlowError, SecretBox, SocketEvent, Sockets};
use store::Store;

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub secrets: Arc<dyn SecretBox>,
    pub sockets: Arc<dyn Sockets>,
    pub clock: Arc<dyn Clock>,
    pub settings: Settings,
}

/// Whose pages may open a socket with cookies.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach us, without a slash at the end: `https://crm.example.com`.
    pub origin: String,
    pub allowed_origins: Vec<String>,
}

/// An error of a socket that is being opened is its refusal; on an open one the watcher is told, and only what is our own
/// fault is an error here, too.
pub async fn on(deps: &Deps, event: SocketEvent) -> Result<(), FlowError> {
    match event {
        SocketEvent::Connected { socket, visitor } => opening::opened(deps, socket, visitor).await,
        SocketEvent::Said { socket, text } => hearing::heard(deps, &socket, &text).await,
        SocketEvent::Gone { socket } => Ok(deps.store.socket_gone(&socket).await?),
    }
}

//! Somebody who watches: a socket without a network, through the same door.

use domain::SocketId;
use flows::{SocketEvent, socket};
use serde_json::Value;
use tokio::sync::mpsc;

use super::World;
use crate::{faults::crash, live::Out};

/// An open socket, and what has come over it.
pub struct Watcher<'a> {
    world: &'a World,
    pub socket: SocketId,
    told: mpsc::Receiver<Out>,
}

impl World {
    /// Opens a socket with these headers; else the status of the refusal.
    pub async fn watch(&self, headers: &[(&str, &str)]) -> Result<Watcher<'_>, u16> {
        let socket = self.hub.name();
        let visitor = socket::Visitor::of(headers.iter().copied());
        let connected = self.product.live(SocketEvent::Connected { socket: socket.clone(), visitor });
        // A process that died has let nobody in.
        match crash::watched(connected).await.map(|done| socket::status(&done)) {
            Some(200) => Ok(Watcher { world: self, told: self.hub.opened(&socket), socket }),
            refused => Err(refused.unwrap_or(500)),
        }
    }
}

impl Watcher<'_> {
    /// Says it, and hears what has come by then.
    pub async fn say(&mut self, message: &Value) -> Vec<Value> {
        self.say_as_is(&message.to_string()).await
    }

    pub async fn say_as_is(&mut self, text: &str) -> Vec<Value> {
        let said = SocketEvent::Said { socket: self.socket.clone(), text: text.to_owned() };
        if let Some(Err(error)) = crash::watched(self.world.product.live(said)).await {
            tracing::warn!("what was said was not taken: {error}");
        }
        self.hear()
    }

    /// What has come since.
    ///
    /// # Panics
    /// If what came is no JSON.
    pub fn hear(&mut self) -> Vec<Value> {
        let mut heard = Vec::new();
        while let Ok(out) = self.told.try_recv() {
            match out {
                Out::Text(text) => heard.push(serde_json::from_str(&text).expect("we speak JSON")),
                // As the gateway does it: then it says so.
                Out::Close => self.vanish(),
            }
        }
        heard
    }

    /// Whether somebody has ended it.
    pub fn is_over(&self) -> bool {
        self.told.is_closed()
    }

    /// The network ends it, and nobody is told.
    pub fn vanish(&mut self) {
        self.world.hub.gone(&self.socket);
        self.told.close();
    }

    /// The watcher ends it, and the gateway tells.
    pub async fn leave(mut self) {
        self.vanish();
        let gone = SocketEvent::Gone { socket: self.socket.clone() };
        let _ = crash::watched(self.world.product.live(gone)).await;
    }
}

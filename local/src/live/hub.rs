//! The sockets that are open, by the names that a gateway would give them.

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::SocketId;
use flows::{Dice, FlowError, Sending, Sockets};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc::{self, error::TrySendError};

/// What is on its way to a watcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Out {
    Text(String),
    /// The product has ended it.
    Close,
}

/// So much may wait for a watcher who does not read; then the gateway takes no more.
const WAITING_MAX: usize = 64;

pub struct Hub {
    dice: Arc<dyn Dice>,
    open: Mutex<HashMap<SocketId, mpsc::Sender<Out>>>,
}

impl Hub {
    pub fn new(dice: Arc<dyn Dice>) -> Self {
        Self { dice, open: Mutex::default() }
    }

    /// As API Gateway names them: eleven bytes in base64, such as `L0SM9cOFvHcCIhw=`.
    ///
    /// # Panics
    /// Never: base64 is what a name is made of.
    pub fn name(&self) -> SocketId {
        let mut bytes = [0; 11];
        self.dice.fill(&mut bytes);
        STANDARD.encode(bytes).parse().expect("base64 is what a name is made of")
    }

    /// From now on it can be told something.
    pub fn opened(&self, socket: &SocketId) -> mpsc::Receiver<Out> {
        let (tell, told) = mpsc::channel(WAITING_MAX);
        self.with(|open| open.insert(socket.clone(), tell));
        told
    }

    pub fn gone(&self, socket: &SocketId) {
        self.with(|open| open.remove(socket));
    }

    pub fn count(&self) -> usize {
        self.with(|open| open.len())
    }

    fn put(&self, socket: &SocketId, out: Out) -> Result<Sending, FlowError> {
        let Some(tell) = self.with(|open| open.get(socket).cloned()) else { return Ok(Sending::Gone) };
        match tell.try_send(out) {
            Ok(()) => Ok(Sending::Sent),
            Err(TrySendError::Closed(_)) => Ok(Sending::Gone),
            Err(TrySendError::Full(_)) => {
                Err(FlowError::TooMany { code: "socket_full", retry_after_seconds: 1, limits: None })
            }
        }
    }

    fn with<T>(&self, look: impl FnOnce(&mut HashMap<SocketId, mpsc::Sender<Out>>) -> T) -> T {
        look(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Sockets for Hub {
    async fn send(&self, socket: &SocketId, text: &str) -> Result<Sending, FlowError> {
        self.put(socket, Out::Text(text.to_owned()))
    }

    async fn close(&self, socket: &SocketId) -> Result<(), FlowError> {
        self.put(socket, Out::Close).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flows::clock::SystemDice;

    #[tokio::test]
    async fn it_keeps_the_contract() {
        let hub = Arc::new(Hub::new(Arc::new(SystemDice)));
        let name = hub.name();
        assert_eq!((name.as_str().len(), hub.count()), (16, 0));
        assert_eq!(hub.send(&name, "early").await.unwrap(), Sending::Gone, "it is not open yet");
        let mut told = hub.opened(&name);
        assert_eq!(hub.send(&name, "one").await.unwrap(), Sending::Sent);
        hub.close(&name).await.unwrap();
        assert_eq!((told.recv().await, told.recv().await), (Some(Out::Text("one".into())), Some(Out::Close)));
        for _ in 0..WAITING_MAX {
            assert_eq!(hub.send(&name, "more").await.unwrap(), Sending::Sent);
        }
        assert!(matches!(hub.send(&name, "too much").await, Err(FlowError::TooMany { .. })));
        drop(told);
        assert_eq!(hub.send(&name, "late").await.unwrap(), Sending::Gone);
        hub.gone(&name);
        hub.close(&name).await.unwrap();
        assert_eq!(hub.count(), 0);
    }
}

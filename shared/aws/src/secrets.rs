//! The installation's secrets, in Secrets Manager: read on first use and kept for five minutes.
//!
//! While Secrets Manager does not answer, or holds what cannot be used, what is held keeps serving. Callers that come
//! together cause one call.

use async_trait::async_trait;
use flows::{Clock, FlowError, SecretBox, Secrets};
use std::sync::Arc;
use tokio::sync::Mutex;

use crate::{Clients, failure::Failure};

const KEPT_SECONDS: i64 = 5 * 60;
/// How long to leave a service alone that did not answer.
const LEFT_ALONE_SECONDS: i64 = 15;

pub struct SecretsManagerBox {
    clients: Clients,
    name: String,
    clock: Arc<dyn Clock>,
    held: Mutex<Option<Held>>,
}

struct Held {
    secrets: Arc<Secrets>,
    until_second: i64,
}

impl SecretsManagerBox {
    /// `name`: the secret's name or ARN.
    pub fn new(clients: Clients, name: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { clients, name: name.into(), clock, held: Mutex::default() }
    }

    async fn read(&self) -> Result<Arc<Secrets>, FlowError> {
        let asked = self.clients.secrets().get_secret_value().secret_id(&self.name);
        let answer =
            asked.send().await.map_err(|error| Failure::of("Secrets Manager", &error).unavailable())?;
        let document = answer.secret_string.ok_or_else(|| FlowError::broken("the secret is not text"))?;
        Secrets::parse(&document).map(Arc::new).map_err(FlowError::broken)
    }
}

#[async_trait]
impl SecretBox for SecretsManagerBox {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        // Held over the call: who comes meanwhile waits, and finds what was read.
        let mut held = self.held.lock().await;
        let now = self.clock.now().as_second();
        if let Some(held) = held.as_ref().filter(|held| now < held.until_second) {
            return Ok(held.secrets.clone());
        }
        match (self.read().await, held.as_mut()) {
            (Ok(secrets), _) => {
                *held = Some(Held { secrets: secrets.clone(), until_second: now + KEPT_SECONDS });
                Ok(secrets)
            }
            (Err(error), Some(held)) => {
                if let FlowError::Broken(cause) = &error {
                    tracing::error!("the new secret cannot be used, the one that is held serves on: {cause}");
                }
                held.until_second = now + LEFT_ALONE_SECONDS;
                Ok(held.secrets.clone())
            }
            (Err(error), None) => Err(error),
        }
    }
}

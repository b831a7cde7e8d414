//! What functions need of the world, in our own words. Adapters live in `aws`, `vendors` and `local`.

use async_trait::async_trait;
use domain::{SocketId, Task, TenantId, Timestamp};
use std::{sync::Arc, time::Duration};

use crate::{FlowError, Secrets};

/// The only source of now. The real one is `clock::SystemClock`; a test's is set by hand.
#[async_trait]
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;

    /// Lets others go first for so long; a clock that is set by hand only lets them go first.
    async fn pause(&self, length: Duration);
}

/// The only source of randomness. The real one asks the operating system; a test's is seeded.
pub trait Dice: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// Where work is left for other functions. A task left is done at least once, or ends as a dead letter.
#[async_trait]
pub trait Tasks: Send + Sync {
    /// Leaves them all, or fails: then some may have been left, and leaving them again is right.
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError>;
}

/// A task on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub task: Task,
    /// At most 900, `SQS`'s limit; 0 on FIFO queues, which delay only as a whole.
    pub delay_seconds: u32,
}

impl From<Task> for Left {
    fn from(task: Task) -> Self {
        Self { task, delay_seconds: 0 }
    }
}

/// Sends our own mail. `Ok` means that the provider took it.
#[async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, mail: Mail) -> Result<(), FlowError>;
}

/// A mail in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// What the mail is about (`invitation:<id>`), for a provider's tags and for finding it again.
    pub about: String,
}

/// Makes and opens the keys that seal a tenant's secrets. The tenant is bound to the wrapped key: opened for
/// another tenant it fails.
#[async_trait]
pub trait KeyWrap: Send + Sync {
    /// A new 32-byte data key: itself, and wrapped for storage.
    async fn generate(&self, tenant: TenantId) -> Result<(DataKey, Vec<u8>), FlowError>;
    async fn unwrap(&self, tenant: TenantId, wrapped: &[u8]) -> Result<DataKey, FlowError>;
}

/// A key in the clear; lives in memory only.
#[derive(Clone)]
pub struct DataKey(pub [u8; 32]);

/// Where the installation's secrets are kept. Opened on first use and kept for a few minutes, so that a
/// start without need of them costs nothing and a rotated key arrives by itself.
#[async_trait]
pub trait SecretBox: Send + Sync {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError>;
}

/// An OpenID provider that people may sign in with (Google, or a stub of it).
#[async_trait]
pub trait SignInProvider: Send + Sync {
    /// Where to send the browser. `None`: sign-in with this provider is not set up.
    async fn authorize_url(&self, ask: &SignInAsk) -> Result<Option<String>, FlowError>;

    /// Redeems the code of the callback for an ID token. A code that the provider refuses is `Denied`.
    async fn redeem(&self, code: &str, verifier: &str, redirect_uri: &str) -> Result<String, FlowError>;

    /// Who an ID token speaks of: signature, issuer, audience and expiry checked, and the nonce if one is
    /// given. What fails any check is `Denied(Unauthenticated)`.
    async fn verify(
        &self,
        id_token: &str,
        nonce: Option<&str>,
        now: Timestamp,
    ) -> Result<Identity, FlowError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInAsk {
    pub redirect_uri: String,
    pub state: String,
    pub nonce: String,
    /// base64url(SHA-256(verifier)), PKCE method S256.
    pub code_challenge: String,
}

/// A person as their provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider's permanent name for the person.
    pub subject: String,
    pub email: String,
    pub email_verified: bool,
    pub name: Option<String>,
    /// Until when what said so is believed.
    pub expires_at: Timestamp,
}

/// The sockets of those who watch.
#[async_trait]
pub trait Sockets: Send + Sync {
    /// An error says that it may not have arrived, and that the socket may be there. Within a few seconds in any case.
    async fn send(&self, socket: &SocketId, text: &str) -> Result<Sending, FlowError>;

    /// Ends it. One that is gone has ended.
    async fn close(&self, socket: &SocketId) -> Result<(), FlowError>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    Sent,
    /// There is no such socket: not any more, or, of one that is being opened, not yet.
    Gone,
}

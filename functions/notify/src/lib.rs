//! Sends our own mail: invitations and resets.

use std::sync::Arc;

use domain::Task;
use flows::{Clock, FlowError, Mailer, SecretBox};
use store::Store;

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub mailer: Arc<dyn Mailer>,
    pub secrets: Arc<dyn SecretBox>,
    pub clock: Arc<dyn Clock>,
    /// Where the links in our mail lead, without a slash at the end.
    pub origin: String,
}

pub async fn handle(_deps: &Deps, task: Task) -> Result<(), FlowError> {
    match task {
        Task::MailInvitation { .. } | Task::MailReset { .. } => Ok(()),
    }
}

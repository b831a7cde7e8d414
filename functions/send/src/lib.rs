//! Sends campaigns' messages: the one act that cannot be repeated without harm.
//!
//! A message is claimed by a conditional write before anything else; then it is seen, in the record as it is at that moment,
//! whether its customer may still be written to; then the provider is asked, once; then its answer is kept. Whoever withdrew
//! before the claim is therefore never written to, and of two who send one chunk one has the claim. Whoever dies in between
//! leaves a claim that grows old: what the provider did nobody knows, and the campaign's own choice says what becomes of it.

mod asking;
mod chunk;
mod halting;
mod lane;
mod memory;
mod pace;
mod standing;
mod trial;

use std::sync::Arc;

use domain::Task;
use flows::{Carriers, Clock, Dice, FlowError, Installed, KeyWrap, SecretBox, Tasks};
use store::Store;

pub use memory::Memory;
pub use pace::Pace;
pub use trial::MARK as TRIAL_MARK;

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub tasks: Arc<dyn Tasks>,
    /// By whom shops' messages go.
    pub carriers: Arc<dyn Carriers>,
    /// Open what a shop's own account is opened by.
    pub keys: Arc<dyn KeyWrap>,
    pub secrets: Arc<dyn SecretBox>,
    pub clock: Arc<dyn Clock>,
    pub dice: Arc<dyn Dice>,
    /// Where the links in messages lead, without a slash at the end.
    pub origin: String,
    pub installed: Installed,
    pub pace: Pace,
    pub memory: Memory,
}

pub async fn handle(deps: &Deps, task: Task) -> Result<(), FlowError> {
    match task {
        Task::SendLane { tenant, campaign, from } => lane::send(deps, tenant, campaign, from).await,
        Task::SendChunk { tenant, campaign, number } => lane::send_one(deps, tenant, campaign, number).await,
        Task::SendTrial { tenant, trial } => trial::send(deps, tenant, *trial).await,
        other => Err(FlowError::broken(format!("not for this queue: {}", other.queue()))),
    }
}

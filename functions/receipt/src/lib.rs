//! Hears what became of messages, and keeps it with them.
//!
//! What is told only ever moves a message up (`domain::campaign::Message::hearing`), and is kept in one conditional write for
//! each chunk: so receipts may come twice, late, in any order, and before the answer to the send that they are about.

mod chunk;
mod meaning;
mod suppress;
mod texts;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{CampaignId, Receipt, Task, TenantId, campaign::MessageId, event::Bridged};
use flows::{Clock, Dice, FlowError, KeyWrap, Left, Tasks, climbing, error::chain};
use store::Store;

use chunk::{Chunk, Told};

/// What was understood and could not be kept is tried again then.
const AGAIN_SECONDS: u32 = 30;

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub tasks: Arc<dyn Tasks>,
    pub keys: Arc<dyn KeyWrap>,
    pub clock: Arc<dyn Clock>,
    pub dice: Arc<dyn Dice>,
}

pub async fn handle(deps: &Deps, task: Task) -> Result<(), FlowError> {
    match task {
        Task::HearReceipts { tenant, receipts } => hear(deps, tenant, receipts).await,
        Task::HearEvent { event } if texts::is_log(&event) => texts::hear_log(deps, &event).await,
        Task::HearEvent { event } => hear_event(deps, &event).await,
        Task::HearTexts { receipts, is_again } => texts::hear(deps, receipts, is_again).await,
        other => Err(FlowError::broken(format!("not for this queue: {}", other.queue()))),
    }
}

/// Of SES's own words: one letter's, and so one tenant's.
async fn hear_event(deps: &Deps, event: &Bridged) -> Result<(), FlowError> {
    let told = receipts::ses::read(event.0.to_string().as_bytes());
    let told = told.map_err(|wrong| FlowError::invalid(wrong.at, "unreadable", wrong.what))?;
    for receipt in told.receipts {
        let id = receipt.message.as_ref().and_then(|tag| tag.as_str().parse::<MessageId>().ok());
        let Some(id) = id else {
            // Our own mail to merchants goes the same way.
            tracing::info!("a letter that is no campaign's was told of");
            continue;
        };
        let task = Task::HearReceipts { tenant: id.tenant, receipts: vec![receipt.clone()] };
        if let Err(error) = hear(deps, id.tenant, vec![receipt]).await {
            // The event names an address, and what is understood of it does not: that is what comes again.
            tracing::warn!(tenant = %id.tenant, cause = chain(&error), "an event was not kept and comes again");
            deps.tasks.leave(vec![Left { task, delay_seconds: AGAIN_SECONDS }]).await?;
        }
    }
    Ok(())
}

/// Receipts of one chunk are kept together.
async fn hear(deps: &Deps, tenant: TenantId, receipts: Vec<Receipt>) -> Result<(), FlowError> {
    let store = deps.store.for_task(tenant);
    let (mut unknown, mut chunks) = (0_usize, BTreeMap::<(CampaignId, u32), Vec<Told>>::new());
    for receipt in receipts {
        match named(tenant, &receipt) {
            Some(id) => {
                let told = Told { place: usize::from(id.place), what: receipt.what, at: receipt.at };
                chunks.entry((id.campaign, id.chunk)).or_default().push(told);
            }
            None => unknown += 1,
        }
    }
    let campaigns: BTreeSet<CampaignId> = chunks.keys().map(|(campaign, _)| *campaign).collect();
    for ((campaign, number), told) in chunks {
        unknown += Chunk { deps, store: &store, campaign, number }.hear(&told).await?;
    }
    for campaign in campaigns {
        if let Err(error) = climbing::changed(&store, &*deps.tasks, campaign, deps.clock.now()).await {
            tracing::warn!(%tenant, "nobody was asked to tell of a campaign: {}", chain(&error));
        }
    }
    if unknown > 0 {
        // They will never be known: a message is claimed before anybody is asked to send it.
        tracing::warn!(%tenant, unknown, "receipts of messages that nobody knows");
    }
    Ok(())
}

/// Which message it is about. `None`: none of this tenant's, whatever it says.
fn named(tenant: TenantId, receipt: &Receipt) -> Option<MessageId> {
    receipt.message_id().filter(|id| id.tenant == tenant)
}

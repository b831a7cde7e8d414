//! What SNS has told of texts, which it knows by its own ids alone.
//!
//! It comes as a piece of a log, which names telephones. So what is understood of it, which names none, is left in the queue, and whose
//! texts they are is found from there: a table that is not there for a while costs nothing.

use std::collections::BTreeMap;

use domain::{Receipt, Task, TenantId, event::Bridged, task::RECEIPTS_MAX};
use flows::{FlowError, Left};

use crate::Deps;

/// Whoever has sent a text says so as soon as it was taken.
const AGAIN_SECONDS: u32 = 60;

pub(crate) fn is_log(event: &Bridged) -> bool {
    event.0.get("logEvents").is_some()
}

pub(crate) async fn hear_log(deps: &Deps, event: &Bridged) -> Result<(), FlowError> {
    let told = receipts::sms::read(event.0.to_string().as_bytes());
    let told = told.map_err(|wrong| FlowError::invalid(wrong.at, "unreadable", wrong.what))?;
    if let Some(first) = told.unread.first() {
        // It says where and what kind, and quotes nothing.
        tracing::warn!(lines = told.unread.len(), first = %first, "lines of the log of texts are none that are known");
    }
    let tasks = told.receipts.chunks(RECEIPTS_MAX).map(|some| left(some.to_vec(), false, 0));
    let tasks: Vec<_> = tasks.collect();
    if tasks.is_empty() { Ok(()) } else { deps.tasks.leave(tasks).await }
}

/// Coming twice it changes nothing twice: each is heard as any other receipt is.
pub(crate) async fn hear(deps: &Deps, receipts: Vec<Receipt>, is_again: bool) -> Result<(), FlowError> {
    let ids: Vec<_> = receipts.iter().map(|it| it.vendor_id.as_deref().unwrap_or_default()).collect();
    let found = deps.store.texts_called(&ids).await?;
    let (mut known, mut unknown) = (BTreeMap::<TenantId, Vec<Receipt>>::new(), Vec::new());
    for (receipt, id) in receipts.into_iter().zip(found) {
        let Some(id) = id else {
            unknown.push(receipt);
            continue;
        };
        let (tenant, message) = (Some(id.tenant), id.to_string().parse().ok());
        known.entry(id.tenant).or_default().push(Receipt { tenant, message, ..receipt });
    }
    for (tenant, receipts) in known {
        crate::hear(deps, tenant, receipts).await?;
    }
    if unknown.is_empty() {
        return Ok(());
    }
    if is_again {
        // Of trials, of texts of more than a week ago, or of somebody else's who shares the account.
        tracing::info!(texts = unknown.len(), "texts that are no campaign's were told of");
        return Ok(());
    }
    deps.tasks.leave(vec![left(unknown, true, AGAIN_SECONDS)]).await
}

fn left(receipts: Vec<Receipt>, is_again: bool, delay_seconds: u32) -> Left {
    Left { task: Task::HearTexts { receipts, is_again }, delay_seconds }
}
